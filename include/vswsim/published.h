/* Published: what papers report, and whether the simulator agrees.
 *
 * A store is a directory with up to three files.  results.json lists records:
 *
 *   id, paper, where   what it is called and where it stands
 *   use                "calibration", "validation" or "configuration"
 *   family             records that belong together; if absent, the id up to
 *                      its first dot
 *   systems            what was measured; the first comes first in a ratio
 *   scenario           the set-up, in the words of the paper
 *   metric, unit       what was measured
 *   value              a number, [low, high], or words
 *   relation           how value and simulation are compared: see below
 *   tolerance          see struct vsw_tolerance
 *
 * vocabulary.json says what the words mean for a run: which config a CPU's
 * papers start from, which model a system is, which key of a config a word of
 * the scenario sets, which metric a phrase stands for.  The reader knows no
 * record: it looks words up; docs/reproduce.md describes how.  A record with
 * a word that has no meaning is "unmapped", and says which word.
 *
 * expected-misses.json lists the records that are known to miss, and why.
 *
 *   equals   the value of the first system, each system if there are several
 *   ratio    "loss": (second - first) / second; "gain": the opposite sign;
 *            "quotient": first / second
 *   shape    how values change over a range of the scenario, a bound that
 *            they keep, or which part is the largest
 *   order    "a > b > c", strictly
 *   range    within [low, high]
 *   up-to    at most the value
 *
 * Equal runs are made once and shared by all records that need them.  What is
 * compared is the mean over replications, with a 95 % interval of Student's t
 * over the values that each replication gives: for a ratio of two systems the
 * ratios, replication by replication, since both met the same random streams.
 *
 * Thread-safety: a store is read-only after loading. */
#ifndef VSWSIM_PUBLISHED_H
#define VSWSIM_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/experiment.h>
#include <vswsim/report.h>

VSW_EXTERN_C_BEGIN

enum vsw_tolerance_kind {
    VSW_TOLERANCE_RELATIVE,     /* "±15%" of the published value. */
    VSW_TOLERANCE_POINTS,       /* "±4pt": percentage points. */
    VSW_TOLERANCE_ABSOLUTE,     /* "±0.12" in the record's unit. */
    VSW_TOLERANCE_EXACT,        /* "exact" */
    VSW_TOLERANCE_SPREAD,       /* "max/min <= 1.08" */
    VSW_TOLERANCE_MONOTONE,     /* "monotone", "monotone, >=5x from ..." */
    VSW_TOLERANCE_STRICT,       /* "strict" order */
    VSW_TOLERANCE_WORDS,        /* Anything else: for people. */
};

struct vsw_tolerance {
    enum vsw_tolerance_kind kind;
    double amount;              /* 0.15, 4, 0.12, 1.08; 0 if it has none. */
    double least_change;        /* Of MONOTONE: largest value against the
                                 * least, 1 if nothing is said. */
};

/* Reads a tolerance; what it does not know is VSW_TOLERANCE_WORDS.  A sign of
 * plus or minus may be "±", "+-" or "+/-". */
VSW_API struct vsw_tolerance vsw_tolerance_parse(const char *text);

struct vsw_published_record {
    const char *id;
    const char *family;
    const char *paper;
    const char *where;
    const char *use;
    const char *metric;
    const char *unit;
    const char *relation;
    const char *tolerance_text;
    const char *note;           /* "" if there is none. */
    const char *value_text;     /* As written. */
    uint32_t n_values;          /* Numbers in it: 0, 1 or 2 ... */
    double values[2];           /* ... and these. */
    struct vsw_tolerance tolerance;
    const char **systems;
    uint32_t n_systems;
    const void *scenario;       /* Of the reader. */
};

/* A record that is known to miss. */
struct vsw_published_miss {
    const char *id;
    const char *size;           /* How far, in words. */
    const char *reason;         /* The mechanism behind it, by hand. */
};

struct vsw_published {
    struct vsw_published_record *records;
    uint32_t n_records;
    struct vsw_published_miss *misses;
    uint32_t n_misses;
    uint32_t n_compared;        /* Least number of records of results.json
                                 * that a run compares; 0 if not said. */
    const char *dir;            /* Ends in a slash. */
    const void *vocabulary;     /* Of the reader. */
    void *impl;                 /* Memory of all of the above. */
};

/* Loads the store in directory 'dir'; with 'records' not NULL, the records of
 * that file instead of results.json, where an unknown key, relation or use is
 * no mistake.  Returns 0, or a negative errno value with 'err' naming file,
 * line and column of every mistake. */
VSW_API int vsw_published_load(struct vsw_published **published,
                               const char *dir, const char *records,
                               struct vsw_error *err);

VSW_API void vsw_published_free(struct vsw_published *published);

/* The miss that is listed for 'id', or NULL. */
VSW_API const struct vsw_published_miss *
vsw_published_miss_of(const struct vsw_published *published, const char *id);

enum vsw_verdict {
    VSW_VERDICT_HOLDS,
    VSW_VERDICT_MISSES,
    VSW_VERDICT_UNMAPPED,       /* Nothing was run for it. */
};

/* "holds", "misses" or "unmapped". */
VSW_API const char *vsw_verdict_name(enum vsw_verdict verdict);

struct vsw_comparison {
    const struct vsw_published_record *record;
    const struct vsw_published_miss *expected;  /* NULL: none is listed. */
    enum vsw_verdict verdict;
    bool uncertain;             /* It misses, but its interval reaches what
                                 * would hold. */
    double simulated;           /* In the record's unit; NAN if it is more
                                 * than a number. */
    double half_width;          /* Of its interval; 0 if unknown. */
    double error;               /* Relative, or in points where the tolerance
                                 * is; NAN if there is none. */
    char detail[512];           /* The values seen, or why it is unmapped. */
};

struct vsw_comparison_list {
    struct vsw_comparison *items;
    uint32_t n;
    uint32_t n_runs;            /* Simulated points they share. */
};

/* Runs one plan; vsw_experiment_run() does.  Called by several threads. */
typedef int (*vsw_run_fn)(struct vsw_experiment_result **result,
                          const struct vsw_plan *plan,
                          const struct vsw_run_options *options,
                          struct vsw_error *err);

struct vsw_compare_options {
    const char *family;         /* Only records of this family, or whose id is
                                 * it or starts with it and a dot; NULL, "" or
                                 * "all": every record. */
    bool quick;                 /* A quarter of the window and at most two
                                 * replications, or what a base of the
                                 * vocabulary says. */
    vsw_run_fn run;
    struct vsw_run_options run_options; /* 'n_jobs' runs go side by side;
                                         * 'progress' counts runs. */
};

/* Compares every record that 'options' asks for, running what is needed.  A
 * run that fails makes its records unmapped, with the reason, except when it
 * was cancelled.  Returns 0 and a list to free, in the order of the store, or
 * a negative errno value with 'err' filled. */
VSW_API int vsw_published_compare(struct vsw_comparison_list **list,
                                  const struct vsw_published *published,
                                  const struct vsw_compare_options *options,
                                  struct vsw_error *err);

VSW_API void vsw_comparison_list_free(struct vsw_comparison_list *list);

/* "calibration", "prediction" for what was kept for validation, or
 * "configuration". */
VSW_API const char *
vsw_comparison_use(const struct vsw_comparison *comparison);

/* Records that miss, are not listed, and are not uncertain. */
VSW_API uint32_t
vsw_comparison_n_unexpected(const struct vsw_comparison_list *list);

/* Prints a line per record: id, published, simulated, error, use, verdict. */
VSW_API void vsw_comparison_print(const struct vsw_comparison_list *list,
                                  FILE *out);

/* The same as JSON, CSV or Markdown, to free with free(); NULL if memory ran
 * out.  Markdown has a section per family and, below its table, the reason of
 * each miss. */
VSW_API char *vsw_comparison_json(const struct vsw_comparison_list *list);
VSW_API char *vsw_comparison_csv(const struct vsw_comparison_list *list);
VSW_API char *vsw_comparison_markdown(const struct vsw_comparison_list *list);

/* Writes the three as reproduce.json, .csv and .md to 'dir'. */
VSW_API int vsw_comparison_write(const struct vsw_comparison_list *list,
                                 const char *dir, struct vsw_error *err);

/* A config that draws a figure of a paper, and the records that belong to
 * it. */
struct vsw_published_figure {
    const char *config;         /* Path from the store; borrowed. */
    const char *records;        /* What their ids start with. */
};

/* Those that the vocabulary lists. */
VSW_API uint32_t
vsw_published_n_figures(const struct vsw_published *published);
VSW_API struct vsw_published_figure
vsw_published_figure(const struct vsw_published *published, uint32_t i);

/* Draws the plots of 'result' as vsw_report_plots() does, with the published
 * numbers of the records whose ids start with 'prefix' as marks where a line
 * plot shows their metric over a word that they state. */
VSW_API int vsw_published_plots(const struct vsw_published *published,
                                const struct vsw_result *result,
                                const char *prefix, const char *dir,
                                struct vsw_error *err);

VSW_EXTERN_C_END

#endif
