/* The costs of a machine file. */
#include "io/machine/machine_load.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <vswsim/nearest.h>

#include "core/cost.h"

/* As cost.def has them; names are lowered when a machine is loaded. */
static const struct {
    const char *name;
    const char *per;
    const char *meaning;
} definitions[] = {
#define VSW_COST(name, per, meaning) {#name, per, meaning},
#include "core/cost.def"
#undef VSW_COST
};

static char *
lower(const char *name, struct vsw_pool *pool)
{
    char *copy = vsw_pool_strdup(pool, name);

    for (char *p = copy; p && *p; p++) {
        *p = (char) tolower((unsigned char) *p);
    }
    return copy;
}

static int
init_costs(struct vsw_cost *costs, struct vsw_pool *pool)
{
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        struct vsw_cost *cost = &costs[i];

        cost->name = lower(definitions[i].name, pool);
        cost->per = definitions[i].per;
        cost->meaning = definitions[i].meaning;
        cost->unit = cost->source = cost->includes = "";
        cost->calibrated_from = "";
        cost->kind = VSW_COST_ABSENT;
        if (!cost->name) {
            return -ENOMEM;
        }
    }
    return 0;
}

static struct vsw_cost *
find_cost(struct vsw_cost *costs, const char *name)
{
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        if (!strcmp(costs[i].name, name)) {
            return &costs[i];
        }
    }
    return NULL;
}

static void
report_unknown(struct vsw_cost *costs, const struct vsw_json_node *node,
               struct vsw_json_errors *errors)
{
    struct vsw_nearest near;

    vsw_nearest_init(&near, node->key, strlen(node->key));
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        vsw_nearest_offer(&near, costs[i].name);
    }
    vsw_json_report(errors, node->doc, node->key_at,
                    "unknown cost \"%.64s\"%s", node->key,
                    vsw_json_hint(&near).text);
}

static const struct vsw_key *
cost_key(const char *path)
{
    return vsw_key_find(vsw_machine_key_table, path);
}

/* Value of a member that the check of the file has accepted. */
static union vsw_key_value
member(const struct vsw_json_node *node, const char *name, const char *path)
{
    const struct vsw_key *key = cost_key(path);
    const struct vsw_json_node *child = vsw_json_member(node, name);
    union vsw_key_value value;

    if (child && vsw_key_read(key, child, &value, NULL)) {
        return value;
    }
    return vsw_key_default(key);
}

static bool
is_number(const struct vsw_json_node *node)
{
    return node && (node->type == JSON_INTEGER || node->type == JSON_REAL);
}

static void
check_range(const struct vsw_cost *cost, const struct vsw_json_node *node,
            struct vsw_json_errors *errors)
{
    const struct vsw_json_node *range = vsw_json_member(node, "range");
    const struct vsw_json_node *value = vsw_json_member(node, "value");

    if (cost->min > cost->max) {
        vsw_json_report(errors, range->doc, range->at,
                        "range of \"%s\" ends before it begins", cost->name);
    } else if (cost->value < cost->min || cost->value > cost->max) {
        vsw_json_report(errors, value->doc, value->at,
                        "\"%s\" is %g %s, outside its range of %g to %g "
                        "(source: %.300s)", cost->name, cost->value,
                        cost->unit, cost->min, cost->max, cost->source);
    }
}

static void
compile(struct vsw_cost *cost, const struct vsw_machine *machine,
        const struct vsw_json_node *value, struct vsw_json_errors *errors)
{
    int error = vsw_cost_compile(value->doc->text + value->at,
                                 value->end - value->at, cost->unit, machine,
                                 &cost->fixed);

    if (error == -ERANGE) {
        vsw_json_report(errors, value->doc, value->at,
                        "\"%s\" is too large", cost->name);
    } else if (error) {
        vsw_json_report(errors, value->doc, value->at,
                        "\"%s\" has too many digits; at most 9, of which 7 "
                        "after the point", cost->name);
    }
}

/* Ids joined by ", ". */
static const char *
join_ids(const struct vsw_json_node *list, struct vsw_pool *pool)
{
    const char *text = "";

    if (!list || list->type != JSON_ARRAY) {
        return text;
    }
    for (const struct vsw_json_node *c = list->first; c && text;
         c = c->next) {
        if (c->type == JSON_STRING) {
            text = vsw_pool_printf(pool, "%s%s%s", text, *text ? ", " : "",
                                   c->string);
        }
    }
    return text;
}

static void
check_calibration(const struct vsw_cost *cost,
                  const struct vsw_json_node *node,
                  struct vsw_json_errors *errors)
{
    bool calibrated = cost->kind == VSW_COST_CALIBRATED;

    if (calibrated != (*cost->calibrated_from != '\0')) {
        vsw_json_report(errors, node->doc, node->at,
                        calibrated
                        ? "calibrated cost \"%s\" must name in "
                          "\"calibrated_from\" the results it was fitted to"
                        : "cost \"%s\" has \"calibrated_from\", so its kind "
                          "must be \"calibrated\"", cost->name);
    }
}

/* Reads what a cost and its compute part have alike: all but unit and
 * includes.  'path' is where the table has them. */
static int
load_value(struct vsw_cost *cost, const struct vsw_machine *machine,
           const struct vsw_json_node *node, const char *path,
           struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    const struct vsw_json_node *value = vsw_json_member(node, "value");
    const struct vsw_json_node *range = vsw_json_member(node, "range");

    cost->kind = (enum vsw_cost_kind) member(node, "kind", path).u;
    cost->source = member(node, "source", "costs{}.source").string;
    cost->calibrated_from
        = join_ids(vsw_json_member(node, "calibrated_from"), pool);
    if (!cost->calibrated_from) {
        return -ENOMEM;
    }
    if (!is_number(value) || !cost->unit || !cost->source || !range
        || range->type != JSON_ARRAY) {
        return 0;           /* Reported by the check of the file. */
    }
    if (range->n_children != 2 || !is_number(range->first)
        || !is_number(range->last)) {
        vsw_json_report(errors, range->doc, range->at,
                        "range of \"%s\" must be [least, most]", cost->name);
        return 0;
    }
    cost->value = value->real;
    cost->min = range->first->real;
    cost->max = range->last->real;
    check_range(cost, node, errors);
    check_calibration(cost, node, errors);
    compile(cost, machine, value, errors);
    return 0;
}

static void
check_compute(const struct vsw_cost *cost, const struct vsw_cost *part,
              const struct vsw_json_node *node,
              struct vsw_json_errors *errors)
{
    if (strcmp(cost->includes, "compute+memory")) {
        vsw_json_report(errors, node->doc, node->key_at,
                        "\"%s\" includes no memory, so it has no compute "
                        "part", cost->name);
    } else if (part->value > cost->value) {
        vsw_json_report(errors, node->doc, node->at,
                        "\"%s\" is %g %s, more than all of \"%s\", %g",
                        part->name, part->value, part->unit, cost->name,
                        cost->value);
    }
}

static int
load_compute(struct vsw_cost *cost, const struct vsw_machine *machine,
             const struct vsw_json_node *node, struct vsw_pool *pool,
             struct vsw_json_errors *errors)
{
    struct vsw_cost *part = vsw_pool_array(pool, 1, sizeof *part);

    if (!part) {
        return -ENOMEM;
    }
    *part = *cost;
    part->includes = "";
    part->name = vsw_pool_printf(pool, "%s.compute", cost->name);
    cost->compute = part;
    if (!part->name
        || load_value(part, machine, node, "costs{}.compute.kind", pool,
                      errors)) {
        return -ENOMEM;
    }
    check_compute(cost, part, node, errors);
    return 0;
}

static int
load_cost(struct vsw_cost *cost, const struct vsw_machine *machine,
          const struct vsw_json_node *node, struct vsw_pool *pool,
          struct vsw_json_errors *errors)
{
    const struct vsw_json_node *compute = vsw_json_member(node, "compute");
    int error;

    cost->unit = member(node, "unit", "costs{}.unit").string;
    cost->includes = member(node, "includes", "costs{}.includes").string;
    error = load_value(cost, machine, node, "costs{}.kind", pool, errors);
    if (!error && compute && compute->type == JSON_OBJECT) {
        error = load_compute(cost, machine, compute, pool, errors);
    }
    return error;
}

int
vsw_machine_load_costs(struct vsw_machine *machine,
                       const struct vsw_json_node *root,
                       struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    const struct vsw_json_node *node = vsw_json_member(root, "costs");
    const struct vsw_json_node *c;
    struct vsw_cost *costs = vsw_pool_array(pool, VSW_N_COSTS, sizeof *costs);

    machine->costs = costs;
    machine->n_costs = VSW_N_COSTS;
    if (!costs || init_costs(costs, pool)) {
        return -ENOMEM;
    }
    if (!node || node->type != JSON_OBJECT) {
        return 0;
    }
    for (c = node->first; c; c = c->next) {
        struct vsw_cost *cost = find_cost(costs, c->key);

        if (!cost) {
            report_unknown(costs, c, errors);
        } else if (c->type == JSON_OBJECT
                   && load_cost(cost, machine, c, pool, errors)) {
            return -ENOMEM;
        }
    }
    return 0;
}
