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
    uint64_t end_ps;            /* End of the run; 0: what the config says. */
    const volatile int *cancel;     /* May be NULL. */
    const struct vsw_observer *observer;    /* May be NULL. */
};

/* Returns 0 and an outcome to free; -ECANCELED if '*cancel' became nonzero;
 * or another negative errno value.  'err' is filled unless 0 is returned. */
int vsw_simulate(struct vsw_outcome **outcome,
                 const struct vsw_config *config,
                 const struct vsw_workload *workload,
                 const struct vsw_simulate_how *how, struct vsw_error *err);

#endif
