/* Hyper-Switch: a virtual switch whose data plane is in the hypervisor.
 *
 * Source: Ram, PhD thesis, Rice University, chapter 4.
 *
 * Modelled: switching in the sender's context and copying in the receiver's,
 * one copy from memory to memory; both batching timers with their exceptions;
 * the preemptive copy; polling before a vCPU blocks; offload to the idle loop
 * of other CPUs; the control plane, to which the first packet of a flow goes.
 * Left out: flooding (group addresses are dropped), several queue pairs of a
 * guest, what setting a timer costs. */
#include "models/hyper_switch/hyper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/nic.h>
#include <vswsim/placement.h>

#include "core/cost.h"

static const char *const hyper_switch_drivers[] = {"hyper", "virtio_poll",
                                                   NULL};
static const char *const hyper_switch_domains[] = {"hypervisor", "driver",
                                                   NULL};

static uint32_t
hyper_switch_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests;
    return n_wires > 0 ? 1 : 0;
}

/* --- Start --------------------------------------------------------------- */

static int
check(const struct vsw_switch *sw, const struct hyper *h,
      struct vsw_error *err)
{
    static const uint16_t costs[] = {VSW_COST_LOCK, VSW_COST_VRING_EMPTY};
    uint32_t n_cpus = sw->sim->machine->n_cpus;
    const char *name = sw->ops->name;
    int error = vsw_sim_require_costs(sw->sim, name, costs,
                                      VSW_N_ELEMS(costs), err);

    error = error ? error : vsw_direct_copy_check_costs(sw->sim, name, err);
    error = error ? error : vsw_notify_check_costs(sw->sim, name, err);
    if (error) {
        return error;
    }
    if (sw->n_queues != 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: guests.n_cpus is %u, but a guest of %s has "
                             "one queue pair; set it to 1", name,
                             sw->n_queues, name);
    }
    if ((h->p.control_cpu != HYPER_ANY_CPU && h->p.control_cpu >= n_cpus)
        || (h->p.offload == VSW_OFFLOAD_FIXED
            && h->p.dedicated_cpu >= n_cpus)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: control_cpu and dedicated_cpu must be below "
                             "%u, the CPUs of %s", name, n_cpus,
                             sw->sim->machine->name);
    }
    return 0;
}

static void
set_rules(struct hyper *h)
{
    h->tx_rule = (struct vsw_tx_timer_rule) {
        .hold_ns = h->p.tx_hold_ns,
        .max_pending_pkts = h->p.tx_threshold_pkts,
        .late = h->p.tx_late,
        .empty = h->p.tx_empty,
    };
    h->rx_rule = (struct vsw_rx_timer_rule) {
        .hold_ns = h->p.rx_hold_ns,
        .quiet_ns = h->p.rx_hold_ns,
        .max_queued_pkts = h->p.rx_threshold_pkts,
        .max_copies = h->p.max_copies,
        .bound = h->p.copy_bound,
        .quiet_leaves_on = h->p.quiet_leaves_on,
    };
}

static int
make_parts(struct hyper *h)
{
    uint32_t n_cpus = h->sw->sim->machine->n_cpus;

    h->n_vnics = h->sw->n_ports;
    h->n_cpus = n_cpus;
    h->vnics = calloc(h->n_vnics, sizeof *h->vnics);
    h->cpus = calloc(n_cpus, sizeof *h->cpus);
    h->relays = calloc(h->sw->n_wires + 1, sizeof *h->relays);
    return h->vnics && h->cpus && h->relays ? 0 : -ENOMEM;
}

static const struct vsw_vnic_ops vnic_ops = {
    .name = "hyper_switch",
    .kick = hyper_kick,
    .before_block = hyper_before_block,
};

static int
make_vnic(struct hyper *h, uint32_t port, struct vsw_vnic *vnic)
{
    struct hyper_vnic *v = &h->vnics[port];

    v->hyper = h;
    v->vnic = vnic;
    v->index = port;
    v->cpu = &h->cpus[vnic->unit->cpu];
    v->next_on_cpu = v->cpu->vnics;
    v->cpu->vnics = v;
    vnic->ops = &vnic_ops;
    vnic->backend = v;
    vsw_bufpool_init(&v->spare, &h->sw->bufs, h->p.spare_pages);
    hyper_init_tx(v);
    hyper_init_rx(v);
    return vsw_bufs_place(&h->sw->bufs, h->sw->sim, v->spare.first,
                          h->p.spare_pages, h->p.page_bytes,
                          vsw_mem_node(vnic->unit));
}

/* One vCPU of the driver domain serves all wires. */
static int
make_relay(struct hyper *h, uint32_t wire, struct vsw_error *err)
{
    struct vsw_switch *sw = h->sw;
    uint32_t port = vsw_switch_n_guests(sw) + wire;
    struct vsw_nic_relay *relay = &h->relays[wire];
    const struct vsw_nic_relay_setup setup = {
        .unit = sw->units[0],
        .task = sw->tasks ? sw->tasks[0] : NULL,
        .domain = sw->domain + 1,
        .port = &sw->ports[port],
        .burst_pkts = 64,
        .lender = hyper_lender(h, wire),
        .sent_gap_ns = h->p.nic_irq_gap_ns,
    };
    int error = vsw_nic_relay_init(relay, sw, &setup, err);

    return error ? error : make_vnic(h, port, &relay->vnic);
}

static int
start_cpu(struct hyper *h, uint32_t cpu)
{
    struct hyper_cpu *c = &h->cpus[cpu];
    int error;

    c->hyper = h;
    c->unit = h->sw->cpu_units[cpu];
    c->cpu = cpu;
    error = hyper_start_hypervisor(c);
    if (!error && (h->p.offload == VSW_OFFLOAD_CRITERIA
                   || (h->p.offload == VSW_OFFLOAD_FIXED
                       && h->p.dedicated_cpu == cpu))) {
        error = hyper_start_idle(c);
    }
    return error;
}

static int
make_offload(struct hyper *h)
{
    const struct vsw_machine *machine = h->sw->sim->machine;
    const struct vsw_offload_rule rule = {
        .mode = h->p.offload,
        .fixed_cpu = h->p.dedicated_cpu,
        .core = h->p.offload_core,
        .full = h->p.offload_full,
    };
    struct vsw_offload_place *places = calloc(h->n_cpus, sizeof *places);

    if (!places) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < h->n_cpus; i++) {
        places[i].module = (uint16_t) vsw_cpu_module(machine, i);
        places[i].node = (uint16_t) vsw_cpu_node(machine, i);
    }
    h->offload = vsw_offload_new(&h->sw->arena, &rule, places, h->n_cpus);
    free(places);
    return h->offload ? 0 : -ENOMEM;
}

static int
make_congestion(struct hyper *h)
{
    uint32_t cap = h->p.max_in_flight_pkts;
    const struct vsw_congestion_rule rule = {
        .max_in_flight = cap,
        .resume_at = (uint32_t) ((uint64_t) cap * h->p.resume_percent / 100),
        .at_cap = h->p.at_cap,
        .masks = h->p.mask_congested,
    };

    if (cap == 0) {
        return 0;
    }
    h->congestion = vsw_congestion_new(&h->sw->arena, &rule, h->n_vnics);
    return h->congestion ? 0 : -ENOMEM;
}

static int
start_parts(struct hyper *h, struct vsw_error *err)
{
    int error = hyper_start_lending(h, err);

    if (error) {
        return error;
    }
    for (uint32_t i = 0; !error && i < vsw_switch_n_guests(h->sw); i++) {
        error = make_vnic(h, i, &h->sw->ports[i].vnics[0]);
    }
    for (uint32_t i = 0; !error && i < h->sw->n_wires; i++) {
        error = make_relay(h, i, err);
        if (error && error != -ENOMEM) {
            return error;
        }
    }
    for (uint32_t i = 0; !error && i < h->n_cpus; i++) {
        error = start_cpu(h, i);
    }
    for (uint32_t i = 0; !error && i < h->sw->n_wires; i++) {
        error = vsw_nic_relay_start(&h->relays[i]);
    }
    if (!error) {
        error = hyper_start_dma(h, err);
        if (error) {
            return error;
        }
    }
    error = error ? error : make_offload(h);
    error = error ? error : make_congestion(h);
    error = error ? error : hyper_add_counters(h);
    if (error) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                             "out of memory for %s", h->sw->ops->name);
    }
    return hyper_start_control_plane(h, err);
}

static int
hyper_switch_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct hyper *h = vsw_switch_state(sw);
    int error = check(sw, h, err);

    h->sw = sw;
    set_rules(h);
    error = error ? error : make_parts(h);
    if (!error) {
        struct vsw_nic_setup nic = VSW_NIC_SETUP_DEFAULT;

        nic.irq_masks = true;
        nic.irq_gap_ns = h->p.nic_irq_gap_ns;
        error = vsw_switch_make_nic_ports(
            sw, h->p.page_bytes,
            h->n_vnics * (h->p.spare_pages + (h->p.dma ? sw->n_slots : 0))
                + sw->n_wires * vsw_nic_relay_n_bufs(sw),
            &nic, err);
    }
    return error ? error : start_parts(h, err);
}

static void
hyper_switch_fini(struct vsw_switch *sw)
{
    struct hyper *h = vsw_switch_state(sw);

    vsw_kswitch_fini(&h->flows);
    hyper_stop_dma(h);
    hyper_stop_lending(h);
    vsw_backlog_fini(&h->resumed);
    for (uint32_t i = 0; h->cpus && i < h->n_cpus; i++) {
        hyper_stop_idle(&h->cpus[i]);
    }
    for (uint32_t i = 0; h->relays && i < sw->n_wires; i++) {
        vsw_nic_relay_fini(&h->relays[i]);
    }
    free(h->relays);
    free(h->cpus);
    free(h->vnics);
}

const struct vsw_model_ops vsw_model_hyper_switch = {
    .name = "hyper_switch",
    .title = "Hyper-Switch: switching in the hypervisor, one copy",
    .citation = "Ram, PhD thesis, Rice University, chapter 4",
    .modelled = "switching in the sender's context, copying in the "
                "receiver's, both batching timers, preemptive copy, polling "
                "before blocking, offload to idle CPUs, copies by a DMA "
                "engine, transmission to a wire without a copy, control "
                "plane",
    .left_out = "flooding, several queue pairs of a guest, what setting a "
                "timer costs",
    .params = hyper_params,
    .state_size_bytes = sizeof(struct hyper),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = hyper_switch_drivers,
    .domains = hyper_switch_domains,
    .n_cpus = hyper_switch_n_cpus,
    .check = hyper_check_params,
    .threads_block = true,
    .wants_all_cpus = true,
    .init = hyper_switch_init,
    .fini = hyper_switch_fini,
};
