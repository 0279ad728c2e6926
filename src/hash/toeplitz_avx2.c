/* Toeplitz for CPUs with AVX2 and PCLMULQDQ: one input in a vector. */
#include "hash/toeplitz_impl.h"

#include <immintrin.h>
#include <string.h>

#include "hash/toeplitz_avx2.h"

#define WIDE_LANES 1
typedef __m128i wide;
#define wide_load_lanes(LANE)    LANE(0)
#define wide_all(x)              (x)
#define wide_clmul               _mm_clmulepi64_si128
#define wide_xor                 _mm_xor_si128
#define wide_byte_shuffle        _mm_shuffle_epi8
#define wide_reverse_bits_of_bytes vsw_reverse_bits_of_bytes
#define wide_unpacklo_epi32      _mm_unpacklo_epi32
#define wide_unpackhi_epi32      _mm_unpackhi_epi32
#define wide_unpacklo_epi64      _mm_unpacklo_epi64
#define wide_store(p, x)         _mm_storeu_si128((__m128i *) (void *) (p), x)

#include "hash/toeplitz_wide.h"

const struct vsw_toeplitz_ops vsw_toeplitz_avx2 = {
    .form = VSW_TOEPLITZ_AVX2,
    .hash = vsw_toeplitz_clmul_hash,
    .bulk = wide_bulk,
};
