/* Backend of a guest on a VALE port: the thread of a hypervisor that moves
 * packets between a virtual NIC and netmap rings.
 *
 *   guest -> thread   copies what the guest has published into the slots of a
 *                     netmap ring and synchronizes it: VALE forwards in the
 *                     thread's system call (vale.h);
 *   VALE -> thread    copies what came into the guest's receive buffers and
 *                     raises an interrupt.
 *
 * Front ends: an e1000, whose registers trap and which cannot be told that no
 * interrupts are wanted, or virtio, whose rings carry flags for both.
 * Hypervisors: QEMU (registers of the e1000 exit to its process, virtio's kick
 * ends in the kernel), bhyve (both exit to its process), Xen (the kick is
 * a hypercall, packets are granted and copied by grant).
 *
 * Exits, by kind:
 *
 *   as_is      what the front end does by itself: an e1000 exits at each
 *              TXSYNC and each time that receive slots are given back; virtio
 *              when the thread has blocked.
 *   combined   sends are combined while the thread is awake, and interrupts
 *              are moderated.
 *   removed    flags in shared memory instead of registers: the guest kicks
 *              a thread that sleeps, the thread interrupts a guest that
 *              sleeps, and the thread polls for a while before it does.
 *
 * Sources: Rizzo, netmap and VALE slides (2014); Rizzo, Lettieri and Maffione,
 * "Speeding Up Packet I/O in Virtual Machines", ANCS 2013.
 * Left out: offloads, several queues, a thread per direction.
 *
 * Costs: SYSCALL, CTXSW_KTHREAD, VM_FRONT_*, VM_BACK_*, COPY_CALL, COPY_BYTE,
 * VALE_SLOT, VRING_EMPTY, and VM_USER_EXIT or, for Xen, GRANT_COPY; those of
 * vale.h and notify.h.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NETMAP_VM_H
#define VSWSIM_NETMAP_VM_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/notify.h>
#include <vswsim/switch.h>
#include <vswsim/vale.h>
#include <vswsim/vnic.h>

VSW_EXTERN_C_BEGIN

enum vsw_netmap_vm_hypervisor {
    VSW_NETMAP_VM_QEMU,
    VSW_NETMAP_VM_BHYVE,
    VSW_NETMAP_VM_XEN,
};

enum vsw_netmap_vm_front {
    VSW_NETMAP_VM_E1000,
    VSW_NETMAP_VM_VIRTIO,
};

enum vsw_netmap_vm_exits {
    VSW_NETMAP_VM_AS_IS,
    VSW_NETMAP_VM_COMBINED,
    VSW_NETMAP_VM_REMOVED,
};

/* Names for parameter tables; each ends with NULL. */
VSW_API extern const char *const vsw_netmap_vm_hypervisors[];
VSW_API extern const char *const vsw_netmap_vm_fronts[];
VSW_API extern const char *const vsw_netmap_vm_exits[];

struct vsw_netmap_vm_setup {
    enum vsw_netmap_vm_hypervisor hypervisor;
    enum vsw_netmap_vm_front front;
    enum vsw_netmap_vm_exits exits;
    uint32_t burst_pkts;        /* Moved between two looks. */
    uint64_t poll_ns;           /* Before the thread sleeps, if exits are
                                 * removed. */
    uint64_t irq_gap_ns;        /* Between interrupts, if combined. */
};

enum vsw_netmap_vm_state {
    VSW_NETMAP_VM_LOOK,
    VSW_NETMAP_VM_TX_COPY,
    VSW_NETMAP_VM_TX_SYNC,
    VSW_NETMAP_VM_TX_DONE,
    VSW_NETMAP_VM_RX_COPY,
    VSW_NETMAP_VM_RX_DONE,
};

struct vsw_netmap_vm {
    struct vsw_worker worker;   /* The thread. */
    struct vsw_source sources[3];   /* Sent by the guest; come from VALE;
                                     * posted by the guest. */
    struct vsw_doze doze;
    struct vsw_wakeup wakeup;
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_vale *vale;
    struct vsw_queue netmap;    /* Owned; 'tx' into VALE, 'rx' out of it. */
    struct vsw_netmap_vm_setup setup;
    enum vsw_netmap_vm_state state;
    uint32_t n_left;            /* Packets of the burst. */
    uint32_t slot;              /* Into which the one at hand is copied. */
    uint32_t pkt;               /* At hand, or VSW_NONE. */
    uint32_t n_done_bytes;      /* Of it ... */
    uint32_t from;              /* ... from this buffer. */
    bool blocked;
    bool irq_held;              /* Until the moderation lets it go. */
    uint64_t irq_next_ps;
    uint64_t n_kicks;           /* The whole run, as these. */
    uint64_t n_suppressed;
    uint64_t n_irqs;
};

/* Makes the thread of 'vnic' on 'unit' (as 'task' of it, if it is shared),
 * with a netmap ring pair of 'n_slots' at port 'vnic->guest' of 'vale'.
 * Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_netmap_vm_start(struct vsw_netmap_vm *vm,
                                struct vsw_switch *sw, struct vsw_vnic *vnic,
                                struct vsw_vale *vale, struct vsw_unit *unit,
                                struct vsw_task *task, uint32_t n_slots,
                                const struct vsw_netmap_vm_setup *setup,
                                struct vsw_error *err);
VSW_API void vsw_netmap_vm_fini(struct vsw_netmap_vm *vm);

VSW_EXTERN_C_END

#endif
