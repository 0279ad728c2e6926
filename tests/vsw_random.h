/* Small random generator for property tests (splitmix64).
 *
 * The seed comes from VSW_TEST_SEED, or is fixed, and each test prints it, so
 * that a failure can be run again. */
#ifndef VSW_RANDOM_H
#define VSW_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct rnd {
    uint64_t state;
};

static inline uint64_t
rnd_next(struct rnd *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A number from 0 to 'n' - 1. */
static inline uint32_t
rnd_below(struct rnd *r, uint32_t n)
{
    return (uint32_t) (((rnd_next(r) >> 32) * n) >> 32);
}

static inline struct rnd
rnd_from_environment(const char *test, uint64_t otherwise)
{
    const char *text = getenv("VSW_TEST_SEED");
    struct rnd r = {text ? strtoull(text, NULL, 0) : otherwise};

    printf("%s: VSW_TEST_SEED=%llu\n", test, (unsigned long long) r.state);
    return r;
}

#endif
