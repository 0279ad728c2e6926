/* One cache: finding, using, inserting and removing a line.  The including
 * file has brought set_find(), set_push() and set_pull(). */
#ifndef VSW_CORE_CACHE_OPS_H
#define VSW_CORE_CACHE_OPS_H

#include "core/cache_impl.h"

static inline uint64_t
cache_set_number(const struct vsw_cache *c, uint64_t line)
{
    if (VSW_LIKELY(c->reciprocal == 0)) {
        return line & (c->n_sets - 1);
    }
    /* Exact while lines have 36 bits and sets 20, which configs obey. */
    return line - vsw_mul_hi64(line, c->reciprocal) * c->n_sets;
}

static inline uint32_t *
cache_set(const struct vsw_cache *c, uint64_t line)
{
    return c->words + cache_set_number(c, line) * c->stride;
}

static inline uint32_t
cache_key(const struct vsw_cache *c, uint64_t line)
{
    return ((uint32_t) (line >> c->shift) + 1) << 3;
}

/* The line of a word, from a set that 'other' also belongs to. */
static inline uint64_t
cache_line_of(const struct vsw_cache *c, uint32_t word, uint64_t other)
{
    uint64_t set = cache_set_number(c, other);
    uint64_t first = (uint64_t) ((word >> 3) - 1) << c->shift;
    uint64_t at = cache_set_number(c, first);

    return first + (set >= at ? set - at : set + c->n_sets - at);
}

static inline int
cache_find(const struct vsw_cache *c, uint64_t line, uint32_t **set)
{
    *set = cache_set(c, line);
    return set_find(*set, c->stride, cache_key(c, line));
}

static inline uint32_t *
tree_of(const struct vsw_cache *c, const uint32_t *set)
{
    return &c->trees[(size_t) (set - c->words) >> c->stride_bits];
}

/* Points the tree of 'set' away from 'place'. */
static inline void
tree_use(const struct vsw_cache *c, const uint32_t *set, uint32_t place)
{
    uint32_t *tree = tree_of(c, set);
    uint32_t node = place + c->n_ways;

    while (node > 1) {
        uint32_t bit = UINT32_C(1) << (node >> 1);

        *tree = node & 1 ? *tree & ~bit : *tree | bit;
        node >>= 1;
    }
}

static inline uint32_t
tree_victim(const struct vsw_cache *c, const uint32_t *set)
{
    uint32_t tree = *tree_of(c, set);
    uint32_t node = 1;

    while (node < c->n_ways) {
        node = 2 * node + (tree >> node & 1);
    }
    return node - c->n_ways;
}

/* Makes the word at 'place', from now on 'word', the last used. */
static inline void
cache_use(const struct vsw_cache *c, uint32_t *set, uint32_t place,
          uint32_t word)
{
    if (VSW_UNLIKELY(c->trees != NULL)) {
        set[place] = word;
        tree_use(c, set, place);
    } else if (place != 0 || set[0] != word) {
        set_push(set, place, word);
    }
}

static inline void
cache_remove(const struct vsw_cache *c, uint32_t *set, uint32_t place)
{
    if (VSW_UNLIKELY(c->trees != NULL)) {
        set[place] = 0;
    } else {
        set_pull(set, c->stride, place);
    }
}

static inline uint32_t
free_or_victim(const struct vsw_cache *c, const uint32_t *set)
{
    if (c->trees) {
        /* An empty word, or, in a full set, one after its ways. */
        int place = set_find(set, c->stride, 0);

        return place >= 0 && place < (int) c->n_ways ? (uint32_t) place
               : tree_victim(c, set);
    }
    return c->n_ways - 1;
}

/* Inserts a line that is not in 'c' and returns the word of the victim, or
 * 0. */
static inline uint32_t
cache_insert(const struct vsw_cache *c, uint64_t line, uint32_t flags)
{
    uint32_t *set = cache_set(c, line);
    uint32_t place = free_or_victim(c, set);
    uint32_t victim = set[place];

    cache_use(c, set, place, cache_key(c, line) | flags);
    return victim;
}

/* Removes a line.  Returns its flags and true if it was there. */
static inline bool
cache_drop(const struct vsw_cache *c, uint64_t line, uint32_t *flags)
{
    uint32_t *set;
    int place = cache_find(c, line, &set);

    if (place < 0) {
        return false;
    }
    *flags |= set[place] & VSW_LINE_FLAGS;
    cache_remove(c, set, (uint32_t) place);
    return true;
}

/* Clears flags of a line and sets others, without using it.  Returns the
 * flags it had and true if it was there. */
static inline bool
cache_mark(const struct vsw_cache *c, uint64_t line, uint32_t clear,
           uint32_t set_flags, uint32_t *flags)
{
    uint32_t *set;
    int place = cache_find(c, line, &set);

    if (place < 0) {
        return false;
    }
    *flags |= set[place] & VSW_LINE_FLAGS;
    set[place] = (set[place] & ~clear) | set_flags;
    return true;
}

#endif
