/* The bit-parallel part of a TCAM lookup, once for each width of vectors: the
 * file that includes this says how wide (NARROW_VEC_BYTES) and names the
 * function (NARROW_NAME).  All forms read the same lines and give the same
 * result.
 *
 * What is left of a span or a quad stays in registers over many chunks.  As an
 * array, compilers keep it in memory from one chunk to the next, so each
 * vector has a name. */
#include "flowtable/tcam_internal.h"

#if defined(__GNUC__) || defined(__clang__)

/* May alias, as words are stored as such. */
typedef uint64_t narrow_vec __attribute__((vector_size(NARROW_VEC_BYTES),
                                           may_alias));

#if NARROW_VEC_BYTES == 32

#include <immintrin.h>

struct narrow_quad {
    narrow_vec v0;
};

#define NARROW_EACH(DO) DO(0)
#define narrow_is_zero(v) _mm256_testz_si256((__m256i) (v), (__m256i) (v))

#else

struct narrow_quad {
    narrow_vec v0, v1;
};

#define NARROW_EACH(DO) DO(0) DO(1)
#define narrow_is_zero(v) (((v)[0] | (v)[1]) == 0)

#endif

/* Words of a quad are aligned, so that they can be operands. */
static VSW_ALWAYS_INLINE narrow_vec *
vecs_of(const uint64_t *words)
{
    return (narrow_vec *) (uintptr_t) words;
}

static VSW_ALWAYS_INLINE void
quad_load(struct narrow_quad *quad, const uint64_t *words)
{
#define LOAD(i) quad->v##i = vecs_of(words)[i];
    NARROW_EACH(LOAD)
#undef LOAD
}

static VSW_ALWAYS_INLINE void
quad_store(const struct narrow_quad *quad, uint64_t *words)
{
#define STORE(i) vecs_of(words)[i] = quad->v##i;
    NARROW_EACH(STORE)
#undef STORE
}

static VSW_ALWAYS_INLINE void
quad_and(struct narrow_quad *quad, const uint64_t *words)
{
#define AND(i) quad->v##i &= vecs_of(words)[i];
    NARROW_EACH(AND)
#undef AND
}

static VSW_ALWAYS_INLINE void
quad_or(struct narrow_quad *quad, const struct narrow_quad *other)
{
#define OR(i) quad->v##i |= other->v##i;
    NARROW_EACH(OR)
#undef OR
}

static VSW_ALWAYS_INLINE bool
quad_is_zero(const struct narrow_quad *quad)
{
    narrow_vec any = { 0 };

#define ANY(i) any |= quad->v##i;
    NARROW_EACH(ANY)
#undef ANY
    return narrow_is_zero(any);
}

/* Whether each word has one bit at most. */
static VSW_ALWAYS_INLINE bool
quad_is_sparse(const struct narrow_quad *quad)
{
    narrow_vec rest = { 0 };

#define DROP(i) rest |= quad->v##i & (quad->v##i - 1);
    NARROW_EACH(DROP)
#undef DROP
    return narrow_is_zero(rest);
}

#else

struct narrow_quad {
    uint64_t words[QUAD_WORDS];
};

static inline void
quad_load(struct narrow_quad *quad, const uint64_t *words)
{
    memcpy(quad->words, words, sizeof quad->words);
}

static inline void
quad_store(const struct narrow_quad *quad, uint64_t *words)
{
    memcpy(words, quad->words, sizeof quad->words);
}

static inline void
quad_and(struct narrow_quad *quad, const uint64_t *words)
{
    for (size_t w = 0; w < QUAD_WORDS; w++) {
        quad->words[w] &= words[w];
    }
}

static inline void
quad_or(struct narrow_quad *quad, const struct narrow_quad *other)
{
    for (size_t w = 0; w < QUAD_WORDS; w++) {
        quad->words[w] |= other->words[w];
    }
}

static inline bool
quad_is_zero(const struct narrow_quad *quad)
{
    uint64_t any = 0;

    for (size_t w = 0; w < QUAD_WORDS; w++) {
        any |= quad->words[w];
    }
    return any == 0;
}

static inline bool
quad_is_sparse(const struct narrow_quad *quad)
{
    uint64_t rest = 0;

    for (size_t w = 0; w < QUAD_WORDS; w++) {
        rest |= quad->words[w] & (quad->words[w] - 1);
    }
    return rest == 0;
}

#endif

_Static_assert(sizeof(struct narrow_quad) == QUAD_WORDS * 8,
               "the vectors do not make up a quad");

/* The words from 'first' on of the vector that 'key' has in a chunk. */
static VSW_ALWAYS_INLINE const uint64_t *
words_at(const struct vsw_tcam *tcam, const struct tcam_burst *burst,
         uint32_t key, uint32_t chunk, uint32_t first)
{
    return tcam->vectors + tcam_row(tcam, chunk, burst->values[key][chunk])
           + first;
}

/* Takes the first 'n' chunks into a span of 'n_quads'.  Returns whether rules
 * are left, and leaves them in burst->words. */
static VSW_ALWAYS_INLINE bool
narrow_span(const struct vsw_tcam *tcam, uint32_t first, uint32_t n_quads,
            uint32_t n, uint32_t key, struct tcam_burst *burst,
            struct vsw_memobs *obs)
{
    struct narrow_quad quads[SPAN_QUADS];

    for (uint32_t q = 0; q < n_quads; q++) {
        quad_load(&quads[q], tcam->used + first + q * QUAD_WORDS);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *words = words_at(tcam, burst, key, tcam->active[i],
                                         first);

        vsw_touch(obs, words, (size_t) n_quads * QUAD_WORDS * 8,
                  VSW_MEM_READ);
        for (uint32_t q = 0; q < n_quads; q++) {
            quad_and(&quads[q], words + q * QUAD_WORDS);
        }
    }
    for (uint32_t q = 0; q < n_quads; q++) {
        quad_store(&quads[q], burst->words[key] + q * QUAD_WORDS);
        if (q > 0) {
            quad_or(&quads[0], &quads[q]);
        }
    }
    return !quad_is_zero(&quads[0]);
}

/* Takes 'n' more chunks from 'active' on into 'quad'. */
static VSW_ALWAYS_INLINE void
and_quads(const struct vsw_tcam *tcam, const struct tcam_burst *burst,
          uint32_t key, uint32_t first, const uint8_t *active, uint32_t n,
          struct narrow_quad *quad, struct vsw_memobs *obs)
{
    vsw_touch(obs, active, n, VSW_MEM_READ);
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *words = words_at(tcam, burst, key, active[i], first);

        vsw_touch(obs, words, QUAD_WORDS * 8, VSW_MEM_READ);
        quad_and(quad, words);
    }
}

/* Goes on with a quad of 'key' until no word has two rules left: to compare
 * one costs as much as some chunks do.  Returns how many words have rules. */
static VSW_ALWAYS_INLINE uint32_t
finish_quad(const struct vsw_tcam *tcam, uint32_t first, uint32_t key,
            uint64_t words[QUAD_WORDS], const struct tcam_burst *burst,
            struct tcam_part *final, struct vsw_memobs *obs)
{
    struct narrow_quad quad;
    uint32_t i = LINE_CHUNKS, n_final = 0;

    quad_load(&quad, words);
    if (quad_is_zero(&quad)) {
        return 0;
    }
    while (i < tcam->n_active && !quad_is_sparse(&quad)) {
        const uint8_t *active = tcam->active + i;
        uint32_t n = tcam->n_active - i;

        if (n >= QUAD_CHUNKS) {
            n = QUAD_CHUNKS;
            and_quads(tcam, burst, key, first, active, n, &quad, obs);
        } else {
            and_quads(tcam, burst, key, first, active, n, &quad, obs);
        }
        i += n;
    }
    quad_store(&quad, words);
    for (uint32_t w = 0; w < QUAD_WORDS; w++) {
        if (words[w] != 0) {
            final[n_final++] = (struct tcam_part) {
                .bits = words[w],
                .word = first + w,
                .key = (uint16_t) key,
                .exact = i >= tcam->n_active,
            };
        }
    }
    return n_final;
}

/* In two stages, so that what is hard to predict (which keys have rules left)
 * does not hold up the other keys. */
static VSW_ALWAYS_INLINE void
narrow_all(const struct vsw_tcam *tcam, uint32_t first, uint32_t n_quads,
           uint32_t n_chunks, struct tcam_burst *burst,
           struct vsw_memobs *obs)
{
    uint32_t n_open = 0, n_final = 0;

    for (uint32_t key = 0; key < burst->n_keys; key++) {
        burst->open[n_open] = (uint8_t) key;
        n_open += narrow_span(tcam, first, n_quads, n_chunks, key, burst,
                              obs);
    }
    for (uint32_t i = 0; i < n_open; i++) {
        uint32_t key = burst->open[i];

        for (uint32_t q = 0; q < n_quads; q++) {
            n_final += finish_quad(tcam, first + q * QUAD_WORDS, key,
                                   burst->words[key] + q * QUAD_WORDS, burst,
                                   burst->final + n_final, obs);
        }
    }
    burst->n_final = n_final;
}

/* With constants where it matters: no observer, enough chunks, both widths. */
void
NARROW_NAME(const struct vsw_tcam *tcam, uint32_t block,
            struct tcam_burst *burst, struct vsw_memobs *obs)
{
    uint32_t first = block * BLOCK_WORDS;
    bool one = tcam->n_blocks - block < SPAN_BLOCKS;
    uint32_t n_quads = one ? SPAN_QUADS / SPAN_BLOCKS : SPAN_QUADS;
    uint32_t n_chunks = tcam->n_active < LINE_CHUNKS ? tcam->n_active
                                                     : LINE_CHUNKS;

    if (VSW_UNLIKELY(obs != NULL)) {
        vsw_touch(obs, tcam->used + first, (size_t) n_quads * QUAD_WORDS * 8,
                  VSW_MEM_READ);
        if (n_chunks > 0) {
            vsw_touch(obs, tcam->active, n_chunks, VSW_MEM_READ);
        }
        narrow_all(tcam, first, n_quads, n_chunks, burst, obs);
    } else if (n_chunks < LINE_CHUNKS) {
        narrow_all(tcam, first, n_quads, n_chunks, burst, NULL);
    } else if (one) {
        narrow_all(tcam, first, SPAN_QUADS / SPAN_BLOCKS, LINE_CHUNKS, burst,
                   NULL);
    } else {
        narrow_all(tcam, first, SPAN_QUADS, LINE_CHUNKS, burst, NULL);
    }
}
