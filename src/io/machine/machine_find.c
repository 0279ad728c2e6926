/* Where machine files are. */
#include "io/machine/machine_load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vswsim/nearest.h>

#include "io/json/json_file.h"

/* Folders to look in, nearest first: where an experiment file lies in
 * configs/experiments/, or beside the machines, or in a project of its own;
 * then ("./") those of the working directory, such as a clone of vswsim; then
 * the installed ones. */
const char *const vsw_machine_folders[] = {
    "", "stacks/", "machines/", "configs/stacks/", "configs/machines/",
    "../", "../stacks/", "../machines/",
    "../configs/stacks/", "../configs/machines/",
    "../../stacks/", "../../machines/",
    "../../configs/stacks/", "../../configs/machines/",
    "./configs/stacks/", "./configs/machines/",
    VSW_DATA_DIR "/configs/stacks/", VSW_DATA_DIR "/configs/machines/",
    NULL,
};

char *
vsw_machine_folder(const char *dir, uint32_t i, struct vsw_pool *pool)
{
    const char *folder = vsw_machine_folders[i];
    bool is_fixed = *folder == '/' || !strncmp(folder, "./", 2);

    return vsw_pool_printf(pool, "%s%s", is_fixed ? "" : dir, folder);
}

/* What an experiment can run on is a stack; hardware alone is asked for by
 * name only from a command line. */
static void
report_none(const char *name, const char *dir,
            const struct vsw_json_doc *doc, size_t at, struct vsw_pool *pool,
            struct vsw_json_errors *errors)
{
    struct vsw_machine_names names = {.n = 0};
    struct vsw_nearest near;
    char list[512] = "";
    size_t n = 0;

    if (vsw_machine_collect(&names, dir, doc == NULL, pool)) {
        vsw_json_report_nomem(errors);
        return;
    }
    vsw_nearest_init(&near, name, strlen(name));
    for (uint32_t i = 0; i < names.n; i++) {
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
    if (strchr(name, '/') || vsw_machine_is_file_name(name)) {
        char *path = vsw_json_path_join(dir, name, pool);

        if (!path) {
            vsw_json_report_nomem(errors);
        }
        return path;
    }
    for (uint32_t i = 0; *name && vsw_machine_folders[i]; i++) {
        char *folder = vsw_machine_folder(dir, i, pool);
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
