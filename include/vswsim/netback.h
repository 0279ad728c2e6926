/* Netback: the threads of a driver domain that carry packets between the
 * rings of guests and the switch in that domain.
 *
 * Each vNIC belongs to one thread for good (round robin, in order of the
 * guests), and each thread to one vCPU of the driver domain.  A thread does
 * one of these jobs for all its vNICs, then the next; for each vNIC it takes
 * what waits there, as one batch:
 *
 *   receive   packets that were switched to the vNIC: one grant copy
 *             hypercall copies them into the posted buffers (or plain copies
 *             do, into pages that the guest has issued); one event.
 *   finish    sent packets whose pages nobody uses any more: one unmap
 *             hypercall; responses; an event if the guest wants it.
 *   transmit  requests of the guest: one map hypercall (or one grant copy
 *             hypercall into pages of the driver domain, or nothing if the
 *             guest issues pages); then each packet goes through the switch
 *             and is put before the destination's thread, or the NIC.
 *
 * A thread that finds nothing asks for events and blocks.  An event from a
 * guest is a hypercall there, an interrupt and a switch of threads here; so is
 * one from a thread on another vCPU.
 *
 * A mapped packet stays in the guest's pages until its last user lets go: the
 * copy to another guest, or the NIC that has sent it.  Slots are given back to
 * the guest in order.
 *
 * A NIC belongs to the vCPU of the queue's number: its interrupts run a
 * softirq that reclaims what was sent, takes what was received, and switches
 * it, if asked to after aggregating the frames of a poll to segments of up to
 * 64 KB (GRO); packets to send wait in a queue before it.  The softirq does
 * not come into a batch of the thread, and after a full poll it is the
 * thread's turn: netback is a tasklet itself, or a thread that competes with
 * the softirq's.
 *
 * Costs: NETBACK_PKT, NETBACK_SLOT, those of grant_call.h and notify.h,
 * CTXSW_KTHREAD; with a NIC NIC_RX_BATCH, NIC_RX_PKT, NIC_TX_BATCH,
 * NIC_TX_PKT, DOORBELL.
 *
 * Source: Linux 2.6.18-xen drivers/xen/netback, Linux 3.4
 * drivers/net/xen-netback; Ram, PhD thesis, Rice University, sections 3.2 and
 * 4.5.1.
 *
 * Left out: rate limits, multicast and flooding (such packets are lost), split
 * event channels, several queues per vNIC.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NETBACK_H
#define VSWSIM_NETBACK_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/backlog.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/foreign.h>
#include <vswsim/grant_call.h>
#include <vswsim/grantor.h>
#include <vswsim/napi.h>
#include <vswsim/notify.h>
#include <vswsim/pages.h>
#include <vswsim/switch.h>
#include <vswsim/vnic.h>

VSW_EXTERN_C_BEGIN

/* Pages that a thread handles in one hypercall at most; and those that it has
 * in flight (MAX_PENDING_REQS). */
#define VSW_NETBACK_MAX_ITEMS 256

struct vsw_netback;

/* Says to which port 'pkt' goes, charging 'unit'; VSW_NETBACK_TAKEN if
 * somebody else has it now, who drops it or calls vsw_netback_route(). */
typedef uint32_t (*vsw_netback_forward_fn)(void *aux, struct vsw_unit *unit,
                                           uint32_t pkt);

#define VSW_NETBACK_TAKEN (UINT32_MAX - 16)

enum vsw_netback_tx {
    VSW_NETBACK_MAP,
    VSW_NETBACK_COPY,
};

struct vsw_netback_setup {
    enum vsw_netback_tx tx;     /* In the original mechanism. */
    enum vsw_grant_scheme scheme;
    uint32_t n_queue_pkts;      /* That may wait for a vNIC beyond what its
                                 * ring holds. */
    uint32_t n_nic_queue_pkts;  /* That may wait for a NIC. */
    uint32_t n_pool;            /* Pages of the driver domain for each of its
                                 * threads, on its node. */
    uint32_t node;              /* Where the memory of the driver domain lies,
                                 * in hierarchy mode; at most the last. */
    uint32_t n_nic_slots;       /* Of the rings of its NICs. */
    bool gro;                   /* The NIC's softirq aggregates. */
    uint64_t irq_gap_ns;        /* Of the NIC's interrupts. */
    uint32_t domain;            /* The driver domain. */
    uint32_t hypervisor;
    struct vsw_foreign_setup foreign;   /* Its 'n_pages' and 'n_refs' are
                                         * filled in here. */
    struct vsw_grantor_setup grantor;
    vsw_netback_forward_fn forward;
    void *aux;
};

struct vsw_netback_pkt {
    uint32_t pkt;
    uint32_t slot;
    uint32_t n_slots;
    uint32_t buf;               /* Of a packet to be copied: pages for it. */
};

/* The back end of one vNIC. */
struct vsw_netback_vif {
    struct vsw_vnic *vnic;
    struct vsw_netback_thread *thread;
    struct vsw_grantor grantor;
    struct vsw_doze doze;       /* Whether the guest must send an event. */
    struct vsw_source tx_source;
    struct vsw_backlog rx;      /* Packets for the guest. */
    uint32_t n_queued_slots;    /* That they will take, ... */
    uint32_t n_beyond;          /* ... and packets that the ring cannot take
                                 * with the rest of them. */
    struct vsw_backlog done;    /* Slots whose pages are not used any more:
                                 * the first, and how many. */
    bool *is_done;              /* By slot: answered, but not in order. */
    uint32_t n_held;            /* Slots taken and not given back. */
    uint32_t first_held;        /* Count of the first of them. */
    bool lacks_room;            /* Requests wait for pages to come back. */
    bool starved;               /* Waits for the guest to post buffers. */
    uint32_t n_wanted;          /* So many. */
    uint64_t n_kicks;           /* The whole run, as what follows. */
    uint64_t n_kicks_spared;
    uint64_t n_events;
};

/* Whose pages a packet lies in. */
struct vsw_netback_held {
    uint32_t vif;               /* VSW_NONE: the driver domain's. */
    uint32_t slot;
    uint32_t n_slots;
};

/* What a NIC sends. */
struct vsw_netback_sent {
    struct vsw_netback_held held;
    uint32_t buf;               /* If the pages are the driver domain's. */
    uint32_t n_slots;           /* Of the NIC's ring. */
};

/* Flows that receive aggregation holds packets of (MAX_GRO_SKBS). */
#define VSW_NETBACK_MAX_GRO 8

/* A packet that grows. */
struct vsw_netback_gro {
    uint32_t pkt;
    uint32_t last_buf;          /* Of its chain. */
};

/* Driver of one queue of a NIC. */
struct vsw_netback_nic {
    struct vsw_netback *nb;
    struct vsw_port *port;
    struct vsw_queue *queue;
    uint32_t index;             /* Of the queue. */
    struct vsw_irq irq;         /* For received frames. */
    struct vsw_worker softirq;
    struct vsw_worker sent;     /* Interrupts for sent frames. */
    struct vsw_source sent_source;
    struct vsw_backlog queued;  /* Packets to send. */
    struct vsw_netback_sent *in_flight; /* By slot of the transmit ring. */
    uint32_t reclaimed;         /* Count of slots. */
    uint32_t n_polled;          /* In the poll at hand. */
    struct vsw_netback_gro gro[VSW_NETBACK_MAX_GRO];    /* Oldest first. */
    uint32_t n_gro;
    bool irq_taken;
    bool wants_more;            /* Its round is over, and the thread's turn. */
    uint64_t n_polls;
};

struct vsw_netback_thread {
    struct vsw_netback *nb;
    struct vsw_worker worker;
    struct vsw_worker refill;   /* Events of guests that post buffers. */
    struct vsw_source *refill_sources;  /* By its vNICs. */
    struct vsw_virq virq;       /* Events. */
    struct vsw_bufpool pool;    /* Its pages. */
    struct vsw_netback_vif **vifs;      /* Borrowed. */
    uint32_t n_vifs;
    uint64_t next;              /* Of jobs for vNICs, in order; counts. */
    bool blocked;
    bool slept;                 /* Pays for the switch to it. */
    uint32_t phase;
    uint32_t n_pending;         /* Pages mapped. */
    struct vsw_netback_vif *vif;    /* Of the batch at hand. */
    struct vsw_grant_call call;
    struct vsw_grant_item items[VSW_NETBACK_MAX_ITEMS];
    uint32_t n_items;
    struct vsw_netback_pkt batch[VSW_NETBACK_MAX_ITEMS];
    uint32_t n_batch;
    uint32_t at;
    bool announced;             /* The batch, by a virtual interrupt. */
    uint64_t n_wakes;
    uint64_t n_batches[3];      /* By what was done. */
    uint64_t n_batch_pkts[3];
};

struct vsw_netback {
    struct vsw_netback_setup setup;
    struct vsw_switch *sw;
    struct vsw_foreign foreign;
    struct vsw_netback_thread *threads;
    uint32_t n_threads;
    struct vsw_netback_vif *vifs;       /* By guest. */
    uint32_t n_vifs;
    struct vsw_netback_nic *nics;       /* By wire and queue. */
    uint32_t n_nics;
    struct vsw_netback_held *held;      /* By packet. */
    struct vsw_pages pages;     /* Of the driver domain, for copies. */
    bool pool_is_short;         /* A thread waits for pages of its own. */
    uint64_t live_sum;          /* Live mappings, at each map hypercall. */
};

/* Makes the ports of 'sw' and starts a thread on each of its units.  Returns
 * 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_netback_start(struct vsw_netback *nb, struct vsw_switch *sw,
                              const struct vsw_netback_setup *setup,
                              struct vsw_error *err);
VSW_API void vsw_netback_fini(struct vsw_netback *nb);

/* Puts 'pkt' before 'port': a guest's thread, or a NIC.  It is lost if that is
 * no port, or its queue is full. */
VSW_API void vsw_netback_route(struct vsw_netback *nb, struct vsw_unit *unit,
                               uint32_t pkt, uint32_t port);

/* Drops 'pkt' for the reason 'drop', and lets go of its pages. */
VSW_API void vsw_netback_drop(struct vsw_netback *nb, struct vsw_unit *unit,
                              uint32_t pkt, enum vsw_drop drop);

VSW_EXTERN_C_END

#endif
