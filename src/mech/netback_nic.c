/* The NIC of a driver domain: one queue per vCPU. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/bus.h>
#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netback_impl.h"

enum {
    SENT_PRIORITY = 4,
    SOFTIRQ_PRIORITY = 10,
};

static const struct vsw_napi_rule rule = VSW_NAPI_RULE_DEFAULT;

static void
charge(const struct vsw_netback_nic *nic, uint32_t cost, uint64_t n)
{
    vsw_unit_charge(nic->softirq.unit, VSW_ACCOUNT_DRIVER, cost, n);
}

static struct vsw_bufpool *
pool_of(const struct vsw_netback_nic *nic)
{
    return &nic->nb->threads[nic->index].pool;
}

/* --- To the wire --------------------------------------------------------- */

void
netback_queue_to_nic(struct vsw_netback *nb, struct vsw_unit *unit,
                     uint32_t pkt, uint32_t port)
{
    uint32_t wire = port - nb->n_vifs;
    struct vsw_netback_nic *nic = NULL;

    for (uint32_t i = 0; i < nb->n_threads; i++) {
        struct vsw_netback_nic *candidate
            = &nb->nics[wire * nb->n_threads + i];

        if (!nic || candidate->softirq.unit == unit) {
            nic = candidate;
        }
    }
    if (vsw_backlog_put(&nic->queued, unit, pkt, 0)) {
        vsw_worker_wake(&nic->softirq, unit->local_ps);
    } else {
        vsw_netback_drop(nb, unit, pkt, VSW_DROP_QUEUE_FULL);
    }
}

/* Whoever held the pages of what the NIC has sent gets them back. */
static void
reclaim(struct vsw_netback_nic *nic)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(nic->queue);

    while (nic->reclaimed != ring->frees.seen) {
        struct vsw_netback_sent *sent
            = &nic->in_flight[nic->reclaimed & ring->mask];

        nic->reclaimed += sent->n_slots;
        netback_let_go(nic->nb, nic->softirq.unit, &sent->held, sent->buf);
    }
}

static void
fill(struct vsw_netback_nic *nic, uint32_t id, uint32_t n_slots)
{
    struct vsw_netback *nb = nic->nb;
    struct vsw_ring *ring = vsw_nic_tx_ring(nic->queue);
    uint32_t slot = vsw_ring_fill(ring, id, n_slots);

    charge(nic, VSW_COST_NIC_TX_PKT, n_slots);
    nic->in_flight[slot] = (struct vsw_netback_sent) {
        .held = nb->held[id],
        .buf = nb->sw->pkts->pkts[id].buf,
        .n_slots = n_slots,
    };
}

/* Hands queued packets to the NIC as long as it has descriptors. */
static void
send_queued(struct vsw_netback_nic *nic)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(nic->queue);
    struct vsw_unit *unit = nic->softirq.unit;
    uint32_t n_credits = vsw_ring_credits(ring, unit->sync_ps);
    struct vsw_backlog *queued = &nic->queued;
    struct vsw_backlog_item item;
    uint32_t n = 0;

    while (vsw_backlog_ready_ps(queued) <= unit->sync_ps) {
        uint32_t id = queued->items[queued->head & queued->mask].pkt;
        uint32_t n_slots = vsw_queue_n_slots(
            nic->queue, nic->nb->sw->pkts->pkts[id].frame_bytes);

        if (n_slots > n_credits) {
            break;
        }
        if (n++ == 0) {
            charge(nic, VSW_COST_NIC_TX_BATCH, 1);
        }
        vsw_backlog_take(queued, unit->sync_ps, &item);
        fill(nic, id, n_slots);
        n_credits -= n_slots;
    }
    if (n > 0) {
        vsw_bus_doorbell(nic->port->bus, unit);
        vsw_ring_publish(ring, unit->local_ps);
    }
}

/* Lets the next descriptor that comes free interrupt, but not too soon. */
static void
expect_sent(struct vsw_netback_nic *nic)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(nic->queue);
    uint32_t n_in_flight = ring->filled - ring->frees.seen;

    nic->sent_source.kind = n_in_flight > 0 ? VSW_SOURCE_FREED
                                            : VSW_SOURCE_NEVER;
    nic->sent_source.n_needed = ring->mask + 1 - n_in_flight + 1;
}

static void
take_sent(void *owner, struct vsw_worker *worker)
{
    struct vsw_netback_nic *nic = owner;

    nic->sent_source.kind = VSW_SOURCE_NEVER;
    nic->sent_source.not_before_ps
        = worker->unit->sync_ps + nic->nb->setup.irq_gap_ns * 1000;
    nic->irq_taken = true;
    vsw_enter_hypervisor(worker->unit, VSW_ENTRY_HYPERCALL);
    vsw_worker_wake(&nic->softirq, worker->unit->local_ps);
}

/* --- From the wire ------------------------------------------------------- */

/* Largest payload of an aggregated segment: full frames in 64 KB. */
#define MAX_GRO_BYTES (45 * 1448)

static void
pass_on(struct vsw_netback_nic *nic, uint32_t id)
{
    struct vsw_netback *nb = nic->nb;
    struct vsw_unit *unit = nic->softirq.unit;
    uint32_t port = nb->setup.forward(nb->setup.aux, unit, id);

    if (port != VSW_NETBACK_TAKEN) {
        vsw_netback_route(nb, unit, id, port);
    }
}

static void
let_go_of(struct vsw_netback_nic *nic, uint32_t i)
{
    uint32_t id = nic->gro[i].pkt;

    nic->n_gro--;
    memmove(&nic->gro[i], &nic->gro[i + 1],
            (nic->n_gro - i) * sizeof nic->gro[0]);
    pass_on(nic, id);
}

static void
hold_for_more(struct vsw_netback_nic *nic, uint32_t id)
{
    const uint32_t *next = nic->nb->sw->bufs.next;
    struct vsw_netback_gro *gro;

    if (nic->n_gro == VSW_NETBACK_MAX_GRO) {
        let_go_of(nic, 0);
    }
    gro = &nic->gro[nic->n_gro++];
    gro->pkt = id;
    gro->last_buf = nic->nb->sw->pkts->pkts[id].buf;
    while (next[gro->last_buf] != VSW_NONE) {
        gro->last_buf = next[gro->last_buf];
    }
}

/* Joins 'id' to a packet of its flow that is held, or holds it; what does not
 * continue the one that is held sends that on first. */
static void
aggregate(struct vsw_netback_nic *nic, uint32_t id)
{
    struct vsw_pkts *pkts = nic->nb->sw->pkts;
    const struct vsw_pkt *pkt = &pkts->pkts[id];
    uint32_t i = 0;

    while (i < nic->n_gro
           && pkts->pkts[nic->gro[i].pkt].flow_id != pkt->flow_id) {
        i++;
    }
    if (i < nic->n_gro
        && vsw_pkt_may_join(&pkts->pkts[nic->gro[i].pkt], pkt,
                            MAX_GRO_BYTES)) {
        uint32_t buf = pkt->buf;

        vsw_pkt_join(pkts, nic->nb->sw->bufs.next, nic->gro[i].last_buf,
                     nic->gro[i].pkt, id);
        nic->gro[i].last_buf = buf;
        return;
    }
    if (i < nic->n_gro) {
        let_go_of(nic, i);
    }
    hold_for_more(nic, id);
}

static void
receive_one(struct vsw_netback_nic *nic)
{
    struct vsw_netback *nb = nic->nb;
    struct vsw_queue *queue = nic->queue;
    uint32_t slot, n_slots;
    uint32_t id = vsw_ring_pop(vsw_nic_rx_ring(queue), &slot, &n_slots);

    charge(nic, VSW_COST_NIC_RX_PKT, n_slots);
    nb->sw->pkts->pkts[id].buf
        = vsw_queue_swap_bufs(queue, &nb->sw->bufs, queue->tx_bufs, slot,
                              n_slots, vsw_bufpool_get(pool_of(nic), n_slots));
    nb->held[id].vif = VSW_NONE;
    if (nb->setup.gro) {
        aggregate(nic, id);
    } else {
        pass_on(nic, id);
    }
}

/* What a frame may take of the pool. */
#define MAX_FRAME_BUFS 20

/* Takes received frames; true if the poll is over. */
static bool
receive(struct vsw_netback_nic *nic)
{
    struct vsw_worker *worker = &nic->softirq;
    uint32_t n_visible = vsw_ring_visible(vsw_nic_rx_ring(nic->queue),
                                          worker->unit->sync_ps);

    if (n_visible == 0 || pool_of(nic)->n_free < MAX_FRAME_BUFS) {
        return true;
    }
    if (nic->n_polled == 0) {
        charge(nic, VSW_COST_NIC_RX_BATCH, 1);
        nic->n_polls++;
    }
    do {
        receive_one(nic);
        n_visible = vsw_ring_visible(vsw_nic_rx_ring(nic->queue),
                                     worker->unit->sync_ps);
        nic->n_polled++;
    } while (n_visible > 0 && nic->n_polled < rule.weight_pkts
             && !vsw_worker_quantum_over(worker)
             && pool_of(nic)->n_free >= MAX_FRAME_BUFS);
    vsw_ring_free(vsw_nic_rx_ring(nic->queue), worker->unit->local_ps);
    return false;
}

static void
end_poll(struct vsw_netback_nic *nic)
{
    while (nic->n_gro > 0) {
        let_go_of(nic, 0);
    }
    if (nic->n_polled > 0) {
        vsw_bus_doorbell(nic->port->bus, nic->softirq.unit);
    }
    nic->n_polled = 0;
}

/* Goes on with the poll or, when that was a full one, after the thread. */
static void
go_on(struct vsw_netback_nic *nic)
{
    const struct vsw_netback_thread *t = &nic->nb->threads[nic->index];

    if (nic->n_polled >= rule.weight_pkts) {
        end_poll(nic);
        nic->wants_more = !t->blocked && t->n_vifs > 0;
    }
    if (!nic->wants_more) {
        vsw_worker_go_on(&nic->softirq);
    }
}

void
netback_resume_nics(struct vsw_netback_thread *t)
{
    struct vsw_netback *nb = t->nb;

    for (uint32_t i = 0; nb->nics && i < nb->n_nics; i++) {
        struct vsw_netback_nic *nic = &nb->nics[i];

        if (nic->wants_more && nic->softirq.unit == t->worker.unit) {
            vsw_worker_wake(&nic->softirq, t->worker.unit->local_ps);
        }
    }
}

static void
softirq_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_netback_nic *nic = owner;

    nic->wants_more = false;
    if (nic->irq_taken) {
        nic->irq_taken = false;
        vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ,
                        VSW_COST_GUEST_IRQ, 1);
    }
    vsw_unit_enter(worker->unit, worker->domain, VSW_STAGE_RECEIVE);
    reclaim(nic);
    send_queued(nic);
    expect_sent(nic);
    if (!receive(nic)) {
        go_on(nic);
        return;
    }
    end_poll(nic);
    if (nic->port->nic->queues[nic->index].is_masked) {
        vsw_nic_unmask(nic->port->nic, nic->index, worker->unit);
    }
}

/* The hypervisor takes the interrupt and sends an event to the driver domain,
 * on the same CPU. */
static void
take_irq(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_netback_nic *nic = irq->aux;

    vsw_enter_hypervisor(unit, VSW_ENTRY_HYPERCALL);
    nic->irq_taken = true;
    vsw_worker_wake(&nic->softirq, unit->local_ps);
}

/* --- Starting ------------------------------------------------------------ */

static int
add_worker(const struct vsw_netback_nic *nic, struct vsw_worker *worker,
           uint32_t priority, vsw_work_fn work)
{
    const struct vsw_switch *sw = nic->nb->sw;
    int error;

    worker->unit = sw->units[nic->index];
    worker->work = work;
    worker->owner = (void *) nic;
    worker->priority = priority;
    worker->domain = nic->nb->setup.domain;
    error = vsw_worker_add(worker);
    if (!error && sw->tasks && sw->tasks[nic->index]) {
        vsw_task_adopt(sw->tasks[nic->index], worker);
    }
    return error;
}

static int
start_nic(struct vsw_netback *nb, uint32_t wire, uint32_t index)
{
    struct vsw_netback_nic *nic = &nb->nics[wire * nb->n_threads + index];
    struct vsw_ring *ring;
    int error;

    nic->nb = nb;
    nic->port = &nb->sw->ports[nb->n_vifs + wire];
    nic->queue = &nic->port->queues[index];
    nic->index = index;
    ring = vsw_nic_tx_ring(nic->queue);
    nic->in_flight = calloc(ring->mask + 1, sizeof *nic->in_flight);
    nic->sent_source = (struct vsw_source) {
        .ring = ring,
        .kind = VSW_SOURCE_FREED,
        .n_needed = 1,
    };
    if (!nic->in_flight
        || vsw_backlog_init(&nic->queued, nb->setup.n_nic_queue_pkts)) {
        return -ENOMEM;
    }
    error = add_worker(nic, &nic->softirq, SOFTIRQ_PRIORITY, softirq_work);
    error = error ? error
                  : add_worker(nic, &nic->sent, SENT_PRIORITY, take_sent);
    if (error) {
        return error;
    }
    vsw_worker_serve(&nic->sent, &nic->sent_source, 1);
    nic->sent_source.kind = VSW_SOURCE_NEVER;
    vsw_unit_reschedule(nic->sent.unit);
    vsw_irq_init(&nic->irq, nic->softirq.unit, nb->setup.hypervisor, take_irq,
                 nic);
    vsw_nic_attach_irq(nic->port->nic, index, &nic->irq);
    return 0;
}

int
netback_start_nics(struct vsw_netback *nb, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_NIC_RX_BATCH, VSW_COST_NIC_RX_PKT, VSW_COST_NIC_TX_BATCH,
        VSW_COST_NIC_TX_PKT,   VSW_COST_DOORBELL,
    };
    uint32_t n_wires = nb->sw->n_wires;
    int error = 0;

    if (n_wires == 0) {
        return 0;
    }
    error = vsw_sim_require_costs(nb->sw->sim, "netback with a NIC", costs,
                                  VSW_N_ELEMS(costs), err);
    if (error) {
        return error;
    }
    nb->n_nics = n_wires * nb->n_threads;
    nb->nics = calloc(nb->n_nics, sizeof *nb->nics);
    for (uint32_t i = 0; nb->nics && !error && i < nb->n_nics; i++) {
        error = start_nic(nb, i / nb->n_threads, i % nb->n_threads);
    }
    return nb->nics && !error
           ? 0
           : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                           "out of memory for the NICs of a driver domain");
}

void
netback_fini_nics(struct vsw_netback *nb)
{
    for (uint32_t i = 0; nb->nics && i < nb->n_nics; i++) {
        free(nb->nics[i].in_flight);
        vsw_backlog_fini(&nb->nics[i].queued);
    }
    free(nb->nics);
}
