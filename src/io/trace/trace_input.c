#include "io/trace/trace_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <sha2.h>

#include "io/trace/trace_archive.h"
#include "io/trace/trace_magic.h"
#include "io/trace/trace_spool.h"

#define BLOCK_BYTES ((size_t) 1 << 16)

/* Reads until 'n_bytes' or the end; returns how many, or -1. */
static ssize_t
read_full(int fd, unsigned char *data, size_t n_bytes)
{
    size_t done = 0;

    while (done < n_bytes) {
        ssize_t n = read(fd, data + done, n_bytes - done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        done += (size_t) n;
    }
    return (ssize_t) done;
}

static int
cannot_read(const char *name, int code, struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_IO, code, "%s: cannot read: %s", name,
                         strerror(-code));
}

static int
open_source(const char *path, const char *name, struct vsw_error *err)
{
    bool is_stdin = !strcmp(path, "-");
    int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0) {
        int code = -errno;

        return vsw_error_set(err, VSW_ERROR_NO_INPUT, code,
                             "%s: cannot open this trace: %s", name,
                             strerror(-code));
    }
    if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
        close(fd);
        return vsw_error_set(err, VSW_ERROR_NO_INPUT, -EISDIR,
                             "%s: is a directory; name a pcap or pcapng file "
                             "in it",
                             name);
    }
    return fd;
}

static bool
is_regular(int fd, const char *path)
{
    struct stat st;

    return strcmp(path, "-") && !fstat(fd, &st) && S_ISREG(st.st_mode);
}

static int
check_head(const unsigned char *head, size_t n, const char *name,
           struct vsw_magic *magic, struct vsw_error *err)
{
    char hex[3 * VSW_MAGIC_BYTES + 1] = "";

    if (n == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -ENODATA,
                             "%s: is empty; a capture has at least a file "
                             "header",
                             name);
    }
    *magic = vsw_magic_find(head, n);
    if (magic->kind != VSW_MAGIC_FOREIGN) {
        return 0;
    }
    for (size_t i = 0; i < n && i < VSW_MAGIC_BYTES; i++) {
        snprintf(hex + 3 * i, 4, " %02x", head[i]);
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                         "%s: not a pcap or pcapng capture (it begins with%s)"
                         "; convert other formats with editcap",
                         name, hex);
}

/* Digests all of 'fd'; copies it to 'spool' too, unless that is NULL. */
static int
scan(struct vsw_trace_input *input, int fd, struct vsw_spool *spool,
     struct vsw_magic *magic, struct vsw_error *err)
{
    unsigned char block[BLOCK_BYTES];
    bool first = true;
    SHA2_CTX sha;

    SHA256Init(&sha);
    for (;;) {
        ssize_t n = read_full(fd, block, sizeof block);
        int code = 0;

        if (n < 0) {
            return cannot_read(input->name, -errno, err);
        }
        if (first) {
            code = check_head(block, (size_t) n, input->name, magic, err);
            first = false;
        }
        if (!code && spool) {
            code = vsw_spool_put(spool, block, (size_t) n, err);
        }
        if (code) {
            return code;
        }
        if (n == 0) {
            break;
        }
        SHA256Update(&sha, block, (size_t) n);
    }
    SHA256End(&sha, input->digest);
    return 0;
}

/* Puts a spooled copy in the place of '*fd'. */
static int
replace_fd(int *fd, struct vsw_spool *spool, struct vsw_error *err)
{
    int copy;
    int code = vsw_spool_take_fd(spool, &copy, err);

    if (!code) {
        close(*fd);
        *fd = copy;
    }
    return code;
}

static int
digest(struct vsw_trace_input *input, int *fd, bool regular,
       struct vsw_magic *magic, struct vsw_error *err)
{
    struct vsw_spool spool = {.fd = -1};
    int code = 0;

    if (!regular) {
        code = vsw_spool_open(&spool, err);
    }
    if (!code) {
        code = scan(input, *fd, regular ? NULL : &spool, magic, err);
    }
    if (!code && !regular) {
        code = replace_fd(fd, &spool, err);
    }
    vsw_spool_close(&spool);
    if (!code && lseek(*fd, 0, SEEK_SET) < 0) {
        code = cannot_read(input->name, -errno, err);
    }
    return code;
}

static int
expand(struct vsw_trace_input *input, int *fd, const struct vsw_magic *magic,
       struct vsw_error *err)
{
    struct vsw_spool spool;
    int code = vsw_spool_open(&spool, err);

    if (!code) {
        code = vsw_archive_expand(*fd, input->name, magic, &spool,
                                  &input->cut, err);
    }
    if (!code && spool.n_bytes == 0) {
        code = vsw_error_set(err, VSW_ERROR_DATA, -ENODATA,
                             "%s: ends inside its first packet", input->name);
    }
    if (!code) {
        code = replace_fd(fd, &spool, err);
    }
    vsw_spool_close(&spool);
    if (!code && lseek(*fd, 0, SEEK_SET) < 0) {
        code = cannot_read(input->name, -errno, err);
    }
    return code;
}

int
vsw_trace_input_open(struct vsw_trace_input *input, const char *path,
                     struct vsw_error *err)
{
    struct vsw_magic magic;
    int code;
    int fd;

    memset(input, 0, sizeof *input);
    input->name = strcmp(path, "-") ? path : "standard input";
    fd = open_source(path, input->name, err);
    if (fd < 0) {
        return fd;
    }
    code = digest(input, &fd, is_regular(fd, path), &magic, err);
    if (!code && magic.kind == VSW_MAGIC_COMPRESSED) {
        code = expand(input, &fd, &magic, err);
    }
    if (!code) {
        input->file = fdopen(fd, "rb");
        code = input->file ? 0 : cannot_read(input->name, -errno, err);
    }
    if (code) {
        close(fd);
    }
    return code;
}
