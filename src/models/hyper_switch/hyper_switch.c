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

#define CH4 "Ram's thesis, section 4.3 "

static const char *const late_choices[] = {
    [VSW_TX_LATE_WAIT] = "wait", [VSW_TX_LATE_AT_ONCE] = "at_once", NULL,
};
static const char *const empty_choices[] = {
    [VSW_TX_EMPTY_OFF] = "off", [VSW_TX_EMPTY_RESTART] = "restart", NULL,
};
static const char *const bound_choices[] = {
    [VSW_RX_BOUND_BLOCKED] = "blocked",
    [VSW_RX_BOUND_IMMEDIATE] = "immediate", NULL,
};
static const char *const offload_choices[] = {
    [VSW_OFFLOAD_CRITERIA] = "criteria", [VSW_OFFLOAD_FIXED] = "dedicated",
    [VSW_OFFLOAD_NONE] = "none", NULL,
};
static const char *const core_choices[] = {
    [VSW_OFFLOAD_CORE_LOWEST] = "lowest",
    [VSW_OFFLOAD_CORE_HASHED] = "hashed", NULL,
};
static const char *const full_choices[] = {
    [VSW_OFFLOAD_FULL_DROP] = "drop", [VSW_OFFLOAD_FULL_NEXT] = "next", NULL,
};
static const char *const cap_choices[] = {
    [VSW_CONGESTION_STOP] = "stop",
    [VSW_CONGESTION_DROP_OLDEST] = "drop_oldest", NULL,
};
static const char *const table_choices[] = {
    [VSW_KSWITCH_EXACT] = "exact", [VSW_KSWITCH_MEGAFLOW] = "megaflow", NULL,
};

#define U32(member, value, min, max, meaning, source)                       \
    {#member, VSW_PARAM_TYPE_U32, offsetof(struct hyper, p.member), (value), \
     (min), (max), NULL, (meaning), (source)}
#define U64(member, value, min, max, meaning, source)                       \
    {#member, VSW_PARAM_TYPE_U64, offsetof(struct hyper, p.member), (value), \
     (min), (max), NULL, (meaning), (source)}
#define BOOL(member, value, meaning, source)                                \
    {#member, VSW_PARAM_TYPE_BOOL, offsetof(struct hyper, p.member),         \
     (value), 0, 1, NULL, (meaning), (source)}
#define CHOICE(member, value, choices, n, meaning, source)                  \
    {#member, VSW_PARAM_TYPE_ENUM, offsetof(struct hyper, p.member),         \
     (value), 0, (n) - 1, (choices), (meaning), (source)}

#define MAX_HOLD_NS UINT64_C(1000000000)

/* Smaller frames than this are no mistake in a config with a DMA engine. */
#define DEFAULT_DMA_MIN_BYTES 128u

/* Of control_cpu: one that no guest has. */
#define ANY_CPU 65535

static const struct vsw_param hyper_switch_params[] = {
    U64(tx_hold_ns, 125000, 0, MAX_HOLD_NS,
        "longest wait of a packet in a transmit ring; 0: no batching",
        CH4 "(Table 4.1)"),
    U32(tx_threshold_pkts, 64, 1, 65536,
        "packets in a transmit ring that end the wait", CH4 "(Table 4.1)"),
    CHOICE(tx_late, VSW_TX_LATE_WAIT, late_choices, 2,
           "when the transmit timer is served that fires while another guest "
           "has the CPU",
           "left open by the thesis; waiting is what its section 4.3.5 names"),
    CHOICE(tx_empty, VSW_TX_EMPTY_OFF, empty_choices, 2,
           "what a transmit timer does that fires with nothing pending",
           "left open by the thesis; default is a design choice"),
    U64(rx_hold_ns, 125000, 0, MAX_HOLD_NS,
        "longest wait of a packet that was switched; 0: every packet "
        "notifies", CH4 "(Table 4.1)"),
    U32(rx_threshold_pkts, 64, 1, 65536,
        "packets in a receive queue that end the wait", CH4 "(Table 4.1)"),
    U32(max_copies, 16, 1, 65536,
        "packets that a notified guest's CPU copies before it asks an idle "
        "CPU for the rest", "not given by the thesis; design choice"),
    CHOICE(copy_bound, VSW_RX_BOUND_BLOCKED, bound_choices, 2,
           "which immediate notifications bound the copy: to blocked guests, "
           "or all", "left open by the thesis; default is a design choice"),
    BOOL(quiet_leaves_on, true,
         "a notification after a quiet time starts the receive timer",
         "left open by the thesis; default is a design choice"),
    BOOL(preemptive_copy, true,
         "copy when a notification arrives, before the guest's handler, "
         "which otherwise asks by a hypercall", CH4),
    BOOL(poll_before_block, true,
         "switch and copy for a vCPU that is about to block", CH4),
    CHOICE(offload, VSW_OFFLOAD_CRITERIA, offload_choices, 3,
           "who copies for others: a CPU of an idle module, a dedicated CPU "
           "that always polls, nobody", CH4 "and 4.5.2"),
    U32(dedicated_cpu, 0, 0, 65535, "that CPU, with offload dedicated",
        "Ram's thesis, section 4.5.2"),
    CHOICE(offload_core, VSW_OFFLOAD_CORE_LOWEST, core_choices, 2,
           "which CPU of the chosen module",
           "left open by the thesis; default is a design choice"),
    CHOICE(offload_full, VSW_OFFLOAD_FULL_DROP, full_choices, 2,
           "what becomes of a request when the chosen CPU's message ring is "
           "full", "left open by the thesis; default is a design choice"),
    BOOL(idle_switching, true,
         "idle CPUs that are awake also switch from transmit rings", CH4),
    U64(hysteresis_ns, VSW_IDLE_LOOP_HYSTERESIS_NS, 0, MAX_HOLD_NS,
        "time that an idle CPU polls after its last work",
        CH4 "(Table 4.1)"),
    U32(request_slots, 64, 1, 4096,
        "requests that the message ring of a CPU holds; a power of two",
        "the thesis says fixed; the size is a design choice"),
    U32(page_bytes, 4096, 2048, 65536,
        "packet bytes behind a descriptor",
        "pages are what Xen's drivers share"),
    U32(spare_pages, 2048, 64, 2048,
        "pages of a sender under way in the switch, beside its ring",
        "the thesis has no limit; the simulator needs one"),
    CHOICE(flow_table, VSW_KSWITCH_EXACT, table_choices, 2,
           "flow table of the data plane",
           "the thesis says hash table; Open vSwitch of its time had exact "
           "flows in the kernel"),
    U32(max_flows, 8192, 1, 1 << 20, "flows in that table",
        "design choice"),
    BOOL(warm, true,
         "flows are in that table before the run, as far as they fit; false: "
         "first packets go to the control plane",
         "design choice: published runs last minutes"),
    U32(control_cpu, ANY_CPU, 0, ANY_CPU,
        "CPU of the management layer, where the control plane runs; 65535 is "
        "the lowest that has no vCPU, if there is one",
        "design choice"),
    U32(max_in_flight_pkts, 0, 0, 65536,
        "most packets that a sender has under way in the switch; 0: the "
        "prototype, which has no limit", "Ram's thesis, section 4.6"),
    U32(resume_percent, 50, 0, 99,
        "part of that cap at which a stopped sender goes on",
        "not given by the thesis; design choice"),
    CHOICE(at_cap, VSW_CONGESTION_STOP, cap_choices, 2,
           "what happens at the cap: the sender's ring is left alone, or its "
           "oldest packet is dropped", "Ram's thesis, section 4.6"),
    BOOL(mask_congested, true,
         "idle CPUs pass over the rings of stopped senders",
         "Ram's thesis, section 4.6"),
    BOOL(abort, false,
         "an idle CPU that is wanted abandons the packet that it copies",
         "Ram's thesis, section 4.6: transactional execution"),
    BOOL(dma, false,
         "a DMA engine copies large packets that an idle CPU would be asked "
         "to copy", "Ram's thesis, section 4.6.1"),
    U32(dma_min_bytes, DEFAULT_DMA_MIN_BYTES, 0, 1 << 20,
        "packets longer than this go to that engine",
        "Ram's thesis, section 4.6.1"),
    U32(dma_channels, 4, 1, VSW_DMA_MAX_CHANNELS,
        "channels of that engine; a receiver's copies use one",
        "not given by the thesis; engines of the time have 4 to 16"),
    U32(dma_descs, 256, 1, 65536,
        "descriptors of a channel; a power of two",
        "not given by the thesis; design choice"),
    U64(nic_irq_gap_ns, 10000, 0, 10000000,
        "least time between two interrupts of the NIC to the driver domain",
        "assumed: the rate to which drivers of the time let latency-bound "
        "traffic interrupt, 100000 a second"),
    VSW_PARAM_END,
};

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

/* Of segments that guests hand down: what IP can say, and Ethernet's. */
#define MAX_PKT_BYTES 65549u

static bool
is_power_of_two(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

static const char *
hyper_switch_check(const void *state, const struct vsw_model_facts *facts,
                   char reason[VSW_MODEL_REASON_BYTES])
{
    const struct hyper_params *p = &((const struct hyper *) state)->p;
    uint32_t max_bytes = facts->frame_bytes
                             ? facts->frame_bytes - VSW_FCS_BYTES
                             : MAX_PKT_BYTES;

    if (!p->dma) {
        return NULL;
    }
    if (p->dma_min_bytes > DEFAULT_DMA_MIN_BYTES
        && p->dma_min_bytes >= max_bytes) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "dma_min_bytes is %u, but no packet has more than %u bytes: "
                 "nothing would go to the DMA engine", p->dma_min_bytes,
                 max_bytes);
        return "dma_min_bytes";
    }
    if (!is_power_of_two(p->dma_descs)) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "dma_descs is %u, which is no power of two", p->dma_descs);
        return "dma_descs";
    }
    if (p->rx_hold_ns == 0) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "without the receive timer (rx_hold_ns is 0) nothing would "
                 "go to the DMA engine; set dma to false");
        return "dma";
    }
    return NULL;
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
    if ((h->p.control_cpu != ANY_CPU && h->p.control_cpu >= n_cpus)
        || (h->p.offload == VSW_OFFLOAD_FIXED
            && h->p.dedicated_cpu >= n_cpus)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: control_cpu and dedicated_cpu must be below "
                             "%u, the CPUs of %s", name, n_cpus,
                             sw->sim->machine->name);
    }
    if (!is_power_of_two(h->p.request_slots)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: request_slots is %u, which is no power of "
                             "two", name, h->p.request_slots);
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

/* --- What comes back from the control plane ------------------------------ */

/* Before any guest's. */
#define RESUME_PRIORITY 1

static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct hyper *h = aux;

    /* It holds what the spare buffers of all senders can. */
    vsw_backlog_put(&h->resumed, daemon->unit, pkt, port);
    vsw_worker_wake(&h->resume, daemon->unit->local_ps);
}

static void
put_resumed(void *owner, struct vsw_worker *worker)
{
    struct hyper *h = owner;
    struct vsw_backlog_item item;

    if (vsw_backlog_take(&h->resumed, worker->unit->sync_ps, &item)) {
        hyper_route(h, item.pkt, item.tag, worker->unit);
        vsw_worker_go_on(worker);
    }
}

static bool
has_vcpu(const struct vsw_switch *sw, uint32_t cpu)
{
    for (uint32_t i = 0; i < vsw_switch_n_guests(sw); i++) {
        if (sw->guest_units[i] == sw->cpu_units[cpu]) {
            return true;
        }
    }
    return false;
}

static struct vsw_unit *
control_unit(const struct hyper *h)
{
    uint32_t cpu = h->p.control_cpu;

    if (cpu == ANY_CPU) {
        for (cpu = 0; cpu < h->n_cpus && has_vcpu(h->sw, cpu); cpu++) {
        }
    }
    return h->sw->cpu_units[cpu < h->n_cpus ? cpu : 0];
}

static int
start_control_plane(struct hyper *h, struct vsw_error *err)
{
    struct vsw_switch *sw = h->sw;
    struct vsw_unit *unit = control_unit(h);
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    int error = vsw_backlog_init(&h->resumed, sw->pkts->n_pkts);

    if (error) {
        return error;
    }
    h->resume.unit = unit;
    h->resume.work = put_resumed;
    h->resume.owner = h;
    h->resume.priority = RESUME_PRIORITY;
    h->resume.domain = sw->domain;
    error = vsw_worker_add(&h->resume);
    if (error) {
        return error;
    }
    setup.kind = VSW_KSWITCH_OVS;
    setup.table = h->p.flow_table;
    setup.max_flows = h->p.max_flows;
    setup.warm = h->p.warm;
    setup.acl = sw->acl;
    setup.daemon.unit = unit;
    setup.daemon.domain = sw->domain + 1;
    setup.daemon.priority = RESUME_PRIORITY;
    setup.knows_flows = true;
    setup.daemon.entry = VSW_ENTRY_HYPERCALL;
    setup.resume = resume;
    setup.aux = h;
    return vsw_kswitch_init(&h->flows, sw, &setup, err);
}

static int
start_parts(struct hyper *h, struct vsw_error *err)
{
    int error = 0;

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
    return start_control_plane(h, err);
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
                "engine, control plane",
    .left_out = "flooding, several queue pairs of a guest, what setting a "
                "timer costs",
    .params = hyper_switch_params,
    .state_size_bytes = sizeof(struct hyper),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = hyper_switch_drivers,
    .domains = hyper_switch_domains,
    .n_cpus = hyper_switch_n_cpus,
    .check = hyper_switch_check,
    .threads_block = true,
    .wants_all_cpus = true,
    .init = hyper_switch_init,
    .fini = hyper_switch_fini,
};
