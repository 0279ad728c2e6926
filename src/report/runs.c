/* Runs that records share. */
#include "report/published_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options of vsw_plan_load(), those of a quick run included. */
#define MAX_SETS (MAX_SETTINGS + 16)

/* Of a quick run. */
#define QUICK_REPLICATIONS 2
#define QUICK_PART 4

struct sets {
    const char *items[MAX_SETS];
    size_t n;
};

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
    const char *machine = spec->machine
        ? vsw_pool_printf(&c->pool, "\"machine\": \"%s\", ", spec->machine)
        : "";

    for (uint32_t i = 0; i < spec->n_params && params; i++) {
        params = vsw_pool_printf(&c->pool, "%s%s\"%s\": %s", params,
                                 i ? ", " : "", spec->params[i].key,
                                 spec->params[i].text);
    }
    return params && machine
           ? vsw_pool_printf(&c->pool, "designs=[{\"model\": \"%s\", %s"
                             "\"params\": {%s}}]", spec->model, machine,
                             params) : NULL;
}

static void
add(struct sets *sets, const char *text)
{
    if (sets->n < MAX_SETS) {
        sets->items[sets->n++] = text;
    }
}

static bool
make_sets(struct compare *c, const struct run_spec *spec, struct sets *sets)
{
    sets->n = 0;
    add(sets, "plots=[]");
    add(sets, "sweep={}");
    add(sets, design_text(c, spec));
    for (uint32_t i = 0; i < spec->n_settings; i++) {
        add(sets, vsw_pool_printf(&c->pool, "%s=%s", spec->settings[i].key,
                                  spec->settings[i].text));
    }
    for (size_t i = 0; i < sets->n; i++) {
        if (!sets->items[i]) {
            return false;
        }
    }
    return true;
}

static const char *
make_key(struct compare *c, const char *config, const struct sets *sets)
{
    const char *key = config;

    for (size_t i = 0; i < sets->n && key; i++) {
        key = vsw_pool_printf(&c->pool, "%s\n%s", key, sets->items[i]);
    }
    return key;
}

/* What went wrong, as one line. */
static void
take_reason(char *why, const struct vsw_error *err)
{
    snprintf(why, WHY_BYTES, "%.*s", (int) strcspn(err->text, "\n"),
             err->text[0] ? err->text : "the run failed");
}

/* What the base says of quick runs, or a part of the window. */
static void
add_quick(struct compare *c, const struct run_spec *spec,
          const struct vsw_config_run *run, struct sets *sets)
{
    const struct vsw_json_node *quick = spec->quick;
    uint64_t window_us = run->duration_us - run->warmup_us;
    uint64_t part_us = (window_us + QUICK_PART - 1) / QUICK_PART;

    if (quick) {
        for (const struct vsw_json_node *s = quick->first; s; s = s->next) {
            char *value = vsw_json_text(s, &c->pool);

            add(sets, vsw_pool_printf(&c->pool, "%s=%s", s->key,
                                      value ? value : "null"));
        }
        return;
    }
    add(sets, vsw_pool_printf(&c->pool, "run.duration_us=%" PRIu64,
                              run->warmup_us + part_us));
    if (run->replications > QUICK_REPLICATIONS) {
        add(sets, vsw_pool_printf(&c->pool, "run.replications=%d",
                                  QUICK_REPLICATIONS));
    }
}

static void
load(struct compare *c, struct run *run, const struct run_spec *spec,
     struct sets *sets)
{
    struct vsw_error err = {.kind = VSW_ERROR_NONE};
    int rc = vsw_plan_load(&run->plan, spec->config, sets->items, sets->n,
                           &err);

    if (!rc && c->options->quick) {
        add_quick(c, spec, &run->plan->points[0].config.run, sets);
        vsw_plan_free(run->plan);
        rc = vsw_plan_load(&run->plan, spec->config, sets->items, sets->n,
                           &err);
    }
    if (rc) {
        take_reason(run->why, &err);
    }
}

static struct run *
no_memory(struct compare *c)
{
    c->fatal = vsw_error_set(c->err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    return NULL;
}

const struct run *
runs_get(struct compare *c, const struct run_spec *spec)
{
    struct run_spec sorted = *spec;
    struct sets sets;
    const char *key = NULL;
    struct run *run;

    qsort(sorted.settings, sorted.n_settings, sizeof *sorted.settings,
          by_key);
    qsort(sorted.params, sorted.n_params, sizeof *sorted.params, by_key);
    if (make_sets(c, &sorted, &sets)) {
        key = make_key(c, spec->config, &sets);
    }
    for (run = c->runs; run && key; run = run->next) {
        if (!strcmp(run->key, key)) {
            return run;
        }
    }
    run = key ? vsw_pool_alloc(&c->pool, sizeof *run) : NULL;
    if (!run) {
        return no_memory(c);
    }
    run->key = key;
    *c->last_run = run;
    c->last_run = &run->next;
    load(c, run, spec, &sets);
    return run;
}

/* A guess at what a run takes: simulated time by how much is simulated. */
static double
work_of(const struct run *run)
{
    const struct vsw_plan *plan = run->plan;
    double sum = 0;

    for (uint32_t i = 0; i < plan->n_points; i++) {
        const struct vsw_config *c = &plan->points[i].config;
        double n_cpus = (double) c->guests.n * c->guests.n_cpus + c->wires.n;
        double steps = c->search.kind == VSW_SEARCH_NONE ? 1
                                                         : c->search.n_steps;

        sum += (double) c->run.duration_us * c->run.replications * steps
               * (n_cpus + 1);
    }
    return sum;
}

/* The longest run that nobody has taken yet, so that no long one is left for
 * the end, when other threads have nothing to do; of equal ones the first. */
static struct run *
take_longest(struct compare *c)
{
    struct run *best = NULL;

    for (struct run *run = c->runs; run; run = run->next) {
        if (!run->taken && !run->why[0]
            && (!best || run->work > best->work)) {
            best = run;
        }
    }
    if (best) {
        best->taken = true;
    }
    return best;
}

/* What the threads that make runs share. */
struct team {
    struct compare *c;
    pthread_mutex_t mutex;      /* Guards what follows, and runs' results. */
    struct vsw_progress progress;
};

static void
count(struct team *team, const struct run *run)
{
    const struct vsw_run_options *options = &team->c->options->run_options;
    const struct vsw_experiment_result *result = run->result;

    team->progress.n_done++;
    team->c->n_runs++;
    for (uint32_t i = 0; result && i < result->n_replications; i++) {
        const struct vsw_outcome *outcome = result->outcomes[i];

        team->progress.n_pkts += outcome ? outcome->delivered.n_pkts : 0;
        team->progress.simulated_ps += outcome ? outcome->window_ps : 0;
    }
    if (options->progress) {
        options->progress(&team->progress, options->progress_aux);
    }
}

static void
finish(struct team *team, struct run *run, int rc,
       const struct vsw_error *err)
{
    struct compare *c = team->c;

    if ((rc == -ECANCELED || rc == -ENOMEM) && !c->fatal) {
        c->fatal = vsw_error_set(c->err, err->kind, rc, "%s", err->text);
    }
    if (rc) {
        take_reason(run->why, err);
        vsw_experiment_result_free(run->result);
        run->result = NULL;
    }
    count(team, run);
}

static void *
make_runs(void *aux)
{
    struct team *team = aux;
    const struct vsw_compare_options *options = team->c->options;
    struct vsw_run_options run_options = {
        .n_jobs = 1,
        .check = options->run_options.check,
        .cancel = options->run_options.cancel,
    };
    struct run *run;

    pthread_mutex_lock(&team->mutex);
    while (!team->c->fatal && (run = take_longest(team->c))) {
        struct vsw_error err = {.kind = VSW_ERROR_NONE};
        int rc;

        pthread_mutex_unlock(&team->mutex);
        rc = options->run(&run->result, run->plan, &run_options, &err);
        pthread_mutex_lock(&team->mutex);
        finish(team, run, rc, &err);
    }
    pthread_mutex_unlock(&team->mutex);
    return NULL;
}

#define MAX_THREADS 256

void
runs_make(struct compare *c)
{
    struct team team = {.c = c, .mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[MAX_THREADS];
    uint32_t n_wanted = c->options->run_options.n_jobs, n = 0;

    for (struct run *run = c->runs; run; run = run->next) {
        if (!run->why[0]) {
            team.progress.n_total++;
            run->work = work_of(run);
        }
    }
    while (n + 1 < n_wanted && n < MAX_THREADS
           && !pthread_create(&threads[n], NULL, make_runs, &team)) {
        n++;
    }
    make_runs(&team);
    while (n > 0) {
        pthread_join(threads[--n], NULL);
    }
    pthread_mutex_destroy(&team.mutex);
}

void
runs_free(struct compare *c)
{
    for (struct run *run = c->runs; run; run = run->next) {
        vsw_experiment_result_free(run->result);
        vsw_plan_free(run->plan);
    }
}
