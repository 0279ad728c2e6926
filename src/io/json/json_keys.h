/* Tables of keys: what a JSON file may say, and how to check it.
 *
 * One table describes a kind of file.  An entry has a path: "guests.n" is
 * member "n" of member "guests"; "plots[]" is any item of the array "plots";
 * "costs{}" is any member of "costs".  The entry with the empty path is the
 * file itself.  From the table come the checker, the JSON Schema, and the
 * reference page; a leaf with a place in a struct is also read through it.
 *
 * Thread-safety: tables are const. */
#ifndef IO_JSON_KEYS_H
#define IO_JSON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/json/json_tree.h"

enum vsw_key_type {
    VSW_KEY_END,
    VSW_KEY_OBJECT,     /* Members as the table lists them. */
    VSW_KEY_MAP,        /* Members of any name, all alike. */
    VSW_KEY_ARRAY,
    VSW_KEY_ANY,        /* Checked elsewhere, or free. */
    VSW_KEY_U32,
    VSW_KEY_U64,
    VSW_KEY_REAL,
    VSW_KEY_BOOL,
    VSW_KEY_ENUM,       /* uint32_t: index into 'choices'. */
    VSW_KEY_STRING,     /* const char *; of 'choices', if there are any. */
};

#define VSW_KEY_REQUIRED    1u  /* Must be there, in the file or a parent. */
#define VSW_KEY_SHARED      2u  /* One for all points: cannot be swept. */
#define VSW_KEY_OR_ZERO     4u  /* 0 is allowed below 'min'. */
#define VSW_KEY_STORED      8u  /* Has a place at 'offset'. */
#define VSW_KEY_POWER_OF_2 16u
#define VSW_KEY_FACT       32u  /* May be an object that has it as "value";
                                 * who uses the table checks the rest. */

struct vsw_key {
    const char *path;
    enum vsw_key_type type;
    unsigned int flags;
    size_t offset;              /* In the struct that the table fills. */
    const char *unit;           /* "bytes", or "". */
    uint64_t value;             /* Default of a number, bool or enum. */
    uint64_t min;
    uint64_t max;
    double real[3];             /* The same three for VSW_KEY_REAL. */
    const char *string;         /* Default of a string, or NULL. */
    const char *const *choices; /* NULL-terminated. */
    const char *meaning;
    const char *unless;         /* A sibling in whose presence a required key
                                 * may be absent; or NULL. */
};

union vsw_key_value {
    uint64_t u;                 /* Integer, bool or index. */
    double real;
    const char *string;
};

/* Entry 'path', or NULL. */
const struct vsw_key *vsw_key_find(const struct vsw_key *keys,
                                   const char *path);

/* If 'key' is a direct part of 'parent', its name in there; else NULL. */
const char *vsw_key_name_in(const struct vsw_key *key,
                            const struct vsw_key *parent);

/* Whether 'key' has one value: it is no object, map, array or free part. */
bool vsw_key_is_leaf(const struct vsw_key *key);

/* Writes what 'key' expects ("an integer from 1 to 64") to 'text'. */
void vsw_key_expected(const struct vsw_key *key, char *text, size_t n_bytes);

/* Checks the leaf 'node' and reads it into 'value'; a string is borrowed from
 * the node.  Returns whether it is valid; if not, reports why unless 'errors'
 * is NULL. */
bool vsw_key_read(const struct vsw_key *key, const struct vsw_json_node *node,
                  union vsw_key_value *value, struct vsw_json_errors *errors);

/* The node of the value itself: 'node', or for a fact its "value", which may
 * be missing. */
const struct vsw_json_node *vsw_key_value_node(
    const struct vsw_key *key, const struct vsw_json_node *node);

/* Default of 'key'. */
union vsw_key_value vsw_key_default(const struct vsw_key *key);

/* Moves a value to its place in 'base', and back. */
void vsw_key_store(const struct vsw_key *key, union vsw_key_value value,
                   void *base);
union vsw_key_value vsw_key_fetch(const struct vsw_key *key,
                                  const void *base);

/* The value for jansson, or NULL; the caller owns it. */
json_t *vsw_key_json(const struct vsw_key *key, union vsw_key_value value);

/* Checks the whole tree 'root' against 'keys', reporting every error. */
void vsw_keys_check(const struct vsw_key *keys,
                    const struct vsw_json_node *root,
                    struct vsw_json_errors *errors);

/* Fills 'base' with the values of 'root' where they are valid and with
 * defaults elsewhere.  Strings are borrowed from the tree. */
void vsw_keys_fill(const struct vsw_key *keys,
                   const struct vsw_json_node *root, void *base);

/* Whether 'text' has characters that would break the lines of a table or
 * command a terminal. */
bool vsw_json_has_control_chars(const char *text);

/* The JSON Schema of entry 'key' and all within, or NULL; the caller owns
 * it. */
json_t *vsw_keys_schema(const struct vsw_key *keys,
                        const struct vsw_key *key);

#endif
