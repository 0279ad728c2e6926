/* Rule cache: exact flows to forwarding decisions, least recently used first
 * out.
 *
 * It is the flow table of a switch in software that is limited as a TCAM
 * would be, and the memory of a control plane for the flows that it has
 * decided.  A flow is known by its nine-tuple: whatever else a key holds plays
 * no part.  Built on vsw_exact; a list keeps the order of use.
 *
 * Thread-safety: none; a hit updates the order of use. */
#ifndef VSWSIM_RULE_CACHE_H
#define VSWSIM_RULE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_RULE_CACHE_MAX_RULES 65536

/* What becomes of the packets of a flow. */
struct vsw_rule {
    uint32_t port;          /* VSW_PORT_FLOOD: nobody knows. */
    uint8_t qos_class;
    bool negative;          /* Drop; 'port' means nothing. */
};

struct vsw_rule_cache_stats {
    uint64_t n_hits;        /* Negative ones included. */
    uint64_t n_negative_hits;
    uint64_t n_misses;
    uint64_t n_evictions;
};

struct vsw_rule_cache;

/* Makes an empty cache of 'max_rules' (1 to VSW_RULE_CACHE_MAX_RULES) in
 * 'arena', which must outlive it.  Returns NULL if it does not fit or the
 * number is out of range; 'arena' may have lost room then. */
VSW_API struct vsw_rule_cache *vsw_rule_cache_new(struct vsw_arena *arena,
                                                  uint32_t max_rules);

/* Finds the rule for the flow of 'key', marks it as used just now, writes it
 * to 'rule' and returns true; or returns false.  Counts either. */
VSW_API bool vsw_rule_cache_lookup(struct vsw_rule_cache *c,
                                   const struct vsw_flowkey *key,
                                   struct vsw_rule *rule,
                                   struct vsw_memobs *obs);

/* Remembers 'rule' for the flow of 'key', in place of any before and, if the
 * cache is full, of the rule least recently used.  A flow among too many of
 * one hash is not remembered, and missed again. */
VSW_API void vsw_rule_cache_insert(struct vsw_rule_cache *c,
                                   const struct vsw_flowkey *key,
                                   const struct vsw_rule *rule,
                                   struct vsw_memobs *obs);

VSW_API uint32_t vsw_rule_cache_n_rules(const struct vsw_rule_cache *c);

/* Borrowed; lives as long as the cache. */
VSW_API const struct vsw_rule_cache_stats *
vsw_rule_cache_stats(const struct vsw_rule_cache *c);

VSW_EXTERN_C_END

#endif
