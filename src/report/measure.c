/* Values of runs, replication by replication. */
#include "report/judgement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/stats.h>

const struct overrides no_overrides = {.n = 0};

bool
unmapped(struct judgement *j, const char *why)
{
    j->out->verdict = VSW_VERDICT_UNMAPPED;
    j->out->simulated = j->out->error = (double) NAN;
    j->out->half_width = 0;
    if (why != j->out->detail) {
        snprintf(j->out->detail, sizeof j->out->detail, "%s", why);
    }
    return false;
}

void
override_step(const struct judgement *j, struct overrides *o, uint32_t i)
{
    if (i < j->reading.n_sweep && o->n < MAX_OVERRIDES) {
        o->items[o->n].word = j->reading.sweep_word;
        o->items[o->n++].value = j->reading.sweep[i];
    }
}

void
override_all(struct overrides *o, const struct vsw_json_node *words)
{
    for (const struct vsw_json_node *w = words ? words->first : NULL;
         w && o->n < MAX_OVERRIDES; w = w->next) {
        o->items[o->n].word = w->key;
        o->items[o->n++].value = w;
    }
}

double
sample_mean(const struct sample *sample)
{
    return vsw_stats_mean(sample->v, sample->n);
}

double
sample_half_width(const struct sample *sample)
{
    return vsw_stats_interval(sample->v, sample->n,
                              VSW_CONFIDENCE_95).half_width;
}

bool
measure_as(struct judgement *j, const char *metric, const char *system,
           const struct overrides *overrides, struct sample *sample)
{
    char why[WHY_BYTES] = "";
    struct run_spec spec;
    const struct run *run;

    if (!scenario_map(j->c, &spec, j->record, &j->reading, system, overrides,
                      why)) {
        return unmapped(j, why);
    }
    run = runs_get(j->c, &spec);
    if (!run || run->why[0]) {
        return unmapped(j, run ? run->why : "not run");
    }
    if (j->c->collecting) {
        *sample = (struct sample) {.n = 1, .v = {1}};
        return true;
    }
    if (!run->result) {
        return unmapped(j, "not run");
    }
    return expression_value(run, metric, sample, why) || unmapped(j, why);
}

bool
measure(struct judgement *j, const char *system,
        const struct overrides *overrides, struct sample *sample)
{
    struct sample against;

    if (!measure_as(j, j->reading.metric, system, overrides, sample)) {
        return false;
    }
    if (j->reading.against) {
        if (!measure_as(j, j->reading.against, system, overrides,
                        &against)) {
            return false;
        }
        for (uint32_t i = 0; i < sample->n; i++) {
            sample->v[i] /= against.v[i];
        }
    }
    return true;
}

static double
compared(enum compare_by by, double first, double second)
{
    switch (by) {
    case COMPARE_GAIN:
        return (first - second) / second;
    case COMPARE_LOSS:
        return (second - first) / second;
    case COMPARE_QUOTIENT:
        return first / second;
    case COMPARE_DIFFERENCE:
        return first - second;
    default:
        return first;
    }
}

/* The first against the second in each replication, which met the same
 * random streams. */
static bool
measure_pair(struct judgement *j, const char *system, const char *second,
             const struct overrides *overrides, struct sample *sample)
{
    const struct vsw_json_node *contrast = j->reading.contrast;
    struct overrides a = *overrides, b = *overrides;
    struct sample other;

    if (!second) {
        override_all(&a, vsw_json_member(contrast, "first"));
        override_all(&b, vsw_json_member(contrast, "second"));
    }
    if (!measure(j, system, &a, sample)
        || !measure(j, second ? second : system, &b, &other)) {
        return false;
    }
    sample->n = sample->n < other.n ? sample->n : other.n;
    for (uint32_t i = 0; i < sample->n; i++) {
        sample->v[i] = compared(j->reading.compare, sample->v[i],
                                other.v[i]);
    }
    return true;
}

bool
measure_compared(struct judgement *j, const char *system, const char *second,
                 const struct overrides *overrides, struct sample *sample)
{
    bool pair = j->reading.compare != COMPARE_NOT
                && (second || j->reading.contrast);

    if (pair ? !measure_pair(j, system, second, overrides, sample)
             : !measure(j, system, overrides, sample)) {
        return false;
    }
    for (uint32_t i = 0; i < sample->n; i++) {
        sample->v[i] /= j->reading.factor;
        if (!isfinite(sample->v[i])) {
            return unmapped(j, "it divides by nothing");
        }
    }
    return true;
}

/* Takes up 'value', the 'i'-th of a sweep; 'one' is what a gain or loss has
 * to be added to for a geometric mean. */
static double
take_up(enum aggregate aggregate, double so_far, double value, double one,
        uint32_t i)
{
    switch (aggregate) {
    case AGGREGATE_MAX:
        return i == 0 ? value : fmax(so_far, value);
    case AGGREGATE_MIN:
        return i == 0 ? value : fmin(so_far, value);
    case AGGREGATE_GEOMEAN:
        return (i == 0 ? 0 : so_far) + log(one + value);
    default:
        return (i == 0 ? 0 : so_far) + value;
    }
}

/* Where the values of a sweep are largest, in each replication. */
static void
take_largest(struct sample *at, struct sample *largest,
             const struct sample *step, double here, uint32_t i)
{
    for (uint32_t k = 0; k < at->n; k++) {
        if (i == 0 || step->v[k] > largest->v[k]) {
            largest->v[k] = step->v[k];
            at->v[k] = here;
        }
    }
}

/* A geometric mean of gains is that of the ratios behind them.  A loss counts
 * downward from 1. */
bool
measure_over_sweep(struct judgement *j, const char *system,
                   const char *second, struct sample *sample)
{
    const struct reading *r = &j->reading;
    bool is_loss = r->compare == COMPARE_LOSS;
    bool from_one = r->compare == COMPARE_GAIN || is_loss;
    double one = from_one ? 1 / r->factor : 0;
    struct sample largest;

    for (uint32_t i = 0; i < r->n_sweep; i++) {
        struct overrides o = no_overrides;
        struct sample step;
        char text[32];

        override_step(j, &o, i);
        if (!measure_compared(j, system, second, &o, &step)) {
            return false;
        }
        note(j, step_label(j, i, text), sample_mean(&step));
        if (i == 0) {
            sample->n = step.n;
        }
        sample->n = sample->n < step.n ? sample->n : step.n;
        if (r->aggregate == AGGREGATE_ARGMAX) {
            take_largest(sample, &largest, &step, r->sweep[i]->real, i);
            continue;
        }
        for (uint32_t k = 0; k < sample->n; k++) {
            sample->v[k] = take_up(r->aggregate, sample->v[k],
                                   is_loss ? -step.v[k] : step.v[k], one, i);
        }
    }
    for (uint32_t k = 0; k < sample->n && r->aggregate != AGGREGATE_ARGMAX;
         k++) {
        if (r->aggregate == AGGREGATE_GEOMEAN) {
            sample->v[k] = exp(sample->v[k] / r->n_sweep) - one;
        } else if (r->aggregate == AGGREGATE_MEAN) {
            sample->v[k] /= r->n_sweep;
        }
        sample->v[k] = is_loss ? -sample->v[k] : sample->v[k];
    }
    return true;
}
