/* Control plane of a switch in a NIC: what host software decides for it.
 *
 * A packet that the switch has no rule for is copied to the control plane,
 * whose daemon (upcall.h) takes one after another.  If the flow is known, its
 * rule was only evicted, and is entered again; else the packet is compared
 * with the access list from the start, and a rule is synthesised of its
 * verdict, the FIB and the class of service.  Then the packet goes back to the
 * switch, through the ring 'again', and finds its rule.
 *
 * The switch is the reader of 'again' and gives a packet's buffers back to
 * 'pool'.  The rules are relaxed state: they are seen as soon as they are
 * written.
 *
 * Costs: those of upcall.h; FLOW_EXTRACT, HASH_SOFT; NETFILTER_RULE for each
 * rule of a list that is compared.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, sections 5.2 and 5.3.
 * Left out: changes of the lists while they are used, expiry of rules; a
 * negative rule with wildcards is not remembered here, so that a packet which
 * it blocked costs a search again once it is evicted.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_CONTROL_PLANE_H
#define VSWSIM_CONTROL_PLANE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/fib.h>
#include <vswsim/nic_rules.h>
#include <vswsim/rule_cache.h>
#include <vswsim/switch.h>
#include <vswsim/synth.h>
#include <vswsim/upcall.h>

VSW_EXTERN_C_BEGIN

struct vsw_control_setup {
    uint32_t n_slots;           /* Packets that it holds, a power of two. */
    uint32_t buf_bytes;         /* Of each of its buffers. */
    uint32_t n_bufs;            /* In all. */
    uint32_t n_known;           /* Flows that it remembers, >= 1. */
};

struct vsw_control_plane {
    struct vsw_switch *sw;
    struct vsw_control_setup setup;
    struct vsw_upcall daemon;
    struct vsw_fib fib;
    struct vsw_synth synth;
    struct vsw_rule_cache *known;
    struct vsw_nic_rules *rules;    /* Of the switch; borrowed. */
    struct vsw_bufpool pool;
    struct vsw_ring again;      /* From the daemon to the switch. */
    uint32_t n_held;            /* Packets between the two. */

    /* In the window. */
    uint64_t n_validated;       /* Searches of the list. */
    uint64_t n_recached;        /* Flows that were known. */
    uint64_t n_negative;        /* Rules that drop. */
    uint64_t n_compared;        /* Rules of lists that were looked at. */
    uint64_t n_refused;         /* Packets it had no room for. */
};

/* Makes the control plane of 'sw', whose ports and buffers exist, on its CPU
 * number 'cpu', to fill 'rules'.  The buffers of its pool are the next of the
 * switch.  Adds counters to the outcome.  Returns 0, or a negative errno value
 * with 'err' filled. */
VSW_API int vsw_control_plane_init(struct vsw_control_plane *cp,
                                   struct vsw_switch *sw, uint32_t cpu,
                                   struct vsw_nic_rules *rules,
                                   const struct vsw_control_setup *setup,
                                   struct vsw_error *err);
VSW_API void vsw_control_plane_fini(struct vsw_control_plane *cp);

/* Whether it can take 'pkt' in; if not, counts it as refused by 'unit'. */
VSW_API bool vsw_control_plane_admit(struct vsw_control_plane *cp,
                                     const struct vsw_unit *unit,
                                     uint32_t pkt);

/* Takes in 'pkt', which it has admitted: gives it buffers, copies the header,
 * and hands it to the daemon, on behalf of the CPU 'unit' or, 'by_device', by
 * an interrupt of that device.  Whoever calls charges the copy. */
VSW_API void vsw_control_plane_take(struct vsw_control_plane *cp,
                                    struct vsw_unit *unit, uint32_t pkt,
                                    bool by_device);

/* The switch has done with the copy of a packet from 'again', whose buffers
 * are the chain 'buf'. */
VSW_API void vsw_control_plane_release(struct vsw_control_plane *cp,
                                       uint32_t buf);

VSW_EXTERN_C_END

#endif
