/* Where machine files are. */
#include "io/machine_load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/nearest.h>
#include <unistd.h>

#include "io/json/json_file.h"

/* Names that an error lists. */
#define MAX_NAMES 64u

/* Folders to look in, nearest first: where an experiment file lies in
 * configs/experiments/, or beside the machines, or in a project of its own;
 * then ("./") those of the working directory, such as a clone of vswsim; then
 * the installed ones. */
static const char *const folders[] = {
    "", "stacks/", "machines/", "configs/stacks/", "configs/machines/",
    "../", "../stacks/", "../machines/",
    "../configs/stacks/", "../configs/machines/",
    "../../stacks/", "../../machines/",
    "../../configs/stacks/", "../../configs/machines/",
    "./configs/stacks/", "./configs/machines/",
    VSW_DATA_DIR "/configs/stacks/", VSW_DATA_DIR "/configs/machines/",
};

struct names {
    char *names[MAX_NAMES];
    size_t n;
};

/* Place of 'folder' for an experiment file in 'dir'; NULL without memory. */
static char *
folder_path(const char *dir, const char *folder, struct vsw_pool *pool)
{
    bool is_fixed = *folder == '/' || !strncmp(folder, "./", 2);

    return vsw_pool_printf(pool, "%s%s", is_fixed ? "" : dir, folder);
}

static bool
ends_in_json(const char *name)
{
    size_t n = strlen(name);

    return n >= 5 && !strcmp(name + n - 5, ".json");
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Adds the machine files of one folder; a folder that cannot be read has
 * none. */
static void
add_folder(struct names *names, const char *path, struct vsw_pool *pool)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && names->n < MAX_NAMES && (entry = readdir(dir))) {
        size_t n = strlen(entry->d_name);

        if (ends_in_json(entry->d_name)) {
            char *name = vsw_pool_strndup(pool, entry->d_name, n - 5);

            if (name) {
                names->names[names->n++] = name;
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* Machines to run on are stacks; in a folder called so there is nothing
 * else. */
static void
collect(struct names *names, const char *dir, struct vsw_pool *pool)
{
    for (size_t i = 0; i < VSW_N_ELEMS(folders); i++) {
        if (strstr(folders[i], "stacks/")) {
            char *path = folder_path(dir, folders[i], pool);

            if (path) {
                add_folder(names, path, pool);
            }
        }
    }
    qsort(names->names, names->n, sizeof names->names[0], compare_names);
}

static void
report_none(const char *name, const char *dir,
            const struct vsw_json_doc *doc, size_t at, struct vsw_pool *pool,
            struct vsw_json_errors *errors)
{
    struct names names = {.n = 0};
    struct vsw_nearest near;
    char list[512] = "";
    size_t n = 0;

    collect(&names, dir, pool);
    vsw_nearest_init(&near, name, strlen(name));
    for (size_t i = 0; i < names.n; i++) {
        if (i > 0 && !strcmp(names.names[i], names.names[i - 1])) {
            continue;
        }
        vsw_nearest_offer(&near, names.names[i]);
        if (n < sizeof list) {
            n += (size_t) snprintf(list + n, sizeof list - n, "%s%s",
                                   n ? ", " : "", names.names[i]);
        }
    }
    vsw_json_report(errors, doc, at,
                    "no machine \"%.64s\"%s; found beside this file, in "
                    "./configs and in %s: %s",
                    name, vsw_json_hint(&near).text, VSW_DATA_DIR,
                    *list ? list : "none");
}

char *
vsw_machine_find(const char *name, const char *dir,
                 const struct vsw_json_doc *doc, size_t at,
                 struct vsw_pool *pool, struct vsw_json_errors *errors)
{
    if (strchr(name, '/') || ends_in_json(name)) {
        char *path = vsw_json_path_join(dir, name, pool);

        if (!path) {
            vsw_json_report_nomem(errors);
        }
        return path;
    }
    for (size_t i = 0; *name && i < VSW_N_ELEMS(folders); i++) {
        char *folder = folder_path(dir, folders[i], pool);
        char *path = folder ? vsw_pool_printf(pool, "%s%s.json", folder, name)
                            : NULL;

        if (!path) {
            vsw_json_report_nomem(errors);
            return NULL;
        }
        if (!access(path, F_OK)) {
            return path;
        }
    }
    report_none(name, dir, doc, at, pool, errors);
    return NULL;
}
