#include "cli.h"

#include <signal.h>
#include <string.h>

volatile int cli_stop_signal;

static void
stop(int signal_number)
{
    cli_stop_signal = signal_number;
}

void
cli_catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    action.sa_flags = (int) (SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

enum cli_exit
cli_stop_status(void)
{
    return cli_stop_signal == SIGTERM ? CLI_TERMINATED : CLI_INTERRUPTED;
}
