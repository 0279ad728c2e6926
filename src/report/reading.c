/* What a record's metric means. */
#include "report/published_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
string_of(const struct vsw_json_node *object, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(object, key);

    return node && node->type == JSON_STRING ? node->string : NULL;
}

static bool
has_words(const struct vsw_json_node *entry, const char *metric)
{
    const struct vsw_json_node *words = vsw_json_member(entry, "words");

    for (const struct vsw_json_node *w = words->first; w; w = w->next) {
        if (w->type != JSON_STRING || !strstr(metric, w->string)) {
            return false;
        }
    }
    return true;
}

static const struct vsw_json_node *
find_entry(const struct compare *c, const char *metric)
{
    const struct vsw_json_node *list = vsw_json_member(c->vocabulary,
                                                       "metrics");

    for (const struct vsw_json_node *e = list->first; e; e = e->next) {
        if (has_words(e, metric)) {
            return e;
        }
    }
    return NULL;
}

/* What 'word' of the scenario means in table 'table' of the vocabulary. */
static const char *
meaning(const struct compare *c, const struct vsw_published_record *record,
        const char *word, const char *table)
{
    const char *said = string_of(record->scenario, word);

    return said ? string_of(vsw_json_member(c->vocabulary, table), said)
           : NULL;
}

/* Replaces "{step}" and "{phase}" in 'metric'. */
static const char *
fill_in(struct compare *c, const struct vsw_published_record *record,
        const char *metric, char *why)
{
    static const char *const tables[][2] = {
        {"step", "steps"}, {"phase", "phases"},
    };

    for (size_t i = 0; i < VSW_N_ELEMS(tables) && metric; i++) {
        char place[16];
        const char *at, *text;

        snprintf(place, sizeof place, "{%s}", tables[i][0]);
        at = strstr(metric, place);
        if (!at) {
            continue;
        }
        text = meaning(c, record, tables[i][0], tables[i][1]);
        if (!text) {
            snprintf(why, WHY_BYTES, "its %s is not in the vocabulary",
                     tables[i][0]);
            return NULL;
        }
        metric = vsw_pool_printf(&c->pool, "%.*s%s%s", (int) (at - metric),
                                 metric, text, at + strlen(place));
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
        vsw_json_member(vsw_json_member(c->vocabulary, "units"),
                        record->unit);
    const char *metric = units ? string_of(units, record->unit)
                         : string_of(reading->entry, "metric");

    if (!factor || !metric || !(factor->real > 0)) {
        const char *reason = string_of(reading->entry, "why");

        if (reason) {
            snprintf(why, WHY_BYTES, "%s", reason);
        } else {
            snprintf(why, WHY_BYTES, "no metric has the unit \"%s\"",
                     record->unit);
        }
        return false;
    }
    reading->factor = factor->real;
    reading->against = string_of(reading->entry, "against");
    reading->metric = fill_in(c, record, metric, why);
    return reading->metric != NULL;
}

static void
add_sweep(struct reading *reading, const struct vsw_json_node *value)
{
    if (reading->n_sweep < MAX_SWEEP) {
        reading->sweep[reading->n_sweep++] = value;
    }
}

/* Takes the samples of 'word' that lie in the range "low..high". */
static void
add_range(const struct compare *c, struct reading *reading,
          const struct vsw_json_node *word)
{
    const struct vsw_json_node *samples =
        vsw_json_member(vsw_json_member(c->vocabulary, "ranges"), word->key);
    const char *dots = strstr(word->string, "..");
    double low, high;

    if (!samples || !dots) {
        return;
    }
    low = (double) strtoul(word->string, NULL, 10);
    high = (double) strtoul(dots + 2, NULL, 10);
    for (const struct vsw_json_node *s = samples->first; s; s = s->next) {
        if (s->real >= low && s->real <= high) {
            add_sweep(reading, s);
        }
    }
    reading->sweep_word = word->key;
}

/* The vocabulary's sweep, or a range or list in the scenario. */
static void
read_sweep(const struct compare *c, struct reading *reading,
           const struct vsw_published_record *record)
{
    const struct vsw_json_node *sweep = vsw_json_member(reading->entry,
                                                        "sweep");
    const struct vsw_json_node *scenario = record->scenario;

    if (sweep && sweep->first) {
        reading->sweep_word = sweep->first->key;
        for (const struct vsw_json_node *v = sweep->first->first; v;
             v = v->next) {
            add_sweep(reading, v);
        }
        return;
    }
    for (const struct vsw_json_node *w = scenario->first;
         w && !reading->sweep_word; w = w->next) {
        if (w->type == JSON_STRING) {
            add_range(c, reading, w);
        } else if (w->type == JSON_ARRAY) {
            reading->sweep_word = w->key;
            for (const struct vsw_json_node *v = w->first; v; v = v->next) {
                add_sweep(reading, v);
            }
        }
    }
}

bool
reading_init(struct compare *c, struct reading *reading,
             const struct vsw_published_record *record, char *why)
{
    memset(reading, 0, sizeof *reading);
    reading->entry = find_entry(c, record->metric);
    if (!reading->entry) {
        snprintf(why, WHY_BYTES, "no metric for \"%s\"", record->metric);
        return false;
    }
    if (!read_metric(c, reading, record, why)) {
        return false;
    }
    read_sweep(c, reading, record);
    return true;
}
