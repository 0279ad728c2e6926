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

/* Settings of one run at most, values of one sweep, words that a judgement
 * replaces at once, and replications that are looked at. */
#define MAX_SETTINGS 48
#define MAX_SWEEP 32
#define MAX_OVERRIDES 16
#define MAX_REPLICATIONS 64

/* Why a record is unmapped. */
#define WHY_BYTES 512

/* A key of a config and its value as JSON text. */
struct setting {
    const char *key;
    const char *text;
};

/* Words of a scenario given other values, as a sweep does. */
struct overrides {
    struct {
        const char *word;
        const struct vsw_json_node *value;
    } items[MAX_OVERRIDES];
    uint32_t n;
};

/* What to run: a config with one design, and settings on top. */
struct run_spec {
    const char *config;         /* Path. */
    const char *model;
    const char *machine;        /* Of the design; NULL: the config's. */
    const struct vsw_json_node *quick;  /* Of the base; NULL: none. */
    struct setting settings[MAX_SETTINGS];
    uint32_t n_settings;
    struct setting params[MAX_SETTINGS];
    uint32_t n_params;
};

/* A run that was made, or failed. */
struct run {
    const char *key;            /* Config, model and settings. */
    struct vsw_plan *plan;
    struct vsw_experiment_result *result;   /* NULL: to do, or failed. */
    char why[WHY_BYTES];        /* It failed, and why; or "". */
    double work;                /* How long it takes, compared with others. */
    bool taken;                 /* By a thread. */
    struct run *next;
};

/* A comparison of a whole store under way.  Records are judged twice: first
 * only to learn which runs they need, then with these made. */
struct compare {
    const struct vsw_published *published;
    const struct vsw_json_node *vocabulary;
    const struct vsw_compare_options *options;
    struct vsw_pool pool;
    struct run *runs;           /* In the order they were asked for. */
    struct run **last_run;
    uint32_t n_runs;
    bool collecting;            /* The first time. */
    int fatal;                  /* Negative errno value that ends it all. */
    struct vsw_error *err;
};

/* A number per replication. */
struct sample {
    uint32_t n;
    double v[MAX_REPLICATIONS];
};

enum compare_by {
    COMPARE_NOT,
    COMPARE_GAIN,               /* (first - second) / second */
    COMPARE_LOSS,               /* (second - first) / second */
    COMPARE_QUOTIENT,           /* first / second */
    COMPARE_DIFFERENCE,         /* first - second */
};

enum aggregate {
    AGGREGATE_NOT,              /* Each value by itself. */
    AGGREGATE_MAX,
    AGGREGATE_MIN,
    AGGREGATE_MEAN,
    AGGREGATE_GEOMEAN,
    AGGREGATE_ARGMAX,           /* The step with the largest. */
};

enum shape {
    SHAPE_NONE,
    SHAPE_RISING,
    SHAPE_FALLING,
    SHAPE_FLAT,
};

/* ">= 0.98" */
struct bound {
    bool is_there;
    bool at_most;               /* Else at least. */
    double limit;               /* In the metric's own unit. */
};

/* How a record is compared, by the vocabulary. */
struct reading {
    const struct vsw_json_node *entry;  /* Of "metrics". */
    const char *metric;         /* An expression. */
    const char *against;        /* A second one to divide by, or NULL. */
    enum compare_by compare;
    enum aggregate aggregate;
    enum shape shape;
    struct bound bound;
    const char *second;         /* System that the record's is compared with,
                                 * if it names one only; or NULL. */
    const struct vsw_json_node *contrast;   /* "first" and "second" words;
                                             * NULL: systems are compared. */
    const char *sweep_word;     /* NULL: no sweep. */
    const struct vsw_json_node *sweep[MAX_SWEEP];
    uint32_t n_sweep;
    double factor;              /* Divide by it to get the record's unit. */
};

/* --- Words ------------------------------------------------------------ */

/* Whether 'text' contains 'word', or any of the alternatives that '|' joins
 * in it.  Case does not matter. */
bool word_is_in(const char *text, const char *word);

/* The same for a string or a list of strings, all of which it must contain.
 * No words are in every text. */
bool words_are_in(const char *text, const struct vsw_json_node *words);

/* Whether 'text' fits 'pattern', in which '*' stands for anything. */
bool word_fits(const char *pattern, const char *text);

/* A number with "K" (1024) or "M" behind it, if any; returns its end, or NULL
 * if there is none. */
const char *word_number(const char *text, double *x);

/* Member 'name' of the vocabulary; NULL if it lacks it. */
const struct vsw_json_node *vocabulary(const struct compare *c,
                                       const char *name);

/* The string at 'key' of 'object', or NULL. */
const char *string_of(const struct vsw_json_node *object, const char *key);

bool is_number(const struct vsw_json_node *node);

/* Whether each word of 'when' agrees with what 'record' says, "family",
 * "unit", "relation", "use", "metric" and "system" included; NULL agrees.
 * Equal numbers agree; a text agrees with a pattern of word_is_in(); a list
 * with any of its members; null with a word left out. */
bool conditions_hold(const struct vsw_json_node *when,
                     const struct vsw_published_record *record,
                     const char *system);

/* --- Reading ---------------------------------------------------------- */

/* Looks up what 'record' means.  Returns false and says why it means
 * nothing. */
bool reading_init(struct compare *c, struct reading *reading,
                  const struct vsw_published_record *record, char *why);

/* Values that 'word' takes in a range "low..high" or a list; fills 'values'
 * and returns their number, 0 if 'node' is neither. */
uint32_t sweep_values(struct compare *c, const char *word,
                      const struct vsw_json_node *node,
                      const struct vsw_json_node *values[MAX_SWEEP]);

/* Reads ">= 0.98" and the like out of 'text', in units of the vocabulary if
 * one follows, or else times 'factor'. */
struct bound bound_read(const struct compare *c, const char *text,
                        double factor);

/* --- Scenario --------------------------------------------------------- */

/* The entry of 'system' that fits 'record', or NULL; "base+variant" is the
 * entry of its base. */
const struct vsw_json_node *
system_entry(const struct compare *c,
             const struct vsw_published_record *record, const char *system);

/* Systems of 'record' with patterns replaced by what fits them; returns their
 * number. */
uint32_t systems_of(const struct compare *c,
                    const struct vsw_published_record *record,
                    const char *systems[MAX_SWEEP]);

/* Fills 'spec' for system 'system' of 'record'.  Returns false and says
 * why not. */
bool scenario_map(struct compare *c, struct run_spec *spec,
                  const struct vsw_published_record *record,
                  const struct reading *reading, const char *system,
                  const struct overrides *overrides, char *why);

/* --- Runs ------------------------------------------------------------- */

/* The run of 'spec', noted down now if it was not before; NULL if memory ran
 * out or all is to end. */
const struct run *runs_get(struct compare *c, const struct run_spec *spec);

/* Makes all runs that were noted down. */
void runs_make(struct compare *c);
void runs_free(struct compare *c);

/* Value of an expression in each replication of 'run'.  Returns false and
 * says why it has none.
 *
 * Expressions have + - * / and parentheses, numbers, metrics with their
 * arguments, param(NAME) for a parameter of the model and config(KEY) for a
 * key of the config that is a number. */
bool expression_value(const struct run *run, const char *text,
                      struct sample *sample, char *why);

/* --- Judging ---------------------------------------------------------- */

/* Judges one record. */
void judge(struct compare *c, struct vsw_comparison *comparison);

#endif
