/* A point of result.json: one design with its axis values. */
#include "io/result/result_build.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include <vswsim/metric.h>
#include <vswsim/stats.h>

/* Relative size of errors that are only those of arithmetic: a few units in
 * the last place of a double, and far below the digits that are written. */
#define ROUNDING 1e-13

/* The replications of a point that were finished. */
struct sample {
    const struct vsw_outcome **outcomes;
    double *values;             /* Scratch, as many. */
    double *parts;              /* Scratch, for sums and weights of parts. */
    struct vsw_histogram *latency_ps;   /* Of all of them. */
    uint32_t n;
    bool steady;                /* The load has a steady state. */
};

static json_t *
param_json(const struct vsw_param *param, uint64_t value)
{
    switch (param->type) {
    case VSW_PARAM_TYPE_BOOL:
        return json_boolean(value != 0);
    case VSW_PARAM_TYPE_ENUM:
        return json_string(param->choices[value]);
    default:
        return result_count(value);
    }
}

static json_t *
params_json(const struct vsw_config *config)
{
    json_t *json = json_object();
    const struct vsw_param *params = config->model->params;

    for (uint32_t i = 0; params && params[i].name; i++) {
        json_object_set_new(json, params[i].name,
                            param_json(&params[i], config->params[i]));
    }
    return json;
}

static json_t *
axis_values_json(const struct vsw_plan *plan, const struct vsw_point *point)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < plan->n_axes; i++) {
        json_array_append_new(json, result_count(point->axis_values[i]));
    }
    return json;
}

/* Values that differ by what rounding in a division does are equal. */
static struct vsw_interval
interval_of(const double *values, uint32_t n)
{
    struct vsw_interval interval = vsw_stats_interval(values, n,
                                                      VSW_CONFIDENCE_95);

    if (interval.kind == VSW_INTERVAL_STUDENT
        && interval.half_width <= fabs(interval.mean) * ROUNDING) {
        interval.kind = VSW_INTERVAL_DETERMINISTIC;
        interval.half_width = 0;
    }
    return interval;
}

/* The interval for a single replication's 'value' of 'metric', whose width is
 * relatively that of the mean of batches. */
static struct vsw_interval
batches_of(const struct sample *sample, const char *metric, double value)
{
    const struct vsw_outcome *o = sample->outcomes[0];
    double *sums = sample->parts, *weights = sample->parts + o->n_parts;
    uint32_t n = vsw_metric_parts(o, metric, sums, weights);
    struct vsw_interval i = vsw_stats_batches(sums, weights, n,
                                              VSW_CONFIDENCE_95);

    if (i.kind == VSW_INTERVAL_BATCHES) {
        i.half_width *= value / i.mean;
    }
    i.mean = value;
    return i;
}

static json_t *
metric_json(const struct sample *sample, const char *metric)
{
    struct vsw_interval interval;
    uint32_t n = 0;
    double value;
    json_t *json = json_object(), *each = json_array();

    for (uint32_t i = 0; i < sample->n; i++) {
        value = vsw_metric_value(sample->outcomes[i], metric);
        json_array_append_new(each, result_number(value));
        if (isfinite(value)) {
            sample->values[n++] = value;
        }
    }
    interval = interval_of(sample->values, n);
    if (sample->n == 1 && n == 1 && sample->steady) {
        interval = batches_of(sample, metric, interval.mean);
    }
    value = n > 0 ? interval.mean : (double) NAN;
    if (n > 0) {
        vsw_metric_merged(sample->latency_ps, metric, &value);
    }
    json_object_set_new(json, "value", result_number(value));
    json_object_set_new(json, "half_width",
                        result_number(interval.half_width));
    json_object_set_new(json, "interval",
                        json_string(vsw_interval_kind_name(interval.kind)));
    json_object_set_new(json, "n", result_count(n));
    json_object_set_new(json, "each", each);
    return json;
}

static json_t *
values_json(const struct sample *sample, const json_t *metrics)
{
    json_t *json = json_object();
    json_t *list = (json_t *) metrics;      /* jansson lacks const here. */
    void *iter = json_object_iter(list);

    while (iter) {
        const char *metric = json_object_iter_key(iter);

        json_object_set_new(json, metric, metric_json(sample, metric));
        iter = json_object_iter_next(list, iter);
    }
    return json;
}

static void
set_sums(json_t *json, const struct sample *sample,
         const struct vsw_config *config)
{
    const struct vsw_outcome *const *outcomes = sample->outcomes;
    uint32_t n = sample->n;
    uint64_t n_calls = 0, lateness_ps = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t late = outcomes[i]->lateness_max_ps;

        n_calls += outcomes[i]->n_calls;
        lateness_ps = late > lateness_ps ? late : lateness_ps;
    }
    json_object_set_new(json, "warmup", result_build_warmup(outcomes, n,
                                                            &config->run));
    json_object_set_new(json, "packets", result_build_packets(outcomes, n));
    json_object_set_new(json, "window", result_build_window(outcomes, n));
    json_object_set_new(json, "ports", result_build_ports(outcomes, n));
    json_object_set_new(json, "units", result_build_units(outcomes, n));
    json_object_set_new(json, "ledger", result_build_ledger(outcomes, n));
    json_object_set_new(json, "batches", result_build_batches(outcomes, n));
    json_object_set_new(json, "counters",
                        result_build_counters(outcomes, n));
    json_object_set_new(json, "memory_bytes",
                        result_build_memory(outcomes, n));
    if (n > 0 && outcomes[0]->n_lines > 0) {
        json_object_set_new(json, "lines", result_build_lines(outcomes, n));
        json_object_set_new(json, "traffic",
                            result_build_traffic(outcomes, n));
    }
    json_object_set_new(json, "engine_calls", result_count(n_calls));
    json_object_set_new(json, "lateness_max_ps", result_count(lateness_ps));
}

static void
sample_fini(struct sample *sample)
{
    free(sample->outcomes);
    free(sample->values);
    free(sample->parts);
    free(sample->latency_ps);
}

/* Replications of a point run the same config, so they list the same things
 * in the same order; the ledger's lines alone may differ. */
static bool
is_alike(const struct vsw_outcome *a, const struct vsw_outcome *b)
{
    return a->n_ports == b->n_ports && a->n_units == b->n_units
           && a->n_batches == b->n_batches
           && a->n_counters == b->n_counters && a->n_memory == b->n_memory;
}

/* Times of a trace may rise and fall as they please. */
static bool
has_steady_state(const struct vsw_config *config)
{
    return config->traffic.pacing != VSW_PACING_RECORDED
           && config->traffic.pacing != VSW_PACING_SCALED;
}

static uint32_t
most_parts(const struct vsw_experiment_result *experiment, uint32_t i)
{
    uint32_t n = experiment->n_replications, most = 0;

    for (uint32_t r = 0; r < n; r++) {
        const struct vsw_outcome *o = experiment->outcomes[i * n + r];

        most = o && o->n_parts > most ? o->n_parts : most;
    }
    return most;
}

/* Takes the outcomes of point 'i' that are there. */
static bool
sample_init(struct sample *sample,
            const struct vsw_experiment_result *experiment, uint32_t i)
{
    uint32_t n = experiment->n_replications;
    uint32_t n_parts = most_parts(experiment, i);

    sample->n = 0;
    sample->steady = has_steady_state(&experiment->plan->points[i].config);
    sample->outcomes = calloc(n + 1, sizeof *sample->outcomes);
    sample->values = calloc(n + 1, sizeof *sample->values);
    sample->parts = calloc((size_t) n_parts * 2 + 1, sizeof *sample->parts);
    sample->latency_ps = malloc(sizeof *sample->latency_ps);
    if (!sample->outcomes || !sample->values || !sample->parts
        || !sample->latency_ps) {
        sample_fini(sample);
        return false;
    }
    vsw_histogram_init(sample->latency_ps);
    for (uint32_t r = 0; r < n; r++) {
        const struct vsw_outcome *o = experiment->outcomes[i * n + r];

        if (o) {
            bool alike;

            sample->outcomes[sample->n++] = o;
            alike = is_alike(sample->outcomes[0], o);
            assert(alike);
            (void) alike;
            vsw_histogram_merge(sample->latency_ps, o->latency_ps);
        }
    }
    return true;
}

json_t *
result_build_point(const struct vsw_experiment_result *experiment,
                   uint32_t i, const json_t *metrics)
{
    const struct vsw_point *point = &experiment->plan->points[i];
    const struct vsw_config *config = &point->config;
    struct sample sample;
    json_t *json;

    if (!sample_init(&sample, experiment, i)) {
        return NULL;
    }
    json = json_pack("{s:I, s:o, s:s, s:s, s:o, s:I}",
                     "design", (json_int_t) point->design, "axis_values",
                     axis_values_json(experiment->plan, point),
                     "model", config->model->name,
                     "machine", config->machine->name,
                     "params", params_json(config),
                     "replications", (json_int_t) sample.n);
    json_object_set_new(json, "metrics", values_json(&sample, metrics));
    if (sample.n > 0) {
        json_object_set_new(json, "tsc_hz",
                            result_count(sample.outcomes[0]->tsc_hz));
        set_sums(json, &sample, config);
    }
    sample_fini(&sample);
    return json;
}
