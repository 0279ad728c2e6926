#include "rig.h"

#include <string.h>

#include "vsw_test.h"

void
rig_init(struct rig *rig, uint32_t n_units,
         const struct vsw_sim_options *options)
{
    rig_init_domains(rig, n_units, 1, options);
}

void
rig_init_domains(struct rig *rig, uint32_t n_units, uint32_t n_domains,
                 const struct vsw_sim_options *options)
{
    memset(rig, 0, sizeof *rig);
    rig->machine.costs = rig->costs;
    rig->machine.n_costs = VSW_N_COSTS;
    vsw_sim_init(&rig->sim, &rig->machine, options);
    vsw_sim_add_domain(&rig->sim, "host");
    for (uint32_t i = 1; i < n_domains; i++) {
        vsw_sim_add_domain(&rig->sim, "guest");
    }
    for (uint32_t i = 0; i < n_units; i++) {
        assert_int_equal(
            vsw_unit_init(&rig->units[i], &rig->sim, "switch", "cpu"), 0);
    }
}

void
rig_fini(struct rig *rig)
{
    for (uint32_t i = 0; i < rig->sim.n_units; i++) {
        vsw_unit_fini(&rig->units[i]);
    }
    vsw_sim_fini(&rig->sim);
}

void
rig_set_cost(struct rig *rig, uint32_t cost, uint64_t ps)
{
    rig->sim.costs[cost] = ps << VSW_COST_FRACTION_BITS;
}

void
rig_run(struct rig *rig)
{
    struct vsw_error err = {0};

    vsw_engine_run(&rig->sim.engine, rig->sim.window_end_ps, UINT64_MAX);
    if (vsw_sim_finish(&rig->sim, &err)) {
        fail_msg("%s", err.text);
    }
}

void
rig_add_worker(struct rig *rig, uint32_t unit, uint32_t priority,
               struct vsw_worker *worker, vsw_work_fn work, void *owner)
{
    memset(worker, 0, sizeof *worker);
    worker->unit = &rig->units[unit];
    worker->work = work;
    worker->owner = owner;
    worker->priority = priority;
    assert_int_equal(vsw_worker_add(worker), 0);
}

static const struct vsw_ledger_row *
row_of(const struct vsw_unit *unit, uint32_t domain_and_stage,
       uint32_t account)
{
    return &unit->ledger[domain_and_stage * VSW_N_ACCOUNTS + account];
}

uint64_t
rig_busy_ps(const struct vsw_unit *unit, uint32_t account)
{
    uint64_t sum_ps = 0;

    for (uint32_t i = 0; i < unit->sim->n_domains * VSW_N_STAGES; i++) {
        sum_ps += row_of(unit, i, account)->busy_ps;
    }
    return sum_ps;
}

uint64_t
rig_n_charges(const struct vsw_unit *unit, uint32_t account)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < unit->sim->n_domains * VSW_N_STAGES; i++) {
        n += row_of(unit, i, account)->n_charges;
    }
    return n;
}
