/* The Toeplitz hash of many inputs at once by carry-less products.
 *
 * Included once by each file that makes a form of some vector width, with:
 *
 *   WIDE_LANES             128-bit lanes of a vector, one input in each
 *   wide                   the vector type
 *   wide_set(l)            vector of lanes l[0], l[1], ...
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
    uint8_t order[16];

    for (size_t i = 0; i < 16; i++) {
        size_t from = (i & 8) + 7 - (i & 7);

        order[i] = (uint8_t) (from < n_bytes ? from : 0x80);
    }
    return _mm_loadu_si128((const __m128i *) (const void *) order);
}

static inline wide
wide_load(const uint8_t *p, size_t stride_bytes)
{
    __m128i lanes[WIDE_LANES];

    for (size_t lane = 0; lane < WIDE_LANES; lane++) {
        lanes[lane] = _mm_loadu_si128(
            (const __m128i *) (const void *) (p + 4 * lane * stride_bytes));
    }
    return wide_set(lanes);
}

/* Sums of products: dword 2 of 'a' and dword 0 of 'b' make the hash. */
struct wide_sums {
    wide a;
    wide b;
};

/* Adds the products of the 'n_bytes' (1 to 16) that start in 'p'. */
static inline void
wide_add(struct wide_sums *sums, const struct vsw_toeplitz_factors *factors,
         const uint8_t *p, size_t stride_bytes, size_t n_bytes)
{
    const __m128i *f = (const __m128i *) (const void *) factors;
    wide words = wide_byte_shuffle(wide_load(p, stride_bytes),
                                   wide_all(wide_word_order(n_bytes)));
    wide first = wide_all(_mm_load_si128(&f[0]));
    wide second = wide_all(_mm_load_si128(&f[1]));

    sums->a = wide_xor(sums->a, wide_clmul(words, first, 0x00));
    if (n_bytes > 4) {
        sums->b = wide_xor(sums->b, wide_clmul(words, first, 0x10));
    }
    if (n_bytes > 8) {
        sums->a = wide_xor(sums->a, wide_clmul(words, second, 0x01));
    }
    if (n_bytes > 12) {
        sums->b = wide_xor(sums->b, wide_clmul(words, second, 0x11));
    }
}

/* The bit-reversed hashes of four vectors' inputs, in order. */
static inline wide
wide_gather(const struct wide_sums s[4])
{
    wide a = wide_unpacklo_epi64(wide_unpackhi_epi32(s[0].a, s[1].a),
                                 wide_unpackhi_epi32(s[2].a, s[3].a));
    wide b = wide_unpacklo_epi64(wide_unpacklo_epi32(s[0].b, s[1].b),
                                 wide_unpacklo_epi32(s[2].b, s[3].b));

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
    struct wide_sums sums[4];

    for (size_t v = 0; v < 4; v++) {
        const uint8_t *p = inputs + v * stride_bytes;

        sums[v].a = sums[v].b = wide_all(_mm_setzero_si128());
        for (size_t at = 0; at < n_bytes; at += 16) {
            wide_add(&sums[v], &factors[at / 8], p + at, stride_bytes,
                     n_bytes - at < 16 ? n_bytes - at : 16);
        }
    }
    wide_store(hashes, wide_reverse_dwords(wide_gather(sums)));
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
