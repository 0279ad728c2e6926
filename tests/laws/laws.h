/* What the tests of laws share: a machine with all costs, saturated configs of
 * every model, and simulations that must succeed. */
#ifndef LAWS_H
#define LAWS_H

#include <vswsim/machine.h>
#include <vswsim/stats.h>

#include "core/cost.h"
#include "io/run/simulate.h"
#include "made_workload.h"
#include "vsw_test.h"

extern struct vsw_machine *machine;
extern struct made made;
extern uint64_t params[MADE_MAX_PARAMS];

/* A copy of the machine's costs, for a test to change. */
extern struct vsw_cost own_costs[VSW_N_COSTS];

int load_machine(void **state);
int free_machine(void **state);

/* The machine with 'own_costs', which are those of the machine again. */
struct vsw_machine machine_with_own_costs(void);

/* The same without any cost, whose CPUs never sleep. */
struct vsw_machine free_of_charge(void);

struct vsw_outcome *simulate(const struct vsw_config *config,
                             const struct vsw_simulate_how *how);

/* Lets what is outside of the machine take no time: sets the parameters of
 * 'model' that say how fast that is to 0. */
void free_outside(const struct vsw_model_ops *model);

/* Guests that send to each other in a ring; as many as asked for, if the
 * machine has a CPU for each beside those of the switch. */
struct vsw_config saturated_by(uint32_t n_guests,
                               const struct vsw_model_ops *model,
                               uint32_t frame_bytes);
struct vsw_config saturated(const struct vsw_model_ops *model,
                            uint32_t frame_bytes);

#define N_REPLICATIONS 6

/* Outcomes of several replications. */
struct replications {
    struct vsw_outcome *outcomes[N_REPLICATIONS];
};

void replicate(struct replications *r, const struct vsw_config *config,
               struct vsw_simulate_how how);
struct vsw_interval interval_of(const struct replications *r,
                                const char *metric);
void free_replications(struct replications *r);

#endif
