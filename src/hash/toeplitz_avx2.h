/* The hash of one input by carry-less products, for the forms that are wider
 * only in bulk.  Include <immintrin.h> or its emulation first. */
#ifndef VSW_HASH_TOEPLITZ_AVX2_H
#define VSW_HASH_TOEPLITZ_AVX2_H

#include <string.h>

/* Byte i is the nibble i with its bits reversed. */
static inline __m128i
vsw_reversed_nibbles(void)
{
    return _mm_setr_epi8(0x0, 0x8, 0x4, 0xc, 0x2, 0xa, 0x6, 0xe, 0x1, 0x9,
                         0x5, 0xd, 0x3, 0xb, 0x7, 0xf);
}

/* By table look-ups of nibbles. */
static inline __m128i
vsw_reverse_bits_of_bytes(__m128i x)
{
    const __m128i table = vsw_reversed_nibbles();
    const __m128i mask = _mm_set1_epi8(0x0f);
    __m128i low_nibbles = _mm_and_si128(x, mask);
    __m128i high_nibbles = _mm_and_si128(_mm_srli_epi16(x, 4), mask);

    return _mm_or_si128(
        _mm_slli_epi16(_mm_shuffle_epi8(table, low_nibbles), 4),
        _mm_shuffle_epi8(table, high_nibbles));
}

/* A word that starts at 'p' of which 'n_bytes' exist, as a number. */
static inline __attribute__((always_inline)) __m128i
vsw_load_word(const uint8_t *p, size_t n_bytes)
{
    uint64_t word = 0;

    memcpy(&word, p, n_bytes < 8 ? n_bytes : 8);
    return _mm_cvtsi64_si128((long long) __builtin_bswap64(word));
}

/* Sums of products, see toeplitz_impl.h. */
struct vsw_clmul_sums {
    __m128i a;
    __m128i b;
};

/* Adds the products of word 'word' of the input, if it has one. */
static inline __attribute__((always_inline)) void
vsw_clmul_add(struct vsw_clmul_sums *sums, const struct vsw_toeplitz *t,
              const uint8_t *input, size_t n_bytes, size_t word)
{
    const void *factors = &t->factors[word];
    __m128i f, w;

    if (n_bytes <= 8 * word) {
        return;
    }
    f = _mm_load_si128((const __m128i *) factors);
    w = vsw_load_word(input + 8 * word, n_bytes - 8 * word);
    sums->a = _mm_xor_si128(sums->a, _mm_clmulepi64_si128(w, f, 0x00));
    if (n_bytes - 8 * word > 4) {
        sums->b = _mm_xor_si128(sums->b, _mm_clmulepi64_si128(w, f, 0x10));
    }
}

/* The loop is written out, since compilers keep it a loop at -O2. */
static inline __attribute__((always_inline)) uint32_t
vsw_toeplitz_clmul_of(const struct vsw_toeplitz *t, const uint8_t *input,
                      size_t n_bytes)
{
    const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8,
                                        15, 14, 13, 12);
    struct vsw_clmul_sums sums = { _mm_setzero_si128(),
                                   _mm_setzero_si128() };
    __m128i hash;

    vsw_clmul_add(&sums, t, input, n_bytes, 0);
    vsw_clmul_add(&sums, t, input, n_bytes, 1);
    vsw_clmul_add(&sums, t, input, n_bytes, 2);
    vsw_clmul_add(&sums, t, input, n_bytes, 3);
    vsw_clmul_add(&sums, t, input, n_bytes, 4);
    vsw_clmul_add(&sums, t, input, n_bytes, 5);
    hash = _mm_xor_si128(_mm_unpackhi_epi64(sums.a, sums.a), sums.b);
    hash = vsw_reverse_bits_of_bytes(_mm_shuffle_epi8(hash, order));
    return (uint32_t) _mm_cvtsi128_si32(hash);
}

/* The usual lengths are constants here, so that their loops are unrolled. */
static uint32_t
vsw_toeplitz_clmul_hash(const struct vsw_toeplitz *t, const uint8_t *input,
                        size_t n_bytes)
{
    switch (n_bytes) {
    case VSW_RSS_IPV4_BYTES:
        return vsw_toeplitz_clmul_of(t, input, VSW_RSS_IPV4_BYTES);
    case VSW_RSS_IPV4_PORTS_BYTES:
        return vsw_toeplitz_clmul_of(t, input, VSW_RSS_IPV4_PORTS_BYTES);
    case VSW_RSS_IPV6_BYTES:
        return vsw_toeplitz_clmul_of(t, input, VSW_RSS_IPV6_BYTES);
    case VSW_RSS_IPV6_PORTS_BYTES:
        return vsw_toeplitz_clmul_of(t, input, VSW_RSS_IPV6_PORTS_BYTES);
    default:
        return vsw_toeplitz_clmul_of(t, input, n_bytes);
    }
}

#endif
