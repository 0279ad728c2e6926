/* What the first bytes of a file say about it. */
#ifndef VSW_IO_TRACE_MAGIC_H
#define VSW_IO_TRACE_MAGIC_H

#include <stddef.h>

enum vsw_magic_kind {
    VSW_MAGIC_FOREIGN,
    VSW_MAGIC_CAPTURE,
    VSW_MAGIC_COMPRESSED,
};

/* First bytes that are enough to tell. */
#define VSW_MAGIC_BYTES 8

struct vsw_magic {
    enum vsw_magic_kind kind;
    const char *name;   /* Static; "gzip". */
    const char *tool;   /* Static: expands it to standard output. */
};

struct vsw_magic vsw_magic_find(const unsigned char *head, size_t n_bytes);

#endif
