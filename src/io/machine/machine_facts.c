/* The facts of a machine file: what is known of the hardware, and whence.
 *
 * A fact is written as a bare value, whose kind and source its section gives,
 * or as an object that may have its own. */
#include "io/machine/machine_load.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Most items of a map that are read. */
#define MAX_ITEMS 8u

struct loader {
    struct vsw_pool *pool;
    struct vsw_json_errors *errors;
    struct vsw_fact *facts;
    uint32_t n;
};

/* Where one fact is written. */
struct place {
    const struct vsw_key *key;
    const struct vsw_json_node *node;
    const struct vsw_json_node *section;
};

/* The items of a map and where they go. */
struct items {
    const char *map;
    const char *pattern;        /* Start of the paths of their keys. */
    unsigned char *base;        /* The first item's struct, */
    size_t size_bytes;          /* ... and the size of one. */
};

/* Member 'name' of the fact, else of its section, if it is valid. */
static bool
read_inherited(const struct place *p, const char *name,
               union vsw_key_value *value)
{
    const struct vsw_key *key = vsw_key_find(vsw_fact_key_table, name);
    const struct vsw_json_node *own = vsw_json_member(p->node, name);

    if (!own) {
        own = vsw_json_member(p->section, name);
    }
    return own && vsw_key_read(key, own, value, NULL);
}

static void
check_range(const struct vsw_fact *fact, const struct place *p,
            struct vsw_json_errors *errors)
{
    const struct vsw_json_node *range = vsw_json_member(p->node, "range");
    const struct vsw_json_node *value = vsw_key_value_node(p->key, p->node);

    if (fact->min > fact->max) {
        vsw_json_report(errors, range->doc, range->at,
                        "range of \"%s\" ends before it begins", fact->path);
    } else if (fact->value < fact->min || fact->value > fact->max) {
        vsw_json_report(errors, value->doc, value->at,
                        "\"%s\" is %" PRIu64 " %s, outside its range of %"
                        PRIu64 " to %" PRIu64 " (source: %.300s)",
                        fact->path, fact->value, fact->unit, fact->min,
                        fact->max, fact->source);
    }
}

static void
read_range(struct vsw_fact *fact, const struct place *p,
           struct vsw_json_errors *errors)
{
    const struct vsw_json_node *range = vsw_json_member(p->node, "range");
    union vsw_key_value min, max;

    if (range && fact->text) {
        vsw_json_report(errors, range->doc, range->at,
                        "\"%s\" is no number, so it has no range",
                        fact->path);
    } else if (range && range->type == JSON_ARRAY) {
        if (range->n_children != 2
            || !vsw_key_read(p->key, range->first, &min, NULL)
            || !vsw_key_read(p->key, range->last, &max, NULL)) {
            char expected[128];

            vsw_key_expected(p->key, expected, sizeof expected);
            vsw_json_report(errors, range->doc, range->at,
                            "range of \"%s\" must be [least, most], each %s",
                            fact->path, expected);
            return;
        }
        fact->min = min.u;
        fact->max = max.u;
        check_range(fact, p, errors);
    } else if (!range && fact->kind == VSW_COST_ASSUMED && !fact->text) {
        vsw_json_report(errors, p->node->doc, p->node->at,
                        "\"%s\" is assumed, so it needs a \"range\"",
                        fact->path);
    }
}

static bool
read_provenance(struct vsw_fact *fact, const struct place *p,
                struct vsw_json_errors *errors)
{
    union vsw_key_value kind, source;
    const char *missing = NULL;

    if (!read_inherited(p, "source", &source) || !*source.string) {
        missing = "source";
    } else if (!read_inherited(p, "kind", &kind)) {
        missing = "kind";
    } else if (kind.u == VSW_COST_CALIBRATED) {
        vsw_json_report(errors, p->node->doc, p->node->at,
                        "\"%s\" is calibrated; only costs can be",
                        fact->path);
        return false;
    }
    if (missing) {
        vsw_json_report(errors, p->node->doc, p->node->at,
                        "\"%s\" has no \"%s\"; give it one, or one to all "
                        "of \"%s\"", fact->path, missing, p->section->key);
        return false;
    }
    fact->kind = (enum vsw_cost_kind) kind.u;
    fact->source = source.string;
    return true;
}

/* Adds the fact and stores its value at 'base', if that is not NULL.  What is
 * wrong with the value alone is reported by the check of the file. */
static void
load_fact(struct loader *l, const struct place *p, const char *path,
          void *base)
{
    const struct vsw_json_node *node = vsw_key_value_node(p->key, p->node);
    struct vsw_fact *fact = &l->facts[l->n];
    union vsw_key_value value;

    if (p->node->type == JSON_OBJECT) {
        vsw_keys_check(vsw_fact_key_table, p->node, l->errors);
    }
    if (!node || !vsw_key_read(p->key, node, &value, NULL)) {
        return;
    }
    if (base) {
        vsw_key_store(p->key, value, base);
    }
    fact->path = path;
    fact->unit = p->key->unit;
    fact->meaning = p->key->meaning;
    fact->text = p->key->choices ? p->key->choices[value.u] : NULL;
    fact->value = fact->min = fact->max = value.u;
    if (read_provenance(fact, p, l->errors)) {
        read_range(fact, p, l->errors);
        l->n++;
    }
}

/* "caches" for "caches.l2.n_ways". */
static const struct vsw_json_node *
find_section(const struct vsw_json_node *root, const char *path)
{
    for (const struct vsw_json_node *c = root->first; c; c = c->next) {
        size_t n = strlen(c->key);

        if (!strncmp(c->key, path, n) && path[n] == '.') {
            return c;
        }
    }
    return NULL;
}

static void
load_fixed(struct loader *l, const struct vsw_json_node *root)
{
    const struct vsw_key *key;

    for (key = vsw_machine_key_table; key->type != VSW_KEY_END; key++) {
        struct place p = {.key = key};

        if (key->flags & VSW_KEY_FACT && key->flags & VSW_KEY_STORED) {
            p.node = vsw_json_find(root, key->path);
            p.section = find_section(root, key->path);
        }
        if (p.node) {
            load_fact(l, &p, key->path, NULL);
        }
    }
}

static int
load_item(struct loader *l, const struct items *items,
          const struct vsw_json_node *node, void *base)
{
    size_t n = strlen(items->pattern);
    const struct vsw_key *key;

    for (key = vsw_machine_key_table; key->type != VSW_KEY_END; key++) {
        struct place p = {.key = key, .section = node};
        const char *path;

        if (!(key->flags & VSW_KEY_FACT)
            || strncmp(key->path, items->pattern, n)) {
            continue;
        }
        p.node = vsw_json_member(node, key->path + n);
        if (p.node) {
            path = vsw_pool_printf(l->pool, "%s.%s.%s", items->map,
                                   node->key, key->path + n);
            if (!path) {
                return -ENOMEM;
            }
            load_fact(l, &p, path, base);
        }
    }
    return 0;
}

/* Returns the number of items, or -ENOMEM. */
static int
load_items(struct loader *l, const struct vsw_json_node *root,
           const struct items *items)
{
    const struct vsw_json_node *map = vsw_json_member(root, items->map);
    uint32_t n = 0;

    if (!map || map->type != JSON_OBJECT) {
        return 0;
    }
    for (const struct vsw_json_node *c = map->first; c; c = c->next) {
        unsigned char *base = items->base + n * items->size_bytes;

        if (n == MAX_ITEMS) {
            vsw_json_report(l->errors, c->doc, c->key_at,
                            "\"%s\" has more than %u members", items->map,
                            MAX_ITEMS);
            break;
        }
        /* The name is the first member of either struct. */
        memcpy(base, &c->key, sizeof c->key);
        if (load_item(l, items, c, base)) {
            return -ENOMEM;
        }
        n++;
    }
    return (int) n;
}

/* As many facts as a file can have. */
static uint32_t
max_facts(void)
{
    const struct vsw_key *key;
    uint32_t n = 0;

    for (key = vsw_machine_key_table; key->type != VSW_KEY_END; key++) {
        if (key->flags & VSW_KEY_FACT) {
            n += key->flags & VSW_KEY_STORED ? 1 : MAX_ITEMS;
        }
    }
    return n;
}

int
vsw_machine_load_facts(struct vsw_machine *machine,
                       const struct vsw_json_node *root,
                       struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    struct vsw_hardware *hw = &machine->hw;
    const struct items idle_states = {
        "idle_states", "idle_states{}.",
        (unsigned char *) hw->idle_states, sizeof hw->idle_states[0],
    };
    const struct items nics = {
        "nics", "nics{}.", (unsigned char *) hw->nics, sizeof hw->nics[0],
    };
    struct loader l = {.pool = pool, .errors = errors};
    int n_idle_states, n_nics;

    l.facts = vsw_pool_array(pool, max_facts(), sizeof *l.facts);
    if (!l.facts) {
        return -ENOMEM;
    }
    load_fixed(&l, root);
    n_idle_states = load_items(&l, root, &idle_states);
    n_nics = load_items(&l, root, &nics);
    if (n_idle_states < 0 || n_nics < 0) {
        return -ENOMEM;
    }
    hw->n_idle_states = (uint32_t) n_idle_states;
    hw->n_nics = (uint32_t) n_nics;
    machine->facts = l.facts;
    machine->n_facts = l.n;
    return 0;
}

const struct vsw_fact *
vsw_machine_fact(const struct vsw_machine *machine, const char *path)
{
    for (uint32_t i = 0; i < machine->n_facts; i++) {
        if (!strcmp(machine->facts[i].path, path)) {
            return &machine->facts[i];
        }
    }
    return NULL;
}
