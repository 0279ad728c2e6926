/* From the receiver's queue to its ring, and telling it. */
#include "models/hyper_switch/hyper.h"

#include "core/account.h"
#include "core/cost.h"

#define MASKED_PRIORITY 5

uint32_t
hyper_n_waiting(const struct hyper_vnic *v)
{
    return v->queued.n_pkts + v->n_dma;
}

bool
hyper_has_room(const struct hyper_vnic *to, uint32_t pkt,
               struct vsw_unit *unit)
{
    struct vsw_queue *queue = to->vnic->queue;
    uint32_t n_slots = vsw_queue_n_slots(
        queue, to->hyper->sw->pkts->pkts[pkt].frame_bytes);

    return vsw_ring_credits(&queue->rx, unit->sync_ps)
           >= to->n_reserved + n_slots;
}

/* A guest that is being notified is runnable. */
static bool
is_blocked(const struct hyper_vnic *v, const struct vsw_unit *unit)
{
    return !v->note_sent
           && !vsw_unit_runs_domain(v->vnic->unit, v->vnic->domain,
                                    unit->sync_ps);
}

/* On the guest's CPU, still in the hypervisor: the preemptive copy.  Without
 * it, the guest's handler has to ask for the copy by a hypercall. */
static void
arrive(void *aux, struct vsw_unit *unit)
{
    struct hyper_vnic *v = aux;

    if (!v->hyper->p.preemptive_copy && hyper_n_waiting(v) > 0) {
        vsw_enter_hypervisor(unit, VSW_ENTRY_HYPERCALL);
    }
    v->note_sent = false;
    v->copies_due = v->note_copies;
    v->offload_rest = v->note_copies != UINT32_MAX;
    v->note_copies = 0;
    v->reap_due = v->n_dma > 0;
    hyper_wake(v);
}

static void
ignore(void *aux, struct vsw_worker *worker)
{
    (void) aux, (void) worker;
}

/* A driver that polls has made no interrupt; the hypervisor sends its own all
 * the same, for the copies, and the guest does not notice. */
static int
make_masked_virq(struct hyper_vnic *v)
{
    struct vsw_vnic *vnic = v->vnic;
    int error = vsw_virq_init(&vnic->virq, vnic->unit, vnic->task,
                              vnic->domain, v->hyper->sw->domain,
                              MASKED_PRIORITY, ignore, NULL);

    vsw_flag_init(&v->masked, false);
    vnic->virq.wanted = &v->masked;
    return error;
}

void
hyper_notify(struct hyper_vnic *v, struct vsw_unit *unit, uint32_t max_copies)
{
    struct vsw_virq *virq = &v->vnic->virq;

    if (max_copies > v->note_copies) {
        v->note_copies = max_copies;
    }
    if (v->note_sent) {
        v->hyper->n.notifications_merged++;
        return;
    }
    if (!virq->worker.unit && make_masked_virq(v)) {
        return;     /* Without memory, its timer copies nothing either. */
    }
    v->note_sent = true;
    v->hyper->n.notifications++;
    virq->arrive = arrive;
    virq->arrive_aux = v;
    vsw_virq_send(virq, unit);
}

static void
count_reason(struct hyper_counters *n, enum vsw_rx_reason reason)
{
    n->notes_blocked += reason == VSW_RX_BLOCKED;
    n->notes_long_queue += reason == VSW_RX_LONG_QUEUE;
    n->notes_quiet += reason == VSW_RX_QUIET;
}

void
hyper_put(struct hyper_vnic *to, uint32_t pkt, struct vsw_unit *unit)
{
    bool blocked = is_blocked(to, unit);
    struct vsw_rx_decision decision;

    vsw_pkt_fifo_put(&to->queued, unit, pkt);
    decision = vsw_rx_batch_put(&to->rx_batch, unit, hyper_n_waiting(to),
                                blocked);
    count_reason(&to->hyper->n, decision.reason);
    if (decision.notify) {
        hyper_notify(to, unit, decision.max_copies);
    } else if (decision.offload) {
        hyper_hand_over(to, unit);
    }
}

/* --- Copying ------------------------------------------------------------- */

static enum vsw_idle_result
begin(struct hyper_hands *hands, struct hyper_vnic *to,
      struct vsw_worker *worker)
{
    struct hyper *h = to->hyper;
    struct vsw_unit *unit = worker->unit;
    uint32_t pkt;
    bool lends;

    if (to->queued.n_pkts == 0
        || hyper_must_wait_for_dma(to, to->queued.first)) {
        return VSW_IDLE_NOTHING;
    }
    if (!vsw_lock_try(&to->rx_lock, worker)) {
        h->n.rx_lock_failures++;
        return VSW_IDLE_LOCKED;
    }
    pkt = vsw_pkt_fifo_take(&to->queued, unit);
    lends = hyper_lends(to, pkt);
    if (!hyper_has_room(to, pkt, unit)
        || !vsw_direct_copy_begin(&hands->copy, h->sw, unit, to->vnic->queue,
                                  pkt, lends)) {
        vsw_pkt_fifo_put_back(&to->queued, unit, pkt);
        h->n.rx_ring_full++;
        vsw_lock_release(&to->rx_lock, worker);
        return VSW_IDLE_NOTHING;
    }
    to->n_reserved += hands->copy.n_slots;
    if (lends) {
        hyper_charge_lend(unit, hands->copy.n_slots);
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    return VSW_IDLE_MORE;
}

/* At sync: the packet is the receiver's, and the ring is free. */
static void
end(struct hyper_hands *hands, struct hyper_vnic *to,
    struct vsw_worker *worker, enum hyper_place place)
{
    struct hyper *h = to->hyper;
    const struct vsw_pkt *pkt = &h->sw->pkts->pkts[hands->copy.pkt];
    uint32_t bufs;

    if (hands->copy.lends) {
        hyper_lend(to, hands->copy.pkt);
    }
    bufs = vsw_direct_copy_end(&hands->copy, h->sw, worker->unit);
    to->n_reserved -= hands->copy.n_slots;
    if (hands->copy.lends) {
        hyper_set_aside(to, bufs);
    } else {
        hyper_complete(h, pkt->in_port, bufs);
        h->n.copies[place]++;
        h->n.copied_bytes[place] += vsw_pkt_data_bytes(pkt);
    }
    vsw_lock_release(&to->rx_lock, worker);
    to->n_unseen++;
}

/* Work for others is given up, and what was done of it is lost, when the CPU
 * is wanted.  The packet goes back to its place in the queue. */
static bool
aborts(struct hyper_hands *hands, struct hyper_vnic *to,
       struct vsw_worker *worker)
{
    struct hyper *h = to->hyper;
    struct vsw_unit *unit = worker->unit;

    if (!h->p.abort || hands->copy.pkt == VSW_NONE
        || worker == &to->cpu->hypervisor
        || vsw_unit_is_free(unit, worker, unit->sync_ps)) {
        return false;
    }
    vsw_pkt_fifo_put_back(&to->queued, unit, hands->copy.pkt);
    to->n_reserved -= hands->copy.n_slots;
    vsw_direct_copy_abort(&hands->copy);
    vsw_lock_release(&to->rx_lock, worker);
    h->n.aborted++;
    return true;
}

static enum vsw_idle_result
step(struct hyper_hands *hands, struct hyper_vnic *to,
     struct vsw_worker *worker, enum hyper_place place)
{
    struct vsw_switch *sw = to->hyper->sw;
    enum vsw_idle_result result = VSW_IDLE_MORE;

    if (aborts(hands, to, worker)) {
        vsw_rx_batch_leave(&to->rx_batch, worker->unit);
        hyper_offload(to, worker->unit);
        return VSW_IDLE_NOTHING;
    }
    if (hands->copy.pkt == VSW_NONE) {
        result = begin(hands, to, worker);
    }
    if (result != VSW_IDLE_MORE
        || !vsw_direct_copy_step(&hands->copy, sw, worker)
        || !vsw_unit_at_sync(worker->unit)) {
        return result;
    }
    end(hands, to, worker, place);
    return VSW_IDLE_DONE;
}

/* The sender causes the cost of a copy, whoever makes it. */
static uint64_t *
cause_of(struct hyper *h, uint32_t pkt)
{
    return &h->vnics[h->sw->pkts->pkts[pkt].in_port].caused_ps;
}

enum vsw_idle_result
hyper_copy_packet(struct hyper_hands *hands, struct hyper_vnic *to,
                  struct vsw_worker *worker, enum hyper_place place)
{
    struct vsw_unit *unit = worker->unit;
    uint64_t from_ps = unit->local_ps;
    uint32_t pkt = hands->copy.pkt != VSW_NONE ? hands->copy.pkt
                                               : to->queued.first;
    enum vsw_idle_result result;

    vsw_unit_enter(unit, unit->domain, VSW_STAGE_SEND);
    result = step(hands, to, worker, place);
    if (pkt != VSW_NONE) {
        *cause_of(to->hyper, pkt) += unit->local_ps - from_ps;
    }
    return result;
}

/* What is left is for an idle CPU or, failing that, for the timer. */
void
hyper_end_copies(struct hyper_vnic *v, struct vsw_unit *unit)
{
    if (v->block_poll && v->n_unseen > 0) {
        vsw_virq_pend(&v->vnic->virq, unit);
    }
    v->n_unseen = 0;
    v->polled_in_vain = v->block_poll && !v->did_work;
    v->block_poll = false;
    if (hyper_n_waiting(v) > 0 || v->rx_lock.holder) {
        vsw_rx_batch_leave(&v->rx_batch, unit);
    }
    if (v->queued.n_pkts > 0 && v->offload_rest) {
        hyper_hand_over(v, unit);
    }
    v->offload_rest = false;
}

/* Tells the guest of what others have copied to its ring. */
static bool
has_unseen(struct hyper_vnic *v, struct vsw_unit *unit)
{
    if (v->n_unseen == 0
        || vsw_ring_visible(&v->vnic->queue->rx, unit->sync_ps) == 0) {
        return false;
    }
    v->n_unseen = 0;
    vsw_virq_pend(&v->vnic->virq, unit);
    return true;
}

/* Before the vCPU blocks, the hypervisor switches its ring and copies its
 * queue; only if that gives it nothing does it block. */
bool
hyper_before_block(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct hyper_vnic *v = vnic->backend;
    uint32_t n_pending = hyper_n_pending(v);
    bool in_vain = v->polled_in_vain;

    v->polled_in_vain = false;
    if (!v->hyper->p.poll_before_block || !v->vnic->virq.worker.unit) {
        return false;
    }
    if (has_unseen(v, worker->unit)) {
        v->hyper->n.stays++;
        vsw_worker_go_on(worker);
        return true;
    }
    if (in_vain || (n_pending == 0 && v->queued.n_pkts == 0)) {
        return false;
    }
    v->hyper->n.stays++;
    v->did_work = false;
    v->block_poll = true;
    v->switch_due = n_pending > 0;
    v->copies_due = UINT32_MAX;
    hyper_wake(v);
    vsw_worker_go_on(worker);
    return true;
}

/* --- The timer ----------------------------------------------------------- */

static void
expired(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct hyper_vnic *v = timer->aux;
    bool is_empty = vsw_ring_n_held(&v->vnic->queue->rx) == 0;

    if (vsw_rx_batch_expire(&v->rx_batch, hyper_n_waiting(v),
                            is_empty ? 0 : v->n_unseen) == VSW_RX_NOTIFY) {
        v->hyper->n.notes_timer++;
        hyper_notify(v, unit, UINT32_MAX);
    } else {
        hyper_enter_by_timer(v, unit);
    }
}

void
hyper_init_rx(struct hyper_vnic *v)
{
    struct hyper *h = v->hyper;

    vsw_pkt_fifo_init(&v->queued, h->sw->pkts);
    vsw_rx_batch_init(&v->rx_batch, v->vnic->unit, h->sw->domain,
                      &h->rx_rule, expired, v);
}
