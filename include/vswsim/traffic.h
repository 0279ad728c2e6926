/* Traffic: which packet a queue of a guest sends next, and when.
 *
 * Packets, sizes and flows come from the workload; the pacing says when the
 * driver may send them.  A saturating or fixed-rate source takes all records
 * that enter at its port, from an offset that differs by queue and
 * replication; a recorded or scaled one takes those whose flow belongs to its
 * queue, from the start.
 *
 * Thread-safety: none; one source per queue. */
#ifndef VSWSIM_TRAFFIC_H
#define VSWSIM_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/random.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

/* Fraction bits of a time scale. */
#define VSW_TIME_SCALE_BITS 16

struct vsw_traffic_setup {
    const struct vsw_workload *workload;
    enum vsw_pacing pacing;
    uint64_t time_scale;        /* 2^-16; 65536 is the trace's own time. */
    uint64_t gap_ps;            /* Between packets of one queue, for FIXED. */
    uint32_t burst_pkts;        /* Sent together, for FIXED. */
    uint32_t n_loops;           /* Times the trace is played; 0: for ever. */
    uint32_t frame_bytes;       /* Resizes every frame; 0: does not. */
    uint32_t port;
    uint32_t queue;
    uint32_t n_queues;
    uint32_t *n_open;           /* Counts the sources that are not at their
                                 * end; borrowed, NULL: nobody asks. */
};

struct vsw_traffic {
    struct vsw_traffic_setup setup;
    uint32_t rec;               /* Next record, or VSW_NONE: no more. */
    uint32_t first_rec;         /* Where a round starts. */
    uint32_t n_rounds;          /* Rounds finished. */
    uint64_t start_ps;
    uint64_t n_sent;            /* For FIXED. */
    uint64_t due_ps;            /* When the next packet may leave. */
    uint32_t due_frame_bytes;   /* Its size. */
    uint32_t due_flow_id;       /* Its flow. */
};

/* Starts the source at 'start_ps'; 'offset' chooses the first record.  It is
 * one more in 'setup->n_open', if it has anything to send, until its last
 * packet is taken; with 'n_loops' 0, for ever. */
VSW_API void vsw_traffic_init(struct vsw_traffic *traffic,
                              const struct vsw_traffic_setup *setup,
                              uint64_t start_ps, struct vsw_random *offset);

/* True while there is a next packet, which 'due_...' describe. */
static inline bool
vsw_traffic_pending(const struct vsw_traffic *traffic)
{
    return traffic->rec != VSW_NONE;
}

/* The same as vsw_traffic_next(), for any pacing and at the end of a round. */
VSW_API void vsw_traffic_next_any(struct vsw_traffic *traffic);

/* Takes 'rec' for the next packet; leaves alone when it is due. */
static inline void
vsw_traffic_take(struct vsw_traffic *traffic, uint32_t rec)
{
    const struct vsw_traffic_setup *setup = &traffic->setup;
    const struct vsw_workload_rec *r = &setup->workload->recs[rec];

    traffic->rec = rec;
    traffic->due_flow_id = r->flow_id;
    traffic->due_frame_bytes = setup->frame_bytes ? setup->frame_bytes
                                                  : r->frame_bytes;
}

/* Goes on to the next packet. */
static inline void
vsw_traffic_next(struct vsw_traffic *traffic)
{
    const struct vsw_traffic_setup *setup = &traffic->setup;
    uint32_t next = setup->workload->recs[traffic->rec].next_on_port;

    if (VSW_LIKELY(setup->pacing == VSW_PACING_SATURATE && next != VSW_NONE
                   && next != traffic->first_rec)) {
        vsw_traffic_take(traffic, next);
    } else {
        vsw_traffic_next_any(traffic);
    }
}

VSW_EXTERN_C_END

#endif
