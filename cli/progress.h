/* Progress of a run: one line on standard error that is written over, if that
 * is a terminal; nothing at all otherwise. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

#include <vswsim/experiment.h>

struct cli_progress {
    bool shown;             /* Standard error is a terminal. */
    double start_s;         /* Of the wall clock. */
    double last_s;          /* When the line was last written. */
    int width;              /* Characters of it. */
};

void cli_progress_init(struct cli_progress *progress);

/* A vsw_progress_fn; 'aux' is the struct cli_progress. */
void cli_progress_update(const struct vsw_progress *progress, void *aux);

/* Takes the line away. */
void cli_progress_clear(struct cli_progress *progress);

#endif
