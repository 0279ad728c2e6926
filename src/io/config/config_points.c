/* The points of a plan: designs times axis values. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <string.h>

#include "core/cost.h"

#define MAX_QUANTUM_NS 1000u

/* Returns 0, with the excess reported, if there are too many. */
static uint32_t
count_points(struct vsw_config_load *load)
{
    const struct vsw_plan *plan = load->plan;
    uint64_t n = plan->n_designs;

    for (uint32_t i = 0; i < plan->n_axes; i++) {
        n *= plan->axes[i].n_values;
        if (n > VSW_CONFIG_MAX_POINTS) {
            const struct vsw_json_node *node = load->impl->axes[i].node;

            vsw_json_report(&load->errors, node->doc, node->key_at,
                            "designs and axes make more than %u points; "
                            "sweep fewer values", VSW_CONFIG_MAX_POINTS);
            return 0;
        }
    }
    return (uint32_t) n;
}

static bool
sweeps_params(const struct vsw_config_load *load)
{
    for (uint32_t i = 0; i < load->plan->n_axes; i++) {
        if (load->impl->axes[i].param) {
            return true;
        }
    }
    return false;
}

/* What a design says itself, unless the command line says otherwise. */
static void
apply_set(const struct vsw_config_load *load,
          const struct vsw_config_design *design, struct vsw_config *config)
{
    const struct vsw_json_node *set = vsw_json_member(design->node, "set");
    const struct vsw_json_node *c;

    if (!set) {
        return;
    }
    for (c = set->first; c; c = c->next) {
        const struct vsw_key *key = vsw_key_find(vsw_config_key_table,
                                                 c->key);
        const struct vsw_json_node *common
            = vsw_json_find(load->root, c->key);
        union vsw_key_value value;

        if (common && common->doc->is_option) {
            continue;
        }
        if (key && vsw_key_read(key, c, &value, NULL)) {
            vsw_key_store(key, value, config);
        }
    }
}

static void
apply_axis(const struct vsw_config_load *load, uint32_t axis_index,
           uint32_t value_index, struct vsw_point *point, uint64_t *params)
{
    const struct vsw_config_axis *axis = &load->impl->axes[axis_index];
    uint32_t n = axis->node->n_children;
    int index;

    if (axis->key) {
        vsw_key_store(axis->key, axis->values[value_index], &point->config);
        return;
    }
    index = vsw_config_param_index(point->config.model, axis->param);
    if (index >= 0) {
        params[index] = axis->values[point->design * n + value_index].u;
    }
}

uint64_t
vsw_config_max_quantum_ns(const struct vsw_machine *machine)
{
    const struct vsw_cost *ipi = &machine->costs[VSW_COST_IPI_LATENCY];
    uint64_t ns = (ipi->fixed >> VSW_COST_FRACTION_BITS) / 1000 * 3 / 4;

    return ns > 0 && ns < MAX_QUANTUM_NS ? ns : MAX_QUANTUM_NS;
}

static void
default_quantum(struct vsw_config *config)
{
    if (config->run.quantum_ns == 0) {
        config->run.quantum_ns = vsw_config_max_quantum_ns(config->machine);
    }
}

static void
default_driver(struct vsw_config *config)
{
    if (!strcmp(config->guests.driver, "default")) {
        config->guests.driver = config->model->drivers
                                    ? config->model->drivers[0]
                                    : "virtio_poll";
    }
}

static int
make_point(struct vsw_config_load *load, uint32_t number, bool own_params)
{
    struct vsw_plan *plan = load->plan;
    struct vsw_point *point = &plan->points[number];
    uint32_t n_combinations = plan->n_points / plan->n_designs;
    const struct vsw_config_design *design
        = &load->impl->designs[number / n_combinations];
    uint32_t *indices = vsw_pool_array(&load->impl->pool, plan->n_axes,
                                       sizeof *indices);
    uint64_t *params = design->params;
    uint32_t rest = number % n_combinations;

    if (own_params) {
        params = vsw_pool_array(&load->impl->pool, design->n_params,
                                sizeof *params);
    }
    if (!indices || !params) {
        return vsw_json_report_nomem(&load->errors);
    }
    if (own_params && design->n_params) {
        memcpy(params, design->params, design->n_params * sizeof *params);
    }
    point->config = load->impl->base;
    point->config.design = design->name;
    point->config.model = design->model;
    point->config.params = params;
    if (design->machine) {
        point->config.machine = design->machine;
    }
    point->design = number / n_combinations;
    point->axis_values = indices;
    apply_set(load, design, &point->config);
    for (uint32_t i = plan->n_axes; i-- > 0;) {
        indices[i] = rest % plan->axes[i].n_values;
        rest /= plan->axes[i].n_values;
        apply_axis(load, i, indices[i], point, params);
    }
    default_quantum(&point->config);
    default_driver(&point->config);
    return 0;
}

int
vsw_config_make_points(struct vsw_config_load *load)
{
    struct vsw_plan *plan = load->plan;
    bool own_params = sweeps_params(load);
    uint32_t n = count_points(load);

    if (load->errors.n) {
        return -EINVAL;
    }
    default_quantum(&load->impl->base);
    plan->n_points = n;
    plan->points = vsw_pool_array(&load->impl->pool, n, sizeof *plan->points);
    if (!plan->points) {
        return vsw_json_report_nomem(&load->errors);
    }
    for (uint32_t i = 0; i < n; i++) {
        int error = make_point(load, i, own_params);

        if (error) {
            return error;
        }
    }
    return 0;
}
