#include <vswsim/netmap_app.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/guest.h>

#include "core/account.h"
#include "core/cost.h"

enum {
    RECEIVE,
    TRANSMIT,
    DRAIN,
    N_SOURCES,
};

/* Interrupts of a guest go first. */
#define IRQ_PRIORITY 1
#define APP_PRIORITY 2

static void app_work(void *owner, struct vsw_worker *worker);

static bool
must_pause(struct vsw_netmap_app *app)
{
    if (!vsw_worker_quantum_over(&app->worker)) {
        return false;
    }
    vsw_worker_go_on(&app->worker);
    return true;
}

static bool
is_paced(const struct vsw_netmap_app *app)
{
    return app->traffic.setup.pacing != VSW_PACING_SATURATE;
}

/* Says when and with how many free slots sending is worth a look.  Paced
 * packets do not wait for room. */
static void
aim_source(struct vsw_netmap_app *app)
{
    struct vsw_source *source = &app->sources[TRANSMIT];

    if (!vsw_traffic_pending(&app->traffic)) {
        source->kind = VSW_SOURCE_NEVER;
        return;
    }
    source->kind = VSW_SOURCE_FREED;
    source->not_before_ps = app->traffic.due_ps;
    source->n_needed
        = is_paced(app) ? 0
                        : vsw_queue_n_slots(app->queue,
                                            app->traffic.due_frame_bytes);
}

static void
charge_sync(struct vsw_netmap_app *app)
{
    struct vsw_unit *unit = app->worker.unit;

    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SYNC, 1);
}

/* --- Receiving ----------------------------------------------------------- */

static void
expect_intact(const struct vsw_netmap_app *app, uint32_t pkt, uint32_t slot)
{
    const struct vsw_pkts *pkts = app->sw->pkts;
    uint32_t buf = app->queue->rx_bufs[slot];
    const struct vsw_workload_flow *flow
        = &pkts->workload->flows[pkts->pkts[pkt].flow_id];

    vsw_sim_expect(app->sw->sim,
                   pkts->pkts[pkt].buf == buf
                       && memcmp(app->sw->bufs.headers[buf], flow->header,
                                 VSW_HEADER_BYTES) == 0,
                   "what arrives in a slot's buffer is what was sent");
}

/* Takes the packet at the head of the ring.  False: the backend has to wait;
 * call again. */
static bool
receive_one(struct vsw_netmap_app *app)
{
    const struct vsw_vnic_ops *ops = app->vnic->ops;
    struct vsw_ring *ring = &app->queue->rx;
    struct vsw_unit *unit = app->worker.unit;
    uint32_t slot = ring->popped & ring->mask;
    uint32_t n_slots, pkt;

    if (ops->rx_done && !ops->rx_done(app->vnic, &app->worker, slot, 1)) {
        return false;
    }
    pkt = vsw_ring_pop(ring, &slot, &n_slots);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SLOT, n_slots);
    if (app->sw->sim->check) {
        expect_intact(app, pkt, slot);
    }
    app->n_left -= n_slots;
    vsw_pkt_deliver(app->sw->pkts, unit, pkt, app->queue->port);
    return true;
}

static bool
receive(struct vsw_netmap_app *app)
{
    while (app->n_left > 0) {
        if (must_pause(app)) {
            return false;
        }
        if (!receive_one(app)) {
            vsw_worker_go_on(&app->worker);
            return false;
        }
    }
    vsw_ring_free(&app->queue->rx, app->worker.unit->local_ps);
    return true;
}

/* Packets that the last kick left, and room for them now. */
static bool
can_drain(const struct vsw_netmap_app *app)
{
    struct vsw_ring *drain = app->vnic->drain;

    return drain && vsw_ring_n_held(&app->queue->tx) > 0
           && vsw_ring_credits(drain, app->worker.unit->sync_ps) > 0;
}

/* --- Sending ------------------------------------------------------------- */

static bool
transmit_one(struct vsw_netmap_app *app, uint32_t n_slots)
{
    struct vsw_queue *queue = app->queue;
    const struct vsw_traffic *traffic = &app->traffic;
    struct vsw_pkts *pkts = app->sw->pkts;
    struct vsw_unit *unit = app->worker.unit;
    uint32_t slot = queue->tx.filled & queue->tx.mask;
    uint32_t buf = queue->tx_bufs[slot];
    const struct vsw_vnic_ops *ops = app->vnic->ops;
    uint32_t pkt;

    if (ops->tx_grant
        && !ops->tx_grant(app->vnic, &app->worker, slot, n_slots)) {
        return false;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SLOT, n_slots);
    pkt = vsw_pkt_create(pkts, unit, traffic->due_flow_id, queue->port,
                         traffic->due_frame_bytes,
                         is_paced(app) ? traffic->due_ps : unit->local_ps);
    pkts->pkts[pkt].buf = buf;
    vsw_ring_fill(&queue->tx, pkt, n_slots);
    memcpy(app->sw->bufs.headers[buf],
           pkts->workload->flows[traffic->due_flow_id].header,
           VSW_HEADER_BYTES);
    if (ops->tx_put) {
        ops->tx_put(app->vnic, &app->worker, pkt);
    }
    return true;
}

static void
refuse_one(struct vsw_netmap_app *app)
{
    vsw_unit_charge(app->worker.unit, VSW_ACCOUNT_NETMAP,
                    VSW_COST_NETMAP_SLOT, 1);
    vsw_pkt_refuse(app->sw->pkts, app->worker.unit, app->traffic.due_flow_id,
                   app->queue->port, app->traffic.due_frame_bytes,
                   VSW_DROP_TX_RING_FULL);
}

/* Fills a burst.  Returns false if the call must end first. */
static bool
transmit(struct vsw_netmap_app *app)
{
    struct vsw_ring *ring = &app->queue->tx;
    const struct vsw_traffic *traffic = &app->traffic;

    for (; app->n_left > 0 && vsw_traffic_pending(traffic)
           && traffic->due_ps <= app->begun_ps; app->n_left--) {
        uint32_t n_slots = vsw_queue_n_slots(app->queue,
                                             traffic->due_frame_bytes);

        if (n_slots > app->upto - ring->filled && !is_paced(app)) {
            break;
        }
        if (must_pause(app)) {
            return false;
        }
        if (n_slots > app->upto - ring->filled) {
            refuse_one(app);
        } else if (!transmit_one(app, n_slots)) {
            vsw_worker_go_on(&app->worker);
            return false;
        }
        vsw_traffic_next(&app->traffic);
    }
    vsw_ring_publish(ring, app->worker.unit->local_ps);
    return true;
}

/* --- The loop ------------------------------------------------------------ */

static bool
can_send(const struct vsw_netmap_app *app, uint32_t n_free)
{
    const struct vsw_source *source = &app->sources[TRANSMIT];

    return source->kind != VSW_SOURCE_NEVER
           && source->not_before_ps <= app->worker.unit->sync_ps
           && n_free >= source->n_needed;
}

/* Blocks in poll() until something comes, room is there or a packet is due.
 * The system call is paid when it begins, the switch back when it ends. */
static void
block(struct vsw_netmap_app *app)
{
    struct vsw_unit *unit = app->worker.unit;
    const struct vsw_source *tx = &app->sources[TRANSMIT];
    bool waits = tx->kind != VSW_SOURCE_NEVER
                 && tx->not_before_ps <= unit->sync_ps;

    if (!app->blocked) {
        app->blocked = true;
        app->sources[DRAIN].kind = vsw_ring_n_held(&app->queue->tx) > 0
                                           && app->vnic->drain
                                       ? VSW_SOURCE_FREED
                                       : VSW_SOURCE_NEVER;
        vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
        vsw_flag_set(&app->vnic->tx_wanted, unit, waits);
    }
    if (vsw_doze_block(&app->doze, &app->worker)
        && tx->kind != VSW_SOURCE_NEVER && !waits) {
        vsw_worker_wake(&app->worker, tx->not_before_ps);
    }
}

static void
wake_up(struct vsw_netmap_app *app)
{
    struct vsw_unit *unit = app->worker.unit;

    if (!app->blocked) {
        return;
    }
    app->blocked = false;
    vsw_doze_awake(&app->doze, &app->worker);
    vsw_flag_set(&app->vnic->tx_wanted, unit, false);
    vsw_unit_charge(unit, VSW_ACCOUNT_CTXSW, VSW_COST_CTXSW_KTHREAD, 1);
}

/* Chooses what to do, at sync.  False: nothing. */
static bool
choose(struct vsw_netmap_app *app)
{
    const struct vsw_unit *unit = app->worker.unit;
    uint32_t n_filled = vsw_ring_visible(&app->queue->rx, unit->sync_ps);
    uint32_t n_free = vsw_ring_credits(&app->queue->tx, unit->sync_ps);
    bool sends = can_send(app, n_free);

    if (n_filled > 0) {
        app->state = VSW_NETMAP_APP_RECEIVE;
        app->n_left = n_filled;
    } else if (can_drain(app)) {
        app->state = VSW_NETMAP_APP_SYNC;
    } else if (sends) {
        app->state = VSW_NETMAP_APP_TRANSMIT;
        app->n_left = app->burst_pkts;
        app->upto = app->queue->tx.filled + n_free;
        app->begun_ps = unit->sync_ps;
    } else {
        return false;
    }
    wake_up(app);
    if (n_filled > 0) {
        charge_sync(app);
    }
    return true;
}

/* Does the step at hand; false if the call must end first. */
static bool
do_step(struct vsw_netmap_app *app)
{
    const struct vsw_vnic_ops *ops = app->vnic->ops;

    switch (app->state) {
    case VSW_NETMAP_APP_RECEIVE:
        if (!receive(app)) {
            return false;
        }
        app->state = VSW_NETMAP_APP_FREED;
        return true;
    case VSW_NETMAP_APP_FREED:
        if (ops->rx_freed && !ops->rx_freed(app->vnic, &app->worker)) {
            vsw_worker_go_on(&app->worker);
            return false;
        }
        app->state = VSW_NETMAP_APP_LOOK;
        return true;
    case VSW_NETMAP_APP_TRANSMIT:
        if (!transmit(app)) {
            return false;
        }
        aim_source(app);
        app->state = VSW_NETMAP_APP_SYNC;
        return true;
    case VSW_NETMAP_APP_SYNC:
        if (ops->kick && !ops->kick(app->vnic, &app->worker)) {
            vsw_worker_go_on(&app->worker);
            return false;
        }
        app->state = VSW_NETMAP_APP_LOOK;
        return true;
    case VSW_NETMAP_APP_LOOK:
        break;
    }
    return true;
}

static void
app_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_netmap_app *app = owner;

    vsw_unit_enter(worker->unit, worker->domain, VSW_STAGE_NONE);
    if (app->state == VSW_NETMAP_APP_LOOK && !choose(app)) {
        block(app);
        return;
    }
    while (app->state != VSW_NETMAP_APP_LOOK) {
        if (!do_step(app)) {
            return;
        }
    }
    /* Looks again, at sync. */
    vsw_worker_go_on(worker);
}

static void
in_guest(void *aux, struct vsw_worker *worker)
{
    struct vsw_netmap_app *app = aux;

    vsw_worker_wake(&app->worker, worker->unit->local_ps);
}

/* How it is woken: as a process, or by the interrupt of its guest. */
static int
make_wakeup(struct vsw_netmap_app *app, uint32_t domain)
{
    struct vsw_vnic *vnic = app->vnic;
    int error;

    if (vnic->ops->serves_processes) {
        vsw_wakeup_init(&app->wakeup, &app->worker, app->sw->domain,
                        VSW_ENTRY_VM_EXIT);
        vnic->process = &app->wakeup;
        vnic->process_wanted = &app->doze.wanted;
        return 0;
    }
    error = vsw_virq_init(&vnic->virq, vnic->unit, vnic->task, domain,
                          app->sw->domain, IRQ_PRIORITY, in_guest, app);
    if (!error && !vnic->ops->irq_always) {
        vnic->virq.wanted = &app->doze.wanted;
    }
    return error;
}

int
vsw_netmap_app_start(struct vsw_netmap_app *app, struct vsw_switch *sw,
                     struct vsw_vnic *vnic, uint32_t domain,
                     uint64_t start_ps)
{
    int error;

    app->sw = sw;
    app->vnic = vnic;
    app->queue = vnic->queue;
    app->burst_pkts = vnic->ops->one_by_one ? 1 : sw->guest_burst_pkts;
    app->sources[RECEIVE] = (struct vsw_source) {
        .ring = &app->queue->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    app->sources[TRANSMIT].ring = &app->queue->tx;
    aim_source(app);
    app->sources[DRAIN] = (struct vsw_source) {
        .ring = vnic->drain,
        .kind = VSW_SOURCE_NEVER,
        .n_needed = 1,
    };
    vsw_doze_init(&app->doze, app->sources, N_SOURCES);
    vsw_flag_init(&vnic->tx_wanted, false);
    app->worker.unit = vnic->unit;
    app->worker.work = app_work;
    app->worker.owner = app;
    app->worker.priority = APP_PRIORITY;
    app->worker.domain = domain;
    app->worker.trigger = VSW_TRIGGER_WAKE;
    error = vsw_worker_add(&app->worker);
    if (!error && vnic->task) {
        vsw_task_adopt(vnic->task, &app->worker);
    }
    if (!error) {
        error = make_wakeup(app, domain);
    }
    if (!error) {
        vsw_worker_wake(&app->worker, start_ps);
    }
    return error;
}

/* --- As a guest ---------------------------------------------------------- */

static int
start_queue(struct vsw_guest *guest, uint32_t queue)
{
    struct vsw_netmap_app *app = &((struct vsw_netmap_app *)
                                       guest->state)[queue];

    vsw_guest_make_traffic(guest, queue, &app->traffic);
    return vsw_netmap_app_start(app, guest->sw, &guest->port->vnics[queue],
                                guest->domain, guest->start_ps[queue]);
}

static int
guest_start(struct vsw_guest *guest, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_SYSCALL, VSW_COST_NETMAP_SYNC, VSW_COST_NETMAP_SLOT,
        VSW_COST_CTXSW_KTHREAD,
    };
    struct vsw_sim *sim = guest->sw->sim;
    int error = vsw_sim_require_costs(sim, "a netmap application", costs,
                                      VSW_N_ELEMS(costs), err);

    if (!error) {
        error = vsw_notify_check_costs(sim, "a netmap application", err);
    }
    if (!error && !guest->port->vnics[0].ops) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s has no netmap ports; use another "
                             "guests.driver", guest->sw->ops->name);
    }
    if (error) {
        return error;
    }
    guest->state = calloc(guest->port->n_queues,
                          sizeof(struct vsw_netmap_app));
    error = guest->state ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < guest->port->n_queues; i++) {
        error = start_queue(guest, i);
    }
    return error ? vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                                 "out of memory for a netmap application")
                 : 0;
}

static void
guest_fini(struct vsw_guest *guest)
{
    free(guest->state);
    guest->state = NULL;
}

const struct vsw_guest_ops vsw_guest_netmap = {
    .name = "netmap",
    .title = "netmap application such as pkt-gen: a process on the host or in "
             "a guest, one thread per queue pair",
    .blocks = true,
    .start = guest_start,
    .fini = guest_fini,
};
