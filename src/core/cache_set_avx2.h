/* One set, eight words at a time: cache_set_portable.h says what these do. */
#ifndef VSW_CORE_CACHE_SET_AVX2_H
#define VSW_CORE_CACHE_SET_AVX2_H

#ifndef VSW_EMULATED_SIMD
#include <immintrin.h>
#endif

#include "core/cache_impl.h"

static inline __m256i
load8(const uint32_t *p)
{
    return _mm256_load_si256((const __m256i *) (const void *) p);
}

static inline void
store8(uint32_t *p, __m256i x)
{
    _mm256_store_si256((__m256i *) (void *) p, x);
}

static inline int
set_find_avx2(const uint32_t *set, uint32_t stride, uint32_t key)
{
    const __m256i tags = _mm256_set1_epi32(~VSW_LINE_FLAGS);
    const __m256i wanted = _mm256_set1_epi32((int) key);

    for (uint32_t i = 0; i < stride; i += 8) {
        __m256i x = _mm256_and_si256(load8(set + i), tags);
        __m256i equal = _mm256_cmpeq_epi32(x, wanted);
        int bits = _mm256_movemask_ps(_mm256_castsi256_ps(equal));

        if (bits) {
            return (int) i + __builtin_ctz((unsigned int) bits);
        }
    }
    return -1;
}

static inline void
set_push_avx2(uint32_t *set, uint32_t place, uint32_t word)
{
    const __m256i turn = _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6);
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i before = _mm256_set1_epi32((int) word);
    uint32_t i = 0;

    for (;; i += 8) {
        __m256i old = load8(set + i);
        __m256i turned = _mm256_permutevar8x32_epi32(old, turn);
        __m256i moved = _mm256_blend_epi32(turned, before, 1);
        __m256i last = _mm256_set1_epi32((int) (place - i));
        __m256i keep = _mm256_cmpgt_epi32(lanes, last);

        store8(set + i, _mm256_blendv_epi8(moved, old, keep));
        if (place - i < 8) {
            return;
        }
        before = turned;
    }
}

static inline void
set_pull(uint32_t *set, uint32_t stride, uint32_t place)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    for (uint32_t i = place & ~7u; i < stride; i += 8) {
        __m256i before = _mm256_set1_epi32((int) (place - i) - 1);
        __m256i moves = _mm256_cmpgt_epi32(lanes, before);
        __m256i from = _mm256_sub_epi32(lanes, moves);
        __m256i moved = _mm256_permutevar8x32_epi32(load8(set + i), from);
        uint32_t next = i + 8 < stride ? set[i + 8] : 0;
        __m256i last = _mm256_set1_epi32((int) next);

        store8(set + i, _mm256_blend_epi32(moved, last, 0x80));
    }
}

#endif
