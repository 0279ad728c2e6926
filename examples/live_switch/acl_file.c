#include "acl_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RULES      65536u
#define MAX_FILE_BYTES (8u << 20)

static int
make_list(struct acl_file *file, uint8_t default_verdict)
{
    struct vsw_acl_params params = { .max_rules = MAX_RULES,
                                     .default_verdict = default_verdict };
    size_t n_bytes = vsw_acl_size_bytes(&params);
    struct vsw_arena arena;

    file->memory = aligned_alloc(VSW_LINE_BYTES, n_bytes);
    if (!file->memory) {
        return -1;
    }
    memset(file->memory, 0, n_bytes);
    vsw_arena_init(&arena, file->memory, n_bytes);
    return vsw_acl_init(&file->acl, &arena, &params);
}

static int
read_rules(struct acl_file *file, const char *path, const char *text,
           size_t n_bytes)
{
    uint8_t verdict = file->acl.default_verdict == VSW_ACL_DENY
                          ? VSW_ACL_PERMIT : VSW_ACL_DENY;
    struct vsw_parse_error err;

    if (vsw_acl_parse(&file->acl, text, n_bytes, verdict, &err)) {
        fprintf(stderr, "%s:%u:%u: %s\n", path, (unsigned int) err.line,
                (unsigned int) err.column, err.what);
        return -1;
    }
    return 0;
}

static int
read_file(struct acl_file *file, const char *path, FILE *stream)
{
    char *text = malloc(MAX_FILE_BYTES + 1);
    size_t n_bytes = text ? fread(text, 1, MAX_FILE_BYTES + 1, stream) : 0;
    int error = -1;

    if (!text || ferror(stream)) {
        fprintf(stderr, "%s: cannot be read\n", path);
    } else if (n_bytes > MAX_FILE_BYTES) {
        fprintf(stderr, "%s: longer than %u bytes\n", path, MAX_FILE_BYTES);
    } else {
        error = read_rules(file, path, text, n_bytes);
    }
    free(text);
    return error;
}

int
acl_file_read(struct acl_file *file, const char *path,
              uint8_t default_verdict)
{
    FILE *stream;
    int error;

    if (make_list(file, default_verdict)) {
        fprintf(stderr, "no memory for the access list\n");
        return -1;
    }
    if (!path) {
        return 0;
    }
    stream = fopen(path, "r");
    if (!stream) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    error = read_file(file, path, stream);
    fclose(stream);
    return error;
}

void
acl_file_free(struct acl_file *file)
{
    free(file->memory);
}
