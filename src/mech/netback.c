#include <vswsim/netback.h>

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
    vif->vnic->ops = &netback_vnic_ops;
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
    error = add_worker(t, &t->worker, index, THREAD_PRIORITY,
                       netback_thread_work);
    error = error ? error
                  : add_worker(t, &t->refill, index, REFILL_PRIORITY,
                               netback_take_refill);
    error = error ? error
                  : vsw_virq_init(&t->virq, sw->units[index],
                                  sw->tasks ? sw->tasks[index] : NULL,
                                  nb->setup.domain, nb->setup.hypervisor,
                                  EVENT_PRIORITY, netback_take_event, t);
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
