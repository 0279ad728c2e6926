/* The driver domain of vmdq: a thread that polls guests and the queues of
 * the NIC, and passes descriptors between them.
 *
 * A guest with a queue of its own has its buffers posted there, so that the
 * NIC writes what it receives where the guest looks for it.  The last queue
 * is shared if there are fewer queues than guests need: what arrives there
 * is told apart by address and copied, a page at most at a time.  It has the
 * slots and the turns of all its guests, or the thread, busy, would send more
 * than it takes from there.  Packets that guests send are never copied: their
 * slots are theirs again when the NIC has read them.  While the NIC's ring
 * has no room, what a guest sends waits in the guest's.
 *
 * Costs: VRING_AVAIL, VRING_DESC, VRING_USED, VRING_EMPTY, NIC_RX_BATCH,
 * NIC_RX_PKT, NIC_TX_BATCH, NIC_TX_PKT, DOORBELL; with a shared queue also
 * HASH_SOFT, EMC_LOOKUP, COPY_CALL, COPY_BYTE. */
#ifndef MODELS_VMDQ_RELAY_H
#define MODELS_VMDQ_RELAY_H

#include <vswsim/eswitch.h>
#include <vswsim/irqmod.h>
#include <vswsim/mactable.h>
#include <vswsim/param.h>
#include <vswsim/queue.h>
#include <vswsim/switch.h>
#include <vswsim/tx_window.h>
#include <vswsim/worker.h>

struct vmdq_relay;

struct vmdq_setup {
    uint32_t first;             /* Queue pair of a guest that it serves, and
                                 * those behind it. */
    uint32_t n_queues;          /* Of the NIC, for them. */
    uint32_t burst_pkts;
    uint32_t buf_bytes;
    uint64_t irq_gap_ns;
    const struct vsw_mactable *macs;    /* Ports by address; borrowed. */
};

/* The parameter of that name, of a state of 'type'. */
#define VMDQ_BURST_PARAM(type)                                               \
    VSW_PARAM_U32(type, burst_pkts, 32, 1, 1024,                             \
                  "most packets taken from a ring at once",                  \
                  "design choice: as poll-mode drivers do")

/* Where a descriptor that the NIC reads came from. */
struct vmdq_sent {
    uint32_t guest;             /* Queue pair of a guest. */
    uint32_t slot;              /* There. */
    uint32_t n_slots;           /* 0: a later slot of a packet. */
};

/* A queue pair of the NIC. */
struct vmdq_queue {
    struct vsw_queue queue;
    uint32_t n_guests;          /* Queue pairs of guests that it serves. */
    struct vmdq_sent *sent;     /* By slot. */
    uint32_t n_reaped;          /* Slots; free-running. */
};

/* A queue pair of a guest. */
struct vmdq_guest {
    struct vmdq_relay *relay;
    struct vsw_queue *queue;
    struct vsw_vnic *vnic;
    struct vmdq_queue *nic;     /* That serves it. */
    struct vsw_tx_window window;
    struct vsw_irqmod irqmod;
    struct vsw_timer timer;
    bool received;              /* Since it was told last. */
    uint32_t n_freed;           /* Slots that it got back since then. */
    bool stuck;                 /* The NIC's ring has no room for its next. */
};

struct vmdq_relay {
    struct vsw_switch *sw;
    struct vmdq_setup setup;
    struct vsw_eswitch *nic;    /* Borrowed. */
    struct vsw_worker worker;
    struct vsw_source *sources; /* What guests send, what the NIC received,
                                 * what it has sent. */
    struct vmdq_guest *guests;
    uint32_t n_guests;          /* Queue pairs. */
    struct vmdq_queue *queues;
    uint32_t n_queues;
    bool visiting;              /* The source of the call ... */
    uint32_t n_taken;           /* ... gave so many packets ... */
    uint32_t max_taken;         /* ... of at most so many. */
    struct vmdq_guest *receiver;    /* Of the packet at hand, or NULL: ... */
    uint32_t to;                /* ... its first slot there, ... */
    uint32_t n_done_bytes;      /* ... and what is copied of it. */
    bool telling;               /* The guests, from 'at' on. */
    uint32_t at;
    uint64_t n_shared;          /* Packets that were copied, in the window. */
};

/* Makes the queues of the NIC, no more than guests need.  Returns 0, or
 * a negative errno value with 'err' filled. */
int vmdq_relay_init(struct vmdq_relay *r, struct vsw_switch *sw,
                    const struct vmdq_setup *setup, struct vsw_error *err);

/* Makes the NIC, which serves the queues of the relay and not those of guests;
 * 'setup' lacks its contexts.  Returns 0, or a negative errno value with 'err'
 * filled. */
int vmdq_relay_make_nic(struct vmdq_relay *r, struct vsw_eswitch *nic,
                        struct vsw_eswitch_setup *setup,
                        struct vsw_error *err);

/* Gives the queues of the relay the contexts of 'nic' from 'context' on, and
 * its guests those.  Returns 0, or -ENOMEM with 'err' filled. */
int vmdq_relay_attach(struct vmdq_relay *r, struct vsw_eswitch *nic,
                      uint32_t context, struct vsw_error *err);

/* Begins to poll, on the first CPU of 'sw', and lets the NIC begin.  Returns
 * 0, or -ENOMEM with 'err' filled. */
int vmdq_relay_start(struct vmdq_relay *r, struct vsw_error *err);
void vmdq_relay_fini(struct vmdq_relay *r);

/* Buffers that 'n_queues' queues of the NIC take for the queue pairs of guests
 * from 'first' on. */
uint32_t vmdq_relay_n_bufs(const struct vsw_switch *sw, uint32_t first,
                           uint32_t n_queues);

#endif
