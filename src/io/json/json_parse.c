#include "io/json/json_tree.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "io/json/json_scan.h"

/* Integers up to this size are exact as a double. */
#define EXACT_LIMIT 9007199254740992.0

struct parser {
    struct vsw_json_scan scan;
    const struct vsw_json_doc *doc;
    struct vsw_pool *pool;
    struct vsw_json_errors *errors;
    unsigned int depth;
};

static struct vsw_json_node *parse_value(struct parser *p, const json_t *v);

/* Takes the value of a string or number from jansson. */
static int
set_scalar(struct vsw_json_node *node, const json_t *v, struct vsw_pool *pool)
{
    if (json_is_string(v)) {
        node->string = vsw_pool_strndup(pool, json_string_value(v),
                                        json_string_length(v));
        return node->string ? 0 : -ENOMEM;
    }
    if (json_is_integer(v)) {
        node->integer = json_integer_value(v);
        node->real = (double) node->integer;
    } else if (json_is_real(v)) {
        node->real = json_real_value(v);
        if (fabs(node->real) < EXACT_LIMIT) {
            node->integer = (json_int_t) node->real;
        }
    }
    return 0;
}

/* A key without escapes is its own text; jansson decodes others. */
static char *
decode_key(struct parser *p, size_t from, size_t to)
{
    const char *quoted = p->doc->text + from;
    size_t n = to - from;
    json_t *v;
    char *key;

    if (!memchr(quoted, '\\', n)) {
        return vsw_pool_strndup(p->pool, quoted + 1, n - 2);
    }
    v = json_loadb(quoted, n, JSON_DECODE_ANY, NULL);
    key = vsw_pool_strdup(p->pool, v ? json_string_value(v) : "");
    json_decref(v);
    return key;
}

static int
check_member(struct parser *p, const struct vsw_json_node *object,
             const char *key, size_t key_at)
{
    if (vsw_json_member(object, key)) {
        vsw_json_report(p->errors, p->doc, key_at, "duplicate key \"%s\"",
                        key);
    }
    if (object->n_children >= VSW_JSON_MAX_MEMBERS) {
        vsw_json_report(p->errors, p->doc, key_at,
                        "more than %u keys in one object",
                        VSW_JSON_MAX_MEMBERS);
        return -EINVAL;
    }
    return 0;
}

static int
parse_member(struct parser *p, struct vsw_json_node *object, const json_t *v)
{
    struct vsw_json_node *child;
    size_t key_at, key_end;
    char *key;

    vsw_json_scan_peek(&p->scan);
    key_at = p->scan.at;
    if (!vsw_json_scan_scalar(&p->scan)) {
        return -EINVAL;
    }
    key_end = p->scan.at;
    if (key_end - key_at < 2 || !vsw_json_scan_take(&p->scan, ':')) {
        return -EINVAL;
    }
    key = decode_key(p, key_at, key_end);
    if (!key || check_member(p, object, key, key_at)) {
        return -EINVAL;
    }
    child = parse_value(p, json_object_get(v, key));
    if (!child) {
        return -EINVAL;
    }
    child->key = key;
    child->key_at = key_at;
    vsw_json_append(object, child);
    return 0;
}

static int
parse_item(struct parser *p, struct vsw_json_node *array, const json_t *v)
{
    struct vsw_json_node *child
        = parse_value(p, json_array_get(v, array->n_children));

    if (!child) {
        return -EINVAL;
    }
    vsw_json_append(array, child);
    return 0;
}

static int
parse_children(struct parser *p, struct vsw_json_node *node, const json_t *v,
               char close)
{
    if (++p->depth > VSW_JSON_MAX_DEPTH) {
        vsw_json_report(p->errors, p->doc, node->at,
                        "nested deeper than %u levels", VSW_JSON_MAX_DEPTH);
        return -EINVAL;
    }
    p->scan.at++;
    if (!vsw_json_scan_take(&p->scan, close)) {
        do {
            int error = close == '}' ? parse_member(p, node, v)
                                     : parse_item(p, node, v);

            if (error) {
                return error;
            }
        } while (vsw_json_scan_take(&p->scan, ','));
        if (!vsw_json_scan_take(&p->scan, close)) {
            return -EINVAL;
        }
    }
    p->depth--;
    return 0;
}

/* 'v' is what jansson made of the same place.  After a duplicate key it is
 * another value, or NULL; the load has failed by then, and the shape of the
 * tree follows the text alone. */
static struct vsw_json_node *
parse_value(struct parser *p, const json_t *v)
{
    struct vsw_json_node *node = vsw_pool_alloc(p->pool, sizeof *node);
    char c = vsw_json_scan_peek(&p->scan);
    bool ok;

    if (!node) {
        return NULL;
    }
    node->doc = p->doc;
    node->at = node->key_at = p->scan.at;
    if (c == '{' || c == '[') {
        node->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        ok = !parse_children(p, node, v, c == '{' ? '}' : ']');
    } else {
        node->type = v && !json_is_object(v) && !json_is_array(v)
                         ? json_typeof(v) : JSON_NULL;
        ok = vsw_json_scan_scalar(&p->scan)
             && !set_scalar(node, v, p->pool);
    }
    node->end = p->scan.at;
    return ok ? node : NULL;
}

/* Where the token begins that jansson did not expect.  It gives the end, and
 * the token in "... near 'token'". */
static size_t
error_at(const json_error_t *error)
{
    static const char mark[] = " near '";
    const char *token = strstr(error->text, mark);
    size_t n_text = strlen(error->text);
    size_t end = error->position > 0 ? (size_t) error->position : 0;
    size_t n = 0;

    if (token && error->text[n_text - 1] == '\'') {
        token += sizeof mark - 1;
        n = (size_t) (error->text + n_text - 1 - token);
    }
    return n <= end ? end - n : 0;
}

/* An integer of more than 64 bits is no error of JSON's: it becomes a real,
 * for whoever knows the range to refuse beside all other mistakes. */
static json_t *
load(const char *text, size_t n_bytes, json_error_t *error)
{
    json_t *v = json_loadb(text, n_bytes, JSON_DECODE_ANY, error);

    if (!v && json_error_code(error) == json_error_numeric_overflow) {
        v = json_loadb(text, n_bytes,
                       JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, error);
    }
    return v;
}

struct vsw_json_node *
vsw_json_parse(const struct vsw_json_doc *doc, size_t from,
               struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    struct parser p = {
        .scan = {.text = doc->text, .n_bytes = doc->n_bytes, .at = from},
        .doc = doc, .pool = pool, .errors = errors,
    };
    unsigned int n_errors = errors->n;
    struct vsw_json_node *root;
    json_error_t error;
    json_t *v;

    if (vsw_json_scan_peek(&p.scan) == '\0' && p.scan.at >= doc->n_bytes) {
        vsw_json_report(errors, doc, from, "the file is empty");
        return NULL;
    }
    if (!strncmp(doc->text + from, "\xEF\xBB\xBF", 3)) {
        vsw_json_report(errors, doc, from,
                        "the file begins with a byte order mark; save it as "
                        "UTF-8 without one");
        return NULL;
    }
    v = load(doc->text + from, doc->n_bytes - from, &error);
    if (!v) {
        vsw_json_report(errors, doc, from + error_at(&error),
                        "not valid JSON: %s", error.text);
        return NULL;
    }
    root = parse_value(&p, v);
    json_decref(v);
    if (!root && errors->n == n_errors) {
        vsw_json_report_nomem(errors);
    }
    return root;
}
