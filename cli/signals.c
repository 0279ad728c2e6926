#include "cli.h"

#include <signal.h>
#include <string.h>

volatile int cli_stop_signal;

/* Signals after which the program ends at once, saved or not.  The second one
 * may belong to the first: timeout(1) sends one to its child and one to the
 * child's group. */
#define IMPATIENT 3

static void
stop(int signal_number)
{
    static volatile sig_atomic_t n_signals;

    cli_stop_signal = signal_number;
    n_signals = n_signals + 1;
    if (n_signals >= IMPATIENT) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
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
    action.sa_flags = SA_RESTART;
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
