/* The value of a --set option as a tree. */
#include "io/json/json_tree.h"

#include <string.h>

static struct vsw_json_node *
new_node(const struct vsw_json_doc *doc, json_type type, size_t at,
         struct vsw_pool *pool)
{
    struct vsw_json_node *node = vsw_pool_alloc(pool, sizeof *node);

    if (node) {
        node->type = type;
        node->doc = doc;
        node->key_at = node->at = at;
        node->end = doc->n_bytes;
    }
    return node;
}

static struct vsw_json_node *
parse_option_value(const struct vsw_json_doc *doc, size_t from,
                   struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    /* Whether it is JSON: as a real, an integer of any size is. */
    json_t *v = json_loadb(doc->text + from, doc->n_bytes - from,
                           JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    struct vsw_json_node *node;

    if (v) {
        json_decref(v);
        return vsw_json_parse(doc, from, pool, errors);
    }
    node = new_node(doc, JSON_STRING, from, pool);
    if (node) {
        node->string = doc->text + from;
    }
    return node;
}

/* Wraps 'value' in one object for the key at 'from' up to 'to'. */
static struct vsw_json_node *
wrap(struct vsw_json_node *value, size_t from, size_t to,
     struct vsw_pool *pool)
{
    struct vsw_json_node *object
        = new_node(value->doc, JSON_OBJECT, from, pool);
    char *key = vsw_pool_strndup(pool, value->doc->text + from, to - from);

    if (!object || !key) {
        return NULL;
    }
    value->key = key;
    value->key_at = from;
    vsw_json_append(object, value);
    return object;
}

/* Start of the last key of the path that ends at 'to'. */
static size_t
last_key(const char *text, size_t to)
{
    static const char sweep[] = "sweep.";
    size_t from = to;

    if (to > sizeof sweep - 1 && !strncmp(text, sweep, sizeof sweep - 1)) {
        return sizeof sweep - 1;
    }
    while (from > 0 && text[from - 1] != '.') {
        from--;
    }
    return from;
}

static struct vsw_json_node *
wrap_all(struct vsw_json_node *node, size_t to, struct vsw_pool *pool,
         struct vsw_json_errors *errors)
{
    const struct vsw_json_doc *doc = node->doc;
    unsigned int depth = 0;

    for (;;) {
        size_t from = last_key(doc->text, to);

        if (from == to || ++depth > VSW_JSON_MAX_DEPTH) {
            vsw_json_report(errors, doc, from,
                            "expected key.path=value, such as "
                            "\"run.seed=2\"");
            return NULL;
        }
        node = wrap(node, from, to, pool);
        if (!node) {
            vsw_json_report_nomem(errors);
            return NULL;
        }
        if (from == 0) {
            return node;
        }
        to = from - 1;
    }
}

struct vsw_json_node *
vsw_json_parse_set(const struct vsw_json_doc *doc, struct vsw_pool *pool,
                   struct vsw_json_errors *errors)
{
    const char *equals = strchr(doc->text, '=');
    struct vsw_json_node *value;
    size_t to;

    if (!equals || memchr(doc->text, '"', (size_t) (equals - doc->text))) {
        vsw_json_report(errors, doc, 0, "expected key.path=value, such as "
                        "\"run.seed=2\"");
        return NULL;
    }
    to = (size_t) (equals - doc->text);
    value = parse_option_value(doc, to + 1, pool, errors);
    if (!value) {
        return NULL;
    }
    return wrap_all(value, to, pool, errors);
}
