#include <vswsim/netback.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netback_impl.h"

/* Priorities on a vCPU of the driver domain. */
enum {
    EVENT_PRIORITY = 2,
    REFILL_PRIORITY = 3,
    THREAD_PRIORITY = 20,
};

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

static void
thread_work(void *owner, struct vsw_worker *worker)
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
static void
take_event(void *aux, struct vsw_worker *worker)
{
    struct vsw_netback_thread *t = aux;

    t->blocked = false;
    vsw_worker_wake(&t->worker, worker->unit->local_ps);
}

/* A guest that starved has posted buffers and sent an event. */
static void
take_refill(void *owner, struct vsw_worker *worker)
{
    struct vsw_netback_thread *t = owner;

    t->refill_sources[worker->source].kind = VSW_SOURCE_NEVER;
    t->vifs[worker->source]->starved = false;
    t->blocked = false;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ, VSW_COST_GUEST_IRQ,
                    1);
    vsw_worker_wake(&t->worker, worker->unit->local_ps);
}

/* --- What guests do ------------------------------------------------------ */

static struct vsw_netback_vif *
vif_of(struct vsw_vnic *vnic)
{
    return vnic->backend;
}

static bool
netback_kick(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct vsw_netback_vif *vif = vif_of(vnic);

    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    if (!vsw_flag_read(&vif->doze.wanted, worker->unit)) {
        vif->n_kicks_spared++;
        return true;
    }
    vif->n_kicks++;
    vsw_enter_hypervisor(worker->unit, VSW_ENTRY_HYPERCALL);
    vsw_virq_send(&vif->thread->virq, worker->unit);
    return true;
}

static bool
tx_grant(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
         uint32_t n_slots)
{
    return vsw_grantor_get(&vif_of(vnic)->grantor, VSW_GRANT_TX, worker, slot,
                           n_slots);
}

static bool
tx_done(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
        uint32_t n_slots)
{
    return vsw_grantor_put(&vif_of(vnic)->grantor, VSW_GRANT_TX, worker, slot,
                           n_slots);
}

static bool
rx_grant(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
         uint32_t n_slots)
{
    return vsw_grantor_get(&vif_of(vnic)->grantor, VSW_GRANT_RX, worker, slot,
                           n_slots);
}

static bool
rx_done(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
        uint32_t n_slots)
{
    return vsw_grantor_put(&vif_of(vnic)->grantor, VSW_GRANT_RX, worker, slot,
                           n_slots);
}

static const struct vsw_vnic_ops netback_ops = {
    .name = "netback",
    .kick = netback_kick,
    .tx_grant = tx_grant,
    .tx_done = tx_done,
    .rx_grant = rx_grant,
    .rx_done = rx_done,
};

/* --- Starting ------------------------------------------------------------ */

static int
check_costs(const struct vsw_netback *nb, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_NETBACK_PKT, VSW_COST_NETBACK_SLOT, VSW_COST_CTXSW_KTHREAD,
        VSW_COST_COPY_CALL,   VSW_COST_COPY_BYTE,
    };
    const struct vsw_sim *sim = nb->sw->sim;
    bool has_iommu = nb->setup.foreign.has_iommu;
    int error = vsw_sim_require_costs(sim, "netback", costs,
                                      VSW_N_ELEMS(costs), err);

    error = error ? error : vsw_notify_check_costs(sim, "netback", err);
    error = error ? error : vsw_grant_check_costs(sim, netback_by_guest(nb),
                                                  has_iommu, err);
    return error ? error
                 : vsw_grantor_check_costs(sim, nb->setup.scheme, err);
}

/* References of a vNIC: half for each direction, each twice its ring, unless
 * the setup wants more. */
static uint32_t
n_refs(const struct vsw_netback *nb)
{
    uint32_t n = nb->setup.grantor.n_refs;
    uint32_t least = 4 * nb->sw->n_slots;

    return n > least ? n : least;
}

/* Pages that packets are copied to.  A driver domain does not know of nodes:
 * its memory lies at one of them, and its vCPUs take pages of it wherever they
 * run. */
static int
make_pages(struct vsw_netback *nb, struct vsw_error *err)
{
    struct vsw_sim *sim = nb->sw->sim;
    uint32_t n = nb->n_threads * nb->setup.n_pool;
    uint32_t n_lists = nb->n_threads * (VSW_PAGES_HIGH + 1);
    uint32_t last = vsw_mem_n_nodes(sim) - 1;
    uint32_t node = nb->setup.node < last ? nb->setup.node : last;

    if (vsw_pages_init(&nb->pages, sim, nb->n_threads, node, 1,
                       n + n_lists)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for pages of a driver domain");
    }
    return 0;
}

static int
make_ports(struct vsw_netback *nb, struct vsw_error *err)
{
    struct vsw_switch *sw = nb->sw;
    struct vsw_nic_setup nic = VSW_NIC_SETUP_DEFAULT;
    uint32_t n_slab = vsw_grantor_n_pages(nb->setup.scheme, sw->n_slots);
    int error;

    nic.irq_gap_ns = nb->setup.irq_gap_ns;
    nic.irq_masks = true;
    sw->n_wire_queues = nb->n_threads;
    sw->n_wire_slots = nb->setup.n_nic_slots;
    error = vsw_switch_make_nic_ports(sw, 4096,
                                      nb->n_threads * nb->setup.n_pool
                                          + nb->n_vifs * n_slab,
                                      &nic, err);
    for (uint32_t i = 0; !error && i < nb->n_threads; i++) {
        struct vsw_bufpool *pool = &nb->threads[i].pool;

        vsw_bufpool_init(pool, &sw->bufs, nb->setup.n_pool);
        error = vsw_bufs_place(&sw->bufs, sw->sim, pool->first, pool->n_bufs,
                               4096, vsw_mem_node(sw->units[i]));
    }
    return error ? error : make_pages(nb, err);
}

static int
init_foreign(struct vsw_netback *nb, struct vsw_error *err)
{
    struct vsw_foreign_setup setup = nb->setup.foreign;
    int error;

    setup.n_pages = nb->sw->bufs.n_bufs;
    setup.n_refs = netback_by_guest(nb) ? nb->n_vifs * n_refs(nb) : 0;
    error = vsw_foreign_init(&nb->foreign, nb->sw->sim, &setup, err);
    nb->foreign.bufs = &nb->sw->bufs;
    return error;
}

static int
init_vif(struct vsw_netback *nb, uint32_t i, struct vsw_error *err)
{
    struct vsw_netback_vif *vif = &nb->vifs[i];
    struct vsw_grantor_setup setup = nb->setup.grantor;
    struct vsw_switch *sw = nb->sw;

    vif->vnic = &sw->ports[i].vnics[0];
    vif->thread = &nb->threads[i % nb->n_threads];
    vif->vnic->ops = &netback_ops;
    vif->vnic->backend = vif;
    vif->tx_source = (struct vsw_source) {
        .ring = &vif->vnic->queue->tx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    vsw_doze_init(&vif->doze, &vif->tx_source, 1);
    vif->is_done = calloc(sw->n_slots, sizeof *vif->is_done);
    if (!vif->is_done || vsw_backlog_init(&vif->rx,
                            sw->n_slots + nb->setup.n_queue_pkts)
        || vsw_backlog_init(&vif->done, sw->n_slots)) {
        return -ENOMEM;
    }
    setup.scheme = nb->setup.scheme;
    setup.n_refs = n_refs(nb);
    setup.first_ref = i * n_refs(nb);
    return vsw_grantor_init(&vif->grantor, &nb->foreign, vif->vnic->queue,
                            &setup, sw->units, sw->n_units,
                            nb->setup.hypervisor, &sw->bufs, &sw->arena, err);
}

static int
add_worker(struct vsw_netback_thread *t, struct vsw_worker *worker,
           uint32_t index, uint32_t priority, vsw_work_fn work)
{
    const struct vsw_switch *sw = t->nb->sw;
    int error;

    worker->unit = sw->units[index];
    worker->work = work;
    worker->owner = t;
    worker->priority = priority;
    worker->domain = t->nb->setup.domain;
    error = vsw_worker_add(worker);
    if (!error && sw->tasks && sw->tasks[index]) {
        vsw_task_adopt(sw->tasks[index], worker);
    }
    return error;
}

static int
start_refills(struct vsw_netback_thread *t)
{
    t->refill_sources = calloc(t->n_vifs + 1, sizeof *t->refill_sources);
    if (!t->refill_sources) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < t->n_vifs; i++) {
        t->refill_sources[i] = (struct vsw_source) {
            .ring = &t->vifs[i]->vnic->queue->rx,
            .kind = VSW_SOURCE_FREED,
            .n_needed = 1,
        };
    }
    if (t->n_vifs > 0) {
        vsw_worker_serve(&t->refill, t->refill_sources, t->n_vifs);
    }
    /* Watched from now on, but nobody starves yet. */
    for (uint32_t i = 0; i < t->n_vifs; i++) {
        t->refill_sources[i].kind = VSW_SOURCE_NEVER;
    }
    vsw_unit_reschedule(t->worker.unit);
    return 0;
}

static int
start_thread(struct vsw_netback *nb, uint32_t index)
{
    struct vsw_netback_thread *t = &nb->threads[index];
    struct vsw_switch *sw = nb->sw;
    int error;

    t->nb = nb;
    t->vifs = calloc(nb->n_vifs + 1, sizeof *t->vifs);
    if (!t->vifs) {
        return -ENOMEM;
    }
    for (uint32_t i = index; i < nb->n_vifs; i += nb->n_threads) {
        t->vifs[t->n_vifs++] = &nb->vifs[i];
    }
    error = add_worker(t, &t->worker, index, THREAD_PRIORITY, thread_work);
    error = error ? error
                  : add_worker(t, &t->refill, index, REFILL_PRIORITY,
                               take_refill);
    error = error ? error
                  : vsw_virq_init(&t->virq, sw->units[index],
                                  sw->tasks ? sw->tasks[index] : NULL,
                                  nb->setup.domain, nb->setup.hypervisor,
                                  EVENT_PRIORITY, take_event, t);
    t->virq.entry = VSW_ENTRY_HYPERCALL;
    error = error ? error : start_refills(t);
    if (!error) {
        vsw_worker_wake(&t->worker, 0);
    }
    return error;
}

static int
allocate(struct vsw_netback *nb)
{
    nb->threads = calloc(nb->n_threads, sizeof *nb->threads);
    nb->vifs = calloc(nb->n_vifs + 1, sizeof *nb->vifs);
    nb->held = calloc(nb->sw->pkts->n_pkts, sizeof *nb->held);
    return nb->threads && nb->vifs && nb->held ? 0 : -ENOMEM;
}

int
vsw_netback_start(struct vsw_netback *nb, struct vsw_switch *sw,
                  const struct vsw_netback_setup *setup,
                  struct vsw_error *err)
{
    int error;

    memset(nb, 0, sizeof *nb);
    nb->setup = *setup;
    nb->sw = sw;
    nb->n_threads = sw->n_units;
    nb->n_vifs = vsw_switch_n_guests(sw);
    error = check_costs(nb, err);
    if (error) {
        return error;
    }
    if (allocate(nb)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for netback");
    }
    error = make_ports(nb, err);
    if (error) {
        return error;
    }
    error = init_foreign(nb, err);
    for (uint32_t i = 0; !error && i < nb->n_vifs; i++) {
        error = init_vif(nb, i, err);
    }
    for (uint32_t i = 0; !error && i < nb->n_threads; i++) {
        error = start_thread(nb, i);
    }
    return error ? error : netback_start_nics(nb, err);
}

void
vsw_netback_fini(struct vsw_netback *nb)
{
    netback_fini_nics(nb);
    for (uint32_t i = 0; nb->vifs && i < nb->n_vifs; i++) {
        vsw_grantor_fini(&nb->vifs[i].grantor);
        vsw_backlog_fini(&nb->vifs[i].rx);
        vsw_backlog_fini(&nb->vifs[i].done);
        free(nb->vifs[i].is_done);
    }
    for (uint32_t i = 0; nb->threads && i < nb->n_threads; i++) {
        free(nb->threads[i].vifs);
        free(nb->threads[i].refill_sources);
    }
    vsw_foreign_fini(&nb->foreign);
    vsw_pages_fini(&nb->pages);
    free(nb->threads);
    free(nb->vifs);
    free(nb->held);
    memset(nb, 0, sizeof *nb);
}
