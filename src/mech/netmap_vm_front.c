/* What a guest's driver does, and how it leaves the guest. */
#include <vswsim/netmap_vm.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/netmap_vm_impl.h"

/* Fills or takes one descriptor of the front end. */
static bool
handle_slots(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
             uint32_t n_slots)
{
    (void) slot;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_DRIVER,
                    vm_front_cost(vnic->backend), n_slots);
    return true;
}

/* Leaves the guest; the process of the hypervisor, if that emulates the
 * register, takes longer to answer than its kernel. */
static void
leave_guest(const struct vsw_netmap_vm *vm, struct vsw_unit *unit)
{
    bool is_xen = vm->setup.hypervisor == VSW_NETMAP_VM_XEN;

    vsw_enter_hypervisor(unit, is_xen ? VSW_ENTRY_HYPERCALL
                                      : VSW_ENTRY_VM_EXIT);
    if (vm->setup.hypervisor == VSW_NETMAP_VM_BHYVE
        || (vm->setup.hypervisor == VSW_NETMAP_VM_QEMU
            && vm->setup.front == VSW_NETMAP_VM_E1000)) {
        vsw_unit_charge(unit, VSW_ACCOUNT_VM_EXIT, VSW_COST_VM_USER_EXIT, 1);
    }
}

/* Whether a register traps whoever is awake. */
static bool
always_traps(const struct vsw_netmap_vm *vm)
{
    return vm->setup.exits == VSW_NETMAP_VM_AS_IS
           && vm->setup.front == VSW_NETMAP_VM_E1000;
}

static bool
kick(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct vsw_netmap_vm *vm = vnic->backend;
    struct vsw_unit *unit = worker->unit;
    bool is_wanted;

    if (!vsw_unit_at_sync(unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    is_wanted = vsw_flag_read(&vm->doze.wanted, unit);
    if (!is_wanted && !always_traps(vm)) {
        vm->n_suppressed++;
        return true;
    }
    vm->n_kicks++;
    leave_guest(vm, unit);
    if (is_wanted) {
        vsw_wakeup_send(&vm->wakeup, unit);
    }
    return true;
}

const struct vsw_vnic_ops vm_trap_ops = {
    .name = "netmap_vm",
    .irq_always = true,
    .kick = kick,
    .tx_grant = handle_slots,
    .rx_done = handle_slots,
    .rx_freed = kick,
};

const struct vsw_vnic_ops vm_flag_ops = {
    .name = "netmap_vm",
    .kick = kick,
    .tx_grant = handle_slots,
    .rx_done = handle_slots,
    .rx_freed = kick,
};
