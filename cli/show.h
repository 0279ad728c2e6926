/* What is shown of a result after a run, and of a stored one. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli.h"

#include <vswsim/result.h>

/* Prints the comparison table, as wide as the terminal. */
void cli_show_table(const struct vsw_result *result);

/* Draws the plots to 'dir'. */
enum cli_exit cli_draw_plots(const struct cli_command *command,
                             const struct vsw_result *result,
                             const char *dir);

#endif
