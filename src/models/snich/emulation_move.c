/* What the emulation core copies from guest to guest. */
#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/copy_step.h"
#include "models/snich/emulation_impl.h"

struct snich_class *
snich_highest(struct snich_emulation *e)
{
    for (uint32_t i = e->setup.n_classes; i-- > 0;) {
        if (e->classes[i].head != e->classes[i].tail) {
            return &e->classes[i];
        }
    }
    return NULL;
}

static struct snich_vnic *
receiver_of(const struct snich_emulation *e, const struct snich_taken *t)
{
    const struct vsw_port *port = &e->sw->ports[t->port];
    uint32_t in = t->queue == VSW_NONE ? 0 : e->vnics[t->queue].queue->index;

    return &e->vnics[port->first_queue + in % port->n_queues];
}

/* Finds room for the packet at the receiver.  Returns false if that can only
 * be known at sync. */
static bool
begin_copy(struct snich_emulation *e, const struct snich_taken *t,
           bool *has_room)
{
    struct vsw_unit *unit = snich_unit(e);
    struct vsw_queue *queue = receiver_of(e, t)->queue;
    uint32_t n = vsw_queue_n_slots(queue, snich_pkt(e, t->pkt)->frame_bytes);

    *has_room = vsw_ring_credits(&queue->rx, unit->sync_ps) >= n;
    if (!*has_room) {
        return vsw_unit_at_sync(unit);
    }
    e->to_slot = vsw_ring_fill(&queue->rx, t->pkt, n);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, n);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_DESC, &queue->rx_mem,
                      e->to_slot, n, VSW_MEM_READ);
    e->copying = true;
    e->n_done_bytes = 0;
    return true;
}

/* Copies the next step; true when all is copied. */
static bool
copy_step(struct snich_emulation *e, const struct snich_taken *t)
{
    struct snich_vnic *to = receiver_of(e, t);
    struct vsw_pkt *pkt = snich_pkt(e, t->pkt);
    uint32_t from = pkt->buf;
    uint32_t buf = to->queue->rx_bufs[e->to_slot];

    if (!vsw_copy_step(snich_unit(e), &e->sw->bufs, pkt, buf,
                       &e->n_done_bytes)) {
        return false;
    }
    pkt->buf = buf;
    to->received = true;
    e->copying = false;
    snich_leave(e, t, from);
    return true;
}

static bool
may_move(const struct snich_emulation *e)
{
    return e->setup.n_classes == 1 || e->n_moved < e->setup.burst_pkts;
}

bool
snich_move(struct snich_emulation *e)
{
    struct snich_class *c;

    vsw_unit_enter(snich_unit(e), e->sw->domain, VSW_STAGE_SEND);
    while (may_move(e) && (c = snich_highest(e))) {
        struct snich_taken *t = &c->taken[c->head & e->class_mask];
        bool has_room = true;

        if (vsw_worker_quantum_over(&e->worker)
            || (!e->copying && !begin_copy(e, t, &has_room))) {
            return false;
        }
        if (!has_room) {
            snich_lose(e, t, VSW_DROP_RX_RING_FULL);
        } else if (!copy_step(e, t)) {
            continue;
        }
        c->head++;
        e->n_moved++;
    }
    return true;
}
