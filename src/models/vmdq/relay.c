#include "models/vmdq/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>
#include <vswsim/mem.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

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

static struct vsw_unit *
unit_of(const struct vmdq_relay *r)
{
    return r->worker.unit;
}

static struct vsw_pkt *
pkt_at(const struct vmdq_relay *r, uint32_t pkt)
{
    return &r->sw->pkts->pkts[pkt];
}

static bool
is_shared(const struct vmdq_queue *nic)
{
    return nic->n_guests > 1;
}

static void
charge(const struct vmdq_relay *r, uint32_t account, uint32_t cost,
       uint32_t n)
{
    vsw_unit_charge(unit_of(r), account, cost, n);
}

/* --- From a guest to the NIC --------------------------------------------- */

/* Passes the next packet on, for which the NIC's ring has room. */
static void
send_one(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vmdq_queue *nic = g->nic;
    struct vsw_ring *to = &nic->queue.tx;
    struct vmdq_sent sent = {.guest = (uint32_t) (g - r->guests)};
    uint32_t pkt = vsw_ring_pop(&g->queue->tx, &sent.slot, &sent.n_slots);
    uint32_t first = vsw_ring_fill(to, pkt, sent.n_slots);

    for (uint32_t i = 0; i < sent.n_slots; i++) {
        nic->sent[(first + i) & to->mask].n_slots = 0;
    }
    nic->sent[first] = sent;
    charge(r, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, sent.n_slots);
    charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_TX_PKT, sent.n_slots);
}

/* As seen at the start of the call. */
static bool
nic_has_room(const struct vmdq_relay *r, const struct vmdq_guest *g)
{
    uint32_t next = vsw_ring_peek(&g->queue->tx);

    return vsw_ring_credits(&g->nic->queue.tx, unit_of(r)->sync_ps)
           >= vsw_queue_n_slots(g->queue, pkt_at(r, next)->frame_bytes);
}

static bool
has_more(const struct vmdq_relay *r, const struct vsw_ring *ring)
{
    return r->n_taken < r->max_taken
           && ring->fills.seen != ring->popped;
}

/* Looks, at sync, what has gathered in 'ring', to take the bursts of
 * 'n_guests'. */
static void
visit(struct vmdq_relay *r, struct vsw_ring *ring, uint32_t n_guests)
{
    vsw_ring_visible(ring, unit_of(r)->sync_ps);
    r->visiting = true;
    r->n_taken = 0;
    r->max_taken = n_guests * r->setup.burst_pkts;
}

/* Tells the NIC of what was passed on. */
static void
end_sending(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vsw_unit *unit = unit_of(r);

    r->visiting = false;
    if (r->n_taken > 0) {
        charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_TX_BATCH, 1);
        vsw_bus_doorbell(g->nic->queue.bus, unit);
        vsw_ring_publish(&g->nic->queue.tx, unit->local_ps);
        vsw_switch_count_batch(&r->sw->receive, unit, r->n_taken);
    }
}

/* False: goes on in the next call, also because only that can tell whether the
 * NIC's ring is full. */
static bool
serve_guest(struct vmdq_relay *r, struct vmdq_guest *g)
{
    struct vsw_ring *ring = &g->queue->tx;

    vsw_unit_enter(unit_of(r), r->sw->domain, VSW_STAGE_RECEIVE);
    if (!r->visiting) {
        visit(r, ring, 1);
        charge(r, VSW_ACCOUNT_VRING_AVAIL, VSW_COST_VRING_AVAIL, 1);
    }
    for (; has_more(r, ring); r->n_taken++) {
        if (vsw_worker_quantum_over(&r->worker)) {
            return false;
        }
        if (!nic_has_room(r, g)) {
            if (!vsw_unit_at_sync(unit_of(r))) {
                return false;
            }
            g->stuck = true;
            break;
        }
        send_one(r, g);
    }
    end_sending(r, g);
    return true;
}

/* --- The NIC has sent ---------------------------------------------------- */

static void
free_sent(struct vmdq_relay *r)
{
    struct vsw_unit *unit = unit_of(r);

    for (uint32_t i = 0; i < r->n_guests; i++) {
        if (r->guests[i].freed) {
            charge(r, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
            vsw_tx_window_release(&r->guests[i].window, unit->local_ps);
        }
    }
}

/* There may be room again for those who wait for 'nic'. */
static void
unblock(struct vmdq_relay *r, const struct vmdq_queue *nic)
{
    for (uint32_t i = 0; i < r->n_guests; i++) {
        r->guests[i].stuck &= r->guests[i].nic != nic;
    }
}

/* Gives back the slots of what the NIC has read. */
static void
reap(struct vmdq_relay *r, struct vmdq_queue *nic)
{
    struct vsw_ring *ring = &nic->queue.tx;

    vsw_unit_enter(unit_of(r), r->sw->domain, VSW_STAGE_RECEIVE);
    vsw_ring_credits(ring, unit_of(r)->sync_ps);
    for (; nic->n_reaped != ring->frees.seen; nic->n_reaped++) {
        const struct vmdq_sent *sent
            = &nic->sent[nic->n_reaped & ring->mask];

        if (sent->n_slots > 0) {
            vsw_tx_window_done(&r->guests[sent->guest].window, sent->slot,
                               sent->n_slots);
            r->guests[sent->guest].freed = true;
        }
    }
    free_sent(r);
    unblock(r, nic);
}

/* --- From the NIC to a guest --------------------------------------------- */

/* Whose packet it is, of a queue that several share. */
static struct vmdq_guest *
find_guest(struct vmdq_relay *r, const struct vsw_pkt *pkt)
{
    const struct vsw_port *port;
    struct vsw_mac dst;
    uint32_t number;

    memcpy(&dst, r->sw->bufs.headers[pkt->buf], sizeof dst);
    number = vsw_mactable_lookup(r->setup.macs, &dst, 0, NULL);
    if (number >= vsw_switch_n_guests(r->sw)) {
        return NULL;
    }
    port = &r->sw->ports[number];
    return &r->guests[port->first_queue + pkt->flow_id % port->n_queues];
}

static void
swap(const struct vsw_queue *a, uint32_t a_slot, const struct vsw_queue *b,
     uint32_t b_slot, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *a_buf = &a->rx_bufs[(a_slot + i) & a->rx.mask];
        uint32_t *b_buf = &b->rx_bufs[(b_slot + i) & b->rx.mask];
        uint32_t buf = *a_buf;

        *a_buf = *b_buf;
        *b_buf = buf;
    }
}

static void
copy(struct vmdq_relay *r, struct vsw_pkt *pkt, uint32_t to)
{
    struct vsw_unit *unit = unit_of(r);
    uint8_t(*headers)[VSW_HEADER_BYTES] = r->sw->bufs.headers;

    vsw_unit_spend(unit, VSW_ACCOUNT_COPY,
                   vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_CALL, 1)
                       + vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_BYTE,
                                              vsw_pkt_data_bytes(pkt)));
    memcpy(headers[to], headers[pkt->buf], VSW_HEADER_BYTES);
    pkt->buf = to;
    r->n_shared += vsw_unit_in_window(unit);
}

/* What it takes to hand a packet over, its copy excluded. */
static void
charge_receive(const struct vmdq_relay *r, const struct vmdq_queue *nic,
               uint32_t n_slots)
{
    charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_RX_PKT, n_slots);
    if (is_shared(nic)) {
        charge(r, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
        charge(r, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
    }
}

static void
hand_over(struct vmdq_relay *r, struct vmdq_queue *nic, struct vmdq_guest *g,
          uint32_t id, uint32_t slot, uint32_t n)
{
    uint32_t to = vsw_ring_fill(&g->queue->rx, id, n);

    charge(r, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, n);
    if (is_shared(nic)) {
        copy(r, pkt_at(r, id), g->queue->rx_bufs[to]);
    } else {
        swap(&nic->queue, slot, g->queue, to, n);
    }
    g->received = true;
}

/* False: whether there is room can only be known at sync. */
static bool
receive_one(struct vmdq_relay *r, struct vmdq_queue *nic,
            struct vmdq_guest *g)
{
    struct vsw_unit *unit = unit_of(r);
    struct vsw_pkt *pkt = pkt_at(r, vsw_ring_peek(&nic->queue.rx));
    uint32_t n = vsw_queue_n_slots(&nic->queue, pkt->frame_bytes);
    uint32_t id, slot;
    bool has_room;

    if (is_shared(nic)) {
        g = find_guest(r, pkt);
    }
    has_room = g && vsw_ring_credits(&g->queue->rx, unit->sync_ps) >= n;
    if (g && !has_room && !vsw_unit_at_sync(unit)) {
        return false;
    }
    id = vsw_ring_pop(&nic->queue.rx, &slot, &n);
    charge_receive(r, nic, n);
    if (has_room) {
        hand_over(r, nic, g, id, slot, n);
    } else {
        vsw_pkt_drop(r->sw->pkts, unit, id,
                     g ? VSW_DROP_RX_RING_FULL : VSW_DROP_NO_ROUTE);
    }
    return true;
}

static void
publish(struct vmdq_relay *r)
{
    struct vsw_unit *unit = unit_of(r);

    for (uint32_t i = 0; i < r->n_guests; i++) {
        struct vsw_ring *ring = &r->guests[i].queue->rx;
        uint32_t n = ring->filled - ring->fills.done;

        if (n > 0) {
            charge(r, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
            vsw_ring_publish(ring, unit->local_ps);
            vsw_switch_count_batch(&r->sw->send, unit, n);
        }
    }
}

/* False: goes on in the next call. */
static bool
serve_nic(struct vmdq_relay *r, struct vmdq_queue *nic,
          struct vmdq_guest *owner)
{
    struct vsw_ring *ring = &nic->queue.rx;
    struct vsw_unit *unit = unit_of(r);

    vsw_unit_enter(unit, r->sw->domain, VSW_STAGE_SEND);
    if (!r->visiting) {
        visit(r, ring, nic->n_guests);
        charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_RX_BATCH, 1);
    }
    for (; has_more(r, ring); r->n_taken++) {
        if (vsw_worker_quantum_over(&r->worker)
            || !receive_one(r, nic, owner)) {
            return false;
        }
    }
    r->visiting = false;
    vsw_bus_doorbell(nic->queue.bus, unit);
    vsw_ring_free(ring, unit->local_ps);
    publish(r);
    return true;
}

/* --- Telling the guests -------------------------------------------------- */

static bool
interrupts(const struct vmdq_guest *g)
{
    return g->vnic && g->vnic->virq.upcall && (g->received || g->freed);
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
            if (!vsw_unit_at_sync(unit_of(r))) {
                return false;
            }
            tell(g);
        }
        g->received = false;
        g->freed = false;
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
    return is_shared(&r->queues[queue]) ? NULL : &r->guests[queue];
}

/* False: goes on in the next call. */
static bool
serve(struct vmdq_relay *r, uint32_t source)
{
    if (source < r->n_guests) {
        return serve_guest(r, &r->guests[source]);
    }
    source -= r->n_guests;
    if (source < r->n_queues) {
        return serve_nic(r, &r->queues[source], owner_of(r, source));
    }
    reap(r, &r->queues[source - r->n_queues]);
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
vmdq_relay_n_bufs(const struct vsw_switch *sw, uint32_t n_queues)
{
    uint32_t n_guests = vsw_switch_n_guests(sw) * sw->n_queues;
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
                               vsw_mem_node(unit_of(r)))) {
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
        g->queue = &sw->queues[i];
        port = &sw->ports[g->queue->port];
        g->vnic = port->vnics ? &port->vnics[g->queue->index] : NULL;
        g->nic = &r->queues[i < r->n_queues ? i : r->n_queues - 1];
        vsw_irqmod_init(&g->irqmod, r->setup.irq_gap_ns);
        vsw_timer_init(&g->timer, unit_of(r), sw->domain, gap_is_over, g);
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
    r->n_guests = vsw_switch_n_guests(sw) * sw->n_queues;
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
vmdq_relay_make_nic(struct vmdq_relay *r, struct vsw_eswitch *nic,
                    struct vsw_eswitch_setup *setup, struct vsw_error *err)
{
    int error;

    setup->n_contexts = r->n_queues;
    error = vsw_eswitch_init(nic, r->sw, setup, err);
    for (uint32_t i = 0; !error && i < r->n_queues; i++) {
        error = vsw_eswitch_attach(nic, i, &r->queues[i].queue, NULL);
    }
    for (uint32_t i = 0; !error && i < r->n_guests; i++) {
        nic->context_of[i] = (uint32_t) (r->guests[i].nic - r->queues);
    }
    return error;
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
vmdq_relay_start(struct vmdq_relay *r)
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
        return -ENOMEM;
    }
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
