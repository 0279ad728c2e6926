#include "cli.h"

static bool markdown;

static const struct cli_option options[] = {
    {0, "markdown", CLI_FLAG, NULL,
     "Print the reference page of all commands instead.", &markdown, 0, 0,
     NULL},
    CLI_OPTION_END,
};

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    const struct cli_command *topic;
    int n_words;

    (void) command;
    if (markdown) {
        cli_print_markdown(stdout);
    } else if (n_operands == 0) {
        cli_print_help(stdout);
    } else {
        topic = cli_find_command(operands, n_operands, &n_words);
        if (!topic) {
            return CLI_USAGE;
        }
        cli_print_command_help(topic, stdout);
    }
    return CLI_OK;
}

const struct cli_command cli_cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .min_operands = 0,
    .max_operands = 2,
    .summary = "Show help about a command",
    .details = "Without COMMAND, lists the commands.",
    .example = "vswsim help trace info",
    .options = options,
    .run = run,
};
