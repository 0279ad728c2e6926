/* JSON Schema (draft 2020-12) of a table of keys. */
#include "io/json/json_keys.h"

#include <stdio.h>
#include <string.h>

static json_t *
choices_json(const char *const *choices)
{
    json_t *list = json_array();

    for (size_t i = 0; choices[i]; i++) {
        json_array_append_new(list, json_string(choices[i]));
    }
    return list;
}

/* Largest integer that jansson and most readers hold. */
static json_int_t
clamp(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (json_int_t) value;
}

static json_t *
integer_schema(const struct vsw_key *key)
{
    json_t *range = json_pack("{s:s, s:I, s:I}", "type", "integer",
                              "minimum", clamp(key->min),
                              "maximum", clamp(key->max));
    json_t *zero;

    if (!(key->flags & VSW_KEY_OR_ZERO)) {
        return range;
    }
    zero = json_pack("{s:i}", "const", 0);
    return json_pack("{s:[o, o]}", "anyOf", zero, range);
}

static json_t *
leaf_schema(const struct vsw_key *key)
{
    if (key->choices) {
        return json_pack("{s:o}", "enum", choices_json(key->choices));
    }
    switch (key->type) {
    case VSW_KEY_U32:
    case VSW_KEY_U64:
        return integer_schema(key);
    case VSW_KEY_REAL:
        return json_pack("{s:s, s:f, s:f}", "type", "number", "minimum",
                         key->real[1], "maximum", key->real[2]);
    case VSW_KEY_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case VSW_KEY_STRING:
        return json_pack("{s:s}", "type", "string");
    case VSW_KEY_ENUM:
    case VSW_KEY_END:
    case VSW_KEY_OBJECT:
    case VSW_KEY_MAP:
    case VSW_KEY_ARRAY:
    case VSW_KEY_ANY:
    default:
        return json_object();
    }
}

static bool
has_default(const struct vsw_key *key)
{
    return vsw_key_is_leaf(key) && !(key->flags & VSW_KEY_REQUIRED)
           && (key->type != VSW_KEY_STRING || key->string);
}

/* What is required may come from a parent, so it is not listed at the top
 * level, where a file can say "extends", nor one level below. */
static bool
must_be_here(const struct vsw_key *key)
{
    return key->flags & VSW_KEY_REQUIRED && strpbrk(key->path, "[{");
}

static json_t *
object_schema(const struct vsw_key *keys, const struct vsw_key *parent)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    json_t *schema;

    for (const struct vsw_key *k = keys; k->type != VSW_KEY_END; k++) {
        const char *name = vsw_key_name_in(k, parent);

        if (name) {
            json_object_set_new(properties, name, vsw_keys_schema(keys, k));
            if (must_be_here(k)) {
                json_array_append_new(required, json_string(name));
            }
        }
    }
    schema = json_pack("{s:s, s:b, s:o}", "type", "object",
                       "additionalProperties", 0, "properties", properties);
    if (json_array_size(required) > 0) {
        json_object_set(schema, "required", required);
    }
    json_decref(required);
    return schema;
}

static json_t *
alike_schema(const struct vsw_key *keys, const struct vsw_key *key)
{
    bool map = key->type == VSW_KEY_MAP;
    const struct vsw_key *item;
    char path[128];

    snprintf(path, sizeof path, "%s%s", key->path, map ? "{}" : "[]");
    item = vsw_key_find(keys, path);
    return json_pack("{s:s, s:o}", "type", map ? "object" : "array",
                     map ? "additionalProperties" : "items",
                     item ? vsw_keys_schema(keys, item) : json_object());
}

json_t *
vsw_keys_schema(const struct vsw_key *keys, const struct vsw_key *key)
{
    json_t *schema;

    if (key->type == VSW_KEY_OBJECT) {
        schema = object_schema(keys, key);
    } else if (key->type == VSW_KEY_MAP || key->type == VSW_KEY_ARRAY) {
        schema = alike_schema(keys, key);
    } else {
        schema = leaf_schema(key);
    }
    json_object_set_new(schema, "description", json_string(key->meaning));
    if (has_default(key)) {
        json_object_set_new(schema, "default",
                            vsw_key_json(key, vsw_key_default(key)));
    }
    return schema;
}
