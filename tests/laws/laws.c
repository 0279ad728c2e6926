#include "laws/laws.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/metric.h>

#include "made_machine.h"

struct vsw_machine *machine;
struct made made;
uint64_t params[MADE_MAX_PARAMS];
struct vsw_cost own_costs[VSW_N_COSTS];

int
load_machine(void **state)
{
    (void) state;
    if (made_machine_load_whole(&machine, "xeon-e5-2690v3-dpdk")) {
        return -1;
    }
    made_machine_add_nic(machine, UINT64_C(2500000000));
    return 0;
}

int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

struct vsw_outcome *
simulate(const struct vsw_config *config, const struct vsw_simulate_how *how)
{
    struct vsw_outcome *outcome;
    struct vsw_error err = {0};

    if (vsw_simulate(&outcome, config, &made.workload, how, &err)) {
        fail_msg("%s: %s", config->design, err.text);
    }
    return outcome;
}

void
free_outside(const struct vsw_model_ops *model)
{
    static const char *const names[] = {
        "link_rate_bps", "link_delay_ns", "ext_switch_ns",
    };

    for (uint32_t i = 0; model->params[i].name; i++) {
        for (size_t n = 0; n < VSW_N_ELEMS(names); n++) {
            if (!strcmp(model->params[i].name, names[n])) {
                params[i] = 0;
            }
        }
    }
}

struct vsw_config
saturated_by(uint32_t n_guests, const struct vsw_model_ops *model,
             uint32_t frame_bytes)
{
    struct vsw_config config;

    while (model->n_cpus
           && n_guests + model->n_cpus(n_guests, 0) > machine->n_cpus) {
        n_guests--;
    }
    made_init(&made, n_guests, 16);
    made_fill(&made, 512, 0, 100, frame_bytes);
    config = made_config(machine, model, params, n_guests);
    free_outside(model);
    return config;
}

struct vsw_config
saturated(const struct vsw_model_ops *model, uint32_t frame_bytes)
{
    return saturated_by(4, model, frame_bytes);
}

struct vsw_machine
machine_with_own_costs(void)
{
    struct vsw_machine m = *machine;

    memcpy(own_costs, machine->costs, sizeof own_costs);
    m.costs = own_costs;
    return m;
}

struct vsw_machine
free_of_charge(void)
{
    struct vsw_machine m = machine_with_own_costs();

    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        own_costs[i].fixed = 0;
    }
    m.hw.n_idle_states = 0;
    return m;
}

void
replicate(struct replications *r, const struct vsw_config *config,
          struct vsw_simulate_how how)
{
    for (uint32_t i = 0; i < N_REPLICATIONS; i++) {
        how.replication = i;
        r->outcomes[i] = simulate(config, &how);
    }
}

struct vsw_interval
interval_of(const struct replications *r, const char *metric)
{
    double values[N_REPLICATIONS];

    for (uint32_t i = 0; i < N_REPLICATIONS; i++) {
        values[i] = vsw_metric_value(r->outcomes[i], metric);
    }
    return vsw_stats_interval(values, N_REPLICATIONS, VSW_CONFIDENCE_95);
}

void
free_replications(struct replications *r)
{
    for (uint32_t i = 0; i < N_REPLICATIONS; i++) {
        vsw_outcome_free(r->outcomes[i]);
    }
}
