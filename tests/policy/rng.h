/* Random numbers for tests: the seed is printed, and VSW_TEST_SEED in the
 * environment replaces it. */
#ifndef TESTS_POLICY_RNG_H
#define TESTS_POLICY_RNG_H

#include <stdint.h>
#include <stdlib.h>

#include "vsw_test.h"

static inline uint64_t
rng_seed(uint64_t seed)
{
    const char *text = getenv("VSW_TEST_SEED");

    if (text) {
        seed = strtoull(text, NULL, 0) | 1;
    }
    print_message("VSW_TEST_SEED=%llu\n", (unsigned long long) seed);
    return seed;
}

/* Uniform enough below 'n' (> 0); xorshift64. */
static inline uint32_t
rng_below(uint64_t *state, uint32_t n)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t) (*state >> 32) % n;
}

#endif
