#include "hash/cpu.h"
#include "hash/toeplitz_impl.h"

#include <assert.h>
#include <string.h>

const uint8_t vsw_toeplitz_default_key[VSW_TOEPLITZ_KEY_BYTES] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void
fill_table(struct vsw_toeplitz *t)
{
    for (uint32_t i = 0; i < t->n_input_bytes; i++) {
        uint8_t input[VSW_TOEPLITZ_MAX_INPUT_BYTES] = { 0 };
        uint32_t *row = t->table[i];

        for (unsigned value = 1; value < 256; value++) {
            unsigned rest = value & (value - 1);

            input[i] = (uint8_t) (value ^ rest);
            row[value] = rest ? row[rest] ^ row[value ^ rest]
                         : vsw_toeplitz_bitwise.hash(t, input, i + 1);
        }
    }
}

static uint64_t
key_bit(const struct vsw_toeplitz *t, size_t i)
{
    /* A word that sticks out of the input meets bits after the key, which
     * only ever multiply zeros. */
    if (i / 8 >= t->n_key_bytes) {
        return 0;
    }
    return t->key[i / 8] >> (7 - i % 8) & 1;
}

static void
fill_factors(struct vsw_toeplitz *t)
{
    for (size_t word = 0; word < VSW_TOEPLITZ_MAX_WORDS; word++) {
        struct vsw_toeplitz_factors *f = &t->factors[word];

        for (unsigned i = 0; i < 63; i++) {
            f->a |= key_bit(t, 64 * word + i) << (i + 1);
        }
        for (unsigned i = 0; i < 32; i++) {
            f->b |= key_bit(t, 64 * word + 63 + i) << i;
        }
    }
}

struct vsw_toeplitz *
vsw_toeplitz_new(struct vsw_arena *arena, const uint8_t *key,
                 size_t n_key_bytes, enum vsw_toeplitz_form form)
{
    unsigned features = vsw_cpu_features();
    const struct vsw_toeplitz_ops *ops = vsw_toeplitz_ops_of(form, features);
    size_t n_rows = n_key_bytes - 4;
    struct vsw_toeplitz *t;

    if (!ops || (n_key_bytes != VSW_TOEPLITZ_KEY_BYTES
                 && n_key_bytes != VSW_TOEPLITZ_LONG_KEY_BYTES)) {
        return NULL;
    }
    t = vsw_arena_alloc(arena, sizeof *t + n_rows * sizeof t->table[0],
                        VSW_LINE_BYTES);
    if (t) {
        t->ops = ops;
        t->cpu_features = features;
        t->n_key_bytes = (uint32_t) n_key_bytes;
        t->n_input_bytes = (uint32_t) n_rows;
        memcpy(t->key, key, n_key_bytes);
        fill_table(t);
        fill_factors(t);
    }
    return t;
}

enum vsw_toeplitz_form
vsw_toeplitz_form(const struct vsw_toeplitz *t)
{
    return t->ops->form;
}

/* Declares what the table-driven form uses for one input. */
static void
touch_rows(const struct vsw_toeplitz *t, const uint8_t *input,
           size_t n_bytes, struct vsw_memobs *obs)
{
    for (size_t i = 0; i < n_bytes; i++) {
        vsw_touch(obs, &t->table[i][input[i]], sizeof t->table[i][0],
                  VSW_MEM_READ);
    }
}

static void
touch_head(const struct vsw_toeplitz *t, struct vsw_memobs *obs)
{
    vsw_touch(obs, t, offsetof(struct vsw_toeplitz, key), VSW_MEM_READ);
}

uint32_t
vsw_toeplitz_hash(const struct vsw_toeplitz *t, const void *input,
                  size_t n_bytes, struct vsw_memobs *obs)
{
    assert(n_bytes <= t->n_input_bytes);
    if (VSW_UNLIKELY(obs != NULL)) {
        touch_head(t, obs);
        touch_rows(t, input, n_bytes, obs);
    }
    return t->ops->hash(t, input, n_bytes);
}

void
vsw_toeplitz_hash_bulk(const struct vsw_toeplitz *t, const void *inputs,
                       size_t stride_bytes, size_t n_bytes, uint32_t *hashes,
                       size_t n, struct vsw_memobs *obs)
{
    assert(n_bytes <= t->n_input_bytes && n_bytes <= stride_bytes);
    if (VSW_UNLIKELY(obs != NULL)) {
        touch_head(t, obs);
        for (size_t i = 0; i < n; i++) {
            touch_rows(t, (const uint8_t *) inputs + i * stride_bytes,
                       n_bytes, obs);
        }
    }
    t->ops->bulk(t, inputs, stride_bytes, n_bytes, hashes, n);
}

uint32_t
vsw_toeplitz_update(const struct vsw_toeplitz *t, uint32_t hash,
                    size_t offset_bytes, const void *before,
                    const void *after, size_t n_bytes,
                    struct vsw_memobs *obs)
{
    const uint8_t *old = before;
    const uint8_t *new = after;

    assert(offset_bytes + n_bytes <= VSW_TOEPLITZ_MAX_INPUT_BYTES);
    for (size_t i = 0; i < n_bytes; i++) {
        const uint32_t *row = t->table[offset_bytes + i];
        const uint32_t *change = &row[old[i] ^ new[i]];

        vsw_touch(obs, change, sizeof *change, VSW_MEM_READ);
        hash ^= *change;
    }
    return hash;
}

void
vsw_toeplitz_symmetric_key(uint8_t *key, size_t n_key_bytes)
{
    for (size_t i = 0; i < n_key_bytes; i++) {
        key[i] = i % 2 == 0 ? 0x6d : 0x5a;
    }
}
