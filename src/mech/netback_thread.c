/* The threads of netback: what they do in turn, how they sleep and are woken,
 * and where packets and pages go that they are done with. */
#include <assert.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netback_impl.h"

#define N_PHASES 4

static const struct {
    bool (*take)(struct vsw_netback_thread *t, struct vsw_netback_vif *vif);
    netback_phase_fn phases[N_PHASES];
} jobs[NETBACK_N_JOBS] = {
    [NETBACK_RECEIVE] = {
        netback_take_receive,
        {netback_receive_copy, netback_receive_give, netback_receive_notify},
    },
    [NETBACK_FINISH] = {
        netback_take_finish,
        {netback_finish_unmap, netback_finish_respond,
         netback_finish_notify},
    },
    [NETBACK_TRANSMIT] = {
        netback_take_transmit,
        {netback_transmit_get, netback_transmit_send,
         netback_transmit_notify},
    },
};

/* --- What the phases share ----------------------------------------------- */

void
netback_begin_call(struct vsw_netback_thread *t, enum vsw_grant_op op)
{
    vsw_grant_call_begin(&t->call, &t->nb->foreign, NULL, op, t->items,
                         t->n_items);
}

bool
netback_run_call(struct vsw_netback_thread *t)
{
    return vsw_grant_call_run(&t->call, &t->worker);
}

/* The event is a hypercall, unless the guest has turned events off. */
bool
netback_notify(struct vsw_netback_thread *t)
{
    struct vsw_virq *virq = &t->vif->vnic->virq;
    uint64_t n_suppressed = virq->n_suppressed;

    if (!virq->ipi.irq.unit) {
        return true;            /* A guest that polls. */
    }
    if (!vsw_virq_raise(virq, &t->worker)) {
        return false;
    }
    if (virq->n_suppressed == n_suppressed) {
        vsw_enter_hypervisor(t->worker.unit, VSW_ENTRY_HYPERCALL);
        t->vif->n_events++;
    }
    return true;
}

void
netback_wake(struct vsw_netback_thread *t, struct vsw_unit *unit)
{
    if (!t->blocked) {
        return;
    }
    t->blocked = false;
    if (unit == t->worker.unit) {
        vsw_worker_wake(&t->worker, unit->local_ps);
        return;
    }
    vsw_enter_hypervisor(unit, VSW_ENTRY_HYPERCALL);
    vsw_virq_send(&t->virq, unit);
}

/* Threads that have blocked for want of pages try again. */
static void
wake_for_pool(struct vsw_netback *nb, struct vsw_unit *unit)
{
    if (nb->pool_is_short) {
        nb->pool_is_short = false;
        for (uint32_t i = 0; i < nb->n_threads; i++) {
            netback_wake(&nb->threads[i], unit);
        }
    }
}

/* The pool that the pages of a chain come from.  Those that the rings of NICs
 * were made with come from none; pages of a pool are there instead. */
static struct vsw_bufpool *
home_of(struct vsw_netback *nb, uint32_t buf)
{
    uint32_t first = nb->threads[0].pool.first;
    uint32_t i = (buf - first) / nb->setup.n_pool;

    return &nb->threads[buf >= first && i < nb->n_threads ? i : 0].pool;
}

/* The driver domain's vCPU that 'unit' is. */
static uint32_t
vcpu_of(const struct vsw_netback *nb, const struct vsw_unit *unit)
{
    uint32_t i = 0;

    while (i + 1 < nb->n_threads && nb->threads[i].worker.unit != unit) {
        i++;
    }
    return i;
}

void
netback_let_go(struct vsw_netback *nb, struct vsw_unit *unit,
               const struct vsw_netback_held *held, uint32_t buf)
{
    struct vsw_netback_vif *vif;
    bool ok;

    if (held->vif == VSW_NONE) {
        vsw_bufs_return(&nb->sw->bufs, &nb->pages, vcpu_of(nb, unit), buf);
        vsw_bufpool_put(home_of(nb, buf), buf);
        wake_for_pool(nb, unit);
        return;
    }
    vif = &nb->vifs[held->vif];
    ok = vsw_backlog_put(&vif->done, unit, held->slot, held->n_slots);
    assert(ok);                 /* It holds as many as the ring. */
    (void) ok;
    netback_wake(vif->thread, unit);
}

void
vsw_netback_drop(struct vsw_netback *nb, struct vsw_unit *unit, uint32_t pkt,
                 enum vsw_drop drop)
{
    netback_let_go(nb, unit, &nb->held[pkt], nb->sw->pkts->pkts[pkt].buf);
    vsw_pkt_drop(nb->sw->pkts, unit, pkt, drop);
}

/* A vNIC takes what its ring would hold, and a queue of packets behind that:
 * the interface is stopped and its queueing discipline fills. */
static bool
put_before(struct vsw_netback_vif *vif, struct vsw_unit *unit, uint32_t pkt)
{
    const struct vsw_netback *nb = vif->thread->nb;
    const struct vsw_queue *queue = vif->vnic->queue;
    uint32_t n = vsw_queue_n_slots(queue,
                                   nb->sw->pkts->pkts[pkt].frame_bytes);
    bool is_beyond = vif->n_queued_slots + n > queue->rx.mask + 1;

    if ((is_beyond && vif->n_beyond >= nb->setup.n_queue_pkts)
        || !vsw_backlog_put(&vif->rx, unit, pkt, n)) {
        return false;
    }
    vif->n_queued_slots += n;
    vif->n_beyond += is_beyond;
    return true;
}

void
vsw_netback_route(struct vsw_netback *nb, struct vsw_unit *unit,
                  uint32_t pkt, uint32_t port)
{
    if (port >= nb->sw->n_ports) {
        vsw_netback_drop(nb, unit, pkt, VSW_DROP_NO_ROUTE);
    } else if (nb->sw->ports[port].kind == VSW_PORT_WIRE) {
        netback_queue_to_nic(nb, unit, pkt, port);
    } else if (put_before(&nb->vifs[port], unit, pkt)) {
        netback_wake(nb->vifs[port].thread, unit);
    } else {
        vsw_netback_drop(nb, unit, pkt, VSW_DROP_QUEUE_FULL);
    }
}

/* --- A thread ------------------------------------------------------------ */

/* A batch is not interrupted by softirqs; the hypervisor may take a CPU away
 * that is shared. */
static void
begin_batch(struct vsw_netback_thread *t)
{
    if (!t->worker.task) {
        vsw_worker_hold_cpu(&t->worker);
    }
}

static void
end_batch(struct vsw_netback_thread *t)
{
    if (!t->worker.task) {
        vsw_worker_let_go(&t->worker);
    }
    netback_resume_nics(t);
}

/* Looks for a batch, from behind the last one on: a job for all vNICs, then
 * the next job, and in each round another vNIC is the first. */
static bool
choose(struct vsw_netback_thread *t)
{
    uint64_t end = t->next + (uint64_t) t->n_vifs * NETBACK_N_JOBS;

    while (t->next < end) {
        uint64_t at = t->next++;
        uint64_t job = at / t->n_vifs % NETBACK_N_JOBS;
        uint64_t round = at / t->n_vifs / NETBACK_N_JOBS;

        if (jobs[job].take(t, t->vifs[(at + round) % t->n_vifs])) {
            t->phase = (uint32_t) job * N_PHASES + 1;
            t->at = 0;
            t->n_batches[job]++;
            t->n_batch_pkts[job] += t->n_batch;
            begin_batch(t);
            return true;
        }
    }
    return false;
}

/* When the first packet that is known is seen. */
static uint64_t
ready_ps(const struct vsw_netback_thread *t)
{
    uint64_t first_ps = VSW_NEVER;

    for (uint32_t i = 0; i < t->n_vifs; i++) {
        const struct vsw_netback_vif *vif = t->vifs[i];
        uint64_t rx_ps = vif->starved ? VSW_NEVER
                                      : vsw_backlog_ready_ps(&vif->rx);
        uint64_t done_ps = vsw_backlog_ready_ps(&vif->done);

        first_ps = rx_ps < first_ps ? rx_ps : first_ps;
        first_ps = done_ps < first_ps ? done_ps : first_ps;
    }
    return first_ps;
}

/* Asks all guests for events, looks again, and blocks. */
static void
block(struct vsw_netback_thread *t)
{
    struct vsw_worker *worker = &t->worker;
    bool all = true;
    uint64_t at_ps;

    for (uint32_t i = 0; i < t->n_vifs; i++) {
        /* Room comes with pages that are given back, which wake. */
        all &= t->vifs[i]->lacks_room
               || vsw_doze_block(&t->vifs[i]->doze, worker);
    }
    if (!all) {
        return;
    }
    t->slept = true;
    at_ps = ready_ps(t);
    t->blocked = at_ps == VSW_NEVER;
    if (!t->blocked) {
        vsw_worker_wake(worker, at_ps);
    }
}

static void
wake_up(struct vsw_netback_thread *t)
{
    t->blocked = false;
    if (t->slept) {
        t->slept = false;
        t->n_wakes++;
        if (!t->worker.task) {
            vsw_unit_charge(t->worker.unit, VSW_ACCOUNT_CTXSW,
                            VSW_COST_CTXSW_KTHREAD, 1);
        }
    }
}

/* Runs the phases of the batch at hand; true when it is done. */
static bool
run_phases(struct vsw_netback_thread *t)
{
    while (t->phase > 0) {
        uint32_t at = t->phase - 1;
        netback_phase_fn phase = jobs[at / N_PHASES].phases[at % N_PHASES];

        if (!phase) {
            t->phase = 0;
            end_batch(t);
        } else if (phase(t)) {
            t->phase++;
        } else {
            return false;
        }
    }
    return true;
}

void
netback_thread_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_netback_thread *t = owner;

    wake_up(t);
    for (;;) {
        if (!run_phases(t)) {
            return;
        }
        if (!vsw_unit_at_sync(worker->unit)) {
            vsw_worker_go_on(worker);
            return;
        }
        if (!choose(t)) {
            block(t);
            return;
        }
    }
}

/* An event has arrived in the driver domain. */
void
netback_take_event(void *aux, struct vsw_worker *worker)
{
    struct vsw_netback_thread *t = aux;

    t->blocked = false;
    vsw_worker_wake(&t->worker, worker->unit->local_ps);
}

/* A guest that starved has posted buffers and sent an event. */
void
netback_take_refill(void *owner, struct vsw_worker *worker)
{
    struct vsw_netback_thread *t = owner;

    t->refill_sources[worker->source].kind = VSW_SOURCE_NEVER;
    t->vifs[worker->source]->starved = false;
    t->blocked = false;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ, VSW_COST_GUEST_IRQ,
                    1);
    vsw_worker_wake(&t->worker, worker->unit->local_ps);
}
