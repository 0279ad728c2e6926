/* Spool: an unlinked temporary file that is written once, then mapped.
 *
 * It lies in TMPDIR, or /tmp, and is gone when it is closed, however the
 * process ends.  Thread-safety: none. */
#ifndef VSW_IO_TRACE_SPOOL_H
#define VSW_IO_TRACE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/error.h>

struct vsw_spool {
    int fd;                     /* -1 when closed. */
    unsigned char *buffer;      /* Not yet written; owned. */
    size_t n_buffered;
    uint64_t n_bytes;           /* Put so far, buffered ones included. */
};

/* All of them return 0, or a negative errno value with 'err' filled.  After a
 * failure the spool is only good for vsw_spool_close(). */
int vsw_spool_open(struct vsw_spool *spool, struct vsw_error *err);
int vsw_spool_put(struct vsw_spool *spool, const void *data, size_t n_bytes,
                  struct vsw_error *err);
int vsw_spool_flush(struct vsw_spool *spool, struct vsw_error *err);

/* Reads or replaces 'n_bytes' that were flushed. */
int vsw_spool_read_at(const struct vsw_spool *spool, void *data,
                      size_t n_bytes, uint64_t offset, struct vsw_error *err);
int vsw_spool_write_at(struct vsw_spool *spool, const void *data,
                       size_t n_bytes, uint64_t offset,
                       struct vsw_error *err);

/* Flushes, and hands the descriptor to the caller. */
int vsw_spool_take_fd(struct vsw_spool *spool, int *fd,
                      struct vsw_error *err);

/* Closing twice is fine, and so is closing one that failed to open. */
void vsw_spool_close(struct vsw_spool *spool);

#endif
