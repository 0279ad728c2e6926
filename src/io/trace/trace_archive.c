#include "io/trace/trace_archive.h"

#include <errno.h>

#ifdef VSW_HAVE_ARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define BLOCK_BYTES ((size_t) 1 << 16)

/* libarchive has one code for damage of any sort.  Its filters agree in how
 * they word the one that leaves all packets before it intact. */
static bool
is_truncation(const char *message)
{
    return message && strstr(message, "runcated");
}

static int
damaged(struct archive *a, const char *name, const struct vsw_magic *magic,
        struct vsw_error *err)
{
    const char *message = archive_error_string(a);

    return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                         "%s: cannot expand this %s file: %s; make it again "
                         "or expand what can be saved with '%s'",
                         name, magic->name,
                         message ? message : "it is damaged", magic->tool);
}

static int
check_inside(const unsigned char *head, size_t n, const char *name,
             const struct vsw_magic *magic, struct vsw_error *err)
{
    if (vsw_magic_find(head, n).kind == VSW_MAGIC_CAPTURE) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                         "%s: a %s file without a pcap or pcapng capture "
                         "inside; compress a capture directly, not an "
                         "archive of files",
                         name, magic->name);
}

static int
copy_data(struct archive *a, const char *name, const struct vsw_magic *magic,
          struct vsw_spool *spool, bool *cut, struct vsw_error *err)
{
    unsigned char block[BLOCK_BYTES];

    for (;;) {
        la_ssize_t n = archive_read_data(a, block, sizeof block);
        int code = 0;

        if (n < 0 && is_truncation(archive_error_string(a))) {
            *cut = true;
            return 0;
        }
        if (n < 0) {
            return damaged(a, name, magic, err);
        }
        if (spool->n_bytes == 0) {
            code = check_inside(block, (size_t) n, name, magic, err);
        }
        if (!code && n > 0) {
            code = vsw_spool_put(spool, block, (size_t) n, err);
        }
        if (code || n == 0) {
            return code;
        }
    }
}

int
vsw_archive_expand(int fd, const char *name, const struct vsw_magic *magic,
                   struct vsw_spool *spool, bool *cut, struct vsw_error *err)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    int code;

    if (!a) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    archive_read_support_filter_all(a);
    archive_read_support_format_raw(a);
    if (archive_read_open_fd(a, fd, BLOCK_BYTES)
        || archive_read_next_header(a, &entry)) {
        code = damaged(a, name, magic, err);
    } else {
        code = copy_data(a, name, magic, spool, cut, err);
    }
    archive_read_free(a);
    return code;
}

#else

int
vsw_archive_expand(int fd, const char *name, const struct vsw_magic *magic,
                   struct vsw_spool *spool, bool *cut, struct vsw_error *err)
{
    (void) fd, (void) spool, (void) cut;
    return vsw_error_set(err, VSW_ERROR_UNAVAILABLE, -ENOTSUP,
                         "%s: compressed with %s, and this build has no "
                         "libarchive; expand it first: %s FILE > FILE.pcap",
                         name, magic->name, magic->tool);
}

#endif
