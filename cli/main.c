/* vswsim: which virtual-switch architecture should carry this traffic on this
 * machine, what does it cost, and where does the cost go? */
#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct cli_command *const cli_commands[] = {
    &cli_cmd_run,
    &cli_cmd_validate,
    &cli_cmd_models,
    &cli_cmd_machine_list,
    &cli_cmd_machine_show,
    &cli_cmd_trace_info,
    &cli_cmd_trace_gen,
    &cli_cmd_plot,
    &cli_cmd_report,
    &cli_cmd_reproduce,
    &cli_cmd_schema,
    &cli_cmd_help,
    NULL,
};

/* A standard stream that is closed would lend its number to the next file
 * that is opened.  Standard output is taken by a file that cannot be written
 * to, so that what is lost is noticed. */
static void
reserve_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

static bool
is_word(const char *arg, const char *a, const char *b)
{
    return !strcmp(arg, a) || !strcmp(arg, b);
}

static enum cli_exit
run_command(const char **args, int n_args)
{
    const struct cli_command *command;
    int n_operands;
    int n_words;

    if (n_args == 2 && cli_is_group(args[0])
        && is_word(args[1], "-h", "--help")) {
        cli_print_help(stdout);
        return CLI_OK;
    }
    command = cli_find_command(args, n_args, &n_words);
    if (!command) {
        return CLI_USAGE;
    }
    n_operands = cli_parse(command, args + n_words, n_args - n_words);
    if (cli_help_wanted) {
        cli_print_command_help(command, stdout);
        return CLI_OK;
    }
    if (n_operands < 0) {
        return CLI_USAGE;
    }
    return command->run(command, args + n_words, n_operands);
}

static enum cli_exit
dispatch(const char **args, int n_args)
{
    if (n_args == 0) {
        cli_print_help(stderr);
        return CLI_USAGE;
    }
    if (is_word(args[0], "-h", "--help")) {
        cli_print_help(stdout);
        return CLI_OK;
    }
    if (is_word(args[0], "-V", "--version")) {
        puts("vswsim " VSW_VERSION);
        return CLI_OK;
    }
    return run_command(args, n_args);
}

int
main(int argc, char *argv[])
{
    enum cli_exit status;
    const char **args;

    reserve_standard_streams();
    signal(SIGPIPE, SIG_IGN);
    args = calloc((size_t) argc + 1, sizeof *args);
    if (!args) {
        fputs("vswsim: out of memory\n", stderr);
        return CLI_INTERNAL;
    }
    for (int i = 1; i < argc; i++) {
        args[i - 1] = argv[i];
    }
    status = dispatch(args, argc > 0 ? argc - 1 : 0);
    free(args);
    if (!cli_flush_stdout() && status == CLI_OK) {
        status = CLI_IO;
    }
    return (int) status;
}
