/* Toeplitz for CPUs with AVX-512, VPCLMULQDQ and GFNI: four inputs in a
 * vector.  A test compiles this file with its instructions emulated. */
#include "hash/toeplitz_impl.h"

#ifndef VSW_EMULATED_SIMD
#include <immintrin.h>
#endif
#include <string.h>

#include "hash/toeplitz_avx2.h"

#define WIDE_LANES 4
typedef __m512i wide;
#define wide_load_lanes(LANE)                                                \
    _mm512_inserti64x4(                                                      \
        _mm512_castsi256_si512(_mm256_set_m128i(LANE(4), LANE(0))),          \
        _mm256_set_m128i(LANE(12), LANE(8)), 1)
#define wide_all(x)              _mm512_broadcast_i32x4(x)
#define wide_clmul               _mm512_clmulepi64_epi128
#define wide_xor                 _mm512_xor_si512
#define wide_byte_shuffle        _mm512_shuffle_epi8
#define wide_unpacklo_epi32      _mm512_unpacklo_epi32
#define wide_unpackhi_epi32      _mm512_unpackhi_epi32
#define wide_unpacklo_epi64      _mm512_unpacklo_epi64
#define wide_store(p, x)         _mm512_storeu_si512((void *) (p), x)

/* The matrix whose row i has bit i of a byte's other end. */
static inline wide
wide_reverse_bits_of_bytes(wide x)
{
    const wide matrix = _mm512_set1_epi64((long long) 0x8040201008040201u);

    return _mm512_gf2p8affine_epi64_epi8(x, matrix, 0);
}

#include "hash/toeplitz_wide.h"

const struct vsw_toeplitz_ops vsw_toeplitz_avx512 = {
    .form = VSW_TOEPLITZ_AVX512,
    .hash = vsw_toeplitz_clmul_hash,
    .bulk = wide_bulk,
};
