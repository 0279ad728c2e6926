/* The Toeplitz hash of many inputs at once by carry-less products.
 *
 * Included once by each file that makes a form of some vector width, with:
 *
 *   WIDE_LANES             128-bit lanes of a vector, one input in each
 *   wide                   the vector type
 *   wide_load_lanes(LANE)  vector of lanes LANE(0), LANE(4), LANE(8), ...
 *   wide_all(x)            vector with the __m128i 'x' in every lane
 *   wide_clmul(x, y, imm)  carry-less product of 64-bit halves, by lane
 *   wide_xor, wide_byte_shuffle, wide_reverse_bits_of_bytes,
 *   wide_unpacklo_epi32, wide_unpackhi_epi32, wide_unpacklo_epi64
 *   wide_store(p, x)       writes all of 'x' to 'p', unaligned
 *
 * toeplitz_impl.h derives the factors.  A group is four vectors, so that its
 * hashes, one dword of each product, fill one vector when it is done.  Lane l
 * of vector v has input 4 * l + v: unpacking then yields them in order. */

#define WIDE_GROUP (4 * WIDE_LANES)

/* The 16 bytes at 'p' are two words in network order of which the first
 * 'n_bytes' belong to the input; this makes them numbers, and the rest 0. */
static inline __m128i
wide_word_order(size_t n_bytes)
{
    const __m128i swap = _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13,
                                       12, 11, 10, 9, 8);
    __m128i last = _mm_set1_epi8((char) (n_bytes - 1));

    /* An index with its high bit set stands for 0. */
    return _mm_or_si128(swap, _mm_cmpgt_epi8(swap, last));
}

/* The 16 bytes at 'p' plus 0, 4, 8, ... strides. */
static inline wide
wide_load(const uint8_t *p, size_t stride_bytes)
{
#define LANE(i)                                                              \
    _mm_loadu_si128((const __m128i *) (const void *) (p + (i) * stride_bytes))
    return wide_load_lanes(LANE);
#undef LANE
}

/* Sums of products: dword 2 of 'a' and dword 0 of 'b' make the hash. */
struct wide_sums {
    wide a;
    wide b;
};

/* Adds the products of the input's 16 bytes from byte 'at' on, if it has
 * them; of fewer, if it ends before. */
static inline __attribute__((always_inline)) void
wide_add(struct wide_sums *sums, const struct vsw_toeplitz_factors *factors,
         const uint8_t *p, size_t stride_bytes, size_t n_bytes, size_t at)
{
    const __m128i *f = (const __m128i *) (const void *) &factors[at / 8];
    size_t n_left = n_bytes - at;
    wide words;

    if (n_bytes <= at) {
        return;
    }
    words = wide_byte_shuffle(
        wide_load(p + at, stride_bytes),
        wide_all(wide_word_order(n_left < 16 ? n_left : 16)));
    sums->a = wide_xor(sums->a,
                       wide_clmul(words, wide_all(f[0]), 0x00));
    if (n_left > 4) {
        sums->b = wide_xor(sums->b,
                           wide_clmul(words, wide_all(f[0]), 0x10));
    }
    if (n_left > 8) {
        sums->a = wide_xor(sums->a,
                           wide_clmul(words, wide_all(f[1]), 0x01));
    }
    if (n_left > 12) {
        sums->b = wide_xor(sums->b,
                           wide_clmul(words, wide_all(f[1]), 0x11));
    }
}

/* The loop is written out, since compilers keep it a loop at -O2. */
static inline __attribute__((always_inline)) struct wide_sums
wide_sum(const struct vsw_toeplitz_factors *factors, const uint8_t *p,
         size_t stride_bytes, size_t n_bytes)
{
    wide zero = wide_all(_mm_setzero_si128());
    struct wide_sums sums = { zero, zero };

    wide_add(&sums, factors, p, stride_bytes, n_bytes, 0);
    wide_add(&sums, factors, p, stride_bytes, n_bytes, 16);
    wide_add(&sums, factors, p, stride_bytes, n_bytes, 32);
    return sums;
}

/* The bit-reversed hashes of four vectors' inputs, in order. */
static inline wide
wide_gather(struct wide_sums s0, struct wide_sums s1, struct wide_sums s2,
            struct wide_sums s3)
{
    wide a = wide_unpacklo_epi64(wide_unpackhi_epi32(s0.a, s1.a),
                                 wide_unpackhi_epi32(s2.a, s3.a));
    wide b = wide_unpacklo_epi64(wide_unpacklo_epi32(s0.b, s1.b),
                                 wide_unpacklo_epi32(s2.b, s3.b));

    return wide_xor(a, b);
}

static inline wide
wide_reverse_dwords(wide x)
{
    const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8,
                                        15, 14, 13, 12);

    return wide_reverse_bits_of_bytes(wide_byte_shuffle(x, wide_all(order)));
}

/* Hashes WIDE_GROUP inputs; reads each in whole 16 bytes. */
static inline __attribute__((always_inline)) void
wide_group(const struct vsw_toeplitz_factors *factors, const uint8_t *inputs,
           size_t stride_bytes, size_t n_bytes, uint32_t *hashes)
{
    const uint8_t *p = inputs;
    const size_t step = stride_bytes;
    struct wide_sums s0 = wide_sum(factors, p, step, n_bytes);
    struct wide_sums s1 = wide_sum(factors, p + step, step, n_bytes);
    struct wide_sums s2 = wide_sum(factors, p + 2 * step, step, n_bytes);
    struct wide_sums s3 = wide_sum(factors, p + 3 * step, step, n_bytes);

    wide_store(hashes, wide_reverse_dwords(wide_gather(s0, s1, s2, s3)));
}

/* The last inputs, fewer than a group or too near the end to be read in
 * whole 16 bytes: hashed from a copy. */
static void
wide_rest(const struct vsw_toeplitz_factors *factors, const uint8_t *inputs,
          size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    uint8_t copies[WIDE_GROUP][VSW_TOEPLITZ_MAX_INPUT_BYTES];
    uint32_t out[WIDE_GROUP];

    memset(copies, 0, sizeof copies);
    for (size_t i = 0; i < n; i++) {
        memcpy(copies[i], inputs + i * stride_bytes, n_bytes);
    }
    wide_group(factors, copies[0], sizeof copies[0], n_bytes, out);
    memcpy(hashes, out, n * sizeof out[0]);
}

/* Input 'i' may be read 'n_over' bytes too far if some input follows. */
static inline __attribute__((always_inline)) void
wide_bulk_of(const struct vsw_toeplitz *t, const uint8_t *inputs,
             size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    size_t n_over = -n_bytes & 15;
    size_t n_near_end = (n_over + stride_bytes - 1) / stride_bytes;

    while (n >= WIDE_GROUP + n_near_end) {
        wide_group(t->factors, inputs, stride_bytes, n_bytes, hashes);
        inputs += WIDE_GROUP * stride_bytes;
        hashes += WIDE_GROUP;
        n -= WIDE_GROUP;
    }
    while (n > 0) {
        size_t burst = n < WIDE_GROUP ? n : WIDE_GROUP;

        wide_rest(t->factors, inputs, stride_bytes, n_bytes, hashes, burst);
        inputs += burst * stride_bytes;
        hashes += burst;
        n -= burst;
    }
}

/* The usual lengths are constants here, so that their loops are unrolled. */
static void
wide_bulk(const struct vsw_toeplitz *t, const uint8_t *inputs,
          size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    switch (n_bytes) {
    case 0:
        memset(hashes, 0, n * sizeof *hashes);
        break;
    case VSW_RSS_IPV4_BYTES:
        wide_bulk_of(t, inputs, stride_bytes, VSW_RSS_IPV4_BYTES, hashes, n);
        break;
    case VSW_RSS_IPV4_PORTS_BYTES:
        wide_bulk_of(t, inputs, stride_bytes, VSW_RSS_IPV4_PORTS_BYTES,
                     hashes, n);
        break;
    case VSW_RSS_IPV6_BYTES:
        wide_bulk_of(t, inputs, stride_bytes, VSW_RSS_IPV6_BYTES, hashes, n);
        break;
    case VSW_RSS_IPV6_PORTS_BYTES:
        wide_bulk_of(t, inputs, stride_bytes, VSW_RSS_IPV6_PORTS_BYTES,
                     hashes, n);
        break;
    default:
        wide_bulk_of(t, inputs, stride_bytes, n_bytes, hashes, n);
    }
}
