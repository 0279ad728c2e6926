/* What guests send, on its way to the NIC, and the slots that come back. */
#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>

#include "models/vmdq/relay_impl.h"

/* --- From a guest to the NIC --------------------------------------------- */

/* Passes the next packet on, for which the NIC's ring has room. */
static void
send_one(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vmdq_queue *nic = g->nic;
    struct vsw_ring *to = &nic->queue.tx;
    struct vmdq_sent sent = {.guest = (uint32_t) (g - r->guests)};
    uint32_t pkt = vsw_ring_pop(&g->queue->tx, &sent.slot, &sent.n_slots);
    uint32_t first = vsw_ring_fill(to, pkt, sent.n_slots);

    for (uint32_t i = 0; i < sent.n_slots; i++) {
        nic->sent[(first + i) & to->mask].n_slots = 0;
    }
    nic->sent[first] = sent;
    vmdq_charge(r, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                sent.n_slots);
    vsw_ring_mem_desc(vmdq_unit(r), VSW_ACCOUNT_VRING_DESC,
                      &g->queue->tx_mem, sent.slot, sent.n_slots,
                      VSW_MEM_READ);
    vmdq_charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_TX_PKT, sent.n_slots);
    vsw_ring_mem_desc(vmdq_unit(r), VSW_ACCOUNT_DRIVER, &nic->queue.tx_mem,
                      first, sent.n_slots, VSW_MEM_WRITE);
}

/* As seen at the start of the call. */
static bool
nic_has_room(const struct vmdq_relay *r, const struct vmdq_guest *g)
{
    uint32_t next = vsw_ring_peek(&g->queue->tx);

    return vsw_ring_credits(&g->nic->queue.tx, vmdq_unit(r)->sync_ps)
           >= vsw_queue_n_slots(g->queue, vmdq_pkt(r, next)->frame_bytes);
}

static void
begin_sending(struct vmdq_relay *r, const struct vmdq_guest *g)
{
    struct vsw_ring *ring = &g->queue->tx;
    uint32_t n;

    vmdq_visit(r, ring, 1);
    n = ring->fills.seen - ring->popped;
    vmdq_charge(r, VSW_ACCOUNT_VRING_AVAIL, VSW_COST_VRING_AVAIL, 1);
    vsw_ring_mem_avail(vmdq_unit(r), VSW_ACCOUNT_VRING_AVAIL,
                       &g->queue->tx_mem, ring->popped & ring->mask,
                       n < r->max_taken ? n : r->max_taken, VSW_MEM_READ);
}

/* Tells the NIC of what was passed on. */
static void
end_sending(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vsw_unit *unit = vmdq_unit(r);

    r->visiting = false;
    if (r->n_taken > 0) {
        vmdq_charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_TX_BATCH, 1);
        vsw_bus_doorbell(g->nic->queue.bus, unit);
        vsw_ring_publish(&g->nic->queue.tx, unit->local_ps);
        vsw_switch_count_batch(&r->sw->receive, unit, r->n_taken);
    }
}

/* Also left to the next call: whether the NIC's ring is full, which only that
 * can tell. */
bool
vmdq_serve_guest(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vsw_ring *ring = &g->queue->tx;

    vsw_unit_enter(vmdq_unit(r), r->sw->domain, VSW_STAGE_RECEIVE);
    if (!r->visiting) {
        begin_sending(r, g);
    }
    for (; vmdq_has_more(r, ring); r->n_taken++) {
        if (vsw_worker_quantum_over(&r->worker)) {
            return false;
        }
        if (!nic_has_room(r, g)) {
            if (!vsw_unit_at_sync(vmdq_unit(r))) {
                return false;
            }
            g->stuck = true;
            break;
        }
        send_one(r, g);
    }
    end_sending(r, g);
    return true;
}

/* --- The NIC has sent ---------------------------------------------------- */

static void
free_sent(struct vmdq_relay *r)
{
    struct vsw_unit *unit = vmdq_unit(r);

    for (uint32_t i = 0; i < r->n_guests; i++) {
        struct vmdq_guest *g = &r->guests[i];
        const struct vsw_ring *ring = &g->queue->tx;

        if (g->n_freed > 0) {
            vmdq_charge(r, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
            vsw_ring_mem_used(unit, VSW_ACCOUNT_VRING_USED,
                              &g->queue->tx_mem,
                              ring->frees.done & ring->mask, g->n_freed,
                              VSW_MEM_WRITE);
            vsw_tx_window_release(&g->window, unit->local_ps);
        }
    }
}

/* There may be room again for those who wait for 'nic'. */
static void
unblock(struct vmdq_relay *r, const struct vmdq_queue *nic)
{
    for (uint32_t i = 0; i < r->n_guests; i++) {
        r->guests[i].stuck &= r->guests[i].nic != nic;
    }
}

void
vmdq_reap(struct vmdq_relay *r, struct vmdq_queue *nic)
{
    struct vsw_unit *unit = vmdq_unit(r);
    struct vsw_ring *ring = &nic->queue.tx;

    vsw_unit_enter(unit, r->sw->domain, VSW_STAGE_RECEIVE);
    vsw_ring_credits(ring, unit->sync_ps);
    /* The NIC writes the last descriptor back. */
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, &nic->queue.tx_mem,
                      (ring->frees.seen - 1) & ring->mask, 1, VSW_MEM_READ);
    for (; nic->n_reaped != ring->frees.seen; nic->n_reaped++) {
        const struct vmdq_sent *sent
            = &nic->sent[nic->n_reaped & ring->mask];

        if (sent->n_slots > 0) {
            vsw_tx_window_done(&r->guests[sent->guest].window, sent->slot,
                               sent->n_slots);
            r->guests[sent->guest].n_freed += sent->n_slots;
        }
    }
    free_sent(r);
    unblock(r, nic);
}
