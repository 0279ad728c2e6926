/* One set, sixteen words (a line) at a time: cache_set_portable.h says what
 * these do.  Sets of eight words use the narrower vectors. */
#ifndef VSW_CORE_CACHE_SET_AVX512_H
#define VSW_CORE_CACHE_SET_AVX512_H

#include "core/cache_set_avx2.h"

static inline int
set_find(const uint32_t *set, uint32_t stride, uint32_t key)
{
    const __m512i tags = _mm512_set1_epi32(~VSW_LINE_FLAGS);
    const __m512i wanted = _mm512_set1_epi32((int) key);

    if (stride == 8) {
        return set_find_avx2(set, stride, key);
    }
    for (uint32_t i = 0; i < stride; i += 16) {
        __m512i x = _mm512_load_si512((const void *) (set + i));
        uint16_t equal = _mm512_cmpeq_epi32_mask(_mm512_and_si512(x, tags),
                                                  wanted);

        if (equal) {
            return (int) i + __builtin_ctz((unsigned int) equal);
        }
    }
    return -1;
}

static inline void
set_push(uint32_t *set, uint32_t place, uint32_t word)
{
    const __m512i turn = _mm512_setr_epi32(15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                           10, 11, 12, 13, 14);
    __m512i before = _mm512_set1_epi32((int) word);

    if (place < 8) {
        set_push_avx2(set, place, word);
        return;
    }
    for (uint32_t i = 0;; i += 16) {
        uint32_t left = place - i;
        uint16_t move = (uint16_t) ((UINT32_C(2) << (left & 15)) - 1);
        __m512i old = _mm512_load_si512((const void *) (set + i));
        __m512i turned = _mm512_permutexvar_epi32(turn, old);
        __m512i moved = _mm512_mask_mov_epi32(turned, 1, before);

        if (left < 16) {
            moved = _mm512_mask_mov_epi32(old, move, moved);
        }
        _mm512_store_si512((void *) (set + i), moved);
        if (left < 16) {
            return;
        }
        before = turned;
    }
}

#endif
