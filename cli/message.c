#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct cli_exit_meaning cli_exit_meanings[] = {
    {CLI_OK, "done"},
    {CLI_MISSES, "a published result is missed that was not expected to be"},
    {CLI_USAGE, "the command line is wrong"},
    {CLI_DATA, "an input was read and is wrong"},
    {CLI_NO_INPUT, "an input cannot be opened"},
    {CLI_UNAVAILABLE, "a needed program or feature is missing"},
    {CLI_INTERNAL, "out of memory, or a defect of vswsim"},
    {CLI_CANNOT_CREATE, "an output cannot be created"},
    {CLI_IO, "reading or writing failed midway"},
    {CLI_INTERRUPTED, "interrupted (Ctrl-C); what was finished is saved"},
    {CLI_TERMINATED, "terminated; what was finished is saved"},
    {CLI_OK, NULL},
};

/* https://no-color.org: any value that is not empty turns colour off. */
bool
cli_colour_wanted(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return isatty(fd) && !(no_color && no_color[0])
           && term && strcmp(term, "dumb");
}

static void
print_name(const struct cli_command *command)
{
    fprintf(stderr, "vswsim%s%s: ", command ? " " : "",
            command ? command->name : "");
}

void
cli_complain(const struct cli_command *command, const char *format, ...)
{
    bool colour = cli_colour_wanted(STDERR_FILENO);
    va_list args;

    print_name(command);
    fputs(colour ? "\033[1;31merror:\033[0m " : "error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void
cli_note(const struct cli_command *command, const char *format, ...)
{
    va_list args;

    print_name(command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static enum cli_exit
exit_for(enum vsw_error_kind kind)
{
    switch (kind) {
    case VSW_ERROR_USAGE:
        return CLI_USAGE;
    case VSW_ERROR_DATA:
        return CLI_DATA;
    case VSW_ERROR_NO_INPUT:
        return CLI_NO_INPUT;
    case VSW_ERROR_UNAVAILABLE:
        return CLI_UNAVAILABLE;
    case VSW_ERROR_CANNOT_CREATE:
        return CLI_CANNOT_CREATE;
    case VSW_ERROR_IO:
        return CLI_IO;
    case VSW_ERROR_CANCELLED:
        return cli_stop_status();
    case VSW_ERROR_NONE:
    case VSW_ERROR_INTERNAL:
        break;
    }
    return CLI_INTERNAL;
}

enum cli_exit
cli_fail(const struct cli_command *command, const struct vsw_error *err)
{
    cli_complain(command, "%s", err->text);
    return exit_for(err->kind);
}

/* True if standard output is a pipe that nobody reads any more. */
static bool
reader_left(void)
{
    struct pollfd fd = {STDOUT_FILENO, POLLOUT, 0};

    return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

bool
cli_flush_stdout(void)
{
    bool failed = ferror(stdout);

    errno = 0;
    failed |= fflush(stdout) != 0;
    if (!failed || reader_left()) {
        return true;
    }
    cli_complain(NULL, "cannot write to standard output: %s",
                 errno ? strerror(errno) : "an earlier write failed");
    return false;
}
