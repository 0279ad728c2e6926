/* A simulation of a few bare units, with a machine whose costs are all zero
 * until a test sets some. */
#ifndef RIG_H
#define RIG_H

#include <vswsim/machine.h>
#include <vswsim/sim.h>
#include <vswsim/worker.h>

#include "core/account.h"
#include "core/cost.h"

#define RIG_MAX_UNITS 16
#define NS            UINT64_C(1000)
#define US            UINT64_C(1000000)

struct rig {
    struct vsw_sim sim;
    struct vsw_machine machine;
    struct vsw_cost costs[VSW_N_COSTS];
    struct vsw_unit units[RIG_MAX_UNITS];
};

/* Makes 'n_units' units in one domain. */
void rig_init(struct rig *rig, uint32_t n_units,
              const struct vsw_sim_options *options);

/* The same with 'n_domains', the first of which is the host. */
void rig_init_domains(struct rig *rig, uint32_t n_units, uint32_t n_domains,
                      const struct vsw_sim_options *options);
void rig_fini(struct rig *rig);

void rig_set_cost(struct rig *rig, uint32_t cost, uint64_t ps);

/* Runs to the end of the window; the laws must hold. */
void rig_run(struct rig *rig);

/* Adds a woken worker of unit 'unit'; 'worker' outlives the rig. */
void rig_add_worker(struct rig *rig, uint32_t unit, uint32_t priority,
                    struct vsw_worker *worker, vsw_work_fn work,
                    void *owner);

/* Time of 'unit' on 'account', in the window, and how often it was charged. */
uint64_t rig_busy_ps(const struct vsw_unit *unit, uint32_t account);
uint64_t rig_n_charges(const struct vsw_unit *unit, uint32_t account);

#endif
