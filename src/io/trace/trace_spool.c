#include "io/trace/trace_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t) 1 << 18)
#define PATH_BYTES   4096

static const char *
temp_dir(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && dir[0] ? dir : "/tmp";
}

static int
fail(struct vsw_error *err, const char *what)
{
    int code = errno ? -errno : -EIO;

    return vsw_error_set(err, VSW_ERROR_IO, code,
                         "cannot %s a temporary file in %s: %s; set TMPDIR "
                         "to a directory with more room",
                         what, temp_dir(), strerror(-code));
}

static int
open_unlinked(struct vsw_error *err)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/vswsim-XXXXXX", temp_dir());
    int fd;

    errno = ENAMETOOLONG;
    fd = n < 0 || (size_t) n >= sizeof path ? -1 : mkstemp(path);
    if (fd < 0) {
        int code = -errno;

        return vsw_error_set(err, VSW_ERROR_CANNOT_CREATE, code,
                             "cannot create a temporary file in %s: %s; set "
                             "TMPDIR to a directory that can be written",
                             temp_dir(), strerror(-code));
    }
    unlink(path);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int
vsw_spool_open(struct vsw_spool *spool, struct vsw_error *err)
{
    memset(spool, 0, sizeof *spool);
    spool->fd = -1;
    spool->buffer = malloc(BUFFER_BYTES);
    if (!spool->buffer) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    spool->fd = open_unlinked(err);
    return spool->fd < 0 ? spool->fd : 0;
}

int
vsw_spool_write_at(struct vsw_spool *spool, const void *data, size_t n_bytes,
                   uint64_t offset, struct vsw_error *err)
{
    const unsigned char *from = data;

    while (n_bytes > 0) {
        ssize_t n = pwrite(spool->fd, from, n_bytes, (off_t) offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail(err, "write");
        }
        from += n;
        offset += (uint64_t) n;
        n_bytes -= (size_t) n;
    }
    return 0;
}

int
vsw_spool_read_at(const struct vsw_spool *spool, void *data, size_t n_bytes,
                  uint64_t offset, struct vsw_error *err)
{
    unsigned char *to = data;

    while (n_bytes > 0) {
        ssize_t n = pread(spool->fd, to, n_bytes, (off_t) offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail(err, "read");
        }
        to += n;
        offset += (uint64_t) n;
        n_bytes -= (size_t) n;
    }
    return 0;
}

int
vsw_spool_flush(struct vsw_spool *spool, struct vsw_error *err)
{
    int code = vsw_spool_write_at(spool, spool->buffer, spool->n_buffered,
                                  spool->n_bytes - spool->n_buffered, err);

    if (!code) {
        spool->n_buffered = 0;
    }
    return code;
}

int
vsw_spool_put(struct vsw_spool *spool, const void *data, size_t n_bytes,
              struct vsw_error *err)
{
    const unsigned char *from = data;

    while (n_bytes > 0) {
        size_t n = BUFFER_BYTES - spool->n_buffered;

        n = n < n_bytes ? n : n_bytes;
        memcpy(spool->buffer + spool->n_buffered, from, n);
        spool->n_buffered += n;
        spool->n_bytes += n;
        from += n;
        n_bytes -= n;
        if (spool->n_buffered == BUFFER_BYTES) {
            int code = vsw_spool_flush(spool, err);

            if (code) {
                return code;
            }
        }
    }
    return 0;
}

int
vsw_spool_take_fd(struct vsw_spool *spool, int *fd, struct vsw_error *err)
{
    int code = vsw_spool_flush(spool, err);

    if (code) {
        return code;
    }
    *fd = spool->fd;
    spool->fd = -1;
    vsw_spool_close(spool);
    return 0;
}

void
vsw_spool_close(struct vsw_spool *spool)
{
    if (spool->fd >= 0) {
        close(spool->fd);
    }
    free(spool->buffer);
    spool->buffer = NULL;
    spool->fd = -1;
}
