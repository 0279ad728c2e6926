/* From the guest's transmit ring to the receiver's queue. */
#include "models/hyper_switch/hyper.h"

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

/* Counts the packets in what was published since the last look.  A slot is
 * looked at before it is freed, so none is missed. */
uint32_t
hyper_n_pending(struct hyper_vnic *v)
{
    const struct vsw_ring *ring = &v->vnic->queue->tx;

    for (; v->tx_seen != ring->fills.done; v->tx_seen++) {
        v->n_published += ring->slots[v->tx_seen & ring->mask] != VSW_NONE;
    }
    return v->n_published - v->n_taken;
}

void
hyper_complete(struct hyper *h, uint32_t in_port, uint32_t bufs)
{
    struct hyper_vnic *from = &h->vnics[in_port];

    vsw_bufpool_put(&from->spare, bufs);
    if (h->congestion) {
        vsw_congestion_release(h->congestion, in_port, NULL);
    }
    if (from->is_starved) {
        from->is_starved = false;
        from->switch_due = true;
        hyper_wake(from);
    }
}

static void
drop(struct hyper *h, uint32_t pkt, enum vsw_drop why, struct vsw_unit *unit)
{
    const struct vsw_pkt *p = &h->sw->pkts->pkts[pkt];

    hyper_complete(h, p->in_port, p->buf);
    vsw_pkt_drop(h->sw->pkts, unit, pkt, why);
}

void
hyper_route(struct hyper *h, uint32_t pkt, uint32_t out_port,
            struct vsw_unit *unit)
{
    if (out_port == VSW_KSWITCH_HELD) {
        return;
    }
    if (out_port < h->n_vnics) {
        hyper_put(&h->vnics[out_port], pkt, unit);
    } else if (out_port == VSW_PORT_FLOOD) {
        drop(h, pkt, VSW_DROP_NO_ROUTE, unit);
    } else {
        drop(h, pkt, vsw_kswitch_drop(out_port), unit);
    }
}

/* Drops the oldest packet of the sender that waits in any queue; one that is
 * being copied is as good as gone.  False if there is none. */
static bool
drop_oldest(struct hyper_vnic *from, struct vsw_unit *unit)
{
    struct hyper *h = from->hyper;
    struct hyper_vnic *holder = NULL;
    uint64_t oldest_ps = VSW_NEVER;
    uint32_t pkt;

    for (uint32_t i = 0; i < h->n_vnics; i++) {
        uint64_t born_ps = vsw_pkt_fifo_born_ps(&h->vnics[i].queued,
                                                from->index);

        if (born_ps < oldest_ps) {
            oldest_ps = born_ps;
            holder = &h->vnics[i];
        }
    }
    if (!holder) {
        return false;
    }
    pkt = vsw_pkt_fifo_take_of(&holder->queued, unit, from->index);
    vsw_bufpool_put(&from->spare, h->sw->pkts->pkts[pkt].buf);
    vsw_pkt_drop(h->sw->pkts, unit, pkt, VSW_DROP_QUEUE_FULL);
    return true;
}

/* Asks the cap, if there is one, for room for one more packet. */
static bool
is_below_cap(struct hyper_vnic *from, struct vsw_unit *unit)
{
    struct hyper *h = from->hyper;

    if (!h->congestion) {
        return true;
    }
    switch (vsw_congestion_admit(h->congestion, from->index, NULL)) {
    case VSW_CONGESTION_ADMIT:
        return true;
    case VSW_CONGESTION_REPLACE:
        h->n.congested++;
        return drop_oldest(from, unit);
    case VSW_CONGESTION_REFUSE:
        break;
    }
    h->n.congested++;
    return false;
}

/* Whether the sender may have one more packet of 'n_slots' under way. */
static bool
admit(struct hyper_vnic *from, uint32_t n_slots, struct vsw_unit *unit)
{
    from->is_starved = from->spare.n_free < n_slots
                       || !is_below_cap(from, unit);
    return !from->is_starved;
}

/* Takes the next packet off the ring; its buffers stay the sender's, others
 * of the sender take their place behind the slots. */
static void
take(struct hyper_hands *hands, struct hyper_vnic *from, uint32_t n_slots,
     struct vsw_unit *unit)
{
    struct vsw_switch *sw = from->hyper->sw;
    struct vsw_queue *queue = from->vnic->queue;
    uint32_t fresh = vsw_bufpool_get(&from->spare, n_slots);
    uint32_t slot, n;

    hyper_n_pending(from);
    from->n_taken++;
    hands->pkt = vsw_ring_pop(&queue->tx, &slot, &n);
    sw->pkts->pkts[hands->pkt].buf = vsw_queue_swap_bufs(
        queue, &sw->bufs, queue->tx_bufs, slot, n, fresh);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, n);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_DESC, &queue->tx_mem, slot, n,
                      VSW_MEM_READ);
    vsw_ring_free(&queue->tx, unit->local_ps);
}

static enum vsw_idle_result
begin(struct hyper_hands *hands, struct hyper_vnic *from,
      struct vsw_worker *worker)
{
    struct hyper *h = from->hyper;
    struct vsw_unit *unit = worker->unit;
    struct vsw_ring *tx = &from->vnic->queue->tx;
    uint32_t n_slots;

    if (!vsw_lock_try(&from->tx_lock, worker)) {
        h->n.tx_lock_failures++;
        return VSW_IDLE_LOCKED;
    }
    vsw_unit_enter(unit, unit->domain, VSW_STAGE_SWITCH);
    if (vsw_ring_visible(tx, unit->sync_ps) == 0) {
        vsw_lock_release(&from->tx_lock, worker);
        return VSW_IDLE_NOTHING;
    }
    n_slots = vsw_queue_n_slots(
        from->vnic->queue, h->sw->pkts->pkts[vsw_ring_peek(tx)].frame_bytes);
    if (!admit(from, n_slots, unit)) {
        vsw_lock_release(&from->tx_lock, worker);
        return VSW_IDLE_NOTHING;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    take(hands, from, n_slots, unit);
    hands->out_port = vsw_kswitch_forward(&h->flows, unit, hands->pkt);
    return VSW_IDLE_MORE;
}

/* At sync: the packet becomes visible, and the ring is free. */
static enum vsw_idle_result
end(struct hyper_hands *hands, struct hyper_vnic *from,
    struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    bool tell_sender = vsw_vnic_tx_wanted(from->vnic, unit);
    uint32_t pkt = hands->pkt;

    hands->pkt = VSW_NONE;
    from->hyper->n.switched++;
    vsw_lock_release(&from->tx_lock, worker);
    hyper_route(from->hyper, pkt, hands->out_port, unit);
    if (tell_sender) {
        hyper_notify(from, unit, UINT32_MAX);
    }
    return VSW_IDLE_DONE;
}

enum vsw_idle_result
hyper_switch_packet(struct hyper_hands *hands, struct hyper_vnic *from,
                    struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    uint64_t from_ps = unit->local_ps;
    enum vsw_idle_result result = hands->pkt == VSW_NONE
                                      ? begin(hands, from, worker)
                                      : end(hands, from, worker);

    from->caused_ps += unit->local_ps - from_ps;
    return result;
}

bool
hyper_kick(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct hyper_vnic *v = vnic->backend;
    struct hyper *h = v->hyper;
    uint32_t n_pending;

    if (v->in_hypercall) {
        v->in_hypercall = false;
        return true;
    }
    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    n_pending = hyper_n_pending(v);
    if (n_pending == 0) {
        return true;    /* An idle CPU was faster. */
    }
    hyper_tell_pollers(h);
    if (!vsw_tx_batch_enqueue(&v->tx_batch, n_pending)) {
        h->n.tx_left++;
        return true;
    }
    h->n.tx_entries++;
    vsw_enter_hypervisor(worker->unit, VSW_ENTRY_HYPERCALL);
    vsw_tx_batch_start(&v->tx_batch);
    v->switch_due = true;
    v->in_hypercall = true;
    hyper_wake(v);
    vsw_worker_go_on(worker);
    return false;
}

/* --- The timer ----------------------------------------------------------- */

static void
act(struct hyper_vnic *v, enum vsw_tx_expiry expiry)
{
    if (expiry == VSW_TX_SWITCH) {
        v->hyper->n.tx_timer_switches++;
        v->switch_due = true;
        hyper_wake(v);
    } else if (expiry == VSW_TX_WAIT) {
        vsw_worker_wake(&v->late, v->late.unit->local_ps);
    }
}

static void
expired(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct hyper_vnic *v = timer->aux;
    const struct vsw_task *task = v->vnic->task;

    hyper_enter_by_timer(v, unit);
    act(v, vsw_tx_batch_expire(&v->tx_batch, hyper_n_pending(v),
                               task && !vsw_task_is_current(task)));
}

static void
sender_runs(void *owner, struct vsw_worker *worker)
{
    struct hyper_vnic *v = owner;

    (void) worker;
    act(v, vsw_tx_batch_sender_runs(&v->tx_batch, hyper_n_pending(v)));
}

void
hyper_init_tx(struct hyper_vnic *v)
{
    struct hyper *h = v->hyper;

    vsw_tx_batch_init(&v->tx_batch, v->vnic->unit, h->sw->domain,
                      &h->tx_rule, expired, v);
    v->late.unit = v->vnic->unit;
    v->late.work = sender_runs;
    v->late.owner = v;
    v->late.domain = h->sw->domain;
}
