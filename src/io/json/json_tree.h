/* JSON values that know where they were written.
 *
 * jansson parses; it keeps no positions afterwards.  A scanner of our own goes
 * over the same text again and gives each value and key its place; both
 * together make a tree of nodes.  Trees of several files merge into one whose
 * nodes still point into the file that each came from.
 *
 * Thread-safety: none. */
#ifndef IO_JSON_TREE_H
#define IO_JSON_TREE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "io/json/json_doc.h"
#include "io/json/pool.h"

/* Deepest nesting, and most members of one object, that are accepted. */
#define VSW_JSON_MAX_DEPTH 32u
#define VSW_JSON_MAX_MEMBERS 1000u

struct vsw_json_node {
    json_type type;
    const char *key;            /* NULL in an array and at the root. */
    const struct vsw_json_doc *doc;
    size_t key_at;              /* Bytes from the start of the text. */
    size_t at;
    size_t end;                 /* One past the value. */
    const char *string;
    json_int_t integer;
    double real;                /* Also of an integer. */
    uint32_t n_children;
    struct vsw_json_node *first;    /* Child. */
    struct vsw_json_node *last;
    struct vsw_json_node *next;     /* Sibling. */
};

/* Parses bytes 'from' to the end of 'doc', which must outlive the tree.
 * Syntax errors and duplicate keys are reported.  Returns NULL after the
 * former, or if memory ran out. */
struct vsw_json_node *vsw_json_parse(const struct vsw_json_doc *doc,
                                     size_t from, struct vsw_pool *pool,
                                     struct vsw_json_errors *errors);

/* Parses "key.path=value" in 'doc' to an object that holds just that.  A value
 * that is no JSON is taken as a string.  After "sweep." the rest of the path
 * is one key. */
struct vsw_json_node *vsw_json_parse_set(const struct vsw_json_doc *doc,
                                         struct vsw_pool *pool,
                                         struct vsw_json_errors *errors);

/* Puts 'over' on top of 'base': objects merge member by member, anything else
 * replaces.  Changes both and returns the result. */
struct vsw_json_node *vsw_json_merge(struct vsw_json_node *base,
                                     struct vsw_json_node *over);

/* Appends 'child' to the children of 'parent'. */
void vsw_json_append(struct vsw_json_node *parent,
                     struct vsw_json_node *child);

/* Member 'key' of 'object', or NULL; also if 'object' is NULL or none. */
struct vsw_json_node *vsw_json_member(const struct vsw_json_node *object,
                                      const char *key);

/* The same by "a.b.c". */
struct vsw_json_node *vsw_json_find(const struct vsw_json_node *root,
                                    const char *path);

/* Text of a node as it was written; NULL if memory runs out. */
char *vsw_json_text(const struct vsw_json_node *node, struct vsw_pool *pool);

/* The same value for jansson, or NULL.  The caller owns it. */
json_t *vsw_json_value(const struct vsw_json_node *node);

#endif
