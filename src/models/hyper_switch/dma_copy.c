/* Copies by a DMA engine: the thesis's section 4.6.1.
 *
 * Where an idle CPU would be asked to copy, a large packet goes to the engine
 * instead, and the receiver's CPU finds out what is copied when a notification
 * arrives, as a rule by the receive timer.  Such a copy takes a buffer from
 * the ring of free buffers when it begins and is put on the ring of filled
 * ones when it is done, while copies by CPUs come and go in between: the two
 * are in no fixed order, so one ring would not do.
 *
 * All copies for a receiver use one channel, in order.  Of one sender, a
 * packet that a CPU copies waits for those that the engine has, for TCP takes
 * a packet that is overtaken for lost. */
#include "models/hyper_switch/hyper.h"

#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

/* Copies that begin with one doorbell. */
#define MAX_AT_ONCE 32

static struct vsw_dma_channel *
channel_of(const struct hyper_vnic *to)
{
    const struct vsw_dma *dma = &to->hyper->dma;
    uint32_t hash = to->index * UINT32_C(2654435761) >> 16;

    return &dma->channels[hash % dma->n_channels];
}

static struct vsw_pkt *
pkt_at(const struct hyper *h, uint32_t pkt)
{
    return &h->sw->pkts->pkts[pkt];
}

bool
hyper_must_wait_for_dma(const struct hyper_vnic *to, uint32_t pkt)
{
    return to->n_dma > 0
           && to->n_dma_from[pkt_at(to->hyper, pkt)->in_port] > 0;
}

/* --- Handing over -------------------------------------------------------- */

/* Whether the engine is worth it for 'pkt', and can take it after 'n'
 * others. */
static bool
goes_by_dma(const struct hyper_vnic *to, uint32_t pkt, uint32_t n,
            struct vsw_unit *unit)
{
    struct hyper *h = to->hyper;
    const struct vsw_copy_path_rule rule = {
        .min_len_bytes = h->p.dma_min_bytes + 1,
    };
    bool has_room = n < MAX_AT_ONCE && hyper_has_room(to, pkt, unit);
    struct vsw_copy_path_view view = {
        .len_bytes = vsw_pkt_data_bytes(pkt_at(h, pkt)),
        .n_dma_free_slots = has_room ? vsw_dma_n_free(channel_of(to)) - n : 0,
    };

    if (hyper_lends(to, pkt)) {
        return false;
    }
    if (vsw_copy_path_choose(&rule, &view) == VSW_PATH_DMA) {
        return true;
    }
    h->n.dma_refused += view.len_bytes >= rule.min_len_bytes;
    return false;
}

/* Takes packets off the front of the queue, which keeps their order, and
 * buffers for them; what they are copied with is in 'copies'. */
static uint32_t
choose(struct hyper_vnic *to, struct vsw_dma_copy *copies,
       struct vsw_unit *unit)
{
    struct hyper *h = to->hyper;
    uint32_t n = 0;

    while (to->queued.n_pkts > 0
           && goes_by_dma(to, to->queued.first, n, unit)) {
        uint32_t pkt = vsw_pkt_fifo_take(&to->queued, unit);
        const struct vsw_pkt *p = pkt_at(h, pkt);
        uint32_t n_slots = vsw_queue_n_slots(to->vnic->queue,
                                             p->frame_bytes);

        h->dma_to[pkt] = to->index;
        to->n_reserved += n_slots;
        to->n_dma++;
        to->n_dma_from[p->in_port]++;
        copies[n++] = (struct vsw_dma_copy) {
            .from = p->buf,
            .to = vsw_bufpool_get(&to->landing, n_slots),
            .n_bytes = vsw_pkt_data_bytes(p),
            .cookie = pkt,
        };
    }
    return n;
}

static void
start_copies(struct hyper_vnic *to, const struct vsw_dma_copy *copies,
             uint32_t n, struct vsw_unit *unit)
{
    struct vsw_dma_channel *channel = channel_of(to);

    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_pkt *p = pkt_at(to->hyper, copies[i].cookie);

        vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                        vsw_queue_n_slots(to->vnic->queue, p->frame_bytes));
        vsw_dma_submit(channel, unit, &copies[i]);
    }
    vsw_dma_doorbell(channel, unit);
}

void
hyper_hand_over(struct hyper_vnic *to, struct vsw_unit *unit)
{
    struct vsw_dma_copy copies[MAX_AT_ONCE];
    uint32_t n = to->hyper->p.dma ? choose(to, copies, unit) : 0;

    if (to->queued.n_pkts > 0) {
        hyper_offload(to, unit);
    }
    if (n > 0) {
        start_copies(to, copies, n, unit);
    }
}

/* --- Completion ---------------------------------------------------------- */

/* The packet lies in the receiver's memory now: the sender's is free. */
static void
land(struct hyper *h, const struct vsw_dma_copy *done, struct vsw_unit *unit)
{
    struct vsw_pkt *p = pkt_at(h, done->cookie);

    hyper_complete(h, p->in_port, p->buf);
    p->buf = done->to;
    vsw_pkt_fifo_put(&h->vnics[h->dma_to[done->cookie]].landed, unit,
                     done->cookie);
}

/* Asks the channel, which tells of all its copies. */
static void
poll(struct hyper_vnic *v, struct vsw_unit *unit)
{
    struct hyper *h = v->hyper;
    uint32_t n_mine = v->landed.n_pkts;

    v->n_done = vsw_dma_poll(channel_of(v), unit, v->done, HYPER_N_DONE);
    for (uint32_t i = 0; i < v->n_done; i++) {
        n_mine += h->dma_to[v->done[i].cookie] == v->index;
    }
    h->n.dma_polls++;
    h->n.dma_polls_in_vain += n_mine == 0;
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED,
                    2 * n_mine);
}

/* Puts a packet on the ring of filled buffers. */
static void
deliver(struct hyper_vnic *v, uint32_t pkt)
{
    struct hyper *h = v->hyper;
    struct vsw_pkt *p = pkt_at(h, pkt);
    struct vsw_queue *queue = v->vnic->queue;
    uint32_t n_slots = vsw_queue_n_slots(queue, p->frame_bytes);
    uint32_t slot = vsw_ring_fill(&queue->rx, pkt, n_slots);

    vsw_bufpool_put(&v->landing,
                    vsw_queue_swap_bufs(queue, &h->sw->bufs, queue->rx_bufs,
                                        slot, n_slots, p->buf));
    v->n_reserved -= n_slots;
    v->n_dma--;
    v->n_dma_from[p->in_port]--;
    v->n_unseen++;
    h->n.copies[HYPER_DMA]++;
    h->n.copied_bytes[HYPER_DMA] += vsw_pkt_data_bytes(p);
}

/* What the channel has copied for other receivers waits until these are
 * notified. */
static void
deliver_all(struct hyper_vnic *v, struct vsw_unit *unit)
{
    for (uint32_t i = 0; i < v->n_done; i++) {
        land(v->hyper, &v->done[i], unit);
    }
    if (v->landed.n_pkts == 0) {
        return;
    }
    while (v->landed.n_pkts > 0) {
        deliver(v, vsw_pkt_fifo_take(&v->landed, unit));
    }
    vsw_ring_publish(&v->vnic->queue->rx, unit->local_ps);
}

/* Without the lock, it is left to the timer. */
void
hyper_reap(struct hyper_vnic *v, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    bool goes_on = false;

    if (!vsw_unit_at_sync(unit)) {
        return;
    }
    if (v->reaping) {
        deliver_all(v, unit);
        goes_on = v->n_done == HYPER_N_DONE;
    } else if (v->n_dma > 0) {
        goes_on = vsw_lock_try(&v->rx_lock, worker);
        v->hyper->n.rx_lock_failures += !goes_on;
    }
    if (goes_on) {
        vsw_unit_enter(unit, unit->domain, VSW_STAGE_SEND);
        vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, !v->reaping);
        poll(v, unit);
    } else if (v->reaping) {
        vsw_lock_release(&v->rx_lock, worker);
    }
    v->reaping = goes_on;
    v->reap_due = goes_on;
}

/* --- Start --------------------------------------------------------------- */

static int
start_vnic(struct hyper_vnic *v)
{
    struct hyper *h = v->hyper;
    uint32_t n_bufs = h->sw->n_slots;

    v->n_dma_from = &h->n_dma_from[v->index * h->n_vnics];
    vsw_pkt_fifo_init(&v->landed, h->sw->pkts);
    vsw_bufpool_init(&v->landing, &h->sw->bufs, n_bufs);
    return vsw_bufs_place(&h->sw->bufs, h->sw->sim, v->landing.first, n_bufs,
                          h->p.page_bytes, vsw_mem_node(v->vnic->unit));
}

int
hyper_start_dma(struct hyper *h, struct vsw_error *err)
{
    int error;

    if (!h->p.dma) {
        return 0;
    }
    h->n_dma_from = calloc((size_t) h->n_vnics * h->n_vnics,
                           sizeof *h->n_dma_from);
    h->dma_to = calloc(h->sw->pkts->n_pkts, sizeof *h->dma_to);
    if (!h->n_dma_from || !h->dma_to) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for copies by DMA");
    }
    error = vsw_dma_init(&h->dma, h->sw->sim, &h->sw->bufs,
                         h->p.dma_channels, h->p.dma_descs, err);
    for (uint32_t i = 0; !error && i < h->n_vnics; i++) {
        error = start_vnic(&h->vnics[i]);
        if (error) {
            vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                          "out of memory for copies by DMA");
        }
    }
    return error;
}

void
hyper_stop_dma(struct hyper *h)
{
    vsw_dma_fini(&h->dma);
    free(h->n_dma_from);
    free(h->dma_to);
    h->n_dma_from = NULL;
    h->dma_to = NULL;
}
