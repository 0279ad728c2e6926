/* Histogram: a distribution of 64-bit values in fixed memory.
 *
 * Log-linear buckets, as in HdrHistogram (Gil Tene): a value below 256 has
 * a bucket of its own; above, each power of two is cut into 128 buckets of
 * equal width.  A quantile is therefore at most 1/128 above the true one and
 * never below it.  The number of values, their sum, the least and the
 * greatest are exact.
 *
 * A histogram is 58 KiB: one for each distribution that is reported, not one
 * for each flow.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_HISTOGRAM_H
#define VSWSIM_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Buckets per power of two, as a power of two. */
#define VSW_HISTOGRAM_BITS 7

#define VSW_HISTOGRAM_N_BUCKETS                                              \
    ((64 - VSW_HISTOGRAM_BITS + 1) << VSW_HISTOGRAM_BITS)

struct vsw_histogram {
    uint64_t n;             /* Values added. */
    uint64_t sum_low;       /* Their sum, of 128 bits. */
    uint64_t sum_high;
    uint64_t min;           /* UINT64_MAX while 'n' is 0. */
    uint64_t max;           /* 0 while 'n' is 0. */
    uint64_t counts[VSW_HISTOGRAM_N_BUCKETS];
};

/* Values from 'low' to 'high', both included, of which 'n' were added. */
struct vsw_histogram_bucket {
    uint64_t low;
    uint64_t high;
    uint64_t n;
};

/* Empties 'h'; also how a warm-up is cut off. */
VSW_API void vsw_histogram_init(struct vsw_histogram *h);

/* Bucket that 'value' falls into. */
static inline uint32_t
vsw_histogram_index(uint64_t value)
{
    uint64_t least = UINT64_C(1) << VSW_HISTOGRAM_BITS;
    unsigned int shift = vsw_msb64(value | least) - VSW_HISTOGRAM_BITS;

    return (shift << VSW_HISTOGRAM_BITS) + (uint32_t) (value >> shift);
}

/* Adds one value. */
static inline void
vsw_histogram_add(struct vsw_histogram *h, uint64_t value)
{
    h->n++;
    h->sum_low += value;
    h->sum_high += h->sum_low < value;
    h->min = value < h->min ? value : h->min;
    h->max = value > h->max ? value : h->max;
    h->counts[vsw_histogram_index(value)]++;
}

/* Adds all values of 'from' to 'h'. */
VSW_API void vsw_histogram_merge(struct vsw_histogram *h,
                                 const struct vsw_histogram *from);

/* Mean of all values; 0 when there is none. */
VSW_API double vsw_histogram_mean(const struct vsw_histogram *h);

/* A value that at least 'rank' of the 'n' values do not exceed, for 'rank' in
 * [1, n]: the true value of that rank, or up to 1/128 more.  Rank 1 gives
 * exactly the least value and rank n the greatest. */
VSW_API uint64_t vsw_histogram_at_rank(const struct vsw_histogram *h,
                                       uint64_t rank);

/* The quantile 'num' / 'den' (in [0, 1], 'den' > 0): the value at rank
 * ceil(n * num / den), or at rank 1 if that is 0; 0 when there is no value.
 * The 99.9th percentile is the quantile 999 / 1000. */
VSW_API uint64_t vsw_histogram_quantile(const struct vsw_histogram *h,
                                        uint32_t num, uint32_t den);

/* Walks the buckets that are not empty, by rising value.  '*cursor' is 0 at
 * first.  Returns false, and leaves 'bucket' alone, after the last one. */
VSW_API bool vsw_histogram_next(const struct vsw_histogram *h,
                                uint32_t *cursor,
                                struct vsw_histogram_bucket *bucket);

VSW_EXTERN_C_END

#endif
