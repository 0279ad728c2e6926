/* Experiment: runs every point of a plan, several times each.
 *
 * Thread-safety: vsw_experiment_run() may be called from several threads with
 * different plans; it uses 'n_jobs' threads of its own. */
#ifndef VSWSIM_EXPERIMENT_H
#define VSWSIM_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/outcome.h>
#include <vswsim/trace.h>

VSW_EXTERN_C_BEGIN

struct vsw_progress {
    uint64_t n_done;            /* Simulations finished ... */
    uint64_t n_total;           /* ... of this many. */
    uint64_t n_pkts;            /* Packets delivered so far. */
    uint64_t simulated_ps;      /* Simulated time so far. */
};

typedef void (*vsw_progress_fn)(const struct vsw_progress *progress,
                                void *aux);

struct vsw_run_options {
    uint32_t n_jobs;            /* Threads; 0 means one. */
    bool check;                 /* Assert the execution rules after each call
                                 * and rerun to find order sensitivity. */
    vsw_progress_fn progress;   /* May be NULL.  Called from one thread at a
                                 * time. */
    void *progress_aux;
    const volatile int *cancel; /* May be NULL.  Nonzero: stop soon. */
};

/* How far a metric moved when the run was repeated with a quarter of the
 * quantum, and with ties broken the other way round. */
struct vsw_sensitivity {
    const char *metric;         /* Static. */
    uint32_t point;
    double moved;               /* Relative to the metric. */
    double half_width;          /* Of its interval, relative. */
};

struct vsw_experiment_result {
    const struct vsw_plan *plan;    /* Borrowed: must outlive the result. */
    uint32_t n_replications;
    struct vsw_outcome **outcomes;  /* [point * n_replications + r]; NULL if
                                     * the run was cancelled before it. */
    bool complete;              /* Every outcome is there. */
    struct vsw_trace_summary trace;
    char **warnings;            /* Lines for people. */
    uint32_t n_warnings;
    struct vsw_sensitivity *sensitivity;    /* With 'check': the largest move
                                             * of each point. */
    uint32_t n_sensitivity;
};

/* Runs 'plan'.  Returns 0 and a result to free; -ECANCELED, also with a
 * result, if stopped early; or another negative errno value with 'err' filled
 * and '*result' NULL. */
VSW_API int vsw_experiment_run(struct vsw_experiment_result **result,
                               const struct vsw_plan *plan,
                               const struct vsw_run_options *options,
                               struct vsw_error *err);

VSW_API void vsw_experiment_result_free(struct vsw_experiment_result *result);

VSW_EXTERN_C_END

#endif
