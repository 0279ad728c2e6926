#include <vswsim/bus.h>

#include <assert.h>
#include <string.h>

#include "core/account.h"
#include "core/cost.h"

/* What a write of a register carries. */
#define REGISTER_BYTES 4

/* Two of the largest packets.  The shorter a bucket, the nearer is the order
 * within a direction to first come, first served, whatever the quantum. */
static uint64_t
bucket_ps(const struct vsw_sim *sim, const struct vsw_bus_setup *setup)
{
    uint64_t n_bytes = 2 * (uint64_t) (setup->max_payload_bytes
                                       + setup->tlp_bytes);
    uint64_t ps = (n_bytes * sim->costs[VSW_COST_PCIE_BYTE])
                  >> VSW_COST_FRACTION_BITS;

    return ps > 0 ? ps : sim->quantum_ps;
}

int
vsw_bus_init(struct vsw_bus *bus, const struct vsw_sim *sim,
             const struct vsw_bus_setup *setup, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_PCIE_BYTE,
        VSW_COST_PCIE_READ_LATENCY,
        VSW_COST_DOORBELL,
    };
    const uint64_t half = UINT64_C(1) << (VSW_COST_FRACTION_BITS - 1);

    memset(bus, 0, sizeof *bus);
    assert(setup->max_payload_bytes > 0 && setup->max_read_bytes > 0);
    bus->setup = *setup;
    bus->read_latency_ps = (sim->costs[VSW_COST_PCIE_READ_LATENCY] + half)
                           >> VSW_COST_FRACTION_BITS;
    for (int i = 0; i < VSW_BUS_N_DIRS; i++) {
        /* A compiled cost is 2^-10 ps per byte. */
        vsw_server_init_cost(&bus->dirs[i], bucket_ps(sim, setup),
                             sim->costs[VSW_COST_PCIE_BYTE]);
    }
    return vsw_sim_require_costs(sim, "a PCI Express bus", costs,
                                 VSW_N_ELEMS(costs), err);
}

static uint64_t
divide_up(uint64_t n, uint64_t by)
{
    return (n + by - 1) / by;
}

static uint64_t
move(struct vsw_bus *bus, const struct vsw_unit *unit, enum vsw_bus_dir dir,
     uint64_t start_ps, uint64_t n_data_bytes, uint64_t n_tlps)
{
    uint64_t n_bytes = n_data_bytes + n_tlps * bus->setup.tlp_bytes;

    if (start_ps >= unit->window_start_ps && start_ps < unit->window_end_ps) {
        bus->n_bytes[dir] += n_bytes;
        bus->n_data_bytes[dir] += n_data_bytes;
    }
    return vsw_server_take_at(&bus->dirs[dir], start_ps, n_bytes);
}

uint64_t
vsw_bus_write(struct vsw_bus *bus, const struct vsw_unit *unit,
              uint64_t start_ps, uint64_t n_bytes)
{
    return move(bus, unit, VSW_BUS_TO_HOST, start_ps, n_bytes,
                divide_up(n_bytes, bus->setup.max_payload_bytes));
}

uint64_t
vsw_bus_read(struct vsw_bus *bus, const struct vsw_unit *unit,
             uint64_t start_ps, uint64_t n_bytes)
{
    uint64_t asked_ps = move(bus, unit, VSW_BUS_TO_HOST, start_ps, 0,
                             divide_up(n_bytes, bus->setup.max_read_bytes));

    return move(bus, unit, VSW_BUS_TO_DEVICE,
                asked_ps + bus->read_latency_ps, n_bytes,
                divide_up(n_bytes, bus->setup.max_payload_bytes));
}

int
vsw_bus_add_counters(const struct vsw_bus *bus, struct vsw_switch *sw)
{
    int error = vsw_switch_add_counter(sw, "bus_bytes_to_device", "bytes",
                                       &bus->n_bytes[VSW_BUS_TO_DEVICE]);

    return error ? error
                 : vsw_switch_add_counter(sw, "bus_bytes_to_host", "bytes",
                                          &bus->n_bytes[VSW_BUS_TO_HOST]);
}

void
vsw_bus_doorbell(struct vsw_bus *bus, struct vsw_unit *unit)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_DOORBELL, VSW_COST_DOORBELL, 1);
    move(bus, unit, VSW_BUS_TO_DEVICE, unit->local_ps, REGISTER_BYTES, 1);
}
