/* From the words of a scenario to the settings of a run. */
#include "report/published_impl.h"

#include <stdio.h>
#include <string.h>

/* A scenario being mapped. */
struct mapping {
    struct compare *c;
    struct run_spec *spec;
    const struct vsw_published_record *record;
    const char *system;
    const struct overrides *overrides;
    char *why;
    unsigned int depth;
};

/* Words that stand for words, at most. */
#define MAX_DEPTH 8

static bool apply(struct mapping *m, const char *word,
                  const struct vsw_json_node *value);

static bool
refuse(struct mapping *m, const char *format, const char *word)
{
    snprintf(m->why, WHY_BYTES, format, word);
    return false;
}

/* --- Systems ----------------------------------------------------------- */

/* The alternative of 'node', an object or a list of them, that fits. */
static const struct vsw_json_node *
alternative(const struct vsw_json_node *node,
            const struct vsw_published_record *record, const char *system)
{
    if (!node || node->type != JSON_ARRAY) {
        return node && conditions_hold(vsw_json_member(node, "when"), record,
                                       system) ? node : NULL;
    }
    for (const struct vsw_json_node *a = node->first; a; a = a->next) {
        if (conditions_hold(vsw_json_member(a, "when"), record, system)) {
            return a;
        }
    }
    return NULL;
}

static const struct vsw_json_node *
modifier(const struct compare *c, const struct vsw_published_record *record,
         const char *name)
{
    return alternative(vsw_json_member(vocabulary(c, "modifiers"), name),
                       record, NULL);
}

/* A system's name taken apart: what is known, and its modifiers. */
struct resolved {
    const struct vsw_json_node *entry;
    const struct vsw_json_node *modifiers[MAX_DEPTH];
    uint32_t n_modifiers;
};

/* Takes modifiers off the end of 'name' until it is known: "a+b-c" is "a"
 * with "b" and "c", unless "b-c" is one. */
static bool
resolve(const struct compare *c, const struct vsw_published_record *record,
        const char *name, struct resolved *r, unsigned int depth)
{
    char text[128];
    size_t len = strlen(name);

    if (len >= sizeof text || depth == MAX_DEPTH) {
        return false;
    }
    r->entry = alternative(vsw_json_member(vocabulary(c, "systems"), name),
                           record, name);
    r->n_modifiers = 0;
    for (size_t cut = len; !r->entry && cut > 1; cut--) {
        const struct vsw_json_node *m;

        if (!strchr("+-", name[cut - 1])) {
            continue;
        }
        m = modifier(c, record, name + cut);
        snprintf(text, sizeof text, "%.*s", (int) cut - 1, name);
        if (m && resolve(c, record, text, r, depth + 1)) {
            r->modifiers[r->n_modifiers++] = m;
        }
    }
    return r->entry != NULL;
}

const struct vsw_json_node *
system_entry(const struct compare *c,
             const struct vsw_published_record *record, const char *system)
{
    struct resolved r = {.entry = NULL};

    return resolve(c, record, system, &r, 0) ? r.entry : NULL;
}

uint32_t
systems_of(const struct compare *c,
           const struct vsw_published_record *record,
           const char *systems[MAX_SWEEP])
{
    const struct vsw_json_node *all = vocabulary(c, "systems");
    uint32_t n = 0;

    for (uint32_t i = 0; i < record->n_systems && n < MAX_SWEEP; i++) {
        if (!strchr(record->systems[i], '*')) {
            systems[n++] = record->systems[i];
            continue;
        }
        for (const struct vsw_json_node *s = all->first;
             s && n < MAX_SWEEP; s = s->next) {
            const struct vsw_json_node *e = alternative(s, record, s->key);
            const char *family = string_of(e, "family");

            if (string_of(e, "model") && word_fits(record->systems[i], s->key)
                && (!family || !strcmp(family, record->family))) {
                systems[n++] = s->key;
            }
        }
    }
    return n;
}

/* --- Settings ---------------------------------------------------------- */

/* Sets 'key'; a later value replaces an earlier one. */
static bool
put(struct mapping *m, const char *key, const char *text)
{
    struct run_spec *spec = m->spec;
    bool is_param = !strncmp(key, "params.", 7);
    struct setting *list = is_param ? spec->params : spec->settings;
    uint32_t *n = is_param ? &spec->n_params : &spec->n_settings;
    uint32_t i = 0;

    key += is_param ? 7 : 0;
    while (i < *n && strcmp(list[i].key, key)) {
        i++;
    }
    if (i == MAX_SETTINGS || !text) {
        return refuse(m, "%s", text ? "too many settings" : "out of memory");
    }
    list[i].key = key;
    list[i].text = text;
    *n += i == *n;
    return true;
}

static bool
is_ignored(const struct compare *c, const char *word)
{
    const struct vsw_json_node *list = vocabulary(c, "ignored");

    for (const struct vsw_json_node *w = list->first; w; w = w->next) {
        if (!strcmp(w->string, word)) {
            return true;
        }
    }
    return false;
}

/* Applies all of 'words', or config keys, which have a dot. */
static bool
apply_all(struct mapping *m, const struct vsw_json_node *words)
{
    for (const struct vsw_json_node *w = words ? words->first : NULL; w;
         w = w->next) {
        if (!apply(m, w->key, w)) {
            return false;
        }
    }
    return true;
}

/* Whether 'want' of an alternative is what the scenario says. */
static bool
is_said(const struct vsw_json_node *alternative, const char *word,
        const struct vsw_json_node *value)
{
    struct vsw_json_node scenario = {.type = JSON_OBJECT}, said = *value;
    struct vsw_json_node want, when = {.type = JSON_OBJECT};
    const struct vsw_published_record none = {.scenario = &scenario};
    const struct vsw_json_node *is = vsw_json_member(alternative, "is");

    if (!is) {
        return true;
    }
    want = *is;
    want.key = said.key = word;
    want.next = said.next = NULL;
    scenario.first = &said;
    when.first = &want;
    return conditions_hold(&when, &none, NULL);
}

/* Applies what one of the alternatives of 'word' stands for, if any fits. */
static bool
apply_value(struct mapping *m, const char *word,
            const struct vsw_json_node *value, bool *done)
{
    const struct vsw_json_node *list =
        vsw_json_member(vocabulary(m->c, "values"), word);

    *done = false;
    for (const struct vsw_json_node *a = list ? list->first : NULL; a;
         a = a->next) {
        if (is_said(a, word, value)
            && conditions_hold(vsw_json_member(a, "when"), m->record,
                               m->system)) {
            const char *why = string_of(a, "why");

            *done = true;
            return why ? refuse(m, "%s", why)
                   : apply_all(m, vsw_json_member(a, "set"));
        }
    }
    return true;
}

/* A number of a scenario as the config wants it, 'less' taken off. */
static const char *
scaled(struct mapping *m, const char *word, const struct vsw_json_node *value,
       const struct vsw_json_node *less)
{
    const struct vsw_json_node *scale =
        vsw_json_member(vocabulary(m->c, "scales"), word);
    double x = value->real;

    if (value->type == JSON_STRING && !word_number(value->string, &x)) {
        return vsw_json_text(value, &m->c->pool);
    }
    if (value->type != JSON_STRING && !is_number(value)) {
        return vsw_json_text(value, &m->c->pool);
    }
    return vsw_pool_printf(&m->c->pool, "%.17g",
                           x * (scale ? scale->real : 1)
                               - (less ? less->real : 0));
}

/* Sets the key that 'word' stands for, or the "keys" of the alternative that
 * fits. */
static bool
put_keys(struct mapping *m, const char *word,
         const struct vsw_json_node *value)
{
    const struct vsw_json_node *key =
        vsw_json_member(vocabulary(m->c, "keys"), word);
    const char *text;

    if (key && key->type == JSON_STRING) {
        return put(m, key->string, scaled(m, word, value, NULL));
    }
    key = alternative(key, m->record, m->system);
    text = scaled(m, word, value, vsw_json_member(key, "less"));
    key = vsw_json_member(key, "keys");
    if (!key || key->type != JSON_ARRAY) {
        return refuse(m, "\"%.64s\" has no meaning for a run", word);
    }
    for (const struct vsw_json_node *k = key->first; k; k = k->next) {
        if (k->type != JSON_STRING || !put(m, k->string, text)) {
            return false;
        }
    }
    return true;
}

static bool
apply_word(struct mapping *m, const char *word,
           const struct vsw_json_node *value)
{
    const char *alias = string_of(vocabulary(m->c, "aliases"), word);
    const struct vsw_json_node *fixed;
    bool done;

    word = alias ? alias : word;
    if (is_ignored(m->c, word)) {
        return true;
    }
    if (!apply_value(m, word, value, &done) || done) {
        return done && !m->why[0];
    }
    fixed = vsw_json_member(vocabulary(m->c, "fixed"), word);
    if (fixed) {
        struct vsw_json_node is = *fixed, only = {.type = JSON_OBJECT};

        is.key = "is";
        is.next = NULL;
        only.first = &is;
        return is_said(&only, word, value)
               || refuse(m, "no model has this \"%.64s\"", word);
    }
    return put_keys(m, word, value);
}

/* Applies one word of a scenario, or sets one key of a config. */
static bool
apply(struct mapping *m, const char *word, const struct vsw_json_node *value)
{
    bool ok;

    if (strchr(word, '.')) {
        return put(m, word, vsw_json_text(value, &m->c->pool));
    }
    if (m->depth == MAX_DEPTH) {
        return refuse(m, "\"%.64s\" stands for itself", word);
    }
    m->depth++;
    ok = apply_word(m, word, value);
    m->depth--;
    return ok;
}

static bool
is_overridden(const struct mapping *m, const char *word)
{
    for (uint32_t i = 0; i < m->overrides->n; i++) {
        const char *other = m->overrides->items[i].word;

        if (!strcmp(other, word)) {
            return true;
        }
    }
    return false;
}

/* Whether values of 'word' stand for several settings. */
static bool
sets_several(const struct mapping *m, const char *word)
{
    const char *alias = string_of(vocabulary(m->c, "aliases"), word);

    return vsw_json_member(vocabulary(m->c, "values"), alias ? alias : word);
}

/* The words of 'scenario' that set several things, or only the others. */
static bool
apply_words(struct mapping *m, const struct vsw_json_node *scenario,
            bool several)
{
    for (const struct vsw_json_node *w = scenario->first; w; w = w->next) {
        if (!is_overridden(m, w->key) && sets_several(m, w->key) == several
            && !apply(m, w->key, w)) {
            return false;
        }
    }
    return true;
}

/* The scenario's own words, and the defaults of those it lacks.  A direction
 * implies how many guests there are, unless another word says it: in whatever
 * order they stand, words that set one thing come last. */
static bool
apply_scenario(struct mapping *m)
{
    const struct vsw_json_node *scenario = m->record->scenario;
    const struct vsw_json_node *defaults = vocabulary(m->c, "defaults");

    for (const struct vsw_json_node *w = defaults->first; w; w = w->next) {
        const struct vsw_json_node *a = w;

        if (w->type == JSON_ARRAY) {
            a = vsw_json_member(alternative(w, m->record, m->system),
                                "value");
        }
        if (a && !vsw_json_member(scenario, w->key)
            && !is_overridden(m, w->key) && !apply(m, w->key, a)) {
            return false;
        }
    }
    return apply_words(m, scenario, true) && apply_words(m, scenario, false);
}

static bool
use_base(struct mapping *m)
{
    const struct vsw_json_node *base = vocabulary(m->c, "bases")->first;

    while (base && !(string_of(base, "config")
                     && conditions_hold(base, m->record, m->system)
                     && conditions_hold(vsw_json_member(base, "when"),
                                        m->record, m->system))) {
        base = base->next;
    }
    if (!base) {
        return refuse(m, "no config for its %s", "machine");
    }
    m->spec->config = vsw_pool_printf(&m->c->pool, "%s%s",
                                      m->c->published->dir,
                                      string_of(base, "config"));
    m->spec->quick = vsw_json_member(base, "quick");
    return m->spec->config && apply_all(m, vsw_json_member(base, "set"));
}

static bool
apply_params(struct mapping *m, const struct vsw_json_node *entry)
{
    const struct vsw_json_node *params = vsw_json_member(entry, "params");

    for (const struct vsw_json_node *p = params ? params->first : NULL; p;
         p = p->next) {
        const char *key = vsw_pool_printf(&m->c->pool, "params.%s", p->key);

        if (!key || !put(m, key, vsw_json_text(p, &m->c->pool))) {
            return false;
        }
    }
    return apply_all(m, vsw_json_member(entry, "set"));
}

/* Model of a system, and the parameters that make it this variant. */
static bool
use_system(struct mapping *m)
{
    struct resolved r = {.entry = NULL};
    const char *model;

    if (!resolve(m->c, m->record, m->system, &r, 0)) {
        return refuse(m, "no model of %.64s", m->system);
    }
    model = string_of(r.entry, "model");
    if (!model) {
        const char *why = string_of(r.entry, "why");

        return why ? refuse(m, "%s", why)
               : refuse(m, "no model of %.64s", m->system);
    }
    m->spec->model = model;
    m->spec->machine = string_of(r.entry, "machine");
    if (!apply_params(m, r.entry)) {
        return false;
    }
    for (uint32_t i = 0; i < r.n_modifiers; i++) {
        if (!apply_params(m, r.modifiers[i])) {
            return false;
        }
    }
    return true;
}

bool
scenario_map(struct compare *c, struct run_spec *spec,
             const struct vsw_published_record *record,
             const struct reading *reading, const char *system,
             const struct overrides *overrides, char *why)
{
    struct mapping m = {.c = c, .spec = spec, .record = record,
                        .system = system,
                        .overrides = overrides, .why = why};

    memset(spec, 0, sizeof *spec);
    why[0] = '\0';
    if (!use_base(&m) || !use_system(&m) || !apply_scenario(&m)
        || !apply_all(&m, vsw_json_member(reading->entry, "set"))) {
        return false;
    }
    for (uint32_t i = 0; i < overrides->n; i++) {
        if (!apply(&m, overrides->items[i].word,
                   overrides->items[i].value)) {
            return false;
        }
    }
    return true;
}
