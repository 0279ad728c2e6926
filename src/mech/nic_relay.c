#include <vswsim/nic_relay.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"

#define PRIORITY_IRQ  1
#define PRIORITY_WORK 2

/* Buffers on their way from one ring to the other. */
#define POOL_BUFS 64

static struct vsw_queue *
nic_queue(const struct vsw_nic_relay *r)
{
    return &r->setup.port->queues[0];
}

static void
charge(const struct vsw_nic_relay *r, uint32_t cost, uint32_t n)
{
    vsw_unit_charge(r->setup.unit, VSW_ACCOUNT_DRIVER, cost, n);
}

/* Puts the buffers 'chain' of a packet behind 'n' slots from 'slot' on, and
 * those that were there into the pool. */
static void
put_behind(struct vsw_nic_relay *r, const struct vsw_queue *queue,
           uint32_t *slots, uint32_t slot, uint32_t n, uint32_t chain)
{
    vsw_bufpool_put(&r->pool, vsw_queue_swap_bufs(queue, &r->sw->bufs, slots,
                                                  slot, n, chain));
}

/* Takes the buffers of a packet from behind its slots. */
static uint32_t
take_from(struct vsw_nic_relay *r, const struct vsw_queue *queue,
          uint32_t *slots, uint32_t slot, uint32_t n)
{
    return vsw_queue_swap_bufs(queue, &r->sw->bufs, slots, slot, n,
                               vsw_bufpool_get(&r->pool, n));
}

/* --- From the NIC -------------------------------------------------------- */

static bool
receive_one(struct vsw_nic_relay *r)
{
    struct vsw_queue *from = nic_queue(r);
    struct vsw_ring *ring = vsw_nic_rx_ring(from);
    struct vsw_pkt *pkts = r->sw->pkts->pkts;
    uint32_t pkt = vsw_ring_peek(ring);
    uint32_t n = vsw_queue_n_slots(&r->queue, pkts[pkt].frame_bytes);
    uint32_t slot, n_slots;

    if (vsw_ring_credits(&r->queue.tx, r->setup.unit->sync_ps) < n) {
        return false;
    }
    vsw_ring_pop(ring, &slot, &n_slots);
    pkts[pkt].buf = take_from(r, from, from->tx_bufs, slot, n_slots);
    slot = vsw_ring_fill(&r->queue.tx, pkt, n);
    put_behind(r, &r->queue, r->queue.tx_bufs, slot, n, pkts[pkt].buf);
    charge(r, VSW_COST_NIC_RX_PKT, n_slots);
    charge(r, VSW_COST_GUEST_TX_DESC, n);
    r->n_from_nic++;
    return true;
}

/* One burst; true if there was something. */
static bool
receive(struct vsw_nic_relay *r)
{
    struct vsw_unit *unit = r->setup.unit;
    struct vsw_ring *ring = vsw_nic_rx_ring(nic_queue(r));
    uint32_t n = 0;

    vsw_ring_visible(ring, unit->sync_ps);
    while (n < r->setup.burst_pkts && ring->popped != ring->fills.seen
           && !vsw_worker_quantum_over(&r->worker) && receive_one(r)) {
        n++;
    }
    if (n > 0) {
        charge(r, VSW_COST_NIC_RX_BATCH, 1);
        vsw_bus_doorbell(r->setup.port->bus, unit);
        vsw_ring_free(ring, unit->local_ps);
        vsw_ring_publish(&r->queue.tx, unit->local_ps);
        r->kick_due = true;
    }
    return n > 0;
}

/* --- Pages that were lent ------------------------------------------------ */

/* Lets the next descriptor that comes free interrupt, but not too soon. */
static void
expect_sent(struct vsw_nic_relay *r)
{
    const struct vsw_ring *ring = vsw_nic_tx_ring(nic_queue(r));
    uint32_t n_in_flight = ring->filled - ring->frees.seen;

    r->sent_source.kind = n_in_flight > 0 ? VSW_SOURCE_FREED
                                          : VSW_SOURCE_NEVER;
    r->sent_source.n_needed = ring->mask + 1 - n_in_flight + 1;
    vsw_unit_reschedule(r->setup.unit);
}

/* The packet at 'slot' of the NIC's ring is on the wire. */
static void
reclaim_one(struct vsw_nic_relay *r, uint32_t slot)
{
    const struct vsw_nic_relay_lender *lender = r->setup.lender;
    struct vsw_queue *queue = nic_queue(r);
    uint32_t n = r->sent[slot];

    if (lender->is_lent(lender->aux, queue->rx_bufs[slot])) {
        lender->take_back(lender->aux,
                          vsw_queue_swap_bufs(queue, &r->sw->bufs,
                                              queue->rx_bufs, slot, n,
                                              lender->own(lender->aux, n)));
    }
    r->reclaimed += n;
}

/* True: nothing is to be given back now. */
static bool
give_back(struct vsw_nic_relay *r)
{
    const struct vsw_nic_relay_lender *lender = r->setup.lender;
    struct vsw_ring *ring = vsw_nic_tx_ring(nic_queue(r));

    if (!r->gives_back) {
        vsw_ring_credits(ring, r->setup.unit->sync_ps);
        if (!r->sent_due
            && ring->frees.seen - r->reclaimed < r->setup.burst_pkts) {
            return true;
        }
        while (r->reclaimed != ring->frees.seen) {
            reclaim_one(r, r->reclaimed & ring->mask);
        }
        r->gives_back = true;
    }
    if (!lender->give_back(lender->aux, &r->worker)) {
        return false;
    }
    r->gives_back = false;
    r->sent_due = false;
    expect_sent(r);
    return true;
}

static void
on_sent(void *owner, struct vsw_worker *worker)
{
    struct vsw_nic_relay *r = owner;

    r->sent_source.kind = VSW_SOURCE_NEVER;
    r->sent_source.not_before_ps = worker->unit->sync_ps
                                   + r->setup.sent_gap_ns * 1000;
    r->sent_due = true;
    vsw_enter_hypervisor(worker->unit, VSW_ENTRY_HYPERCALL);
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ, VSW_COST_GUEST_IRQ,
                    1);
    vsw_worker_wake(&r->worker, worker->unit->local_ps);
}

/* --- To the NIC ---------------------------------------------------------- */

static bool
send_one(struct vsw_nic_relay *r)
{
    struct vsw_queue *to = nic_queue(r);
    struct vsw_ring *ring = vsw_nic_tx_ring(to);
    struct vsw_pkt *pkts = r->sw->pkts->pkts;
    uint32_t pkt = vsw_ring_peek(&r->queue.rx);
    uint32_t n = vsw_queue_n_slots(to, pkts[pkt].frame_bytes);
    uint32_t slot, n_slots;

    if (vsw_ring_credits(ring, r->setup.unit->sync_ps) < n) {
        r->room_source.n_needed = n;
        r->room_source.not_before_ps = 0;
        return false;
    }
    if (r->sent && ring->mask + 1 - (ring->filled - r->reclaimed) < n) {
        r->sent_due = true;     /* Lent pages are still behind the slots. */
        return false;
    }
    vsw_ring_pop(&r->queue.rx, &slot, &n_slots);
    pkts[pkt].buf = take_from(r, &r->queue, r->queue.rx_bufs, slot, n_slots);
    slot = vsw_ring_fill(ring, pkt, n);
    put_behind(r, to, to->rx_bufs, slot, n, pkts[pkt].buf);
    if (r->sent) {
        r->sent[slot] = n;
    }
    charge(r, VSW_COST_GUEST_RX_PKT, 1);
    charge(r, VSW_COST_NIC_TX_PKT, n);
    r->n_to_nic++;
    return true;
}

static bool
send(struct vsw_nic_relay *r)
{
    struct vsw_unit *unit = r->setup.unit;
    struct vsw_ring *ring = &r->queue.rx;
    uint32_t n = 0;

    vsw_ring_visible(ring, unit->sync_ps);
    while (n < r->setup.burst_pkts && ring->popped != ring->fills.seen
           && !vsw_worker_quantum_over(&r->worker) && send_one(r)) {
        n++;
    }
    if (n > 0) {
        charge(r, VSW_COST_NIC_TX_BATCH, 1);
        vsw_bus_doorbell(r->setup.port->bus, unit);
        vsw_ring_publish(vsw_nic_tx_ring(nic_queue(r)), unit->local_ps);
        vsw_ring_free(ring, unit->local_ps);
        if (r->setup.lender && r->sent_source.kind == VSW_SOURCE_NEVER) {
            expect_sent(r);
        }
    }
    return n > 0;
}

/* --- The vCPU ------------------------------------------------------------ */

/* Both rings are empty, or what they hold has no room: asks for interrupts,
 * looks once more, and blocks. */
static void
block(struct vsw_nic_relay *r)
{
    struct vsw_worker *worker = &r->worker;
    const struct vsw_vnic_ops *ops = r->vnic.ops;

    /* An interrupt that came for nothing has masked the NIC as well. */
    if (!r->asks || r->nic_masked) {
        r->asks = true;
        vsw_flag_set(&r->irq_wanted, worker->unit, true);
        vsw_flag_set(&r->vnic.tx_wanted, worker->unit, true);
        if (r->nic_masked) {
            r->nic_masked = false;
            vsw_nic_unmask(r->setup.port->nic, 0, worker->unit);
        }
        vsw_worker_go_on(worker);
    } else if (ops->before_block && ops->before_block(&r->vnic, worker)) {
        vsw_worker_go_on(worker);
    }
}

static void
stay_awake(struct vsw_nic_relay *r)
{
    if (r->asks) {
        r->asks = false;
        vsw_flag_set(&r->irq_wanted, r->worker.unit, false);
        vsw_flag_set(&r->vnic.tx_wanted, r->worker.unit, false);
    }
    vsw_worker_go_on(&r->worker);
}

static void
work(void *owner, struct vsw_worker *worker)
{
    struct vsw_nic_relay *r = owner;
    bool worked;

    if (r->setup.lender && !give_back(r)) {
        return;
    }
    if (r->kick_due) {
        r->kick_due = !r->vnic.ops->kick(&r->vnic, worker);
        vsw_worker_go_on(worker);
        return;
    }
    r->sends_next = !r->sends_next;
    worked = r->sends_next ? send(r) : receive(r);
    if (!worked) {
        worked = r->sends_next ? receive(r) : send(r);
    }
    if (worked) {
        stay_awake(r);
    } else if (r->sent_due || !vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
    } else {
        block(r);
    }
}

/* From the NIC, which masks itself, or from the backend. */
static void
on_irq(void *aux, struct vsw_worker *worker)
{
    struct vsw_nic_relay *r = aux;

    r->nic_masked |= worker == &r->nic_irq.worker;
    charge(r, VSW_COST_GUEST_RX_POLL, 1);
    vsw_worker_wake(&r->worker, worker->unit->local_ps);
}

static void
on_room(void *owner, struct vsw_worker *worker)
{
    struct vsw_nic_relay *r = owner;

    r->room_source.not_before_ps = VSW_NEVER;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ, VSW_COST_GUEST_IRQ,
                    1);
    vsw_worker_wake(&r->worker, worker->unit->local_ps);
}

/* --- Start --------------------------------------------------------------- */

static const uint16_t costs[] = {
    VSW_COST_NIC_RX_BATCH,  VSW_COST_NIC_RX_PKT,   VSW_COST_NIC_TX_BATCH,
    VSW_COST_NIC_TX_PKT,    VSW_COST_DOORBELL,     VSW_COST_GUEST_RX_POLL,
    VSW_COST_GUEST_RX_PKT,  VSW_COST_GUEST_TX_DESC,
    VSW_COST_NIC_IRQ_LATENCY,
};

uint32_t
vsw_nic_relay_n_bufs(const struct vsw_switch *sw)
{
    return 2 * sw->n_slots + POOL_BUFS;
}

static int
add_worker(struct vsw_nic_relay *r, struct vsw_worker *worker,
           vsw_work_fn function)
{
    int error;

    worker->unit = r->setup.unit;
    worker->work = function;
    worker->owner = r;
    worker->priority = PRIORITY_WORK;
    worker->domain = r->setup.domain;
    error = vsw_worker_add(worker);
    if (!error && r->setup.task) {
        vsw_task_adopt(r->setup.task, worker);
    }
    return error;
}

static int
add_virq(struct vsw_nic_relay *r, struct vsw_virq *virq)
{
    return vsw_virq_init(virq, r->setup.unit, r->setup.task, r->setup.domain,
                         r->sw->domain, PRIORITY_IRQ, on_irq, r);
}

/* Watches what the NIC has sent, but nothing is under way yet. */
static int
start_sent(struct vsw_nic_relay *r)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(nic_queue(r));
    int error;

    r->sent = calloc(ring->mask + 1, sizeof *r->sent);
    if (!r->sent) {
        return -ENOMEM;
    }
    error = add_worker(r, &r->on_sent, on_sent);
    if (error) {
        return error;
    }
    r->sent_source = (struct vsw_source) {
        .ring = ring, .kind = VSW_SOURCE_FREED, .n_needed = 1,
    };
    vsw_worker_serve(&r->on_sent, &r->sent_source, 1);
    r->sent_source.kind = VSW_SOURCE_NEVER;
    vsw_unit_reschedule(r->setup.unit);
    return 0;
}

int
vsw_nic_relay_start(struct vsw_nic_relay *r)
{
    int error = add_virq(r, &r->vnic.virq);

    error = error ? error : add_virq(r, &r->nic_irq);
    error = error ? error : add_worker(r, &r->worker, work);
    error = error ? error : add_worker(r, &r->room, on_room);
    if (error) {
        return error;
    }
    r->vnic.virq.entry = VSW_ENTRY_HYPERCALL;
    r->nic_irq.entry = VSW_ENTRY_HYPERCALL;
    r->vnic.virq.wanted = &r->irq_wanted;
    vsw_flag_init(&r->irq_wanted, true);
    vsw_flag_init(&r->vnic.tx_wanted, true);
    r->asks = true;
    r->room_source = (struct vsw_source) {
        .ring = vsw_nic_tx_ring(nic_queue(r)),
        .kind = VSW_SOURCE_FREED,
        .n_needed = 1,
        .not_before_ps = VSW_NEVER,
    };
    vsw_worker_serve(&r->room, &r->room_source, 1);
    vsw_nic_attach_irq(r->setup.port->nic, 0, &r->nic_irq.ipi.irq);
    return r->setup.lender ? start_sent(r) : 0;
}

int
vsw_nic_relay_init(struct vsw_nic_relay *relay, struct vsw_switch *sw,
                   const struct vsw_nic_relay_setup *setup,
                   struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, "a driver domain", costs,
                                      VSW_N_ELEMS(costs), err);

    if (error) {
        return error;
    }
    memset(relay, 0, sizeof *relay);
    relay->setup = *setup;
    relay->sw = sw;
    if (vsw_queue_init(&relay->queue, &sw->bufs, setup->port->index, 0,
                       sw->n_slots, nic_queue(relay)->buf_bytes)
        || vsw_queue_place(&relay->queue, &sw->bufs, sw->sim,
                           vsw_mem_node(setup->unit))) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a driver domain");
    }
    vsw_bufpool_init(&relay->pool, &sw->bufs, POOL_BUFS);
    relay->vnic.queue = &relay->queue;
    relay->vnic.guest = setup->port->index;
    relay->vnic.domain = setup->domain;
    relay->vnic.unit = setup->unit;
    relay->vnic.task = setup->task;
    return 0;
}

void
vsw_nic_relay_fini(struct vsw_nic_relay *relay)
{
    vsw_queue_fini(&relay->queue);
    free(relay->sent);
}
