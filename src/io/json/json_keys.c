#include "io/json/json_keys.h"

#include <stdio.h>
#include <string.h>

const struct vsw_key *
vsw_key_find(const struct vsw_key *keys, const char *path)
{
    for (; keys->type != VSW_KEY_END; keys++) {
        if (!strcmp(keys->path, path)) {
            return keys;
        }
    }
    return NULL;
}

const char *
vsw_key_name_in(const struct vsw_key *key, const struct vsw_key *parent)
{
    size_t n = strlen(parent->path);
    const char *name = key->path + n;

    if (key == parent || strncmp(key->path, parent->path, n)) {
        return NULL;
    }
    if (n > 0 && *name++ != '.') {
        return NULL;
    }
    return *name && !strpbrk(name, ".[{") ? name : NULL;
}

bool
vsw_key_is_leaf(const struct vsw_key *key)
{
    return key->type >= VSW_KEY_U32;
}

static void
expected_choice(const char *const *choices, char *text, size_t n_bytes)
{
    size_t n = 0;

    n += (size_t) snprintf(text, n_bytes, "one of");
    for (size_t i = 0; choices[i] && n < n_bytes; i++) {
        n += (size_t) snprintf(text + n, n_bytes - n, "%s \"%s\"",
                               i ? "," : "", choices[i]);
    }
}

static void
expected_integer(const struct vsw_key *key, char *text, size_t n_bytes)
{
    const char *what = key->flags & VSW_KEY_POWER_OF_2 ? "a power of two"
                                                       : "an integer";

    snprintf(text, n_bytes, "%s%s from %llu to %llu",
             key->flags & VSW_KEY_OR_ZERO ? "0 or " : "", what,
             (unsigned long long) key->min, (unsigned long long) key->max);
}

void
vsw_key_expected(const struct vsw_key *key, char *text, size_t n_bytes)
{
    if (key->choices) {
        expected_choice(key->choices, text, n_bytes);
        return;
    }
    switch (key->type) {
    case VSW_KEY_U32:
    case VSW_KEY_U64:
        expected_integer(key, text, n_bytes);
        return;
    case VSW_KEY_REAL:
        snprintf(text, n_bytes, "a number from %g to %g", key->real[1],
                 key->real[2]);
        return;
    case VSW_KEY_BOOL:
        snprintf(text, n_bytes, "true or false");
        return;
    case VSW_KEY_ARRAY:
        snprintf(text, n_bytes, "a list [...]");
        return;
    case VSW_KEY_STRING:
        snprintf(text, n_bytes, "a string");
        return;
    case VSW_KEY_OBJECT:
    case VSW_KEY_MAP:
    case VSW_KEY_ENUM:
    case VSW_KEY_ANY:
    case VSW_KEY_END:
    default:
        snprintf(text, n_bytes, "an object {...}");
        return;
    }
}

union vsw_key_value
vsw_key_default(const struct vsw_key *key)
{
    union vsw_key_value value = {.u = key->value};

    if (key->type == VSW_KEY_REAL) {
        value.real = key->real[0];
    } else if (key->type == VSW_KEY_STRING) {
        value.string = key->string;
    }
    return value;
}

/* Bytes that a leaf takes in its struct.  Enumerations of the public headers
 * are as wide as uint32_t. */
static size_t
stored_bytes(const struct vsw_key *key)
{
    switch (key->type) {
    case VSW_KEY_U32:
    case VSW_KEY_ENUM:
        return sizeof(uint32_t);
    case VSW_KEY_BOOL:
        return sizeof(bool);
    case VSW_KEY_REAL:
        return sizeof(double);
    case VSW_KEY_STRING:
        return sizeof(const char *);
    case VSW_KEY_U64:
    case VSW_KEY_END:
    case VSW_KEY_OBJECT:
    case VSW_KEY_MAP:
    case VSW_KEY_ARRAY:
    case VSW_KEY_ANY:
    default:
        return sizeof(uint64_t);
    }
}

void
vsw_key_store(const struct vsw_key *key, union vsw_key_value value,
              void *base)
{
    unsigned char *place = (unsigned char *) base + key->offset;
    uint32_t u32 = (uint32_t) value.u;
    bool truth = value.u != 0;

    switch (stored_bytes(key)) {
    case sizeof(uint32_t):
        memcpy(place, &u32, sizeof u32);
        break;
    case sizeof(bool):
        memcpy(place, &truth, sizeof truth);
        break;
    default:
        memcpy(place, &value, sizeof value);
        break;
    }
}

union vsw_key_value
vsw_key_fetch(const struct vsw_key *key, const void *base)
{
    const unsigned char *place = (const unsigned char *) base + key->offset;
    union vsw_key_value value = {.u = 0};
    uint32_t u32;
    bool truth;

    switch (stored_bytes(key)) {
    case sizeof(uint32_t):
        memcpy(&u32, place, sizeof u32);
        value.u = u32;
        break;
    case sizeof(bool):
        memcpy(&truth, place, sizeof truth);
        value.u = truth;
        break;
    default:
        memcpy(&value, place, sizeof value);
        break;
    }
    return value;
}

json_t *
vsw_key_json(const struct vsw_key *key, union vsw_key_value value)
{
    switch (key->type) {
    case VSW_KEY_REAL:
        return json_real(value.real);
    case VSW_KEY_BOOL:
        return json_boolean(value.u);
    case VSW_KEY_ENUM:
        return json_string(key->choices[value.u]);
    case VSW_KEY_STRING:
        return value.string ? json_string(value.string) : json_null();
    case VSW_KEY_U32:
    case VSW_KEY_U64:
    case VSW_KEY_END:
    case VSW_KEY_OBJECT:
    case VSW_KEY_MAP:
    case VSW_KEY_ARRAY:
    case VSW_KEY_ANY:
    default:
        return json_integer((json_int_t) value.u);
    }
}

const struct vsw_json_node *
vsw_key_value_node(const struct vsw_key *key,
                   const struct vsw_json_node *node)
{
    bool wrapped = node && key->flags & VSW_KEY_FACT
                   && node->type == JSON_OBJECT;

    return wrapped ? vsw_json_member(node, "value") : node;
}

void
vsw_keys_fill(const struct vsw_key *keys, const struct vsw_json_node *root,
              void *base)
{
    for (const struct vsw_key *key = keys; key->type != VSW_KEY_END; key++) {
        const struct vsw_json_node *node;
        union vsw_key_value value;

        if (!(key->flags & VSW_KEY_STORED)) {
            continue;
        }
        node = vsw_key_value_node(key, vsw_json_find(root, key->path));
        if (!node || !vsw_key_read(key, node, &value, NULL)) {
            value = vsw_key_default(key);
        }
        vsw_key_store(key, value, base);
    }
}
