/* Names of the machines that there are. */
#include "io/machine/machine_load.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Files that are looked at. */
#define MAX_NAMES 256u

/* What the names are allocated as. */
struct found {
    struct vsw_machine_names names;     /* First: freed by its address. */
    struct vsw_pool pool;
};

struct list {
    const char **names;
    uint32_t n;
};

bool
vsw_machine_is_file_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 5 && !strcmp(name + n - 5, ".json");
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Adds the machine files of one folder; a folder that cannot be read has
 * none. */
static int
add_folder(struct list *list, const char *path, struct vsw_pool *pool)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int error = 0;

    while (dir && !error && list->n < MAX_NAMES && (entry = readdir(dir))) {
        size_t n = strlen(entry->d_name);

        if (vsw_machine_is_file_name(entry->d_name)) {
            char *name = vsw_pool_strndup(pool, entry->d_name, n - 5);

            if (name) {
                list->names[list->n++] = name;
            } else {
                error = -ENOMEM;
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
    return error;
}

static void
sort_and_remove_doubles(struct list *list)
{
    uint32_t n = 0;

    if (list->n > 0) {
        qsort(list->names, list->n, sizeof list->names[0], compare_names);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        if (n == 0 || strcmp(list->names[n - 1], list->names[i])) {
            list->names[n++] = list->names[i];
        }
    }
    list->n = n;
}

/* In folders called so there is nothing else. */
static bool
has_machines(const char *folder, bool hardware)
{
    return strstr(folder, "stacks/")
           || (hardware && strstr(folder, "machines/"));
}

int
vsw_machine_collect(struct vsw_machine_names *names, const char *dir,
                    bool hardware, struct vsw_pool *pool)
{
    struct list list = {
        .names = vsw_pool_array(pool, MAX_NAMES, sizeof *list.names),
    };

    if (!list.names) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; vsw_machine_folders[i]; i++) {
        if (has_machines(vsw_machine_folders[i], hardware)) {
            char *path = vsw_machine_folder(dir, i, pool);

            if (!path || add_folder(&list, path, pool)) {
                return -ENOMEM;
            }
        }
    }
    sort_and_remove_doubles(&list);
    names->names = list.names;
    names->n = list.n;
    return 0;
}

int
vsw_machine_names_find(struct vsw_machine_names **names, const char *dir,
                       struct vsw_error *err)
{
    struct vsw_json_errors errors = {.err = err};
    struct found *found = calloc(1, sizeof *found);
    char *start;

    *names = NULL;
    vsw_error_set(err, VSW_ERROR_NONE, 0, "%s", "");
    if (!found) {
        return vsw_json_report_nomem(&errors);
    }
    start = vsw_pool_printf(&found->pool, "%s/", dir && *dir ? dir : ".");
    if (!start
        || vsw_machine_collect(&found->names, start, true, &found->pool)) {
        vsw_machine_names_free(&found->names);
        return vsw_json_report_nomem(&errors);
    }
    *names = &found->names;
    return 0;
}

void
vsw_machine_names_free(struct vsw_machine_names *names)
{
    if (names) {
        struct found *found = (struct found *) names;

        vsw_pool_fini(&found->pool);
        free(found);
    }
}
