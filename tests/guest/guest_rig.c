#include "guest_rig.h"

#include <string.h>

#include <vswsim/vnic.h>

#include "vsw_test.h"

/* --- The pipe ------------------------------------------------------------ */

/* Raises interrupts that are due; false: not all, the call must end. */
static bool
raise_all(struct guest_rig *gr)
{
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        struct vsw_vnic *vnic = &gr->sw.ports[i].vnics[0];

        if (!gr->guests[i].ops->blocks) {
            gr->raise_due &= ~(UINT64_C(1) << i);   /* It polls. */
        } else if (gr->raise_due >> i & 1) {
            if (!vsw_virq_raise(&vnic->virq, &gr->pipe)) {
                return false;
            }
            gr->raise_due &= ~(UINT64_C(1) << i);
        }
    }
    return true;
}

static void
deliver(struct guest_rig *gr, uint32_t id, uint32_t to)
{
    struct vsw_queue *queue = &gr->sw.ports[to].queues[0];
    struct vsw_unit *unit = gr->pipe.unit;
    struct vsw_pkt *pkt = &gr->pkts.pkts[id];
    uint32_t n = vsw_queue_n_slots(queue, pkt->frame_bytes);
    uint32_t slot;

    if (vsw_ring_credits(&queue->rx, unit->sync_ps) < n) {
        vsw_pkt_drop(&gr->pkts, unit, id, VSW_DROP_RX_RING_FULL);
        return;
    }
    slot = vsw_ring_fill(&queue->rx, id, n);
    memcpy(gr->sw.bufs.headers[queue->rx_bufs[slot]],
           gr->sw.bufs.headers[pkt->buf], VSW_HEADER_BYTES);
    pkt->buf = queue->rx_bufs[slot];
    vsw_ring_publish(&queue->rx, unit->local_ps);
    gr->raise_due |= UINT64_C(1) << to;
}

static void
carry(struct guest_rig *gr, uint32_t from)
{
    struct vsw_ring *ring = &gr->sw.ports[from].queues[0].tx;
    struct vsw_unit *unit = gr->pipe.unit;
    uint32_t slot, n_slots, id;
    const struct vsw_pkt *pkt;

    if (vsw_ring_visible(ring, unit->sync_ps) == 0) {
        return;
    }
    id = vsw_ring_pop(ring, &slot, &n_slots);
    pkt = &gr->pkts.pkts[id];
    if (pkt->l4.payload_bytes > gr->max_payload_bytes) {
        gr->max_payload_bytes = pkt->l4.payload_bytes;
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_DMA,
                   gr->ps_per_pkt + pkt->frame_bytes * gr->ps_per_byte);
    if (vsw_random_below(&gr->drops, 1000) < gr->drop_per_mille) {
        gr->n_dropped += pkt->l4.payload_bytes > 0;
        vsw_pkt_drop(&gr->pkts, unit, id, VSW_DROP_FIFO_FULL);
    } else {
        deliver(gr, id, gr->flows[pkt->flow_id].out_port);
    }
    vsw_ring_free(ring, unit->local_ps);
}

/* Carries one packet in a call, and notifies about it in the next, which is at
 * sync. */
static void
pipe_work(void *owner, struct vsw_worker *worker)
{
    struct guest_rig *gr = owner;
    uint32_t from = worker->source;
    const struct vsw_vnic *vnic = &gr->sw.ports[from].vnics[0];

    if (!gr->carried) {
        carry(gr, from);
        gr->carried = true;
        vsw_worker_go_on(worker);
        return;
    }
    if (vsw_unit_at_sync(worker->unit)
        && vsw_vnic_tx_wanted(vnic, worker->unit)) {
        gr->raise_due |= UINT64_C(1) << from;
    }
    if (raise_all(gr)) {
        gr->carried = false;
    }
}

/* --- Making -------------------------------------------------------------- */

void
guest_rig_init(struct guest_rig *gr, uint32_t n_guests, uint32_t n_slots,
               uint64_t duration_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS,
        .duration_ps = duration_ps,
        .seed = 3,
        .check = true,
    };
    struct vsw_error err;

    memset(gr, 0, sizeof *gr);
    rig_init_domains(&gr->rig, n_guests + 1, n_guests + 1, &options);
    gr->n_guests = n_guests;
    gr->outcome = vsw_outcome_new(n_guests);
    assert_non_null(gr->outcome);
    gr->workload = (struct vsw_workload) {
        .flows = gr->flows, .ports = gr->ports, .n_ports = n_guests,
    };
    assert_int_equal(vsw_pkts_init(&gr->pkts, n_guests * 2 * n_slots + 64,
                                   &gr->workload, gr->outcome), 0);
    gr->sw.sim = &gr->rig.sim;
    gr->sw.guest_units = gr->units;
    gr->rig.sim.first_guest = 1;
    gr->sw.n_ports = n_guests;
    gr->sw.n_queues = 1;
    gr->sw.n_slots = n_slots;
    gr->sw.guest_burst_pkts = 32;
    gr->sw.guest_pages = (struct vsw_guest_pages) {4, 2};
    gr->sw.pkts = &gr->pkts;
    gr->sw.outcome = gr->outcome;
    for (uint32_t i = 0; i < n_guests; i++) {
        gr->units[i] = &gr->rig.units[1 + i];
    }
    assert_int_equal(vsw_switch_make_ports(&gr->sw, 4096, 0, &err), 0);
    vsw_random_init(&gr->drops, 5, 0, 2, 0);
    gr->ps_per_byte = 100;
}

void
guest_rig_dialogs(struct guest_rig *gr, const struct vsw_dialog_setup *setup,
                  uint32_t n, bool pairwise)
{
    assert_int_equal(vsw_dialogs_init(&gr->dialogs, setup, n, 2 * n), 0);
    gr->workload.n_flows = 2 * n;
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_dialog *d = &gr->dialogs.list[i];

        d->whole_segs = setup->tcp.whole_segs;
        d->flows[0] = 2 * i;
        d->flows[1] = 2 * i + 1;
        d->ports[0] = pairwise ? 2 * i : 0;
        d->ports[1] = pairwise ? 2 * i + 1 : 1;
        for (uint32_t side = 0; side < 2; side++) {
            struct vsw_workload_flow *flow = &gr->flows[2 * i + side];

            flow->header[0] = (uint8_t) (2 * i + side);
            flow->in_port = d->ports[side];
            flow->out_port = d->ports[!side];
        }
    }
}

void
guest_rig_post(struct guest_rig *gr, uint32_t least, uint32_t most)
{
    gr->sw.rx_min_bufs = least;
    gr->sw.rx_max_bufs = most;
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        vsw_ring_withhold(&gr->sw.ports[i].queues[0].rx,
                          gr->sw.n_slots - least);
    }
}

static void
start_pipe(struct guest_rig *gr)
{
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        gr->sources[i] = (struct vsw_source) {
            .ring = &gr->sw.ports[i].queues[0].tx,
            .kind = VSW_SOURCE_FILLED,
            .n_needed = 1,
        };
    }
    rig_add_worker(&gr->rig, 0, 1, &gr->pipe, pipe_work, gr);
    vsw_worker_serve(&gr->pipe, gr->sources, gr->n_guests);
}

void
guest_rig_run(struct guest_rig *gr, const char *driver)
{
    static uint64_t start_ps[GUEST_RIG_MAX_GUESTS];
    struct vsw_error err;

    start_pipe(gr);
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        struct vsw_guest *guest = &gr->guests[i];

        start_ps[i] = i * NS;
        guest->ops = vsw_guest_find(driver);
        guest->sw = &gr->sw;
        guest->port = &gr->sw.ports[i];
        guest->index = i;
        guest->domain = 1 + i;
        guest->start_ps = &start_ps[i];
        guest->dialogs = &gr->dialogs;
    }
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        struct vsw_guest *guest = &gr->guests[i];

        if (guest->ops->start(guest, &err)) {
            fail_msg("%s", err.text);
        }
    }
    rig_run(&gr->rig);
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        gr->guests[i].ops->report(&gr->guests[i]);
    }
    if (vsw_pkts_check(&gr->pkts, &err)) {
        fail_msg("%s", err.text);
    }
}

void
guest_rig_fini(struct guest_rig *gr)
{
    for (uint32_t i = 0; i < gr->n_guests; i++) {
        gr->guests[i].ops->fini(&gr->guests[i]);
    }
    vsw_dialogs_fini(&gr->dialogs);
    vsw_switch_free_ports(&gr->sw);
    vsw_bufs_fini(&gr->sw.bufs);
    vsw_pkts_fini(&gr->pkts);
    vsw_outcome_free(gr->outcome);
    rig_fini(&gr->rig);
}
