/* ACL: ordered five-field rules, first match by linear search.
 *
 * A rule fixes prefixes of both IPv4 addresses, ranges of both ports and bits
 * of the protocol.  A packet takes the verdict of the first rule, in the
 * order they were added, that matches all five; else the default verdict.
 * Linear search is what netfilter's chains and a NIC's control plane do, and
 * its cost, the number of rules compared, is part of the answer.
 *
 * A rule that restricts a port matches no packet without ports (another
 * protocol, or a fragment other than the first), as in netfilter.
 *
 * The verdict is a small number.  An access list uses enum vsw_acl_verdict; a
 * list that sorts packets into QoS classes uses class numbers.
 *
 * Thread-safety: searches may run side by side while nobody changes the
 * list. */
#ifndef VSWSIM_ACL_H
#define VSWSIM_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/fivetuple.h>
#include <vswsim/memobs.h>
#include <vswsim/parse_error.h>

VSW_EXTERN_C_BEGIN

enum vsw_acl_verdict {
    VSW_ACL_DENY,
    VSW_ACL_PERMIT,
};

struct vsw_acl_rule {
    uint32_t src_ip;            /* No bits outside 'src_mask'. */
    uint32_t src_mask;          /* As from vsw_ipv4_mask(). */
    uint32_t dst_ip;
    uint32_t dst_mask;
    uint16_t src_port_min;      /* 0 and 65535: the rule ignores the port. */
    uint16_t src_port_max;
    uint16_t dst_port_min;
    uint16_t dst_port_max;
    uint8_t proto;              /* No bits outside 'proto_mask'. */
    uint8_t proto_mask;         /* 0xff: one protocol; 0: any. */
    uint8_t verdict;
};

/* Bytes from one rule to the next unless the caller asks for more. */
#define VSW_ACL_RULE_BYTES 32

struct vsw_acl_params {
    uint32_t max_rules;         /* > 0. */
    uint32_t stride_bytes;      /* 0: VSW_ACL_RULE_BYTES; else a multiple of
                                 * it, to spread the rules as another system
                                 * does; none crosses a line. */
    uint32_t next_at_bytes;     /* Where in its stride, behind what it is
                                 * compared by, a rule says how far the next
                                 * one is, as ip_tables has it; a multiple of
                                 * 4.  0: it does not. */
    uint8_t default_verdict;    /* For packets that no rule matches. */
};

struct vsw_acl {
    unsigned char *rules;       /* In the arena. */
    uint32_t n_rules;
    uint32_t max_rules;
    uint32_t stride_bytes;
    uint32_t next_at_bytes;
    uint8_t default_verdict;
};

/* Highest class that a list of classes of service may name. */
#define VSW_ACL_MAX_CLASS 7

/* 'rule' of a result when the default decided. */
#define VSW_ACL_NO_RULE UINT32_MAX

struct vsw_acl_result {
    uint8_t verdict;
    uint32_t rule;              /* Position from 0, or VSW_ACL_NO_RULE. */
    uint32_t n_compared;        /* Rules looked at, the match included. */
};

/* Initializes an empty 'acl' with memory from 'arena', which must outlive it.
 * Returns -EINVAL for senseless parameters, -ENOMEM if the arena is full. */
VSW_API int vsw_acl_init(struct vsw_acl *acl, struct vsw_arena *arena,
                         const struct vsw_acl_params *params);

/* Bytes that vsw_acl_init() takes from an arena for 'params'. */
VSW_API size_t vsw_acl_size_bytes(const struct vsw_acl_params *params);

/* Makes 'rule' one that matches every packet, with 'verdict'. */
VSW_API void vsw_acl_rule_any(struct vsw_acl_rule *rule, uint8_t verdict);

/* Adds a copy of 'rule' at the end.  Returns -EINVAL if a mask is no prefix,
 * a value has bits outside its mask or a range is empty, and -ENOSPC if the
 * list is full; 'acl' is unchanged then. */
VSW_API int vsw_acl_add(struct vsw_acl *acl, const struct vsw_acl_rule *rule);

/* Drops the rules from position 'n_rules' on. */
VSW_API void vsw_acl_truncate(struct vsw_acl *acl, uint32_t n_rules);

/* The rule at position 'i' < n_rules, borrowed until the list changes. */
VSW_API const struct vsw_acl_rule *vsw_acl_rule_at(const struct vsw_acl *acl,
                                                   uint32_t i);

/* Whether 'rule' alone matches 'tuple'. */
VSW_API bool vsw_acl_rule_matches(const struct vsw_acl_rule *rule,
                                  const struct vsw_fivetuple *tuple);

/* Decides 'tuple'.  Touches each rule compared, and where it says how far the
 * next one is. */
VSW_API struct vsw_acl_result vsw_acl_search(const struct vsw_acl *acl,
                                             const struct vsw_fivetuple *tuple,
                                             struct vsw_memobs *obs);

/* Appends the rules in the 'n_bytes' at 'text', one a line, in the format of
 * ClassBench filter sets (Taylor and Turner, INFOCOM 2005):
 *
 *   @src/len dst/len low : high low : high 0xPROTO/0xMASK [0xFLAGS/0xMASK]
 *
 * that is source and destination prefix, source and destination port range,
 * protocol, and TCP flags.  Flags are read and not used: the rule has five
 * fields.  A last word "permit" or "deny" is ours and sets the rule's verdict,
 * which is 'verdict' without it; so is "class N", which sets it to N.
 * Address bits past the prefix length are dropped, as by iptables.  Empty
 * lines and lines that start with '#' are skipped.
 *
 * Returns 0; or -EINVAL if a line is malformed, -ENOSPC if the list has no
 * room for it, with its place in 'err' and 'acl' as before the call. */
VSW_API int vsw_acl_parse(struct vsw_acl *acl, const char *text,
                          size_t n_bytes, uint8_t verdict,
                          struct vsw_parse_error *err);

/* Room for any line of vsw_acl_rule_format() and its final NUL. */
#define VSW_ACL_RULE_TEXT_BYTES 128

/* Writes 'rule' as vsw_acl_parse() reads it, its verdict as a last word
 * (0: deny, anything else: permit), without a newline.  Returns the bytes
 * before the NUL. */
VSW_API size_t vsw_acl_rule_format(const struct vsw_acl_rule *rule,
                                   char text[VSW_ACL_RULE_TEXT_BYTES]);

VSW_EXTERN_C_END

#endif
