/* Records about an order: of systems, of alternatives of one system, or of
 * a contrast's two sides. */
#include "report/judgement.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Longest order, and members of a group in braces. */
#define MAX_ORDER 8

struct place {
    char labels[MAX_ORDER][32]; /* Equals among themselves. */
    uint32_t n;
    bool or_equal;              /* Against the place before. */
};

struct order {
    struct place places[MAX_ORDER];
    uint32_t n;
};

/* Takes "a", or "{a, b}", apart. */
static void
read_place(struct place *place, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end && place->n < MAX_ORDER) {
        size_t n;

        while (text < end && strchr(" {},", *text)) {
            text++;
        }
        n = strcspn(text, "{},>");
        n = n < (size_t) (end - text) ? n : (size_t) (end - text);
        while (n > 0 && text[n - 1] == ' ') {
            n--;
        }
        if (n == 0) {
            return;
        }
        snprintf(place->labels[place->n++], sizeof place->labels[0], "%.*s",
                 (int) (n < 31 ? n : 31), text);
        text += n;
    }
}

/* Reads "a > {b, c} >= d". */
static void
read_order(struct order *order, const char *text)
{
    bool or_equal = false;

    order->n = 0;
    while (order->n < MAX_ORDER) {
        struct place *place = &order->places[order->n++];
        size_t len = strcspn(text, ">\u2265");

        memset(place, 0, sizeof *place);
        place->or_equal = or_equal;
        read_place(place, text, len);
        text += len;
        if (!*text) {
            return;
        }
        or_equal = *text != '>' || text[1] == '=';
        text += strspn(text, ">=\u2265");
    }
}

/* One place per name, strictly. */
static void
list_order(struct order *order, const char *const *names, uint32_t n)
{
    memset(order, 0, sizeof *order);
    for (order->n = 0; order->n < n && order->n < MAX_ORDER; order->n++) {
        struct place *place = &order->places[order->n];

        snprintf(place->labels[0], sizeof place->labels[0], "%.31s",
                 names[order->n]);
        place->n = 1;
    }
}

/* The system of the record that 'label' means: itself, or what it begins. */
static const char *
system_called(const struct judgement *j, const char *label)
{
    for (uint32_t i = 0; i < j->n_systems; i++) {
        if (!strcmp(j->systems[i], label)) {
            return j->systems[i];
        }
    }
    for (uint32_t i = 0; i < j->n_systems; i++) {
        if (!strncmp(j->systems[i], label, strlen(label))
            || word_is_in(j->systems[i], label)) {
            return j->systems[i];
        }
    }
    return NULL;
}

static const struct vsw_json_node *
alternative_called(const struct judgement *j, const char *label)
{
    const struct vsw_json_node *list = vsw_json_member(j->reading.entry,
                                                       "alternatives");

    for (const struct vsw_json_node *a = list ? list->first : NULL; a;
         a = a->next) {
        const char *name = string_of(a, "label");

        if (name && !strcmp(name, label)) {
            return vsw_json_member(a, "set");
        }
    }
    return NULL;
}

/* Value of 'label' at step 'i' of the sweep. */
static bool
measure_label(struct judgement *j, const char *label, uint32_t i,
              struct sample *sample)
{
    const char *system = system_called(j, label);
    struct overrides o = no_overrides;

    override_step(j, &o, i);
    if (vsw_json_member(j->reading.entry, "alternatives")) {
        const struct vsw_json_node *set = alternative_called(j, label);

        if (!set) {
            return unmapped(j, "its order names what the vocabulary lacks");
        }
        override_all(&o, set);
        system = j->systems[0];
    } else if (!system && j->reading.contrast) {
        override_all(&o, vsw_json_member(j->reading.contrast, label));
        system = j->systems[0];
    }
    if (!system) {
        return unmapped(j, "its order names no system of it");
    }
    return measure(j, system, &o, sample);
}

/* Extremes of a place: every member lies between them. */
struct extent {
    double low;
    double high;
};

static bool
measure_place(struct judgement *j, const struct place *place, uint32_t step,
              struct extent *extent)
{
    *extent = (struct extent) {INFINITY, -INFINITY};
    for (uint32_t i = 0; i < place->n; i++) {
        struct sample sample;
        double value;

        if (!measure_label(j, place->labels[i], step, &sample)) {
            return false;
        }
        value = sample_mean(&sample);
        note(j, place->labels[i], value / j->reading.factor);
        extent->low = fmin(extent->low, value);
        extent->high = fmax(extent->high, value);
    }
    return true;
}

static bool
judge_step(struct judgement *j, const struct order *order, uint32_t step,
           bool *holds)
{
    struct extent before = {INFINITY, INFINITY};

    for (uint32_t i = 0; i < order->n; i++) {
        const struct place *place = &order->places[i];
        struct extent now;

        if (!measure_place(j, place, step, &now)) {
            return false;
        }
        *holds &= place->or_equal ? now.high <= before.low * (1 + SLACK)
                                  : now.high < before.low;
        before = now;
    }
    return true;
}

/* Where the order is written: the entry, the value, or the list of systems. */
static bool
find_order(struct judgement *j, struct order *order)
{
    static const char *const sides[] = {"first", "second"};
    const char *said = string_of(j->reading.entry, "order");

    if (said || strchr(j->record->value_text, '>')) {
        read_order(order, said ? said : j->record->value_text);
    } else if (j->reading.contrast && j->n_systems == 1) {
        list_order(order, sides, 2);
        order->places[1].or_equal =
            word_is_in(j->record->metric, ">=|\u2265");
    } else {
        list_order(order, j->systems, j->n_systems);
    }
    return order->n > 1;
}

void
judge_order(struct judgement *j)
{
    uint32_t n = j->reading.n_sweep > 0 ? j->reading.n_sweep : 1;
    struct order order;
    bool holds = true;

    if (!find_order(j, &order)) {
        unmapped(j, "no order of two or more");
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        char text[32];

        if (j->reading.n_sweep > 0) {
            note_text(j, step_label(j, i, text));
        }
        if (!judge_step(j, &order, i, &holds)) {
            return;
        }
    }
    decide(j, holds);
}
