/* Expands compressed captures, where libarchive is built in. */
#ifndef VSW_IO_TRACE_ARCHIVE_H
#define VSW_IO_TRACE_ARCHIVE_H

#include <stdbool.h>

#include "io/trace/trace_magic.h"
#include "io/trace/trace_spool.h"

/* Expands what is read from 'fd', which 'magic' describes and messages call
 * 'name', into 'spool'.  What is inside must be a capture, which is checked
 * before anything is written.  Sets '*cut' if the compressed stream ends too
 * early.  Returns 0, or a negative errno value with 'err' filled. */
int vsw_archive_expand(int fd, const char *name,
                       const struct vsw_magic *magic,
                       struct vsw_spool *spool, bool *cut,
                       struct vsw_error *err);

#endif
