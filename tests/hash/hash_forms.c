#include "hash/hash_forms.h"

#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

static _Alignas(64) unsigned char memory[ARENA_BYTES];

void
random_bytes(uint64_t *seed, uint8_t *p, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        p[i] = (uint8_t) (*seed >> 24);
    }
}

struct vsw_toeplitz *
random_toeplitz(uint64_t *seed, size_t n_key_bytes)
{
    uint8_t key[VSW_TOEPLITZ_LONG_KEY_BYTES];
    struct vsw_arena arena;
    struct vsw_toeplitz *t;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    random_bytes(seed, key, n_key_bytes);
    t = vsw_toeplitz_new(&arena, key, n_key_bytes, VSW_TOEPLITZ_TABLE);
    assert_non_null(t);
    return t;
}

static void
compare(const struct vsw_toeplitz *t, const struct vsw_toeplitz_ops *ops,
        size_t stride_bytes, size_t n_bytes, size_t n, uint64_t *seed)
{
    size_t size_bytes = (n - 1) * stride_bytes + n_bytes;
    uint8_t *inputs = malloc(size_bytes + 1);
    uint32_t *hashes = malloc(n * sizeof *hashes);

    assert_true(inputs != NULL && hashes != NULL);
    /* Starts at an odd address, and ends where the allocation ends. */
    random_bytes(seed, inputs, size_bytes + 1);
    vsw_toeplitz_bitwise.bulk(t, inputs + 1, stride_bytes, n_bytes, hashes,
                              n);
    if (!vsw_toeplitz_agrees(t, ops, inputs + 1, stride_bytes, n_bytes,
                             hashes, n)) {
        fail_msg("%s: wrong for %zu inputs of %zu bytes, stride %zu",
                 vsw_toeplitz_form_name(ops->form), n, n_bytes,
                 stride_bytes);
    }
    free(inputs);
    free(hashes);
}

void
assert_equals_reference(const struct vsw_toeplitz_ops *ops, uint64_t seed)
{
    static const size_t key_sizes[] = { VSW_TOEPLITZ_KEY_BYTES,
                                        VSW_TOEPLITZ_LONG_KEY_BYTES };
    static const size_t counts[] = { 1, 2, 7, 8, 9, 16, 17, 20, 31, 32 };

    for (size_t k = 0; k < VSW_N_ELEMS(key_sizes); k++) {
        const struct vsw_toeplitz *t = random_toeplitz(&seed, key_sizes[k]);

        for (size_t n_bytes = 1; n_bytes <= t->n_input_bytes; n_bytes++) {
            for (size_t c = 0; c < VSW_N_ELEMS(counts); c++) {
                compare(t, ops, n_bytes, n_bytes, counts[c], &seed);
                compare(t, ops, n_bytes + 1 + c, n_bytes, counts[c], &seed);
            }
        }
    }
}
