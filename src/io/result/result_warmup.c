/* Was the warm-up long enough? */
#include "io/result/result_build.h"

#include <math.h>
#include <stdlib.h>

#include <vswsim/stats.h>

/* A steady state missed by less than this, relatively, is no matter. */
#define SLIGHT 0.01

#define PS_PER_US 1e6

/* Parts that MSER can say anything of. */
#define FEWEST_PARTS (4 * VSW_MSER_BATCH)

/* Deliveries in each part that all replications have; NULL if these are too
 * few, or not recorded. */
static double *
sum_series(const struct vsw_outcome *const *outcomes, uint32_t n,
           uint32_t *n_parts)
{
    double *sum;

    *n_parts = n > 0 ? outcomes[0]->n_parts : 0;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t other = outcomes[i]->n_parts;

        *n_parts = other < *n_parts ? other : *n_parts;
    }
    sum = *n_parts >= FEWEST_PARTS ? calloc(*n_parts, sizeof *sum) : NULL;
    for (uint32_t i = 0; i < n && sum; i++) {
        for (uint32_t part = 0; part < *n_parts; part++) {
            sum[part] += (double) outcomes[i]->parts[part].delivered.n_pkts;
        }
    }
    return sum;
}

/* How far the mean of the window is from that of the steady state. */
static double
bias_of(const double *series, uint32_t n, uint32_t from, uint32_t cut)
{
    double window = vsw_stats_mean(series + from, n - from);
    double steady = vsw_stats_mean(series + cut, n - cut);

    return steady > 0 ? window / steady - 1 : 0;
}

bool
result_warmup_find(struct result_warmup *warmup,
                   const struct vsw_outcome *const *outcomes, uint32_t n,
                   const struct vsw_config_run *run)
{
    uint32_t n_parts, from;
    double *series = sum_series(outcomes, n, &n_parts);
    struct vsw_mser mser;
    double part_us;

    if (!series) {
        return false;
    }
    part_us = (double) outcomes[0]->part_ps / PS_PER_US;
    from = (uint32_t) ((double) run->warmup_us / part_us);
    mser = vsw_stats_mser5(series, n_parts);
    warmup->settled_us = mser.n_cut * part_us;
    warmup->bias = mser.n_cut > from && from < n_parts
                   ? bias_of(series, n_parts, from, mser.n_cut) : 0;
    warmup->verdict = fabs(warmup->bias) <= SLIGHT ? "over"
                      : mser.settled ? "too short" : "not settled";
    free(series);
    return true;
}

json_t *
result_build_warmup(const struct vsw_outcome *const *outcomes, uint32_t n,
                    const struct vsw_config_run *run)
{
    struct result_warmup warmup;
    json_t *json;

    if (!result_warmup_find(&warmup, outcomes, n, run)) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "verdict", json_string(warmup.verdict));
    json_object_set_new(json, "settled_us",
                        result_number(warmup.settled_us));
    json_object_set_new(json, "bias", result_number(warmup.bias));
    return json;
}
