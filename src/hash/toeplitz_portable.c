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
sum_quads(const struct vsw_toeplitz *t, const uint8_t *input, size_t n_quads)
{
    const uint32_t (*row)[256] = t->table;
    uint32_t even = 0;
    uint32_t odd = 0;

    for (size_t quad = 0; quad < n_quads; quad++) {
        even ^= row[0][input[0]] ^ row[2][input[2]];
        odd ^= row[1][input[1]] ^ row[3][input[3]];
        input += 4;
        row += 4;
    }
    return even ^ odd;
}

static uint32_t
sum_rows(const struct vsw_toeplitz *t, const uint8_t *input, size_t n_bytes)
{
    uint32_t hash = sum_quads(t, input, n_bytes / 4);

    for (size_t i = n_bytes - n_bytes % 4; i < n_bytes; i++) {
        hash ^= t->table[i][input[i]];
    }
    return hash;
}

/* The usual lengths are constants here, so that their loops are unrolled. */
static inline uint32_t
table_hash(const struct vsw_toeplitz *t, const uint8_t *input,
           size_t n_bytes)
{
    switch (n_bytes) {
    case VSW_RSS_IPV4_BYTES:
        return sum_quads(t, input, VSW_RSS_IPV4_BYTES / 4);
    case VSW_RSS_IPV4_PORTS_BYTES:
        return sum_quads(t, input, VSW_RSS_IPV4_PORTS_BYTES / 4);
    case VSW_RSS_IPV6_BYTES:
        return sum_quads(t, input, VSW_RSS_IPV6_BYTES / 4);
    case VSW_RSS_IPV6_PORTS_BYTES:
        return sum_quads(t, input, VSW_RSS_IPV6_PORTS_BYTES / 4);
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
