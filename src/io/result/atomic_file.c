#include "io/result/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Temporary names tried before giving up. */
#define MAX_TEMPS 100

static int
fail(struct vsw_error *err, enum vsw_error_kind kind, const char *what,
     const char *path)
{
    int code = errno;
    const char *hint = "";

    if (code == ENOSPC) {
        hint = "; free some space or choose another directory with -o";
    } else if (code == EROFS || code == EACCES) {
        hint = "; choose another directory with -o";
    }
    return vsw_error_set(err, kind, -code, "%s: cannot %s: %s%s", path, what,
                         strerror(code), hint);
}

static int
make_one(const char *dir, struct vsw_error *err)
{
    struct stat st;

    if (mkdir(dir, 0777) == 0) {
        return 0;
    }
    if (errno == EEXIST && stat(dir, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            return 0;
        }
        errno = ENOTDIR;
    }
    return fail(err, VSW_ERROR_CANNOT_CREATE, "create the directory", dir);
}

int
vsw_atomic_mkdir(const char *dir, struct vsw_error *err)
{
    char *path = strdup(dir);
    int rc = 0;

    if (!path) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    for (char *p = path + 1; path[0] && *p && !rc; p++) {
        if (*p == '/' && p[-1] != '/') {
            *p = '\0';
            rc = make_one(path, err);
            *p = '/';
        }
    }
    rc = rc ? rc : make_one(path, err);
    free(path);
    return rc;
}

int
vsw_atomic_write_fd(int fd, const char *path, const void *bytes, size_t len,
                    struct vsw_error *err)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return fail(err, VSW_ERROR_IO, "write", path);
        }
        p += n;
        len -= (size_t) n;
    }
    /* Pipes and some file systems cannot sync, which loses nothing here. */
    if (fsync(fd) && errno != EINVAL && errno != ENOTSUP) {
        return fail(err, VSW_ERROR_IO, "write", path);
    }
    return 0;
}

/* The new name itself must reach the disk.  Where directories cannot be
 * synced the rename is still atomic. */
static void
sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY);

    if (fd >= 0) {
        (void) fsync(fd);
        close(fd);
    }
}

static int
write_temp(const char *temp, int fd, const char *path, const void *bytes,
           size_t len, struct vsw_error *err)
{
    int rc = vsw_atomic_write_fd(fd, path, bytes, len, err);

    if (close(fd) && !rc) {
        rc = fail(err, VSW_ERROR_IO, "write", path);
    }
    if (!rc && rename(temp, path)) {
        rc = fail(err, VSW_ERROR_CANNOT_CREATE, "create", path);
    }
    if (rc) {
        unlink(temp);
    }
    return rc;
}

/* Opens a new file beside 'path' and leaves its name in 'temp'.  A name that
 * a killed run left behind is passed over. */
static int
open_temp(char *temp, size_t size, const char *dir, const char *name)
{
    int fd = -1;

    for (unsigned int i = 0; i < MAX_TEMPS; i++) {
        snprintf(temp, size, "%s/.%s.tmp%02u", dir, name, i);
        fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) {
            break;
        }
    }
    return fd;
}

int
vsw_atomic_write(const char *dir, const char *name, const void *bytes,
                 size_t len, struct vsw_error *err)
{
    size_t size = strlen(dir) + strlen(name) + sizeof "/..tmp0000000000";
    char *path = malloc(size), *temp = malloc(size);
    int rc = -ENOMEM, fd;

    if (path && temp) {
        snprintf(path, size, "%s/%s", dir, name);
        fd = open_temp(temp, size, dir, name);
        rc = fd < 0 ? fail(err, VSW_ERROR_CANNOT_CREATE, "create", path)
             : write_temp(temp, fd, path, bytes, len, err);
        if (!rc) {
            sync_dir(dir);
        }
    } else {
        vsw_error_set(err, VSW_ERROR_INTERNAL, rc, "out of memory");
    }
    free(path);
    free(temp);
    return rc;
}
