#include "io/result/result_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>
#include <vswsim/result.h>

#include "io/config/config_keys.h"

static json_t *
trace_json(const struct vsw_trace_summary *trace)
{
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:I, s:b}",
        "digest", trace->digest, "link_type",
        trace->link_type ? trace->link_type : "",
        "pkts", (json_int_t) trace->n_pkts,
        "bytes", (json_int_t) trace->n_bytes,
        "span_ns", (json_int_t) trace->span_ns,
        "flows", (json_int_t) trace->n_flows,
        "min_frame_bytes", (json_int_t) trace->min_frame_bytes,
        "max_frame_bytes", (json_int_t) trace->max_frame_bytes,
        "filtered_pkts", (json_int_t) trace->n_filtered,
        "unmapped_pkts", (json_int_t) trace->n_unmapped,
        "truncated_pkts", (json_int_t) trace->n_truncated,
        "equal_times", (json_int_t) trace->n_equal_times,
        "backward_times", (json_int_t) trace->n_backward_times,
        "absurd_jumps", (json_int_t) trace->n_absurd_jumps,
        "cut", (int) trace->cut);
}

static json_t *
strings_json(const char *const *texts, uint32_t n)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < n; i++) {
        json_array_append_new(json, json_string(texts[i]));
    }
    return json;
}

/* A value of the config, which keeps it as JSON text. */
static json_t *
value_json(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    return json ? json : json_string(text);
}

static json_t *
axes_json(const struct vsw_plan *plan)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < plan->n_axes; i++) {
        const struct vsw_axis *axis = &plan->axes[i];
        json_t *values = json_array();

        for (uint32_t v = 0; v < axis->n_values; v++) {
            json_array_append_new(values, value_json(axis->values[v]));
        }
        json_array_append_new(json, json_pack("{s:s, s:o}", "key", axis->key,
                                              "values", values));
    }
    return json;
}

static json_t *
plots_json(const struct vsw_plan *plan)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < plan->n_plots; i++) {
        const struct vsw_config_plot *plot = &plan->plots[i];

        json_array_append_new(json, json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "file", plot->file,
            "title", plot->title ? plot->title : "", "kind", plot->kind,
            "x", plot->x, "y", plot->y, "log_x", (int) plot->log_x,
            "log_y", (int) plot->log_y));
    }
    return json;
}

static const char *
better_name(enum vsw_better better)
{
    return better == VSW_BETTER_HIGHER ? "higher"
           : better == VSW_BETTER_LOWER ? "lower" : "neither";
}

/* Lists metric 'name' with what it means, once. */
static void
list_metric(json_t *metrics, const char *name)
{
    const struct vsw_metric *metric = vsw_metric_find(name);

    if (metric && !json_object_get(metrics, name)) {
        json_object_set_new(metrics, name, json_pack(
            "{s:s, s:s, s:s}", "unit", metric->unit, "meaning",
            metric->meaning, "better", better_name(metric->better)));
    }
}

/* Whether 'metric' is above 0 anywhere. */
static bool
is_used(const struct vsw_experiment_result *experiment, const char *metric)
{
    uint32_t n = experiment->plan->n_points * experiment->n_replications;

    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_outcome *o = experiment->outcomes[i];

        if (o && vsw_metric_value(o, metric) > 0) {
            return true;
        }
    }
    return false;
}

/* The pieces of a stack of bars. */
static void
list_stack(json_t *metrics, const struct vsw_experiment_result *experiment,
           const char *name)
{
    const char *account;

    for (uint32_t i = 0; (account = vsw_metric_account_at(i)) != NULL; i++) {
        char *piece = vsw_metric_narrow(name, account);

        if (piece && strcmp(account, "poll") && is_used(experiment, piece)) {
            list_metric(metrics, piece);
        }
        free(piece);
    }
}

static bool
has_sockets(const struct vsw_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        if (vsw_config_has_dialogs(&plan->points[i].config)) {
            return true;
        }
    }
    return false;
}

/* The classes of service that any point counts. */
static uint32_t
n_classes(const struct vsw_experiment_result *experiment)
{
    uint32_t n_outcomes
        = experiment->plan->n_points * experiment->n_replications;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_outcomes; i++) {
        const struct vsw_outcome *o = experiment->outcomes[i];

        n = o && o->n_classes > n ? o->n_classes : n;
    }
    return n;
}

static void
list_classes(json_t *metrics, const struct vsw_experiment_result *experiment)
{
    static const char *const families[] = {
        "class_delivered_pps", "class_loss_ratio", "class_latency_p99_ns",
    };
    uint32_t n = n_classes(experiment);

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        for (uint32_t c = 0; c < n; c++) {
            char name[32];

            snprintf(name, sizeof name, "%s(%u)", families[i], (unsigned) c);
            list_metric(metrics, name);
        }
    }
}

/* Whether any point simulates caches. */
static bool
uses_memory(const struct vsw_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        if (plan->points[i].config.run.memory == VSW_MEMORY_HIERARCHY) {
            return true;
        }
    }
    return false;
}

/* Every plain metric, those of classes, and what the plots ask for. */
static json_t *
metrics_json(const struct vsw_experiment_result *experiment)
{
    const struct vsw_plan *plan = experiment->plan;
    const struct vsw_metric *metric;
    json_t *metrics = json_object();
    bool sockets = has_sockets(plan);
    bool memory = uses_memory(plan);

    for (uint32_t i = 0; (metric = vsw_metric_at(i)) != NULL; i++) {
        if (!metric->argument && (memory || !metric->memory)
            && (sockets || !vsw_metric_of_sockets(metric->name))) {
            list_metric(metrics, metric->name);
        }
    }
    list_classes(metrics, experiment);
    for (uint32_t i = 0; i < plan->n_plots; i++) {
        list_metric(metrics, plan->plots[i].y);
        if (!strcmp(plan->plots[i].kind, "stack")) {
            list_stack(metrics, experiment, plan->plots[i].y);
        }
    }
    return metrics;
}

static json_t *
sensitivity_json(const struct vsw_experiment_result *experiment)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < experiment->n_sensitivity; i++) {
        const struct vsw_sensitivity *s = &experiment->sensitivity[i];
        json_t *entry = json_pack("{s:I, s:s}", "point",
                                  (json_int_t) s->point, "metric",
                                  s->metric);

        json_object_set_new(entry, "moved", result_number(s->moved));
        json_object_set_new(entry, "half_width",
                            result_number(s->half_width));
        json_array_append_new(json, entry);
    }
    return json;
}

static void
set_points(json_t *root, const struct vsw_experiment_result *experiment)
{
    json_t *metrics = metrics_json(experiment);
    json_t *points = json_array();

    for (uint32_t i = 0; i < experiment->plan->n_points; i++) {
        json_array_append_new(points,
                              result_build_point(experiment, i, metrics));
    }
    json_object_set_new(root, "metrics", metrics);
    json_object_set_new(root, "points", points);
}

json_t *
result_build(const struct vsw_experiment_result *experiment,
             const char *config)
{
    const struct vsw_plan *plan = experiment->plan;
    uint64_t seed = plan->n_points > 0 ? plan->points[0].config.run.seed : 0;
    json_t *root = json_pack(
        "{s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:b}",
        "schema", RESULT_SCHEMA, "schema_version", VSW_RESULT_SCHEMA_VERSION,
        "title", plan->title ? plan->title : "", "question",
        plan->question ? plan->question : "", "config_digest", plan->digest,
        "seed", (json_int_t) seed, "replications",
        (json_int_t) experiment->n_replications, "complete",
        (int) experiment->complete);

    json_object_set_new(root, "warnings", strings_json(
        (const char *const *) experiment->warnings, experiment->n_warnings));
    json_object_set_new(root, "trace", trace_json(&experiment->trace));
    json_object_set_new(root, "designs",
                        strings_json(plan->designs, plan->n_designs));
    json_object_set_new(root, "axes", axes_json(plan));
    json_object_set_new(root, "plots", plots_json(plan));
    set_points(root, experiment);
    json_object_set_new(root, "sensitivity", sensitivity_json(experiment));
    json_object_set_new(root, "config", value_json(config));
    return root;
}
