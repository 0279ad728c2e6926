#include "guest/kernel_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "core/account.h"
#include "core/cost.h"

#define PS_PER_NS UINT64_C(1000)

/* The virtual interrupt comes first. */
#define PRIORITY_IRQ  1
#define PRIORITY_WORK 2

/* --- The backend's operations -------------------------------------------- */

static vsw_vnic_slots_fn
function_of(const struct vsw_kernel *k)
{
    const struct vsw_vnic_ops *ops = k->vnic->ops;

    if (!ops) {
        return NULL;
    }
    switch (k->op) {
    case KERNEL_OP_TX_GRANT:
        return ops->tx_grant;
    case KERNEL_OP_TX_DONE:
        return ops->tx_done;
    case KERNEL_OP_RX_DONE:
        return ops->rx_done;
    case KERNEL_OP_RX_GRANT:
        return ops->rx_grant;
    case KERNEL_OP_NONE:
        break;
    }
    return NULL;
}

/* What follows an operation: maybe another one. */
static void
follow_up(struct vsw_kernel *k)
{
    enum kernel_op op = k->op;

    k->op = KERNEL_OP_NONE;
    if (op == KERNEL_OP_TX_GRANT) {
        vsw_ring_publish(&k->queue->tx, k->unit->local_ps);
        k->kick_due = true;
    } else if (op == KERNEL_OP_RX_DONE) {
        vsw_kernel_refill_next(k);
    } else if (op == KERNEL_OP_RX_GRANT) {
        vsw_kernel_refill_done(k);
    }
}

/* Does what is left of the operation at hand. */
static bool
finish_op(struct vsw_kernel *k)
{
    while (k->op != KERNEL_OP_NONE) {
        vsw_vnic_slots_fn ask = function_of(k);

        if (ask && !ask(k->vnic, &k->worker, k->op_slot, k->op_n_slots)) {
            vsw_kernel_pause(k);
            return false;
        }
        follow_up(k);
    }
    return true;
}

bool
vsw_kernel_ask(struct vsw_kernel *k, enum kernel_op op, uint32_t slot,
               uint32_t n_slots)
{
    k->op = op;
    k->op_slot = slot;
    k->op_n_slots = n_slots;
    return finish_op(k);
}

static bool
finish_kick(struct vsw_kernel *k)
{
    const struct vsw_vnic_ops *ops = k->vnic->ops;

    if (k->kick_due && ops && ops->kick
        && !ops->kick(k->vnic, &k->worker)) {
        vsw_kernel_pause(k);
        return false;
    }
    k->kick_due = false;
    return true;
}

/* --- Timers -------------------------------------------------------------- */

/* When a timer of TCP or the moderation of interrupts is due. */
static uint64_t
timer_ps(const struct vsw_kernel *k)
{
    uint64_t ps = VSW_NEVER;

    if (k->has_socks && k->socks.deadline_ns < VSW_NEVER / PS_PER_NS) {
        ps = k->socks.deadline_ns * PS_PER_NS;
    }
    if (k->irq == KERNEL_IRQ_HELD) {
        uint64_t next_ps = k->irq_at_ps + k->kind->irq_gap_ns * PS_PER_NS;

        ps = next_ps < ps ? next_ps : ps;
    }
    return ps;
}

static void
arm_timer(struct vsw_kernel *k)
{
    uint64_t ps = timer_ps(k);

    if (!k->has_socks && vsw_traffic_pending(&k->traffic)
        && k->traffic.due_ps < ps) {
        ps = k->traffic.due_ps;
    }
    if (ps < k->armed_ps && ps > k->unit->local_ps) {
        k->armed_ps = ps;
        vsw_timer_restart(&k->timer, ps);
    }
}

static void
on_timer(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vsw_kernel *k = timer->aux;

    k->armed_ps = VSW_NEVER;
    vsw_worker_wake(&k->worker, unit->local_ps);
}

static bool
timer_step(struct vsw_kernel *k)
{
    if (timer_ps(k) > k->unit->local_ps) {
        return false;
    }
    if (k->irq == KERNEL_IRQ_HELD
        && k->irq_at_ps + k->kind->irq_gap_ns * PS_PER_NS
               <= k->unit->local_ps) {
        k->irq = KERNEL_IRQ_ARMING;
        vsw_flag_set(&k->irq_wanted, k->unit, true);
    }
    if (k->has_socks && vsw_sockset_expire(&k->socks, k->unit) > 0) {
        vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_GUEST_TIMER,
                        1);
    }
    return true;
}

/* --- The vCPU ------------------------------------------------------------ */

/* A virtual interrupt: for received packets, or for free slots. */
static void
on_irq(void *aux, struct vsw_worker *worker)
{
    struct vsw_kernel *k = aux;

    k->irq_at_ps = worker->unit->local_ps;
    if (!k->polls) {
        vsw_kernel_begin_poll(k);
    }
    vsw_worker_wake(&k->worker, worker->unit->local_ps);
}

/* What the other side has done by now. */
static void
look(struct vsw_kernel *k)
{
    uint64_t sync_ps = k->unit->sync_ps;
    uint32_t n_visible = vsw_ring_visible(&k->queue->rx, sync_ps);

    vsw_ring_credits(&k->queue->tx, sync_ps);
    if (k->irq == KERNEL_IRQ_ARMING) {
        if (n_visible > 0) {
            vsw_kernel_begin_poll(k);
        } else {
            k->irq = KERNEL_IRQ_ON;
        }
    }
}

static bool
do_step(struct vsw_kernel *k)
{
    /* A trace that saturates never ends; softirqs go before it. */
    if (!k->has_socks && vsw_kernel_receive_step(k)) {
        return true;
    }
    return vsw_kernel_send_step(k) || vsw_kernel_receive_step(k)
           || vsw_kernel_reclaim_step(k) || timer_step(k)
           || vsw_kernel_app_step(k);
}

/* Nothing is left to do: blocks, unless something turns up. */
static void
block(struct vsw_kernel *k)
{
    const struct vsw_vnic_ops *ops = k->vnic->ops;

    if (!vsw_unit_at_sync(k->unit) || k->irq == KERNEL_IRQ_ARMING) {
        vsw_kernel_pause(k);
    } else if (ops && ops->before_block
               && ops->before_block(k->vnic, &k->worker)) {
        vsw_kernel_pause(k);
    } else {
        k->n_blocks++;
    }
}

static void
work(void *owner, struct vsw_worker *worker)
{
    struct vsw_kernel *k = owner;

    look(k);
    while (!worker->unfinished && finish_op(k) && finish_kick(k)) {
        if (vsw_worker_quantum_over(worker)) {
            vsw_kernel_pause(k);
        } else if (!do_step(k)) {
            block(k);
            break;
        }
    }
    arm_timer(k);
}

/* --- As a guest ---------------------------------------------------------- */

static int
check_costs(const struct vsw_sim *sim, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_GUEST_SYSCALL, VSW_COST_GUEST_TX_SEG,
        VSW_COST_GUEST_TX_BYTE, VSW_COST_GUEST_TX_DESC,
        VSW_COST_GUEST_TX_DONE, VSW_COST_GUEST_RX_POLL,
        VSW_COST_GUEST_RX_PKT,  VSW_COST_GUEST_RX_SEG,
        VSW_COST_GUEST_COPY_BYTE, VSW_COST_GUEST_TX_ACK,
        VSW_COST_GUEST_RX_ACK,  VSW_COST_GUEST_TASK_WAKE,
        VSW_COST_GUEST_TIMER,
    };
    int error = vsw_notify_check_costs(sim, "a guest's kernel", err);

    return error ? error
                 : vsw_sim_require_costs(sim, "a guest's kernel", costs,
                                         VSW_N_ELEMS(costs), err);
}

static int
start_load(struct vsw_kernel *k, uint32_t queue)
{
    struct vsw_guest *guest = k->guest;
    int error;

    if (!guest->dialogs) {
        vsw_guest_make_traffic(guest, queue, &k->traffic);
        return 0;
    }
    k->has_socks = true;
    error = vsw_sockset_init(&k->socks, guest->dialogs, guest->index, queue,
                             guest->index * 77777u + queue);
    if (!error && k->kind->cuts_segs) {
        vsw_sockset_cut_segs(&k->socks);
    }
    return error;
}

static int
start_workers(struct vsw_kernel *k, uint64_t start_ps)
{
    struct vsw_vnic *vnic = k->vnic;
    int error;

    k->worker.unit = k->unit;
    k->worker.work = work;
    k->worker.owner = k;
    k->worker.priority = PRIORITY_WORK;
    k->worker.domain = k->guest->domain;
    error = vsw_virq_init(&vnic->virq, k->unit, vnic->task, k->guest->domain,
                          k->sw->domain, PRIORITY_IRQ, on_irq, k);
    error = error ? error : vsw_worker_add(&k->worker);
    if (error) {
        return error;
    }
    vnic->virq.entry = k->kind->entry;
    vnic->virq.wanted = &k->irq_wanted;
    if (vnic->task) {
        vsw_task_adopt(vnic->task, &k->worker);
    }
    vsw_timer_init(&k->timer, k->unit, k->guest->domain, on_timer, k);
    vsw_worker_wake(&k->worker, start_ps);
    return 0;
}

static int
start_vcpu(struct vsw_guest *guest, const struct vsw_kernel_kind *kind,
           uint32_t queue)
{
    struct vsw_kernel **kernels = guest->state;
    struct vsw_kernel *k = calloc(1, sizeof *k);
    int error;

    if (!k) {
        return -ENOMEM;
    }
    kernels[queue] = k;
    k->kind = kind;
    k->guest = guest;
    k->sw = guest->sw;
    k->vnic = &guest->port->vnics[queue];
    k->queue = &guest->port->queues[queue];
    k->unit = k->vnic->unit;
    k->vnic->driver = k;
    k->armed_ps = VSW_NEVER;
    k->irq = KERNEL_IRQ_ON;
    vsw_flag_init(&k->irq_wanted, true);
    vsw_flag_init(&k->vnic->tx_wanted, false);
    k->vnic->has_tx_event = kind->tx_quarters > 0;
    vsw_kernel_init_refill(k);
    error = start_load(k, queue);
    error = error ? error : vsw_kernel_init_mem(k);
    error = error ? error : vsw_kernel_init_data(k);
    error = error ? error : start_workers(k, guest->start_ps[queue]);
    if (!error
        && (vsw_switch_add_counter(k->sw, "guest_blocks", "1", &k->n_blocks)
            || vsw_switch_add_counter(k->sw, "guest_polls", "1",
                                      &k->n_polls))) {
        error = -ENOMEM;
    }
    return error;
}

static int
start(struct vsw_guest *guest, const struct vsw_kernel_kind *kind,
      struct vsw_error *err)
{
    int error = check_costs(guest->sw->sim, err);

    if (error) {
        return error;
    }
    guest->state = calloc(guest->port->n_queues,
                          sizeof(struct vsw_kernel *));
    error = guest->state ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < guest->port->n_queues; i++) {
        error = start_vcpu(guest, kind, i);
    }
    return error ? vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                                 "out of memory for a guest")
                 : 0;
}

static void
kernel_fini(struct vsw_guest *guest)
{
    struct vsw_kernel **kernels = guest->state;

    for (uint32_t i = 0; kernels && i < guest->port->n_queues; i++) {
        if (kernels[i] && kernels[i]->has_socks) {
            vsw_sockset_fini(&kernels[i]->socks);
        }
        if (kernels[i]) {
            vsw_kernel_fini_mem(kernels[i]);
            vsw_kernel_fini_data(kernels[i]);
        }
        free(kernels[i]);
    }
    free(kernels);
    guest->state = NULL;
}

static void
kernel_report(struct vsw_guest *guest)
{
    struct vsw_kernel **kernels = guest->state;

    for (uint32_t i = 0; i < guest->port->n_queues; i++) {
        if (kernels[i]->has_socks) {
            vsw_sockset_report(&kernels[i]->socks);
        }
    }
}

/* Drivers differ in how they enter the hypervisor, in moderation, and in
 * whether they have a target of receive buffers; what they cost beyond the
 * stack, their backends charge through operations. */
#define KERNEL_GUEST(name_, title_, has_rx_target_, ...)                     \
    static int start_##name_(struct vsw_guest *guest, struct vsw_error *err) \
    {                                                                        \
        static const struct vsw_kernel_kind kind = {__VA_ARGS__};            \
                                                                             \
        return start(guest, &kind, err);                                     \
    }                                                                        \
    const struct vsw_guest_ops vsw_guest_##name_ = {                         \
        .name = #name_,                                                      \
        .title = title_,                                                     \
        .blocks = true,                                                      \
        .has_dialogs = true,                                                 \
        .has_rx_target = has_rx_target_,                                     \
        .start = start_##name_,                                              \
        .report = kernel_report,                                             \
        .fini = kernel_fini,                                                 \
    }

/* Least time between interrupts of an Intel 8254x as Linux's e1000 sets it
 * for bulk traffic: 20000 a second. */
#define E1000_GAP_NS 50000

/* Slots that netfront keeps for a packet of the most fragments: MAX_SKB_FRAGS
 * and two. */
#define NETFRONT_SPARE 20

/* virtio-net stops with fewer than 2 + MAX_SKB_FRAGS free slots, and lets
 * virtqueue_enable_cb_delayed() tell it of three quarters of the others:
 * start_xmit() of Linux 3.x's drivers/net/virtio_net.c. */
#define VIRTIO_SPARE 18

KERNEL_GUEST(e1000, "Linux on an emulated e1000 with moderated interrupts",
             false, .entry = VSW_ENTRY_VM_EXIT, .irq_gap_ns = E1000_GAP_NS,
             .cuts_segs = true);
KERNEL_GUEST(hyper, "Linux on the driver of Hyper-Switch", false,
             .entry = VSW_ENTRY_HYPERCALL);
KERNEL_GUEST(netfront, "Linux on Xen's netfront", true,
             .entry = VSW_ENTRY_HYPERCALL, .n_spare_slots = NETFRONT_SPARE,
             .tx_quarters = 2);
KERNEL_GUEST(vf, "Linux on a virtual function of a NIC", false,
             .entry = VSW_ENTRY_VM_EXIT);
KERNEL_GUEST(virtio, "Linux on virtio-net", false,
             .entry = VSW_ENTRY_VM_EXIT, .n_spare_slots = VIRTIO_SPARE,
             .tx_quarters = 3);
