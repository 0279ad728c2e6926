/* Toeplitz for CPUs with AVX2 and VPCLMULQDQ: two inputs in a vector. */
#include "hash/toeplitz_impl.h"

#include <immintrin.h>
#include <string.h>

#include "hash/toeplitz_avx2.h"

#define WIDE_LANES 2
typedef __m256i wide;
#define wide_load_lanes(LANE)    _mm256_set_m128i(LANE(4), LANE(0))
#define wide_all(x)              _mm256_broadcastsi128_si256(x)
#define wide_clmul               _mm256_clmulepi64_epi128
#define wide_xor                 _mm256_xor_si256
#define wide_byte_shuffle        _mm256_shuffle_epi8
#define wide_unpacklo_epi32      _mm256_unpacklo_epi32
#define wide_unpackhi_epi32      _mm256_unpackhi_epi32
#define wide_unpacklo_epi64      _mm256_unpacklo_epi64
#define wide_store(p, x)                                                     \
    _mm256_storeu_si256((__m256i *) (void *) (p), x)

/* By table look-ups of nibbles. */
static inline wide
wide_reverse_bits_of_bytes(wide x)
{
    const wide mask = _mm256_set1_epi8(0x0f);
    wide low_nibbles = _mm256_and_si256(x, mask);
    wide high_nibbles = _mm256_and_si256(_mm256_srli_epi16(x, 4), mask);
    wide table = wide_all(vsw_reversed_nibbles());

    return _mm256_or_si256(
        _mm256_slli_epi16(_mm256_shuffle_epi8(table, low_nibbles), 4),
        _mm256_shuffle_epi8(table, high_nibbles));
}

#include "hash/toeplitz_wide.h"

const struct vsw_toeplitz_ops vsw_toeplitz_vpclmul = {
    .form = VSW_TOEPLITZ_VPCLMUL,
    .hash = vsw_toeplitz_clmul_hash,
    .bulk = wide_bulk,
};
