#include "hyper_rig.h"

#include <stdlib.h>
#include <string.h>

#include "vsw_test.h"

#define GUEST_PRIORITY 20

/* --- Guests -------------------------------------------------------------- */

static bool
receive(struct hr_guest *g, struct vsw_unit *unit)
{
    struct vsw_ring *rx = &g->vnic->queue->rx;
    uint32_t slot, n_slots, pkt;

    /* As NAPI does, it looks only after an interrupt. */
    if (!g->polls || vsw_ring_visible(rx, unit->sync_ps) == 0) {
        g->polls &= !vsw_unit_at_sync(unit);
        return g->polls;
    }
    pkt = vsw_ring_pop(rx, &slot, &n_slots);
    assert_true(g->n_arrived < HR_MAX_PKTS);
    g->arrived_ps[g->n_arrived] = unit->local_ps;
    g->waited_ps[g->n_arrived++] = unit->local_ps
                                   - g->rig->pkts.pkts[pkt].born_ps;
    vsw_pkt_deliver(&g->rig->pkts, unit, pkt, g->vnic->guest);
    vsw_ring_free(rx, unit->local_ps);
    return true;
}

static bool
send(struct hr_guest *g, struct hr_act *act, struct vsw_unit *unit)
{
    struct vsw_switch *sw = &g->rig->sw;
    struct vsw_queue *queue = g->vnic->queue;
    uint32_t n_slots = vsw_queue_n_slots(queue, act->frame_bytes);
    uint32_t pkt, slot;

    if (act->n_pkts == 0
        || vsw_ring_credits(&queue->tx, unit->sync_ps) < n_slots) {
        return false;
    }
    pkt = vsw_pkt_create(&g->rig->pkts, unit, act->flow_id, g->vnic->guest,
                         act->frame_bytes, unit->local_ps);
    slot = vsw_ring_fill(&queue->tx, pkt, n_slots);
    g->rig->pkts.pkts[pkt].buf = queue->tx_bufs[slot];
    memcpy(sw->bufs.headers[queue->tx_bufs[slot]],
           g->rig->made.flows[act->flow_id].header, VSW_HEADER_BYTES);
    vsw_ring_publish(&queue->tx, unit->local_ps);
    g->sent_ps = unit->local_ps;
    act->n_pkts--;
    g->kick_due = true;
    return true;
}

static bool
act_out(struct hr_guest *g, struct vsw_unit *unit)
{
    struct hr_act *act = &g->acts[g->at];
    uint64_t step_ps = act->compute_ps < 200 * NS ? act->compute_ps
                                                  : 200 * NS;

    if (g->at == g->n_acts || act->at_ps > unit->sync_ps) {
        return false;
    }
    if (send(g, act, unit)) {
        return true;
    }
    if (act->n_pkts > 0 || step_ps > 0) {
        /* Without room in the ring, it waits busily. */
        vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER, step_ps ? step_ps
                                                         : 200 * NS);
        act->compute_ps -= act->n_pkts == 0 ? step_ps : 0;
        return true;
    }
    g->at++;
    return true;
}

static void
guest_work(void *owner, struct vsw_worker *worker)
{
    struct hr_guest *g = owner;
    struct vsw_unit *unit = worker->unit;

    if (g->kick_due) {
        g->kick_due = !g->vnic->ops->kick(g->vnic, worker);
        if (g->kick_due) {
            return;
        }
        vsw_worker_go_on(worker);
        return;
    }
    if (receive(g, unit) || act_out(g, unit)) {
        vsw_worker_go_on(worker);
        return;
    }
    g->vnic->ops->before_block(g->vnic, worker);
}

static void
upcall(void *aux, struct vsw_worker *worker)
{
    struct hr_guest *g = aux;

    g->n_upcalls++;
    g->polls = true;
    vsw_worker_wake(&g->worker, worker->unit->local_ps);
}

static void
start_guest(struct hyper_rig *hr, uint32_t i)
{
    struct hr_guest *g = &hr->guests[i];

    g->rig = hr;
    g->vnic = &hr->sw.ports[i].vnics[0];
    g->worker.unit = g->vnic->unit;
    g->worker.work = guest_work;
    g->worker.owner = g;
    g->worker.priority = GUEST_PRIORITY;
    g->worker.domain = g->vnic->domain;
    assert_int_equal(vsw_worker_add(&g->worker), 0);
    if (g->vnic->task) {
        vsw_task_adopt(g->vnic->task, &g->worker);
    }
    assert_int_equal(vsw_virq_init(&g->vnic->virq, g->vnic->unit,
                                   g->vnic->task, g->vnic->domain,
                                   hr->sw.domain, GUEST_PRIORITY - 1, upcall,
                                   g), 0);
    vsw_flag_init(&g->vnic->tx_wanted, false);
}

void
hr_act(struct hyper_rig *hr, uint32_t guest, struct hr_act act)
{
    struct hr_guest *g = &hr->guests[guest];

    assert_true(g->n_acts < HR_MAX_ACTS);
    g->acts[g->n_acts++] = act;
}

/* --- The machine --------------------------------------------------------- */

static void
make_machine(struct hyper_rig *hr, uint32_t n_guests, uint64_t duration_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS,
        .duration_ps = duration_ps,
        .seed = 5,
        .check = true,
    };

    rig_init_domains(&hr->rig, 0, 2 + n_guests, &options);
    hr->rig.machine.name = "rig";
    hr->rig.machine.n_cpus = HR_N_CPUS;
    hr->rig.machine.n_cpus_per_module = 2;
    hr->rig.machine.n_cpus_per_node = 4;
    hr->rig.machine.n_cpus_per_package = 8;
    for (uint32_t i = 0; i < HR_N_CPUS; i++) {
        assert_int_equal(vsw_unit_init(&hr->rig.units[i], &hr->rig.sim,
                                       "switch", "cpu"), 0);
        hr->rig.units[i].cpu = i;
        hr->units[i] = &hr->rig.units[i];
    }
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        rig_set_cost(&hr->rig, i, 100 * NS);
    }
    rig_set_cost(&hr->rig, VSW_COST_COPY_BYTE, NS);
    rig_set_cost(&hr->rig, VSW_COST_DMA_BYTE, NS);
}

static void
make_switch(struct hyper_rig *hr, uint32_t n_guests, const uint32_t *cpus,
            void (*set)(struct hyper_params *p))
{
    struct vsw_switch *sw = &hr->sw;
    struct vsw_error err;

    vsw_arena_init(&sw->arena, hr->arena, sizeof hr->arena);
    for (uint32_t i = 0; i < n_guests; i++) {
        hr->guest_units[i] = hr->units[cpus[i]];
    }
    sw->sim = &hr->rig.sim;
    sw->ops = vsw_model_find("hyper_switch");
    sw->guest_units = hr->guest_units;
    sw->cpu_units = hr->units;
    sw->domain = 0;
    hr->rig.sim.first_guest = 2;
    sw->n_ports = n_guests;
    sw->n_queues = 1;
    sw->n_slots = HR_N_SLOTS;
    sw->pkts = &hr->pkts;
    sw->outcome = hr->outcome;
    hr->hyper = calloc(1, sw->ops->state_size_bytes);
    sw->state = hr->hyper;
    vsw_param_set_defaults(sw->ops->params, sw->state);
    hr->hyper->p.warm = false;
    hr->hyper->p.spare_pages = 512;
    hr->hyper->p.control_cpu = HR_N_CPUS - 1;
    if (set) {
        set(&hr->hyper->p);
    }
    if (sw->ops->init(sw, &err)) {
        fail_msg("%s", err.text);
    }
}

void
hr_init(struct hyper_rig *hr, uint32_t n_guests, const uint32_t *cpus,
        uint64_t duration_ps, void (*set)(struct hyper_params *p))
{
    memset(hr, 0, sizeof *hr);
    made_init(&hr->made, n_guests, n_guests);
    make_machine(hr, n_guests, duration_ps);
    hr->outcome = vsw_outcome_new(n_guests);
    assert_non_null(hr->outcome);
    assert_int_equal(vsw_pkts_init(&hr->pkts, 8192, &hr->made.workload,
                                   hr->outcome), 0);
    make_switch(hr, n_guests, cpus, set);
    for (uint32_t i = 0; i < n_guests; i++) {
        start_guest(hr, i);
        hr_act(hr, i, (struct hr_act) {.at_ps = US, .n_pkts = 1,
                                       .flow_id = i, .frame_bytes = 64});
    }
}

static void
wake_for_acts(struct hr_guest *g)
{
    for (uint32_t a = 0; a < g->n_acts; a++) {
        vsw_wakeup_init(&g->wakeups[a], &g->worker, 0, VSW_ENTRY_HYPERCALL);
        vsw_irq_send(&g->wakeups[a].ipi.irq, 0, g->acts[a].at_ps);
    }
}

void
hr_run(struct hyper_rig *hr)
{
    struct vsw_error err;

    for (uint32_t i = 0; i < hr->sw.n_ports; i++) {
        wake_for_acts(&hr->guests[i]);
    }
    rig_run(&hr->rig);
    if (vsw_pkts_check(&hr->pkts, &err)) {
        fail_msg("%s", err.text);
    }
}

void
hr_fini(struct hyper_rig *hr)
{
    hr->sw.ops->fini(&hr->sw);
    vsw_switch_free_ports(&hr->sw);
    vsw_pkts_fini(&hr->pkts);
    vsw_outcome_free(hr->outcome);
    free(hr->hyper);
    rig_fini(&hr->rig);
}
