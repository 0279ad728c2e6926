/* Files that extend one another, read as one tree.
 *
 * Thread-safety: none. */
#ifndef IO_JSON_FILE_H
#define IO_JSON_FILE_H

#include "io/json/json_tree.h"

/* Longest chain of parents. */
#define VSW_JSON_MAX_PARENTS 8u

/* Turns what "extends" says into the path of the parent.  'value' is that
 * node.  Returns the path, from 'pool', or NULL after reporting why not. */
typedef char *(*vsw_json_parent_fn)(const struct vsw_json_node *value,
                                    struct vsw_pool *pool,
                                    struct vsw_json_errors *errors);

/* Reads the file 'path', named at byte 'from_at' of 'from' (or by the caller,
 * if 'from' is NULL), and the parents it extends; the nearest file wins.
 * Returns the tree, without "extends", or NULL with the reason reported. */
struct vsw_json_node *
vsw_json_file_read(const char *path, const struct vsw_json_doc *from,
                   size_t from_at, vsw_json_parent_fn parent,
                   struct vsw_pool *pool, struct vsw_json_errors *errors);

/* 'path' as seen from 'dir', which is "" or ends in a slash: itself if it is
 * absolute.  NULL if memory runs out. */
char *vsw_json_path_join(const char *dir, const char *path,
                         struct vsw_pool *pool);

/* A parent whose path starts at the directory of the file that names it. */
char *vsw_json_parent_path(const struct vsw_json_node *value,
                           struct vsw_pool *pool,
                           struct vsw_json_errors *errors);

#endif
