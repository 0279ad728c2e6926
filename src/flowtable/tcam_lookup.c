#include "flowtable/tcam_internal.h"

/* Chunks between two looks at whether any rule is left. */
#define CHUNKS_PER_TEST 8

static bool
is_zero(const uint64_t match[BLOCK_WORDS])
{
    uint64_t any = 0;

    for (int w = 0; w < BLOCK_WORDS; w++) {
        any |= match[w];
    }
    return any == 0;
}

/* Keeps in 'left' the rules that match 'key' in the chunks listed at 'active',
 * 'n' of them. */
static void
match_chunks(const struct vsw_tcam *tcam, uint32_t block,
             const unsigned char *key, const uint8_t *active, uint32_t n,
             uint64_t left[BLOCK_WORDS], struct vsw_memobs *obs)
{
    vsw_touch(obs, active, n, VSW_MEM_READ);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t chunk = active[i];
        const uint64_t *vector = tcam_vector(tcam, block, chunk,
                                             tcam_chunk_of(key, chunk));

        vsw_touch(obs, vector, VSW_LINE_BYTES, VSW_MEM_READ);
        for (int w = 0; w < BLOCK_WORDS; w++) {
            left[w] &= vector[w];
        }
    }
}

bool
vsw_tcam_match_block(const struct vsw_tcam *tcam, uint32_t block,
                     const unsigned char *key, uint64_t match[BLOCK_WORDS],
                     struct vsw_memobs *obs)
{
    const uint64_t *used = tcam->used + (size_t) block * BLOCK_WORDS;
    uint64_t left[BLOCK_WORDS];
    uint32_t n;

    vsw_touch(obs, used, VSW_LINE_BYTES, VSW_MEM_READ);
    memcpy(left, used, sizeof left);
    for (uint32_t i = 0; i < tcam->n_active && !is_zero(left); i += n) {
        n = tcam->n_active - i;
        if (n > CHUNKS_PER_TEST) {
            n = CHUNKS_PER_TEST;
        }
        match_chunks(tcam, block, key, tcam->active + i, n, left, obs);
    }
    memcpy(match, left, sizeof left);
    return !is_zero(left);
}

uint32_t
vsw_tcam_next_match(uint64_t match[BLOCK_WORDS])
{
    for (uint32_t w = 0; w < BLOCK_WORDS; w++) {
        if (match[w]) {
            uint64_t lowest = match[w] & -match[w];

            match[w] ^= lowest;
            return w * 64 + vsw_msb64(lowest);
        }
    }
    return VSW_TCAM_NONE;
}

/* Whether a rule of rank 'a' wins over one of rank 'b'. */
static bool
wins(const struct tcam_rank *a, const struct tcam_rank *b)
{
    return a->priority != b->priority ? a->priority > b->priority
                                      : a->order < b->order;
}

/* The better of 'best' (or VSW_TCAM_NONE) and the rules in 'match'. */
static uint32_t
best_of(const struct vsw_tcam *tcam, uint32_t block,
        uint64_t match[BLOCK_WORDS], uint32_t best, struct vsw_memobs *obs)
{
    uint32_t bit;

    while ((bit = vsw_tcam_next_match(match)) != VSW_TCAM_NONE) {
        uint32_t id = block * BLOCK_RULES + bit;
        const struct tcam_rank *rank = &tcam->ranks[id];

        vsw_touch(obs, rank, sizeof *rank, VSW_MEM_READ);
        if (best == VSW_TCAM_NONE || wins(rank, &tcam->ranks[best])) {
            best = id;
        }
    }
    return best;
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

bool
vsw_tcam_lookup(struct vsw_tcam *tcam, const void *key,
                struct vsw_tcam_hit *hit, struct vsw_memobs *obs)
{
    uint32_t best = VSW_TCAM_NONE;

    for (uint32_t block = 0; block < tcam->n_blocks; block++) {
        uint64_t match[BLOCK_WORDS];

        if (vsw_tcam_match_block(tcam, block, key, match, obs)) {
            best = best_of(tcam, block, match, best, obs);
        }
    }
    if (best == VSW_TCAM_NONE) {
        tcam->stats.n_misses++;
        return false;
    }
    fill_hit(tcam, best, hit);
    tcam->stats.n_hits++;
    tcam->stats.n_negative_hits += hit->negative;
    vsw_tcam_mark_used(tcam, (uint16_t) best, obs);
    return true;
}

static bool
matches(const struct vsw_tcam *tcam, uint32_t id, const unsigned char *key)
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
        if (matches(tcam, id, key)
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
