#include <vswsim/stats.h>

#include <math.h>
#include <stddef.h>

/* Batches to begin with, and the fewest that may be left. */
#define MOST_BATCHES 32
#define FEWEST_BATCHES 8

/* Normal deviates of neighbours' correlation: beyond the first, which a third
 * of uncorrelated series exceed, longer batches are tried; beyond the second,
 * one in twenty, the last batches are refused.  To refuse more would do harm,
 * since the series that pass by chance are those whose spread is too small. */
#define DOUBTFUL 0.4307
#define HOPELESS 1.6449

/* Sums of 'n' batches at 'y'; the first parts that do not fill one are left
 * out, as they are the nearest to the warm-up. */
static void
group(double *y, uint32_t n, const double *sums, const double *weights,
      uint32_t n_parts)
{
    uint32_t size = n_parts / n, from = n_parts - n * size;

    for (uint32_t i = 0; i < n; i++) {
        double sum = 0, weight = 0;

        for (uint32_t k = 0; k < size; k++) {
            sum += sums[from + i * size + k];
            weight += weights ? weights[from + i * size + k] : 1;
        }
        y[i] = weight > 0 ? sum / weight : (double) NAN;
    }
}

/* Correlation of neighbours, from von Neumann's ratio of their differences to
 * the deviations from the mean. */
static double
correlation_of(const double *y, uint32_t n)
{
    double mean = vsw_stats_mean(y, n), square = 0, successive = 0;

    for (uint32_t i = 0; i < n; i++) {
        square += (y[i] - mean) * (y[i] - mean);
        if (i > 0) {
            successive += (y[i] - y[i - 1]) * (y[i] - y[i - 1]);
        }
    }
    return 1 - successive / (2 * square);
}

/* Whether 'n' batches of correlation 'r' are to be used. */
static bool
are_long_enough(uint32_t n, double r)
{
    double deviation = sqrt((n - 2.0) / ((double) n * n - 1));

    return r <= deviation * (n > FEWEST_BATCHES ? DOUBTFUL : HOPELESS);
}

/* What is left of correlation widens the interval as it would for an
 * autoregressive series of first order. */
static struct vsw_interval
widen(struct vsw_interval i, double r)
{
    if (r > 0) {
        i.half_width *= sqrt((1 + r) / (1 - r));
    }
    i.kind = VSW_INTERVAL_BATCHES;
    return i;
}

struct vsw_interval
vsw_stats_batches(const double *sums, const double *weights, uint32_t n,
                  enum vsw_confidence level)
{
    uint32_t n_batches = MOST_BATCHES;
    double y[MOST_BATCHES];

    for (; n_batches >= FEWEST_BATCHES; n_batches /= 2) {
        struct vsw_interval i;
        double r;

        if (n < n_batches) {
            continue;
        }
        group(y, n_batches, sums, weights, n);
        i = vsw_stats_interval(y, n_batches, level);
        if (i.kind != VSW_INTERVAL_STUDENT) {
            continue;           /* Fewer may have something each. */
        }
        r = correlation_of(y, n_batches);
        if (are_long_enough(n_batches, r)) {
            return widen(i, r);
        }
    }
    return (struct vsw_interval) {.n = 1, .kind = VSW_INTERVAL_SINGLE};
}
