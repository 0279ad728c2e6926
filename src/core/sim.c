#include <vswsim/sim.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/cost.h"
#include "core/ledger.h"
#include "core/mem.h"

void
vsw_sim_init(struct vsw_sim *sim, const struct vsw_machine *machine,
             const struct vsw_sim_options *options)
{
    memset(sim, 0, sizeof *sim);
    vsw_engine_init(&sim->engine, options->reverse_ties);
    sim->machine = machine;
    for (uint32_t i = 0; machine && i < machine->n_costs; i++) {
        assert(i < VSW_MAX_COSTS);
        sim->costs[i] = machine->costs[i].fixed;
        sim->flat_costs[i] = machine->costs[i].fixed;
    }
    sim->quantum_ps = options->quantum_ps;
    sim->window_start_ps = options->warmup_ps;
    sim->window_end_ps = options->duration_ps;
    sim->seed = options->seed;
    sim->replication = options->replication;
    sim->check = options->check;
    sim->first_guest = UINT32_MAX;
}

void
vsw_sim_fini(struct vsw_sim *sim)
{
    vsw_mem_stop(sim);
    vsw_engine_fini(&sim->engine);
}

uint32_t
vsw_sim_add_domain(struct vsw_sim *sim, const char *name)
{
    assert(sim->n_domains < VSW_MAX_DOMAINS && sim->n_units == 0);
    snprintf(sim->domains[sim->n_domains], sizeof sim->domains[0], "%s",
             name);
    return sim->n_domains++;
}

void
vsw_sim_random(const struct vsw_sim *sim, struct vsw_random *r,
               uint16_t purpose, uint32_t index)
{
    vsw_random_init(r, sim->seed, purpose, index, sim->replication);
}

/* Whether only part of the cost may be charged in this run, and the machine
 * does not say which. */
static bool
lacks_compute(const struct vsw_sim *sim, uint32_t id)
{
    static const uint16_t declared[] = {
#define VSW_COST_MEMORY(name) VSW_COST_##name,
#include "core/cost_memory.def"
#undef VSW_COST_MEMORY
    };
    const struct vsw_cost *cost = &sim->machine->costs[id];

    if (!sim->mem || cost->compute
        || strcmp(cost->includes, "compute+memory")) {
        return false;
    }
    for (size_t i = 0; i < VSW_N_ELEMS(declared); i++) {
        if (declared[i] == id) {
            return true;
        }
    }
    return false;
}

static int
report_missing(const struct vsw_machine *machine, const char *who, int error,
               bool absent, struct vsw_error *err)
{
    if (error) {
        return error;
    }
    return absent
           ? vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                           "%s cannot run on machine \"%s\", which gives no "
                           "cost for what it needs; add to its \"costs\", "
                           "or choose another machine:", who, machine->name)
           : vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                           "%s cannot run in memory mode \"hierarchy\" on "
                           "machine \"%s\", whose costs have no "
                           "\"compute\" part for what it needs; add it, or "
                           "use \"flat\":", who, machine->name);
}

int
vsw_sim_require_costs(const struct vsw_sim *sim, const char *who,
                      const uint16_t *ids, uint32_t n, struct vsw_error *err)
{
    const struct vsw_machine *machine = sim->machine;
    int error = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_cost *cost = &machine->costs[ids[i]];

        assert(ids[i] < machine->n_costs);
        if (cost->kind != VSW_COST_ABSENT && !lacks_compute(sim, ids[i])) {
            continue;
        }
        error = report_missing(machine, who, error,
                               cost->kind == VSW_COST_ABSENT, err);
        vsw_error_add(err, VSW_ERROR_DATA, -EINVAL, "  \"%s\", per %s: %s",
                      cost->name, cost->per, cost->meaning);
    }
    return error;
}

void
vsw_sim_end_now(struct vsw_sim *sim)
{
    uint64_t end_ps = sim->engine.now_ps;

    for (uint32_t i = 0; i < sim->n_units; i++) {
        uint64_t local_ps = sim->units[i]->local_ps;

        end_ps = local_ps > end_ps ? local_ps : end_ps;
    }
    assert(end_ps >= sim->window_start_ps);
    /* One that was under way at the end of the window passed it. */
    if (end_ps >= sim->window_end_ps) {
        return;
    }
    sim->window_end_ps = end_ps;
    for (uint32_t i = 0; i < sim->n_units; i++) {
        struct vsw_unit *unit = sim->units[i];

        unit->window_end_ps = end_ps;
        unit->uncut_ps = unit->uncut_ps < end_ps ? unit->uncut_ps : end_ps;
    }
}

int
vsw_sim_finish(struct vsw_sim *sim, struct vsw_error *err)
{
    for (uint32_t i = 0; i < sim->n_units; i++) {
        int error;

        vsw_unit_finish(sim->units[i], sim->window_end_ps);
        error = vsw_ledger_check(sim->units[i], err);
        if (error) {
            return error;
        }
    }
    if (sim->violation) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -EPROTO,
                             "a rule of execution is broken: %s",
                             sim->violation);
    }
    return 0;
}

static void
make_module_costs(struct vsw_sim *sim)
{
    const struct vsw_machine *machine = sim->machine;

    for (uint32_t i = 0; i < machine->n_costs; i++) {
        const char *unit = machine->costs[i].unit;
        bool is_work = unit && strstr(unit, "cycles");

        sim->module_costs[i] = is_work ? sim->costs[i]
                                             * machine->hw.cpu.module_percent
                                             / 100
                                       : sim->costs[i];
    }
}

/* Joins 'unit' with an earlier one of its module. */
static void
join_module(struct vsw_unit *unit)
{
    const struct vsw_sim *sim = unit->sim;
    uint32_t n = sim->machine->n_cpus_per_module;

    unit->module_next = unit;
    for (uint32_t i = 0; sim->units[i] != unit; i++) {
        struct vsw_unit *other = sim->units[i];

        if (other->module_next && other->cpu / n == unit->cpu / n) {
            unit->module_next = other->module_next;
            other->module_next = unit;
            return;
        }
    }
}

void
vsw_sim_join_modules(struct vsw_sim *sim)
{
    const struct vsw_machine *machine = sim->machine;

    if (machine->hw.cpu.module_percent <= 100
        || machine->n_cpus_per_module < 2) {
        return;
    }
    make_module_costs(sim);
    for (uint32_t i = 0; i < sim->n_units; i++) {
        if (strcmp(sim->units[i]->role, "device") != 0) {
            join_module(sim->units[i]);
        }
    }
}
