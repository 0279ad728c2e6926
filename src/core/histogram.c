#include <vswsim/histogram.h>

#include <assert.h>
#include <string.h>

#define PER_OCTAVE (UINT64_C(1) << VSW_HISTOGRAM_BITS)

void
vsw_histogram_init(struct vsw_histogram *h)
{
    memset(h, 0, sizeof *h);
    h->min = UINT64_MAX;
}

void
vsw_histogram_merge(struct vsw_histogram *h, const struct vsw_histogram *from)
{
    h->n += from->n;
    h->sum_low += from->sum_low;
    h->sum_high += from->sum_high + (h->sum_low < from->sum_low);
    h->min = from->min < h->min ? from->min : h->min;
    h->max = from->max > h->max ? from->max : h->max;
    for (uint32_t i = 0; i < VSW_HISTOGRAM_N_BUCKETS; i++) {
        h->counts[i] += from->counts[i];
    }
}

double
vsw_histogram_mean(const struct vsw_histogram *h)
{
    double sum = (double) h->sum_high * 0x1p64 + (double) h->sum_low;

    return h->n ? sum / (double) h->n : 0;
}

/* The inverse of vsw_histogram_index(): indices from 256 on repeat the upper
 * half of [0, 256) with twice the width each time. */
static uint64_t
bucket_low(uint32_t index)
{
    uint32_t octave = index >> VSW_HISTOGRAM_BITS;

    if (octave == 0) {
        return index;
    }
    return (PER_OCTAVE + index % PER_OCTAVE) << (octave - 1);
}

static uint64_t
bucket_high(uint32_t index)
{
    uint32_t octave = index >> VSW_HISTOGRAM_BITS;
    uint64_t width = octave ? UINT64_C(1) << (octave - 1) : 1;

    return bucket_low(index) + (width - 1);
}

uint64_t
vsw_histogram_at_rank(const struct vsw_histogram *h, uint64_t rank)
{
    uint32_t i = vsw_histogram_index(h->min);
    uint64_t n_seen = h->counts[i];
    uint64_t high;

    assert(rank >= 1 && rank <= h->n);
    if (rank == 1) {
        return h->min;
    }
    while (n_seen < rank) {
        i++;
        n_seen += h->counts[i];
    }
    high = bucket_high(i);
    return high < h->max ? high : h->max;
}

/* Ceiling of n * num / den, without the product, which may not fit. */
static uint64_t
rank_of(uint64_t n, uint64_t num, uint64_t den)
{
    return n / den * num + (n % den * num + den - 1) / den;
}

uint64_t
vsw_histogram_quantile(const struct vsw_histogram *h, uint32_t num,
                       uint32_t den)
{
    uint64_t rank;

    assert(den > 0 && num <= den);
    if (h->n == 0) {
        return 0;
    }
    rank = rank_of(h->n, num, den);
    return vsw_histogram_at_rank(h, rank ? rank : 1);
}

bool
vsw_histogram_next(const struct vsw_histogram *h, uint32_t *cursor,
                   struct vsw_histogram_bucket *bucket)
{
    for (uint32_t i = *cursor; i < VSW_HISTOGRAM_N_BUCKETS; i++) {
        if (h->counts[i]) {
            bucket->low = bucket_low(i);
            bucket->high = bucket_high(i);
            bucket->n = h->counts[i];
            *cursor = i + 1;
            return true;
        }
    }
    *cursor = VSW_HISTOGRAM_N_BUCKETS;
    return false;
}
