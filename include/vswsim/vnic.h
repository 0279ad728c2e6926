/* Virtual NIC: what the driver in a guest and its backend share beside a
 * queue pair, and what each may ask of the other.
 *
 * The driver calls the operations of the backend: to kick it about packets
 * that it published, before its vCPU blocks, and around the life of a buffer
 * that the backend is granted.  The backend raises the driver's virtual
 * interrupt.  A poll-mode driver calls none of them, and a backend for such
 * guests only has no operations.
 *
 * Operations run on the vCPU, in the call of 'worker', and charge it.  One
 * that returns false could not act because the call is not at sync, or
 * because it must wait: the driver ends its call, and asks again, with the
 * same arguments, when it is called again.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VNIC_H
#define VSWSIM_VNIC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/flag.h>
#include <vswsim/notify.h>
#include <vswsim/queue.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_vnic;

typedef bool (*vsw_vnic_slots_fn)(struct vsw_vnic *vnic,
                                  struct vsw_worker *worker, uint32_t slot,
                                  uint32_t n_slots);

/* Any may be NULL. */
struct vsw_vnic_ops {
    const char *name;           /* Of the backend: "vhost_net". */
    bool serves_processes;      /* Of the host, and no guests. */
    bool one_by_one;            /* A kick takes one packet. */
    bool irq_always;            /* The device cannot be told that no
                                 * interrupts are wanted. */

    /* The driver has published packets in 'queue->tx'. */
    bool (*kick)(struct vsw_vnic *vnic, struct vsw_worker *worker);

    /* Nothing is left to do on the vCPU and it is about to block, at sync.
     * Returns true if it must not: there is work again. */
    bool (*before_block)(struct vsw_vnic *vnic, struct vsw_worker *worker);

    /* The driver has put 'pkt' into a slot and not published it yet. */
    void (*tx_put)(struct vsw_vnic *vnic, struct vsw_worker *worker,
                   uint32_t pkt);

    /* Around the buffers of a packet: before it is published, ... */
    vsw_vnic_slots_fn tx_grant;
    /* ... when the driver takes the slots back, ... */
    vsw_vnic_slots_fn tx_done;
    /* ... before empty buffers are posted, ... */
    vsw_vnic_slots_fn rx_grant;
    /* ... and for buffers whose packets were taken out, before slots of theirs
     * are posted again: in batches that need not be the same. */
    vsw_vnic_slots_fn rx_done;

    /* The driver has freed slots of 'queue->rx'. */
    bool (*rx_freed)(struct vsw_vnic *vnic, struct vsw_worker *worker);
};

struct vsw_vnic {
    struct vsw_queue *queue;
    uint32_t guest;             /* Number of the guest. */
    uint32_t domain;            /* Its domain. */
    struct vsw_unit *unit;      /* CPU of the vCPU that serves the queue. */
    struct vsw_task *task;      /* That vCPU, if the CPU is shared. */
    const struct vsw_vnic_ops *ops;     /* Set by the backend; may be NULL. */
    void *backend;              /* For the backend's use. */
    void *driver;               /* For the driver's use. */
    struct vsw_virq virq;       /* Made by the driver when it starts, which is
                                 * after the backend; to be raised with
                                 * vsw_virq_raise(). */
    struct vsw_ring *drain;     /* Of a backend whose kick may leave packets
                                 * in 'queue->tx': free slots in this one let
                                 * it go on.  NULL: none. */
    struct vsw_wakeup *process; /* Who uses the port is a process of the host
                                 * and no guest: wakes it.  NULL: a guest. */
    const struct vsw_flag *process_wanted;  /* It has blocked. */
    struct vsw_flag tx_wanted;  /* Set by a driver that waits for free slots
                                 * in 'queue->tx': a backend that frees some
                                 * raises the interrupt.  Read with
                                 * vsw_vnic_tx_wanted(). */
    bool has_tx_event;          /* The driver says how many it waits for: */
    uint32_t tx_event;          /* Count of slots freed ever, from which that
                                 * flag holds; set before it. */
};

/* Whether a backend, at sync on 'unit', must tell the driver that slots of
 * 'queue->tx' have become free. */
VSW_API bool vsw_vnic_tx_wanted(const struct vsw_vnic *vnic,
                                const struct vsw_unit *unit);

/* Tells the user of 'vnic', on behalf of 'worker', that there is something for
 * it: a virtual interrupt for a guest, a wake-up for a process that has
 * blocked.  False: not at sync; the call must end, and ask again. */
VSW_API bool vsw_vnic_notify(struct vsw_vnic *vnic,
                             struct vsw_worker *worker);

VSW_EXTERN_C_END

#endif
