#include <vswsim/experiment.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/config/config_keys.h"
#include "io/run/check_frames.h"
#include "io/run/make_dialogs.h"
#include "io/run/open_workload.h"
#include "io/run/search.h"
#include "io/run/sensitivity.h"
#include "io/run/simulate.h"
#include "io/run/warnings.h"

/* What the threads of one run share. */
struct pool {
    const struct vsw_plan *plan;
    const struct vsw_run_options *options;
    struct vsw_experiment_result *result;
    struct vsw_trace *const *traces;    /* Per point; borrowed. */
    pthread_mutex_t mutex;              /* Guards what follows. */
    uint32_t next;                      /* Job to hand out. */
    uint32_t n_jobs;
    struct vsw_progress progress;
    int error;                          /* First failure ... */
    uint32_t error_job;                 /* ... of the lowest job. */
    struct vsw_error err;
};

static void
report_progress(struct pool *pool, const struct vsw_outcome *outcome,
                const struct vsw_config *config)
{
    const struct vsw_run_options *options = pool->options;

    pool->progress.n_done++;
    pool->progress.n_pkts += outcome->delivered.n_pkts;
    pool->progress.simulated_ps += config->run.duration_us * 1000000;
    if (options->progress) {
        options->progress(&pool->progress, options->progress_aux);
    }
}

/* Keeps the failure of the lowest job, so that the report does not depend on
 * which thread was faster. */
static void
note_failure(struct pool *pool, uint32_t job, int error,
             const struct vsw_error *err)
{
    if (!pool->error || job < pool->error_job) {
        pool->error = error;
        pool->error_job = job;
        pool->err = *err;
    }
}

static void
run_job(struct pool *pool, uint32_t job)
{
    uint32_t n_replications = pool->result->n_replications;
    const struct vsw_config *config
        = &pool->plan->points[job / n_replications].config;
    struct vsw_simulate_how how = {
        .replication = job % n_replications,
        .check = pool->options->check,
        .cancel = pool->options->cancel,
    };
    struct vsw_error err = {0};
    int error = vsw_search(
        &pool->result->outcomes[job], config,
        vsw_trace_workload(pool->traces[job / n_replications]), &how, &err);

    pthread_mutex_lock(&pool->mutex);
    if (error) {
        note_failure(pool, job, error, &err);
    } else {
        report_progress(pool, pool->result->outcomes[job], config);
    }
    pthread_mutex_unlock(&pool->mutex);
}

/* Hands out jobs in order; after a failure, no more. */
static void *
run_jobs(void *aux)
{
    struct pool *pool = aux;

    for (;;) {
        uint32_t job;

        pthread_mutex_lock(&pool->mutex);
        job = pool->error ? pool->n_jobs : pool->next;
        if (job < pool->n_jobs) {
            pool->next++;
        }
        pthread_mutex_unlock(&pool->mutex);
        if (job >= pool->n_jobs) {
            return NULL;
        }
        run_job(pool, job);
    }
}

#define MAX_THREADS 256

/* Runs all jobs on up to 'n_jobs' threads, this one included. */
static void
run_pool(struct pool *pool)
{
    pthread_t threads[MAX_THREADS];
    uint32_t n_wanted = pool->options->n_jobs;
    uint32_t n_threads = 0;

    if (n_wanted > MAX_THREADS) {
        n_wanted = MAX_THREADS;
    }
    while (n_threads + 1 < n_wanted && n_threads + 1 < pool->n_jobs
           && !pthread_create(&threads[n_threads], NULL, run_jobs, pool)) {
        n_threads++;
    }
    run_jobs(pool);
    while (n_threads > 0) {
        pthread_join(threads[--n_threads], NULL);
    }
}

/* --- Traces ------------------------------------------------------------- */

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* True if both points read the same packets in the same way. */
static bool
same_trace(const struct vsw_config *a, const struct vsw_config *b)
{
    return a->workload.kind == VSW_WORKLOAD_TRACE
           && b->workload.kind == VSW_WORKLOAD_TRACE
           && vsw_config_is_closed_loop(a) == vsw_config_is_closed_loop(b)
           && a->guests.n + a->wires.n == b->guests.n + b->wires.n
           && same_text(a->traffic.trace, b->traffic.trace)
           && same_text(a->traffic.filter, b->traffic.filter)
           && a->traffic.map_by == b->traffic.map_by
           && a->traffic.n_map == b->traffic.n_map
           && a->traffic.max_flows == b->traffic.max_flows
           && a->traffic.max_jump_ns == b->traffic.max_jump_ns;
}

/* Opens the trace of each point, once for all that can share it. */
static int
open_traces(struct vsw_trace **traces, const struct vsw_plan *plan,
            struct vsw_error *err)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        const struct vsw_config *config = &plan->points[i].config;

        for (uint32_t j = 0; j < i && !traces[i]; j++) {
            if (same_trace(config, &plan->points[j].config)) {
                traces[i] = traces[j];
            }
        }
        if (!traces[i]) {
            int error = vsw_open_workload(&traces[i], config, err);

            if (error) {
                return error;
            }
        }
    }
    return 0;
}

static void
close_traces(struct vsw_trace **traces, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_trace *trace = traces[i];

        if (!trace) {
            continue;
        }
        for (uint32_t j = i; j < n; j++) {
            if (traces[j] == trace) {
                traces[j] = NULL;
            }
        }
        vsw_trace_close(trace);
    }
    free(traces);
}

/* --- The whole ---------------------------------------------------------- */

static struct vsw_experiment_result *
result_new(const struct vsw_plan *plan)
{
    struct vsw_experiment_result *result = calloc(1, sizeof *result);

    if (!result) {
        return NULL;
    }
    result->plan = plan;
    result->n_replications = plan->points[0].config.run.replications;
    result->outcomes = calloc((size_t) plan->n_points
                                  * result->n_replications,
                              sizeof *result->outcomes);
    if (!result->outcomes) {
        free(result);
        return NULL;
    }
    return result;
}

void
vsw_experiment_result_free(struct vsw_experiment_result *result)
{
    if (!result) {
        return;
    }
    for (uint32_t i = 0;
         i < result->plan->n_points * result->n_replications; i++) {
        vsw_outcome_free(result->outcomes[i]);
    }
    for (uint32_t i = 0; i < result->n_warnings; i++) {
        free(result->warnings[i]);
    }
    free(result->outcomes);
    free(result->warnings);
    free(result->sensitivity);
    free(result);
}

static int
run_all(struct pool *pool, struct vsw_error *err)
{
    struct vsw_experiment_result *result = pool->result;
    int error;

    run_pool(pool);
    result->complete = pool->error == 0;
    if (pool->error) {
        if (err) {
            *err = pool->err;
        }
        return pool->error;
    }
    error = vsw_warnings_fill(result);
    if (!error && pool->options->check) {
        error = vsw_sensitivity_fill(result, pool->traces,
                                     pool->options->cancel);
    }
    if (error) {
        return vsw_error_set(err,
                             error == -ECANCELED ? VSW_ERROR_CANCELLED
                                                 : VSW_ERROR_INTERNAL,
                             error, "%s", strerror(-error));
    }
    return 0;
}

int
vsw_experiment_run(struct vsw_experiment_result **out,
                   const struct vsw_plan *plan,
                   const struct vsw_run_options *options,
                   struct vsw_error *err)
{
    struct vsw_trace **traces = calloc(plan->n_points, sizeof *traces);
    struct vsw_experiment_result *result = result_new(plan);
    int error = -ENOMEM;

    *out = NULL;
    if (!traces || !result) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error, "out of memory");
    } else {
        error = open_traces(traces, plan, err);
        error = error ? error : vsw_check_frames(plan, traces, err);
    }
    if (!error) {
        struct pool pool = {
            .plan = plan,
            .options = options,
            .result = result,
            .traces = traces,
            .mutex = PTHREAD_MUTEX_INITIALIZER,
            .n_jobs = plan->n_points * result->n_replications,
            .progress.n_total = (uint64_t) plan->n_points
                                * result->n_replications,
        };

        result->trace = *vsw_trace_summary(traces[0]);
        error = run_all(&pool, err);
        pthread_mutex_destroy(&pool.mutex);
    }
    if (traces) {
        close_traces(traces, plan->n_points);
    }
    if (error && error != -ECANCELED) {
        vsw_experiment_result_free(result);
        return error;
    }
    *out = result;
    return error;
}
