/* Random rule sets, and the plain reference: linear search. */
#ifndef RULES_H
#define RULES_H

#include "vsw_random.h"

#include <string.h>

#include <vswsim/flowid.h>
#include <vswsim/flowkey.h>

struct rule {
    struct vsw_flowkey key, mask;
    uint32_t priority;
    uint32_t number;
    int is_there;
};

/* The rule that wins for 'key'. */
static inline uint32_t
rules_search(const struct rule *rules, uint32_t n,
             const struct vsw_flowkey *key)
{
    const struct rule *best = NULL;

    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = &rules[i];

        if (r->is_there && vsw_flowkey_equal_masked(key, &r->key, &r->mask)
            && (!best || r->priority > best->priority
                || (r->priority == best->priority
                    && r->number < best->number))) {
            best = r;
        }
    }
    return best ? best->number : VSW_FLOW_NONE;
}

/* Few values per field, so that rules and packets meet. */
static inline struct vsw_flowkey
random_key(struct rnd *r)
{
    struct vsw_flowkey key = {0};

    key.in_port = vsw_be16_make((uint16_t) rnd_below(r, 3));
    key.eth_dst.octets[5] = (uint8_t) rnd_below(r, 4);
    key.eth_src.octets[5] = (uint8_t) rnd_below(r, 4);
    key.eth_type = vsw_be16_make(rnd_below(r, 4) ? VSW_ETH_TYPE_IPV4
                                                 : VSW_ETH_TYPE_ARP);
    key.ip_src = vsw_ip_addr_from_v4(0x0a000000 | rnd_below(r, 4) << 22
                                     | rnd_below(r, 8));
    key.ip_dst = vsw_ip_addr_from_v4(0x0a000000 | rnd_below(r, 4) << 22
                                     | rnd_below(r, 8));
    key.ip_proto = rnd_below(r, 2) ? 6 : 17;
    key.tp_src = vsw_be16_make((uint16_t) rnd_below(r, 4));
    key.tp_dst = vsw_be16_make((uint16_t) (80 + rnd_below(r, 4)));
    return key;
}

static inline void
random_prefix(struct rnd *r, struct vsw_ip_addr *mask)
{
    static const uint8_t lengths[] = {0, 0, 8, 10, 24, 30, 32};
    uint32_t length = lengths[rnd_below(r, sizeof lengths)];

    *mask = vsw_ip_addr_from_v4(length ? UINT32_MAX << (32 - length) : 0);
}

/* Fields set or not, prefixes, and now and then any bits at all. */
static inline struct vsw_flowkey
random_mask(struct rnd *r)
{
    struct vsw_flowkey mask = {0};
    unsigned char *bytes = (unsigned char *) &mask;

    memset(&mask.in_port, rnd_below(r, 4) ? 0 : 0xff, 2);
    memset(&mask.eth_dst, rnd_below(r, 3) ? 0 : 0xff, 6);
    memset(&mask.eth_type, rnd_below(r, 2) ? 0 : 0xff, 2);
    random_prefix(r, &mask.ip_src);
    random_prefix(r, &mask.ip_dst);
    memset(&mask.ip_proto, rnd_below(r, 2) ? 0 : 0xff, 1);
    memset(&mask.tp_dst, rnd_below(r, 3) ? 0 : 0xff, 2);
    if (rnd_below(r, 4) == 0) {
        for (int i = 0; i < 5; i++) {
            bytes[rnd_below(r, sizeof mask)] |= (uint8_t) rnd_next(r);
        }
    }
    return mask;
}

static inline struct rule
random_rule(struct rnd *r, uint32_t number, uint32_t n_priorities)
{
    struct rule rule = {random_key(r), random_mask(r),
                        rnd_below(r, n_priorities), number, 1};

    return rule;
}

/* 'key' with random bits that are not in 'mask'. */
static inline struct vsw_flowkey
random_variant(struct rnd *r, const struct vsw_flowkey *key,
               const struct vsw_flowkey *mask)
{
    struct vsw_flowkey variant = random_key(r);
    unsigned char *to = (unsigned char *) &variant;
    const unsigned char *from = (const unsigned char *) key;
    const unsigned char *bits = (const unsigned char *) mask;
    int is_wild = rnd_below(r, 2) == 0;

    for (size_t i = 0; i < sizeof variant; i++) {
        unsigned char other = is_wild ? (unsigned char) rnd_next(r) : to[i];

        to[i] = (unsigned char) ((from[i] & bits[i]) | (other & ~bits[i]));
    }
    return variant;
}

#endif
