/* Result: what an experiment found, summarised over its replications.
 *
 * A result is exactly what its file says: making one from an experiment
 * renders the file's text and reads it back, so that a table or figure drawn
 * after a run and one drawn from the file later are the same.
 *
 * Files hold no date, host name or wall-clock time; equal inputs give equal
 * bytes.  Floating-point numbers are written with 12 significant digits, of
 * values for which IEEE 754 leaves no choice.
 *
 * result.json      everything: digests of config and trace, seed, resolved
 *                  config, parameters after defaults; for each point packets
 *                  by fate, metrics with intervals, ledger by unit, domain,
 *                  stage and account, batches, counters, memory; warnings.
 * summary.csv      a row per point: design, axis values, and each metric's
 *                  value, half width and kind of interval.
 *
 * Counts and times in the file are sums over the replications of a point;
 * metrics are means over them, with a 95 % interval by Student's t, except
 * that the latency's quantiles and extremes are those of all packets
 * together.  An interval of width 0 is called "deterministic": nothing random
 * reached that metric, which says nothing about how right it is.
 *
 * Thread-safety: read-only once made. */
#ifndef VSWSIM_RESULT_H
#define VSWSIM_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/experiment.h>
#include <vswsim/stats.h>

VSW_EXTERN_C_BEGIN

/* Raised when a file of an older version can no longer be read. */
#define VSW_RESULT_SCHEMA_VERSION 2

/* A metric at a point. */
struct vsw_result_value {
    const char *metric;
    double value;               /* NAN if it has none there. */
    double half_width;          /* 0 unless 'interval' is "student" or
                                 * "batches". */
    const char *interval;       /* See vsw_interval_kind_name(). */
    uint32_t n;                 /* Replications that gave a value. */
    double *each;               /* Of each replication; NAN if it has none. */
    uint32_t n_each;
};

/* A line of the ledger of a point, over all replications. */
struct vsw_result_line {
    const char *unit;           /* "cpu0" */
    const char *role;           /* "switch", "guest" or "device" */
    const char *domain;
    const char *stage;
    const char *account;
    uint64_t busy_ps;
    uint64_t n_charges;
    double cycles_per_pkt;      /* TSC cycles per delivered packet, or NAN. */
};

/* A unit at a point, over all replications, in their windows. */
struct vsw_result_unit {
    const char *name;           /* "cpu0" */
    const char *role;           /* "switch", "guest" or "device" */
    uint64_t busy_ps;           /* Polling included. */
    uint64_t poll_ps;
    uint64_t idle_ps;
};

struct vsw_result_param {
    const char *name;
    const char *text;           /* "32", "true", "copy" */
};

struct vsw_result_point {
    uint32_t design;            /* Index into the result's designs. */
    uint32_t *axis_values;      /* One index per axis. */
    const char *model;
    const char *machine;
    uint32_t n_replications;    /* Done; 0 if cancelled before any. */
    uint64_t n_delivered_pkts;  /* In the windows. */
    const char *warmup;         /* Verdict of MSER-5: "over", "too short" or
                                 * "not settled"; "" if there is none. */
    double settled_us;          /* Where it puts the steady state. */
    struct vsw_result_param *params;
    uint32_t n_params;
    struct vsw_result_value *values;
    uint32_t n_values;
    struct vsw_result_unit *units;
    uint32_t n_units;
    struct vsw_result_line *ledger;
    uint32_t n_ledger;
};

struct vsw_result_axis {
    const char *key;            /* "traffic.frame_bytes" */
    const char **values;        /* As for people: 64, saturate. */
    uint32_t n_values;
};

struct vsw_result_plot {
    const char *file;
    const char *title;
    const char *kind;
    const char *x;
    const char *y;
    bool log_x;
    bool log_y;
};

/* How far a metric of a point moved when the run was repeated with another
 * quantum and order of ties. */
struct vsw_result_sensitivity {
    uint32_t point;
    const char *metric;
    double moved;               /* Relatively. */
    double half_width;          /* Of its interval, relatively. */
};

struct vsw_result {
    const char *title;
    const char *question;
    const char *config_digest;
    const char *trace_digest;
    const char *config;         /* Resolved, as JSON text. */
    bool complete;
    uint32_t n_replications;    /* Asked for. */
    const char **designs;
    uint32_t n_designs;
    struct vsw_result_axis *axes;
    uint32_t n_axes;
    struct vsw_result_plot *plots;
    uint32_t n_plots;
    struct vsw_result_point *points;
    uint32_t n_points;
    const char **warnings;
    uint32_t n_warnings;
    struct vsw_result_sensitivity *sensitivity;     /* With --check. */
    uint32_t n_sensitivity;
    void *impl;                 /* Memory of all of the above. */
};

/* Summarises 'experiment', complete or not.  Returns 0 and a result to free,
 * or a negative errno value with 'err' filled. */
VSW_API int vsw_result_new(struct vsw_result **result,
                           const struct vsw_experiment_result *experiment,
                           struct vsw_error *err);

VSW_API void vsw_result_free(struct vsw_result *result);

/* Reads a result file.  Whatever is wrong with it is told by place:
 * "result.json: points[3].metrics: Expected object, got string". */
VSW_API int vsw_result_load(struct vsw_result **result, const char *path,
                            struct vsw_error *err);

/* Writes result.json and summary.csv to 'dir', which is created if need be.
 * Each is written to a temporary name there, synced and renamed, so that
 * a file that exists is whole.  Returns 0, or a negative errno value with
 * 'err' filled; result.json comes first and stays if only the summary, which
 * is made from it, cannot be written. */
VSW_API int vsw_result_write(const struct vsw_result *result, const char *dir,
                             struct vsw_error *err);

/* vsw_result_new(), vsw_result_write() and vsw_result_free() in one. */
VSW_API int vsw_result_save(const struct vsw_experiment_result *experiment,
                            const char *dir, struct vsw_error *err);

/* The text of result.json and of summary.csv, to free with free(); NULL if
 * memory ran out. */
VSW_API char *vsw_result_json(const struct vsw_result *result);
VSW_API char *vsw_result_csv(const struct vsw_result *result);

/* Value of 'metric' at 'point', or NULL if the result does not hold it.  It
 * holds every plain metric and what its plots ask for. */
VSW_API const struct vsw_result_value *
vsw_result_value(const struct vsw_result_point *point, const char *metric);

/* The interval of a - b from what each replication gave: both designs met the
 * same random streams in replication i, so what they share cancels.  Of kind
 * VSW_INTERVAL_NONE if a replication lacks either. */
VSW_API struct vsw_interval
vsw_result_difference(const struct vsw_result_value *a,
                      const struct vsw_result_value *b);

VSW_EXTERN_C_END

#endif
