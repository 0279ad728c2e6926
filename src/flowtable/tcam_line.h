/* One line of the TCAM's bits, kept in registers over many chunks.
 *
 * As an array, compilers keep it in memory from one chunk to the next.  With
 * the vector types of gcc and clang it takes four registers of 16 bytes, which
 * is what x86-64 and arm64 have at least. */
#ifndef VSW_FLOWTABLE_TCAM_LINE_H
#define VSW_FLOWTABLE_TCAM_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <vswsim/compiler.h>

#if defined(__GNUC__) || defined(__clang__)

typedef uint64_t tcam_vec __attribute__((vector_size(16)));

struct tcam_line {
    tcam_vec v0, v1, v2, v3;
};

static inline void
tcam_line_and(struct tcam_line *line, const uint64_t *words)
{
    struct tcam_line other;

    memcpy(&other, words, sizeof other);
    line->v0 &= other.v0;
    line->v1 &= other.v1;
    line->v2 &= other.v2;
    line->v3 &= other.v3;
}

static inline bool
tcam_line_is_zero(const struct tcam_line *line)
{
    tcam_vec any = line->v0 | line->v1 | line->v2 | line->v3;

    return (any[0] | any[1]) == 0;
}

/* 'v' without the two lowest bits of each word. */
static inline tcam_vec
tcam_drop_two(tcam_vec v)
{
    v &= v - 1;
    return v & (v - 1);
}

/* Whether each word has two bits at most. */
static inline bool
tcam_line_is_sparse(const struct tcam_line *line)
{
    struct tcam_line rest = {
        tcam_drop_two(line->v0), tcam_drop_two(line->v1),
        tcam_drop_two(line->v2), tcam_drop_two(line->v3),
    };

    return tcam_line_is_zero(&rest);
}

#else

struct tcam_line {
    uint64_t words[VSW_LINE_BYTES / 8];
};

static inline void
tcam_line_and(struct tcam_line *line, const uint64_t *words)
{
    for (size_t w = 0; w < VSW_N_ELEMS(line->words); w++) {
        line->words[w] &= words[w];
    }
}

static inline bool
tcam_line_is_zero(const struct tcam_line *line)
{
    uint64_t any = 0;

    for (size_t w = 0; w < VSW_N_ELEMS(line->words); w++) {
        any |= line->words[w];
    }
    return any == 0;
}

static inline bool
tcam_line_is_sparse(const struct tcam_line *line)
{
    uint64_t rest = 0;

    for (size_t w = 0; w < VSW_N_ELEMS(line->words); w++) {
        uint64_t but_one = line->words[w] & (line->words[w] - 1);

        rest |= but_one & (but_one - 1);
    }
    return rest == 0;
}

#endif

_Static_assert(sizeof(struct tcam_line) == VSW_LINE_BYTES,
               "the bits of a block do not fill a line");

#endif
