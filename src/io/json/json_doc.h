/* A JSON text, where it came from, and errors that point into it.
 *
 * A text is a file or the value of an option on the command line.  Errors of
 * one load are collected, so that a user sees all of them at once.
 *
 * Thread-safety: none. */
#ifndef IO_JSON_DOC_H
#define IO_JSON_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/nearest.h>

#include "io/json/pool.h"

/* Longest file that is read.  Configs are written by people. */
#define VSW_JSON_MAX_BYTES ((size_t) 1 << 20)

/* Errors shown before the rest is only counted. */
#define VSW_JSON_MAX_ERRORS 20u

struct vsw_json_doc {
    const char *name;           /* The path as opened, or "--set". */
    const char *text;           /* NUL-terminated. */
    size_t n_bytes;
    bool is_option;             /* From the command line: has no lines. */
    const char *dir;            /* Where its relative paths start: "" is the
                                 * working directory, else ends in a slash. */
    const char *dir_from_root;  /* The same, seen from the first file. */
};

struct vsw_json_errors {
    struct vsw_error *err;      /* Borrowed; may be NULL. */
    unsigned int n;             /* Errors so far. */
};

/* Reads the file 'path' into 'doc'; its memory comes from 'pool'.  Returns 0,
 * or a negative errno value with the reason reported at 'from' ('from_at'
 * bytes into it), the text that names the file, if that is not NULL. */
int vsw_json_doc_read(struct vsw_json_doc *doc, const char *path,
                      const struct vsw_json_doc *from, size_t from_at,
                      struct vsw_pool *pool, struct vsw_json_errors *errors);

/* Line and column, from 1 and in bytes, of byte 'at'. */
void vsw_json_doc_place(const struct vsw_json_doc *doc, size_t at,
                        uint32_t *line, uint32_t *column);

/* Adds an error about byte 'at' of 'doc': the place, the message, the line
 * and a caret under it.  Without 'doc' only the message. */
void vsw_json_report(struct vsw_json_errors *errors,
                     const struct vsw_json_doc *doc, size_t at,
                     const char *format, ...) VSW_PRINTF(4, 5);

/* The same for another kind than VSW_ERROR_DATA. */
void vsw_json_report_kind(struct vsw_json_errors *errors,
                          enum vsw_error_kind kind, int code,
                          const struct vsw_json_doc *doc, size_t at,
                          const char *format, ...) VSW_PRINTF(6, 7);

/* Adds the error of running out of memory and returns -ENOMEM. */
int vsw_json_report_nomem(struct vsw_json_errors *errors);

/* What to try instead of a misspelt name. */
struct vsw_json_hint {
    char text[128];             /* "; try \"name\"", or "". */
};

/* The hint that a search for the nearest name gives. */
struct vsw_json_hint vsw_json_hint(const struct vsw_nearest *nearest);

/* Ends the collection: says how many errors were not shown.  Returns 0 if
 * there was none, or the code of the first. */
int vsw_json_errors_finish(struct vsw_json_errors *errors);

#endif
