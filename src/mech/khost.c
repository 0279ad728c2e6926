#include <vswsim/khost.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mem.h>
#include <vswsim/port.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

/* Priorities of workers on one CPU.  Those of the guest's come after. */
#define INJECT_PRIORITY  1
#define SOFTIRQ_PRIORITY 2
#define DAEMON_PRIORITY  50      /* Fair to the threads behind it. */
#define THREAD_PRIORITY  100

/* Buffers in hand, beside those in rings and queues. */
#define SPARE_BUFS 4096

/* Most buffers for packets that wait in software. */
#define MAX_WAITING_BUFS 65536

uint32_t
vsw_khost_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    return n_guests + (n_wires > 0) + 1;
}

/* --- Sending ------------------------------------------------------------- */

static void
drop(struct vsw_khost_ctx *ctx, uint32_t pkt, uint32_t skb,
     enum vsw_drop reason)
{
    struct vsw_khost *host = ctx->host;

    vsw_bufpool_put(&host->pool, host->sw->pkts->pkts[pkt].buf);
    if (ctx->skbs) {
        vsw_skbs_put(ctx->skbs, ctx->worker->unit, skb);
    }
    vsw_pkt_drop(host->sw->pkts, ctx->worker->unit, pkt, reason);
}

static bool
send_to_nic(struct vsw_khost_ctx *ctx, uint32_t pkt, uint32_t skb,
            uint32_t wire)
{
    struct vsw_unit *unit = ctx->worker->unit;

    switch (vsw_ktx_send(&ctx->ktx[wire], unit, pkt, skb)) {
    case VSW_KTX_SENT:
        return true;
    case VSW_KTX_AGAIN:
        return false;
    case VSW_KTX_FULL:
        break;
    }
    if (ctx->host->setup.tx_full == VSW_KHOST_WAIT) {
        /* What a look at the queue costs. */
        vsw_unit_charge(unit, VSW_ACCOUNT_TX_CLEAN, VSW_COST_KTX_CLEAN, 1);
        return false;
    }
    drop(ctx, pkt, skb, VSW_DROP_TX_RING_FULL);
    return true;
}

/* The thread of the queue to which the packet's flow goes. */
static struct vsw_vhost_net *
thread_of(const struct vsw_khost *host, uint32_t pkt, uint32_t port)
{
    const struct vsw_workload *workload = host->sw->pkts->workload;
    uint32_t flow = host->sw->pkts->pkts[pkt].flow_id;
    uint32_t queue = workload->flows[flow].rss_hash % host->sw->n_queues;

    return &host->threads[port * host->sw->n_queues + queue].thread;
}

static void
send_to_guest(struct vsw_khost_ctx *ctx, uint32_t pkt, uint32_t skb,
              uint32_t port)
{
    struct vsw_unit *unit = ctx->worker->unit;

    if (!vsw_vhost_net_queue(thread_of(ctx->host, pkt, port), unit, pkt)) {
        drop(ctx, pkt, skb, VSW_DROP_QUEUE_FULL);
    } else if (ctx->skbs) {
        /* The thread frees it, which is charged already. */
        vsw_skbs_put(ctx->skbs, unit, skb);
    }
}

/* With one other port, "all" is that one. */
static uint32_t
flood_port(const struct vsw_khost *host, uint32_t in_port)
{
    return host->sw->n_ports == 2 ? 1 - in_port : VSW_PORT_FLOOD;
}

/* Sends 'pkt' to 'port', or drops it.  False: again, at sync. */
static bool
output(struct vsw_khost_ctx *ctx, uint32_t pkt, uint32_t skb, uint32_t port)
{
    struct vsw_khost *host = ctx->host;
    uint32_t in_port = host->sw->pkts->pkts[pkt].in_port;
    uint32_t n_guests = vsw_switch_n_guests(host->sw);

    vsw_unit_enter(ctx->worker->unit, ctx->worker->domain, VSW_STAGE_SEND);
    if (port == VSW_PORT_FLOOD) {
        port = flood_port(host, in_port);
    }
    if (port == VSW_KSWITCH_DENIED || port == VSW_KSWITCH_LOST) {
        drop(ctx, pkt, skb, vsw_kswitch_drop(port));
    } else if (port == in_port || port >= host->sw->n_ports) {
        drop(ctx, pkt, skb, VSW_DROP_NO_ROUTE);
    } else if (port < n_guests) {
        send_to_guest(ctx, pkt, skb, port);
    } else {
        return send_to_nic(ctx, pkt, skb, port - n_guests);
    }
    return true;
}

/* Switches 'pkt' in this context; what was decided is kept for when the call
 * has to be made again. */
static bool
forward(struct vsw_khost_ctx *ctx, uint32_t pkt, uint32_t skb)
{
    if (!ctx->decided) {
        ctx->port = vsw_kswitch_forward(&ctx->host->ks, ctx->worker->unit,
                                        pkt);
        ctx->decided = true;
    }
    if (ctx->port == VSW_KSWITCH_HELD) {
        /* The daemon keeps a copy; the SKB is done with. */
        if (ctx->skbs) {
            vsw_skbs_put(ctx->skbs, ctx->worker->unit, skb);
        }
    } else if (!output(ctx, pkt, skb, ctx->port)) {
        return false;
    }
    ctx->decided = false;
    return true;
}

static bool
forward_in_softirq(struct vsw_softirq *softirq, uint32_t pkt, uint32_t skb)
{
    return forward(softirq->setup.aux, pkt, skb);
}

static bool
forward_in_thread(struct vsw_vhost_net *thread, uint32_t pkt)
{
    return forward(thread->setup.aux, pkt, VSW_NONE);
}

/* --- What comes back from the daemon ------------------------------------- */

static void
drop_in_daemon(struct vsw_khost *host, const struct vsw_worker *daemon,
               uint32_t pkt, enum vsw_drop reason)
{
    vsw_bufpool_put(&host->pool, host->sw->pkts->pkts[pkt].buf);
    vsw_pkt_drop(host->sw->pkts, daemon->unit, pkt, reason);
}

static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct vsw_khost *host = aux;
    uint32_t in_port = host->sw->pkts->pkts[pkt].in_port;

    if (port == VSW_PORT_FLOOD) {
        port = flood_port(host, in_port);
    }
    if (port == VSW_KSWITCH_DENIED) {
        drop_in_daemon(host, daemon, pkt, VSW_DROP_DENIED);
    } else if (port == in_port || port >= host->sw->n_ports) {
        drop_in_daemon(host, daemon, pkt, VSW_DROP_NO_ROUTE);
    } else if (port < vsw_switch_n_guests(host->sw)) {
        if (!vsw_vhost_net_queue(thread_of(host, pkt, port), daemon->unit,
                                 pkt)) {
            drop_in_daemon(host, daemon, pkt, VSW_DROP_QUEUE_FULL);
        }
    } else if (vsw_backlog_put(&host->inject, daemon->unit, pkt, port)) {
        vsw_sleep_notify(&host->inject_sleep, daemon->unit);
    } else {
        drop_in_daemon(host, daemon, pkt, VSW_DROP_QUEUE_FULL);
    }
}

/* Sends what the daemon has decided, with the first softirq's queues.  Linux
 * does so on the daemon's CPU, so that it does not wait for the softirq. */
static void
inject_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_khost *host = owner;
    struct vsw_khost_ctx *ctx = &host->softirqs[0].ctx;
    struct vsw_backlog_item item;

    vsw_sleep_awake(&host->inject_sleep);
    if (host->inject_pkt == VSW_NONE) {
        if (!vsw_backlog_take(&host->inject, worker->unit->sync_ps, &item)) {
            vsw_sleep_block(&host->inject_sleep,
                            vsw_backlog_ready_ps(&host->inject));
            return;
        }
        host->inject_pkt = item.pkt;
        host->inject_wire = item.tag - vsw_switch_n_guests(host->sw);
    }
    vsw_worker_go_on(worker);
    vsw_unit_enter(worker->unit, worker->domain, VSW_STAGE_SEND);
    switch (vsw_ktx_send(&ctx->ktx[host->inject_wire], worker->unit,
                         host->inject_pkt, VSW_NONE)) {
    case VSW_KTX_SENT:
        break;
    case VSW_KTX_AGAIN:
        return;
    case VSW_KTX_FULL:
        vsw_bufpool_put(&host->pool,
                        host->sw->pkts->pkts[host->inject_pkt].buf);
        vsw_pkt_drop(host->sw->pkts, worker->unit, host->inject_pkt,
                     VSW_DROP_TX_RING_FULL);
        break;
    }
    host->inject_pkt = VSW_NONE;
}

static int
start_injection(struct vsw_khost *host)
{
    struct vsw_worker *worker = &host->inject_worker;

    host->inject_pkt = VSW_NONE;
    worker->unit = host->softirqs[0].ctx.worker->unit;
    worker->work = inject_work;
    worker->owner = host;
    worker->domain = host->sw->domain;
    worker->priority = INJECT_PRIORITY;
    if (vsw_backlog_init(&host->inject,
                         host->setup.kswitch.daemon.limit_pkts)
        || vsw_worker_add(worker)) {
        return -ENOMEM;
    }
    vsw_sleep_init(&host->inject_sleep, worker, host->sw->domain,
                   VSW_ENTRY_VM_EXIT);
    return 0;
}

/* --- Making it ----------------------------------------------------------- */

static struct vsw_task *
task_of(const struct vsw_switch *sw, uint32_t i)
{
    return sw->tasks ? sw->tasks[i] : NULL;
}

/* How many contexts there are, and whether the CPUs suffice. */
static int
lay_out(struct vsw_khost *host, struct vsw_error *err)
{
    struct vsw_switch *sw = host->sw;
    uint32_t n_guests = vsw_switch_n_guests(sw);
    uint32_t n_nic_cpus = sw->n_wires > 0;
    uint32_t n_left;

    host->n_threads = n_guests * sw->n_queues;
    host->n_thread_cpus = sw->n_units >= host->n_threads + n_nic_cpus
                              ? host->n_threads
                              : n_guests;
    if (sw->n_units < host->n_thread_cpus + n_nic_cpus) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s needs a CPU for the vhost threads of each "
                             "guest%s: set switch.n_cpus to %u or more",
                             sw->ops->name,
                             n_nic_cpus ? " and one for its NICs" : "",
                             host->n_thread_cpus + n_nic_cpus);
    }
    n_left = sw->n_units - host->n_thread_cpus;
    if (n_nic_cpus > 0) {
        host->n_softirqs = n_left > 1 ? n_left - 1 : 1;
    }
    host->softirqs = calloc(host->n_softirqs + 1, sizeof *host->softirqs);
    host->threads = calloc(host->n_threads + 1, sizeof *host->threads);
    host->n_ktx = (host->n_softirqs + host->n_threads) * sw->n_wires;
    host->ktx = calloc(host->n_ktx + 1, sizeof *host->ktx);
    return host->softirqs && host->threads && host->ktx ? 0 : -ENOMEM;
}

static uint32_t
n_pool_bufs(const struct vsw_khost *host)
{
    const struct vsw_khost_setup *setup = &host->setup;
    uint64_t per_pkt = (65536 + setup->buf_bytes) / setup->buf_bytes;
    uint64_t n_waiting = host->n_threads * (uint64_t) setup->tap_pkts
                             * per_pkt
                         + setup->kswitch.daemon.limit_pkts;

    return SPARE_BUFS + host->n_ktx * host->sw->n_slots
           + (uint32_t) (n_waiting < MAX_WAITING_BUFS ? n_waiting
                                                      : MAX_WAITING_BUFS);
}

/* SKBs of vhost threads are made of pages, near the thread that copies to
 * them.  A list of a CPU may hold back what others lack: a buffer for which
 * there is no page then stays where it is. */
static int
make_pages(struct vsw_khost *host, uint32_t n_bufs, struct vsw_error *err)
{
    const struct vsw_machine *machine = host->sw->sim->machine;
    int error = 0;

    if (host->n_threads > 0 && host->setup.buf_bytes <= VSW_PAGE_BYTES) {
        error = vsw_pages_init(&host->pages, host->sw->sim, machine->n_cpus,
                               0, vsw_mem_n_nodes(host->sw->sim), n_bufs);
    }
    return error ? vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                                 "out of memory for pages of the host")
                 : 0;
}

static int
make_ports(struct vsw_khost *host, struct vsw_error *err)
{
    struct vsw_nic_setup nic = VSW_NIC_SETUP_DEFAULT;
    struct vsw_switch *sw = host->sw;
    uint32_t n_bufs = n_pool_bufs(host);
    int error;

    sw->n_wire_queues = host->n_softirqs + host->n_threads;
    nic.n_rx_queues = host->n_softirqs;
    nic.irq_masks = true;
    nic.irq_gap_ns = host->setup.nic_irq_gap_ns;
    error = vsw_switch_make_nic_ports(sw, host->setup.buf_bytes, n_bufs,
                                      &nic, err);
    if (error) {
        return error;
    }
    vsw_bufpool_init(&host->pool, &sw->bufs, n_bufs);
    return make_pages(host, n_bufs, err);
}

static int
make_ctx(struct vsw_khost *host, struct vsw_khost_ctx *ctx,
         struct vsw_worker *worker, struct vsw_skbs *skbs, uint32_t i,
         struct vsw_error *err)
{
    struct vsw_switch *sw = host->sw;
    uint32_t n_guests = vsw_switch_n_guests(sw);
    int error = 0;

    ctx->host = host;
    ctx->worker = worker;
    ctx->skbs = skbs;
    ctx->ktx = &host->ktx[i * sw->n_wires];
    for (uint32_t w = 0; !error && w < sw->n_wires; w++) {
        error = vsw_ktx_init(&ctx->ktx[w], sw,
                             vsw_switch_queue(sw, n_guests + w, i),
                             &host->pool, skbs,
                             host->setup.skbs == VSW_SKB_SINGLE, err);
    }
    return error;
}

static int
make_softirq(struct vsw_khost *host, uint32_t i, struct vsw_error *err)
{
    struct vsw_khost_softirq *s = &host->softirqs[i];
    struct vsw_switch *sw = host->sw;
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_unit *unit = sw->units[host->n_thread_cpus + i];
    const struct vsw_softirq_setup setup = {
        .napi = host->setup.napi,
        .priority = SOFTIRQ_PRIORITY,
        .skbs = &s->skbs,
        .pool = &host->pool,
        .forward = forward_in_softirq,
        .aux = &s->ctx,
    };
    int error = vsw_skbs_init(&s->skbs, unit, host->setup.skbs,
                              host->setup.n_skbs, sw->ops->name, err);

    if (!error) {
        error = vsw_softirq_init(&s->softirq, sw, unit, &setup, sw->n_wires,
                                 err);
    }
    if (!error) {
        error = make_ctx(host, &s->ctx, &s->softirq.worker, &s->skbs, i,
                         err);
    }
    for (uint32_t w = 0; !error && w < sw->n_wires; w++) {
        vsw_softirq_add_queue(&s->softirq, sw->ports[n_guests + w].nic, i,
                              &s->ctx.ktx[w]);
    }
    return error;
}

static int
make_thread(struct vsw_khost *host, uint32_t i, struct vsw_error *err)
{
    struct vsw_khost_thread *t = &host->threads[i];
    struct vsw_switch *sw = host->sw;
    uint32_t cpu = host->n_thread_cpus == host->n_threads ? i
                                                          : i / sw->n_queues;
    const struct vsw_vhost_net_setup setup = {
        .weight_bytes = host->setup.vhost_weight_bytes,
        .weight_pkts = host->setup.vhost_weight_pkts,
        .tap_pkts = host->setup.tap_pkts,
        .rx_retry_ns = VSW_VHOST_NET_RETRY_NS,
        .task = task_of(sw, cpu),
        .priority = THREAD_PRIORITY,
        .pool = &host->pool,
        .pages = &host->pages,
        .forward = forward_in_thread,
        .aux = &t->ctx,
    };
    struct vsw_port *port = &sw->ports[i / sw->n_queues];
    int error = vsw_vhost_net_start(&t->thread, sw,
                                    &port->vnics[i % sw->n_queues],
                                    sw->units[cpu], &setup, err);

    return error ? error
                 : make_ctx(host, &t->ctx, &t->thread.worker, NULL,
                            host->n_softirqs + i, err);
}

static int
make_kswitch(struct vsw_khost *host, struct vsw_error *err)
{
    struct vsw_kswitch_setup *setup = &host->setup.kswitch;
    struct vsw_switch *sw = host->sw;
    uint32_t last = sw->n_units - 1;

    setup->first_nic_port = vsw_switch_n_guests(sw);
    setup->acl = sw->acl;
    setup->daemon.unit = sw->units[last];
    setup->daemon.task = task_of(sw, last);
    setup->daemon.domain = sw->domain;
    setup->daemon.priority = DAEMON_PRIORITY;
    setup->daemon.fair = true;
    setup->daemon.entry = VSW_ENTRY_VM_EXIT;
    setup->resume = resume;
    setup->aux = host;
    return vsw_kswitch_init(&host->ks, sw, setup, err);
}

static int
report_memory(struct vsw_khost *host)
{
    struct vsw_switch *sw = host->sw;
    uint64_t n_bufs = (uint64_t) sw->n_all_queues * 2 * sw->n_slots;
    uint64_t n_skbs = 0;

    for (uint32_t i = 0; i < host->n_softirqs; i++) {
        n_skbs += (uint64_t) host->softirqs[i].skbs.n_skbs * VSW_SKB_BYTES;
    }
    return vsw_switch_add_memory(sw, "kernel_base",
                                 host->setup.base_bytes
                                     * (host->n_softirqs ? host->n_softirqs
                                                         : 1))
                   || vsw_switch_add_memory(sw, "ring_buffers",
                                            n_bufs * host->setup.buf_bytes)
                   || vsw_switch_add_memory(sw, "skbs", n_skbs)
               ? -ENOMEM
               : 0;
}

static int
make(struct vsw_khost *host, struct vsw_error *err)
{
    int error = lay_out(host, err);

    error = error ? error : make_ports(host, err);
    for (uint32_t i = 0; !error && i < host->n_softirqs; i++) {
        error = make_softirq(host, i, err);
    }
    for (uint32_t i = 0; !error && i < host->n_threads; i++) {
        error = make_thread(host, i, err);
    }
    error = error ? error : make_kswitch(host, err);
    if (!error && host->n_softirqs > 0) {
        error = start_injection(host);
    }
    return error ? error : report_memory(host);
}

int
vsw_khost_init(struct vsw_khost *host, struct vsw_switch *sw,
               const struct vsw_khost_setup *setup, struct vsw_error *err)
{
    int error;

    memset(host, 0, sizeof *host);
    host->setup = *setup;
    host->sw = sw;
    error = make(host, err);
    if (error == -ENOMEM) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                      "out of memory for a host of %u queue pairs",
                      sw->n_all_queues);
    }
    if (error) {
        vsw_khost_fini(host);
    }
    return error;
}

void
vsw_khost_fini(struct vsw_khost *host)
{
    vsw_kswitch_fini(&host->ks);
    vsw_backlog_fini(&host->inject);
    for (uint32_t i = 0; host->softirqs && i < host->n_softirqs; i++) {
        vsw_softirq_fini(&host->softirqs[i].softirq);
        vsw_skbs_fini(&host->softirqs[i].skbs);
    }
    for (uint32_t i = 0; host->threads && i < host->n_threads; i++) {
        vsw_vhost_net_fini(&host->threads[i].thread);
    }
    for (uint32_t i = 0; host->ktx && i < host->n_ktx; i++) {
        vsw_ktx_fini(&host->ktx[i]);
    }
    vsw_pages_fini(&host->pages);
    free(host->softirqs);
    free(host->threads);
    free(host->ktx);
    memset(host, 0, sizeof *host);
}
