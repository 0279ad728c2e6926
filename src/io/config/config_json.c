/* The resolved experiment as JSON, and its digest. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sha256.h>

#include "io/json/json_file.h"

/* Puts 'value' at "a.b.c" in 'root', making the objects on the way.  Takes
 * over 'value' in any case. */
static int
set_path(json_t *root, const char *path, json_t *value)
{
    char name[64];
    size_t n = strcspn(path, ".");
    json_t *child;

    if (path[n] == '\0') {
        return json_object_set_new(root, path, value);
    }
    memcpy(name, path, n);
    name[n] = '\0';
    child = json_object_get(root, name);
    if (!child) {
        child = json_object();
        if (json_object_set_new(root, name, child)) {
            json_decref(value);
            return -1;
        }
    }
    return set_path(child, path + n + 1, value);
}

/* Files are named as seen from the experiment file, so that the text is the
 * same wherever the tree lies. */
static json_t *
path_json(const struct vsw_config_load *load, const char *key)
{
    const struct vsw_json_node *node = vsw_json_find(load->root, key);
    char *path;

    if (!strcmp(node->string, "-")) {
        return json_string("-");
    }
    path = vsw_json_path_join(node->doc->dir_from_root, node->string,
                              &load->impl->pool);
    return path ? json_string(path) : NULL;
}

static bool
names_file(const char *key)
{
    return !strcmp(key, "traffic.trace") || !strcmp(key, "acl.file")
           || !strcmp(key, "qos.file");
}

static int
add_values(const struct vsw_config_load *load, json_t *root)
{
    const struct vsw_key *key = vsw_config_key_table;
    int error = 0;

    for (; key->type != VSW_KEY_END && !error; key++) {
        union vsw_key_value value;

        if (!(key->flags & VSW_KEY_STORED)) {
            continue;
        }
        value = vsw_key_fetch(key, &load->impl->base);
        if (key->type != VSW_KEY_STRING || value.string) {
            error = set_path(root, key->path,
                             names_file(key->path)
                             ? path_json(load, key->path)
                             : vsw_key_json(key, value));
        }
    }
    return error;
}

static int
add_map(const struct vsw_config_load *load, json_t *root)
{
    const struct vsw_json_node *table
        = vsw_json_find(load->root, "traffic.map.table");

    return table ? set_path(root, "traffic.map.table", vsw_json_value(table))
                 : 0;
}

static json_t *
params_json(const struct vsw_config_design *design)
{
    json_t *object = json_object();

    for (uint32_t i = 0; i < design->n_params; i++) {
        const struct vsw_param *param = &design->model->params[i];
        struct vsw_key key = vsw_config_param_key(param);
        union vsw_key_value value = {.u = design->params[i]};

        if (json_object_set_new(object, param->name,
                                vsw_key_json(&key, value))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *
design_json(const struct vsw_config_design *design)
{
    const struct vsw_json_node *set = vsw_json_member(design->node, "set");
    const struct vsw_json_node *machine = vsw_json_member(design->node,
                                                          "machine");
    json_t *object = json_object();

    if (json_object_set_new(object, "name", json_string(design->name))
        || json_object_set_new(object, "model",
                               json_string(design->model->name))
        || json_object_set_new(object, "params", params_json(design))
        || (machine && json_object_set_new(object, "machine",
                                           vsw_json_value(machine)))
        || (set && json_object_set_new(object, "set",
                                       vsw_json_value(set)))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int
add_designs(const struct vsw_config_load *load, json_t *root)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < load->plan->n_designs; i++) {
        if (json_array_append_new(list,
                                  design_json(&load->impl->designs[i]))) {
            json_decref(list);
            return -1;
        }
    }
    return json_object_set_new(root, "designs", list);
}

static json_t *
plot_json(const struct vsw_config_plot *plot)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b}",
                     "file", plot->file, "title", plot->title,
                     "kind", plot->kind, "x", plot->x, "y", plot->y,
                     "log_x", (int) plot->log_x, "log_y", (int) plot->log_y);
}

static int
add_plots(const struct vsw_config_load *load, json_t *root)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < load->plan->n_plots; i++) {
        if (json_array_append_new(list,
                                  plot_json(&load->plan->plots[i]))) {
            json_decref(list);
            return -1;
        }
    }
    return json_object_set_new(root, "plots", list);
}

static json_t *
plan_json(const struct vsw_config_load *load)
{
    const struct vsw_json_node *sweep = vsw_json_member(load->root, "sweep");
    const struct vsw_json_node *machine
        = vsw_json_member(load->root, "machine");
    json_t *root = json_object();

    if (json_object_set_new(root, "title", json_string(load->plan->title))
        || json_object_set_new(root, "question",
                               json_string(load->plan->question))
        || json_object_set_new(root, "machine", vsw_json_value(machine))
        || add_values(load, root) || add_map(load, root)
        || add_designs(load, root) || add_plots(load, root)
        || (sweep && json_object_set_new(root, "sweep",
                                         vsw_json_value(sweep)))) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static void
add_doc(SHA256_CTX *ctx, const struct vsw_json_doc *doc)
{
    SHA256Update(ctx, (const uint8_t *) doc->text, doc->n_bytes);
}

static void
add_machine(SHA256_CTX *ctx, const struct vsw_machine *machine)
{
    if (machine) {
        SHA256Update(ctx, (const uint8_t *) machine->digest,
                     strlen(machine->digest));
    }
}

static void
make_digest(const struct vsw_config_load *load, const char *text)
{
    SHA256_CTX ctx;

    SHA256Init(&ctx);
    SHA256Update(&ctx, (const uint8_t *) text, strlen(text));
    add_machine(&ctx, load->impl->machine);
    for (uint32_t i = 0; i < load->plan->n_designs; i++) {
        add_machine(&ctx, load->impl->designs[i].machine);
    }
    add_doc(&ctx, &load->impl->acl_doc);
    add_doc(&ctx, &load->impl->qos_doc);
    SHA256End(&ctx, load->plan->digest);
}

int
vsw_config_make_json(struct vsw_config_load *load)
{
    json_t *root = plan_json(load);
    char *compact = NULL, *text = NULL;

    if (root) {
        compact = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
        text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    }
    json_decref(root);
    if (compact && text) {
        make_digest(load, compact);
        load->impl->json = vsw_pool_strdup(&load->impl->pool, text);
    }
    free(compact);
    free(text);
    return load->impl->json ? 0 : vsw_json_report_nomem(&load->errors);
}

char *
vsw_plan_json(const struct vsw_plan *plan)
{
    const struct vsw_config_impl *impl = plan->impl;

    return strdup(impl->json);
}
