/* Exact-match cache in the shape of Open vSwitch's, from flow key to flow.
 *
 * A key may lie in a few positions that are cut out of its hash; an insertion
 * always succeeds, and replaces what is there.  Source: emc_insert() and
 * emc_lookup() of lib/dpif-netdev.c in Open vSwitch 2.x and 3.x, which has
 * 8192 entries (EM_FLOW_HASH_SHIFT) and two positions (EM_FLOW_HASH_SEGS).
 *
 * Two published systems use it.  In Open vSwitch with DPDK the hash is that
 * of the NIC, or computed per packet.  In KVS (Choi et al., SoCC 2017) it is
 * always that of the NIC: when a rule is inserted its hash is computed once,
 * with the key of the NIC (vsw_rss_hash()), and one position is looked at.
 *
 * The caller hashes: equal keys must come with equal hashes.
 *
 * Thread-safety: none; one per polling thread, as in Open vSwitch. */
#ifndef VSWSIM_EMC_H
#define VSWSIM_EMC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/flowid.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_EMC_OVS_ENTRIES      8192
#define VSW_EMC_OVS_POSITIONS    2
#define VSW_EMC_OVS_INV_PROB     100
#define VSW_EMC_MIN_ENTRY_BYTES  80
#define VSW_EMC_MAX_POSITIONS    8

struct vsw_emc_shape {
    uint32_t n_entries;     /* A power of two, 2 to 2^24. */
    uint32_t n_positions;   /* Of one key, 1 to VSW_EMC_MAX_POSITIONS. */
    uint32_t entry_bytes;   /* From one entry to the next, a multiple of 16,
                             * 80 or more.  Entries of Open vSwitch take
                             * several hundred, of which a lookup reads two or
                             * three lines; here it reads 80. */
};

struct vsw_emc;

/* Makes an empty cache.  Returns NULL with 'arena' unchanged if it has too
 * little room or 'shape' is out of range. */
VSW_API struct vsw_emc *vsw_emc_new(struct vsw_arena *arena,
                                    const struct vsw_emc_shape *shape);

/* Returns the flow of 'key', or VSW_FLOW_NONE.  Touches 16 bytes of an entry
 * for each position, and the key of an entry whose hash matches. */
VSW_API uint32_t vsw_emc_lookup(const struct vsw_emc *emc,
                                const struct vsw_flowkey *key, uint32_t hash,
                                struct vsw_memobs *obs);

/* Maps 'key' to 'flow' (not VSW_FLOW_NONE).  If all positions hold live
 * entries the one with the least hash is replaced.  (An unused entry at an
 * earlier position is passed over for a later one with a lesser hash, live or
 * not: Open vSwitch does that, too.) */
VSW_API void vsw_emc_insert(struct vsw_emc *emc,
                            const struct vsw_flowkey *key, uint32_t hash,
                            uint32_t flow, struct vsw_memobs *obs);

/* Removes 'key'.  Returns false if it was not there. */
VSW_API bool vsw_emc_remove(struct vsw_emc *emc,
                            const struct vsw_flowkey *key, uint32_t hash,
                            struct vsw_memobs *obs);

/* Removes every key.  Visits the whole cache. */
VSW_API void vsw_emc_clear(struct vsw_emc *emc, struct vsw_memobs *obs);

/* Live entries.  Visits the whole cache. */
VSW_API uint32_t vsw_emc_count(const struct vsw_emc *emc);

/* Whether to insert a flow after a miss, for a 'random' number from the whole
 * range: Open vSwitch inserts one in 'inv_prob' (by default 100), so that
 * flows too many for the cache do not wash it out.  0 means never. */
static inline bool
vsw_emc_admits(uint32_t random, uint32_t inv_prob)
{
    return inv_prob != 0 && random <= UINT32_MAX / inv_prob;
}

VSW_EXTERN_C_END

#endif
