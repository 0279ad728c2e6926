/* DPDK's Toeplitz, for comparison. */
#ifndef BENCH_DPDK_HASH_H
#define BENCH_DPDK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hashes of 'n' inputs of 'n_bytes', a multiple of 4, lying side by side. */
void dpdk_softrss(const uint8_t *key, const uint8_t *inputs, size_t n_bytes,
                  uint32_t *hashes, size_t n);

/* The same by GFNI; 'matrices' is from dpdk_gfni_prepare(). */
void dpdk_gfni(const uint64_t *matrices, const uint8_t *inputs,
               size_t n_bytes, uint32_t *hashes, size_t n);
void dpdk_gfni_bulk(const uint64_t *matrices, const uint8_t *inputs,
                    size_t n_bytes, uint32_t *hashes, size_t n);

/* Fills 'matrices', one for each byte of the key. */
void dpdk_gfni_prepare(uint64_t *matrices, const uint8_t *key,
                       size_t n_key_bytes);

#endif
