/* The thread and the front end of a guest on VALE share these. */
#ifndef MECH_NETMAP_VM_IMPL_H
#define MECH_NETMAP_VM_IMPL_H

#include <vswsim/netmap_vm.h>

extern const struct vsw_vnic_ops vm_trap_ops;   /* Registers that trap. */
extern const struct vsw_vnic_ops vm_flag_ops;   /* Flags for interrupts. */

/* Costs of one packet in the thread, by front end. */
static inline uint32_t
vm_back_cost(const struct vsw_netmap_vm *vm)
{
    return vm->setup.front == VSW_NETMAP_VM_E1000 ? VSW_COST_VM_BACK_E1000
                                                  : VSW_COST_VM_BACK_VIRTIO;
}

/* And in the guest's driver. */
static inline uint32_t
vm_front_cost(const struct vsw_netmap_vm *vm)
{
    return vm->setup.front == VSW_NETMAP_VM_E1000 ? VSW_COST_VM_FRONT_E1000
                                                  : VSW_COST_VM_FRONT_VIRTIO;
}

#endif
