/* One set, in plain C: to find a word in it, to put one first, to remove
 * one. */
#ifndef VSW_CORE_CACHE_SET_PORTABLE_H
#define VSW_CORE_CACHE_SET_PORTABLE_H

#include "core/cache_impl.h"

/* Place of the word with 'key' (a word without flags; 0: of the first empty
 * word), or -1. */
static inline int
set_find(const uint32_t *set, uint32_t stride, uint32_t key)
{
    for (uint32_t i = 0; i < stride; i++) {
        if ((set[i] ^ key) <= VSW_LINE_FLAGS) {
            return (int) i;
        }
    }
    return -1;
}

/* Puts 'word' first; the 'place' words before the one that it replaces move
 * by one. */
static inline void
set_push(uint32_t *set, uint32_t place, uint32_t word)
{
    for (uint32_t i = place; i > 0; i--) {
        set[i] = set[i - 1];
    }
    set[0] = word;
}

/* Removes the word at 'place'; those after it move up by one. */
static inline void
set_pull(uint32_t *set, uint32_t stride, uint32_t place)
{
    for (uint32_t i = place; i + 1 < stride; i++) {
        set[i] = set[i + 1];
    }
    set[stride - 1] = 0;
}

#endif
