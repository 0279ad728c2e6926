/* Chi-square test of observed counts against expected ones.
 *
 * The seeds of the tests are fixed, so each either passes for ever or found
 * something; 'limit' is the quantile 0.999 for one less degree of freedom
 * than there are cells. */
#ifndef VSW_CHI2_H
#define VSW_CHI2_H

#include <stdint.h>

#define CHI2_LIMIT_8_CELLS   24.32
#define CHI2_LIMIT_16_CELLS  37.70

static inline double
chi2(const uint64_t *observed, const double *expected, int n_cells)
{
    double sum = 0;

    for (int i = 0; i < n_cells; i++) {
        double d = (double) observed[i] - expected[i];

        sum += d * d / expected[i];
    }
    return sum;
}

/* The same for cells that are equally likely. */
static inline double
chi2_equal(const uint64_t *observed, int n_cells)
{
    double n = 0, sum = 0;

    for (int i = 0; i < n_cells; i++) {
        n += (double) observed[i];
    }
    for (int i = 0; i < n_cells; i++) {
        double d = (double) observed[i] - n / n_cells;

        sum += d * d / (n / n_cells);
    }
    return sum;
}

#endif
