/* Finds the parts of a JSON text without giving them a meaning.
 *
 * Made for text that a parser has accepted, but safe for any: it never reads
 * past the end and says so when it is lost.
 *
 * Thread-safety: none. */
#ifndef IO_JSON_SCAN_H
#define IO_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct vsw_json_scan {
    const char *text;
    size_t n_bytes;
    size_t at;                  /* Next byte to look at. */
};

/* Skips white space; returns the byte found, or '\0' at the end. */
char vsw_json_scan_peek(struct vsw_json_scan *scan);

/* Skips white space and then 'c', if that is what follows. */
bool vsw_json_scan_take(struct vsw_json_scan *scan, char c);

/* Skips a string with its quotes, or a number, true, false or null.  Returns
 * false if neither follows or the string does not end. */
bool vsw_json_scan_scalar(struct vsw_json_scan *scan);

#endif
