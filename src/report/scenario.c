/* From the words of a scenario to the settings of a run. */
#include "report/published_impl.h"

#include <stdio.h>
#include <string.h>

static const struct vsw_json_node *
table(const struct compare *c, const char *name)
{
    return vsw_json_member(c->vocabulary, name);
}

static bool
is_number(const struct vsw_json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_REAL;
}

/* Equal numbers; of texts, 'want' as the beginning is enough, since papers
 * add remarks to a CPU's name. */
static bool
agrees(const struct vsw_json_node *want, const struct vsw_json_node *have)
{
    if (!have || is_number(want) != is_number(have)) {
        return false;
    }
    if (is_number(want)) {
        return !(want->real < have->real) && !(want->real > have->real);
    }
    return want->type == JSON_STRING && have->type == JSON_STRING
           && !strncmp(want->string, have->string, strlen(want->string));
}

static bool
base_fits(const struct vsw_json_node *base,
          const struct vsw_json_node *scenario)
{
    for (const struct vsw_json_node *m = base->first; m; m = m->next) {
        if (strcmp(m->key, "config") && strcmp(m->key, "set")
            && !agrees(m, vsw_json_member(scenario, m->key))) {
            return false;
        }
    }
    return vsw_json_member(base, "config") != NULL;
}

/* Sets 'key'; a later value replaces an earlier one. */
static bool
put(struct compare *c, struct run_spec *spec, const char *key,
    const struct vsw_json_node *value, char *why)
{
    bool is_param = !strncmp(key, "params.", 7);
    struct setting *list = is_param ? spec->params : spec->settings;
    uint32_t *n = is_param ? &spec->n_params : &spec->n_settings;
    uint32_t i = 0;

    key += is_param ? 7 : 0;
    while (i < *n && strcmp(list[i].key, key)) {
        i++;
    }
    if (i == MAX_SETTINGS) {
        snprintf(why, WHY_BYTES, "too many settings");
        return false;
    }
    list[i].key = key;
    list[i].text = vsw_json_text(value, &c->pool);
    *n += i == *n;
    if (!list[i].text) {
        snprintf(why, WHY_BYTES, "out of memory");
    }
    return list[i].text != NULL;
}

static bool
is_ignored(const struct compare *c, const char *word)
{
    const struct vsw_json_node *list = table(c, "ignored");

    for (const struct vsw_json_node *w = list->first; w; w = w->next) {
        if (!strcmp(w->string, word)) {
            return true;
        }
    }
    return false;
}

/* Applies one word of a scenario. */
static bool
apply(struct compare *c, struct run_spec *spec, const char *word,
      const struct vsw_json_node *value, char *why)
{
    const struct vsw_json_node *fixed = vsw_json_member(table(c, "fixed"),
                                                        word);
    const struct vsw_json_node *key = vsw_json_member(table(c, "keys"),
                                                      word);

    if (is_ignored(c, word)) {
        return true;
    }
    if (fixed) {
        if (!agrees(fixed, value)) {
            snprintf(why, WHY_BYTES, "no model has this \"%s\"", word);
            return false;
        }
        return true;
    }
    if (!key || key->type != JSON_STRING) {
        snprintf(why, WHY_BYTES, "\"%s\" has no meaning for a run", word);
        return false;
    }
    return put(c, spec, key->string, value, why);
}

/* Applies all of 'words', except the one that is swept. */
static bool
apply_all(struct compare *c, struct run_spec *spec,
          const struct vsw_json_node *words, const char *except, char *why)
{
    for (const struct vsw_json_node *w = words ? words->first : NULL; w;
         w = w->next) {
        if ((!except || strcmp(w->key, except))
            && !apply(c, spec, w->key, w, why)) {
            return false;
        }
    }
    return true;
}

static bool
use_base(struct compare *c, struct run_spec *spec,
         const struct vsw_json_node *scenario, char *why)
{
    const struct vsw_json_node *base = table(c, "bases")->first;
    const struct vsw_json_node *set;

    while (base && !base_fits(base, scenario)) {
        base = base->next;
    }
    if (!base) {
        snprintf(why, WHY_BYTES, "no config for its machine");
        return false;
    }
    spec->config = vsw_pool_printf(&c->pool, "%s%s", c->published->dir,
                                   vsw_json_member(base, "config")->string);
    set = vsw_json_member(base, "set");
    for (const struct vsw_json_node *s = set ? set->first : NULL; s;
         s = s->next) {
        if (!put(c, spec, s->key, s, why)) {
            return false;
        }
    }
    return spec->config != NULL;
}

/* Model of a system and the parameters that make it this variant. */
static bool
use_system(struct compare *c, struct run_spec *spec, const char *system,
           char *why)
{
    const struct vsw_json_node *entry = vsw_json_member(table(c, "systems"),
                                                        system);
    const struct vsw_json_node *model = vsw_json_member(entry, "model");
    const struct vsw_json_node *params = vsw_json_member(entry, "params");

    if (!model || model->type != JSON_STRING) {
        snprintf(why, WHY_BYTES, "no model of %s", system);
        return false;
    }
    spec->model = model->string;
    for (const struct vsw_json_node *p = params ? params->first : NULL; p;
         p = p->next) {
        const char *key = vsw_pool_printf(&c->pool, "params.%s", p->key);

        if (!key || !put(c, spec, key, p, why)) {
            return false;
        }
    }
    return true;
}

bool
scenario_map(struct compare *c, struct run_spec *spec,
             const struct vsw_published_record *record,
             const struct reading *reading, const char *system,
             const struct override *override, char *why)
{
    const struct vsw_json_node *scenario = record->scenario;

    memset(spec, 0, sizeof *spec);
    return use_system(c, spec, system, why)
           && use_base(c, spec, scenario, why)
           && apply_all(c, spec, table(c, "defaults"), NULL, why)
           && apply_all(c, spec, scenario, override->word, why)
           && apply_all(c, spec, vsw_json_member(reading->entry, "set"),
                        NULL, why)
           && (!override->word || apply(c, spec, override->word,
                                        override->value, why));
}
