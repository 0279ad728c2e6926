#include "io/json/json_tree.h"

#include <string.h>

void
vsw_json_append(struct vsw_json_node *parent, struct vsw_json_node *child)
{
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->n_children++;
}

static struct vsw_json_node *
member(const struct vsw_json_node *object, const char *key, size_t n)
{
    if (!object || object->type != JSON_OBJECT) {
        return NULL;
    }
    for (struct vsw_json_node *c = object->first; c; c = c->next) {
        if (!strncmp(c->key, key, n) && c->key[n] == '\0') {
            return c;
        }
    }
    return NULL;
}

struct vsw_json_node *
vsw_json_member(const struct vsw_json_node *object, const char *key)
{
    return member(object, key, strlen(key));
}

struct vsw_json_node *
vsw_json_find(const struct vsw_json_node *root, const char *path)
{
    const struct vsw_json_node *node = root;
    struct vsw_json_node *found = NULL;

    do {
        size_t n = strcspn(path, ".");

        found = member(node, path, n);
        node = found;
        path += n;
    } while (node && *path++ == '.');
    return found;
}

/* Objects are where the last file that adds to them has them. */
static void
take_place(struct vsw_json_node *base, const struct vsw_json_node *over)
{
    if (!over->doc->is_option) {
        base->doc = over->doc;
        base->key_at = over->key_at;
        base->at = over->at;
        base->end = over->end;
    }
}

static void
merge_member(struct vsw_json_node *base, struct vsw_json_node *child)
{
    struct vsw_json_node **link = &base->first;

    while (*link && strcmp((*link)->key, child->key)) {
        link = &(*link)->next;
    }
    if (*link) {
        struct vsw_json_node *after = (*link)->next;

        *link = vsw_json_merge(*link, child);
        (*link)->next = after;
        base->last = after ? base->last : *link;
    } else {
        vsw_json_append(base, child);
    }
}

struct vsw_json_node *
vsw_json_merge(struct vsw_json_node *base, struct vsw_json_node *over)
{
    struct vsw_json_node *child, *next;

    if (base->type != JSON_OBJECT || over->type != JSON_OBJECT) {
        return over;
    }
    for (child = over->first; child; child = next) {
        next = child->next;
        merge_member(base, child);
    }
    take_place(base, over);
    return base;
}

char *
vsw_json_text(const struct vsw_json_node *node, struct vsw_pool *pool)
{
    return vsw_pool_strndup(pool, node->doc->text + node->at,
                            node->end - node->at);
}

static json_t *
object_value(const struct vsw_json_node *node)
{
    json_t *object = json_object();

    for (const struct vsw_json_node *c = node->first; c; c = c->next) {
        if (json_object_set_new(object, c->key, vsw_json_value(c))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *
array_value(const struct vsw_json_node *node)
{
    json_t *array = json_array();

    for (const struct vsw_json_node *c = node->first; c; c = c->next) {
        if (json_array_append_new(array, vsw_json_value(c))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *
vsw_json_value(const struct vsw_json_node *node)
{
    switch (node->type) {
    case JSON_OBJECT:
        return object_value(node);
    case JSON_ARRAY:
        return array_value(node);
    case JSON_STRING:
        return json_string(node->string);
    case JSON_INTEGER:
        return json_integer(node->integer);
    case JSON_REAL:
        return json_real(node->real);
    case JSON_TRUE:
        return json_true();
    case JSON_FALSE:
        return json_false();
    case JSON_NULL:
    default:
        return json_null();
    }
}
