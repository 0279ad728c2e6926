/* The schema of experiment files: the table of keys, and the models. */
#include "io/config/config_keys.h"

#include <jansson.h>

#define SCHEMA_URI "https://json-schema.org/draft/2020-12/schema"

/* An object that is deep within a schema. */
static json_t *
property(json_t *schema, const char *name)
{
    return json_object_get(json_object_get(schema, "properties"), name);
}

static json_t *
param_schema(const struct vsw_param *param)
{
    const struct vsw_key keys[] = {
        vsw_config_param_key(param), {.type = VSW_KEY_END},
    };

    return vsw_keys_schema(keys, keys);
}

static json_t *
params_schema(const struct vsw_model_ops *model)
{
    const struct vsw_param *param = model->params;
    json_t *properties = json_object();

    for (; param && param->type != VSW_PARAM_TYPE_END; param++) {
        json_object_set_new(properties, param->name, param_schema(param));
    }
    return json_pack("{s:s, s:b, s:o}", "type", "object",
                     "additionalProperties", 0, "properties", properties);
}

/* "If the model is NAME, its parameters are these." */
static json_t *
model_rule(const struct vsw_model_ops *model)
{
    return json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:o}}}",
                     "if", "properties", "model", "const", model->name,
                     "then", "properties", "params", params_schema(model));
}

static void
add_models(json_t *design)
{
    const struct vsw_model_ops *model;
    json_t *names = json_array();
    json_t *rules = json_array();

    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        json_array_append_new(names, json_string(model->name));
        json_array_append_new(rules, model_rule(model));
    }
    if (json_array_size(names) > 0) {
        json_object_set(property(design, "model"), "enum", names);
        json_object_set(design, "allOf", rules);
    }
    json_decref(names);
    json_decref(rules);
}

/* The keys that may differ between points, by their full path; 'list' makes
 * each a list of values. */
static json_t *
point_keys(bool list)
{
    const struct vsw_key *key = vsw_config_key_table;
    json_t *properties = json_object();

    for (; key->type != VSW_KEY_END; key++) {
        if (vsw_key_is_leaf(key) && key->flags & VSW_KEY_STORED
            && !(key->flags & VSW_KEY_SHARED)) {
            json_t *value = vsw_keys_schema(vsw_config_key_table, key);

            if (list) {
                value = json_pack("{s:s, s:i, s:b, s:o}", "type", "array",
                                  "minItems", 1, "uniqueItems", 1, "items",
                                  value);
            }
            json_object_set_new(properties, key->path, value);
        }
    }
    return properties;
}

static void
add_sweep(json_t *sweep)
{
    json_object_set_new(sweep, "properties", point_keys(true));
    json_object_set_new(sweep, "patternProperties",
                        json_pack("{s:{s:s, s:i, s:b}}", "^params\\.",
                                  "type", "array", "minItems", 1,
                                  "uniqueItems", 1));
    json_object_set_new(sweep, "additionalProperties", json_false());
}

static void
add_set(json_t *set)
{
    json_object_set_new(set, "properties", point_keys(false));
    json_object_set_new(set, "additionalProperties", json_false());
}

/* A file without parent must be whole. */
static void
add_whole(json_t *schema)
{
    json_object_set_new(schema, "anyOf",
        json_pack("[{s:[s]}, {s:[s, s, s], s:{s:{s:[s]}}}, {s:[s, s, s]}]",
                  "required", "extends",
                  "required", "machine", "traffic", "designs",
                  "properties", "traffic", "required", "trace",
                  "required", "machine", "workload", "designs"));
}

char *
vsw_config_schema(void)
{
    json_t *schema = vsw_keys_schema(vsw_config_key_table,
                                     vsw_config_key_table);
    json_t *design = json_object_get(property(schema, "designs"), "items");
    char *text;

    json_object_set_new(schema, "$schema", json_string(SCHEMA_URI));
    json_object_set_new(schema, "title",
                        json_string("Experiment of vswsim"));
    json_object_set_new(property(schema, "designs"), "minItems",
                        json_integer(1));
    add_models(design);
    add_set(property(design, "set"));
    add_sweep(property(schema, "sweep"));
    add_whole(schema);
    text = json_dumps(schema, JSON_INDENT(2));
    json_decref(schema);
    return text;
}
