#include "io/json/json_file.h"

#include <string.h>

/* The files from the first to the one being read, to see a cycle. */
struct chain {
    const struct chain *child;
    const struct vsw_json_doc *doc;
    const char *key;            /* Path without "x/../" and "./". */
};

char *
vsw_json_path_join(const char *dir, const char *path, struct vsw_pool *pool)
{
    return vsw_pool_printf(pool, "%s%s", *path == '/' ? "" : dir, path);
}

char *
vsw_json_parent_path(const struct vsw_json_node *value,
                     struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    char *path = vsw_json_path_join(value->doc->dir, value->string, pool);

    if (!path) {
        vsw_json_report_nomem(errors);
    }
    return path;
}

/* Removes "." and resolves ".." by text.  A cycle through symbolic links ends
 * at the limit of parents instead. */
static void
simplify(char *path)
{
    size_t starts[128];
    size_t n_parts = 0, out = *path == '/';
    const char *in = path + out;

    while (*in) {
        size_t n = strcspn(in, "/");
        bool up = n == 2 && in[0] == '.' && in[1] == '.';

        if (up && n_parts > 0 && n_parts < VSW_N_ELEMS(starts)) {
            out = starts[--n_parts];
        } else if (n > 0 && !(n == 1 && in[0] == '.')) {
            if (!up && n_parts < VSW_N_ELEMS(starts)) {
                starts[n_parts++] = out;
            }
            memmove(path + out, in, n);
            out += n;
            path[out++] = '/';
        }
        in += n + (in[n] == '/');
    }
    path[out] = '\0';
}

static unsigned int
check_chain(const struct chain *link, const struct vsw_json_node *value,
            struct vsw_json_errors *errors)
{
    unsigned int n = 0;

    for (const struct chain *c = link->child; c; c = c->child) {
        n++;
        if (!strcmp(c->key, link->key)) {
            vsw_json_report(errors, value->doc, value->at,
                            "\"%.200s\" extends itself", value->string);
            return VSW_JSON_MAX_PARENTS + 1;
        }
    }
    if (n > VSW_JSON_MAX_PARENTS) {
        vsw_json_report(errors, value->doc, value->at,
                        "more than %u parents: is there a cycle?",
                        VSW_JSON_MAX_PARENTS);
    }
    return n;
}

static char *
chain_key(const char *path, struct vsw_pool *pool)
{
    /* One byte more, for the slash that is put behind each part. */
    char *key = vsw_pool_printf(pool, "%s/", path);

    if (key) {
        simplify(key);
    }
    return key;
}

static struct vsw_json_node *
remove_member(struct vsw_json_node *object, const char *key)
{
    struct vsw_json_node *child = object->first, *found = NULL;

    object->first = object->last = NULL;
    object->n_children = 0;
    while (child) {
        struct vsw_json_node *next = child->next;

        if (!strcmp(child->key, key)) {
            found = child;
        } else {
            vsw_json_append(object, child);
        }
        child = next;
    }
    return found;
}

static struct vsw_json_node *
read_file(const char *path, const struct chain *child,
          const struct vsw_json_node *value, const struct vsw_json_doc *from,
          size_t from_at, vsw_json_parent_fn parent, struct vsw_pool *pool,
          struct vsw_json_errors *errors);

static struct vsw_json_node *
read_parent(const struct chain *child, const struct vsw_json_node *value,
            vsw_json_parent_fn parent, struct vsw_pool *pool,
            struct vsw_json_errors *errors)
{
    char *path;

    if (value->type != JSON_STRING || *value->string == '\0') {
        vsw_json_report(errors, value->doc, value->at,
                        "extends must be the path of a file");
        return NULL;
    }
    path = parent(value, pool, errors);
    if (!path) {
        return NULL;
    }
    return read_file(path, child, value, value->doc, value->at, parent, pool,
                     errors);
}

/* The part of the parent's path below the directory of the child, for trees
 * that move as a whole. */
static const char *
dir_from_root(const struct vsw_json_node *value, struct vsw_pool *pool)
{
    const char *slash = strrchr(value->string, '/');
    char *dir = vsw_json_path_join(value->doc->dir_from_root, value->string,
                                   pool);

    if (dir && slash) {
        strrchr(dir, '/')[1] = '\0';
        return dir;
    }
    return value->doc->dir_from_root;
}

static struct vsw_json_node *
parse_file(const struct chain *link, vsw_json_parent_fn parent,
           struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    struct vsw_json_node *root, *value, *base;

    root = vsw_json_parse(link->doc, 0, pool, errors);
    if (!root || root->type != JSON_OBJECT) {
        return root;
    }
    value = remove_member(root, "extends");
    if (!value) {
        return root;
    }
    base = read_parent(link, value, parent, pool, errors);
    return base ? vsw_json_merge(base, root) : NULL;
}

static struct vsw_json_node *
read_file(const char *path, const struct chain *child,
          const struct vsw_json_node *value, const struct vsw_json_doc *from,
          size_t from_at, vsw_json_parent_fn parent, struct vsw_pool *pool,
          struct vsw_json_errors *errors)
{
    struct vsw_json_doc *doc = vsw_pool_alloc(pool, sizeof *doc);
    struct chain link = {.child = child, .doc = doc};

    link.key = chain_key(path, pool);
    if (!doc || !link.key) {
        vsw_json_report_nomem(errors);
        return NULL;
    }
    if (value && check_chain(&link, value, errors) > VSW_JSON_MAX_PARENTS) {
        return NULL;
    }
    if (vsw_json_doc_read(doc, path, from, from_at, pool, errors)) {
        return NULL;
    }
    if (value) {
        doc->dir_from_root = dir_from_root(value, pool);
    }
    return parse_file(&link, parent, pool, errors);
}

struct vsw_json_node *
vsw_json_file_read(const char *path, const struct vsw_json_doc *from,
                   size_t from_at, vsw_json_parent_fn parent,
                   struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    return read_file(path, NULL, NULL, from, from_at, parent, pool, errors);
}
