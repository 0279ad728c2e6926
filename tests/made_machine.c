#include "made_machine.h"

#include <stdio.h>
#include <string.h>

#include "core/cost.h"

static struct vsw_cost all_costs[VSW_N_COSTS];
static const struct vsw_cost *own_costs;    /* Of the whole machine. */

int
made_machine_load(struct vsw_machine **machine, const char *name)
{
    struct vsw_error err;

    if (vsw_machine_load(machine, name,
                         VSW_SOURCE_DIR "/configs/experiments", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static void
make_up(struct vsw_cost *cost)
{
    const uint64_t ns = UINT64_C(1000) << VSW_COST_FRACTION_BITS;

    if (cost->kind == VSW_COST_ABSENT) {
        cost->kind = VSW_COST_ASSUMED;
        cost->fixed = strstr(cost->name, "_byte") ? ns / 5 : 60 * ns;
    }
}

int
made_machine_load_whole(struct vsw_machine **machine, const char *name)
{
    if (made_machine_load(machine, name)) {
        return -1;
    }
    own_costs = (*machine)->costs;
    memcpy(all_costs, own_costs, sizeof all_costs);
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        make_up(&all_costs[i]);
    }
    (*machine)->costs = all_costs;
    return 0;
}

void
made_machine_free(struct vsw_machine *machine)
{
    if (machine->costs == all_costs) {
        machine->costs = own_costs;
    }
    vsw_machine_free(machine);
}

void
made_machine_add_nic(struct vsw_machine *machine, uint64_t rate_bps)
{
    machine->hw.n_nics = 1;
    machine->hw.nics[0].n_ports = 2;
    machine->hw.nics[0].rate_bps = rate_bps;
}
