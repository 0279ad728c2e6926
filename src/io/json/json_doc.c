#include "io/json/json_doc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>

/* Reads up to one byte more than is allowed, to see that there is more. */
static int
read_all(FILE *file, struct vsw_json_doc *doc, struct vsw_pool *pool)
{
    size_t limit = VSW_JSON_MAX_BYTES + 1;
    size_t n = 0;
    size_t size = 4096;
    char *text = vsw_pool_alloc(pool, size + 1);

    while (text) {
        n += fread(text + n, 1, size - n, file);
        if (n < size || n >= limit) {
            break;
        }
        size = size * 4 < limit ? size * 4 : limit;
        char *larger = vsw_pool_alloc(pool, size + 1);
        if (larger) {
            memcpy(larger, text, n);
        }
        text = larger;
    }
    if (!text) {
        return -ENOMEM;
    }
    text[n] = '\0';
    doc->text = text;
    doc->n_bytes = n;
    return ferror(file) ? -EIO : n >= limit ? -EFBIG : 0;
}

static int
read_regular(FILE *file, struct vsw_json_doc *doc, struct vsw_pool *pool)
{
    struct stat st;

    if (fstat(fileno(file), &st)) {
        return -errno;
    }
    return S_ISDIR(st.st_mode) ? -EISDIR : read_all(file, doc, pool);
}

int
vsw_json_doc_read(struct vsw_json_doc *doc, const char *path,
                  const struct vsw_json_doc *from, size_t from_at,
                  struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    const char *slash = strrchr(path, '/');
    FILE *file = fopen(path, "rb");
    int error = file ? read_regular(file, doc, pool) : -errno;

    if (file) {
        fclose(file);
    }
    doc->name = vsw_pool_strdup(pool, path);
    doc->dir = vsw_pool_strndup(pool, path,
                                slash ? (size_t) (slash - path) + 1 : 0);
    doc->dir_from_root = "";
    if (error == -ENOMEM || !doc->name || !doc->dir) {
        return vsw_json_report_nomem(errors);
    }
    if (error == -EFBIG) {
        vsw_json_report(errors, from, from_at,
                        "%s: longer than %zu bytes: not a config", path,
                        VSW_JSON_MAX_BYTES);
    } else if (error) {
        vsw_json_report_kind(errors, VSW_ERROR_NO_INPUT, error, from, from_at,
                             "cannot read \"%s\": %s", path,
                             strerror(-error));
    }
    return error;
}

void
vsw_json_doc_place(const struct vsw_json_doc *doc, size_t at, uint32_t *line,
                   uint32_t *column)
{
    uint32_t lines = 1;
    size_t start = 0;

    if (at > doc->n_bytes) {
        at = doc->n_bytes;
    }
    for (size_t i = 0; i < at; i++) {
        if (doc->text[i] == '\n') {
            lines++;
            start = i + 1;
        }
    }
    *line = lines;
    *column = (uint32_t) (at - start + 1);
}
