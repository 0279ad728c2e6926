#include <vswsim/zipf.h>

#include <errno.h>
#include <stdlib.h>

#include "core/fixed.h"

/* -ln((rank + 1)^-s), saturating where the weight is 0 anyway.  What the
 * division drops is below 10^4 units of 2^-58. */
static uint64_t
neg_ln_weight(uint32_t rank, uint32_t skew_milli)
{
    uint64_t inverse = UINT64_MAX / (rank + UINT64_C(1));
    uint64_t ln_milli = rank ? vsw_fixed_neg_ln(inverse) / 1000 : 0;

    if (skew_milli && ln_milli > UINT64_MAX / skew_milli) {
        return UINT64_MAX;
    }
    return ln_milli * skew_milli;
}

/* Fills 'weights' with fractions of 2^63 and returns how many bits each has
 * to lose before the sum of all fits in 64 bits. */
static unsigned int
fill_weights(uint64_t *weights, uint32_t n_ranks, uint32_t skew_milli)
{
    uint64_t low = 0, high = 0;

    for (uint32_t i = 0; i < n_ranks; i++) {
        weights[i] = vsw_fixed_exp_neg(neg_ln_weight(i, skew_milli));
        low += weights[i];
        high += low < weights[i];
    }
    return high ? vsw_msb64(high) + 1 : 0;
}

static void
accumulate(uint64_t *weights, uint32_t n_ranks, unsigned int shift)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n_ranks; i++) {
        sum += weights[i] >> shift;
        weights[i] = sum;
    }
}

int
vsw_zipf_init(struct vsw_zipf *zipf, uint32_t n_ranks, uint32_t skew_milli)
{
    unsigned int shift;

    zipf->n_ranks = 0;
    zipf->cumulative = NULL;
    if (n_ranks == 0 || n_ranks > VSW_ZIPF_MAX_RANKS
        || skew_milli > VSW_ZIPF_MAX_SKEW_MILLI) {
        return -EINVAL;
    }
    zipf->cumulative = malloc(n_ranks * sizeof *zipf->cumulative);
    if (!zipf->cumulative) {
        return -ENOMEM;
    }
    shift = fill_weights(zipf->cumulative, n_ranks, skew_milli);
    accumulate(zipf->cumulative, n_ranks, shift);
    zipf->n_ranks = n_ranks;
    return 0;
}

void
vsw_zipf_fini(struct vsw_zipf *zipf)
{
    free(zipf->cumulative);
    zipf->cumulative = NULL;
    zipf->n_ranks = 0;
}

/* The first rank whose cumulative weight exceeds the draw. */
uint32_t
vsw_zipf_draw(const struct vsw_zipf *zipf, struct vsw_random *r)
{
    uint32_t lo = 0;
    uint32_t hi = zipf->n_ranks - 1;
    uint64_t draw = vsw_random_below(r, zipf->cumulative[hi]);

    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;

        if (draw < zipf->cumulative[middle]) {
            hi = middle;
        } else {
            lo = middle + 1;
        }
    }
    return lo;
}
