#include <vswsim/random.h>

#include <assert.h>

#include <Random123/philox.h>

#include "core/fixed.h"

void
vsw_random_init(struct vsw_random *r, uint64_t seed, uint16_t purpose,
                uint32_t index, uint32_t replication)
{
    *r = (struct vsw_random) {
        .seed = seed,
        .purpose = purpose,
        .index = index,
        .replication = replication,
    };
}

static void
refill(struct vsw_random *r)
{
    philox4x32_key_t key = { { (uint32_t) r->seed,
                               (uint32_t) (r->seed >> 32) } };
    uint32_t high = (uint32_t) (r->block >> 32) & 0xffff;
    philox4x32_ctr_t counter = { { (uint32_t) r->block,
                                   (uint32_t) r->purpose << 16 | high,
                                   r->index, r->replication } };

    counter = philox4x32_R(10, counter, key);
    for (int i = 0; i < 4; i++) {
        r->words[i] = counter.v[i];
    }
    r->block++;
    r->n_left = 4;
}

uint32_t
vsw_random_u32(struct vsw_random *r)
{
    if (r->n_left == 0) {
        refill(r);
    }
    return r->words[4 - r->n_left--];
}

uint64_t
vsw_random_u64(struct vsw_random *r)
{
    uint64_t low = vsw_random_u32(r);

    return (uint64_t) vsw_random_u32(r) << 32 | low;
}

/* Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019:
 * the high half of draw * n, with the 2^64 mod n lowest products refused. */
uint64_t
vsw_random_below(struct vsw_random *r, uint64_t n)
{
    uint64_t draw = vsw_random_u64(r);

    assert(n > 0);
    if (VSW_UNLIKELY(draw * n < n)) {
        uint64_t n_refused = -n % n;

        while (draw * n < n_refused) {
            draw = vsw_random_u64(r);
        }
    }
    return vsw_mul_hi64(draw, n);
}

uint64_t
vsw_random_between(struct vsw_random *r, uint64_t lo, uint64_t hi)
{
    assert(lo <= hi);
    if (hi - lo == UINT64_MAX) {
        return vsw_random_u64(r);
    }
    return lo + vsw_random_below(r, hi - lo + 1);
}

/* Minus the logarithm of one minus a uniform variate, so that it grows with
 * the draw.  The lowest bit is set to stand in the middle of 2^63 cells. */
static uint64_t
unit_exponential(struct vsw_random *r)
{
    return vsw_fixed_neg_ln(~vsw_random_u64(r) | 1);
}

uint64_t
vsw_random_exponential(struct vsw_random *r, uint64_t mean)
{
    uint64_t e = unit_exponential(r);
    uint64_t high = vsw_mul_hi64(e, mean);
    uint64_t low = e * mean;
    uint64_t half = UINT64_C(1) << (VSW_FIXED_LN_BITS - 1);

    high += low > UINT64_MAX - half;
    low += half;
    if (high >> VSW_FIXED_LN_BITS) {
        return UINT64_MAX;
    }
    return high << (64 - VSW_FIXED_LN_BITS) | low >> VSW_FIXED_LN_BITS;
}

/* The number of trials exceeds k with probability (1 - p)^k, which is that of
 * an exponential variate above k * -ln(1 - p). */
uint64_t
vsw_random_geometric(struct vsw_random *r, uint32_t p_q32)
{
    uint64_t step = vsw_fixed_neg_ln(-((uint64_t) p_q32 << 32));

    assert(p_q32 > 0);
    return 1 + unit_exponential(r) / step;
}
