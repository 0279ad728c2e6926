#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "show.h"

static const char *out_dir;

static const struct cli_option options[] = {
    {'o', "output", CLI_TEXT, "DIR", "Where the figures go; by default, "
     "beside RESULT.", &out_dir, 0, 0, NULL},
    CLI_OPTION_END,
};

/* The directory of the file at 'path'; a string to free, or NULL. */
static char *
dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash) {
        return strdup(".");
    }
    return strndup(path, slash == path ? 1 : (size_t) (slash - path));
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_result *result = NULL;
    enum cli_exit status = CLI_INTERNAL;
    char *dir;

    (void) n_operands;
    if (vsw_result_load(&result, operands[0], &err)) {
        return cli_fail(command, &err);
    }
    dir = out_dir ? strdup(out_dir) : dir_of(operands[0]);
    if (dir) {
        cli_show_table(result);
        status = cli_draw_plots(command, result, dir);
    } else {
        cli_complain(command, "out of memory");
    }
    free(dir);
    vsw_result_free(result);
    return status;
}

const struct cli_command cli_cmd_plot = {
    .name = "plot",
    .operands = "RESULT",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Print the table and draw the figures of a result",
    .details = "RESULT is a result.json that \"vswsim run\" wrote. Table and "
        "figures (SVG and PNG) become those of the run itself.",
    .example = "vswsim plot out/quickstart/result.json",
    .options = options,
    .run = run,
};
