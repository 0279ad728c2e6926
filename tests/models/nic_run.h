/* Runs of models with a switch in the NIC, or in its place: flows of UDP, an
 * access list, and counters by name. */
#ifndef NIC_RUN_H
#define NIC_RUN_H

#include <stdint.h>

#include <vswsim/config.h>
#include <vswsim/outcome.h>

#include "made_workload.h"

struct nic_run {
    struct made made;
    struct vsw_config config;
    uint64_t params[MADE_MAX_PARAMS];
};

/* Loads the machine of all runs; for cmocka's group set-up and tear-down. */
int nic_run_setup(void **state);
int nic_run_load(const char *name);
int nic_run_teardown(void **state);

/* Prepares a run of 'model' with 'n_guests' and 'n_wires': flow f goes from
 * port f % n_ports to the next, from 10.0.0.f to 11.0.0.f; 'n_pkts' of
 * 'frame_bytes', 'gap_ns' apart. */
void nic_run_init(struct nic_run *r, const char *model, uint32_t n_guests,
                  uint32_t n_wires, uint32_t n_flows, uint32_t n_pkts,
                  uint32_t frame_bytes, uint64_t gap_ns);

/* Sets a parameter of the model. */
void nic_run_set(struct nic_run *r, const char *name, uint64_t value);

/* Runs with all checks; the caller frees the outcome. */
struct vsw_outcome *nic_run(struct nic_run *r);

/* Runs and expects an error that contains 'text'. */
void nic_run_refused(struct nic_run *r, const char *text);

uint64_t nic_run_counter(const struct vsw_outcome *o, const char *name);

#endif
