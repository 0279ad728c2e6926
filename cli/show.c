#include "show.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <vswsim/report.h>

#define USUAL_WIDTH 79

static uint32_t
terminal_width(void)
{
    struct winsize size;

    if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size)
        && size.ws_col >= 40) {
        return size.ws_col;
    }
    return USUAL_WIDTH;
}

void
cli_show_table(const struct vsw_result *result)
{
    vsw_report_table(stdout, result, terminal_width(),
                     cli_colour_wanted(STDOUT_FILENO));
}

enum cli_exit
cli_draw_plots(const struct cli_command *command,
               const struct vsw_result *result, const char *dir)
{
    static struct vsw_error err;

    if (vsw_report_plots(result, NULL, 0, dir, &err)) {
        return cli_fail(command, &err);
    }
    return CLI_OK;
}
