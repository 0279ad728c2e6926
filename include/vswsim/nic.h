/* NIC: receive and transmit queues between a link and memory.
 *
 * Receiving: each frame is hashed over its addresses and ports (RSS: Toeplitz
 * with the NIC's key), the redirection table gives a queue, and if that has
 * descriptors posted, the frame is written over the bus into their buffers and
 * the descriptors are written back; if not, it is lost
 * (VSW_DROP_RX_RING_FULL).  Free descriptors are read ahead, a line at a time.
 *
 * Transmitting: on what its driver published, the NIC reads descriptors, then
 * frames, into its packet memory, from which the wire takes them at line rate;
 * once a batch has been read, its descriptors are written back, and free.
 * A TCP packet that is longer than a frame (its 'l4.seg_bytes' say so) is cut
 * into frames with headers of their own (TSO).
 *
 * A queue is a struct vsw_queue whose far side is the wire: its ring 'tx'
 * carries what was received (filled by the NIC, freed by the driver, which
 * posts a buffer with each slot it frees) and 'rx' what is to be sent.  Use
 * vsw_nic_rx_ring() and vsw_nic_tx_ring().
 *
 * Interrupts: none until vsw_nic_attach_irq(); then one per queue, moderated
 * (vsw_irqmod), for received frames.
 *
 * Costs: those of the bus; NIC_IRQ_LATENCY.  Source: Intel 82599 datasheet,
 * sections 7.1 (receive), 7.2 (transmit) and 7.3 (interrupts).
 *
 * Left out: receive offloads, VLAN and MAC filters, interrupts for
 * transmission, priorities among queues (they take turns by batch), a limit on
 * outstanding reads.  Packet memory is counted in frames.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NIC_H
#define VSWSIM_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/bus.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/irqmod.h>
#include <vswsim/queue.h>
#include <vswsim/reta.h>
#include <vswsim/rss.h>
#include <vswsim/wire.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

/* Most receive queues of a NIC. */
#define VSW_NIC_MAX_QUEUES 128

struct vsw_nic_setup {
    const uint8_t *rss_key;     /* Of VSW_TOEPLITZ_KEY_BYTES; copied. */
    unsigned int rss_protos;    /* VSW_RSS_*: whose ports are hashed. */
    uint32_t n_reta_slots;      /* A power of two. */
    uint32_t desc_bytes;        /* A descriptor. */
    uint32_t rx_fetch_descs;    /* Read ahead at a time. */
    uint32_t tx_fetch_descs;    /* Most in a batch to send. */
    uint32_t n_rx_queues;       /* Queue pairs that receive, the first ones;
                                 * 0: all. */
    uint64_t irq_gap_ns;        /* Least time between two interrupts of
                                 * a queue; 0: no moderation. */
    bool irq_masks;             /* An interrupt masks itself until
                                 * vsw_nic_unmask(), as NAPI drivers ask. */
};

#define VSW_NIC_SETUP_DEFAULT                                                \
    {.rss_key = vsw_toeplitz_default_key,                                    \
     .rss_protos = VSW_RSS_TCP | VSW_RSS_UDP | VSW_RSS_SCTP,                 \
     .n_reta_slots = VSW_RETA_DEFAULT_SLOTS, .desc_bytes = 16,               \
     .rx_fetch_descs = 4, .tx_fetch_descs = 32}

struct vsw_nic;

struct vsw_nic_queue {
    struct vsw_nic *nic;
    struct vsw_queue *queue;    /* Borrowed. */
    uint32_t n_descs;           /* Read ahead and not used yet. */
    uint64_t n_received;        /* Frames, the whole run. */
    uint64_t n_irqs;
    struct vsw_irq *irq;        /* Borrowed; NULL: polled. */
    struct vsw_irqmod irqmod;
    struct vsw_timer timer;     /* Of the moderation. */
    struct vsw_irq unmask;      /* To the NIC. */
    bool is_masked;
    bool has_event;             /* Since it was masked. */
};

struct vsw_nic {
    struct vsw_unit rx_unit;
    struct vsw_unit tx_unit;
    struct vsw_worker rx_worker;
    struct vsw_worker tx_worker;
    struct vsw_source rx_source;
    struct vsw_source *tx_sources;  /* A queue each; then packet memory. */
    struct vsw_frames *frames;
    struct vsw_bus *bus;
    struct vsw_link_end *end;
    struct vsw_nic_setup setup;
    struct vsw_nic_queue *queues;
    uint32_t n_queues;
    struct vsw_reta *reta;
    uint32_t *hashes;           /* By flow: its packets have one header. */

    /* The batch being sent. */
    struct vsw_queue *tx_queue; /* NULL: none. */
    uint32_t tx_source;         /* Its number among the sources. */
    uint32_t tx_upto;           /* It ends at this count of slots. */
    uint32_t tx_rest;           /* Packet that is being cut into frames, ... */
    bool tx_has_rest;           /* ... if there is one. */
    uint64_t tx_descs_ps;       /* Its descriptors have come. */
    uint64_t tx_read_ps;        /* The bus is free for the next frame. */
    uint64_t tx_come_ps;        /* The last frame has come. */
    uint64_t tx_done_ps;        /* The last batch was written back. */
};

static inline struct vsw_ring *
vsw_nic_rx_ring(struct vsw_queue *queue)
{
    return &queue->tx;
}

static inline struct vsw_ring *
vsw_nic_tx_ring(struct vsw_queue *queue)
{
    return &queue->rx;
}

/* Makes 'nic' move packets between 'end' of a link and 'queues' (both
 * borrowed) over 'bus', with tables in 'arena'.  Returns 0, or a negative
 * errno value with 'err' filled: -ENOMEM, or -EINVAL if a setup is out of
 * range or the machine lacks a cost. */
VSW_API int vsw_nic_init(struct vsw_nic *nic, struct vsw_frames *frames,
                         const char *name, struct vsw_bus *bus,
                         struct vsw_link_end *end, struct vsw_queue *queues,
                         uint32_t n_queues,
                         const struct vsw_nic_setup *setup,
                         struct vsw_arena *arena, struct vsw_error *err);
VSW_API void vsw_nic_fini(struct vsw_nic *nic);

/* Lets queue number 'queue' send 'irq' (borrowed) for what it receives. */
VSW_API void vsw_nic_attach_irq(struct vsw_nic *nic, uint32_t queue,
                                struct vsw_irq *irq);

/* The driver on 'cpu' unmasks the interrupt of 'queue': a doorbell.  What came
 * since it was masked raises it again, subject to moderation. */
VSW_API void vsw_nic_unmask(struct vsw_nic *nic, uint32_t queue,
                            struct vsw_unit *cpu);

VSW_EXTERN_C_END

#endif
