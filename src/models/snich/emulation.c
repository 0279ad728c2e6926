/* The loop of the emulation core, what it tells guests, start and end. */
#include "models/snich/emulation.h"

#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"
#include "models/snich/emulation_impl.h"

#define PS_PER_NS UINT64_C(1000)

/* Start phases differ by up to this much. */
#define MAX_PHASE_PS UINT64_C(2000000)

/* Below the daemon of the control plane, if that is on the same CPU. */
#define LOOP_PRIORITY 2

static const uint16_t costs[] = {
    VSW_COST_VRING_AVAIL, VSW_COST_VRING_DESC, VSW_COST_VRING_USED,
    VSW_COST_VRING_EMPTY, VSW_COST_COPY_CALL,  VSW_COST_COPY_BYTE,
    VSW_COST_FLOW_EXTRACT, VSW_COST_HASH_SOFT, VSW_COST_EMC_LOOKUP,
};

/* --- Telling the guests -------------------------------------------------- */

static void
publish(struct snich_emulation *e)
{
    struct vsw_unit *unit = snich_unit(e);

    for (uint32_t i = 0; i < e->n_vnics; i++) {
        struct snich_vnic *v = &e->vnics[i];

        if (v->freed) {
            vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED,
                            VSW_COST_VRING_USED, 1);
            vsw_tx_window_release(&v->window, unit->local_ps);
        }
        if (v->received) {
            uint32_t n = v->queue->rx.filled - v->queue->rx.fills.done;

            vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED,
                            VSW_COST_VRING_USED, 1);
            vsw_ring_mem_used(unit, VSW_ACCOUNT_VRING_USED,
                              &v->queue->rx_mem,
                              v->queue->rx.fills.done & v->queue->rx.mask, n,
                              VSW_MEM_WRITE);
            vsw_ring_publish(&v->queue->rx, unit->local_ps);
            vsw_switch_count_batch(&e->sw->send, unit, n);
        }
        v->owed = v->received || v->freed;
    }
}

static bool
interrupts(const struct snich_vnic *v)
{
    return v->vnic && v->vnic->virq.upcall;
}

/* The guest learns of its packets, or of free slots if it waits for them; at
 * sync. */
static void
notify(struct snich_vnic *v)
{
    struct vsw_worker *worker = &v->emulation->worker;
    struct vsw_unit *unit = worker->unit;
    bool wanted = v->received
                  || (v->freed && vsw_vnic_tx_wanted(v->vnic, unit));

    v->received = false;
    v->freed = false;
    v->owed = false;
    if (!wanted) {
        return;
    }
    switch (vsw_irqmod_event(&v->irqmod, unit->local_ps / PS_PER_NS)) {
    case VSW_IRQMOD_HOLD:
        break;
    case VSW_IRQMOD_ARM:
        vsw_timer_restart(&v->timer, v->irqmod.next_ns * PS_PER_NS);
        break;
    case VSW_IRQMOD_RAISE:
        vsw_virq_raise(&v->vnic->virq, worker);
        break;
    }
}

static void
gap_is_over(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct snich_vnic *v = timer->aux;

    if (vsw_irqmod_expire(&v->irqmod, unit->local_ps / PS_PER_NS)) {
        vsw_virq_raise(&v->vnic->virq, &v->emulation->worker);
    }
}

/* Notifies one guest after another, each at sync.  False: goes on in the next
 * call. */
static bool
notify_all(struct snich_emulation *e)
{
    for (; e->at < e->n_vnics; e->at++) {
        struct snich_vnic *v = &e->vnics[e->at];

        if (!v->owed) {
            continue;
        }
        if (!interrupts(v)) {
            v->received = v->freed = v->owed = false;
            continue;
        }
        if (!vsw_unit_at_sync(snich_unit(e))) {
            return false;
        }
        notify(v);
    }
    return true;
}

/* --- The loop ------------------------------------------------------------ */

/* With one class the order of service is that of polling, and a visit makes
 * a round. */
static void
begin_round(struct snich_emulation *e)
{
    e->in_round = true;
    e->state = SNICH_TAKE;
    e->at = e->worker.source;
    e->n_left = e->setup.n_classes > 1 ? e->n_vnics + 1 : 1;
    e->n_moved = 0;
}

/* Does what the state asks for; false: goes on in the next call. */
static bool
do_state(struct snich_emulation *e)
{
    switch (e->state) {
    case SNICH_TAKE:
        return snich_take(e);
    case SNICH_MOVE:
        return snich_move(e);
    case SNICH_PUBLISH:
        publish(e);
        e->at = 0;
        return true;
    case SNICH_NOTIFY:
        return notify_all(e);
    }
    return true;
}

static void
emulate(void *owner, struct vsw_worker *worker)
{
    struct snich_emulation *e = owner;

    if (!e->in_round) {
        begin_round(e);
    }
    while (e->in_round) {
        if (!do_state(e)) {
            vsw_worker_go_on(worker);
            return;
        }
        e->in_round = e->state != SNICH_NOTIFY;
        e->state++;
    }
    if (snich_highest(e)) {
        vsw_worker_go_on(worker);
    }
}

/* --- Start and end ------------------------------------------------------- */

static int
make_vnics(struct snich_emulation *e)
{
    struct vsw_switch *sw = e->sw;

    e->vnics = calloc(sw->n_all_queues, sizeof *e->vnics);
    e->sources = calloc((size_t) sw->n_all_queues + 1, sizeof *e->sources);
    if (!e->vnics || !e->sources) {
        return -ENOMEM;
    }
    for (; e->n_vnics < sw->n_all_queues; e->n_vnics++) {
        struct snich_vnic *v = &e->vnics[e->n_vnics];
        const struct vsw_port *port;

        v->queue = &sw->queues[e->n_vnics];
        port = &sw->ports[v->queue->port];
        v->vnic = port->vnics ? &port->vnics[v->queue->index] : NULL;
        v->emulation = e;
        vsw_irqmod_init(&v->irqmod, e->setup.irq_gap_ns);
        vsw_timer_init(&v->timer, snich_unit(e), sw->domain, gap_is_over, v);
        if (vsw_tx_window_init(&v->window, &v->queue->tx)) {
            return -ENOMEM;
        }
        e->sources[e->n_vnics] = (struct vsw_source) {
            .ring = &v->queue->tx,
            .kind = VSW_SOURCE_FILLED,
            .n_needed = 1,
        };
    }
    e->sources[e->n_vnics] = (struct vsw_source) {
        .ring = &e->control->again,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    return 0;
}

/* Room for all that a round can take, for each class. */
static int
make_classes(struct snich_emulation *e)
{
    uint32_t n = (e->n_vnics + 1) * e->setup.burst_pkts;
    uint32_t size = 1;

    while (size < n) {
        size *= 2;
    }
    e->class_mask = size - 1;
    for (uint32_t i = 0; i < e->setup.n_classes; i++) {
        e->classes[i].taken = calloc(size, sizeof *e->classes[i].taken);
        if (!e->classes[i].taken) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int
add_worker(struct snich_emulation *e)
{
    struct vsw_switch *sw = e->sw;

    e->worker.work = emulate;
    e->worker.owner = e;
    e->worker.priority = LOOP_PRIORITY;
    e->worker.domain = sw->domain;
    if (vsw_worker_add(&e->worker)) {
        return -ENOMEM;
    }
    vsw_worker_poll(&e->worker, e->sources, e->n_vnics + 1,
                    VSW_COST_VRING_EMPTY,
                    vsw_random_below(&sw->start, MAX_PHASE_PS));
    return 0;
}

int
snich_emulation_start(struct snich_emulation *e, struct vsw_switch *sw,
                      struct vsw_nic_rules *rules,
                      struct vsw_control_plane *control,
                      const struct snich_emulation_setup *setup,
                      struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    e->sw = sw;
    e->rules = rules;
    e->control = control;
    e->setup = *setup;
    e->worker.unit = sw->units[0];
    if (!error && (make_vnics(e) || make_classes(e) || add_worker(e))) {
        error = vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                              "out of memory for the emulation of a NIC");
    }
    return error;
}

void
snich_emulation_fini(struct snich_emulation *e)
{
    for (uint32_t i = 0; e->vnics && i < e->n_vnics; i++) {
        vsw_tx_window_fini(&e->vnics[i].window);
    }
    for (uint32_t i = 0; i < SNICH_MAX_CLASSES; i++) {
        free(e->classes[i].taken);
    }
    free(e->vnics);
    free(e->sources);
}
