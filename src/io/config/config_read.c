/* Files and options of one experiment, merged into one tree. */
#include "io/config/config_keys.h"

#include <string.h>

#include "io/json/json_file.h"

static int
apply_set(struct vsw_config_load *load, const char *text)
{
    struct vsw_pool *pool = &load->impl->pool;
    struct vsw_json_doc *doc = vsw_pool_alloc(pool, sizeof *doc);
    char *copy = vsw_pool_strdup(pool, text);
    struct vsw_json_node *node;

    if (!doc || !copy) {
        return vsw_json_report_nomem(&load->errors);
    }
    doc->name = "--set";
    doc->text = copy;
    doc->n_bytes = strlen(copy);
    doc->is_option = true;
    doc->dir = doc->dir_from_root = "";
    node = vsw_json_parse_set(doc, pool, &load->errors);
    if (vsw_json_member(node, "extends")) {
        vsw_json_report(&load->errors, doc, 0,
                        "\"extends\" belongs in a file");
    } else if (node) {
        load->root = vsw_json_merge(load->root, node);
    }
    return 0;
}

int
vsw_config_read(struct vsw_config_load *load, const char *path,
                const char *const *sets, size_t n_sets)
{
    load->root = vsw_json_file_read(path, NULL, 0, vsw_json_parent_path,
                                    &load->impl->pool, &load->errors);
    if (!load->root) {
        return -1;
    }
    for (size_t i = 0; i < n_sets; i++) {
        int error = apply_set(load, sets[i]);

        if (error) {
            return error;
        }
    }
    vsw_keys_check(vsw_config_key_table, load->root, &load->errors);
    return load->root->type == JSON_OBJECT ? 0 : -1;
}
