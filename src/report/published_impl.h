/* What the parts of published.h share. */
#ifndef REPORT_PUBLISHED_IMPL_H
#define REPORT_PUBLISHED_IMPL_H

#include <vswsim/published.h>

#include "io/json/json_tree.h"
#include "io/json/pool.h"

/* Memory of a store. */
struct store {
    struct vsw_pool pool;
    char *dir;
};

/* Settings of one run at most, and values of one sweep. */
#define MAX_SETTINGS 32
#define MAX_SWEEP 32

/* Why a record is unmapped. */
#define WHY_BYTES 256

/* A key of a config and its value as JSON text. */
struct setting {
    const char *key;
    const char *text;
};

/* A word of a scenario given another value, as a sweep does. */
struct override {
    const char *word;           /* NULL: none. */
    const struct vsw_json_node *value;
};

/* What to run: a config with one design, and settings on top. */
struct run_spec {
    const char *config;         /* Path. */
    const char *model;
    struct setting settings[MAX_SETTINGS];
    uint32_t n_settings;
    struct setting params[MAX_SETTINGS];
    uint32_t n_params;
};

/* A run that was made, or failed. */
struct run {
    const char *key;            /* Config, model and settings. */
    struct vsw_plan *plan;
    struct vsw_experiment_result *result;   /* NULL if it failed. */
    char why[WHY_BYTES];
    struct run *next;
};

/* A comparison of a whole store under way. */
struct compare {
    const struct vsw_published *published;
    const struct vsw_json_node *vocabulary;
    vsw_run_fn run;
    const struct vsw_run_options *options;
    struct vsw_pool pool;
    struct run *runs;
    uint32_t n_runs;
    int fatal;                  /* Negative errno value that ends it all. */
    struct vsw_error *err;
};

/* How a record is compared, by the vocabulary. */
struct reading {
    const struct vsw_json_node *entry;  /* Of "metrics". */
    const char *metric;
    const char *against;        /* A second metric to divide by, or NULL. */
    const char *sweep_word;     /* NULL: no sweep. */
    const struct vsw_json_node *sweep[MAX_SWEEP];
    uint32_t n_sweep;
    double factor;              /* Divide by it to get the record's unit. */
};

/* Looks up what 'record' means.  Returns false and says why it means
 * nothing. */
bool reading_init(struct compare *c, struct reading *reading,
                  const struct vsw_published_record *record, char *why);

/* Fills 'spec' for system 'system' of 'record'.  Returns false and says
 * why not. */
bool scenario_map(struct compare *c, struct run_spec *spec,
                  const struct vsw_published_record *record,
                  const struct reading *reading, const char *system,
                  const struct override *override, char *why);

/* The run of 'spec', made now if it was not before; NULL if memory ran out or
 * all is to end. */
const struct run *runs_get(struct compare *c, const struct run_spec *spec);
void runs_free(struct compare *c);

/* Value of 'metric', or of "param(NAME)", as the mean over replications. */
double run_value(const struct run *run, const char *metric);

/* Judges one record. */
void judge(struct compare *c, struct vsw_comparison *comparison);

#endif
