/* One simulation: one point of a plan, one replication. */
#ifndef IO_SIMULATE_H
#define IO_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/observer.h>
#include <vswsim/outcome.h>
#include <vswsim/workload.h>

/* How to run it.  None of this belongs to what is simulated. */
struct vsw_simulate_how {
    uint32_t replication;
    bool check;
    bool reverse_ties;
    bool quarter_quantum;
    const volatile int *cancel;     /* May be NULL. */
    const struct vsw_observer *observer;    /* May be NULL. */
};

/* Runs up to the config's end, or to that of a trace that is played 'n_loops'
 * times: when all sources have said that they are at their end and no packet
 * is left inside, the run is over with what its units were doing, so that no
 * idle time dilutes rates and shares of time.  This holds within the window
 * only, and not in a search, whose steps are to be alike.
 *
 * Returns 0 and an outcome to free; -ECANCELED if '*cancel' became nonzero;
 * or another negative errno value.  'err' is filled unless 0 is returned. */
int vsw_simulate(struct vsw_outcome **outcome,
                 const struct vsw_config *config,
                 const struct vsw_workload *workload,
                 const struct vsw_simulate_how *how, struct vsw_error *err);

#endif
