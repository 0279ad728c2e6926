/* Order sensitivity: how far results depend on choices of the simulator. */
#ifndef IO_SENSITIVITY_H
#define IO_SENSITIVITY_H

#include <vswsim/experiment.h>

/* Reruns every point of 'result' with a quarter of the quantum and with ties
 * broken the other way round, and notes for each point the metric that moved
 * most.  'traces' has the trace of each point.  Returns 0 or a negative errno
 * value. */
int vsw_sensitivity_fill(struct vsw_experiment_result *result,
                         struct vsw_trace *const *traces,
                         const volatile int *cancel);

#endif
