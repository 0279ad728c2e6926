#include "io/trace/trace_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
temp_name(const char *path)
{
    size_t n_bytes = strlen(path) + 32;
    char *temp = malloc(n_bytes);

    if (temp) {
        snprintf(temp, n_bytes, "%s.%ld.tmp", path, (long) getpid());
    }
    return temp;
}

/* A name that renaming would take from a device or a pipe stays theirs. */
static int
is_special(const char *path)
{
    struct stat st;

    return !stat(path, &st) && !S_ISREG(st.st_mode);
}

int
vsw_trace_out_open(struct vsw_trace_out *out, const char *path,
                   struct vsw_error *err)
{
    int special = is_special(path);
    int fd;

    out->path = path;
    out->code = 0;
    out->file = NULL;
    out->temp = special ? NULL : temp_name(path);
    if (!special && !out->temp) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    fd = open(special ? path : out->temp,
              O_WRONLY | O_CLOEXEC | (special ? 0 : O_CREAT | O_EXCL), 0666);
    out->file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!out->file) {
        int code = -errno;

        if (fd >= 0) {
            close(fd);
        }
        free(out->temp);
        return vsw_error_set(err, VSW_ERROR_CANNOT_CREATE, code,
                             "%s: cannot create: %s; choose a directory that "
                             "exists and can be written",
                             path, strerror(-code));
    }
    return 0;
}

void
vsw_trace_out_put(struct vsw_trace_out *out, const void *data,
                  size_t n_bytes)
{
    if (!out->code && fwrite(data, 1, n_bytes, out->file) != n_bytes) {
        out->code = errno ? -errno : -EIO;
    }
}

static int
complete(struct vsw_trace_out *out)
{
    if (out->code) {
        return out->code;
    }
    if (fflush(out->file)) {
        return -errno;
    }
    /* A device or a pipe cannot be synced, and need not be. */
    if (out->temp
        && (fsync(fileno(out->file)) || rename(out->temp, out->path))) {
        return -errno;
    }
    return 0;
}

int
vsw_trace_out_finish(struct vsw_trace_out *out, struct vsw_error *err)
{
    int code = complete(out);

    fclose(out->file);
    if (out->temp && code) {
        unlink(out->temp);
    }
    free(out->temp);
    if (code) {
        vsw_error_set(err, VSW_ERROR_IO, code,
                      "%s: cannot write: %s; nothing was kept", out->path,
                      strerror(-code));
    }
    return code;
}
