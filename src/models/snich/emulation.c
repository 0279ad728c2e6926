#include "models/snich/emulation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mactable.h>
#include <vswsim/mem.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

#define PS_PER_NS UINT64_C(1000)

/* Start phases differ by up to this much. */
#define MAX_PHASE_PS UINT64_C(2000000)

/* Below the daemon of the control plane, if that is on the same CPU. */
#define LOOP_PRIORITY 2

/* A copy advances by at most this much per step. */
#define STEP_BYTES 4096u

static const uint16_t costs[] = {
    VSW_COST_VRING_AVAIL, VSW_COST_VRING_DESC, VSW_COST_VRING_USED,
    VSW_COST_VRING_EMPTY, VSW_COST_COPY_CALL,  VSW_COST_COPY_BYTE,
    VSW_COST_FLOW_EXTRACT, VSW_COST_HASH_SOFT, VSW_COST_EMC_LOOKUP,
};

static struct vsw_unit *
unit_of(const struct snich_emulation *e)
{
    return e->worker.unit;
}

static struct vsw_pkt *
pkt_at(const struct snich_emulation *e, uint32_t pkt)
{
    return &e->sw->pkts->pkts[pkt];
}

/* The packet that was taken leaves its place: a slot of the sender's, or
 * a buffer of the control plane. */
static void
leave(struct snich_emulation *e, const struct snich_taken *t, uint32_t buf)
{
    if (t->queue == VSW_NONE) {
        vsw_control_plane_release(e->control, buf);
    } else {
        vsw_tx_window_done(&e->vnics[t->queue].window, t->slot, t->n_slots);
        e->vnics[t->queue].freed = true;
    }
}

static void
lose(struct snich_emulation *e, const struct snich_taken *t,
     enum vsw_drop drop)
{
    leave(e, t, pkt_at(e, t->pkt)->buf);
    vsw_pkt_drop(e->sw->pkts, unit_of(e), t->pkt, drop);
}

/* --- Taking -------------------------------------------------------------- */

static void
copy_bytes(struct vsw_unit *unit, bool first, uint32_t n_bytes)
{
    uint64_t ps = vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_BYTE, n_bytes);

    if (first) {
        ps += vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
}

/* Copies the headers and looks the flow up.  False: it has no rule. */
static bool
look_up(struct snich_emulation *e, const struct vsw_pkt *pkt,
        struct vsw_rule *rule)
{
    struct vsw_unit *unit = unit_of(e);
    uint32_t n_bytes = vsw_pkt_data_bytes(pkt);
    struct vsw_flowkey key;

    if (n_bytes > e->setup.header_bytes) {
        n_bytes = e->setup.header_bytes;
    }
    copy_bytes(unit, true, n_bytes);
    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_SWITCH);
    vsw_unit_charge(unit, VSW_ACCOUNT_EXTRACT, VSW_COST_FLOW_EXTRACT, 1);
    vsw_flowkey_extract(&key, e->sw->bufs.headers[pkt->buf], n_bytes,
                        (uint16_t) pkt->in_port, &unit->memobs);
    vsw_unit_charge(unit, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
    return vsw_nic_rules_lookup(e->rules, &key, rule, &unit->memobs);
}

/* The packet is copied to the control plane, and its slot is free. */
static void
ask(struct snich_emulation *e, const struct snich_taken *t)
{
    struct vsw_unit *unit = unit_of(e);
    uint32_t buf = pkt_at(e, t->pkt)->buf;

    if (!vsw_control_plane_admit(e->control, unit, t->pkt)) {
        lose(e, t, VSW_DROP_NO_BUFFER);
        return;
    }
    copy_bytes(unit, true, vsw_pkt_data_bytes(pkt_at(e, t->pkt)));
    vsw_control_plane_take(e->control, unit, t->pkt, false);
    leave(e, t, buf);
}

static bool
class_is_full(const struct snich_emulation *e, const struct snich_class *c)
{
    return c->tail - c->head > e->class_mask;
}

static void
sort_out(struct snich_emulation *e, struct snich_taken *t,
         const struct vsw_rule *rule)
{
    uint32_t number = rule->qos_class < e->setup.n_classes
                          ? rule->qos_class
                          : e->setup.n_classes - 1;
    struct snich_class *c = &e->classes[number];

    if (rule->negative) {
        lose(e, t, VSW_DROP_DENIED);
    } else if (rule->port >= e->sw->n_ports
               || rule->port == pkt_at(e, t->pkt)->in_port) {
        lose(e, t, VSW_DROP_NO_ROUTE);
    } else if (class_is_full(e, c)) {
        lose(e, t, VSW_DROP_FIFO_FULL);
    } else {
        t->port = rule->port;
        c->taken[c->tail++ & e->class_mask] = *t;
    }
}

static void
take_one(struct snich_emulation *e)
{
    struct vsw_unit *unit = unit_of(e);
    bool is_guest = e->at < e->n_vnics;
    struct snich_taken t = {.queue = is_guest ? e->at : VSW_NONE};
    struct vsw_rule rule;

    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_RECEIVE);
    t.pkt = vsw_ring_pop(e->sources[e->at].ring, &t.slot, &t.n_slots);
    e->n_taken++;
    e->n_more -= t.n_slots;
    if (is_guest) {
        vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                        t.n_slots);
    } else {
        vsw_ring_free(&e->control->again, unit->local_ps);
    }
    if (look_up(e, pkt_at(e, t.pkt), &rule)) {
        sort_out(e, &t, &rule);
    } else {
        ask(e, &t);
    }
}

/* Goes to source 'at', at sync, and sees what has gathered there. */
static void
visit(struct snich_emulation *e)
{
    struct vsw_unit *unit = unit_of(e);
    uint32_t n = vsw_ring_visible(e->sources[e->at].ring, unit->sync_ps);

    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_RECEIVE);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_AVAIL,
                    n ? VSW_COST_VRING_AVAIL : VSW_COST_VRING_EMPTY, 1);
    e->visiting = true;
    e->n_taken = 0;
    e->n_more = n;
}

static bool
may_take(const struct snich_emulation *e)
{
    const struct vsw_ring *ring = e->sources[e->at].ring;

    /* A packet may have more slots than one. */
    return e->n_taken < e->setup.burst_pkts && e->n_more > 0
           && ring->fills.seen != ring->popped;
}

/* Takes from the sources of the round.  False: goes on in the next call. */
static bool
take(struct snich_emulation *e)
{
    for (; e->n_left > 0; e->n_left--) {
        if (!e->visiting) {
            if (!vsw_unit_at_sync(unit_of(e))) {
                return false;
            }
            visit(e);
        }
        while (may_take(e)) {
            if (vsw_worker_quantum_over(&e->worker)) {
                return false;
            }
            take_one(e);
        }
        if (e->n_taken > 0) {
            vsw_switch_count_batch(&e->sw->receive, unit_of(e), e->n_taken);
        }
        e->visiting = false;
        e->at = (e->at + 1) % (e->n_vnics + 1);
    }
    return true;
}

/* --- Moving -------------------------------------------------------------- */

static struct snich_class *
highest(struct snich_emulation *e)
{
    for (uint32_t i = e->setup.n_classes; i-- > 0;) {
        if (e->classes[i].head != e->classes[i].tail) {
            return &e->classes[i];
        }
    }
    return NULL;
}

static struct snich_vnic *
receiver_of(const struct snich_emulation *e, const struct snich_taken *t)
{
    const struct vsw_port *port = &e->sw->ports[t->port];
    uint32_t in = t->queue == VSW_NONE ? 0 : e->vnics[t->queue].queue->index;

    return &e->vnics[port->first_queue + in % port->n_queues];
}

/* Finds room for the packet at the receiver.  Returns false if that can only
 * be known at sync. */
static bool
begin_copy(struct snich_emulation *e, const struct snich_taken *t,
           bool *has_room)
{
    struct vsw_unit *unit = unit_of(e);
    struct vsw_queue *queue = receiver_of(e, t)->queue;
    uint32_t n = vsw_queue_n_slots(queue, pkt_at(e, t->pkt)->frame_bytes);

    *has_room = vsw_ring_credits(&queue->rx, unit->sync_ps) >= n;
    if (!*has_room) {
        return vsw_unit_at_sync(unit);
    }
    e->to_slot = vsw_ring_fill(&queue->rx, t->pkt, n);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, n);
    e->copying = true;
    e->n_done_bytes = 0;
    return true;
}

/* Copies the next step; true when all is copied. */
static bool
copy_step(struct snich_emulation *e, const struct snich_taken *t)
{
    struct vsw_pkt *pkt = pkt_at(e, t->pkt);
    uint32_t left = vsw_pkt_data_bytes(pkt) - e->n_done_bytes;
    uint32_t step = left < STEP_BYTES ? left : STEP_BYTES;

    copy_bytes(unit_of(e), e->n_done_bytes == 0, step);
    e->n_done_bytes += step;
    return step == left;
}

static void
end_copy(struct snich_emulation *e, const struct snich_taken *t)
{
    struct snich_vnic *to = receiver_of(e, t);
    struct vsw_pkt *pkt = pkt_at(e, t->pkt);
    uint32_t from = pkt->buf;
    uint8_t(*headers)[VSW_HEADER_BYTES] = e->sw->bufs.headers;

    pkt->buf = to->queue->rx_bufs[e->to_slot];
    memcpy(headers[pkt->buf], headers[from], VSW_HEADER_BYTES);
    to->received = true;
    e->copying = false;
    leave(e, t, from);
}

static bool
may_move(const struct snich_emulation *e)
{
    return e->setup.n_classes == 1 || e->n_moved < e->setup.burst_pkts;
}

/* Copies packets, highest class first.  False: goes on in the next call. */
static bool
move(struct snich_emulation *e)
{
    struct snich_class *c;

    vsw_unit_enter(unit_of(e), e->sw->domain, VSW_STAGE_SEND);
    while (may_move(e) && (c = highest(e))) {
        struct snich_taken *t = &c->taken[c->head & e->class_mask];
        bool has_room = true;

        if (vsw_worker_quantum_over(&e->worker)
            || (!e->copying && !begin_copy(e, t, &has_room))) {
            return false;
        }
        if (!has_room) {
            lose(e, t, VSW_DROP_RX_RING_FULL);
        } else if (copy_step(e, t)) {
            end_copy(e, t);
        } else {
            continue;
        }
        c->head++;
        e->n_moved++;
    }
    return true;
}

/* --- Telling the guests -------------------------------------------------- */

static void
publish(struct snich_emulation *e)
{
    struct vsw_unit *unit = unit_of(e);

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
        if (!vsw_unit_at_sync(unit_of(e))) {
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
        return take(e);
    case SNICH_MOVE:
        return move(e);
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
    if (highest(e)) {
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
        vsw_timer_init(&v->timer, unit_of(e), sw->domain, gap_is_over, v);
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
