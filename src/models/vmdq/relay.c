/* The loop of the relay, what it tells guests, its start and its end. */
#include "models/vmdq/relay.h"

#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/vnic.h>

#include "models/vmdq/relay_impl.h"

#define PS_PER_NS UINT64_C(1000)

/* Start phases differ by up to this much. */
#define MAX_PHASE_PS UINT64_C(2000000)

/* Slots of a queue for each guest at most, and of all that share it. */
#define MAX_GUEST_SLOTS 1024
#define MAX_SLOTS       32768

static const uint16_t costs[] = {
    VSW_COST_VRING_AVAIL,  VSW_COST_VRING_DESC,   VSW_COST_VRING_USED,
    VSW_COST_VRING_EMPTY,  VSW_COST_NIC_RX_BATCH, VSW_COST_NIC_RX_PKT,
    VSW_COST_NIC_TX_BATCH, VSW_COST_NIC_TX_PKT,   VSW_COST_DOORBELL,
    VSW_COST_HASH_SOFT,    VSW_COST_EMC_LOOKUP,   VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

/* --- Telling the guests -------------------------------------------------- */

static bool
interrupts(const struct vmdq_guest *g)
{
    return g->vnic && g->vnic->virq.upcall && (g->received || g->n_freed);
}

/* The guest learns of its packets, or of free slots if it waits for them; at
 * sync. */
static void
tell(struct vmdq_guest *g)
{
    struct vsw_worker *worker = &g->relay->worker;
    struct vsw_unit *unit = worker->unit;

    if (!g->received && !vsw_vnic_tx_wanted(g->vnic, unit)) {
        return;
    }
    switch (vsw_irqmod_event(&g->irqmod, unit->local_ps / PS_PER_NS)) {
    case VSW_IRQMOD_HOLD:
        break;
    case VSW_IRQMOD_ARM:
        vsw_timer_restart(&g->timer, g->irqmod.next_ns * PS_PER_NS);
        break;
    case VSW_IRQMOD_RAISE:
        vsw_virq_raise(&g->vnic->virq, worker);
        break;
    }
}

static void
gap_is_over(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vmdq_guest *g = timer->aux;

    if (vsw_irqmod_expire(&g->irqmod, unit->local_ps / PS_PER_NS)) {
        vsw_virq_raise(&g->vnic->virq, &g->relay->worker);
    }
}

/* False: goes on in the next call. */
static bool
tell_all(struct vmdq_relay *r)
{
    for (; r->at < r->n_guests; r->at++) {
        struct vmdq_guest *g = &r->guests[r->at];

        if (interrupts(g)) {
            if (!vsw_unit_at_sync(vmdq_unit(r))) {
                return false;
            }
            tell(g);
        }
        g->received = false;
        g->n_freed = 0;
    }
    return true;
}

/* --- The loop ------------------------------------------------------------ */

/* What the NIC has yet to read is looked for only while there is any, and what
 * a guest sends only while the NIC's ring has room for it. */
static void
choose_sources(struct vmdq_relay *r)
{
    for (uint32_t i = 0; i < r->n_guests; i++) {
        r->sources[i].kind = r->guests[i].stuck ? VSW_SOURCE_NEVER
                                                : VSW_SOURCE_FILLED;
    }
    for (uint32_t i = 0; i < r->n_queues; i++) {
        const struct vmdq_queue *nic = &r->queues[i];
        struct vsw_source *s = &r->sources[r->n_guests + r->n_queues + i];
        uint32_t n_out = nic->queue.tx.filled - nic->n_reaped;

        s->kind = n_out > 0 ? VSW_SOURCE_FREED : VSW_SOURCE_NEVER;
        s->n_needed = nic->queue.tx.mask + 2 - n_out;
    }
}

static struct vmdq_guest *
owner_of(const struct vmdq_relay *r, uint32_t queue)
{
    return vmdq_is_shared(&r->queues[queue]) ? NULL : &r->guests[queue];
}

/* False: goes on in the next call. */
static bool
serve(struct vmdq_relay *r, uint32_t source)
{
    if (source < r->n_guests) {
        return vmdq_serve_guest(r, &r->guests[source]);
    }
    source -= r->n_guests;
    if (source < r->n_queues) {
        return vmdq_serve_nic(r, &r->queues[source], owner_of(r, source));
    }
    vmdq_reap(r, &r->queues[source - r->n_queues]);
    return true;
}

static void
relay(void *owner, struct vsw_worker *worker)
{
    struct vmdq_relay *r = owner;

    if (!r->telling) {
        if (!serve(r, worker->source)) {
            vsw_worker_go_on(worker);
            return;
        }
        choose_sources(r);
        r->telling = true;
        r->at = 0;
    }
    if (tell_all(r)) {
        r->telling = false;
    } else {
        vsw_worker_go_on(worker);
    }
}

/* --- Start and end ------------------------------------------------------- */

/* Queue pairs of guests behind the 'i'-th of 'n_queues' queues. */
static uint32_t
n_served(uint32_t i, uint32_t n_queues, uint32_t n_guests)
{
    return i + 1 < n_queues ? 1 : n_guests - i;
}

/* A queue has a slot for each of those who share it. */
static uint32_t
n_slots_for(const struct vsw_switch *sw, uint32_t n_guests)
{
    uint32_t n_each = sw->n_slots < MAX_GUEST_SLOTS ? sw->n_slots
                                                    : MAX_GUEST_SLOTS;
    uint32_t n = n_each;

    while (n < n_guests * n_each && n < MAX_SLOTS) {
        n *= 2;
    }
    return n;
}

uint32_t
vmdq_relay_n_bufs(const struct vsw_switch *sw, uint32_t first,
                  uint32_t n_queues)
{
    uint32_t n_guests = vsw_switch_n_guests(sw) * sw->n_queues - first;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_queues; i++) {
        n += 2 * n_slots_for(sw, n_served(i, n_queues, n_guests));
    }
    return n;
}

static int
make_queues(struct vmdq_relay *r)
{
    struct vsw_switch *sw = r->sw;

    for (uint32_t i = 0; i < r->n_queues; i++) {
        struct vmdq_queue *nic = &r->queues[i];
        const struct vsw_queue *first = r->guests[i].queue;

        uint32_t n_slots;

        nic->n_guests = n_served(i, r->n_queues, r->n_guests);
        n_slots = n_slots_for(sw, nic->n_guests);
        if (vsw_queue_init(&nic->queue, &sw->bufs, first->port, first->index,
                           n_slots, r->setup.buf_bytes)
            || vsw_queue_place(&nic->queue, &sw->bufs, sw->sim,
                               vsw_mem_node(vmdq_unit(r)))) {
            return -ENOMEM;
        }
        nic->sent = calloc(n_slots, sizeof *nic->sent);
        if (!nic->sent) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int
make_guests(struct vmdq_relay *r)
{
    struct vsw_switch *sw = r->sw;

    for (uint32_t i = 0; i < r->n_guests; i++) {
        struct vmdq_guest *g = &r->guests[i];
        const struct vsw_port *port;

        g->relay = r;
        g->queue = &sw->queues[r->setup.first + i];
        port = &sw->ports[g->queue->port];
        g->vnic = port->vnics ? &port->vnics[g->queue->index] : NULL;
        g->nic = &r->queues[i < r->n_queues ? i : r->n_queues - 1];
        vsw_irqmod_init(&g->irqmod, r->setup.irq_gap_ns);
        vsw_timer_init(&g->timer, vmdq_unit(r), sw->domain, gap_is_over, g);
        if (vsw_tx_window_init(&g->window, &g->queue->tx)) {
            return -ENOMEM;
        }
    }
    return 0;
}

int
vmdq_relay_init(struct vmdq_relay *r, struct vsw_switch *sw,
                const struct vmdq_setup *setup, struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    if (error) {
        return error;
    }
    r->sw = sw;
    r->setup = *setup;
    r->worker.unit = sw->units[0];
    r->n_guests = vsw_switch_n_guests(sw) * sw->n_queues - setup->first;
    r->n_queues = setup->n_queues < r->n_guests ? setup->n_queues
                                                : r->n_guests;
    r->guests = calloc(r->n_guests, sizeof *r->guests);
    r->queues = calloc(r->n_queues, sizeof *r->queues);
    r->sources = calloc((size_t) r->n_guests + 2 * r->n_queues,
                        sizeof *r->sources);
    if (!r->guests || !r->queues || !r->sources || make_guests(r)
        || make_queues(r)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for %u queues of a NIC",
                             r->n_queues);
    }
    return 0;
}

int
vmdq_relay_attach(struct vmdq_relay *r, struct vsw_eswitch *nic,
                  uint32_t context, struct vsw_error *err)
{
    r->nic = nic;
    for (uint32_t i = 0; i < r->n_queues; i++) {
        if (vsw_eswitch_attach(nic, context + i, &r->queues[i].queue,
                               NULL)) {
            return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                 "out of memory for a NIC's contexts");
        }
    }
    for (uint32_t i = 0; i < r->n_guests; i++) {
        nic->context_of[r->setup.first + i]
            = context + (uint32_t) (r->guests[i].nic - r->queues);
    }
    return 0;
}

int
vmdq_relay_make_nic(struct vmdq_relay *r, struct vsw_eswitch *nic,
                    struct vsw_eswitch_setup *setup, struct vsw_error *err)
{
    int error;

    setup->n_contexts = r->n_queues;
    error = vsw_eswitch_init(nic, r->sw, setup, err);
    return error ? error : vmdq_relay_attach(r, nic, 0, err);
}

static void
set_source(struct vmdq_relay *r, uint32_t i, struct vsw_ring *ring)
{
    r->sources[i] = (struct vsw_source) {
        .ring = ring,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
}

int
vmdq_relay_start(struct vmdq_relay *r, struct vsw_error *err)
{
    for (uint32_t i = 0; i < r->n_guests; i++) {
        set_source(r, i, &r->guests[i].queue->tx);
    }
    for (uint32_t i = 0; i < r->n_queues; i++) {
        set_source(r, r->n_guests + i, &r->queues[i].queue.rx);
        set_source(r, r->n_guests + r->n_queues + i,
                   &r->queues[i].queue.tx);
    }
    choose_sources(r);
    r->worker.work = relay;
    r->worker.owner = r;
    r->worker.priority = 1;
    r->worker.domain = r->sw->domain;
    if (vsw_worker_add(&r->worker)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a driver domain's thread");
    }
    vsw_eswitch_start(r->nic);
    vsw_worker_poll(&r->worker, r->sources, r->n_guests + 2 * r->n_queues,
                    VSW_COST_VRING_EMPTY,
                    vsw_random_below(&r->sw->start, MAX_PHASE_PS));
    return 0;
}

void
vmdq_relay_fini(struct vmdq_relay *r)
{
    for (uint32_t i = 0; r->guests && i < r->n_guests; i++) {
        vsw_tx_window_fini(&r->guests[i].window);
    }
    for (uint32_t i = 0; r->queues && i < r->n_queues; i++) {
        vsw_queue_fini(&r->queues[i].queue);
        free(r->queues[i].sent);
    }
    free(r->guests);
    free(r->queues);
    free(r->sources);
}
