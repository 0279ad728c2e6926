/* Trace input: from a path to an open, plain capture and its digest.
 *
 * Regular files are read in place; pipes and compressed files are spooled
 * first, because the digest and the decoding need a pass each. */
#ifndef VSW_IO_TRACE_INPUT_H
#define VSW_IO_TRACE_INPUT_H

#include <stdbool.h>
#include <stdio.h>

#include <vswsim/error.h>

struct vsw_trace_input {
    const char *name;   /* For messages; borrowed from the path. */
    FILE *file;         /* At the start of the capture; owned by the caller. */
    char digest[65];    /* SHA-256 of the bytes read, in hexadecimal. */
    bool cut;           /* Its compressed stream ends too early. */
};

/* Opens 'path', or standard input for "-".  Returns 0 or a negative errno
 * value with 'err' filled. */
int vsw_trace_input_open(struct vsw_trace_input *input, const char *path,
                         struct vsw_error *err);

#endif
