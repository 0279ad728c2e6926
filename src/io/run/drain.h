/* The end of a trace that is not repeated without end. */
#ifndef IO_RUN_DRAIN_H
#define IO_RUN_DRAIN_H

#include "io/run/simulate.h"

/* As vsw_search(), but a trace that is played 'n_loops' times and is over
 * before the run is ends the run: at the instant when the last packet left,
 * whether delivered or dropped, so that no idle time dilutes rates and shares
 * of time.  What has not left by then, as it lies in the ring of a guest that
 * never receives, is counted as in flight.
 *
 * Simulates twice, since that instant must be known when charges are made.  A
 * trace that is over before the warm-up is leaves the run as it is. */
int vsw_drain(struct vsw_outcome **outcome, const struct vsw_config *config,
              const struct vsw_workload *workload,
              const struct vsw_simulate_how *how, struct vsw_error *err);

#endif
