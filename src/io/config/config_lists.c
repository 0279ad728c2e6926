/* The access list and the list of classes that a config names. */
#include "io/config/config_keys.h"

#include <errno.h>
#include <string.h>

#include "io/json/json_file.h"

/* Where byte 'column' of 'line' is, both from 1. */
static size_t
offset_of(const struct vsw_json_doc *doc, uint32_t line, uint32_t column)
{
    size_t at = 0;

    for (; line > 1 && at < doc->n_bytes; at++) {
        line -= doc->text[at] == '\n';
    }
    return at + column - 1;
}

/* A rule takes a line, so there are no more rules than lines. */
static uint32_t
count_lines(const struct vsw_json_doc *doc)
{
    uint32_t n = 1;

    for (size_t i = 0; i < doc->n_bytes; i++) {
        n += doc->text[i] == '\n';
    }
    return n;
}

/* Returns an empty list with room for 'max_rules', or NULL. */
static struct vsw_acl *
new_list(uint32_t max_rules, uint8_t default_verdict, struct vsw_pool *pool)
{
    const struct vsw_acl_params params = {
        .max_rules = max_rules,
        .default_verdict = default_verdict,
    };
    size_t n_bytes = vsw_acl_size_bytes(&params) + VSW_LINE_BYTES;
    struct vsw_acl *list = vsw_pool_alloc(pool, sizeof *list);
    char *memory = vsw_pool_alloc(pool, n_bytes + VSW_LINE_BYTES);
    struct vsw_arena arena;
    size_t skip;

    if (!list || !memory) {
        return NULL;
    }
    skip = -(uintptr_t) memory % VSW_LINE_BYTES;
    vsw_arena_init(&arena, memory + skip, n_bytes);
    return vsw_acl_init(list, &arena, &params) ? NULL : list;
}

/* Reads the list that the value of 'key' names.  Returns -ENOMEM if memory
 * runs out; else 0, with '*list' NULL if there is none or it is wrong. */
static int
load_list(struct vsw_config_load *load, const char *key, uint8_t verdict,
          uint8_t default_verdict, struct vsw_json_doc *doc,
          const char **path, const struct vsw_acl **list)
{
    const struct vsw_json_node *node = vsw_json_find(load->root, key);
    struct vsw_pool *pool = &load->impl->pool;
    struct vsw_parse_error error;
    struct vsw_acl *acl;

    if (!node || node->type != JSON_STRING) {
        return 0;
    }
    *path = vsw_json_path_join(node->doc->dir, node->string, pool);
    if (!*path) {
        return -ENOMEM;
    }
    if (vsw_json_doc_read(doc, *path, node->doc, node->at, pool,
                          &load->errors)) {
        return 0;
    }
    acl = new_list(count_lines(doc), default_verdict, pool);
    if (!acl) {
        return -ENOMEM;
    }
    if (vsw_acl_parse(acl, doc->text, doc->n_bytes, verdict, &error)) {
        vsw_json_report(&load->errors, doc,
                        offset_of(doc, error.line, error.column), "%s",
                        error.what);
        return 0;
    }
    *list = acl;
    return 0;
}

int
vsw_config_load_lists(struct vsw_config_load *load)
{
    struct vsw_config *base = &load->impl->base;
    bool allows = base->acl.type == VSW_ACL_DEFAULT_ALLOW;
    int error = load_list(load, "acl.file",
                          allows ? VSW_ACL_DENY : VSW_ACL_PERMIT,
                          allows ? VSW_ACL_PERMIT : VSW_ACL_DENY,
                          &load->impl->acl_doc, &base->acl.file,
                          &base->acl.rules);

    return error ? error
                 : load_list(load, "qos.file", 0, 0, &load->impl->qos_doc,
                             &base->qos.file, &base->qos.rules);
}
