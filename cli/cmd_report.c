#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vswsim/report.h>

#define MAX_RESULTS 64

static const char *out_file;

static const struct cli_option options[] = {
    {'o', "output", CLI_TEXT, "FILE", "Where the page goes; by default "
     "report.html in DIR.", &out_file, 0, 0, NULL},
    CLI_OPTION_END,
};

/* "DIR/result.json", or "DIR/NAME/result.json"; to free. */
static char *
path_of(const char *dir, const char *name, const char *file)
{
    size_t size = strlen(dir) + strlen(name) + strlen(file) + 3;
    char *path = malloc(size);

    if (path) {
        snprintf(path, size, "%s/%s%s%s", dir, name, name[0] ? "/" : "",
                 file);
    }
    return path;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Adds the result at 'path' if there is one; takes 'path'. */
static int
add(struct vsw_result **results, uint32_t *n, char *path,
    struct vsw_error *err)
{
    int rc = path ? 0 : -ENOMEM;

    if (path && *n < MAX_RESULTS && !access(path, F_OK)) {
        rc = vsw_result_load(&results[*n], path, err);
        *n += rc == 0;
    }
    free(path);
    return rc;
}

/* The result of 'dir' and those of its folders, by name. */
static int
load(struct vsw_result **results, uint32_t *n, const char *dir,
     struct vsw_error *err)
{
    struct dirent **entries = NULL;
    int n_entries, rc;

    n_entries = scandir(dir, &entries, is_visible, by_name);
    if (n_entries < 0) {
        return vsw_error_set(err, VSW_ERROR_NO_INPUT, -errno,
                             "%s: cannot open this directory: %s", dir,
                             strerror(errno));
    }
    rc = add(results, n, path_of(dir, "", "result.json"), err);
    for (int i = 0; i < n_entries; i++) {
        rc = rc ? rc : add(results, n, path_of(dir, entries[i]->d_name,
                                               "result.json"), err);
        free(entries[i]);
    }
    free(entries);
    if (!rc && *n == 0) {
        rc = vsw_error_set(err, VSW_ERROR_NO_INPUT, -ENOENT,
                           "%s: neither it nor a folder in it has a "
                           "result.json; \"vswsim run\" writes one", dir);
    }
    return rc;
}

static enum cli_exit
write_page(const struct cli_command *command, const char *path,
           const char *text)
{
    FILE *file = fopen(path, "w");
    bool failed;

    if (!file) {
        cli_complain(command, "%s: cannot create: %s", path,
                     strerror(errno));
        return CLI_CANNOT_CREATE;
    }
    failed = fputs(text, file) == EOF;
    failed |= fclose(file) != 0;
    if (failed) {
        cli_complain(command, "%s: cannot write: %s", path, strerror(errno));
        return CLI_IO;
    }
    printf("The report is %s.\n", path);
    return CLI_OK;
}

static enum cli_exit
make_page(const struct cli_command *command, const char *dir,
          const struct vsw_result *const *results, uint32_t n)
{
    static struct vsw_error err;
    char *text, *path = out_file ? strdup(out_file)
                        : path_of(dir, "", "report.html");
    enum cli_exit status;

    if (!path) {
        cli_complain(command, "out of memory");
        return CLI_INTERNAL;
    }
    if (vsw_report_html(&text, results, n, &err)) {
        status = cli_fail(command, &err);
    } else {
        status = write_page(command, path, text);
        free(text);
    }
    free(path);
    return status;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_result *results[MAX_RESULTS];
    uint32_t n = 0;
    enum cli_exit status;

    (void) n_operands;
    if (load(results, &n, operands[0], &err)) {
        status = cli_fail(command, &err);
    } else {
        status = make_page(command, operands[0],
                           (const struct vsw_result *const *) results, n);
    }
    while (n > 0) {
        vsw_result_free(results[--n]);
    }
    return status;
}

const struct cli_command cli_cmd_report = {
    .name = "report",
    .operands = "DIR",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Make a page of results",
    .details = "DIR has a result.json, or folders that have one each, as "
        "\"vswsim run\" leaves them. The page is one HTML file without "
        "scripts that can be read offline: who wins and by how much, what "
        "limits each design, figures with the numbers behind them, the "
        "ledger as stacked bars, warnings, and the resolved config.",
    .example = "vswsim report out/quickstart -o report.html",
    .options = options,
    .run = run,
};
