/* What the forms of the Toeplitz hash share. */
#ifndef VSW_HASH_TOEPLITZ_IMPL_H
#define VSW_HASH_TOEPLITZ_IMPL_H

#include <vswsim/toeplitz.h>

/* The key bits that one 8-byte word of the input meets, as two factors for a
 * carry-less product.
 *
 * With the word in network order as a polynomial q (its first bit is bit 63)
 * and K the 95 key bits from the word's position on, K_0 first, bit r of the
 * bit-reversed hash is the sum of q_i * K_(63+r-i): bit 63+r of q * K.  'a'
 * holds K_0 to K_62 in bits 1 to 63, so that its share is in bits 64 to 95
 * of q * a; 'b' holds K_63 to K_94 in bits 0 to 31, so that its share is in
 * bits 0 to 31 of q * b.  A word whose last 32 bits are 0 needs no 'b'. */
struct vsw_toeplitz_factors {
    uint64_t a;
    uint64_t b;
};

#define VSW_TOEPLITZ_MAX_WORDS (VSW_TOEPLITZ_MAX_INPUT_BYTES / 8)

struct vsw_toeplitz_ops {
    enum vsw_toeplitz_form form;
    uint32_t (*hash)(const struct vsw_toeplitz *t, const uint8_t *input,
                     size_t n_bytes);
    void (*bulk)(const struct vsw_toeplitz *t, const uint8_t *inputs,
                 size_t stride_bytes, size_t n_bytes, uint32_t *hashes,
                 size_t n);
};

struct vsw_toeplitz {
    const struct vsw_toeplitz_ops *ops;
    uint32_t n_key_bytes;
    uint32_t cpu_features;          /* Set of vsw_cpu_feature. */
    uint32_t n_input_bytes;         /* Rows of 'table'. */
    uint8_t key[VSW_TOEPLITZ_LONG_KEY_BYTES];
    _Alignas(16) struct vsw_toeplitz_factors
        factors[VSW_TOEPLITZ_MAX_WORDS];

    /* Hash of each value of each input byte, all other bytes 0. */
    _Alignas(VSW_LINE_BYTES) uint32_t table[][256];
};

extern const struct vsw_toeplitz_ops vsw_toeplitz_bitwise;
extern const struct vsw_toeplitz_ops vsw_toeplitz_table;
extern const struct vsw_toeplitz_ops vsw_toeplitz_avx2;
extern const struct vsw_toeplitz_ops vsw_toeplitz_vpclmul;
extern const struct vsw_toeplitz_ops vsw_toeplitz_avx512;
extern const struct vsw_toeplitz_ops vsw_toeplitz_autovalidate;

/* The operations of 'form' if this build and a CPU with 'features' have
 * them, else NULL. */
const struct vsw_toeplitz_ops *
vsw_toeplitz_ops_of(enum vsw_toeplitz_form form, unsigned features);

/* Whether 'ops' gives for 'n' inputs the reference's hashes, written to
 * 'hashes', both singly and in bulk. */
bool vsw_toeplitz_agrees(const struct vsw_toeplitz *t,
                         const struct vsw_toeplitz_ops *ops,
                         const uint8_t *inputs, size_t stride_bytes,
                         size_t n_bytes, const uint32_t *hashes, size_t n);

#endif
