#include <vswsim/vale_kswitch.h>

#include <errno.h>
#include <string.h>

#include "core/account.h"
#include "core/cost.h"

/* An SKB and its data are an object each. */
#define SKB_OBJECTS 2

/* Before the daemon, which would keep the CPU. */
#define INJECT_PRIORITY 200

/* Slots of the daemon's port, which sends one packet at a time. */
#define INJECT_SLOTS 2

/* --- From the daemon ----------------------------------------------------- */

/* Puts the packet into the daemon's port, in a slot's buffer. */
static void
offer(struct vsw_vale_kswitch *vk, struct vsw_unit *unit,
      const struct vsw_backlog_item *item)
{
    struct vsw_pkt *pkt = &vk->sw->pkts->pkts[item->pkt];
    struct vsw_ring *ring = &vk->queue.tx;
    uint32_t slot = vsw_ring_fill(ring, item->pkt, 1);
    uint32_t buf = vk->queue.tx_bufs[slot];

    memcpy(vk->sw->bufs.headers[buf], vk->sw->bufs.headers[pkt->buf],
           VSW_HEADER_BYTES);
    vsw_bufpool_put(&vk->pool, pkt->buf);
    pkt->buf = buf;
    vk->inject_port = item->tag;
    vk->injecting = true;
    vsw_ring_publish(ring, unit->local_ps);
}

static void
inject_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_vale_kswitch *vk = owner;
    struct vsw_unit *unit = worker->unit;
    struct vsw_backlog_item item;

    if (!vk->injecting) {
        vsw_ring_credits(&vk->queue.tx, unit->sync_ps);
        if (!vsw_backlog_take(&vk->decided, unit->sync_ps, &item)) {
            return;
        }
        offer(vk, unit, &item);
    }
    if (!vsw_vale_txsync(vk->vale, vk->vale->n_ports, worker)) {
        return;
    }
    vk->injecting = vsw_ring_n_held(&vk->queue.tx) > 0;
    vsw_worker_go_on(worker);
}

/* The backlog holds as many as there are buffers. */
static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct vsw_vale_kswitch *vk = aux;

    if (port == VSW_KSWITCH_DENIED
        || !vsw_backlog_put(&vk->decided, daemon->unit, pkt, port)) {
        vsw_bufpool_put(&vk->pool, vk->sw->pkts->pkts[pkt].buf);
        vsw_pkt_drop(vk->sw->pkts, daemon->unit, pkt,
                     vsw_kswitch_drop(VSW_KSWITCH_DENIED));
        return;
    }
    vsw_worker_wake(&vk->inject, daemon->unit->local_ps);
}

static int
start_inject(struct vsw_vale_kswitch *vk, struct vsw_switch *sw)
{
    if (vsw_queue_init(&vk->queue, &sw->bufs, sw->n_ports, 0, INJECT_SLOTS,
                       sw->queues[0].buf_bytes)
        || vsw_backlog_init(&vk->decided, VSW_VALE_KSWITCH_BUFS)) {
        return -ENOMEM;
    }
    vk->inject.unit = sw->units[0];
    vk->inject.work = inject_work;
    vk->inject.owner = vk;
    vk->inject.priority = INJECT_PRIORITY;
    vk->inject.domain = sw->domain;
    if (vsw_worker_add(&vk->inject)) {
        return -ENOMEM;
    }
    if (sw->tasks && sw->tasks[0]) {
        vsw_task_adopt(sw->tasks[0], &vk->inject);
    }
    return 0;
}

/* --- The lookup ---------------------------------------------------------- */

static uint32_t look_up(void *aux, struct vsw_unit *unit, uint32_t pkt,
                        uint32_t in_port);

static int
require_costs(const struct vsw_vale_kswitch *vk, const struct vsw_switch *sw,
              struct vsw_error *err)
{
    static const uint16_t wrap[] = {VSW_COST_SKB_ALLOC, VSW_COST_SKB_INIT};
    int error = 0;

    if (vk->wraps) {
        error = vsw_sim_require_costs(sw->sim, sw->ops->name, wrap,
                                      VSW_N_ELEMS(wrap), err);
    }
    return error;
}

static int
make_vale(struct vsw_vale_kswitch *vk, uint32_t batch_pkts,
          struct vsw_error *err)
{
    const struct vsw_vale_setup setup = {
        .batch_pkts = batch_pkts,
        .n_senders = 1,
        .lookup = look_up,
        .lookup_aux = vk,
    };
    int error = vsw_vale_init(vk->vale, vk->sw, &setup, err);

    if (error) {
        return error;
    }
    if (start_inject(vk, vk->sw)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a switch on VALE");
    }
    vk->vale->ports[vk->sw->n_ports].queue = &vk->queue;
    return 0;
}

int
vsw_vale_kswitch_init(struct vsw_vale_kswitch *vk, struct vsw_vale *vale,
                      struct vsw_switch *sw, enum vsw_kswitch_kind kind,
                      uint32_t batch_pkts, struct vsw_error *err)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    int error = require_costs(vk, sw, err);

    if (error) {
        return error;
    }
    vk->sw = sw;
    vk->vale = vale;
    vsw_bufpool_init(&vk->pool, &sw->bufs, VSW_VALE_KSWITCH_BUFS);
    setup.kind = kind;
    setup.table = VSW_KSWITCH_MEGAFLOW;
    setup.acl = sw->acl;
    setup.resume = resume;
    setup.aux = vk;
    if (kind == VSW_KSWITCH_OVS) {
        setup.daemon.unit = sw->units[0];
        setup.daemon.task = sw->tasks ? sw->tasks[0] : NULL;
        setup.daemon.domain = sw->domain;
    }
    error = vsw_kswitch_init(&vk->ks, sw, &setup, err);
    return error ? error : make_vale(vk, batch_pkts, err);
}

void
vsw_vale_kswitch_fini(struct vsw_vale_kswitch *vk)
{
    if (vk->vale) {
        vsw_vale_fini(vk->vale);
    }
    vsw_kswitch_fini(&vk->ks);
    vsw_backlog_fini(&vk->decided);
    vsw_queue_fini(&vk->queue);
}

static void
wrap(const struct vsw_vale_kswitch *vk, struct vsw_unit *unit)
{
    if (vk->wraps) {
        vsw_unit_charge(unit, VSW_ACCOUNT_SKB_ALLOC, VSW_COST_SKB_ALLOC,
                        SKB_OBJECTS);
        vsw_unit_charge(unit, VSW_ACCOUNT_SKB, VSW_COST_SKB_INIT, 1);
    }
}

/* The slot that 'pkt' lies in goes back to its sender, and the packet to the
 * daemon: its headers move to a buffer of their own. */
static void
keep_for_daemon(struct vsw_vale_kswitch *vk, uint32_t pkt)
{
    struct vsw_pkt *p = &vk->sw->pkts->pkts[pkt];
    uint32_t buf = vsw_bufpool_get(&vk->pool, 1);

    memcpy(vk->sw->bufs.headers[buf], vk->sw->bufs.headers[p->buf],
           VSW_HEADER_BYTES);
    p->buf = buf;
}

static uint32_t
look_up(void *aux, struct vsw_unit *unit, uint32_t pkt, uint32_t in_port)
{
    struct vsw_vale_kswitch *vk = aux;
    uint32_t port;

    if (in_port == vk->sw->n_ports) {
        return vk->inject_port;
    }
    wrap(vk, unit);
    port = vsw_kswitch_forward(&vk->ks, unit, pkt);
    switch (port) {
    case VSW_KSWITCH_HELD:
        keep_for_daemon(vk, pkt);
        return VSW_VALE_TAKEN;
    case VSW_KSWITCH_DENIED:
    case VSW_KSWITCH_LOST:
        vsw_pkt_drop(vk->sw->pkts, unit, pkt, vsw_kswitch_drop(port));
        return VSW_VALE_TAKEN;
    default:
        return port;
    }
}
