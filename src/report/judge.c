/* Does a record hold? */
#include "report/judgement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "exact" counts per packet: a window cuts through packets at both ends, so
 * a ratio of two counts of it is never quite whole. */
#define EXACT 0.005

void
note_text(struct judgement *j, const char *text)
{
    size_t used = strlen(j->out->detail);

    snprintf(j->out->detail + used, sizeof j->out->detail - used, "%s%s",
             used ? ", " : "", text);
}

void
note(struct judgement *j, const char *label, double value)
{
    char text[96];

    snprintf(text, sizeof text, "%.64s: %.4g", label, value);
    note_text(j, text);
}

const char *
step_label(const struct judgement *j, uint32_t i, char text[32])
{
    const struct vsw_json_node *value = j->reading.sweep[i];

    if (value->type == JSON_STRING) {
        snprintf(text, 32, "%.31s", value->string);
    } else {
        snprintf(text, 32, "%g", value->real);
    }
    return text;
}

void
decide(struct judgement *j, bool holds)
{
    j->out->verdict = holds ? VSW_VERDICT_HOLDS : VSW_VERDICT_MISSES;
}

/* The published value, or the nearer end of a published range. */
static double
target_for(const struct vsw_published_record *record, double simulated)
{
    double low = record->values[0];
    double high = record->values[record->n_values - 1];

    if (!strcmp(record->relation, "up-to")) {
        return simulated <= high ? simulated : high;
    }
    return simulated < low ? low : simulated > high ? high : simulated;
}

/* Error of 'simulated' in the tolerance's kind. */
static double
error_of(const struct vsw_published_record *record, double simulated)
{
    double published = target_for(record, simulated);
    double difference = simulated - published;

    switch (record->tolerance.kind) {
    case VSW_TOLERANCE_POINTS:
    case VSW_TOLERANCE_ABSOLUTE:
        return difference;
    default:
        return fabs(published) > 0 ? difference / published : difference;
    }
}

static bool
is_near(const struct vsw_published_record *record, double simulated)
{
    enum vsw_tolerance_kind kind = record->tolerance.kind;
    bool has_amount = kind == VSW_TOLERANCE_RELATIVE
                      || kind == VSW_TOLERANCE_POINTS
                      || kind == VSW_TOLERANCE_ABSOLUTE;

    return fabs(error_of(record, simulated))
           <= (has_amount ? record->tolerance.amount : EXACT);
}

/* The point of the interval around 'x' that is nearest to what holds. */
static double
nearest_within(const struct vsw_published_record *record, double x,
               double half_width)
{
    double target = target_for(record, x);

    return fabs(target - x) <= half_width ? target
           : x < target ? x + half_width : x - half_width;
}

bool
holds_value(struct judgement *j, const struct sample *sample)
{
    double mean = sample_mean(sample);

    j->out->simulated = mean;
    j->out->half_width = sample_half_width(sample);
    j->out->error = error_of(j->record, mean);
    if (is_near(j->record, mean)) {
        return true;
    }
    j->out->uncertain = is_near(j->record,
                                nearest_within(j->record, mean,
                                               j->out->half_width));
    return false;
}

/* Whether every record's value is told apart from one that is better. */
static bool
is_worse(const struct vsw_comparison *a, const struct vsw_comparison *b)
{
    return fabs(a->error) > fabs(b->error);
}

/* The value of one system, or of each step of its sweep; the worst is
 * kept in '*worst'. */
static bool
judge_system(struct judgement *j, const char *system, const char *second,
             struct vsw_comparison *worst, bool *holds)
{
    bool each = j->reading.n_sweep > 0
                && j->reading.aggregate == AGGREGATE_NOT;
    uint32_t n = each ? j->reading.n_sweep : 1;

    for (uint32_t i = 0; i < n; i++) {
        struct overrides o = no_overrides;
        struct sample sample;
        char text[32];

        override_step(j, &o, each ? i : UINT32_MAX);
        if (j->reading.n_sweep > 0 && !each
            ? !measure_over_sweep(j, system, second, &sample)
            : !measure_compared(j, system, second, &o, &sample)) {
            return false;
        }
        *holds &= holds_value(j, &sample);
        if (each) {
            note(j, step_label(j, i, text), j->out->simulated);
        } else if (j->n_systems > (second ? 2u : 1u)) {
            note(j, system, j->out->simulated);
        }
        if (!worst->record || is_worse(j->out, worst)) {
            *worst = *j->out;
        }
    }
    return true;
}

/* Takes over the numbers of the worst value, but all that was noted. */
static void
settle(struct judgement *j, const struct vsw_comparison *worst, bool holds)
{
    j->out->simulated = worst->simulated;
    j->out->half_width = worst->half_width;
    j->out->error = worst->error;
    j->out->uncertain = worst->uncertain && !holds;
    decide(j, holds);
}

/* The first system against each of the others, or against its reference. */
static void
judge_pairs(struct judgement *j)
{
    struct vsw_comparison worst = {.record = NULL};
    bool holds = true;

    if (j->n_systems == 1) {
        if (!judge_system(j, j->systems[0], j->reading.second, &worst,
                          &holds)) {
            return;
        }
    }
    for (uint32_t i = 1; i < j->n_systems; i++) {
        if (!judge_system(j, j->systems[0], j->systems[i], &worst, &holds)) {
            return;
        }
    }
    settle(j, &worst, holds);
}

/* Every system by itself. */
static void
judge_each(struct judgement *j)
{
    struct vsw_comparison worst = {.record = NULL};
    bool holds = true;

    for (uint32_t i = 0; i < j->n_systems; i++) {
        if (!judge_system(j, j->systems[i], NULL, &worst, &holds)) {
            return;
        }
    }
    settle(j, &worst, holds);
}

void
judge_values(struct judgement *j)
{
    const struct reading *r = &j->reading;

    if (j->record->n_values == 0) {
        unmapped(j, "its value is no number");
    } else if (r->compare == COMPARE_NOT) {
        judge_each(j);
    } else if (j->n_systems < 2 && !r->second && !r->contrast) {
        unmapped(j, "it names nothing to compare with");
    } else {
        judge_pairs(j);
    }
}

/* A system without a model is the first thing to know about a record. */
static bool
find_systems(struct judgement *j)
{
    for (uint32_t i = 0; i < j->record->n_systems; i++) {
        const char *system = j->record->systems[i];
        const struct vsw_json_node *entry =
            strchr(system, '*') ? NULL
            : system_entry(j->c, j->record, system);

        if (!strchr(system, '*') && (!entry || string_of(entry, "why"))) {
            const char *why = string_of(entry, "why");

            snprintf(j->out->detail, sizeof j->out->detail, "%s%.64s",
                     why ? "" : "no model of ", why ? why : system);
            return false;
        }
    }
    j->n_systems = systems_of(j->c, j->record, j->systems);
    if (j->n_systems == 0) {
        snprintf(j->out->detail, sizeof j->out->detail, "no model of %.64s",
                 j->record->n_systems > 0 ? j->record->systems[0]
                                          : "no system");
    }
    return j->n_systems > 0;
}

static bool
is_known(const char *relation)
{
    return !strcmp(relation, "equals") || !strcmp(relation, "range")
           || !strcmp(relation, "up-to") || !strcmp(relation, "ratio");
}

void
judge(struct compare *c, struct vsw_comparison *comparison)
{
    struct judgement j = {.c = c, .out = comparison,
                          .record = comparison->record};
    const char *relation = comparison->record->relation;

    comparison->simulated = comparison->error = (double) NAN;
    comparison->half_width = 0;
    comparison->uncertain = false;
    comparison->detail[0] = '\0';
    comparison->verdict = VSW_VERDICT_UNMAPPED;
    if (!find_systems(&j)
        || !reading_init(c, &j.reading, j.record, comparison->detail)) {
        return;
    }
    if (!strcmp(relation, "order")) {
        judge_order(&j);
    } else if (!strcmp(relation, "shape")) {
        judge_shape(&j);
    } else if (is_known(relation)) {
        judge_values(&j);
    } else {
        snprintf(comparison->detail, sizeof comparison->detail,
                 "no way to compare by \"%.64s\"", relation);
    }
}
