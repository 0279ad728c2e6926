/* Checks a tree against a table of keys. */
#include "io/json/json_keys.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/nearest.h>

#define TEXT_BYTES 512

static const char *
type_name(const struct vsw_json_node *node)
{
    switch (node->type) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
    default:
        return "null";
    }
}

/* Name of a key for messages: the last part of its path. */
static const char *
short_name(const struct vsw_key *key)
{
    const char *dot = strrchr(key->path, '.');

    return dot ? dot + 1 : *key->path ? key->path : "the file";
}

/* Name of a value for messages: members of a map have names of their own. */
static const char *
name_of(const struct vsw_key *key, const struct vsw_json_node *node)
{
    size_t n = strlen(key->path);
    bool of_map = n > 2 && !strcmp(key->path + n - 2, "{}");

    return of_map && node->key ? node->key : short_name(key);
}

static void
report_expected(const struct vsw_key *key, const struct vsw_json_node *node,
                struct vsw_json_errors *errors)
{
    char expected[TEXT_BYTES];

    vsw_key_expected(key, expected, sizeof expected);
    if (node->type == JSON_INTEGER && key->type != VSW_KEY_STRING) {
        vsw_json_report(errors, node->doc, node->at,
                        "%.64s is %" JSON_INTEGER_FORMAT "; expected %s",
                        name_of(key, node), node->integer, expected);
    } else if (node->type == JSON_REAL && key->type != VSW_KEY_STRING) {
        vsw_json_report(errors, node->doc, node->at,
                        "%.64s is %.9g; expected %s", name_of(key, node),
                        node->real, expected);
    } else {
        vsw_json_report(errors, node->doc, node->at,
                        "%.64s is %s; expected %s", name_of(key, node),
                        type_name(node), expected);
    }
}

bool
vsw_json_has_control_chars(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char) *text < ' ' || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

static void
report_choice(const struct vsw_key *key, const struct vsw_json_node *node,
              struct vsw_json_errors *errors)
{
    char expected[TEXT_BYTES];
    struct vsw_nearest near;

    vsw_nearest_init(&near, node->string, strlen(node->string));
    for (size_t i = 0; key->choices[i]; i++) {
        vsw_nearest_offer(&near, key->choices[i]);
    }
    vsw_key_expected(key, expected, sizeof expected);
    vsw_json_report(errors, node->doc, node->at,
                    "unknown %s \"%.64s\"%s; expected %s",
                    short_name(key), node->string,
                    vsw_json_hint(&near).text, expected);
}

/* An integral number such as 1e6 counts as an integer. */
static bool
read_integer(const struct vsw_key *key, const struct vsw_json_node *node,
             union vsw_key_value *value)
{
    uint64_t u = (uint64_t) node->integer;
    bool integral = node->type == JSON_INTEGER
                    || (node->type == JSON_REAL
                        && (double) node->integer == node->real);

    if (!integral || node->integer < 0) {
        return false;
    }
    value->u = u;
    if (key->flags & VSW_KEY_OR_ZERO && u == 0) {
        return true;
    }
    if (key->flags & VSW_KEY_POWER_OF_2 && (u & (u - 1))) {
        return false;
    }
    return u >= key->min && u <= key->max;
}

static bool
read_string(const struct vsw_key *key, const struct vsw_json_node *node,
            union vsw_key_value *value)
{
    if (node->type != JSON_STRING) {
        return false;
    }
    value->string = node->string;
    for (size_t i = 0; key->choices && key->choices[i]; i++) {
        if (!strcmp(key->choices[i], node->string)) {
            if (key->type == VSW_KEY_ENUM) {
                value->u = i;
            } else {
                value->string = key->choices[i];
            }
            return true;
        }
    }
    return !key->choices && !vsw_json_has_control_chars(node->string);
}

static bool
read_leaf(const struct vsw_key *key, const struct vsw_json_node *node,
          union vsw_key_value *value)
{
    switch (key->type) {
    case VSW_KEY_U32:
    case VSW_KEY_U64:
        return read_integer(key, node, value);
    case VSW_KEY_REAL:
        value->real = node->real;
        return (node->type == JSON_REAL || node->type == JSON_INTEGER)
               && node->real >= key->real[1] && node->real <= key->real[2];
    case VSW_KEY_BOOL:
        value->u = node->type == JSON_TRUE;
        return node->type == JSON_TRUE || node->type == JSON_FALSE;
    case VSW_KEY_ENUM:
    case VSW_KEY_STRING:
        return read_string(key, node, value);
    case VSW_KEY_END:
    case VSW_KEY_OBJECT:
    case VSW_KEY_MAP:
    case VSW_KEY_ARRAY:
    case VSW_KEY_ANY:
    default:
        return false;
    }
}

bool
vsw_key_read(const struct vsw_key *key, const struct vsw_json_node *node,
             union vsw_key_value *value, struct vsw_json_errors *errors)
{
    bool valid = read_leaf(key, node, value);

    if (!valid && errors) {
        if (node->type == JSON_STRING
            && vsw_json_has_control_chars(node->string)) {
            vsw_json_report(errors, node->doc, node->at,
                            "%s has a control character, such as a new line",
                            short_name(key));
        } else if (key->choices && node->type == JSON_STRING) {
            report_choice(key, node, errors);
        } else {
            report_expected(key, node, errors);
        }
    }
    return valid;
}

/* Appends 'word' to a list in 'text'. */
static void
list_word(char *text, size_t n_bytes, const char *word)
{
    size_t n = strlen(text);

    snprintf(text + n, n_bytes - n, "%s%s", n ? ", " : "", word);
}

/* A key that is right, but in another place of the file. */
static const struct vsw_key *
find_elsewhere(const struct vsw_key *keys, const char *name)
{
    for (; keys->type != VSW_KEY_END; keys++) {
        if (!strcmp(short_name(keys), name)) {
            return keys;
        }
    }
    return NULL;
}

static void
report_unknown(const struct vsw_key *keys, const struct vsw_key *parent,
               const struct vsw_json_node *node,
               struct vsw_json_errors *errors)
{
    char allowed[TEXT_BYTES] = "";
    struct vsw_json_hint hint;
    const struct vsw_key *other = find_elsewhere(keys, node->key);
    struct vsw_nearest near;

    vsw_nearest_init(&near, node->key, strlen(node->key));
    for (const struct vsw_key *k = keys; k->type != VSW_KEY_END; k++) {
        const char *name = vsw_key_name_in(k, parent);

        if (name) {
            vsw_nearest_offer(&near, name);
            list_word(allowed, sizeof allowed, name);
        }
    }
    hint = vsw_json_hint(&near);
    if (other) {
        snprintf(hint.text, sizeof hint.text, "; there is \"%s\"",
                 other->path);
    }
    vsw_json_report(errors, node->doc, node->key_at,
                    "unknown key \"%.64s\"%s; allowed here: %s", node->key,
                    hint.text, allowed);
}

static void check_node(const struct vsw_key *keys, const struct vsw_key *key,
                       const struct vsw_json_node *node,
                       struct vsw_json_errors *errors);

static const struct vsw_key *
find_member(const struct vsw_key *keys, const struct vsw_key *parent,
            const char *name)
{
    for (; keys->type != VSW_KEY_END; keys++) {
        const char *own = vsw_key_name_in(keys, parent);

        if (own && !strcmp(own, name)) {
            return keys;
        }
    }
    return NULL;
}

static void
check_required(const struct vsw_key *keys, const struct vsw_key *parent,
               const struct vsw_json_node *object,
               struct vsw_json_errors *errors)
{
    for (; keys->type != VSW_KEY_END; keys++) {
        const char *name = vsw_key_name_in(keys, parent);

        if (name && keys->flags & VSW_KEY_REQUIRED
            && !vsw_json_member(object, name)
            && !(keys->unless && vsw_json_member(object, keys->unless))) {
            vsw_json_report(errors, object->doc, object->at,
                            "\"%s\" is missing: %s", name, keys->meaning);
        }
    }
}

static void
check_object(const struct vsw_key *keys, const struct vsw_key *key,
             const struct vsw_json_node *node, struct vsw_json_errors *errors)
{
    for (const struct vsw_json_node *c = node->first; c; c = c->next) {
        const struct vsw_key *member = find_member(keys, key, c->key);

        if (member) {
            check_node(keys, member, c, errors);
        } else {
            report_unknown(keys, key, c, errors);
        }
    }
    check_required(keys, key, node, errors);
}

/* All children of an array or map are alike. */
static void
check_alike(const struct vsw_key *keys, const struct vsw_key *key,
            const char *suffix, const struct vsw_json_node *node,
            struct vsw_json_errors *errors)
{
    char path[128];
    const struct vsw_key *item;

    snprintf(path, sizeof path, "%s%s", key->path, suffix);
    item = vsw_key_find(keys, path);
    for (const struct vsw_json_node *c = node->first; item && c;
         c = c->next) {
        check_node(keys, item, c, errors);
    }
}

static void
check_node(const struct vsw_key *keys, const struct vsw_key *key,
           const struct vsw_json_node *node, struct vsw_json_errors *errors)
{
    bool map = key->type == VSW_KEY_MAP;
    union vsw_key_value unused;

    if (vsw_key_is_leaf(key)) {
        node = vsw_key_value_node(key, node);
        if (node) {
            vsw_key_read(key, node, &unused, errors);
        }
    } else if (key->type == VSW_KEY_ANY) {
        return;
    } else if (node->type
               != (key->type == VSW_KEY_ARRAY ? JSON_ARRAY : JSON_OBJECT)) {
        report_expected(key, node, errors);
    } else if (key->type == VSW_KEY_OBJECT) {
        check_object(keys, key, node, errors);
    } else {
        check_alike(keys, key, map ? "{}" : "[]", node, errors);
    }
}

void
vsw_keys_check(const struct vsw_key *keys, const struct vsw_json_node *root,
               struct vsw_json_errors *errors)
{
    const struct vsw_key *key = vsw_key_find(keys, "");

    if (key) {
        check_node(keys, key, root, errors);
    }
}
