/* Error report: what went wrong, where, and what to do about it.
 *
 * Functions that take bad input (a config, a trace, a rule file) fill one of
 * these when they fail; its text is complete and ready to print, and may have
 * several lines.  The library itself never prints. */
#ifndef VSWSIM_ERROR_H
#define VSWSIM_ERROR_H

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_error_kind {
    VSW_ERROR_NONE,
    VSW_ERROR_USAGE,        /* The caller asked for something senseless. */
    VSW_ERROR_DATA,         /* An input was read and is wrong. */
    VSW_ERROR_NO_INPUT,     /* An input cannot be opened. */
    VSW_ERROR_UNAVAILABLE,  /* A needed program or feature is missing. */
    VSW_ERROR_INTERNAL,     /* Out of memory, or a law of ours is broken. */
    VSW_ERROR_CANNOT_CREATE,/* An output cannot be created. */
    VSW_ERROR_IO,           /* Reading or writing failed midway. */
    VSW_ERROR_CANCELLED,    /* The caller asked to stop. */
};

#define VSW_ERROR_TEXT_BYTES 8192

struct vsw_error {
    enum vsw_error_kind kind;
    int code;                           /* Negative errno value. */
    char text[VSW_ERROR_TEXT_BYTES];    /* No newline at the end. */
};

/* Fills 'err', which may be NULL, and returns 'code' (a negative errno value),
 * so that a caller can write "return vsw_error_set(...)". */
VSW_API int vsw_error_set(struct vsw_error *err, enum vsw_error_kind kind,
                          int code, const char *format, ...) VSW_PRINTF(4, 5);

/* Appends a line to the text of 'err'; makes it a 'kind' error if it was none.
 * What does not fit is cut and ends in "...".  'err' may be NULL. */
VSW_API void vsw_error_add(struct vsw_error *err, enum vsw_error_kind kind,
                           int code, const char *format, ...)
    VSW_PRINTF(4, 5);

VSW_EXTERN_C_END

#endif
