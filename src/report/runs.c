/* Runs that records share. */
#include "report/published_impl.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

static int
by_key(const void *a, const void *b)
{
    const struct setting *x = a, *y = b;

    return strcmp(x->key, y->key);
}

/* The design as JSON text. */
static char *
design_text(struct compare *c, const struct run_spec *spec)
{
    char *params = vsw_pool_strdup(&c->pool, "");

    for (uint32_t i = 0; i < spec->n_params && params; i++) {
        params = vsw_pool_printf(&c->pool, "%s%s\"%s\": %s", params,
                                 i ? ", " : "", spec->params[i].key,
                                 spec->params[i].text);
    }
    return params ? vsw_pool_printf(&c->pool, "designs=[{\"model\": \"%s\", "
                                    "\"params\": {%s}}]", spec->model,
                                    params) : NULL;
}

/* Options of vsw_plan_load(): 'sets' has room for all of them. */
static bool
make_sets(struct compare *c, const struct run_spec *spec, const char **sets,
          size_t *n)
{
    *n = 0;
    sets[(*n)++] = "plots=[]";
    sets[(*n)++] = design_text(c, spec);
    for (uint32_t i = 0; i < spec->n_settings; i++) {
        sets[(*n)++] = vsw_pool_printf(&c->pool, "%s=%s",
                                       spec->settings[i].key,
                                       spec->settings[i].text);
    }
    for (size_t i = 0; i < *n; i++) {
        if (!sets[i]) {
            return false;
        }
    }
    return true;
}

static const char *
make_key(struct compare *c, const char *config, const char *const *sets,
         size_t n)
{
    const char *key = config;

    for (size_t i = 0; i < n && key; i++) {
        key = vsw_pool_printf(&c->pool, "%s\n%s", key, sets[i]);
    }
    return key;
}

/* What went wrong, as one line. */
static void
take_reason(char *why, const struct vsw_error *err)
{
    snprintf(why, WHY_BYTES, "%.*s", (int) strcspn(err->text, "\n"),
             err->text);
}

static void
run_now(struct compare *c, struct run *run, const char *config,
        const char *const *sets, size_t n)
{
    struct vsw_error err = {.kind = VSW_ERROR_NONE};
    int rc = vsw_plan_load(&run->plan, config, sets, n, &err);

    if (!rc && run->plan->n_points != 1) {
        snprintf(run->why, WHY_BYTES, "%s sweeps; a base must not", config);
        return;
    }
    if (!rc) {
        rc = c->run(&run->result, run->plan, c->options, &err);
        c->n_runs++;
    }
    if (rc == -ECANCELED || rc == -ENOMEM) {
        c->fatal = vsw_error_set(c->err, err.kind, rc, "%s", err.text);
    }
    if (rc) {
        take_reason(run->why, &err);
        vsw_experiment_result_free(run->result);
        run->result = NULL;
    }
}

static int
no_memory(struct compare *c)
{
    c->fatal = vsw_error_set(c->err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    return c->fatal;
}

const struct run *
runs_get(struct compare *c, const struct run_spec *spec)
{
    struct run_spec sorted = *spec;
    const char *sets[MAX_SETTINGS + 2], *key = NULL;
    struct run *run;
    size_t n;

    qsort(sorted.settings, sorted.n_settings, sizeof *sorted.settings,
          by_key);
    qsort(sorted.params, sorted.n_params, sizeof *sorted.params, by_key);
    if (make_sets(c, &sorted, sets, &n)) {
        key = make_key(c, spec->config, sets, n);
    }
    for (run = c->runs; run && key; run = run->next) {
        if (!strcmp(run->key, key)) {
            return run;
        }
    }
    run = key ? vsw_pool_alloc(&c->pool, sizeof *run) : NULL;
    if (!run) {
        no_memory(c);
        return NULL;
    }
    run->key = key;
    run->next = c->runs;
    c->runs = run;
    run_now(c, run, spec->config, sets, n);
    return c->fatal ? NULL : run;
}

void
runs_free(struct compare *c)
{
    for (struct run *run = c->runs; run; run = run->next) {
        vsw_experiment_result_free(run->result);
        vsw_plan_free(run->plan);
    }
}

/* "param(NAME)": what the model was told. */
static double
param_value(const struct run *run, const char *metric)
{
    const struct vsw_config *config = &run->plan->points[0].config;
    const struct vsw_param *params = config->model->params;
    size_t len = strlen(metric) - strlen("param()");

    for (uint32_t i = 0; params && params[i].name; i++) {
        if (strlen(params[i].name) == len
            && !strncmp(params[i].name, metric + strlen("param("), len)) {
            return (double) config->params[i];
        }
    }
    return (double) NAN;
}

double
run_value(const struct run *run, const char *metric)
{
    double sum = 0;
    uint32_t n = run->result ? run->result->n_replications : 0;

    if (!strncmp(metric, "param(", 6)) {
        return param_value(run, metric);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_outcome *outcome = run->result->outcomes[i];

        sum += outcome ? vsw_metric_value(outcome, metric) : (double) NAN;
    }
    return n > 0 ? sum / n : (double) NAN;
}
