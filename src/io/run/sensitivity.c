#include "io/run/sensitivity.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <vswsim/metric.h>
#include <vswsim/stats.h>

#include "io/run/search.h"
#include "io/run/simulate.h"

/* What must not depend on the order of events. */
static const char *const metrics[] = {
    "delivered_pps",
    "loss_ratio",
    "latency_mean_ns",
    "latency_p99_ns",
};

/* How a rerun differs from the run. */
struct variant {
    bool quarter_quantum;
    bool reverse_ties;
};

static const struct variant variants[] = {
    {.quarter_quantum = true},
    {.reverse_ties = true},
};

/* Runs all replications of point 'i' again into 'outcomes'. */
static int
rerun(const struct vsw_experiment_result *result, uint32_t i,
      const struct vsw_trace *trace, const struct variant *variant,
      const volatile int *cancel, struct vsw_outcome **outcomes)
{
    const struct vsw_config *config = &result->plan->points[i].config;

    for (uint32_t r = 0; r < result->n_replications; r++) {
        struct vsw_simulate_how how = {
            .replication = r,
            .check = true,
            .quarter_quantum = variant->quarter_quantum,
            .reverse_ties = variant->reverse_ties,
            .cancel = cancel,
        };
        int error = vsw_search(&outcomes[r], config,
                                 vsw_trace_workload(trace), &how, NULL);

        if (error) {
            return error;
        }
    }
    return 0;
}

static struct vsw_interval
interval_of(struct vsw_outcome *const *outcomes, uint32_t n,
            const char *metric, double *values)
{
    for (uint32_t r = 0; r < n; r++) {
        values[r] = vsw_metric_value(outcomes[r], metric);
    }
    return vsw_stats_interval(values, n, VSW_CONFIDENCE_95);
}

/* Compares one rerun of point 'i' with the run, metric by metric. */
static void
compare(struct vsw_experiment_result *result, uint32_t i,
        struct vsw_outcome *const *again, double *values,
        struct vsw_sensitivity *worst)
{
    uint32_t n = result->n_replications;
    struct vsw_outcome *const *first = &result->outcomes[(size_t) i * n];

    for (size_t m = 0; m < VSW_N_ELEMS(metrics); m++) {
        struct vsw_interval a = interval_of(first, n, metrics[m], values);
        struct vsw_interval b = interval_of(again, n, metrics[m], values);
        double scale = fabs(a.mean);
        double moved;

        if (a.kind == VSW_INTERVAL_NONE || b.kind == VSW_INTERVAL_NONE
            || scale == 0) {
            continue;
        }
        moved = fabs(b.mean - a.mean) / scale;
        if (!worst->metric || moved > worst->moved) {
            worst->metric = metrics[m];
            worst->moved = moved;
            worst->half_width = a.half_width / scale;
        }
    }
}

static int
check_point(struct vsw_experiment_result *result, uint32_t i,
            const struct vsw_trace *trace, const volatile int *cancel,
            struct vsw_sensitivity *worst)
{
    uint32_t n = result->n_replications;
    struct vsw_outcome **again = calloc(n, sizeof *again);
    double *values = calloc(n, sizeof *values);
    int error = again && values ? 0 : -ENOMEM;

    for (size_t v = 0; !error && v < VSW_N_ELEMS(variants); v++) {
        error = rerun(result, i, trace, &variants[v], cancel, again);
        if (!error) {
            compare(result, i, again, values, worst);
        }
        for (uint32_t r = 0; r < n; r++) {
            vsw_outcome_free(again[r]);
            again[r] = NULL;
        }
    }
    free(again);
    free(values);
    return error;
}

int
vsw_sensitivity_fill(struct vsw_experiment_result *result,
                     struct vsw_trace *const *traces,
                     const volatile int *cancel)
{
    uint32_t n_points = result->plan->n_points;

    result->sensitivity = calloc(n_points, sizeof *result->sensitivity);
    if (!result->sensitivity) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_points; i++) {
        struct vsw_sensitivity *worst = &result->sensitivity[i];
        int error = check_point(result, i, traces[i], cancel, worst);

        if (error) {
            return error;
        }
        worst->point = i;
        result->n_sensitivity++;
    }
    return 0;
}
