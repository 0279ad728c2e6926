/* From guests: requests, and their ends. */
#include <assert.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netback_impl.h"

/* --- Transmit ------------------------------------------------------------ */

static void
add_items(struct vsw_netback_thread *t, struct vsw_netback_pkt *p)
{
    const struct vsw_queue *queue = t->vif->vnic->queue;
    const struct vsw_pkt *pkt = &t->nb->sw->pkts->pkts[p->pkt];
    uint32_t to = VSW_NONE;

    if (netback_copies_tx(t->nb)) {
        p->buf = to = vsw_bufpool_get(&t->pool, p->n_slots);
        vsw_bufs_lend(&t->nb->sw->bufs, &t->nb->pages,
                      (uint32_t) (t - t->nb->threads), 0, to);
    }
    for (uint32_t i = 0; i < p->n_slots; i++) {
        uint32_t page = queue->tx_bufs[(p->slot + i) & queue->tx.mask];

        t->items[t->n_items++] = (struct vsw_grant_item) {
            .page = page,
            .n_bytes = netback_page_bytes(pkt, queue->buf_bytes, i),
            .from = page,
            .to = to,
        };
        to = to == VSW_NONE ? to : t->nb->sw->bufs.next[to];
    }
}

/* Room for a packet of 'n_slots' in the batch and in the driver domain. */
static bool
has_room(const struct vsw_netback_thread *t, uint32_t n_slots)
{
    const struct vsw_netback *nb = t->nb;

    return t->n_items + n_slots <= VSW_NETBACK_MAX_ITEMS
           && (netback_copies_tx(nb)
                   ? t->pool.n_free >= n_slots
                   : t->n_pending + t->n_items + n_slots
                         <= VSW_NETBACK_MAX_ITEMS);
}

static uint32_t
n_slots_of_next(const struct vsw_netback_thread *t,
                const struct vsw_queue *queue)
{
    uint32_t pkt = vsw_ring_peek(&queue->tx);

    return vsw_queue_n_slots(queue, t->nb->sw->pkts->pkts[pkt].frame_bytes);
}

bool
netback_take_transmit(struct vsw_netback_thread *t,
                      struct vsw_netback_vif *vif)
{
    struct vsw_queue *queue = vif->vnic->queue;
    uint32_t n_visible = vsw_ring_visible(&queue->tx,
                                          t->worker.unit->sync_ps);

    t->vif = vif;
    t->n_items = 0;
    t->n_batch = 0;
    while (n_visible > 0 && has_room(t, n_slots_of_next(t, queue))) {
        struct vsw_netback_pkt *p = &t->batch[t->n_batch++];

        p->pkt = vsw_ring_pop(&queue->tx, &p->slot, &p->n_slots);
        n_visible -= p->n_slots;
        vif->n_held += p->n_slots;
        add_items(t, p);
    }
    vif->lacks_room = t->n_batch == 0 && n_visible > 0;
    if (t->n_batch == 0) {
        t->nb->pool_is_short |= vif->lacks_room && netback_copies_tx(t->nb);
        return false;
    }
    vsw_doze_awake(&vif->doze, &t->worker);
    if (!netback_by_guest(t->nb)) {
        netback_begin_call(t, netback_copies_tx(t->nb) ? VSW_GRANT_OP_COPY
                                                       : VSW_GRANT_OP_MAP);
    }
    return true;
}

bool
netback_transmit_get(struct vsw_netback_thread *t)
{
    struct vsw_netback *nb = t->nb;

    if (!netback_by_guest(nb) && !netback_run_call(t)) {
        return false;
    }
    if (!netback_copies_tx(nb)) {
        t->n_pending += t->n_items;
        nb->live_sum += nb->foreign.n_live;
    }
    return true;
}

/* Notes whose pages the packet lies in. */
static void
hold(struct vsw_netback_thread *t, const struct vsw_netback_pkt *p)
{
    struct vsw_netback *nb = t->nb;
    struct vsw_netback_vif *vif = t->vif;
    struct vsw_pkt *pkt = &nb->sw->pkts->pkts[p->pkt];
    struct vsw_queue *queue = vif->vnic->queue;

    if (netback_copies_tx(nb)) {
        memcpy(nb->sw->bufs.headers[p->buf],
               nb->sw->bufs.headers[queue->tx_bufs[p->slot]],
               VSW_HEADER_BYTES);
        pkt->buf = p->buf;
        nb->held[p->pkt].vif = VSW_NONE;
        return;
    }
    pkt->buf = queue->tx_bufs[p->slot];
    nb->held[p->pkt] = (struct vsw_netback_held) {
        .vif = (uint32_t) (vif - nb->vifs),
        .slot = p->slot,
        .n_slots = p->n_slots,
    };
    for (uint32_t i = 0; netback_by_guest(nb) && i < p->n_slots; i++) {
        const struct vsw_grantor *g = &vif->grantor;
        uint32_t ref = g->ways[VSW_GRANT_TX].refs[(p->slot + i)
                                                  & queue->tx.mask];

        if (ref != VSW_NONE) {
            vsw_foreign_use(&nb->foreign, nb->sw->sim,
                            g->setup.first_ref + ref);
        }
    }
}

static void
send_one(struct vsw_netback_thread *t, const struct vsw_netback_pkt *p)
{
    struct vsw_netback *nb = t->nb;
    struct vsw_unit *unit = t->worker.unit;
    uint32_t port;

    hold(t, p);
    vsw_mem_run(unit, VSW_CODE_NETBACK);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETBACK, VSW_COST_NETBACK_PKT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETBACK, VSW_COST_NETBACK_SLOT,
                    p->n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_NETBACK, &t->vif->vnic->queue->tx_mem,
                      p->slot, p->n_slots, VSW_MEM_READ);
    if (netback_copies_tx(nb)) {
        netback_answer(t->vif, p->slot, p->n_slots);
    }
    port = nb->setup.forward(nb->setup.aux, unit, p->pkt);
    if (port != VSW_NETBACK_TAKEN) {
        vsw_netback_route(nb, unit, p->pkt, port);
    }
}

bool
netback_transmit_send(struct vsw_netback_thread *t)
{
    vsw_unit_enter(t->worker.unit, t->worker.domain, VSW_STAGE_SWITCH);
    while (t->at < t->n_batch) {
        if (vsw_worker_quantum_over(&t->worker)) {
            vsw_worker_go_on(&t->worker);
            return false;
        }
        send_one(t, &t->batch[t->at++]);
    }
    return true;
}

/* --- Finish -------------------------------------------------------------- */

static void
add_finished(struct vsw_netback_thread *t, uint32_t slot, uint32_t n_slots)
{
    const struct vsw_queue *queue = t->vif->vnic->queue;
    struct vsw_netback_pkt *p = &t->batch[t->n_batch++];

    *p = (struct vsw_netback_pkt) {.slot = slot, .n_slots = n_slots};
    for (uint32_t i = 0; i < n_slots; i++) {
        t->items[t->n_items++] = (struct vsw_grant_item) {
            .page = queue->tx_bufs[(slot + i) & queue->tx.mask],
        };
    }
}

bool
netback_take_finish(struct vsw_netback_thread *t,
                    struct vsw_netback_vif *vif)
{
    uint64_t now_ps = t->worker.unit->sync_ps;
    struct vsw_backlog_item item;

    t->vif = vif;
    t->n_items = 0;
    t->n_batch = 0;
    /* All that waits are slots of one thread's limit, so they fit. */
    while (vsw_backlog_take(&vif->done, now_ps, &item)) {
        add_finished(t, item.pkt, item.tag);
    }
    if (t->n_batch == 0) {
        return false;
    }
    if (!netback_by_guest(t->nb)) {
        netback_begin_call(t, VSW_GRANT_OP_UNMAP);
    }
    return true;
}

bool
netback_finish_unmap(struct vsw_netback_thread *t)
{
    if (!netback_by_guest(t->nb) && !netback_run_call(t)) {
        return false;
    }
    t->n_pending -= t->n_items;
    return true;
}

void
netback_answer(struct vsw_netback_vif *vif, uint32_t slot, uint32_t n_slots)
{
    struct vsw_ring *ring = &vif->vnic->queue->tx;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_slots; i++) {
        vif->is_done[(slot + i) & ring->mask] = true;
    }
    while (n < vif->n_held && vif->is_done[vif->first_held & ring->mask]) {
        vif->is_done[vif->first_held & ring->mask] = false;
        vif->first_held++;
        n++;
    }
    vif->n_held -= n;
    vsw_ring_free_some(ring, n, vif->thread->worker.unit->local_ps);
}

static void
end_use(struct vsw_netback *nb, struct vsw_netback_vif *vif, uint32_t slot,
        uint32_t n_slots)
{
    const struct vsw_grantor *g = &vif->grantor;

    for (uint32_t i = 0; i < n_slots; i++) {
        uint32_t ref = g->ways[VSW_GRANT_TX]
                           .refs[(slot + i) & vif->vnic->queue->tx.mask];

        if (ref != VSW_NONE) {
            vsw_foreign_end_use(&nb->foreign, g->setup.first_ref + ref);
        }
    }
}

bool
netback_finish_respond(struct vsw_netback_thread *t)
{
    for (uint32_t i = 0; i < t->n_batch; i++) {
        const struct vsw_netback_pkt *p = &t->batch[i];

        if (netback_by_guest(t->nb)) {
            end_use(t->nb, t->vif, p->slot, p->n_slots);
        }
        netback_answer(t->vif, p->slot, p->n_slots);
    }
    return true;
}

/* An event about free slots, if the guest waits for some. */
bool
netback_finish_notify(struct vsw_netback_thread *t)
{
    struct vsw_worker *worker = &t->worker;

    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    return !vsw_vnic_tx_wanted(t->vif->vnic, worker->unit)
           || netback_notify(t);
}

/* What was copied is answered at once. */
bool
netback_transmit_notify(struct vsw_netback_thread *t)
{
    return !netback_copies_tx(t->nb) || netback_finish_notify(t);
}
