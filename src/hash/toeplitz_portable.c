#include "hash/toeplitz_impl.h"

/* The 32 key bits from bit 'i' on. */
static uint32_t
key_window(const uint8_t *key, size_t i)
{
    uint64_t bits = 0;

    for (size_t k = 0; k < 5; k++) {
        bits = bits << 8 | key[i / 8 + k];
    }
    return (uint32_t) (bits >> (8 - i % 8));
}

static uint32_t
bitwise_hash(const struct vsw_toeplitz *t, const uint8_t *input,
             size_t n_bytes)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < 8 * n_bytes; i++) {
        if (input[i / 8] >> (7 - i % 8) & 1) {
            hash ^= key_window(t->key, i);
        }
    }
    return hash;
}

static void
bitwise_bulk(const struct vsw_toeplitz *t, const uint8_t *inputs,
             size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hashes[i] = bitwise_hash(t, inputs + i * stride_bytes, n_bytes);
    }
}

const struct vsw_toeplitz_ops vsw_toeplitz_bitwise = {
    .form = VSW_TOEPLITZ_BITWISE,
    .hash = bitwise_hash,
    .bulk = bitwise_bulk,
};

/* Four rows at a time, as two sums that do not wait for each other. */
static inline uint32_t
sum_rows(const struct vsw_toeplitz *t, const uint8_t *input, size_t n_bytes)
{
    const uint32_t (*row)[256] = t->table;
    uint32_t even = 0;
    uint32_t odd = 0;
    size_t i = 0;

    for (; n_bytes - i >= 4; i += 4) {
        even ^= row[i][input[i]] ^ row[i + 2][input[i + 2]];
        odd ^= row[i + 1][input[i + 1]] ^ row[i + 3][input[i + 3]];
    }
    for (; i < n_bytes; i++) {
        even ^= row[i][input[i]];
    }
    return even ^ odd;
}

/* The usual lengths are constants here, so that their loops are unrolled. */
static inline uint32_t
table_hash(const struct vsw_toeplitz *t, const uint8_t *input,
           size_t n_bytes)
{
    switch (n_bytes) {
    case VSW_RSS_IPV4_BYTES:
        return sum_rows(t, input, VSW_RSS_IPV4_BYTES);
    case VSW_RSS_IPV4_PORTS_BYTES:
        return sum_rows(t, input, VSW_RSS_IPV4_PORTS_BYTES);
    case VSW_RSS_IPV6_BYTES:
        return sum_rows(t, input, VSW_RSS_IPV6_BYTES);
    case VSW_RSS_IPV6_PORTS_BYTES:
        return sum_rows(t, input, VSW_RSS_IPV6_PORTS_BYTES);
    default:
        return sum_rows(t, input, n_bytes);
    }
}

static void
table_bulk(const struct vsw_toeplitz *t, const uint8_t *inputs,
           size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hashes[i] = table_hash(t, inputs + i * stride_bytes, n_bytes);
    }
}

const struct vsw_toeplitz_ops vsw_toeplitz_table = {
    .form = VSW_TOEPLITZ_TABLE,
    .hash = table_hash,
    .bulk = table_bulk,
};
