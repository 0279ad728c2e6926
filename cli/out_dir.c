#include "out_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
cli_out_dir_for(const char *config)
{
    static const char parent[] = "out/";
    const char *slash = strrchr(config, '/');
    const char *name = slash ? slash + 1 : config;
    size_t len = strlen(name);
    char *dir;

    if (len > 5 && !strcmp(name + len - 5, ".json")) {
        len -= 5;
    }
    dir = malloc(sizeof parent + len);
    if (dir) {
        snprintf(dir, sizeof parent + len, "%s%.*s", parent, (int) len, name);
    }
    return dir;
}

/* Cuts the last component off 'path', which becomes "." or "/" in the end. */
static void
go_up(char *path)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len == 0) {
        path[len++] = '.';
    }
    path[len] = '\0';
}

static int
check_dir(const char *path, const char *dir, struct vsw_error *err)
{
    int error;

    if (access(path, W_OK | X_OK) == 0) {
        return 0;
    }
    error = errno;
    return vsw_error_set(err, VSW_ERROR_CANNOT_CREATE, -error,
                         "%s: cannot write results here: %s; choose another "
                         "directory with --output", dir, strerror(error));
}

int
cli_out_dir_check(const char *dir, struct vsw_error *err)
{
    struct stat st;
    char *path;
    int ret;

    path = strdup(dir[0] ? dir : ".");
    if (!path) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    while (stat(path, &st) && errno == ENOENT && strcmp(path, ".")
           && strcmp(path, "/")) {
        go_up(path);
    }
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
        ret = vsw_error_set(err, VSW_ERROR_CANNOT_CREATE, -ENOTDIR,
                            "%s: cannot create this directory: %s is a file",
                            dir, path);
    } else {
        ret = check_dir(path, dir, err);
    }
    free(path);
    return ret;
}
