/* Uncertainty: how far costs that nobody measured could move a result.
 *
 * A machine gives each cost a value and the range that its source allows.  A
 * Latin hypercube draws the costs that were not measured from their ranges:
 * with n samples, each cost takes each n-th of its range once, in an order of
 * its own.  Costs of the same name on several stacks are drawn together.
 * Every sample meets the random streams of the first replication, so what
 * moves is due to the costs alone.
 *
 * A band is no confidence interval.  Ranges say what sources allow, not how
 * likely each value is, and costs are drawn independently.
 *
 * Thread-safety: read-only once made. */
#ifndef VSWSIM_UNCERTAINTY_H
#define VSWSIM_UNCERTAINTY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/experiment.h>

VSW_EXTERN_C_BEGIN

/* Costs told for each design. */
#define VSW_UNCERTAINTY_TOP 5

/* A point and the band of its metric. */
struct vsw_uncertainty_point {
    double value;               /* With the machine's values: the mean over
                                 * the replications of the run ... */
    double half_width;          /* ... and its interval. */
    double low;                 /* 5th and ... */
    double median;
    double high;                /* ... 95th percentile of the samples; least
                                 * and greatest of fewer than 20. */
};

struct vsw_uncertainty_cost {
    const char *cost;
    double correlation;         /* Spearman's, with the metric: its mean over
                                 * the design's points. */
};

struct vsw_uncertainty {
    const struct vsw_plan *plan;    /* Borrowed. */
    const char *metric;
    uint32_t n_samples;
    uint32_t n_costs;           /* That were varied. */
    struct vsw_uncertainty_point *points;   /* As in the plan. */
    struct vsw_uncertainty_cost (*top)[VSW_UNCERTAINTY_TOP];
                                /* Per design, strongest first, if it is more
                                 * than chance; a NULL name ends it early. */
    uint32_t *winners;          /* Per combination of axis values: the best
                                 * design with the machine's values. */
    double *flips;              /* Per combination of axis values: part of the
                                 * samples with another winner. */
};

/* Runs one plan; vsw_experiment_run() does. */
typedef int (*vsw_uncertainty_run_fn)(struct vsw_experiment_result **result,
                                      const struct vsw_plan *plan,
                                      const struct vsw_run_options *options,
                                      struct vsw_error *err);

/* Runs every point of 'nominal' 'n_samples' (>= 2) times with other costs.
 * The metric is that of the plan's first plot that ranks designs, or
 * "delivered_pps".  Returns 0 and something to free, or a negative errno value
 * with 'err' filled. */
VSW_API int vsw_uncertainty_new(struct vsw_uncertainty **uncertainty,
                                const struct vsw_experiment_result *nominal,
                                uint32_t n_samples,
                                vsw_uncertainty_run_fn run,
                                const struct vsw_run_options *options,
                                struct vsw_error *err);

VSW_API void vsw_uncertainty_free(struct vsw_uncertainty *uncertainty);

/* Prints the band beside the interval of each point, the costs that matter
 * most to each design, and how often the ranking flips. */
VSW_API void vsw_uncertainty_print(const struct vsw_uncertainty *uncertainty,
                                   FILE *out);

VSW_EXTERN_C_END

#endif
