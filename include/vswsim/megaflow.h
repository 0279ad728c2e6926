/* Megaflow cache: wildcard matches without priorities, from key to flow.
 *
 * The datapath's copy of decisions that the classifier took: each megaflow
 * stands for every packet that equals its key in the bits of its mask.  Where
 * two overlap they must have equal results, which those that
 * vsw_classifier_lookup() generates from one rule set do.  So the first match
 * ends a search, and subtables are visited in the order of their use.
 *
 * Source: dpcls of lib/dpif-netdev.c in Open vSwitch, which orders subtables
 * by hits once per second; Pfaff et al., "The Design and Implementation of
 * Open vSwitch", NSDI 2015.
 *
 * Thread-safety: none; lookups count hits. */
#ifndef VSWSIM_MEGAFLOW_H
#define VSWSIM_MEGAFLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/flowid.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* Most keys in one bulk lookup. */
#define VSW_MEGAFLOW_MAX_BULK 32

struct vsw_megaflow;

/* Makes an empty cache for 'max_flows' (1 to 2^24) megaflows with up to
 * 'max_subtables' (1 to 4096) different masks.  Returns NULL with 'arena'
 * unchanged if it has too little room or an argument is out of range. */
VSW_API struct vsw_megaflow *vsw_megaflow_new(struct vsw_arena *arena,
                                              uint32_t max_flows,
                                              uint32_t max_subtables);

/* Maps every packet that equals 'key' in the bits of 'mask' to 'flow' (not
 * VSW_FLOW_NONE), whether this megaflow was there or not.  Returns 0, or
 * -ENOSPC with the cache unchanged if it has too many flows or masks. */
VSW_API int vsw_megaflow_insert(struct vsw_megaflow *mf,
                                const struct vsw_flowkey *key,
                                const struct vsw_flowkey *mask,
                                uint32_t flow, struct vsw_memobs *obs);

/* Removes a megaflow.  Returns false if it was not there. */
VSW_API bool vsw_megaflow_remove(struct vsw_megaflow *mf,
                                 const struct vsw_flowkey *key,
                                 const struct vsw_flowkey *mask,
                                 struct vsw_memobs *obs);

/* Removes every megaflow, as after a change of the rules. */
VSW_API void vsw_megaflow_clear(struct vsw_megaflow *mf,
                                struct vsw_memobs *obs);

/* Returns the flow of 'key', or VSW_FLOW_NONE.  For each subtable visited,
 * touches its mask and one line of the index, and the entries whose 32-bit
 * hash matches. */
VSW_API uint32_t vsw_megaflow_lookup(struct vsw_megaflow *mf,
                                     const struct vsw_flowkey *key,
                                     struct vsw_memobs *obs);

/* The same, and sets '*n_visited' to the number of subtables it took. */
VSW_API uint32_t vsw_megaflow_search(struct vsw_megaflow *mf,
                                     const struct vsw_flowkey *key,
                                     uint32_t *n_visited,
                                     struct vsw_memobs *obs);

/* Looks up 'n' (up to VSW_MEGAFLOW_MAX_BULK) keys, writes flows[i] for each,
 * and returns a mask with bit i set if keys[i] was found.  Goes through the
 * subtables once for the burst. */
VSW_API uint32_t vsw_megaflow_lookup_bulk(
    struct vsw_megaflow *mf, const struct vsw_flowkey *const keys[],
    uint32_t n, uint32_t flows[], struct vsw_memobs *obs);

/* Orders the subtables by their hits since the last call, most first; equals
 * keep their order.  Open vSwitch does so each second. */
VSW_API void vsw_megaflow_sort(struct vsw_megaflow *mf,
                               struct vsw_memobs *obs);

VSW_API uint32_t vsw_megaflow_n_flows(const struct vsw_megaflow *mf);
VSW_API uint32_t vsw_megaflow_n_subtables(const struct vsw_megaflow *mf);

/* True if the cache's inner structures agree; slow; for tests. */
VSW_API bool vsw_megaflow_is_sound(const struct vsw_megaflow *mf);

VSW_EXTERN_C_END

#endif
