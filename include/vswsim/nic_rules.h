/* Flow rules of a switch in a NIC: what it decides by itself, and how the
 * control plane fills it.
 *
 * The table is a TCAM (tcam.h), as in hardware, or a hash table of as many
 * rules (rule_cache.h), as in the prototype of sNICh that stood for it.  Both
 * drop what was used least recently when they are full.  Rules come from
 * synthesis (synth.h); the hash table takes each for the one flow that it was
 * asked for, since it can hold no wildcards.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, sections 5.2 and 5.3.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NIC_RULES_H
#define VSWSIM_NIC_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>
#include <vswsim/rule_cache.h>
#include <vswsim/synth.h>
#include <vswsim/tcam.h>

VSW_EXTERN_C_BEGIN

struct vsw_nic_rules_setup {
    uint32_t max_rules;     /* >= 1. */
    bool is_tcam;           /* Else a hash table. */
    bool wildcards;         /* Negative rules keep the wildcards of the entry
                             * that made them; for a TCAM. */
};

struct vsw_nic_rules {
    struct vsw_nic_rules_setup setup;
    struct vsw_tcam *tcam;          /* One of them is NULL. */
    struct vsw_rule_cache *hash;
    struct vsw_flowkey nine_tuple;  /* A mask. */
    struct vsw_rule_cache_stats stats;  /* So far. */
};

/* Makes an empty table in 'arena', which must outlive it.  Returns 0, or
 * -ENOMEM if it does not fit or 'max_rules' is out of range. */
VSW_API int vsw_nic_rules_init(struct vsw_nic_rules *rules,
                               struct vsw_arena *arena,
                               const struct vsw_nic_rules_setup *setup);

/* Finds what is to become of the packet of 'key' and returns true, or returns
 * false: ask the control plane. */
VSW_API bool vsw_nic_rules_lookup(struct vsw_nic_rules *rules,
                                  const struct vsw_flowkey *key,
                                  struct vsw_rule *rule,
                                  struct vsw_memobs *obs);

/* Adds 'rule', which was synthesised for 'key'. */
VSW_API void vsw_nic_rules_add(struct vsw_nic_rules *rules,
                               const struct vsw_flowkey *key,
                               const struct vsw_flow_rule *rule,
                               struct vsw_memobs *obs);

/* Adds what is known about the flow of 'key'. */
VSW_API void vsw_nic_rules_add_exact(struct vsw_nic_rules *rules,
                                     const struct vsw_flowkey *key,
                                     const struct vsw_rule *rule,
                                     struct vsw_memobs *obs);

VSW_API uint32_t vsw_nic_rules_n_rules(const struct vsw_nic_rules *rules);

VSW_EXTERN_C_END

#endif
