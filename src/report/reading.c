/* What a record's metric means. */
#include "report/published_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first entry of list 'name' whose words are in 'text' and whose
 * conditions hold; NULL if there is none. */
static const struct vsw_json_node *
find_entry(const struct compare *c, const char *name,
           const struct vsw_published_record *record, const char *text)
{
    const struct vsw_json_node *list = vocabulary(c, name);

    for (const struct vsw_json_node *e = list ? list->first : NULL; e;
         e = e->next) {
        const struct vsw_json_node *without = vsw_json_member(e, "not");

        if (words_are_in(text, vsw_json_member(e, "words"))
            && !(without && words_are_in(text, without))
            && conditions_hold(vsw_json_member(e, "when"), record,
                               record->n_systems > 0 ? record->systems[0]
                                                     : NULL)) {
            return e;
        }
    }
    return NULL;
}

/* What the scenario says about 'place' means, by the table of that name with
 * an "s": "{phase}" is looked up in "phases". */
static const char *
meaning(struct compare *c, const struct vsw_published_record *record,
        const char *place, size_t len)
{
    const char *name = vsw_pool_strndup(&c->pool, place, len);
    const char *table = name ? vsw_pool_printf(&c->pool, "%ss", name) : NULL;
    const char *said = name ? string_of(record->scenario, name) : NULL;

    return table ? string_of(vocabulary(c, table), said ? said : "default")
           : NULL;
}

/* Replaces each "{word}" in 'metric'. */
static const char *
fill_in(struct compare *c, const struct vsw_published_record *record,
        const char *metric, char *why)
{
    const char *open;

    while (metric && (open = strchr(metric, '{')) != NULL) {
        size_t len = strcspn(open + 1, "}");
        const char *text = meaning(c, record, open + 1, len);

        if (!text || !open[len + 1]) {
            snprintf(why, WHY_BYTES, "its %.*s is not in the vocabulary",
                     (int) len, open + 1);
            return NULL;
        }
        metric = vsw_pool_printf(&c->pool, "%.*s%s%s",
                                 (int) (open - metric), metric, text,
                                 open + len + 2);
    }
    return metric;
}

static bool
read_metric(struct compare *c, struct reading *reading,
            const struct vsw_published_record *record, char *why)
{
    const struct vsw_json_node *units = vsw_json_member(reading->entry,
                                                        "units");
    const struct vsw_json_node *factor =
        vsw_json_member(vocabulary(c, "units"), record->unit);
    const char *metric = string_of(units, record->unit);
    const char *reason = string_of(reading->entry, "why");

    metric = metric ? metric : string_of(reading->entry, "metric");
    if (!factor || !metric || !(factor->real > 0)) {
        snprintf(why, WHY_BYTES, reason ? "%.0s%s"
                                        : "no metric has the unit \"%.64s\"",
                 record->unit, reason ? reason : "");
        return false;
    }
    reading->factor = factor->real;
    reading->metric = fill_in(c, record, metric, why);
    reading->against = string_of(reading->entry, "against");
    return reading->metric != NULL;
}

/* --- How it is compared ------------------------------------------------ */

static enum compare_by
compare_of(const char *name)
{
    static const struct {
        const char *name;
        enum compare_by by;
    } names[] = {
        {"gain", COMPARE_GAIN}, {"loss", COMPARE_LOSS},
        {"quotient", COMPARE_QUOTIENT}, {"difference", COMPARE_DIFFERENCE},
    };

    for (size_t i = 0; name && i < VSW_N_ELEMS(names); i++) {
        if (!strcmp(names[i].name, name)) {
            return names[i].by;
        }
    }
    return COMPARE_NOT;
}

static enum shape
shape_of(const char *name)
{
    static const struct {
        const char *name;
        enum shape shape;
    } names[] = {
        {"rising", SHAPE_RISING}, {"falling", SHAPE_FALLING},
        {"flat", SHAPE_FLAT},
    };

    for (size_t i = 0; name && i < VSW_N_ELEMS(names); i++) {
        if (!strcmp(names[i].name, name)) {
            return names[i].shape;
        }
    }
    return SHAPE_NONE;
}

static enum aggregate
aggregate_of(const char *name)
{
    static const struct {
        const char *name;
        enum aggregate aggregate;
    } names[] = {
        {"max", AGGREGATE_MAX}, {"min", AGGREGATE_MIN},
        {"mean", AGGREGATE_MEAN}, {"geomean", AGGREGATE_GEOMEAN},
        {"argmax", AGGREGATE_ARGMAX},
    };

    for (size_t i = 0; name && i < VSW_N_ELEMS(names); i++) {
        if (!strcmp(names[i].name, name)) {
            return names[i].aggregate;
        }
    }
    return AGGREGATE_NOT;
}

/* What the record's single system is compared with: said by a phrase, or its
 * own baseline, unless a contrast says what differs. */
static const char *
second_of(struct compare *c, const struct vsw_published_record *record,
          bool has_contrast)
{
    const struct vsw_json_node *e = find_entry(c, "references", record,
                                               record->metric);
    const char *second = string_of(e, "system");

    if (record->n_systems != 1) {
        return NULL;
    }
    if (!second && !has_contrast) {
        second = string_of(system_entry(c, record, record->systems[0]),
                           "baseline");
    }
    return second && strcmp(second, record->systems[0]) ? second : NULL;
}

/* A phrase such as "gain over", unless the entry says how.  A ratio without
 * one is a quotient in times, a gain in per cent. */
static void
read_compare(struct compare *c, struct reading *reading,
             const struct vsw_published_record *record)
{
    const char *said = string_of(reading->entry, "compare");
    bool is_ratio = !strcmp(record->relation, "ratio");

    reading->contrast = find_entry(c, "contrasts", record, record->metric);
    reading->second = second_of(c, record, reading->contrast != NULL);
    reading->compare = compare_of(said);
    if (said || reading->against
        || vsw_json_member(reading->entry, "alternatives")) {
        return;
    }
    said = string_of(find_entry(c, "comparisons", record, record->metric),
                     "compare");
    if (said && (is_ratio || record->n_systems > 1 || reading->contrast
                 || reading->second)) {
        reading->compare = compare_of(said);
    } else if (is_ratio && (record->n_systems > 1 || reading->contrast
                            || reading->second)) {
        reading->compare = strcmp(record->unit, "x") ? COMPARE_GAIN
                                                     : COMPARE_QUOTIENT;
    }
}

static void
read_shape(struct compare *c, struct reading *reading,
           const struct vsw_published_record *record)
{
    const char *said = string_of(reading->entry, "direction");
    const char *compare = string_of(reading->entry, "compare");
    const struct vsw_json_node *e;

    if (compare && !strcmp(compare, "spread")) {
        said = "flat";
    }
    if (!said) {
        e = find_entry(c, "shapes", record, record->value_text);
        e = e ? e : find_entry(c, "shapes", record, record->metric);
        said = string_of(e, "shape");
    }
    reading->shape = shape_of(said);
}

/* A "drop of -90 %" is a change, not a negative drop. */
static void
settle_sign(struct reading *reading,
            const struct vsw_published_record *record)
{
    if (reading->compare == COMPARE_LOSS && record->n_values > 0
        && record->values[0] < 0) {
        reading->compare = COMPARE_GAIN;
    }
}

struct bound
bound_read(const struct compare *c, const char *text, double factor)
{
    struct bound bound = {false, false, 0};
    const char *at = text + strcspn(text, "<>");
    const struct vsw_json_node *units = vocabulary(c, "units");
    const char *end;
    char unit[16];

    if (!*at) {
        return bound;
    }
    bound.at_most = *at == '<';
    at += 1 + (at[1] == '=');
    at += strspn(at, " ");
    end = word_number(at, &bound.limit);
    if (!end) {
        return bound;
    }
    bound.is_there = true;
    end += strspn(end, " ");
    snprintf(unit, sizeof unit, "%.*s", (int) strcspn(end, " ,;)"), end);
    if (unit[0] && vsw_json_member(units, unit)) {
        factor = vsw_json_member(units, unit)->real;
    }
    bound.limit *= factor;
    return bound;
}

/* Of the entry, the tolerance or the value, in this order. */
static void
read_bound(const struct compare *c, struct reading *reading,
           const struct vsw_published_record *record)
{
    const char *said = string_of(reading->entry, "bound");

    if (strcmp(record->relation, "shape") && !said) {
        return;
    }
    if (said) {
        reading->bound = bound_read(c, said, 1);
    }
    if (!reading->bound.is_there
        && record->tolerance.kind == VSW_TOLERANCE_WORDS) {
        reading->bound = bound_read(c, record->tolerance_text,
                                    reading->factor);
    }
    if (!reading->bound.is_there && record->n_values == 0) {
        reading->bound = bound_read(c, record->value_text, reading->factor);
    }
}

/* --- Sweeps ------------------------------------------------------------ */

static uint32_t
list_values(const struct vsw_json_node *list,
            const struct vsw_json_node *values[MAX_SWEEP])
{
    uint32_t n = 0;

    for (const struct vsw_json_node *v = list->first; v && n < MAX_SWEEP;
         v = v->next) {
        values[n++] = v;
    }
    return n;
}

/* A number that the vocabulary does not hold. */
static const struct vsw_json_node *
made_number(struct compare *c, double x)
{
    struct vsw_json_node *node = vsw_pool_alloc(&c->pool, sizeof *node);
    struct vsw_json_doc *doc = vsw_pool_alloc(&c->pool, sizeof *doc);
    char *text = vsw_pool_printf(&c->pool, "%.17g", x);

    if (!node || !doc || !text) {
        return NULL;
    }
    doc->text = text;
    doc->n_bytes = node->end = strlen(text);
    node->type = JSON_REAL;
    node->real = x;
    node->doc = doc;
    return node;
}

/* Without samples in the vocabulary: from 'low' on, twice as much each. */
static uint32_t
double_up(struct compare *c, double low, double high,
          const struct vsw_json_node *values[MAX_SWEEP])
{
    uint32_t n = 0;

    for (double x = low; x < high && x > 0 && n + 1 < MAX_SWEEP; x *= 2) {
        values[n++] = made_number(c, x);
    }
    values[n++] = made_number(c, high);
    return values[n - 1] ? n : 0;
}

uint32_t
sweep_values(struct compare *c, const char *word,
             const struct vsw_json_node *node,
             const struct vsw_json_node *values[MAX_SWEEP])
{
    const struct vsw_json_node *samples =
        vsw_json_member(vocabulary(c, "ranges"), word);
    const char *dots;
    double low, high;
    uint32_t n = 0;

    if (node->type == JSON_ARRAY) {
        return list_values(node, values);
    }
    dots = node->type == JSON_STRING ? strstr(node->string, "..") : NULL;
    if (!dots || !word_number(node->string, &low)
        || !word_number(dots + 2, &high)) {
        return 0;
    }
    for (const struct vsw_json_node *s = samples ? samples->first : NULL;
         s && n < MAX_SWEEP; s = s->next) {
        if (s->real >= low && s->real <= high) {
            values[n++] = s;
        }
    }
    return n > 0 ? n : double_up(c, low, high, values);
}

/* "n>=2" leaves out what is below. */
static void
cut_sweep(struct reading *reading, const char *tolerance)
{
    const char *at = strstr(tolerance, "n>=");
    double least = at ? strtod(at + 3, NULL) : 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < reading->n_sweep; i++) {
        if (!is_number(reading->sweep[i])
            || reading->sweep[i]->real >= least) {
            reading->sweep[n++] = reading->sweep[i];
        }
    }
    reading->n_sweep = n;
}

/* The entry's sweep; a range or list in the scenario; or one that a phrase
 * such as "over payloads" implies. */
static void
read_sweep(struct compare *c, struct reading *reading,
           const struct vsw_published_record *record)
{
    const struct vsw_json_node *sweep = vsw_json_member(reading->entry,
                                                        "sweep");
    const struct vsw_json_node *scenario = record->scenario;

    if (sweep && sweep->first) {
        reading->sweep_word = sweep->first->key;
        reading->n_sweep = list_values(sweep->first, reading->sweep);
        return;
    }
    for (const struct vsw_json_node *w = scenario->first;
         w && reading->n_sweep == 0; w = w->next) {
        reading->sweep_word = w->key;
        reading->n_sweep = sweep_values(c, w->key, w, reading->sweep);
    }
    sweep = reading->n_sweep > 0 ? NULL
            : find_entry(c, "sweeps", record, record->metric);
    if (sweep) {
        const struct vsw_json_node *values = vsw_json_member(sweep, "values");

        reading->sweep_word = string_of(sweep, "word");
        reading->n_sweep = values ? list_values(values, reading->sweep) : 0;
    }
    cut_sweep(reading, record->tolerance_text);
    if (reading->n_sweep == 0 || !reading->sweep_word) {
        reading->sweep_word = NULL;
        reading->n_sweep = 0;
    }
}

bool
reading_init(struct compare *c, struct reading *reading,
             const struct vsw_published_record *record, char *why)
{
    const char *said;

    memset(reading, 0, sizeof *reading);
    reading->entry = find_entry(c, "metrics", record, record->metric);
    if (!reading->entry) {
        snprintf(why, WHY_BYTES, "no metric for \"%.200s\"", record->metric);
        return false;
    }
    if (!read_metric(c, reading, record, why)) {
        return false;
    }
    read_compare(c, reading, record);
    settle_sign(reading, record);
    read_shape(c, reading, record);
    read_bound(c, reading, record);
    read_sweep(c, reading, record);
    said = string_of(reading->entry, "aggregate");
    said = said ? said : string_of(find_entry(c, "aggregates", record,
                                              record->metric), "aggregate");
    reading->aggregate = reading->n_sweep > 0 ? aggregate_of(said)
                                              : AGGREGATE_NOT;
    return true;
}
