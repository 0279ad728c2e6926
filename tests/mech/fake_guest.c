#include "fake_guest.h"

#include <string.h>

#include "vsw_test.h"

#include "core/account.h"

enum {
    LOOK,
    TAKE_BACK,
    GRANT,
    KICK,
    RETURN,
    POST,
};

#define WORK_PS UINT64_C(300000)

static bool
ask(struct fake_guest *g, vsw_vnic_slots_fn fn)
{
    return !fn || fn(g->vnic, &g->worker, g->slot, g->n_slots);
}

/* Takes back what the backend has freed. */
static bool
find_freed(struct fake_guest *g)
{
    struct vsw_ring *tx = &g->vnic->queue->tx;

    vsw_ring_credits(tx, g->worker.unit->sync_ps);
    g->n_slots = tx->frees.seen - g->n_taken_back;
    g->slot = g->n_taken_back & tx->mask;
    return g->n_slots > 0;
}

static bool
find_received(struct fake_guest *g)
{
    struct vsw_ring *rx = &g->vnic->queue->rx;

    if (vsw_ring_visible(rx, g->worker.unit->sync_ps) == 0) {
        return false;
    }
    g->pkt = vsw_ring_pop(rx, &g->slot, &g->n_slots);
    return true;
}

static bool
find_room(struct fake_guest *g)
{
    struct vsw_queue *queue = g->vnic->queue;

    g->n_slots = vsw_queue_n_slots(queue, g->frame_bytes);
    g->slot = queue->tx.filled & queue->tx.mask;
    return g->n_sent < g->n_to_send
           && vsw_ring_credits(&queue->tx, g->worker.unit->sync_ps)
                  >= g->n_slots;
}

static void
publish(struct fake_guest *g)
{
    struct vsw_switch *sw = g->sw;
    struct vsw_queue *queue = g->vnic->queue;
    struct vsw_unit *unit = g->worker.unit;
    uint32_t pkt = vsw_pkt_create(sw->pkts, unit, g->flow, queue->port,
                                  g->frame_bytes, unit->local_ps);

    vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER, WORK_PS);
    sw->pkts->pkts[pkt].buf = queue->tx_bufs[g->slot];
    vsw_ring_fill(&queue->tx, pkt, g->n_slots);
    vsw_ring_publish(&queue->tx, unit->local_ps);
    g->n_sent++;
}

static void
deliver(struct fake_guest *g)
{
    vsw_unit_spend(g->worker.unit, VSW_ACCOUNT_DRIVER, WORK_PS);
    vsw_pkt_deliver(g->sw->pkts, g->worker.unit, g->pkt,
                    g->vnic->queue->port);
    g->n_received++;
}

/* The next thing to do; LOOK: nothing. */
static uint32_t
look(struct fake_guest *g)
{
    vsw_flag_set(&g->vnic->tx_wanted, g->worker.unit,
                 g->vnic->queue->tx.filled != g->n_taken_back);
    if (find_freed(g)) {
        return TAKE_BACK;
    }
    if (find_received(g)) {
        deliver(g);
        return RETURN;
    }
    return find_room(g) ? GRANT : LOOK;
}

static bool
do_step(struct fake_guest *g)
{
    const struct vsw_vnic_ops *ops = g->vnic->ops;

    switch (g->step) {
    case TAKE_BACK:
        if (!ask(g, ops->tx_done)) {
            return false;
        }
        g->n_taken_back += g->n_slots;
        g->step = LOOK;
        return true;
    case GRANT:
        if (!ask(g, ops->tx_grant)) {
            return false;
        }
        publish(g);
        g->step = KICK;
        return true;
    case KICK:
        g->step = ops->kick(g->vnic, &g->worker) ? LOOK : KICK;
        return g->step == LOOK;
    case RETURN:
        g->step = ask(g, ops->rx_done) ? POST : RETURN;
        return g->step == POST;
    default:
        if (!ask(g, ops->rx_grant)) {
            return false;
        }
        vsw_ring_free(&g->vnic->queue->rx, g->worker.unit->local_ps);
        g->step = LOOK;
        return true;
    }
}

static void
work(void *owner, struct vsw_worker *worker)
{
    struct fake_guest *g = owner;

    for (;;) {
        if (g->step == LOOK) {
            if (!vsw_unit_at_sync(worker->unit)) {
                vsw_worker_go_on(worker);
                return;
            }
            g->step = look(g);
            if (g->step == LOOK) {
                return;
            }
        }
        if (!do_step(g)) {
            return;
        }
    }
}

static void
wake(void *aux, struct vsw_worker *worker)
{
    struct fake_guest *g = aux;

    vsw_worker_wake(&g->worker, worker->unit->local_ps);
}

void
fake_guest_start(struct fake_guest *g, struct vsw_switch *sw, uint32_t port,
                 uint32_t flow, uint32_t frame_bytes, uint32_t n_to_send)
{
    memset(g, 0, sizeof *g);
    g->sw = sw;
    g->vnic = &sw->ports[port].vnics[0];
    g->flow = flow;
    g->frame_bytes = frame_bytes;
    g->n_to_send = n_to_send;
    g->worker.unit = g->vnic->unit;
    g->worker.work = work;
    g->worker.owner = g;
    g->worker.priority = 20;
    g->worker.domain = g->vnic->domain;
    assert_int_equal(vsw_worker_add(&g->worker), 0);
    assert_int_equal(vsw_virq_init(&g->vnic->virq, g->vnic->unit, NULL,
                                   g->vnic->domain, 1, 5, wake, g), 0);
    g->vnic->virq.entry = VSW_ENTRY_HYPERCALL;
    vsw_flag_init(&g->vnic->tx_wanted, false);
    vsw_worker_wake(&g->worker, 0);
}
