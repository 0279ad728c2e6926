/* An output file that appears under its name when it is complete. */
#ifndef VSW_IO_TRACE_OUT_H
#define VSW_IO_TRACE_OUT_H

#include <stddef.h>
#include <stdio.h>

#include <vswsim/error.h>

struct vsw_trace_out {
    const char *path;           /* Borrowed. */
    char *temp;                 /* Owned; NULL: 'path' itself is written,
                                 * because it is a device or a pipe. */
    FILE *file;
    int code;                   /* Of the first failure, or 0. */
};

/* Creates it.  Returns 0, or a negative errno value with 'err' filled. */
int vsw_trace_out_open(struct vsw_trace_out *out, const char *path,
                       struct vsw_error *err);

/* Writes; a failure is remembered and reported by vsw_trace_out_finish(). */
void vsw_trace_out_put(struct vsw_trace_out *out, const void *data,
                       size_t n_bytes);

/* Syncs and renames, or removes what was written if anything failed.  Returns
 * 0, or a negative errno value with 'err' filled. */
int vsw_trace_out_finish(struct vsw_trace_out *out, struct vsw_error *err);

#endif
