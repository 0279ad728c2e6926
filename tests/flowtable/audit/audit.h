/* Compares the lines that a call declares to its observer with those that it
 * touches, in one arena at a time.  What lies outside of the arena belongs to
 * the caller (arguments, the stack) and is not compared. */
#ifndef VSW_AUDIT_H
#define VSW_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include <vswsim/memobs.h>

/* Audits the 'n_bytes' at 'mem', which are aligned to lines, from now on. */
void audit_watch(const void *mem, size_t n_bytes);

/* Leaves out the 'n_bytes' at 'p': the handle that callers pass. */
void audit_exempt(const void *p, size_t n_bytes);

/* Starts recording and returns the observer for the calls to come. */
struct vsw_memobs *audit_begin(void);

/* Stops recording.  Returns true if the lines touched are those declared, and
 * the lines written those declared as written; else prints the first line of
 * which that is false. */
bool audit_end(const char *what);

/* The same, except that lines may be declared and not touched. */
bool audit_end_covered(const char *what);

/* Lines compared since the program began: an audit that saw none shows
 * nothing. */
size_t audit_n_lines(void);

#endif
