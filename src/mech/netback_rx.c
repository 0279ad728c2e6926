/* To guests: packets that were switched to a vNIC. */
#include <assert.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netback_impl.h"

/* The first packet that waits for 'vif' and is seen, or VSW_NONE. */
static uint32_t
peek(const struct vsw_netback_vif *vif, uint64_t now_ps)
{
    const struct vsw_backlog *rx = &vif->rx;

    return vsw_backlog_ready_ps(rx) <= now_ps
           ? rx->items[rx->head & rx->mask].pkt
           : VSW_NONE;
}

/* The guest has not posted buffers enough: its next event wakes the thread. */
static void
starve(struct vsw_netback_vif *vif, uint32_t n_slots)
{
    struct vsw_netback_thread *t = vif->thread;

    for (uint32_t i = 0; i < t->n_vifs; i++) {
        if (t->vifs[i] == vif) {
            t->refill_sources[i].kind = VSW_SOURCE_FREED;
            t->refill_sources[i].n_needed = n_slots;
        }
    }
    vif->starved = true;
}

/* The page that holds part number 'i' of a packet, after 'page', the one
 * before it.  Frames that were joined are taken to fill their pages. */
static uint32_t
source_page(const struct vsw_netback *nb, uint32_t id, uint32_t i,
            uint32_t page)
{
    const struct vsw_netback_held *held = &nb->held[id];
    const struct vsw_queue *queue;

    if (i == 0) {
        return nb->sw->pkts->pkts[id].buf;
    }
    if (held->vif == VSW_NONE) {
        return nb->sw->bufs.next[page];
    }
    queue = nb->vifs[held->vif].vnic->queue;
    return queue->tx_bufs[(held->slot + i) & queue->tx.mask];
}

static void
add_items(struct vsw_netback_thread *t, struct vsw_netback_pkt *p)
{
    struct vsw_queue *queue = t->vif->vnic->queue;
    const struct vsw_pkt *pkt = &t->nb->sw->pkts->pkts[p->pkt];
    uint32_t from = VSW_NONE;

    p->slot = vsw_ring_fill(&queue->rx, p->pkt, p->n_slots);
    for (uint32_t i = 0; i < p->n_slots; i++) {
        uint32_t page = queue->rx_bufs[(p->slot + i) & queue->rx.mask];

        from = source_page(t->nb, p->pkt, i, from);
        t->items[t->n_items++] = (struct vsw_grant_item) {
            .page = page,
            .n_bytes = netback_page_bytes(pkt, queue->buf_bytes, i),
            .from = from,
            .to = page,
        };
    }
}

bool
netback_take_receive(struct vsw_netback_thread *t,
                     struct vsw_netback_vif *vif)
{
    struct vsw_queue *queue = vif->vnic->queue;
    uint64_t now_ps = t->worker.unit->sync_ps;
    uint32_t n_credits = vsw_ring_credits(&queue->rx, now_ps);
    struct vsw_backlog_item item;
    uint32_t pkt;

    t->vif = vif;
    t->n_items = 0;
    t->n_batch = 0;
    while ((pkt = peek(vif, now_ps)) != VSW_NONE) {
        uint32_t n = vsw_queue_n_slots(
            queue, t->nb->sw->pkts->pkts[pkt].frame_bytes);
        struct vsw_netback_pkt *p = &t->batch[t->n_batch];

        if (n > n_credits) {
            starve(vif, n);
            break;
        }
        if (t->n_items + n > VSW_NETBACK_MAX_ITEMS) {
            break;
        }
        vsw_backlog_take(&vif->rx, now_ps, &item);
        vif->n_queued_slots -= item.tag;
        vif->n_beyond -= vif->n_beyond > 0;
        *p = (struct vsw_netback_pkt) {.pkt = pkt, .n_slots = n};
        add_items(t, p);
        n_credits -= n;
        t->n_batch++;
    }
    if (t->n_batch > 0 && !netback_by_guest(t->nb)) {
        netback_begin_call(t, VSW_GRANT_OP_COPY);
    }
    return t->n_batch > 0;
}

/* Copies into pages that the guest has issued: no hypercall. */
static bool
copy_by_address(struct vsw_netback_thread *t)
{
    struct vsw_unit *unit = t->worker.unit;

    while (t->at < t->n_items) {
        if (vsw_worker_quantum_over(&t->worker)) {
            vsw_worker_go_on(&t->worker);
            return false;
        }
        vsw_mem_charge_flat(unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_CALL, 1);
        vsw_grant_copy_bytes(&t->nb->foreign, unit, VSW_ACCOUNT_COPY,
                             &t->items[t->at]);
        t->at++;
    }
    t->at = 0;
    return true;
}

bool
netback_receive_copy(struct vsw_netback_thread *t)
{
    vsw_unit_enter(t->worker.unit, t->worker.domain, VSW_STAGE_SEND);
    return netback_by_guest(t->nb) ? copy_by_address(t) : netback_run_call(t);
}

static void
give_one(struct vsw_netback_thread *t, const struct vsw_netback_pkt *p)
{
    struct vsw_netback *nb = t->nb;
    struct vsw_unit *unit = t->worker.unit;
    struct vsw_pkt *pkt = &nb->sw->pkts->pkts[p->pkt];
    uint32_t to = t->vif->vnic->queue->rx_bufs[p->slot];

    vsw_mem_run(unit, VSW_CODE_NETBACK);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETBACK, VSW_COST_NETBACK_PKT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETBACK, VSW_COST_NETBACK_SLOT,
                    p->n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_NETBACK, &t->vif->vnic->queue->rx_mem,
                      p->slot, p->n_slots, VSW_MEM_WRITE);
    memcpy(nb->sw->bufs.headers[to], nb->sw->bufs.headers[pkt->buf],
           VSW_HEADER_BYTES);
    netback_let_go(nb, unit, &nb->held[p->pkt], pkt->buf);
    pkt->buf = to;
}

bool
netback_receive_give(struct vsw_netback_thread *t)
{
    vsw_unit_enter(t->worker.unit, t->worker.domain, VSW_STAGE_SEND);
    while (t->at < t->n_batch) {
        if (vsw_worker_quantum_over(&t->worker)) {
            vsw_worker_go_on(&t->worker);
            return false;
        }
        give_one(t, &t->batch[t->at++]);
    }
    vsw_ring_publish(&t->vif->vnic->queue->rx, t->worker.unit->local_ps);
    return true;
}

bool
netback_receive_notify(struct vsw_netback_thread *t)
{
    return netback_notify(t);
}
