/* Rule synthesis: composes FIB, ACL and QoS into one flow rule per packet.
 *
 * This is the decision of the control plane of sNICh (Ram, PhD thesis, Rice
 * University, 2012, chapter 5) when its flow table misses: the ACL is searched
 * from the start; a packet that it permits gets an exact rule with the port of
 * the FIB and the class of the QoS list; one that it denies, a negative rule.
 * Queue, CPU and cost of the daemon around it are the simulator's.
 *
 * Where no entry of a default-deny list matched (type A), the negative rule is
 * exact: nothing is known about the packets around this one.  Where an entry
 * denied the packet (type B, default-allow, or any list), the negative rule
 * has the wildcards of that entry, so that one rule blocks many flows.
 * Because it must block none that the list permits, it is made narrower
 * - to an aligned block of ports around the packet's, as masks hold no ranges;
 * - by one bit, or a smaller block of ports, for each permit entry in front
 *   that overlaps it.
 * So synthesised rules that overlap agree, and need no priorities.
 *
 * ARP and all else that is not IP is permitted, as by netfilter's IP tables.
 * IPv6 takes the default verdict, as no IPv4 rule can match it.
 *
 * Thread-safety: calls may run side by side while nobody changes the lists. */
#ifndef VSWSIM_SYNTH_H
#define VSWSIM_SYNTH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/compiler.h>
#include <vswsim/fib.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* What rules are made from; all borrowed. */
struct vsw_synth {
    const struct vsw_fib *fib;
    const struct vsw_acl *acl;      /* NULL: everything is permitted. */
    const struct vsw_acl *qos;      /* Its verdicts are classes; NULL: 0. */
};

struct vsw_flow_rule {
    struct vsw_flowkey value;       /* No bits outside 'mask'. */
    struct vsw_flowkey mask;
    uint32_t port;                  /* VSW_PORT_FLOOD: the FIB knows none. */
    uint32_t n_compared;            /* ACL and QoS rules looked at. */
    uint8_t qos_class;
    bool negative;                  /* Drop; port and class are 0. */
};

/* Makes the rule for packets like that of 'key'.  Touches what it looks at in
 * the three tables.
 *
 * A rule says nothing about the port that packets came in on; whoever
 * forwards drops what would leave where it came from. */
VSW_API void vsw_synth_rule(const struct vsw_synth *synth,
                            const struct vsw_flowkey *key,
                            struct vsw_flow_rule *rule,
                            struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
