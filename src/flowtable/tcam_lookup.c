#include "flowtable/tcam_internal.h"
#include "flowtable/tcam_line.h"

/* Chunks between two looks at how many rules are left. */
#define CHUNKS_PER_TEST 8

/* Keeps in '*left' the rules of a block, whose vectors start at 'vectors',
 * that match 'key' in the 'n' chunks listed at 'active'. */
static inline void
match_chunks(const uint64_t *vectors, const unsigned char *key,
             const uint8_t *active, uint32_t n,
             struct tcam_line *left, struct vsw_memobs *obs)
{
    struct tcam_line own = *left;

    vsw_touch(obs, active, n, VSW_MEM_READ);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t chunk = active[i];
        size_t row = chunk * CHUNK_VALUES + tcam_chunk_of(key, chunk);
        const uint64_t *vector = vectors + row * BLOCK_WORDS;

        vsw_touch(obs, vector, VSW_LINE_BYTES, VSW_MEM_READ);
        tcam_line_and(&own, vector);
    }
    *left = own;
}

/* Stops early when no word has more than two rules left: to compare those
 * costs a line or two each, each chunk costs one. */
bool
vsw_tcam_narrow(const struct vsw_tcam *tcam, uint32_t block,
                const unsigned char *key, struct tcam_candidates *left,
                struct vsw_memobs *obs)
{
    const uint64_t *used = tcam->used + (size_t) block * BLOCK_WORDS;
    const uint64_t *vectors = tcam_vector(tcam, block, 0, 0);
    struct tcam_line line;
    uint32_t n;

    vsw_touch(obs, used, VSW_LINE_BYTES, VSW_MEM_READ);
    memcpy(&line, used, sizeof line);
    for (uint32_t i = 0; i < tcam->n_active; i += n) {
        n = tcam->n_active - i;
        if (n > CHUNKS_PER_TEST) {
            n = CHUNKS_PER_TEST;
        }
        match_chunks(vectors, key, tcam->active + i, n, &line, obs);
        if (tcam_line_is_zero(&line)) {
            return false;
        }
        if (tcam_line_is_sparse(&line)) {
            break;
        }
    }
    memcpy(left->words, &line, sizeof line);
    left->first_id = block * BLOCK_RULES;
    left->nonzero = 0;
    for (unsigned int w = 0; w < BLOCK_WORDS; w++) {
        left->nonzero |= (unsigned int) (left->words[w] != 0) << w;
    }
    return true;
}

static bool
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

/* The better of 'best' (or VSW_TCAM_NONE) and the candidates that match. */
static uint32_t
best_of(const struct vsw_tcam *tcam, const unsigned char *key,
        struct tcam_candidates *left, uint32_t best, struct vsw_memobs *obs)
{
    while (left->nonzero) {
        uint32_t id = tcam_next_candidate(left);
        const struct tcam_rank *rank = &tcam->ranks[id];

        if (matches(tcam, id, key, obs)) {
            vsw_touch(obs, rank, sizeof *rank, VSW_MEM_READ);
            if (best == VSW_TCAM_NONE || wins(rank, &tcam->ranks[best])) {
                best = id;
            }
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
        struct tcam_candidates left;

        if (vsw_tcam_narrow(tcam, block, key, &left, obs)) {
            best = best_of(tcam, key, &left, best, obs);
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
