/* Outcome: all that one simulation (one design, one set of axis values, one
 * replication) measured, as integers.
 *
 * "Window" is the measured part of the run: from the end of the warm-up to
 * the end of the run.  The fates count the whole run, because only then do
 * they balance:
 *
 *     created + cloned = delivered + absorbed + dropped + in flight.
 *
 * Thread-safety: one writer while it is filled, then read-only. */
#ifndef VSWSIM_OUTCOME_H
#define VSWSIM_OUTCOME_H

#include <stdint.h>

#include <vswsim/cache.h>
#include <vswsim/compiler.h>
#include <vswsim/histogram.h>

VSW_EXTERN_C_BEGIN

/* Why a packet was dropped. */
enum vsw_drop {
    VSW_DROP_RX_RING_FULL,  /* The receiver had posted no buffer. */
    VSW_DROP_TX_RING_FULL,  /* The source found no free slot (paced only). */
    VSW_DROP_NO_BUFFER,     /* The switch's buffer pool was empty. */
    VSW_DROP_NO_ROUTE,      /* No port for its address. */
    VSW_DROP_TOO_LARGE,     /* More buffers than the architecture chains. */
    VSW_DROP_FIFO_FULL,     /* The packet memory of a device was full. */
    VSW_DROP_QUEUE_FULL,    /* A software queue to the receiver was full. */
    VSW_DROP_UPCALL_FULL,   /* The queue to the daemon was full. */
    VSW_DROP_DENIED,        /* An access rule says so. */
    VSW_N_DROPS,
};

/* Name of 'drop' as results spell it: "rx_ring_full". */
VSW_API const char *vsw_drop_name(enum vsw_drop drop);

/* Packets and the bytes of their frames. */
struct vsw_tally {
    uint64_t n_pkts;
    uint64_t n_bytes;
};

/* One line of the ledger: time of a unit, in the window. */
struct vsw_outcome_charge {
    uint32_t unit;          /* Index into the outcome's units. */
    char domain[16];        /* "guest0", "host", ... */
    const char *stage;      /* "receive", "switch", "send" or "-"; static. */
    const char *account;    /* "copy", "vring_avail", ...; static. */
    uint64_t busy_ps;
    uint64_t n_charges;
    uint64_t memory_ps;     /* Part of it that waited for memory; 0 in flat
                             * mode. */
};

/* Lines of memory that a unit used while in a domain and a stage, in the
 * window; in hierarchy mode only (mem.h). */
struct vsw_outcome_lines {
    uint32_t unit;          /* Index into the outcome's units. */
    char domain[16];
    const char *stage;      /* Static. */
    uint64_t n_data[VSW_N_MEM_SOURCES]; /* By where each came from. */
    uint64_t n_code[VSW_N_MEM_SOURCES]; /* Instructions. */
};

/* Bytes that left the caches, in the window. */
struct vsw_outcome_traffic {
    uint64_t n_dram_read_bytes;     /* Prefetches and DMA included. */
    uint64_t n_dram_write_bytes;
    uint64_t n_cross_bytes;         /* From node to node. */
    uint64_t n_dma_bytes;           /* By devices, wherever they went. */
};

struct vsw_outcome_unit {
    char name[16];          /* "cpu0" */
    const char *role;       /* "switch", "guest" or "device"; static. */
    uint64_t busy_ps;       /* In the window, polling included. */
    uint64_t poll_ps;       /* Part of it that scanned and found nothing. */
    uint64_t idle_ps;
};

/* How often a batch had each size: 'counts[n]' batches of n packets, in the
 * window; the last element collects larger ones. */
struct vsw_outcome_batch {
    const char *name;       /* "receive", "send"; static. */
    uint64_t *counts;
    uint32_t n_counts;
};

/* Packets of one class of service, in the window. */
struct vsw_outcome_class {
    struct vsw_tally offered;
    struct vsw_tally delivered;
    struct vsw_tally dropped;
    struct vsw_histogram latency_ps;
};

/* A named number that only some architectures have. */
struct vsw_outcome_counter {
    const char *name;       /* "tlb_flushes"; static. */
    const char *unit;       /* "1", "bytes", "pages"; static. */
    uint64_t value;         /* In the window. */
    bool is_level;          /* Of replications the mean counts, not the sum: it
                             * is no count, but what something is. */
};

/* Memory that the design allocates or reserves. */
struct vsw_outcome_memory {
    const char *name;       /* "mbuf_pool"; static. */
    uint64_t n_bytes;
};

/* What happened in a part of the run. */
struct vsw_outcome_part {
    struct vsw_tally offered;
    struct vsw_tally delivered;
    uint64_t n_dropped;
    uint64_t n_latencies;   /* Of packets delivered in the window, ... */
    uint64_t latency_ps;    /* ... their sum. */
};

struct vsw_outcome {
    uint64_t window_ps;
    uint64_t tsc_hz;                /* Of the machine, to give TSC cycles. */

    /* The whole run. */
    struct vsw_tally created;
    struct vsw_tally cloned;
    struct vsw_tally delivered;
    struct vsw_tally absorbed;
    struct vsw_tally dropped[VSW_N_DROPS];
    struct vsw_tally in_flight;

    /* The window. */
    struct vsw_tally window_offered;
    struct vsw_tally window_delivered;
    struct vsw_tally window_dropped;
    struct vsw_tally *port_delivered;   /* Per port. */
    struct vsw_tally *port_offered;     /* Per port. */
    uint32_t n_ports;
    struct vsw_histogram *latency_ps;   /* From the source's hand to the
                                         * receiver's, of packets delivered in
                                         * the window. */

    struct vsw_outcome_class *classes;  /* Of "qos.file", by number; NULL:
                                         * none. */
    uint32_t n_classes;

    struct vsw_outcome_part *parts; /* Of the whole run, warm-up included, in
                                     * equal lengths; NULL: not recorded. */
    uint32_t n_parts;
    uint32_t first_part;            /* That is wholly in the window. */
    uint64_t part_ps;               /* Length of each. */
    struct vsw_outcome_unit *units;
    uint32_t n_units;
    struct vsw_outcome_charge *charges;
    uint32_t n_charges;
    struct vsw_outcome_lines *lines;
    uint32_t n_lines;               /* 0 in flat mode. */
    struct vsw_outcome_traffic traffic;
    struct vsw_outcome_batch *batches;
    uint32_t n_batches;
    struct vsw_outcome_counter *counters;
    uint32_t n_counters;
    struct vsw_outcome_memory *memory;
    uint32_t n_memory;

    uint64_t n_calls;               /* Engine calls, to judge the simulator. */
    uint64_t lateness_max_ps;       /* Worst delay of an interrupt behind a
                                     * call that was under way. */
};

/* An empty outcome for 'n_ports' ports, or NULL if there is no memory. */
VSW_API struct vsw_outcome *vsw_outcome_new(uint32_t n_ports);

/* Frees 'outcome' and all it owns; NULL is fine. */
VSW_API void vsw_outcome_free(struct vsw_outcome *outcome);

VSW_EXTERN_C_END

#endif
