#include "dpdk_hash.h"

#include <rte_thash.h>

#define BURST 64

void
dpdk_gfni(const uint64_t *matrices, const uint8_t *inputs, size_t n_bytes,
          uint32_t *hashes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hashes[i] = rte_thash_gfni(matrices, inputs + i * n_bytes,
                                   (int) n_bytes);
    }
}

void
dpdk_gfni_bulk(const uint64_t *matrices, const uint8_t *inputs,
               size_t n_bytes, uint32_t *hashes, size_t n)
{
    uint8_t *pointers[BURST];

    for (size_t i = 0; i < n; i += BURST) {
        size_t burst = n - i < BURST ? n - i : BURST;

        for (size_t k = 0; k < burst; k++) {
            pointers[k] = (uint8_t *) inputs + (i + k) * n_bytes;
        }
        rte_thash_gfni_bulk(matrices, (int) n_bytes, pointers, hashes + i,
                            (uint32_t) burst);
    }
}

void
dpdk_gfni_prepare(uint64_t *matrices, const uint8_t *key, size_t n_key_bytes)
{
    rte_thash_complete_matrix(matrices, key, (int) n_key_bytes);
}
