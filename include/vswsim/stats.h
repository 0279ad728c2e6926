/* Statistics over replications: means and their confidence intervals; and what
 * can be said of one replication.
 *
 * One value per replication goes in, in order of replication; the result has
 * the same bits on every machine, since sums are plain loops in that order
 * and nothing but + - * / and the square root is used, all of which IEEE 754
 * rounds correctly (in a build without x87 or -ffast-math).
 *
 * Replications are independent, so Student's t applies as far as their values
 * are roughly normal, as means over many packets are.  Values within one
 * replication are not independent: do not pass those, except to
 * vsw_stats_batches(), which sees to that.
 *
 * Thread-safety: pure functions. */
#ifndef VSWSIM_STATS_H
#define VSWSIM_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_confidence {
    VSW_CONFIDENCE_90,
    VSW_CONFIDENCE_95,
    VSW_CONFIDENCE_99,
};

/* How far 'half_width' of an interval can be read. */
enum vsw_interval_kind {
    VSW_INTERVAL_NONE,          /* No value, or one that is not finite, as
                                   that of a metric that a replication lacks.
                                   Mean and width are 0 and mean nothing. */
    VSW_INTERVAL_SINGLE,        /* One value: its error is unknown. */
    VSW_INTERVAL_DETERMINISTIC, /* All values equal: the run has nothing
                                   random that reaches this metric.  The width
                                   of 0 says nothing about how right it is. */
    VSW_INTERVAL_STUDENT,       /* mean +- half_width. */
    VSW_INTERVAL_BATCHES,       /* The same, from batches of one value. */
};

struct vsw_interval {
    double mean;
    double half_width;              /* 0 unless STUDENT or BATCHES. */
    uint32_t n;                     /* Values, or batches. */
    enum vsw_interval_kind kind;
};

/* Name of 'kind' for results: "none", "single", "deterministic", "student",
 * "batches". */
VSW_API const char *vsw_interval_kind_name(enum vsw_interval_kind kind);

/* Mean of the 'n' finite values at 'x'; 0 for none. */
VSW_API double vsw_stats_mean(const double *x, uint32_t n);

/* Sample variance (divisor n - 1); 0 for fewer than two values. */
VSW_API double vsw_stats_variance(const double *x, uint32_t n);

/* Student's t that a two-sided interval needs with 'dof' >= 1 degrees of
 * freedom.  Tabulated to 10^-6 for 1 to 30, 40, 60, 120 and infinity; between
 * these, linear in 1 / dof and wrong by less than 10^-3. */
VSW_API double vsw_stats_student(enum vsw_confidence level, uint32_t dof);

/* Confidence interval for the mean of which the 'n' values at 'x' are
 * samples. */
VSW_API struct vsw_interval vsw_stats_interval(const double *x, uint32_t n,
                                               enum vsw_confidence level);

/* The same for the mean of a[i] - b[i]: two designs that met the same streams
 * in replication i.  What both have in common cancels, so this tells designs
 * apart whose own intervals overlap. */
VSW_API struct vsw_interval vsw_stats_paired(const double *a, const double *b,
                                             uint32_t n,
                                             enum vsw_confidence level);

/* --- One replication ----------------------------------------------------- */

/* Confidence interval for the steady state's sum(sums) / sum(weights), from
 * the 'n' consecutive parts of one long run: non-overlapping batch means.  Of
 * a rate, 'sums' are counts and 'weights' are NULL, for 1 each; of a mean over
 * packets, 'weights' are the packets of each part.
 *
 * The parts are grouped into 32 batches.  If neighbours look correlated by von
 * Neumann's ratio (Fishman, "Grouping observations in digital simulation",
 * Management Science 24, 1978), half as many batches, twice as long, are
 * tried, down to 8.  Student's t then applies to the batches, whose number is
 * the interval's 'n'; a correlation r > 0 that is left widens the interval by
 * sqrt((1 + r) / (1 - r)), as for an autoregressive series (Steiger et al.,
 * "ASAP3: a batch means procedure for steady-state simulation analysis", ACM
 * TOMACS 15, 2005).
 *
 * SINGLE, with a width of 0, if even 8 batches are clearly correlated (the run
 * is too short for an interval), if all are equal, if one has no weight, or if
 * there are fewer than 8 parts. */
VSW_API struct vsw_interval vsw_stats_batches(const double *sums,
                                              const double *weights,
                                              uint32_t n,
                                              enum vsw_confidence level);

/* --- Warm-up ------------------------------------------------------------ */

/* Values that are averaged before MSER looks at them, and groups of these at
 * most. */
#define VSW_MSER_BATCH 5
#define VSW_MSER_MAX_GROUPS 200

struct vsw_mser {
    uint32_t n_cut;             /* Values before which the series is still on
                                 * its way to its steady state. */
    bool settled;               /* False: the cut is at the middle, or there
                                 * are too few values to tell. */
};

/* MSER-5 (White, Cobb and Spratt, "A comparison of five steady-state
 * truncation heuristics for simulation", WSC 2000): the cut, in the first
 * half of the series of 'n' values at 'x', that leaves the least mean squared
 * error of the mean, over groups of five values. */
VSW_API struct vsw_mser vsw_stats_mser5(const double *x, uint32_t n);

VSW_EXTERN_C_END

#endif
