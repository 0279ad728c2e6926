#include <vswsim/vhost_net.h>

#include <errno.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

#define PS_PER_NS UINT64_C(1000)

static const uint16_t costs[] = {
    VSW_COST_VHOST_PKT,
    VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

static struct vsw_unit *
unit_of(const struct vsw_vhost_net *t)
{
    return t->worker.unit;
}

static struct vsw_pkt *
pkt_of(const struct vsw_vhost_net *t)
{
    return &t->sw->pkts->pkts[t->pkt];
}

static void
enter(const struct vsw_vhost_net *t, enum vsw_stage stage)
{
    vsw_unit_enter(unit_of(t), t->worker.domain, stage);
}

/* A guest that polls has made no interrupt. */
static bool
takes_irqs(const struct vsw_vhost_net *t)
{
    return t->vnic->virq.worker.unit != NULL;
}

/* Copies the next buffer's worth of the packet between the guest's buffer of
 * its slot and the host's.  Returns true when all is copied. */
static bool
copy_some(struct vsw_vhost_net *t, const uint32_t *slots, bool to_guest)
{
    struct vsw_queue *queue = t->vnic->queue;
    struct vsw_bufs *bufs = &t->sw->bufs;
    uint32_t at = t->n_done_bytes / queue->buf_bytes;
    uint32_t guest_buf = slots[(t->slot + at) & queue->tx.mask];
    uint32_t left = vsw_pkt_data_bytes(pkt_of(t)) - t->n_done_bytes;
    uint32_t n = left < queue->buf_bytes ? left : queue->buf_bytes;

    if (t->n_done_bytes == 0) {
        vsw_unit_charge(unit_of(t), VSW_ACCOUNT_COPY, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_charge(unit_of(t), VSW_ACCOUNT_COPY, VSW_COST_COPY_BYTE, n);
    if (!vsw_mem_is_flat(unit_of(t))) {
        uint64_t guest = vsw_buf_addr(bufs, guest_buf);
        uint64_t host = vsw_buf_addr(bufs, t->at_buf);

        vsw_mem_copy(unit_of(t), VSW_ACCOUNT_COPY, to_guest ? guest : host,
                     to_guest ? host : guest, n);
    }
    memcpy(bufs->headers[to_guest ? guest_buf : t->at_buf],
           bufs->headers[to_guest ? t->at_buf : guest_buf],
           VSW_HEADER_BYTES);
    t->at_buf = bufs->next[t->at_buf];
    t->n_done_bytes += n;
    return n == left;
}

/* What the guest has made available for the packet at hand. */
static void
read_descs(const struct vsw_vhost_net *t, const struct vsw_ring_mem *ring)
{
    vsw_ring_mem_avail(unit_of(t), VSW_ACCOUNT_VHOST, ring, t->slot, 1,
                       VSW_MEM_READ);
    vsw_ring_mem_desc(unit_of(t), VSW_ACCOUNT_VHOST, ring, t->slot,
                      t->n_slots, VSW_MEM_READ);
}

/* --- From the guest ------------------------------------------------------ */

/* Takes the guest's next packet.  Returns false if there is none. */
static bool
begin_tx(struct vsw_vhost_net *t)
{
    struct vsw_ring *ring = &t->vnic->queue->tx;

    if (vsw_ring_visible(ring, unit_of(t)->sync_ps) == 0) {
        return false;
    }
    enter(t, VSW_STAGE_RECEIVE);
    vsw_doze_awake(&t->doze, &t->worker);
    t->pkt = vsw_ring_pop(ring, &t->slot, &t->n_slots);
    vsw_mem_run(unit_of(t), VSW_CODE_VHOST);
    vsw_unit_charge(unit_of(t), VSW_ACCOUNT_VHOST, VSW_COST_VHOST_PKT, 1);
    read_descs(t, &t->vnic->queue->tx_mem);
    if (t->setup.pool->n_free < t->n_slots) {
        vsw_pkt_drop(t->sw->pkts, unit_of(t), t->pkt, VSW_DROP_NO_BUFFER);
        vsw_ring_free(ring, unit_of(t)->local_ps);
        t->pkt = VSW_NONE;
        return true;
    }
    t->host_buf = t->at_buf = vsw_bufpool_get(t->setup.pool, t->n_slots);
    vsw_bufs_lend(&t->sw->bufs, t->setup.pages, unit_of(t)->cpu,
                  vsw_mem_node(unit_of(t)), t->host_buf);
    t->n_done_bytes = 0;
    t->step = VSW_VHOST_NET_COPY_IN;
    return true;
}

static void
end_copy_in(struct vsw_vhost_net *t)
{
    pkt_of(t)->buf = t->host_buf;
    t->turn_bytes += pkt_of(t)->frame_bytes;
    vsw_ring_mem_used(unit_of(t), VSW_ACCOUNT_VHOST,
                      &t->vnic->queue->tx_mem, t->slot, 1, VSW_MEM_WRITE);
    vsw_ring_free(&t->vnic->queue->tx, unit_of(t)->local_ps);
    t->step = VSW_VHOST_NET_FORWARD;
}

static bool
forward(struct vsw_vhost_net *t)
{
    enter(t, VSW_STAGE_SWITCH);
    if (!t->setup.forward(t, t->pkt)) {
        return false;
    }
    t->pkt = VSW_NONE;
    t->step = VSW_VHOST_NET_TX_IRQ;
    return true;
}

/* Interrupts a guest that waits for free descriptors. */
static bool
interrupt_tx(struct vsw_vhost_net *t)
{
    if (!vsw_unit_at_sync(unit_of(t))) {
        return false;
    }
    enter(t, VSW_STAGE_RECEIVE);
    if (takes_irqs(t) && vsw_vnic_tx_wanted(t->vnic, unit_of(t))
        && !vsw_virq_raise(&t->vnic->virq, &t->worker)) {
        return false;
    }
    t->step = VSW_VHOST_NET_TURN;
    return true;
}

/* --- To the guest -------------------------------------------------------- */

/* Descriptors that the first packet of the tap's queue takes. */
static uint32_t
n_slots_needed(const struct vsw_vhost_net *t)
{
    uint32_t pkt = t->tap.items[t->tap.head & t->tap.mask].pkt;

    return vsw_queue_n_slots(t->vnic->queue,
                             t->sw->pkts->pkts[pkt].frame_bytes);
}

static bool
tap_has_packet(const struct vsw_vhost_net *t)
{
    return vsw_backlog_ready_ps(&t->tap) <= unit_of(t)->sync_ps;
}

/* Takes the next packet for the guest, if it has posted buffers for it. */
static bool
begin_rx(struct vsw_vhost_net *t)
{
    struct vsw_ring *ring = &t->vnic->queue->rx;
    struct vsw_backlog_item item;

    if (!tap_has_packet(t)) {
        return false;
    }
    t->n_slots = n_slots_needed(t);
    if (vsw_ring_credits(ring, unit_of(t)->sync_ps) < t->n_slots
        || !vsw_backlog_take(&t->tap, unit_of(t)->sync_ps, &item)) {
        return false;
    }
    enter(t, VSW_STAGE_SEND);
    t->pkt = item.pkt;
    vsw_mem_run(unit_of(t), VSW_CODE_VHOST);
    vsw_unit_charge(unit_of(t), VSW_ACCOUNT_VHOST, VSW_COST_VHOST_PKT, 1);
    t->host_buf = t->at_buf = pkt_of(t)->buf;
    t->slot = ring->filled & ring->mask;
    read_descs(t, &t->vnic->queue->rx_mem);
    t->n_done_bytes = 0;
    t->step = VSW_VHOST_NET_COPY_OUT;
    return true;
}

static void
end_copy_out(struct vsw_vhost_net *t)
{
    struct vsw_queue *queue = t->vnic->queue;

    vsw_bufs_return(&t->sw->bufs, t->setup.pages, unit_of(t)->cpu,
                    t->host_buf);
    vsw_bufpool_put(t->setup.pool, t->host_buf);
    pkt_of(t)->buf = queue->rx_bufs[t->slot];
    t->turn_bytes += pkt_of(t)->frame_bytes;
    vsw_ring_fill(&queue->rx, t->pkt, t->n_slots);
    vsw_ring_mem_used(unit_of(t), VSW_ACCOUNT_VHOST, &queue->rx_mem, t->slot,
                      1, VSW_MEM_WRITE);
    vsw_ring_publish(&queue->rx, unit_of(t)->local_ps);
    vsw_switch_count_batch(&t->sw->send, unit_of(t), 1);
    t->pkt = VSW_NONE;
    t->step = VSW_VHOST_NET_RX_IRQ;
}

static bool
interrupt_rx(struct vsw_vhost_net *t)
{
    if (!vsw_unit_at_sync(unit_of(t))) {
        return false;
    }
    enter(t, VSW_STAGE_SEND);
    if (takes_irqs(t) && !vsw_virq_raise(&t->vnic->virq, &t->worker)) {
        return false;
    }
    t->step = VSW_VHOST_NET_TURN;
    return true;
}

/* --- Turns --------------------------------------------------------------- */

/* Nothing can be done in either direction. */
static void
block(struct vsw_vhost_net *t)
{
    uint64_t retry_ps = unit_of(t)->local_ps
                        + t->setup.rx_retry_ns * PS_PER_NS;

    if (!vsw_doze_block(&t->doze, &t->worker)) {
        return;
    }
    if (tap_has_packet(t)) {
        /* The guest has posted no buffer for it. */
        vsw_worker_wake(&t->worker, retry_ps);
        return;
    }
    vsw_sleep_block(&t->sleep, vsw_backlog_ready_ps(&t->tap));
}

static void
change_direction(struct vsw_vhost_net *t)
{
    t->to_guest = !t->to_guest;
    t->turn_bytes = 0;
    t->turn_pkts = 0;
}

/* Takes the next packet of the direction whose turn it is, or of the other
 * one.  Returns false if there is none, or at sync only. */
static bool
begin_packet(struct vsw_vhost_net *t)
{
    if (!vsw_unit_at_sync(unit_of(t))) {
        return false;
    }
    if (t->turn_bytes >= t->setup.weight_bytes
        || t->turn_pkts >= t->setup.weight_pkts) {
        t->n_turns++;
        change_direction(t);
    }
    for (int i = 0; i < 2; i++) {
        if (t->to_guest ? begin_rx(t) : begin_tx(t)) {
            t->turn_pkts++;
            return true;
        }
        change_direction(t);
    }
    block(t);
    return false;
}

/* Does the step at hand.  Returns false if the call must end. */
static bool
do_step(struct vsw_vhost_net *t)
{
    const struct vsw_queue *queue = t->vnic->queue;

    switch (t->step) {
    case VSW_VHOST_NET_TURN:
        return begin_packet(t);
    case VSW_VHOST_NET_COPY_IN:
        enter(t, VSW_STAGE_RECEIVE);
        if (copy_some(t, queue->tx_bufs, false)) {
            end_copy_in(t);
        }
        return true;
    case VSW_VHOST_NET_FORWARD:
        return forward(t);
    case VSW_VHOST_NET_TX_IRQ:
        return interrupt_tx(t);
    case VSW_VHOST_NET_COPY_OUT:
        enter(t, VSW_STAGE_SEND);
        if (copy_some(t, queue->rx_bufs, true)) {
            end_copy_out(t);
        }
        return true;
    case VSW_VHOST_NET_RX_IRQ:
        return interrupt_rx(t);
    }
    return false;
}

static void
vhost_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_vhost_net *t = owner;
    bool begins = t->step == VSW_VHOST_NET_TURN;

    vsw_sleep_awake(&t->sleep);
    while (do_step(t)) {
        begins = false;
        if (vsw_worker_quantum_over(worker)) {
            break;
        }
    }
    /* A call that found nothing to begin has arranged for the next. */
    if (!begins || t->step != VSW_VHOST_NET_TURN) {
        vsw_worker_go_on(worker);
    }
}

static bool
kick(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct vsw_vhost_net *t = vnic->backend;

    return vsw_kick(&t->kick, worker);
}

static const struct vsw_vnic_ops vhost_net_ops = {
    .name = "vhost_net",
    .kick = kick,
};

static int
start(struct vsw_vhost_net *t, struct vsw_unit *unit)
{
    t->worker = (struct vsw_worker) {
        .unit = unit,
        .work = vhost_work,
        .owner = t,
        .domain = t->sw->domain,
        .priority = t->setup.priority,
    };
    if (vsw_backlog_init(&t->tap, t->setup.tap_pkts)
        || vsw_worker_add(&t->worker)) {
        return -ENOMEM;
    }
    if (t->setup.task) {
        vsw_task_adopt(t->setup.task, &t->worker);
    }
    vsw_sleep_init(&t->sleep, &t->worker, t->sw->domain, VSW_ENTRY_VM_EXIT);
    t->tx_source = (struct vsw_source) {
        .ring = &t->vnic->queue->tx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    vsw_doze_init(&t->doze, &t->tx_source, 1);
    /* It blocks at first. */
    t->doze.armed = true;
    vsw_flag_init(&t->doze.wanted, true);
    t->kick = (struct vsw_kick) {
        .entry = VSW_ENTRY_VM_EXIT,
        .wanted = &t->doze.wanted,
        .wakeup = &t->sleep.wakeup,
    };
    t->vnic->ops = &vhost_net_ops;
    t->vnic->backend = t;
    return 0;
}

int
vsw_vhost_net_start(struct vsw_vhost_net *thread, struct vsw_switch *sw,
                    struct vsw_vnic *vnic, struct vsw_unit *unit,
                    const struct vsw_vhost_net_setup *setup,
                    struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    error = error ? error
                  : vsw_notify_check_costs(sw->sim, sw->ops->name, err);
    memset(thread, 0, sizeof *thread);
    if (error) {
        return error;
    }
    thread->setup = *setup;
    thread->sw = sw;
    thread->vnic = vnic;
    thread->pkt = VSW_NONE;
    error = start(thread, unit);
    if (error) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                      "out of memory for a vhost thread");
    }
    return error;
}

void
vsw_vhost_net_fini(struct vsw_vhost_net *thread)
{
    vsw_backlog_fini(&thread->tap);
}

bool
vsw_vhost_net_queue(struct vsw_vhost_net *thread, struct vsw_unit *unit,
                    uint32_t pkt)
{
    if (!vsw_backlog_put(&thread->tap, unit, pkt, 0)) {
        return false;
    }
    vsw_sleep_notify(&thread->sleep, unit);
    return true;
}
