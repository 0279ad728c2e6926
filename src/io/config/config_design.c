/* The designs of an experiment and the parameters of their models. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/nearest.h>

#define NAMES_BYTES 512

struct vsw_key
vsw_config_param_key(const struct vsw_param *param)
{
    static const enum vsw_key_type types[] = {
        [VSW_PARAM_TYPE_U32] = VSW_KEY_U32,
        [VSW_PARAM_TYPE_U64] = VSW_KEY_U64,
        [VSW_PARAM_TYPE_BOOL] = VSW_KEY_BOOL,
        [VSW_PARAM_TYPE_ENUM] = VSW_KEY_ENUM,
    };
    struct vsw_key key = {
        .path = param->name, .type = types[param->type], .unit = "",
        .value = param->value, .min = param->min, .max = param->max,
        .choices = param->choices, .meaning = param->meaning,
    };

    return key;
}

int
vsw_config_param_index(const struct vsw_model_ops *model, const char *name)
{
    const struct vsw_param *param
        = model->params ? vsw_param_find(model->params, name) : NULL;

    return param ? (int) (param - model->params) : -1;
}

static uint32_t
count_params(const struct vsw_model_ops *model)
{
    uint32_t n = 0;

    while (model->params && model->params[n].type != VSW_PARAM_TYPE_END) {
        n++;
    }
    return n;
}

/* The value of one parameter.  A command line goes before the design, the
 * design before the file's common parameters, these before the default. */
static uint64_t
read_param(const struct vsw_param *param, const struct vsw_json_node *own,
           const struct vsw_json_node *common, struct vsw_json_errors *errors)
{
    struct vsw_key key = vsw_config_param_key(param);
    const struct vsw_json_node *node = own ? own : common;
    union vsw_key_value value;

    if (common && common->doc->is_option) {
        node = common;
    }
    if (node && vsw_key_read(&key, node, &value, errors)) {
        return value.u;
    }
    return param->value;
}

static void
report_unknown_param(const struct vsw_model_ops *model,
                     const struct vsw_json_node *node,
                     struct vsw_json_errors *errors)
{
    char names[NAMES_BYTES] = "";
    struct vsw_nearest near;
    size_t n = 0;

    vsw_nearest_init(&near, node->key, strlen(node->key));
    for (uint32_t i = 0; i < count_params(model); i++) {
        vsw_nearest_offer(&near, model->params[i].name);
        if (n < sizeof names) {
            n += (size_t) snprintf(names + n, sizeof names - n, "%s%s",
                                   i ? ", " : "", model->params[i].name);
        }
    }
    vsw_json_report(errors, node->doc, node->key_at,
                    "%s has no parameter \"%.64s\"%s; it has %s",
                    model->name, node->key, vsw_json_hint(&near).text,
                    *names ? names : "none");
}

static void
check_own_params(const struct vsw_model_ops *model,
                 const struct vsw_json_node *params,
                 struct vsw_json_errors *errors)
{
    const struct vsw_json_node *c;

    if (!params || params->type != JSON_OBJECT) {
        return;
    }
    for (c = params->first; c; c = c->next) {
        if (vsw_config_param_index(model, c->key) < 0) {
            report_unknown_param(model, c, errors);
        }
    }
}

static int
load_params(struct vsw_config_load *load, struct vsw_config_design *design)
{
    const struct vsw_json_node *own = vsw_json_member(design->node, "params");
    const struct vsw_json_node *common
        = vsw_json_member(load->root, "params");

    design->n_params = count_params(design->model);
    design->params = vsw_pool_array(&load->impl->pool, design->n_params,
                                    sizeof *design->params);
    if (!design->params) {
        return -ENOMEM;
    }
    check_own_params(design->model, own, &load->errors);
    for (uint32_t i = 0; i < design->n_params; i++) {
        const struct vsw_param *param = &design->model->params[i];

        design->params[i] = read_param(param,
                                       vsw_json_member(own, param->name),
                                       vsw_json_member(common, param->name),
                                       &load->errors);
    }
    return 0;
}

static void
report_unknown_model(const struct vsw_json_node *node,
                     struct vsw_json_errors *errors)
{
    char names[NAMES_BYTES] = "";
    const struct vsw_model_ops *model;
    struct vsw_nearest near;
    size_t n = 0;

    vsw_nearest_init(&near, node->string, strlen(node->string));
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        vsw_nearest_offer(&near, model->name);
        if (n < sizeof names) {
            n += (size_t) snprintf(names + n, sizeof names - n, "%s%s",
                                   i ? ", " : "", model->name);
        }
    }
    vsw_json_report(errors, node->doc, node->at,
                    "unknown model \"%.64s\"%s; there are: %s",
                    node->string, vsw_json_hint(&near).text,
                    *names ? names : "none");
}

static void
check_own_set(const struct vsw_json_node *set, struct vsw_json_errors *errors)
{
    const struct vsw_json_node *c;

    if (!set || set->type != JSON_OBJECT) {
        return;
    }
    for (c = set->first; c; c = c->next) {
        const struct vsw_key *key = vsw_config_point_key(c, errors);
        union vsw_key_value unused;

        if (key) {
            vsw_key_read(key, c, &unused, errors);
        }
    }
}

static int
load_design(struct vsw_config_load *load, const struct vsw_json_node *node,
            struct vsw_config_design *design)
{
    const struct vsw_json_node *name = vsw_json_member(node, "name");
    const struct vsw_json_node *model = vsw_json_member(node, "model");

    design->node = node;
    design->name = "";
    if (model && model->type == JSON_STRING) {
        design->name = model->string;
        design->model = vsw_model_find(model->string);
        if (!design->model) {
            report_unknown_model(model, &load->errors);
        }
    }
    if (name && name->type == JSON_STRING) {
        design->name = name->string;
        if (*name->string == '\0') {
            vsw_json_report(&load->errors, name->doc, name->at,
                            "name is empty; leave it out to use the model's");
        }
    }
    design->machine = vsw_config_load_machine(load, node);
    check_own_set(vsw_json_member(node, "set"), &load->errors);
    return design->model ? load_params(load, design) : 0;
}

static void
check_name(struct vsw_config_load *load, uint32_t index)
{
    const struct vsw_config_design *designs = load->impl->designs;
    const struct vsw_json_node *node = designs[index].node;
    const struct vsw_json_node *name = vsw_json_member(node, "name");

    for (uint32_t i = 0; i < index && *designs[index].name; i++) {
        if (!strcmp(designs[i].name, designs[index].name)) {
            node = name ? name : node;
            vsw_json_report(&load->errors, node->doc, node->at,
                            "two designs are called \"%.64s\"; give this one "
                            "another \"name\"", designs[index].name);
            return;
        }
    }
}

/* Common parameters must belong to some model, or they are misspelt. */
static void
check_common_params(struct vsw_config_load *load)
{
    const struct vsw_config_impl *impl = load->impl;
    const struct vsw_json_node *params
        = vsw_json_member(load->root, "params");
    const struct vsw_json_node *c;

    if (!params || params->type != JSON_OBJECT) {
        return;
    }
    for (c = params->first; c; c = c->next) {
        const struct vsw_model_ops *model = NULL;
        bool found = false;

        for (uint32_t i = 0; i < load->plan->n_designs; i++) {
            if (impl->designs[i].model) {
                model = impl->designs[i].model;
                found |= vsw_config_param_index(model, c->key) >= 0;
            }
        }
        if (!found && model) {
            vsw_json_report(&load->errors, c->doc, c->key_at,
                            "no design has a parameter \"%.64s\"; see "
                            "\"vswsim models %s\"", c->key, model->name);
        }
    }
}

int
vsw_config_load_designs(struct vsw_config_load *load)
{
    const struct vsw_json_node *list = vsw_json_member(load->root, "designs");
    struct vsw_config_impl *impl = load->impl;
    const struct vsw_json_node *c;
    uint32_t n = 0;

    if (!list || list->type != JSON_ARRAY) {
        return 0;
    }
    if (list->n_children == 0 || list->n_children > VSW_CONFIG_MAX_DESIGNS) {
        vsw_json_report(&load->errors, list->doc, list->at,
                        "%u designs; expected 1 to %u", list->n_children,
                        VSW_CONFIG_MAX_DESIGNS);
        return 0;
    }
    impl->designs = vsw_pool_array(&impl->pool, list->n_children,
                                   sizeof *impl->designs);
    load->plan->designs = vsw_pool_array(&impl->pool, list->n_children,
                                         sizeof *load->plan->designs);
    if (!impl->designs || !load->plan->designs) {
        return vsw_json_report_nomem(&load->errors);
    }
    impl->n_designs = list->n_children;
    for (c = list->first; c; c = c->next, n++) {
        if (load_design(load, c, &impl->designs[n])) {
            return vsw_json_report_nomem(&load->errors);
        }
        load->plan->designs[n] = impl->designs[n].name;
        check_name(load, n);
    }
    load->plan->n_designs = n;
    check_common_params(load);
    return 0;
}
