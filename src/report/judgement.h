/* One record being judged: what judge.c, judge_shape.c and measure.c
 * share. */
#ifndef REPORT_JUDGEMENT_H
#define REPORT_JUDGEMENT_H

#include "report/published_impl.h"

/* A step this small, relatively, is no change of direction: it is what start
 * phases and the order of ties move. */
#define SLACK 0.005

struct judgement {
    struct compare *c;
    struct vsw_comparison *out;
    const struct vsw_published_record *record;
    struct reading reading;
    const char *systems[MAX_SWEEP]; /* Patterns replaced. */
    uint32_t n_systems;
};

extern const struct overrides no_overrides;

/* --- Measuring: each returns false, with the record unmapped, if there is no
 * value. -------------------------------------------------------------- */

bool unmapped(struct judgement *j, const char *why);

/* Adds "WORD: VALUE" for the step 'i' of the sweep; nothing without one. */
void override_step(const struct judgement *j, struct overrides *o,
                   uint32_t i);

/* Adds all members of 'words'. */
void override_all(struct overrides *o, const struct vsw_json_node *words);

/* The metric for 'system' in its own unit. */
bool measure(struct judgement *j, const char *system,
             const struct overrides *overrides, struct sample *sample);

/* Expression 'metric' there, whatever the record's is. */
bool measure_as(struct judgement *j, const char *metric, const char *system,
                const struct overrides *overrides, struct sample *sample);

/* The same for 'system', compared with what the reading says and in the
 * record's unit; 'second' may be NULL. */
bool measure_compared(struct judgement *j, const char *system,
                      const char *second, const struct overrides *overrides,
                      struct sample *sample);

/* One sample for all steps of the sweep, by the reading's aggregate. */
bool measure_over_sweep(struct judgement *j, const char *system,
                        const char *second, struct sample *sample);

double sample_mean(const struct sample *sample);
double sample_half_width(const struct sample *sample);

/* --- Deciding --------------------------------------------------------- */

/* Adds "LABEL: VALUE" to the detail, as far as there is room. */
void note(struct judgement *j, const char *label, double value);
void note_text(struct judgement *j, const char *text);

/* Name of step 'i' of the sweep. */
const char *step_label(const struct judgement *j, uint32_t i,
                       char text[32]);

void decide(struct judgement *j, bool holds);

/* Takes 'sample' as the simulated value and says whether it holds. */
bool holds_value(struct judgement *j, const struct sample *sample);

void judge_shape(struct judgement *j);
void judge_order(struct judgement *j);
void judge_values(struct judgement *j);

#endif
