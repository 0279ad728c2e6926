#include "flowtable/tcam_internal.h"
#include <assert.h>

void
tcam_take_key(const struct vsw_tcam *tcam, const unsigned char *key,
              uint32_t i, struct tcam_burst *burst)
{
    const uint64_t low = UINT64_C(0x0f0f0f0f0f0f0f0f);
    uint8_t *values = burst->values[i];

    for (uint32_t at = 0; at < tcam->key_bytes; at += 8) {
        uint64_t bytes, halves;

        memcpy(&bytes, key + at, sizeof bytes);
        halves = bytes & low;
        memcpy(values + at, &halves, sizeof halves);
        halves = bytes >> 4 & low;
        memcpy(values + tcam->key_bytes + at, &halves, sizeof halves);
    }
}

static VSW_ALWAYS_INLINE bool
matches(const struct vsw_tcam *tcam, uint32_t id, const unsigned char *key,
        struct vsw_memobs *obs)
{
    const unsigned char *value = tcam_value(tcam, id);
    const unsigned char *mask = tcam_mask(tcam, id);
    uint64_t diff = 0;

    vsw_touch(obs, value, 2 * (size_t) tcam->key_bytes, VSW_MEM_READ);
    for (uint32_t i = 0; i < tcam->key_bytes; i += 8) {
        uint64_t k, v, m;

        memcpy(&k, key + i, sizeof k);
        memcpy(&v, value + i, sizeof v);
        memcpy(&m, mask + i, sizeof m);
        diff |= (k & m) ^ v;
    }
    return diff == 0;
}

/* Whether a rule of rank 'a' wins over one of rank 'b'. */
static bool
wins(const struct tcam_rank *a, const struct tcam_rank *b)
{
    return a->priority != b->priority ? a->priority > b->priority
                                      : a->order < b->order;
}

/* Updates the best rules of the keys by the final parts. */
static VSW_ALWAYS_INLINE void
decide(const struct vsw_tcam *tcam, const void *const keys[],
       const struct tcam_burst *burst, uint32_t best[],
       struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < burst->n_final; i++) {
        struct tcam_part part = burst->final[i];
        uint32_t *winner = &best[part.key];

        if (!part.exact) {
            uint32_t id = part.word * 64 + vsw_msb64(part.bits);

            if (!matches(tcam, id, keys[part.key], obs)) {
                continue;
            }
        }
        do {
            uint32_t id = tcam_next_rule(&part);
            const struct tcam_rank *rank = &tcam->ranks[id];

            vsw_touch(obs, rank, sizeof *rank, VSW_MEM_READ);
            if (*winner == VSW_TCAM_NONE
                || wins(rank, &tcam->ranks[*winner])) {
                *winner = id;
            }
        } while (part.bits);
    }
}

static void
fill_hit(const struct vsw_tcam *tcam, uint32_t id, struct vsw_tcam_hit *hit)
{
    const struct tcam_rank *rank = &tcam->ranks[id];

    *hit = (struct vsw_tcam_hit) {
        .id = id,
        .priority = rank->priority,
        .action = rank->action,
        .negative = rank->order & 1,
    };
}

/* Counts and returns in 'hits' what the rules 'best' of 'n' keys are. */
static VSW_ALWAYS_INLINE uint32_t
record(struct vsw_tcam *tcam, const uint32_t best[], uint32_t n,
       struct vsw_tcam_hit hits[], struct vsw_memobs *obs)
{
    uint32_t found = 0, n_found = 0;

    /* The second bound is for gcc, which with sanitizers misses the first. */
    for (uint32_t i = 0; i < n && i < VSW_TCAM_MAX_BULK; i++) {
        found |= (uint32_t) (best[i] != VSW_TCAM_NONE) << i;
    }
    for (uint32_t left = found; left; left &= left - 1) {
        uint32_t i = vsw_msb64(left & -left);

        fill_hit(tcam, best[i], &hits[i]);
        tcam->stats.n_negative_hits += hits[i].negative;
        vsw_tcam_mark_used(tcam, (uint16_t) best[i], obs);
        n_found++;
    }
    tcam->stats.n_hits += n_found;
    tcam->stats.n_misses += n - n_found;
    return found;
}

static VSW_ALWAYS_INLINE uint32_t
lookup(struct vsw_tcam *tcam, const void *const keys[], uint32_t n,
       struct vsw_tcam_hit hits[], struct vsw_memobs *obs)
{
    uint32_t best[VSW_TCAM_MAX_BULK];
    struct tcam_burst burst;

    burst.n_keys = n;
    for (uint32_t i = 0; i < n; i++) {
        tcam_take_key(tcam, keys[i], i, &burst);
        best[i] = VSW_TCAM_NONE;
    }
    for (uint32_t block = 0; block < tcam->n_blocks; block += SPAN_BLOCKS) {
        tcam->narrow(tcam, block, &burst, obs);
        decide(tcam, keys, &burst, best, obs);
    }
    return record(tcam, best, n, hits, obs);
}

/* With a constant where there is no observer. */
static VSW_ALWAYS_INLINE uint32_t
lookup_in_either_way(struct vsw_tcam *tcam, const void *const keys[],
                     uint32_t n, struct vsw_tcam_hit hits[],
                     struct vsw_memobs *obs)
{
    return VSW_UNLIKELY(obs != NULL) ? lookup(tcam, keys, n, hits, obs)
                                     : lookup(tcam, keys, n, hits, NULL);
}

bool
vsw_tcam_lookup(struct vsw_tcam *tcam, const void *key,
                struct vsw_tcam_hit *hit, struct vsw_memobs *obs)
{
    return lookup_in_either_way(tcam, &key, 1, hit, obs);
}

uint32_t
vsw_tcam_lookup_bulk(struct vsw_tcam *tcam, const void *const keys[],
                     uint32_t n, struct vsw_tcam_hit hits[],
                     struct vsw_memobs *obs)
{
    assert(n <= VSW_TCAM_MAX_BULK);
    return lookup_in_either_way(tcam, keys, n, hits, obs);
}

/* Byte by byte: shares nothing with what it is the reference for. */
static bool
matches_plainly(const struct vsw_tcam *tcam, uint32_t id,
                const unsigned char *key)
{
    const unsigned char *value = tcam_value(tcam, id);
    const unsigned char *mask = tcam_mask(tcam, id);

    for (uint32_t i = 0; i < tcam->key_bytes; i++) {
        if ((key[i] & mask[i]) != value[i]) {
            return false;
        }
    }
    return true;
}

bool
vsw_tcam_lookup_linear(const struct vsw_tcam *tcam, const void *key,
                       struct vsw_tcam_hit *hit)
{
    uint32_t best = VSW_TCAM_NONE;

    for (uint32_t id = tcam->newest; id != LINK_NONE;
         id = tcam->links[id].next) {
        if (matches_plainly(tcam, id, key)
            && (best == VSW_TCAM_NONE
                || wins(&tcam->ranks[id], &tcam->ranks[best]))) {
            best = id;
        }
    }
    if (best != VSW_TCAM_NONE) {
        fill_hit(tcam, best, hit);
    }
    return best != VSW_TCAM_NONE;
}
