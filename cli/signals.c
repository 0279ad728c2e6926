#include "cli.h"

#include <signal.h>
#include <string.h>

volatile int cli_stop_signal;

static void
stop(int signal_number)
{
    cli_stop_signal = signal_number;
}

/* A shell has commands in the background ignore SIGINT; so it stays. */
static void
catch_one(int signal_number)
{
    struct sigaction action;

    if (sigaction(signal_number, NULL, &action)
        || action.sa_handler == SIG_IGN) {
        return;
    }
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    action.sa_flags = (int) (SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void
cli_catch_signals(void)
{
    catch_one(SIGINT);
    catch_one(SIGTERM);
}

enum cli_exit
cli_stop_status(void)
{
    return cli_stop_signal == SIGTERM ? CLI_TERMINATED : CLI_INTERRUPTED;
}
