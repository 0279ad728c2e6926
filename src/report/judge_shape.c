/* Records about shapes: directions, spreads, bounds, the largest part. */
#include "report/judgement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What "flat" allows when the record gives no number. */
#define FLAT_SPREAD 1.1

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
    s->rises &= value >= s->last - fabs(s->last) * SLACK;
    s->falls &= value <= s->last + fabs(s->last) * SLACK;
    s->last = value;
}

static bool
measure_series(struct judgement *j, const char *system, const char *second,
               struct series *s)
{
    bool times = vsw_json_member(j->reading.entry, "times") != NULL;

    for (uint32_t i = 0; i < j->reading.n_sweep; i++) {
        struct overrides o = no_overrides;
        struct sample sample;
        char text[32];
        double value;

        override_step(j, &o, i);
        if (!measure_compared(j, system, second, &o, &sample)) {
            return false;
        }
        value = sample_mean(&sample)
                * (times ? j->reading.sweep[i]->real : 1);
        note(j, step_label(j, i, text), value);
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
    if (t->kind == VSW_TOLERANCE_RELATIVE) {
        return (s->max - s->min) / (s->max + s->min) <= t->amount;
    }
    return j->out->simulated <= (t->kind == VSW_TOLERANCE_SPREAD
                                 ? t->amount : FLAT_SPREAD);
}

static bool
has_shape(struct judgement *j, const struct series *s)
{
    bool enough = s->max >= s->min * j->record->tolerance.least_change;

    switch (j->reading.shape) {
    case SHAPE_FLAT:
        return is_flat(j, s);
    case SHAPE_RISING:
        return s->rises && s->last > s->first && enough;
    case SHAPE_FALLING:
        return s->falls && s->last < s->first && enough;
    default:
        return false;
    }
}

/* Each system over the range, or the first compared with the second. */
static void
judge_series(struct judgement *j)
{
    bool pair = j->reading.compare != COMPARE_NOT && j->n_systems > 1;
    uint32_t n = pair ? 1 : j->n_systems;
    bool holds = true;

    for (uint32_t i = 0; i < n; i++) {
        struct series s = {0, 0, 0, 0, true, true};

        if (!measure_series(j, j->systems[i],
                            pair ? j->systems[1] : j->reading.second, &s)) {
            return;
        }
        holds &= has_shape(j, &s);
    }
    decide(j, holds);
}

/* Every system keeps the bound at every step; the one closest to it is the
 * simulated value. */
static void
judge_bound(struct judgement *j)
{
    const struct bound *bound = &j->reading.bound;
    double limit = bound->limit / j->reading.factor, worst = -INFINITY;
    uint32_t n = j->reading.n_sweep > 0 ? j->reading.n_sweep : 1;

    for (uint32_t i = 0; i < j->n_systems * n; i++) {
        const char *system = j->systems[i / n];
        struct overrides o = no_overrides;
        struct sample sample;
        double over;

        override_step(j, &o, i % n);
        if (!measure_compared(j, system, j->reading.second, &o, &sample)) {
            return;
        }
        over = (sample_mean(&sample) - limit) * (bound->at_most ? 1 : -1);
        if (j->n_systems * n > 1) {
            char text[32];

            note(j, n > 1 ? step_label(j, i % n, text) : system,
                 sample_mean(&sample));
        }
        if (over > worst) {
            worst = over;
            j->out->simulated = sample_mean(&sample);
            j->out->half_width = sample_half_width(&sample);
            j->out->uncertain = over > 0 && over <= j->out->half_width;
        }
    }
    decide(j, worst <= 0);
}

/* The largest of the entry's parts is the one that the value names. */
static void
judge_largest(struct judgement *j)
{
    const struct vsw_json_node *parts = vsw_json_member(j->reading.entry,
                                                        "parts");
    const struct vsw_json_node *best = NULL;
    double most = -INFINITY;

    for (const struct vsw_json_node *p = parts->first; p; p = p->next) {
        const char *metric = string_of(p, "metric");
        struct sample sample;

        if (!metric || !measure_as(j, metric, j->systems[0], &no_overrides,
                                   &sample)) {
            return;
        }
        note(j, string_of(p, "label") ? string_of(p, "label") : metric,
             sample_mean(&sample));
        if (sample_mean(&sample) > most) {
            most = sample_mean(&sample);
            best = p;
        }
    }
    decide(j, best && words_are_in(j->record->value_text,
                                   vsw_json_member(best, "is")));
}

/* A value that the entry expects, or 1 for one metric against another. */
static void
judge_expected(struct judgement *j)
{
    const struct vsw_json_node *expect = vsw_json_member(j->reading.entry,
                                                         "expect");
    struct vsw_published_record record = *j->record;
    struct sample sample;

    record.n_values = 1;
    record.values[0] = expect ? expect->real : 1;
    record.relation = "equals";
    if (measure_compared(j, j->systems[0], j->reading.second, &no_overrides,
                         &sample)) {
        const struct vsw_published_record *own = j->record;
        bool holds;

        j->record = &record;
        holds = holds_value(j, &sample);
        j->record = own;
        decide(j, holds);
    }
}

void
judge_shape(struct judgement *j)
{
    const struct reading *r = &j->reading;

    if (vsw_json_member(r->entry, "parts")) {
        judge_largest(j);
    } else if (vsw_json_member(r->entry, "alternatives")) {
        judge_order(j);
    } else if (vsw_json_member(r->entry, "expect") || r->against) {
        judge_expected(j);
    } else if (r->bound.is_there) {
        judge_bound(j);
    } else if (r->n_sweep > 1 && r->shape != SHAPE_NONE) {
        judge_series(j);
    } else if (r->shape == SHAPE_NONE && j->record->n_values > 0) {
        judge_values(j);
    } else if (r->contrast) {
        judge_order(j);
    } else {
        unmapped(j, "no range over which to look for its shape");
    }
}
