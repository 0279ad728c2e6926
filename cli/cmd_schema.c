#include "cli.h"

#include <stdlib.h>

#include <vswsim/config.h>

static bool markdown;

static const struct cli_option options[] = {
    {0, "markdown", CLI_FLAG, NULL,
     "Print the reference page of all keys instead.", &markdown, 0, 0, NULL},
    CLI_OPTION_END,
};

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    char *text = markdown ? vsw_config_reference() : vsw_config_schema();

    (void) operands, (void) n_operands;
    if (!text) {
        cli_complain(command, "out of memory");
        return CLI_INTERNAL;
    }
    fputs(text, stdout);
    free(text);
    return CLI_OK;
}

const struct cli_command cli_cmd_schema = {
    .name = "schema",
    .operands = "",
    .min_operands = 0,
    .max_operands = 0,
    .summary = "Print the JSON Schema of experiment files",
    .details = "The schema follows JSON Schema 2020-12; editors that know it "
        "complete keys and mark mistakes while you write.",
    .example = "vswsim schema > experiment.schema.json",
    .options = options,
    .run = run,
};
