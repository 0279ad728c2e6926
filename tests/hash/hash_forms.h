/* Random inputs and a comparison with the reference, for the hash tests. */
#ifndef TESTS_HASH_FORMS_H
#define TESTS_HASH_FORMS_H

#include "hash/toeplitz_impl.h"

#define ARENA_BYTES 65536

/* Fills 'p' from a xorshift generator whose state is 'seed'. */
void random_bytes(uint64_t *seed, uint8_t *p, size_t n_bytes);

/* A hash with random key, in memory that the next call uses again. */
struct vsw_toeplitz *random_toeplitz(uint64_t *seed, size_t n_key_bytes);

/* Fails unless 'ops' equals the reference for inputs of all lengths, counts
 * of up to three groups, several strides, whose last byte is the last of its
 * allocation, so that a sanitizer sees a read beyond it. */
void assert_equals_reference(const struct vsw_toeplitz_ops *ops,
                             uint64_t seed);

#endif
