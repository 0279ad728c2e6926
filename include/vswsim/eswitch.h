/* Embedded switch: a NIC that forwards between its contexts and its links.
 *
 * A context is a queue pair that a guest, or software of the host for it,
 * drives directly: the NIC reads descriptors of 'tx' and data over the bus,
 * decides where each packet goes, and delivers it to another context or
 * a link.  What is read of a packet before the decision is 'head_bytes' (0:
 * all of it).  How data get from one context to another:
 *
 *   by bus   The NIC has read all of the packet and writes it back to memory:
 *            it crosses the bus twice.
 *   by DMA   The NIC has read the headers only, and programs the host's copy
 *            engine (dma.h) to copy from the sender's buffer to the
 *            receiver's.  It looks for completions once per period of
 *            interrupt moderation.  Shorter packets than 'dma_min_bytes' go
 *            by bus.
 *
 * The NIC writes descriptors back: the sender's once per call, the receiver's
 * for each packet.  A packet whose receiver has posted no descriptor is lost
 * (VSW_DROP_RX_RING_FULL) or, with 'holds', waits in the NIC.
 *
 * Packets wait by class and by where they go; the higher class goes first,
 * whatever its destination.  Of a receiver's descriptors the lowest class
 * leaves half to those above it, and the others less in equal steps, the
 * highest none.  Copies of a class go through a channel of their own; the
 * lowest classes share one if there are too few.
 *
 * A NIC with links keeps half of its places for frames that arrive there.
 * Each class has an equal share of the NIC's places.  With one class, a NIC
 * without a free place stops taking packets; with several, packets of a class
 * without one are lost (VSW_DROP_FIFO_FULL), as are those from links.
 *
 * A cap ('max_in_flight', congestion.h) bounds the places that packets to one
 * context may take.
 *
 * Costs: those of the bus; NIC_FORWARD, NIC_IRQ_LATENCY; by DMA those of
 * dma.h.
 *
 * Left out: transmit segmentation, bandwidth
 * shares; one unit does what a NIC's pipeline does side by side, and only what
 * occupies the pipeline or the bus takes its time.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_ESWITCH_H
#define VSWSIM_ESWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/bus.h>
#include <vswsim/compiler.h>
#include <vswsim/congestion.h>
#include <vswsim/control_plane.h>
#include <vswsim/dma.h>
#include <vswsim/error.h>
#include <vswsim/irqmod.h>
#include <vswsim/nic_rules.h>
#include <vswsim/queue.h>
#include <vswsim/switch.h>
#include <vswsim/tx_window.h>
#include <vswsim/wire.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_ESWITCH_MAX_LINKS   16

/* Frames that the NIC reads side by side: 8 to 24 requests may be outstanding
 * in such devices. */
#define VSW_ESWITCH_MAX_READS   8

#define VSW_ESWITCH_MAX_CLASSES (VSW_ACL_MAX_CLASS + 1)

struct vsw_eswitch;
struct vsw_eswitch_job;

/* Finds where the packet of 'job' goes: number of a guest's port, or that of
 * a link behind them; VSW_PORT_FLOOD if nowhere.  Returns false if the control
 * plane must be asked; such a switch has one. */
typedef bool (*vsw_eswitch_decide_fn)(void *aux, struct vsw_eswitch *es,
                                      struct vsw_eswitch_job *job,
                                      struct vsw_rule *rule);

struct vsw_eswitch_setup {
    const char *name;           /* Of its unit: "nic". */
    struct vsw_bus *bus;        /* Borrowed, as are the links. */
    struct vsw_link_end *links[VSW_ESWITCH_MAX_LINKS];
    uint32_t n_links;
    uint32_t n_contexts;
    uint32_t n_guest_ports;     /* Numbers from here on are links'. */
    vsw_eswitch_decide_fn decide;
    void *aux;
    struct vsw_control_plane *control;  /* Or NULL. */
    uint32_t head_bytes;
    bool by_dma;
    uint32_t dma_min_bytes;
    uint32_t n_dma_channels;
    uint32_t n_dma_descs;       /* Of each channel, a power of two. */
    uint32_t n_places;          /* Packets in the NIC. */
    uint32_t n_classes;
    bool holds;
    uint32_t max_in_flight;     /* To one context; 0: no cap. */
    enum vsw_congestion_at_cap at_cap;  /* STOP loses the newcomer. */
    uint64_t irq_gap_ns;
    uint32_t desc_bytes;
    uint32_t fetch_descs;       /* Most that are read at a time. */
};

/* A packet in the NIC. */
struct vsw_eswitch_job {
    uint32_t pkt;
    uint32_t context;       /* It came from; VSW_NONE: a link or the control
                             * plane. */
    uint32_t tx_slot;
    uint32_t n_tx_slots;
    uint32_t from_buf;      /* The control plane's, or VSW_NONE. */
    uint32_t n_read;        /* Bytes that the NIC has. */
    uint64_t ready_ps;      /* When it has them. */
    uint32_t out;           /* Where it goes. */
    uint32_t class_;
    uint32_t rx_slot;       /* At the receiver. */
    uint32_t n_rx_slots;
    bool is_done;           /* Its data are there. */
    bool is_tx;             /* It was taken from memory. */
    uint32_t next;          /* Of its queue, or of the free ones. */
};

/* A queue pair that the NIC serves. */
struct vsw_eswitch_context {
    struct vsw_eswitch *es;
    struct vsw_queue *queue;    /* Borrowed. */
    struct vsw_vnic *vnic;      /* Whom its interrupt is for, or NULL. */
    struct vsw_irq *irq;        /* Sent for what is received; NULL: polled. */
    bool irq_for_tx;            /* And for slots that became free. */
    struct vsw_irq own_irq;     /* To the CPU of 'vnic'. */
    struct vsw_irqmod irqmod;
    struct vsw_timer timer;
    struct vsw_tx_window window;
    uint32_t *job_at;           /* By receive slot. */
    uint32_t n_descs;           /* Receive descriptors read ahead. */
    uint32_t n_unsent;          /* TX slots that are done and not free. */
    uint64_t tx_stamp_ps;       /* When the last of them was done. */
    uint64_t rx_stamp_ps;       /* Of the last publication. */
    bool freed;                 /* Slots that its guest may wait for. */
    uint64_t n_irqs;            /* The whole run. */
};

struct vsw_eswitch_fifo {
    uint32_t first;
    uint32_t last;
    uint32_t n;
};

struct vsw_eswitch {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_source *sources;
    uint32_t n_sources;
    struct vsw_switch *sw;
    struct vsw_eswitch_setup setup;
    struct vsw_eswitch_context *contexts;
    uint32_t *context_of;       /* By queue pair of the guests' ports: that of
                                 * equal number, unless the owner changes it
                                 * before the start. */
    struct vsw_dma dma;
    struct vsw_timer dma_timer;
    bool dma_timer_runs;
    bool *dma_dirty;            /* By channel: submitted, not started. */
    uint64_t *dma_stamp_ps;
    uint64_t link_stamp_ps[VSW_ESWITCH_MAX_LINKS];
    struct vsw_congestion *cap;

    struct vsw_eswitch_job *jobs;
    uint32_t free_job;
    uint32_t n_used[VSW_ESWITCH_MAX_CLASSES];
    uint32_t n_jobs;            /* In use. */
    uint32_t n_tx_jobs;         /* Of these, taken from memory; ... */
    uint32_t max_tx_jobs;       /* ... others are for frames from links. */
    struct vsw_eswitch_fifo *fifos;     /* [class][output] */
    uint32_t n_waiting[VSW_ESWITCH_MAX_CLASSES];
    uint32_t n_outputs;
    uint32_t turn;              /* Output that is served first. */

    /* The batch at hand. */
    uint32_t batch;             /* Source, or VSW_NONE. */
    uint32_t n_batch_slots;
    uint64_t descs_ps;          /* Its descriptors have come. */
    uint64_t reads_ps[VSW_ESWITCH_MAX_READS];   /* When the last ones come. */
    uint32_t n_reads;           /* Free-running. */

    /* In the window. */
    uint64_t n_frame_bytes[VSW_BUS_N_DIRS]; /* Of frames, over the bus. */
    uint64_t n_forwarded;
    uint64_t n_by_dma;
    uint64_t n_by_bus;
    uint64_t n_dma_bytes;
};

/* Makes the NIC of 'sw', whose ports exist, with contexts that still lack
 * their queues.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_eswitch_init(struct vsw_eswitch *es, struct vsw_switch *sw,
                             const struct vsw_eswitch_setup *setup,
                             struct vsw_error *err);

/* Gives context 'i' its queue pair (borrowed); 'vnic' is the one whose guest
 * drives it, or NULL.  Returns 0 or -ENOMEM. */
VSW_API int vsw_eswitch_attach(struct vsw_eswitch *es, uint32_t i,
                               struct vsw_queue *queue,
                               struct vsw_vnic *vnic);

/* Begins to serve; all contexts have their queues. */
VSW_API void vsw_eswitch_start(struct vsw_eswitch *es);
VSW_API void vsw_eswitch_fini(struct vsw_eswitch *es);

/* The headers of the packet of 'job', which the NIC has. */
VSW_API const uint8_t *
vsw_eswitch_header(const struct vsw_eswitch *es,
                   const struct vsw_eswitch_job *job);

VSW_EXTERN_C_END

#endif
