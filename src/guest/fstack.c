/* F-Stack: FreeBSD's stack in user space on a polling virtio driver, and an
 * application that runs to completion in the same loop.
 *
 * Each turn takes up to a burst from the receive queue, copies each packet
 * from its rte_mbuf into an mbuf of FreeBSD's and through the stack, lets
 * timers expire, runs every application that has something to do, and copies
 * what the stack sends into rte_mbufs, which are published together.
 *
 * Source: the set-up of ZCopy-vhost (IEEE Access 2019), section VII, with
 * Redis and its benchmark; F-Stack's lib/ff_dpdk_if.c (main_loop(),
 * ff_veth_input(), ff_dpdk_if_send()).
 *
 * Modelled: bursts; one copy each way between the two kinds of buffer, and one
 * between socket and application; no segmentation offload (F-Stack's default);
 * pages touched again after a flush of the TLB, as by virtio_poll.  Left out:
 * several interfaces, ARP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/guest.h>
#include <vswsim/sock.h>
#include <vswsim/tlb.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

/* Largest burst of F-Stack's loop, MAX_PKT_BURST. */
#define MAX_BURST 32

enum {
    RECEIVE,
    TRANSMIT,
};

struct fstack {
    struct vsw_worker worker;
    struct vsw_source sources[2];
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_queue *queue;
    struct vsw_unit *unit;
    struct vsw_sockset socks;
    struct vsw_tlb tlb;
    uint32_t n_pages;           /* Fixed ones; those of slots follow. */
    uint64_t touched;           /* Flushes before they were touched last. */
    uint32_t n_touched;         /* Of them, since then. */
    bool in_turn;               /* A turn is under way: ... */
    uint32_t n_left;            /* ... packets that it may still take. */
    uint32_t credits;
    bool waits_for_slots;
    bool kick_due;
    uint64_t n_stack_copies;    /* Between driver and protocols, whole run. */
};

/* --- Memory -------------------------------------------------------------- */

/* Touches the next of the pages that the loop needs, if a flush took them;
 * false: all are there. */
static bool
touch_step(struct fstack *f)
{
    if (f->touched == f->tlb.n_flushes) {
        return false;
    }
    vsw_tlb_touch(&f->tlb, f->n_touched++);
    if (f->n_touched == f->n_pages) {
        f->touched = f->tlb.n_flushes;
        f->n_touched = 0;
    }
    return true;
}

static void
touch_slot(struct fstack *f, uint32_t direction, uint32_t slot)
{
    uint32_t n_slots = f->queue->tx.mask + 1;

    vsw_tlb_touch(&f->tlb, f->n_pages + direction * n_slots + slot);
}

static void
charge_copy(struct fstack *f, uint32_t n_bytes)
{
    vsw_unit_charge(f->unit, VSW_ACCOUNT_GUEST_COPY, VSW_COST_COPY_CALL, 1);
    vsw_unit_charge(f->unit, VSW_ACCOUNT_GUEST_COPY, VSW_COST_COPY_BYTE,
                    n_bytes);
}

/* Between the driver's buffers and the protocols', whose layouts differ. */
static void
charge_stack_copy(struct fstack *f, uint32_t n_bytes)
{
    charge_copy(f, n_bytes);
    f->n_stack_copies++;
}

/* --- Receiving ----------------------------------------------------------- */

static void
take_packet(struct fstack *f)
{
    struct vsw_pkts *pkts = f->sw->pkts;
    uint32_t slot, n_slots;
    uint32_t id = vsw_ring_pop(&f->queue->rx, &slot, &n_slots);
    struct vsw_l4 l4 = pkts->pkts[id].l4;
    struct vsw_sock *sock = vsw_sockset_find(&f->socks,
                                             pkts->pkts[id].flow_id);

    vsw_unit_charge(f->unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_PKT, 1);
    touch_slot(f, RECEIVE, slot);
    charge_stack_copy(f, vsw_pkt_data_bytes(&pkts->pkts[id]));
    vsw_unit_charge(f->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_FSTACK_RX_PKT, 1);
    vsw_pkt_deliver(pkts, f->unit, id, f->queue->port);
    if (sock && l4.proto != VSW_L4_NONE) {
        vsw_sockset_input(&f->socks, sock, f->unit, &l4);
    }
}

/* Takes one packet of the turn's burst. */
static bool
receive_step(struct fstack *f)
{
    struct vsw_ring *ring = &f->queue->rx;

    if (f->n_left == 0) {
        return false;
    }
    take_packet(f);
    if (--f->n_left == 0) {
        vsw_ring_free(ring, f->unit->local_ps);
        vsw_unit_charge(f->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_FSTACK_LOOP,
                        1);
        vsw_sockset_expire(&f->socks, f->unit);
    }
    return true;
}

/* --- Sending ------------------------------------------------------------- */

static void
put_packet(struct fstack *f, const struct vsw_sock *sock,
           const struct vsw_l4 *l4)
{
    struct vsw_queue *queue = f->queue;
    struct vsw_pkts *pkts = f->sw->pkts;
    uint32_t flow = f->socks.dialogs->list[sock->dialog].flows[sock->side];
    uint32_t frame_bytes = vsw_l4_frame_bytes(l4);
    uint32_t slot = queue->tx.filled & queue->tx.mask;
    uint32_t id = vsw_pkt_create(pkts, f->unit, flow, queue->port,
                                 frame_bytes, f->unit->local_ps);

    pkts->pkts[id].buf = queue->tx_bufs[slot];
    pkts->pkts[id].l4 = *l4;
    memcpy(f->sw->bufs.headers[queue->tx_bufs[slot]],
           pkts->workload->flows[flow].header, VSW_HEADER_BYTES);
    f->credits -= vsw_queue_n_slots(queue, frame_bytes);
    vsw_ring_fill(&queue->tx, id, vsw_queue_n_slots(queue, frame_bytes));
    touch_slot(f, TRANSMIT, slot);
}

/* Slots of the largest packet. */
static uint32_t
most_slots(const struct fstack *f)
{
    return vsw_queue_n_slots(f->queue, VSW_TCP_MSS_BYTES
                                           + VSW_TCP_HEADER_BYTES
                                           + VSW_FCS_BYTES);
}

static bool
send_step(struct fstack *f)
{
    struct vsw_l4 l4;
    const struct vsw_sock *sock;

    f->waits_for_slots = false;
    if (!vsw_sockset_has_output(&f->socks)) {
        return false;
    }
    if (f->credits < most_slots(f)) {
        f->waits_for_slots = true;
        return false;
    }
    sock = vsw_sockset_output(&f->socks, f->unit, &l4);
    if (!sock) {
        return false;
    }
    if (l4.payload_bytes > 0) {
        vsw_dialogs_count_seg(f->socks.dialogs, f->unit, l4.payload_bytes);
    }
    vsw_unit_charge(f->unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_FSTACK_TX_SEG, 1);
    charge_stack_copy(f, vsw_l4_frame_bytes(&l4) - VSW_FCS_BYTES);
    vsw_unit_charge(f->unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_PKT, 1);
    put_packet(f, sock, &l4);
    return true;
}

/* --- The application ----------------------------------------------------- */

static void
charge_app(struct fstack *f, const struct vsw_app_step *step)
{
    const struct vsw_dialog_setup *setup = &f->socks.dialogs->setup;

    charge_copy(f, step->n_read + step->n_written);
    if (setup->key_value) {
        vsw_unit_charge(f->unit, VSW_ACCOUNT_APP, VSW_COST_APP_REQUEST,
                        step->n_served);
        vsw_unit_charge(f->unit, VSW_ACCOUNT_APP, VSW_COST_APP_BYTE,
                        (uint64_t) step->n_served * setup->request_bytes);
        vsw_unit_charge(f->unit, VSW_ACCOUNT_APP, VSW_COST_APP_REPLY,
                        step->n_done);
    }
}

static bool
app_step(struct fstack *f)
{
    struct vsw_app_step plan, step;

    if (!vsw_sockset_has_app(&f->socks)) {
        return false;
    }
    plan = vsw_sockset_plan_app(&f->socks, f->unit);
    step = vsw_sockset_run_app(&f->socks, f->unit, &plan);
    charge_app(f, &step);
    return true;
}

/* --- The loop ------------------------------------------------------------ */

static void
begin_turn(struct fstack *f)
{
    uint64_t sync_ps = f->unit->sync_ps;
    uint32_t n_visible = vsw_ring_visible(&f->queue->rx, sync_ps);
    uint32_t n = 0;

    /* Slots may be chained: count packets. */
    for (uint32_t i = 0; i < n_visible && n < MAX_BURST; i++) {
        uint32_t slot = (f->queue->rx.popped + i) & f->queue->rx.mask;

        n += f->queue->rx.slots[slot] != VSW_NONE;
    }
    f->in_turn = true;
    f->n_left = n;
    f->credits = vsw_ring_credits(&f->queue->tx, sync_ps);
    if (n == 0) {
        vsw_sockset_expire(&f->socks, f->unit);
    }
}

static bool
do_step(struct fstack *f)
{
    return touch_step(f) || receive_step(f) || app_step(f) || send_step(f);
}

static bool
finish_kick(struct fstack *f)
{
    const struct vsw_vnic_ops *ops = f->vnic->ops;

    if (f->kick_due && ops && ops->kick
        && !ops->kick(f->vnic, &f->worker)) {
        vsw_worker_go_on(&f->worker);
        return false;
    }
    f->kick_due = false;
    return true;
}

/* What to look at, and until when. */
static void
aim(struct fstack *f)
{
    struct vsw_source *source = &f->sources[TRANSMIT];
    uint64_t deadline_ns = f->socks.deadline_ns;

    source->kind = f->waits_for_slots ? VSW_SOURCE_FREED : VSW_SOURCE_NEVER;
    source->n_needed = most_slots(f);
    f->worker.poll_until_ps = deadline_ns < VSW_NEVER / 1000
                                  ? deadline_ns * 1000 : VSW_NEVER;
}

static void
end_turn(struct fstack *f)
{
    struct vsw_ring *ring = &f->queue->tx;

    f->in_turn = false;
    if (ring->filled != ring->fills.done) {
        vsw_ring_publish(ring, f->unit->local_ps);
        f->kick_due = true;
    }
    aim(f);
    finish_kick(f);
}

static void
work(void *owner, struct vsw_worker *worker)
{
    struct fstack *f = owner;

    if (!finish_kick(f)) {
        return;
    }
    if (!f->in_turn) {
        begin_turn(f);
    }
    while (!vsw_worker_quantum_over(worker)) {
        if (!do_step(f)) {
            end_turn(f);
            return;
        }
    }
    vsw_worker_go_on(worker);
}

/* --- As a guest ---------------------------------------------------------- */

static int
check_costs(const struct vsw_guest *guest, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_GUEST_PKT, VSW_COST_GUEST_EMPTY, VSW_COST_FSTACK_RX_PKT,
        VSW_COST_FSTACK_TX_SEG, VSW_COST_FSTACK_LOOP, VSW_COST_COPY_CALL,
        VSW_COST_COPY_BYTE, VSW_COST_APP_REQUEST, VSW_COST_APP_REPLY,
        VSW_COST_APP_BYTE,
    };

    return vsw_sim_require_costs(guest->sw->sim, "F-Stack", costs,
                                 VSW_N_ELEMS(costs), err);
}

static int
start_vcpu(struct vsw_guest *guest, uint32_t queue)
{
    struct fstack **all = guest->state;
    struct fstack *f = calloc(1, sizeof *f);
    int error;

    if (!f) {
        return -ENOMEM;
    }
    all[queue] = f;
    f->sw = guest->sw;
    f->vnic = &guest->port->vnics[queue];
    f->queue = &guest->port->queues[queue];
    f->unit = f->vnic->unit;
    f->n_pages = guest->sw->guest_pages.n_shared
                 + 2 * guest->sw->guest_pages.n_direction;
    f->queue->tlb = &f->tlb;
    f->sources[RECEIVE] = (struct vsw_source) {
        .ring = &f->queue->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    f->sources[TRANSMIT] = (struct vsw_source) {
        .ring = &f->queue->tx,
        .kind = VSW_SOURCE_NEVER,
        .n_needed = 1,
    };
    f->worker.unit = f->unit;
    f->worker.work = work;
    f->worker.owner = f;
    f->worker.priority = 1;
    f->worker.domain = guest->domain;
    error = vsw_tlb_init(&f->tlb, f->unit, guest->domain,
                         f->n_pages + 2 * (f->queue->tx.mask + 1));
    error = error ? error
                  : vsw_sockset_init(&f->socks, guest->dialogs, guest->index,
                                     queue, guest->index * 77777u + queue);
    error = error ? error : vsw_worker_add(&f->worker);
    error = error ? error
                  : vsw_switch_add_counter(guest->sw, "stack_copies", "copies",
                                           &f->n_stack_copies);
    if (error) {
        return error;
    }
    vsw_sockset_cut_segs(&f->socks);
    vsw_worker_poll(&f->worker, f->sources, 2, VSW_COST_GUEST_EMPTY,
                    guest->start_ps[queue]);
    f->worker.poll_until_ps = guest->start_ps[queue];
    vsw_unit_reschedule(f->unit);
    return 0;
}

static int
fstack_start(struct vsw_guest *guest, struct vsw_error *err)
{
    int error = check_costs(guest, err);

    if (error) {
        return error;
    }
    guest->state = calloc(guest->port->n_queues, sizeof(struct fstack *));
    error = guest->state ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < guest->port->n_queues; i++) {
        error = start_vcpu(guest, i);
    }
    return error ? vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                                 "out of memory for a guest")
                 : 0;
}

static void
fstack_report(struct vsw_guest *guest)
{
    struct fstack **all = guest->state;

    for (uint32_t i = 0; i < guest->port->n_queues; i++) {
        vsw_sockset_report(&all[i]->socks);
    }
}

static void
fstack_fini(struct vsw_guest *guest)
{
    struct fstack **all = guest->state;

    for (uint32_t i = 0; all && i < guest->port->n_queues; i++) {
        if (all[i]) {
            vsw_sockset_fini(&all[i]->socks);
            vsw_tlb_fini(&all[i]->tlb);
        }
        free(all[i]);
    }
    free(all);
    guest->state = NULL;
}

const struct vsw_guest_ops vsw_guest_fstack = {
    .name = "fstack",
    .title = "F-Stack: a stack and an application in user space, polling",
    .has_dialogs = true,
    .only_dialogs = true,
    .start = fstack_start,
    .report = fstack_report,
    .fini = fstack_fini,
};
