#include <vswsim/netmap_vm.h>

#include <errno.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netmap_vm_impl.h"

#define PS_PER_NS UINT64_C(1000)

/* A copy advances by at most this much per step. */
#define STEP_BYTES 4096u

enum {
    FROM_GUEST,
    FROM_VALE,
    POSTED,
    N_SOURCES,
};

const char *const vsw_netmap_vm_hypervisors[] = {"qemu", "bhyve", "xen",
                                                 NULL};
const char *const vsw_netmap_vm_fronts[] = {"e1000", "virtio", NULL};
const char *const vsw_netmap_vm_exits[] = {"as_is", "combined", "removed",
                                           NULL};

/* --- Copying ------------------------------------------------------------- */

/* Copies a step of the packet at hand into 'to'; true when all is there. */
static bool
copy_step(struct vsw_netmap_vm *vm, uint32_t to)
{
    struct vsw_unit *unit = vm->worker.unit;
    struct vsw_pkt *pkt = &vm->sw->pkts->pkts[vm->pkt];
    uint32_t left = vsw_pkt_data_bytes(pkt) - vm->n_done_bytes;
    uint32_t step = left < STEP_BYTES ? left : STEP_BYTES;
    uint64_t ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, step);

    if (vm->n_done_bytes == 0) {
        vm->from = pkt->buf;
        memcpy(vm->sw->bufs.headers[to], vm->sw->bufs.headers[pkt->buf],
               VSW_HEADER_BYTES);
        pkt->buf = to;
        ps += vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
    vsw_buf_copy(unit, VSW_ACCOUNT_COPY, &vm->sw->bufs, to, vm->from,
                 vm->n_done_bytes, step);
    vm->n_done_bytes = step < left ? vm->n_done_bytes + step : 0;
    return step == left;
}

/* Takes the next packet of 'from' into slots of 'to'.  False: no room. */
static bool
take(struct vsw_netmap_vm *vm, struct vsw_ring *from, struct vsw_queue *queue,
     struct vsw_ring *to, uint32_t n_free)
{
    const struct vsw_pkt *pkts = vm->sw->pkts->pkts;
    uint32_t n_slots = vsw_queue_n_slots(
        queue, pkts[vsw_ring_peek(from)].frame_bytes);
    uint32_t slot, n;

    if (n_slots > n_free) {
        return false;
    }
    vm->pkt = vsw_ring_pop(from, &slot, &n);
    vm->slot = vsw_ring_fill(to, vm->pkt, n_slots);
    vsw_unit_charge(vm->worker.unit, VSW_ACCOUNT_DRIVER, vm_back_cost(vm), 1);
    if (from == &vm->netmap.rx) {
        vsw_unit_charge(vm->worker.unit, VSW_ACCOUNT_NETMAP,
                        VSW_COST_VALE_SLOT, n);
    }
    if (vm->setup.hypervisor == VSW_NETMAP_VM_XEN) {
        vsw_unit_charge(vm->worker.unit, VSW_ACCOUNT_GRANT_COPY,
                        VSW_COST_GRANT_COPY, 1);
    }
    return true;
}

/* Moves packets from 'from' into 'to', whose slots have the buffers
 * 'to_bufs', as long as there are some, room and time.  False: the call must
 * end first. */
static bool
move(struct vsw_netmap_vm *vm, struct vsw_ring *from, struct vsw_queue *queue,
     struct vsw_ring *to, const uint32_t *to_bufs)
{
    while (vm->n_left > 0 || vm->pkt != VSW_NONE) {
        if (vsw_worker_quantum_over(&vm->worker)) {
            vsw_worker_go_on(&vm->worker);
            return false;
        }
        if (vm->pkt == VSW_NONE
            && (from->popped == from->fills.seen
                || !take(vm, from, queue, to,
                         to->mask + 1 - (to->filled - to->frees.seen)))) {
            break;
        }
        if (copy_step(vm, to_bufs[vm->slot])) {
            vm->pkt = VSW_NONE;
            vm->n_left--;
        }
    }
    return true;
}

/* --- Looking and sleeping ------------------------------------------------ */

/* Slots of the guest that the first packet which VALE brought takes; there is
 * one. */
static uint32_t
n_slots_wanted(const struct vsw_netmap_vm *vm)
{
    uint32_t pkt = vsw_ring_peek(&vm->netmap.rx);

    return vsw_queue_n_slots(vm->vnic->queue,
                             vm->sw->pkts->pkts[pkt].frame_bytes);
}

/* Room for what VALE brought is as good as something to do; what it brought
 * is not, without room. */
static void
aim_sources(struct vsw_netmap_vm *vm)
{
    uint32_t n_wanted = vsw_ring_n_held(&vm->netmap.rx) > 0
                            ? n_slots_wanted(vm)
                            : 0;
    bool is_full = vsw_ring_credits(&vm->vnic->queue->rx,
                                    vm->worker.unit->sync_ps) < n_wanted;

    vm->sources[FROM_VALE].kind = is_full ? VSW_SOURCE_NEVER
                                          : VSW_SOURCE_FILLED;
    vm->sources[POSTED].kind = is_full ? VSW_SOURCE_FREED : VSW_SOURCE_NEVER;
    vm->sources[POSTED].n_needed = is_full ? n_wanted : 1;
}

/* Chooses what to do, at sync.  False: nothing. */
static bool
choose(struct vsw_netmap_vm *vm)
{
    uint64_t now_ps = vm->worker.unit->sync_ps;
    struct vsw_queue *guest = vm->vnic->queue;
    uint32_t n_come = vsw_ring_visible(&vm->netmap.rx, now_ps);
    uint32_t n_posted = vsw_ring_credits(&guest->rx, now_ps);
    uint32_t n_sent = vsw_ring_visible(&guest->tx, now_ps);

    vsw_ring_credits(&vm->netmap.tx, now_ps);
    vm->n_left = vm->setup.burst_pkts;
    vm->pkt = VSW_NONE;
    if (n_come > 0 && n_posted >= n_slots_wanted(vm)) {
        vm->state = VSW_NETMAP_VM_RX_COPY;
    } else if (n_sent > 0) {
        vm->state = VSW_NETMAP_VM_TX_COPY;
    } else {
        return false;
    }
    return true;
}

static void
wake_up(struct vsw_netmap_vm *vm)
{
    struct vsw_unit *unit = vm->worker.unit;

    vsw_doze_awake(&vm->doze, &vm->worker);
    if (vm->worker.trigger == VSW_TRIGGER_POLL) {
        vsw_worker_stop_polling(&vm->worker);
    }
    if (vm->blocked) {
        vm->blocked = false;
        vsw_unit_charge(unit, VSW_ACCOUNT_CTXSW, VSW_COST_CTXSW_KTHREAD, 1);
    }
    if (vm->setup.exits != VSW_NETMAP_VM_REMOVED) {
        vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    }
}

/* Nothing to do: polls for a while if it is to, then blocks. */
static void
rest(struct vsw_netmap_vm *vm)
{
    struct vsw_worker *worker = &vm->worker;
    uint64_t now_ps = worker->unit->sync_ps;

    aim_sources(vm);
    if (vm->setup.exits == VSW_NETMAP_VM_REMOVED && !vm->blocked
        && !vm->doze.armed) {
        if (worker->trigger != VSW_TRIGGER_POLL) {
            worker->poll_until_ps = now_ps + vm->setup.poll_ns * PS_PER_NS;
            vsw_worker_resume_polling(worker);
            return;
        }
        if (now_ps < worker->poll_until_ps) {
            return;
        }
        vsw_worker_stop_polling(worker);
    }
    if (vsw_doze_block(&vm->doze, worker)) {
        vm->blocked = true;
    }
}

/* --- Telling the guest --------------------------------------------------- */

/* Raises the interrupt, unless the moderation holds it back until it is due:
 * then the thread looks again. */
static bool
interrupt(struct vsw_netmap_vm *vm)
{
    struct vsw_unit *unit = vm->worker.unit;
    uint64_t n_suppressed = vm->vnic->virq.n_suppressed;

    if (vm->setup.exits == VSW_NETMAP_VM_COMBINED
        && unit->local_ps < vm->irq_next_ps) {
        if (!vm->irq_held) {
            vm->irq_held = true;
            vsw_worker_wake(&vm->worker, vm->irq_next_ps);
        }
        return true;
    }
    if (!vsw_vnic_notify(vm->vnic, &vm->worker)) {
        return false;
    }
    vm->n_irqs += vm->vnic->virq.n_suppressed == n_suppressed;
    vm->irq_held = false;
    vm->irq_next_ps = unit->local_ps + vm->setup.irq_gap_ns * PS_PER_NS;
    return true;
}

/* A guest that waits for room hears of it. */
static bool
tell_sender(struct vsw_netmap_vm *vm)
{
    if (!vsw_unit_at_sync(vm->worker.unit)) {
        vsw_worker_go_on(&vm->worker);
        return false;
    }
    return !vsw_vnic_tx_wanted(vm->vnic, vm->worker.unit)
           || interrupt(vm);
}

/* --- The thread ---------------------------------------------------------- */

/* Does the step at hand; false if the call must end first. */
static bool
do_step(struct vsw_netmap_vm *vm)
{
    struct vsw_queue *guest = vm->vnic->queue;
    struct vsw_unit *unit = vm->worker.unit;
    uint32_t domain = vm->sw->domain;

    switch (vm->state) {
    case VSW_NETMAP_VM_TX_COPY:
        vsw_unit_enter(unit, domain, VSW_STAGE_RECEIVE);
        if (!move(vm, &guest->tx, &vm->netmap, &vm->netmap.tx,
                  vm->netmap.tx_bufs)) {
            return false;
        }
        vsw_ring_free(&guest->tx, unit->local_ps);
        vsw_ring_publish(&vm->netmap.tx, unit->local_ps);
        vm->state = VSW_NETMAP_VM_TX_SYNC;
        return true;
    case VSW_NETMAP_VM_TX_SYNC:
        if (!vsw_vale_txsync(vm->vale, vm->vnic->guest, &vm->worker)) {
            return false;
        }
        vm->state = VSW_NETMAP_VM_TX_DONE;
        return true;
    case VSW_NETMAP_VM_TX_DONE:
        vsw_unit_enter(unit, domain, VSW_STAGE_RECEIVE);
        if (!tell_sender(vm)) {
            return false;
        }
        vm->state = VSW_NETMAP_VM_LOOK;
        return true;
    case VSW_NETMAP_VM_RX_COPY:
        vsw_unit_enter(unit, domain, VSW_STAGE_SEND);
        if (!move(vm, &vm->netmap.rx, guest, &guest->rx, guest->rx_bufs)) {
            return false;
        }
        vsw_ring_free(&vm->netmap.rx, unit->local_ps);
        vsw_ring_publish(&guest->rx, unit->local_ps);
        vm->state = VSW_NETMAP_VM_RX_DONE;
        return true;
    case VSW_NETMAP_VM_RX_DONE:
        vsw_unit_enter(unit, domain, VSW_STAGE_SEND);
        if (!interrupt(vm)) {
            return false;
        }
        vm->state = VSW_NETMAP_VM_LOOK;
        return true;
    case VSW_NETMAP_VM_LOOK:
        break;
    }
    return true;
}

static bool
irq_is_due(const struct vsw_netmap_vm *vm)
{
    return vm->irq_held && vm->worker.unit->sync_ps >= vm->irq_next_ps;
}

static void
vm_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_netmap_vm *vm = owner;

    vsw_unit_enter(worker->unit, vm->sw->domain, VSW_STAGE_NONE);
    if (vm->state == VSW_NETMAP_VM_LOOK) {
        if (irq_is_due(vm) && !interrupt(vm)) {
            return;
        }
        if (!vsw_unit_at_sync(worker->unit)) {
            vsw_worker_go_on(worker);
            return;
        }
        if (!choose(vm)) {
            rest(vm);
            return;
        }
        wake_up(vm);
    }
    while (vm->state != VSW_NETMAP_VM_LOOK) {
        if (!do_step(vm)) {
            return;
        }
    }
    vsw_worker_go_on(worker);
}

/* --- Starting ------------------------------------------------------------ */

static bool
notify_thread(void *aux, struct vsw_worker *worker)
{
    struct vsw_netmap_vm *vm = aux;

    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    if (vsw_flag_read(&vm->doze.wanted, worker->unit)) {
        vsw_wakeup_send(&vm->wakeup, worker->unit);
    }
    return true;
}

static int
require_costs(const struct vsw_netmap_vm *vm, struct vsw_error *err)
{
    const uint16_t costs[] = {
        VSW_COST_SYSCALL,
        VSW_COST_CTXSW_KTHREAD,
        (uint16_t) vm_front_cost(vm),
        (uint16_t) vm_back_cost(vm),
        VSW_COST_COPY_CALL,
        VSW_COST_COPY_BYTE,
        VSW_COST_VALE_SLOT,
        VSW_COST_VRING_EMPTY,
        vm->setup.hypervisor == VSW_NETMAP_VM_XEN ? VSW_COST_GRANT_COPY
                                                  : VSW_COST_VM_USER_EXIT,
    };
    const char *who = vm->sw->ops->name;
    int error = vsw_sim_require_costs(vm->sw->sim, who, costs,
                                      VSW_N_ELEMS(costs), err);

    return error ? error : vsw_notify_check_costs(vm->sw->sim, who, err);
}

static void
make_sources(struct vsw_netmap_vm *vm)
{
    vm->sources[FROM_GUEST] = (struct vsw_source) {
        .ring = &vm->vnic->queue->tx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    vm->sources[FROM_VALE] = (struct vsw_source) {
        .ring = &vm->netmap.rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    vm->sources[POSTED] = (struct vsw_source) {
        .ring = &vm->vnic->queue->rx,
        .kind = VSW_SOURCE_NEVER,
        .n_needed = 1,
    };
}

static int
start_thread(struct vsw_netmap_vm *vm, struct vsw_unit *unit,
             struct vsw_task *task)
{
    vm->worker.unit = unit;
    vm->worker.work = vm_work;
    vm->worker.owner = vm;
    vm->worker.priority = 2;
    vm->worker.domain = vm->sw->domain;
    if (vsw_worker_add(&vm->worker)) {
        return -ENOMEM;
    }
    if (task) {
        vsw_task_adopt(task, &vm->worker);
    }
    vsw_doze_init(&vm->doze, vm->sources, N_SOURCES);
    vsw_wakeup_init(&vm->wakeup, &vm->worker, vm->sw->domain,
                    VSW_ENTRY_VM_EXIT);
    vsw_worker_poll(&vm->worker, vm->sources, N_SOURCES,
                    VSW_COST_VRING_EMPTY, 0);
    vsw_worker_stop_polling(&vm->worker);
    vsw_worker_wake(&vm->worker, 0);
    return 0;
}

static int
add_counters(struct vsw_netmap_vm *vm)
{
    if (vsw_switch_add_counter(vm->sw, "kicks", "1", &vm->n_kicks)
        || vsw_switch_add_counter(vm->sw, "kicks_suppressed", "1",
                                  &vm->n_suppressed)) {
        return -ENOMEM;
    }
    return vsw_switch_add_counter(vm->sw, "interrupts", "1", &vm->n_irqs);
}

int
vsw_netmap_vm_start(struct vsw_netmap_vm *vm, struct vsw_switch *sw,
                    struct vsw_vnic *vnic, struct vsw_vale *vale,
                    struct vsw_unit *unit, struct vsw_task *task,
                    uint32_t n_slots, const struct vsw_netmap_vm_setup *setup,
                    struct vsw_error *err)
{
    struct vsw_vale_port *port = &vale->ports[vnic->guest];
    bool has_flags = setup->front == VSW_NETMAP_VM_VIRTIO
                     || setup->exits == VSW_NETMAP_VM_REMOVED;
    int error;

    vm->sw = sw;
    vm->vnic = vnic;
    vm->vale = vale;
    vm->setup = *setup;
    vm->pkt = VSW_NONE;
    error = require_costs(vm, err);
    if (error) {
        return error;
    }
    vnic->ops = has_flags ? &vm_flag_ops : &vm_trap_ops;
    vnic->backend = vm;
    if (vsw_queue_init(&vm->netmap, &sw->bufs, vnic->guest, 0, n_slots,
                       vnic->queue->buf_bytes)
        || add_counters(vm)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for the rings of a guest");
    }
    make_sources(vm);
    port->queue = &vm->netmap;
    port->notify = notify_thread;
    port->aux = vm;
    return start_thread(vm, unit, task)
               ? vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                               "out of memory for the thread of a guest")
               : 0;
}

void
vsw_netmap_vm_fini(struct vsw_netmap_vm *vm)
{
    vsw_queue_fini(&vm->netmap);
}
