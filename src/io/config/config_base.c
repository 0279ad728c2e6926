/* What all points of a plan share: machine, guests, traffic, run. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <string.h>

#include "io/json/json_file.h"
#include "io/machine/machine_load.h"

static const char *
string_member(const struct vsw_json_node *root, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(root, key);

    return node && node->type == JSON_STRING ? node->string : "";
}

/* Replaces the trace as written by a path that can be opened from here. */
static int
resolve_trace(struct vsw_config_load *load)
{
    const struct vsw_json_node *node
        = vsw_json_find(load->root, "traffic.trace");
    const char **trace = &load->impl->base.traffic.trace;

    if (!*trace || !strcmp(*trace, "-")) {
        return 0;
    }
    if (**trace == '\0') {
        vsw_json_report(&load->errors, node->doc, node->at,
                        "trace is empty; expected the path of a capture");
        return 0;
    }
    *trace = vsw_json_path_join(node->doc->dir, *trace, &load->impl->pool);
    return *trace ? 0 : -ENOMEM;
}

static bool
read_entry(const struct vsw_json_node *node,
           struct vsw_config_map_entry *entry, struct vsw_json_errors *errors)
{
    const struct vsw_json_node *match = vsw_json_member(node, "match");
    const struct vsw_json_node *port = vsw_json_member(node, "port");

    if (!match || match->type != JSON_STRING || !port
        || port->type != JSON_INTEGER) {
        return false;
    }
    if (!vsw_config_is_match(match->string)) {
        vsw_json_report(errors, match->doc, match->at,
                        "\"%.64s\" is no address; expected a MAC address "
                        "(02:00:00:00:00:01) or an IP address or prefix "
                        "(10.0.0.0/24)", match->string);
    }
    entry->match = match->string;
    entry->port = (uint32_t) port->integer;
    return true;
}

static int
load_map(struct vsw_config_load *load)
{
    const struct vsw_json_node *table
        = vsw_json_find(load->root, "traffic.map.table");
    struct vsw_config_traffic *traffic = &load->impl->base.traffic;

    if (!table || table->type != JSON_ARRAY) {
        return 0;
    }
    traffic->map = vsw_pool_array(&load->impl->pool, table->n_children,
                                  sizeof *traffic->map);
    if (!traffic->map) {
        return -ENOMEM;
    }
    for (const struct vsw_json_node *c = table->first; c; c = c->next) {
        if (read_entry(c, &traffic->map[traffic->n_map], &load->errors)) {
            traffic->n_map++;
        }
    }
    return 0;
}

static int
load_pin(struct vsw_config_load *load, const char *key,
         struct vsw_config_pin *pin)
{
    const struct vsw_json_node *list = vsw_json_find(load->root, key);

    if (!list || list->type != JSON_ARRAY) {
        return 0;
    }
    pin->cpus = vsw_pool_array(&load->impl->pool, list->n_children,
                               sizeof *pin->cpus);
    if (!pin->cpus) {
        return -ENOMEM;
    }
    for (const struct vsw_json_node *c = list->first; c; c = c->next) {
        if (c->type == JSON_INTEGER) {
            pin->cpus[pin->n++] = (uint32_t) c->integer;
        }
    }
    return 0;
}

struct vsw_machine *
vsw_config_load_machine(struct vsw_config_load *load,
                        const struct vsw_json_node *parent)
{
    const struct vsw_json_node *node = vsw_json_member(parent, "machine");
    const struct vsw_json_doc *from;

    if (!node || node->type != JSON_STRING) {
        return NULL;
    }
    /* A name from the command line is looked up as the file would. */
    from = strchr(node->string, '/') ? node->doc : load->root->doc;
    return vsw_machine_load_at(node->string,
                               node->doc->is_option ? from->dir
                                                    : node->doc->dir,
                               node->doc, node->at, &load->errors);
}

int
vsw_config_load_base(struct vsw_config_load *load)
{
    struct vsw_plan *plan = load->plan;

    vsw_keys_fill(vsw_config_key_table, load->root, &load->impl->base);
    plan->title = string_member(load->root, "title");
    plan->question = string_member(load->root, "question");
    load->impl->machine = vsw_config_load_machine(load, load->root);
    load->impl->base.machine = load->impl->machine;
    if (resolve_trace(load) || load_map(load)
        || load_pin(load, "guests.pin", &load->impl->base.guests.pin)
        || load_pin(load, "switch.pin", &load->impl->base.switch_pin)
        || vsw_config_load_lists(load)) {
        return vsw_json_report_nomem(&load->errors);
    }
    return 0;
}
