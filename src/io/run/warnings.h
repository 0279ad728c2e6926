/* What a reader of a result must know before believing it. */
#ifndef IO_WARNINGS_H
#define IO_WARNINGS_H

#include <vswsim/experiment.h>

/* Fills the warnings of 'result'.  Returns 0 or -ENOMEM. */
int vsw_warnings_fill(struct vsw_experiment_result *result);

#endif
