/* Does a record hold? */
#include "report/published_impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "exact" counts per packet: a window cuts through packets at both ends, so
 * a ratio of two counts of it is never quite whole. */
#define EXACT 0.005

/* A step this small, relatively, is no change of direction: it is what start
 * phases and the order of ties move. */
#define SLACK 0.005

/* Longest order that is compared. */
#define MAX_ORDER 8

/* One record being judged. */
struct judgement {
    struct compare *c;
    struct vsw_comparison *out;
    const struct vsw_published_record *record;
    struct reading reading;
};

static const struct override no_override = {NULL, NULL};

static bool
unmapped(struct judgement *j, const char *why)
{
    j->out->verdict = VSW_VERDICT_UNMAPPED;
    j->out->simulated = j->out->error = (double) NAN;
    if (why != j->out->detail) {
        snprintf(j->out->detail, sizeof j->out->detail, "%s", why);
    }
    return false;
}

static const char *
option(const struct judgement *j, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(j->reading.entry,
                                                       key);

    return node && node->type == JSON_STRING ? node->string : "";
}

/* The metric for 'system', in its own unit.  Returns false, with the record
 * unmapped, if there is none. */
static bool
measure(struct judgement *j, const char *system,
        const struct override *override, double *value)
{
    struct run_spec spec;
    const struct run *run;

    if (!scenario_map(j->c, &spec, j->record, &j->reading, system, override,
                      j->out->detail)) {
        return unmapped(j, j->out->detail);
    }
    run = runs_get(j->c, &spec);
    if (!run || !run->result) {
        return unmapped(j, run ? run->why : "not run");
    }
    *value = run_value(run, j->reading.metric);
    if (j->reading.against) {
        *value /= run_value(run, j->reading.against);
    }
    if (!isfinite(*value)) {
        snprintf(j->out->detail, sizeof j->out->detail,
                 "the run gives no %s", j->reading.metric);
        return unmapped(j, j->out->detail);
    }
    return true;
}

/* Adds "LABEL: VALUE" to the detail, as far as there is room. */
static void
note(struct judgement *j, const char *label, double value)
{
    size_t used = strlen(j->out->detail);

    snprintf(j->out->detail + used, sizeof j->out->detail - used,
             "%s%s: %.4g", used ? ", " : "", label, value);
}

static void
decide(struct judgement *j, bool holds)
{
    j->out->verdict = holds ? VSW_VERDICT_HOLDS : VSW_VERDICT_MISSES;
}

/* Compares two numbers in the record's unit; fills in both and the error. */
static bool
is_near(struct judgement *j, double simulated, double published)
{
    const struct vsw_tolerance *t = &j->record->tolerance;
    double difference = simulated - published;
    double relative = difference / fabs(published);

    j->out->simulated = simulated;
    switch (t->kind) {
    case VSW_TOLERANCE_POINTS:
    case VSW_TOLERANCE_ABSOLUTE:
        j->out->error = difference;
        return fabs(difference) <= t->amount;
    case VSW_TOLERANCE_RELATIVE:
        j->out->error = relative;
        return fabs(relative) <= t->amount;
    default:
        j->out->error = fabs(published) > 0 ? relative : difference;
        return fabs(j->out->error) <= EXACT;
    }
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

/* Every system by itself; the worst error is told. */
static void
judge_values(struct judgement *j)
{
    const struct vsw_published_record *record = j->record;
    double worst_simulated = 0, worst = -1;
    bool holds = true;

    if (record->n_values == 0 || j->reading.n_sweep > 0) {
        unmapped(j, record->n_values == 0 ? "its value is no number"
                                          : "one value for a range");
        return;
    }
    for (uint32_t i = 0; i < record->n_systems; i++) {
        double value;

        if (!measure(j, record->systems[i], &no_override, &value)) {
            return;
        }
        value /= j->reading.factor;
        holds &= is_near(j, value, target_for(record, value));
        if (record->n_systems > 1) {
            note(j, record->systems[i], value);
        }
        if (fabs(j->out->error) > worst) {
            worst = fabs(j->out->error);
            worst_simulated = value;
        }
    }
    is_near(j, worst_simulated, target_for(record, worst_simulated));
    decide(j, holds);
}

/* The first system against the second. */
static void
judge_ratio(struct judgement *j)
{
    const struct vsw_published_record *record = j->record;
    double sign = !strcmp(option(j, "compare"), "loss") ? -1 : 1;
    double first, second;

    if (record->n_systems != 2 || record->n_values != 1
        || !option(j, "compare")[0]) {
        unmapped(j, "no two systems, number and way to compare");
        return;
    }
    if (measure(j, record->systems[0], &no_override, &first)
        && measure(j, record->systems[1], &no_override, &second)) {
        double ratio = sign * (first - second) / second;

        note(j, record->systems[0], first);
        note(j, record->systems[1], second);
        decide(j, is_near(j, ratio / j->reading.factor, record->values[0]));
    }
}

/* Systems in the order that 'record' claims: "a > b", or as listed. */
static uint32_t
claimed_order(const struct vsw_published_record *record,
              const char *order[MAX_ORDER])
{
    const char *at = record->value_text;
    uint32_t n = 0;

    if (!strchr(at, '>')) {
        while (n < record->n_systems && n < MAX_ORDER) {
            order[n] = record->systems[n];
            n++;
        }
        return n;
    }
    while (at && n < MAX_ORDER) {
        size_t len = strcspn(at, " >");

        for (uint32_t i = 0; i < record->n_systems; i++) {
            if (strlen(record->systems[i]) == len
                && !strncmp(record->systems[i], at, len)) {
                order[n++] = record->systems[i];
                break;
            }
        }
        at = strchr(at, '>');
        at = at ? at + 1 + strspn(at + 1, " ") : NULL;
    }
    return n;
}

static void
judge_order(struct judgement *j)
{
    const char *order[MAX_ORDER];
    uint32_t n = claimed_order(j->record, order);
    bool holds = true;
    double before = INFINITY;

    if (n < 2 || j->reading.n_sweep > 0) {
        unmapped(j, "no order of two systems at one point");
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        double value;

        if (!measure(j, order[i], &no_override, &value)) {
            return;
        }
        note(j, order[i], value / j->reading.factor);
        holds &= value < before;
        before = value;
    }
    decide(j, holds);
}

/* What a sweep of one system showed. */
struct series {
    double min;
    double max;
    double first;
    double last;
    bool rises;                 /* Never falls by more than SLACK. */
    bool falls;                 /* Never rises by more than SLACK. */
};

static void
extend(struct series *s, double value, bool is_first)
{
    if (is_first) {
        *s = (struct series) {value, value, value, value, true, true};
    }
    s->min = fmin(s->min, value);
    s->max = fmax(s->max, value);
    s->rises &= value >= s->last * (1 - SLACK);
    s->falls &= value <= s->last * (1 + SLACK);
    s->last = value;
}

/* Value 'i' of the sweep of 'system'. */
static bool
measure_step(struct judgement *j, const char *system, uint32_t i,
             double *value)
{
    const struct reading *reading = &j->reading;
    struct override override = {reading->sweep_word, reading->sweep[i]};
    double other;

    if (!measure(j, system, &override, value)) {
        return false;
    }
    if (!strcmp(option(j, "compare"), "quotient")) {
        if (j->record->n_systems != 2) {
            return unmapped(j, "a quotient needs two systems");
        }
        if (!measure(j, j->record->systems[1], &override, &other)) {
            return false;
        }
        *value /= other;
    } else {
        *value /= reading->factor;
    }
    if (vsw_json_member(reading->entry, "times")) {
        *value *= reading->sweep[i]->real;
    }
    return true;
}

static bool
measure_series(struct judgement *j, const char *system, struct series *s)
{
    for (uint32_t i = 0; i < j->reading.n_sweep; i++) {
        char label[32];
        double value;

        if (!measure_step(j, system, i, &value)) {
            return false;
        }
        snprintf(label, sizeof label, "%g", j->reading.sweep[i]->real);
        note(j, label, value);
        extend(s, value, i == 0);
    }
    return true;
}

/* How far the greatest is above the least. */
static bool
is_flat(struct judgement *j, const struct series *s)
{
    const struct vsw_tolerance *t = &j->record->tolerance;

    j->out->simulated = s->max / s->min;
    j->out->error = j->out->simulated - 1;
    if (t->kind == VSW_TOLERANCE_SPREAD) {
        return j->out->simulated <= t->amount;
    }
    return t->kind == VSW_TOLERANCE_RELATIVE
           && (s->max - s->min) / (s->max + s->min) <= t->amount;
}

static bool
has_shape(struct judgement *j, const struct series *s)
{
    const char *direction = option(j, "direction");
    double change = s->max / s->min;

    if (!strcmp(option(j, "compare"), "spread")) {
        return is_flat(j, s);
    }
    if (!strcmp(direction, "rising")) {
        return s->rises && s->last > s->first
               && change >= j->record->tolerance.least_change;
    }
    return !strcmp(direction, "falling") && s->falls && s->last < s->first
           && change >= j->record->tolerance.least_change;
}

static void
judge_series(struct judgement *j)
{
    bool quotient = !strcmp(option(j, "compare"), "quotient");
    uint32_t n = quotient ? 1 : j->record->n_systems;
    bool holds = true;

    for (uint32_t i = 0; i < n; i++) {
        struct series s = {0, 0, 0, 0, true, true};

        if (!measure_series(j, j->record->systems[i], &s)) {
            return;
        }
        holds &= has_shape(j, &s);
    }
    decide(j, holds);
}

static void
judge_shape(struct judgement *j)
{
    const struct vsw_json_node *expect =
        vsw_json_member(j->reading.entry, "expect");
    double value;

    if (j->reading.n_sweep > 1) {
        judge_series(j);
    } else if (j->record->n_systems == 0
               || (!expect && !j->reading.against)) {
        unmapped(j, "no range over which to look for its shape");
    } else if (measure(j, j->record->systems[0], &no_override, &value)) {
        decide(j, is_near(j, value / j->reading.factor,
                          expect ? expect->real : 1));
    }
}

/* A system without a model is the first thing to know about a record. */
static bool
has_models(struct judgement *j)
{
    const struct vsw_json_node *systems =
        vsw_json_member(j->c->vocabulary, "systems");

    for (uint32_t i = 0; i < j->record->n_systems; i++) {
        if (!vsw_json_member(systems, j->record->systems[i])) {
            snprintf(j->out->detail, sizeof j->out->detail, "no model of %s",
                     j->record->systems[i]);
            return false;
        }
    }
    return true;
}

void
judge(struct compare *c, struct vsw_comparison *comparison)
{
    struct judgement j = {.c = c, .out = comparison,
                          .record = comparison->record};
    const char *relation = comparison->record->relation;

    comparison->simulated = comparison->error = (double) NAN;
    comparison->detail[0] = '\0';
    comparison->verdict = VSW_VERDICT_UNMAPPED;
    if (!has_models(&j)
        || !reading_init(c, &j.reading, j.record, comparison->detail)) {
        return;
    }
    if (!strcmp(relation, "ratio")) {
        judge_ratio(&j);
    } else if (!strcmp(relation, "order")) {
        judge_order(&j);
    } else if (!strcmp(relation, "shape")) {
        judge_shape(&j);
    } else {
        judge_values(&j);
    }
}
