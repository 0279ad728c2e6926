#include <vswsim/softirq.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>
#include <vswsim/sched.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

#define PS_PER_NS UINT64_C(1000)

static const uint16_t costs[] = {
    VSW_COST_HOST_IRQ,  VSW_COST_SOFTIRQ_POLL, VSW_COST_KRX_PKT,
    VSW_COST_KRX_STACK, VSW_COST_DOORBELL,
};

static struct vsw_unit *
unit_of(const struct vsw_softirq *softirq)
{
    return softirq->worker.unit;
}

static void
enlist(struct vsw_softirq *softirq, struct vsw_softirq_queue *q)
{
    q->next = NULL;
    q->listed = true;
    if (softirq->last) {
        softirq->last->next = q;
    } else {
        softirq->first = q;
    }
    softirq->last = q;
}

static void
handle_irq(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_softirq_queue *q = irq->aux;

    vsw_unit_charge(unit, VSW_ACCOUNT_HOST_IRQ, VSW_COST_HOST_IRQ, 1);
    if (!q->listed) {
        enlist(q->softirq, q);
    }
    vsw_worker_wake(&q->softirq->worker, unit->local_ps);
}

/* --- One poll ------------------------------------------------------------ */

/* Begins to poll the first queue of the list, at sync. */
static void
begin_poll(struct vsw_softirq *softirq)
{
    struct vsw_softirq_queue *q = softirq->first;
    struct vsw_unit *unit = unit_of(softirq);
    uint32_t n;

    softirq->first = q->next;
    if (!softirq->first) {
        softirq->last = NULL;
    }
    vsw_sim_expect_sync(unit);
    n = vsw_ring_visible(vsw_nic_rx_ring(q->queue), unit->sync_ps);
    if (n > softirq->setup.napi.weight_pkts) {
        n = softirq->setup.napi.weight_pkts;
    }
    softirq->at = q;
    softirq->n_left = n;
    softirq->n_taken = 0;
    softirq->n_polls++;
    vsw_unit_charge(unit, VSW_ACCOUNT_SOFTIRQ, VSW_COST_SOFTIRQ_POLL, 1);
    if (q->ktx) {
        vsw_ktx_clean(q->ktx, unit);
    }
    if (n > 0) {
        vsw_switch_count_batch(&softirq->sw->receive, unit, n);
    }
}

/* Takes a frame from the ring, or loses it if memory is short. */
static void
take_frame(struct vsw_softirq *softirq)
{
    struct vsw_queue *queue = softirq->at->queue;
    struct vsw_bufpool *pool = softirq->setup.pool;
    struct vsw_switch *sw = softirq->sw;
    struct vsw_unit *unit = unit_of(softirq);
    uint32_t slot, n_slots;
    uint32_t pkt = vsw_ring_pop(vsw_nic_rx_ring(queue), &slot, &n_slots);

    softirq->n_left -= n_slots < softirq->n_left ? n_slots : softirq->n_left;
    softirq->n_taken++;
    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, VSW_COST_KRX_PKT, n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, &queue->tx_mem, slot, n_slots,
                      VSW_MEM_READ);
    if (pool->n_free < n_slots || vsw_skbs_n_free(softirq->setup.skbs) == 0) {
        vsw_pkt_drop(sw->pkts, unit, pkt, VSW_DROP_NO_BUFFER);
        return;
    }
    softirq->pkt = pkt;
    sw->pkts->pkts[pkt].buf
        = vsw_queue_swap_bufs(queue, &sw->bufs, queue->tx_bufs, slot,
                              n_slots, vsw_bufpool_get(pool, n_slots));
    softirq->skb = vsw_skbs_get(softirq->setup.skbs, unit);
    vsw_buf_access(unit, VSW_ACCOUNT_SKB, &sw->bufs, sw->pkts->pkts[pkt].buf,
                   queue->buf_bytes - VSW_SKB_SHARED_BYTES, VSW_LINE_BYTES,
                   VSW_MEM_WRITE);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, &queue->tx_mem, slot, n_slots,
                      VSW_MEM_WRITE);
    vsw_unit_charge(unit, VSW_ACCOUNT_STACK, VSW_COST_KRX_STACK, 1);
}

/* Posts the buffers that took the place of the received ones. */
static void
end_poll(struct vsw_softirq *softirq)
{
    struct vsw_softirq_queue *q = softirq->at;
    struct vsw_unit *unit = unit_of(softirq);

    softirq->at = NULL;
    q->listed = false;
    if (softirq->n_taken > 0) {
        vsw_bus_doorbell(q->queue->bus, unit);
        vsw_ring_free(vsw_nic_rx_ring(q->queue), unit->local_ps);
    }
    switch (vsw_napi_polled(&softirq->round, softirq->n_taken)) {
    case VSW_NAPI_COMPLETE:
        vsw_nic_unmask(q->nic, q->queue->index, unit);
        break;
    case VSW_NAPI_REPOLL:
        enlist(softirq, q);
        break;
    }
}

/* Goes on with the poll at hand.  Returns false if the call must end. */
static bool
poll(struct vsw_softirq *softirq)
{
    struct vsw_unit *unit = unit_of(softirq);

    for (;;) {
        if (softirq->pkt != VSW_NONE) {
            vsw_unit_enter(unit, softirq->worker.domain, VSW_STAGE_SWITCH);
            if (!softirq->setup.forward(softirq, softirq->pkt,
                                        softirq->skb)) {
                return false;
            }
            softirq->pkt = VSW_NONE;
        }
        if (softirq->n_left == 0) {
            return true;
        }
        if (vsw_worker_quantum_over(&softirq->worker)) {
            return false;
        }
        vsw_unit_enter(unit, softirq->worker.domain, VSW_STAGE_RECEIVE);
        take_frame(softirq);
    }
}

/* --- Rounds -------------------------------------------------------------- */

static void
begin_round(struct vsw_softirq *softirq)
{
    if (!softirq->in_round) {
        vsw_napi_begin(&softirq->round, &softirq->setup.napi,
                       unit_of(softirq)->local_ps / PS_PER_NS);
        softirq->in_round = true;
    }
}

/* After a poll: goes on with the next queue, which starts at sync. */
static void
end_step(struct vsw_softirq *softirq)
{
    uint64_t now_ns = unit_of(softirq)->local_ps / PS_PER_NS;

    if (!softirq->first) {
        softirq->in_round = false;
        return;
    }
    if (vsw_napi_is_exhausted(&softirq->round, now_ns)) {
        softirq->in_round = false;
        softirq->n_squeezed++;
    }
    vsw_worker_go_on(&softirq->worker);
}

static void
softirq_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_softirq *softirq = owner;

    vsw_unit_enter(worker->unit, worker->domain, VSW_STAGE_RECEIVE);
    if (!softirq->at) {
        if (!softirq->first) {
            return;
        }
        begin_round(softirq);
        begin_poll(softirq);
    }
    if (!poll(softirq)) {
        vsw_worker_go_on(worker);
        return;
    }
    vsw_unit_enter(worker->unit, worker->domain, VSW_STAGE_RECEIVE);
    end_poll(softirq);
    end_step(softirq);
}

int
vsw_softirq_init(struct vsw_softirq *softirq, struct vsw_switch *sw,
                 struct vsw_unit *unit,
                 const struct vsw_softirq_setup *setup, uint32_t n_queues,
                 struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    memset(softirq, 0, sizeof *softirq);
    if (error) {
        return error;
    }
    softirq->setup = *setup;
    softirq->sw = sw;
    softirq->pkt = VSW_NONE;
    softirq->worker = (struct vsw_worker) {
        .unit = unit,
        .work = softirq_work,
        .owner = softirq,
        .domain = sw->domain,
        .priority = setup->priority,
    };
    softirq->queues = calloc(n_queues + 1, sizeof *softirq->queues);
    if (!softirq->queues || vsw_worker_add(&softirq->worker)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a softirq");
    }
    if (setup->task) {
        vsw_task_adopt(setup->task, &softirq->worker);
    }
    return 0;
}

void
vsw_softirq_fini(struct vsw_softirq *softirq)
{
    free(softirq->queues);
    softirq->queues = NULL;
}

void
vsw_softirq_add_queue(struct vsw_softirq *softirq, struct vsw_nic *nic,
                      uint32_t queue, struct vsw_ktx *ktx)
{
    struct vsw_softirq_queue *q = &softirq->queues[softirq->n_queues++];

    assert(nic->setup.irq_masks);
    q->softirq = softirq;
    q->nic = nic;
    q->queue = nic->queues[queue].queue;
    q->ktx = ktx;
    vsw_irq_init(&q->irq, softirq->worker.unit, softirq->worker.domain,
                 handle_irq, q);
    vsw_nic_attach_irq(nic, queue, &q->irq);
}
