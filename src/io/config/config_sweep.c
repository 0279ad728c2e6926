/* The axes of an experiment. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <string.h>

#include <vswsim/nearest.h>

static const char params_prefix[] = "params.";

static bool
differs_by_point(const struct vsw_key *key)
{
    return vsw_key_is_leaf(key) && key->flags & VSW_KEY_STORED
           && !(key->flags & VSW_KEY_SHARED);
}

/* Whether 'word' is the beginning or the last part of 'path'. */
static bool
abbreviates(const char *word, const char *path)
{
    const char *dot = strrchr(path, '.');

    return !strncmp(path, word, strlen(word))
           || (dot && !strcmp(dot + 1, word));
}

static void
report_no_key(const struct vsw_json_node *node,
              struct vsw_json_errors *errors)
{
    const struct vsw_key *key = vsw_config_key_table;
    const char *meant = NULL;
    struct vsw_nearest near;

    vsw_nearest_init(&near, node->key, strlen(node->key));
    for (; key->type != VSW_KEY_END; key++) {
        if (differs_by_point(key)) {
            vsw_nearest_offer(&near, key->path);
            if (!meant && abbreviates(node->key, key->path)) {
                meant = key->path;
            }
        }
    }
    if (meant) {
        vsw_nearest_init(&near, meant, strlen(meant));
        vsw_nearest_offer(&near, meant);
    }
    vsw_json_report(errors, node->doc, node->key_at,
                    "unknown key \"%.64s\"%s; expected the full path of "
                    "a key, such as \"traffic.frame_bytes\"", node->key,
                    vsw_json_hint(&near).text);
}

const struct vsw_key *
vsw_config_point_key(const struct vsw_json_node *node,
                     struct vsw_json_errors *errors)
{
    const struct vsw_key *key = vsw_key_find(vsw_config_key_table,
                                             node->key);

    if (!strncmp(node->key, params_prefix, sizeof params_prefix - 1)) {
        vsw_json_report(errors, node->doc, node->key_at,
                        "\"%.64s\" belongs in \"params\"", node->key);
        return NULL;
    }
    if (key && key->flags & VSW_KEY_SHARED) {
        vsw_json_report(errors, node->doc, node->key_at,
                        "\"%s\" is one for the whole experiment; it cannot "
                        "differ between points", key->path);
        return NULL;
    }
    if (!key || !differs_by_point(key)) {
        report_no_key(node, errors);
        return NULL;
    }
    return key;
}

static int
read_key_axis(struct vsw_config_load *load, struct vsw_config_axis *axis)
{
    const struct vsw_json_node *c = axis->node->first;

    axis->key = vsw_config_point_key(axis->node, &load->errors);
    axis->values = vsw_pool_array(&load->impl->pool, axis->node->n_children,
                                  sizeof *axis->values);
    if (!axis->values) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; axis->key && c; c = c->next, i++) {
        vsw_key_read(axis->key, c, &axis->values[i], &load->errors);
    }
    return 0;
}

/* Reads the values as the parameter of one design's model understands them. */
static bool
read_param_values(struct vsw_config_load *load, struct vsw_config_axis *axis,
                  uint32_t design)
{
    const struct vsw_model_ops *model = load->impl->designs[design].model;
    uint32_t n = axis->node->n_children;
    const struct vsw_json_node *c = axis->node->first;
    int index = model ? vsw_config_param_index(model, axis->param) : -1;
    struct vsw_key key;

    if (index < 0) {
        return false;
    }
    key = vsw_config_param_key(&model->params[index]);
    for (uint32_t i = 0; c; c = c->next, i++) {
        vsw_key_read(&key, c, &axis->values[design * n + i], &load->errors);
    }
    return true;
}

static int
read_param_axis(struct vsw_config_load *load, struct vsw_config_axis *axis)
{
    const struct vsw_json_node *node = axis->node;
    uint32_t n_designs = load->plan->n_designs;
    bool found = false, model_known = false;

    axis->param = node->key + sizeof params_prefix - 1;
    axis->values = vsw_pool_array(&load->impl->pool,
                                  (size_t) n_designs * node->n_children,
                                  sizeof *axis->values);
    if (!axis->values) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_designs; i++) {
        found |= read_param_values(load, axis, i);
        model_known |= load->impl->designs[i].model != NULL;
    }
    if (!found && model_known) {
        vsw_json_report(&load->errors, node->doc, node->key_at,
                        "no design has a parameter \"%.64s\"; \"vswsim models "
                        "NAME\" lists those of a model", axis->param);
    }
    return 0;
}

/* A value given twice would be simulated twice and drawn on top of itself. */
static void
check_values(const struct vsw_json_node *node, const char *const *values,
             struct vsw_json_errors *errors)
{
    const struct vsw_json_node *c = node->first;

    for (uint32_t i = 0; c; c = c->next, i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (!strcmp(values[i], values[j])) {
                vsw_json_report(errors, c->doc, c->at,
                                "%.64s is in the list twice", values[i]);
                break;
            }
        }
    }
}

static int
copy_texts(const struct vsw_json_node *node, struct vsw_axis *axis,
           struct vsw_pool *pool)
{
    const struct vsw_json_node *c = node->first;

    axis->key = node->key;
    axis->values = vsw_pool_array(pool, node->n_children,
                                  sizeof *axis->values);
    if (!axis->values) {
        return -ENOMEM;
    }
    for (; c; c = c->next) {
        axis->values[axis->n_values] = vsw_json_text(c, pool);
        if (!axis->values[axis->n_values++]) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int
load_axis(struct vsw_config_load *load, const struct vsw_json_node *node,
          uint32_t index)
{
    struct vsw_config_axis *axis = &load->impl->axes[index];
    struct vsw_axis *public_axis = &load->plan->axes[index];
    bool is_param = !strncmp(node->key, params_prefix,
                             sizeof params_prefix - 1);
    int error = copy_texts(node, public_axis, &load->impl->pool);

    axis->node = node;
    if (!error) {
        check_values(node, public_axis->values, &load->errors);
        error = is_param ? read_param_axis(load, axis)
                         : read_key_axis(load, axis);
    }
    return error;
}

/* Whether 'node' has a list that can be worked through. */
static bool
usable(const struct vsw_json_node *node, struct vsw_json_errors *errors)
{
    if (node->type != JSON_ARRAY) {
        return false;       /* Reported by the check of the whole file. */
    }
    if (node->n_children == 0 || node->n_children > VSW_JSON_MAX_MEMBERS) {
        vsw_json_report(errors, node->doc, node->at,
                        "axis \"%.64s\" has %u values; expected 1 to %u",
                        node->key, node->n_children, VSW_JSON_MAX_MEMBERS);
        return false;
    }
    return true;
}

/* An option that an axis overrides would silently do nothing. */
static void
check_overridden(struct vsw_config_load *load,
                 const struct vsw_json_node *node)
{
    const struct vsw_json_node *other = vsw_json_find(load->root, node->key);

    if (other && other->doc->is_option) {
        vsw_json_report(&load->errors, other->doc, other->key_at,
                        "\"%.64s\" is swept here; to choose its values use "
                        "--set 'sweep.%.64s=[...]'", node->key, node->key);
    }
}

/* The same for what a design says itself. */
static void
check_design(struct vsw_config_load *load, const struct vsw_json_node *node,
             const struct vsw_config_design *design)
{
    const struct vsw_json_node *set = vsw_json_member(design->node, "set");
    const struct vsw_json_node *other = vsw_json_member(set, node->key);

    if (!strncmp(node->key, params_prefix, sizeof params_prefix - 1)) {
        other = vsw_json_member(vsw_json_member(design->node, "params"),
                                node->key + sizeof params_prefix - 1);
    }
    if (other) {
        vsw_json_report(&load->errors, other->doc, other->key_at,
                        "\"%.64s\" is swept; a design cannot give it a value "
                        "of its own", node->key);
    }
}

int
vsw_config_load_axes(struct vsw_config_load *load)
{
    const struct vsw_json_node *sweep = vsw_json_member(load->root, "sweep");
    struct vsw_plan *plan = load->plan;

    if (!sweep || sweep->type != JSON_OBJECT) {
        return 0;
    }
    if (sweep->n_children > VSW_CONFIG_MAX_AXES) {
        vsw_json_report(&load->errors, sweep->doc, sweep->at,
                        "%u axes; at most %u", sweep->n_children,
                        VSW_CONFIG_MAX_AXES);
        return 0;
    }
    plan->axes = vsw_pool_array(&load->impl->pool, sweep->n_children,
                                sizeof *plan->axes);
    load->impl->axes = vsw_pool_array(&load->impl->pool, sweep->n_children,
                                      sizeof *load->impl->axes);
    if (!plan->axes || !load->impl->axes) {
        return vsw_json_report_nomem(&load->errors);
    }
    for (const struct vsw_json_node *c = sweep->first; c; c = c->next) {
        if (!usable(c, &load->errors)) {
            continue;
        }
        if (load_axis(load, c, plan->n_axes)) {
            return vsw_json_report_nomem(&load->errors);
        }
        plan->n_axes++;
        check_overridden(load, c);
        for (uint32_t i = 0; i < plan->n_designs; i++) {
            check_design(load, c, &load->impl->designs[i]);
        }
    }
    return 0;
}
