/* TCAM: a bounded table of ternary rules with priorities, as in a NIC.
 *
 * A rule matches a key that equals its value in the bits of its mask.  Of all
 * rules that match, the one of highest priority is the hit; among equals, the
 * one inserted first.  A negative rule stands for "drop": which packets a
 * switch must not forward is cached beside the flows it may forward.
 *
 * Hardware compares all rules at once.  This is bit-parallel: for each four
 * bits of the key that any rule looks at there are 16 vectors with one bit
 * per rule, and the conjunction of one vector for each leaves the rules that
 * match.  The four bits that tell rules apart best come first.  Six of them
 * are taken for all rules (a line of each vector for 512 rules); then only
 * those 256 rules are looked at among which some are left, half a line at a
 * time, until each 64 have one left at most, which is compared with the key.
 * 1024 rules on all 64 bytes of a flow key take 256 KiB of vectors.  A lookup
 * takes some 20 KiB of stack.
 *
 * When the table is full, vsw_tcam_insert() says so and vsw_tcam_replace()
 * evicts the rule least recently hit (or inserted).  Evicting a rule changes
 * no decision only if overlapping rules agree, which is what rule synthesis
 * (synth.h) gives.
 *
 * Thread-safety: none; a hit updates the order of use. */
#ifndef VSWSIM_TCAM_H
#define VSWSIM_TCAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_TCAM_DEFAULT_RULES 1024
#define VSW_TCAM_MAX_RULES     32768
#define VSW_TCAM_MAX_KEY_BYTES 64

/* Most keys in one bulk lookup. */
#define VSW_TCAM_MAX_BULK 32

struct vsw_tcam_params {
    uint32_t max_rules;     /* 0: VSW_TCAM_DEFAULT_RULES. */
    uint32_t key_bytes;     /* A multiple of 8 up to VSW_TCAM_MAX_KEY_BYTES. */
};

struct vsw_tcam;

struct vsw_tcam_rule {
    const void *value;      /* 'key_bytes' bytes, no bits outside 'mask'. */
    const void *mask;       /* 'key_bytes' bytes. */
    uint32_t priority;      /* Higher wins. */
    uint32_t action;        /* The caller's own, for instance a port. */
    bool negative;          /* Drop. */
};

/* What a lookup found. */
struct vsw_tcam_hit {
    uint32_t id;            /* Of the rule, until it is removed. */
    uint32_t priority;
    uint32_t action;
    bool negative;
};

struct vsw_tcam_stats {
    uint64_t n_hits;            /* Negative ones included. */
    uint64_t n_negative_hits;
    uint64_t n_misses;
    uint64_t n_evictions;
};

/* "No rule", where a rule's id is asked for. */
#define VSW_TCAM_NONE UINT32_MAX

/* Makes an empty table in 'arena', which must outlive it.  Returns NULL with
 * 'arena' unchanged if it has too little room or a parameter is out of
 * range. */
VSW_API struct vsw_tcam *vsw_tcam_new(struct vsw_arena *arena,
                                      const struct vsw_tcam_params *params);

/* Bytes that vsw_tcam_new() takes from an arena, 0 if it would refuse. */
VSW_API size_t vsw_tcam_size_bytes(const struct vsw_tcam_params *params);

/* Adds a copy of 'rule' and returns 0 with its id in '*id' (which may be
 * NULL).  Returns, with the table unchanged, -EINVAL if the value has bits
 * outside of the mask, -EEXIST if a rule of equal value, mask and priority is
 * there, -ENOSPC if the table is full. */
VSW_API int vsw_tcam_insert(struct vsw_tcam *tcam,
                            const struct vsw_tcam_rule *rule, uint32_t *id,
                            struct vsw_memobs *obs);

/* Like vsw_tcam_insert(), but a full table evicts the rule least recently
 * used, whose id the new rule gets. */
VSW_API int vsw_tcam_replace(struct vsw_tcam *tcam,
                             const struct vsw_tcam_rule *rule, uint32_t *id,
                             struct vsw_memobs *obs);

/* Removes the rule 'id', which must be in use. */
VSW_API void vsw_tcam_remove(struct vsw_tcam *tcam, uint32_t id,
                             struct vsw_memobs *obs);

/* Removes all rules.  Statistics stay. */
VSW_API void vsw_tcam_clear(struct vsw_tcam *tcam);

/* The rule of equal value, mask and priority, or VSW_TCAM_NONE. */
VSW_API uint32_t vsw_tcam_find(struct vsw_tcam *tcam,
                               const struct vsw_tcam_rule *rule,
                               struct vsw_memobs *obs);

/* Finds the rule that 'key' ('key_bytes' bytes) takes, marks it as used just
 * now and returns true; or returns false.  Counts either. */
VSW_API bool vsw_tcam_lookup(struct vsw_tcam *tcam, const void *key,
                             struct vsw_tcam_hit *hit,
                             struct vsw_memobs *obs);

/* Looks up 'n' (up to VSW_TCAM_MAX_BULK) keys, with the effects of as many
 * single lookups in this order.  Returns a mask with bit i set if keys[i] was
 * found, and what it takes in hits[i], which else stays as it is. */
VSW_API uint32_t vsw_tcam_lookup_bulk(struct vsw_tcam *tcam,
                                      const void *const keys[], uint32_t n,
                                      struct vsw_tcam_hit hits[],
                                      struct vsw_memobs *obs);

/* Does the same by comparing 'key' with every rule: the plain reference,
 * without counting or marking. */
VSW_API bool vsw_tcam_lookup_linear(const struct vsw_tcam *tcam,
                                    const void *key,
                                    struct vsw_tcam_hit *hit);

/* The rule in use that was hit or inserted longest ago, or VSW_TCAM_NONE. */
VSW_API uint32_t vsw_tcam_oldest(const struct vsw_tcam *tcam);

VSW_API uint32_t vsw_tcam_n_rules(const struct vsw_tcam *tcam);
VSW_API uint32_t vsw_tcam_max_rules(const struct vsw_tcam *tcam);
VSW_API struct vsw_tcam_stats vsw_tcam_stats(const struct vsw_tcam *tcam);

VSW_EXTERN_C_END

#endif
