/* The figures an experiment asks for. */
#include "io/config/config_keys.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

#define MAX_PLOTS 64u

static const struct vsw_key *
plot_key(const char *name)
{
    const struct vsw_key *plot = vsw_key_find(vsw_config_key_table,
                                              "plots[]");
    const struct vsw_key *key = plot;

    for (; key->type != VSW_KEY_END; key++) {
        const char *own = vsw_key_name_in(key, plot);

        if (own && !strcmp(own, name)) {
            return key;
        }
    }
    return plot;
}

/* Value of a member, or its default. */
static union vsw_key_value
member(const struct vsw_json_node *node, const char *name)
{
    const struct vsw_key *key = plot_key(name);
    const struct vsw_json_node *child = vsw_json_member(node, name);
    union vsw_key_value value;

    if (child && vsw_key_read(key, child, &value, NULL)) {
        return value;
    }
    return vsw_key_default(key);
}

static bool
is_file_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return n > 0 && n <= 100 && name[n] == '\0' && *name != '-';
}

static void
check_file(struct vsw_config_load *load, const struct vsw_json_node *node,
           uint32_t index)
{
    const struct vsw_json_node *file = vsw_json_member(node, "file");
    const struct vsw_config_plot *plots = load->plan->plots;

    if (!file || file->type != JSON_STRING) {
        return;
    }
    if (!is_file_name(file->string)) {
        vsw_json_report(&load->errors, file->doc, file->at,
                        "file is a base name of letters, digits, _ and -, "
                        "without folder or ending");
        return;
    }
    for (uint32_t i = 0; i < index; i++) {
        if (!strcmp(plots[i].file, file->string)) {
            vsw_json_report(&load->errors, file->doc, file->at,
                            "two plots are called \"%s\"", file->string);
            return;
        }
    }
}

/* Also an axis whose values were refused. */
static bool
is_axis(const struct vsw_config_load *load, const char *key)
{
    return vsw_json_member(vsw_json_member(load->root, "sweep"), key);
}

static void
check_x(struct vsw_config_load *load, const struct vsw_json_node *node,
        const struct vsw_config_plot *plot)
{
    const struct vsw_json_node *x = vsw_json_member(node, "x");

    if (!x || x->type != JSON_STRING || is_axis(load, x->string)) {
        return;
    }
    if (strcmp(x->string, "design")) {
        vsw_json_report(&load->errors, x->doc, x->at,
                        "\"%.64s\" is no axis of \"sweep\"; expected one, "
                        "or \"design\"", x->string);
    } else if (!strcmp(plot->kind, "lines")) {
        vsw_json_report(&load->errors, x->doc, x->at,
                        "lines need an axis; for x \"design\" use kind "
                        "\"bars\"");
    }
}

/* The pieces of a stack are its metric, narrowed to one account each. */
static bool
can_stack(const char *metric)
{
    char *piece = vsw_metric_narrow(metric, "copy");

    free(piece);
    return piece != NULL;
}

static void
check_y(struct vsw_config_load *load, const struct vsw_json_node *node,
        const struct vsw_config_plot *plot)
{
    const struct vsw_json_node *y = vsw_json_member(node, "y");
    struct vsw_error err;

    if (!y || y->type != JSON_STRING) {
        return;
    }
    if (vsw_metric_check(y->string, &err)) {
        vsw_json_report(&load->errors, y->doc, y->at, "%.600s", err.text);
    } else if (!strcmp(plot->kind, "stack") && !can_stack(y->string)) {
        vsw_json_report(&load->errors, y->doc, y->at,
                        "a stack needs a metric over ledger lines, such as "
                        "\"cost_ns(role=switch)\"");
    }
}

static void
load_plot(struct vsw_config_load *load, const struct vsw_json_node *node,
          uint32_t index)
{
    struct vsw_config_plot *plot = &load->plan->plots[index];

    plot->file = member(node, "file").string;
    plot->title = member(node, "title").string;
    plot->kind = member(node, "kind").string;
    plot->x = member(node, "x").string;
    plot->y = member(node, "y").string;
    plot->log_x = member(node, "log_x").u != 0;
    plot->log_y = member(node, "log_y").u != 0;
    plot->file = plot->file ? plot->file : "";
    plot->title = plot->title ? plot->title : load->plan->title;
    plot->x = plot->x ? plot->x : "";
    plot->y = plot->y ? plot->y : "";
    check_file(load, node, index);
    check_x(load, node, plot);
    check_y(load, node, plot);
}

int
vsw_config_load_plots(struct vsw_config_load *load)
{
    const struct vsw_json_node *list = vsw_json_member(load->root, "plots");
    struct vsw_plan *plan = load->plan;

    if (!list || list->type != JSON_ARRAY) {
        return 0;
    }
    if (list->n_children > MAX_PLOTS) {
        vsw_json_report(&load->errors, list->doc, list->at,
                        "%u plots; at most %u", list->n_children, MAX_PLOTS);
        return 0;
    }
    plan->plots = vsw_pool_array(&load->impl->pool, list->n_children,
                                 sizeof *plan->plots);
    if (!plan->plots) {
        return vsw_json_report_nomem(&load->errors);
    }
    for (const struct vsw_json_node *c = list->first; c; c = c->next) {
        load_plot(load, c, plan->n_plots++);
    }
    return 0;
}
