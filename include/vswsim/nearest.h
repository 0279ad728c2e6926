/* The nearest of several names to one that somebody mistyped.
 *
 * Thread-safety: none needed; no global state. */
#ifndef VSWSIM_NEAREST_H
#define VSWSIM_NEAREST_H

#include <stddef.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Least number of insertions, deletions and replacements that turn 'a' (of
 * 'a_len' bytes) into 'b'.  Longer texts than 63 bytes count as far away. */
VSW_API unsigned int vsw_nearest_distance(const char *a, size_t a_len,
                                          const char *b);

/* Keeps the best of a series of candidates. */
struct vsw_nearest {
    const char *name;           /* What was written. */
    size_t name_len;
    const char *best;           /* Borrowed from the caller; NULL so far. */
    unsigned int distance;
};

/* Starts a series for the 'name_len' bytes at 'name', which is borrowed. */
VSW_API void vsw_nearest_init(struct vsw_nearest *nearest, const char *name,
                              size_t name_len);

VSW_API void vsw_nearest_offer(struct vsw_nearest *nearest,
                               const char *candidate);

/* The nearest candidate, or NULL if all are too far to be meant. */
VSW_API const char *vsw_nearest_get(const struct vsw_nearest *nearest);

VSW_EXTERN_C_END

#endif
