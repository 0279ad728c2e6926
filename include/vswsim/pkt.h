/* Packets and buffers of one simulation, and the fate of every packet.
 *
 * A packet is one line of host memory: what it is, where its bytes lie, and
 * when its source let go of it.  A buffer is a range of simulated memory (a
 * guest's or the switch's) of which the first VSW_HEADER_BYTES exist and are
 * really copied, so that real code can parse them.
 *
 * Law: packets created and cloned = delivered + absorbed + dropped + in
 * flight, each counted where it happens.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_PKT_H
#define VSWSIM_PKT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/histogram.h>
#include <vswsim/observer.h>
#include <vswsim/outcome.h>
#include <vswsim/unit.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

/* Bytes of the frame check sequence, which NICs handle and memory does not
 * hold. */
#define VSW_FCS_BYTES 4

enum vsw_l4_proto {
    VSW_L4_NONE,            /* The header of the flow is all there is. */
    VSW_L4_TCP,
    VSW_L4_UDP,
};

/* Flags of TCP, as its header has them. */
#define VSW_TCP_FIN 0x01u
#define VSW_TCP_SYN 0x02u
#define VSW_TCP_RST 0x04u
#define VSW_TCP_PSH 0x08u
#define VSW_TCP_ACK 0x10u

/* Fields of the transport header that differ from packet to packet of a flow;
 * see l4.h, which writes them into the bytes of a header. */
struct vsw_l4 {
    uint32_t seq;           /* Of UDP: the number of the datagram. */
    uint32_t ack;
    uint32_t window_bytes;  /* Not scaled. */
    uint32_t payload_bytes;
    uint32_t ts_val;        /* Timestamps option, in us. */
    uint32_t ts_ecr;
    uint16_t seg_bytes;     /* Payload of each frame that the packet is cut
                             * into on a wire (MSS); 0: it fits one. */
    uint8_t flags;
    uint8_t proto;          /* enum vsw_l4_proto */
};

struct vsw_pkt {
    uint64_t born_ps;       /* When the source let go of it. */
    uint32_t frame_bytes;
    uint32_t flow_id;
    uint32_t buf;           /* First of its buffers; see vsw_bufs. */
    uint32_t in_port;
    uint32_t next_free;     /* While it is free, or in a pkt_fifo.h. */
    struct vsw_l4 l4;       /* Set by who creates it if 'proto' is. */
};

/* Bytes of 'pkt' that lie in memory. */
static inline uint32_t
vsw_pkt_data_bytes(const struct vsw_pkt *pkt)
{
    return pkt->frame_bytes - VSW_FCS_BYTES;
}

struct vsw_pkts {
    struct vsw_pkt *pkts;
    uint32_t n_pkts;
    uint32_t free;              /* Last in, first out. */
    uint32_t n_in_flight;       /* Those that are not free. */
    const struct vsw_workload *workload;    /* Borrowed. */
    struct vsw_outcome *outcome;    /* Fates and latencies; borrowed. */
    const uint8_t *class_of;    /* Class of service by flow, borrowed; NULL:
                                 * none are told apart. */
    const struct vsw_observer *observer;    /* Borrowed; may be NULL. */
};

/* Makes room for 'n_pkts' at a time.  Returns 0 or -ENOMEM. */
VSW_API int vsw_pkts_init(struct vsw_pkts *pkts, uint32_t n_pkts,
                          const struct vsw_workload *workload,
                          struct vsw_outcome *outcome);
VSW_API void vsw_pkts_fini(struct vsw_pkts *pkts);

static inline void
vsw_tally_add(struct vsw_tally *tally, uint32_t frame_bytes)
{
    tally->n_pkts++;
    tally->n_bytes += frame_bytes;
}

/* Where packets of 'flow_id' are counted by class, or NULL. */
static inline struct vsw_outcome_class *
vsw_pkt_class(const struct vsw_pkts *pkts, const struct vsw_unit *unit,
              uint32_t flow_id)
{
    return VSW_UNLIKELY(pkts->class_of != NULL) && vsw_unit_in_window(unit)
               ? &pkts->outcome->classes[pkts->class_of[flow_id]]
               : NULL;
}

/* Counts a packet of 'flow_id' that enters at 'in_port', by 'unit'. */
static inline void
vsw_pkt_count_created(struct vsw_pkts *pkts, const struct vsw_unit *unit,
                      uint32_t flow_id, uint32_t in_port,
                      uint32_t frame_bytes)
{
    struct vsw_outcome *outcome = pkts->outcome;
    struct vsw_outcome_class *class_ = vsw_pkt_class(pkts, unit, flow_id);

    if (class_) {
        vsw_tally_add(&class_->offered, frame_bytes);
    }

    vsw_tally_add(&outcome->created, frame_bytes);
    if (VSW_LIKELY(vsw_unit_in_window(unit))) {
        vsw_tally_add(&outcome->port_offered[in_port], frame_bytes);
    }
}

/* A new packet of 'flow_id' that entered at 'in_port' and left the source's
 * hand at 'born_ps'; 'unit' is the one that sends it.  There must be one
 * free: rings bound how many there are. */
static inline uint32_t
vsw_pkt_create(struct vsw_pkts *pkts, const struct vsw_unit *unit,
               uint32_t flow_id, uint32_t in_port, uint32_t frame_bytes,
               uint64_t born_ps)
{
    uint32_t id = pkts->free;
    struct vsw_pkt *pkt = &pkts->pkts[id];

    assert(id != VSW_NONE);
    pkts->free = pkt->next_free;
    pkts->n_in_flight++;
    pkt->born_ps = born_ps;
    pkt->frame_bytes = frame_bytes;
    pkt->flow_id = flow_id;
    pkt->buf = VSW_NONE;
    pkt->in_port = in_port;
    pkt->l4.proto = VSW_L4_NONE;
    vsw_pkt_count_created(pkts, unit, flow_id, in_port, frame_bytes);
    if (VSW_UNLIKELY(pkts->observer) && pkts->observer->created) {
        pkts->observer->created(pkts->observer->aux, pkts, unit, id);
    }
    return id;
}

/* True if 'pkt' is more than a frame and a wire must cut it. */
static inline bool
vsw_pkt_is_long(const struct vsw_pkt *pkt)
{
    return pkt->l4.seg_bytes > 0 && pkt->l4.payload_bytes > pkt->l4.seg_bytes;
}

/* Cuts the first frame off the long packet 'id', which keeps the rest: a new
 * packet without a buffer, with headers of its own, that counts as cloned. */
VSW_API uint32_t vsw_pkt_cut(struct vsw_pkts *pkts, uint32_t id);

/* A copy of packet 'id', with no buffer yet.  There must be one free: whoever
 * clones sees to it that each clone has a slot to go to. */
VSW_API uint32_t vsw_pkt_clone(struct vsw_pkts *pkts, uint32_t id);

/* True if TCP segment 'next' continues 'pkt', both of one flow, so that they
 * may become one of at most 'max_bytes' of payload, as receive aggregation
 * (GRO) makes them: 'pkt' has full frames only, without PSH. */
VSW_API bool vsw_pkt_may_join(const struct vsw_pkt *pkt,
                              const struct vsw_pkt *next, uint32_t max_bytes);

/* Makes 'next' the end of 'id': its payload and its chain of buffers, behind
 * those of 'id', whose last buffer is 'last'.  'next' is gone, and counts as
 * absorbed, with the bytes of its headers. */
VSW_API void vsw_pkt_join(struct vsw_pkts *pkts, uint32_t *buf_next,
                          uint32_t last, uint32_t id, uint32_t next);

/* Makes room for another packet; for those who count its fate. */
static inline void
vsw_pkt_free(struct vsw_pkts *pkts, uint32_t id)
{
    pkts->pkts[id].next_free = pkts->free;
    pkts->free = id;
    pkts->n_in_flight--;
}

/* Packet 'id' reached the guest behind 'port', on 'unit', at its local time.
 */
static inline void
vsw_pkt_deliver(struct vsw_pkts *pkts, const struct vsw_unit *unit,
                uint32_t id, uint32_t port)
{
    struct vsw_outcome *outcome = pkts->outcome;
    const struct vsw_pkt *pkt = &pkts->pkts[id];
    struct vsw_outcome_class *class_ = vsw_pkt_class(pkts, unit,
                                                     pkt->flow_id);

    if (class_) {
        vsw_tally_add(&class_->delivered, pkt->frame_bytes);
        vsw_histogram_add(&class_->latency_ps,
                          unit->local_ps - pkt->born_ps);
    }
    if (VSW_UNLIKELY(pkts->observer) && pkts->observer->delivered) {
        pkts->observer->delivered(pkts->observer->aux, pkts, unit, id, port);
    }
    vsw_tally_add(&outcome->delivered, pkt->frame_bytes);
    if (VSW_LIKELY(vsw_unit_in_window(unit))) {
        vsw_tally_add(&outcome->port_delivered[port], pkt->frame_bytes);
        vsw_histogram_add(outcome->latency_ps,
                          unit->local_ps - pkt->born_ps);
    }
    vsw_pkt_free(pkts, id);
}

/* 'pkt' is lost for the reason 'drop'. */
VSW_API void vsw_pkt_drop(struct vsw_pkts *pkts, const struct vsw_unit *unit,
                          uint32_t pkt, enum vsw_drop drop);

/* A packet of 'flow_id' that its source had to give up before it left. */
VSW_API void vsw_pkt_refuse(struct vsw_pkts *pkts,
                            const struct vsw_unit *unit, uint32_t flow_id,
                            uint32_t in_port, uint32_t frame_bytes,
                            enum vsw_drop drop);

/* At the end of a run: adds up what the ports counted, counts the packets that
 * are still in flight, which 'pkts' then forgets, and checks the law of
 * conservation.  Returns 0, or -EPROTO with 'err' filled. */
VSW_API int vsw_pkts_check(struct vsw_pkts *pkts, struct vsw_error *err);

/* --- Buffers ------------------------------------------------------------ */

/* Where a buffer lies in simulated memory (buf_mem.h). */
struct vsw_buf_place {
    uint64_t addr;              /* Of its first byte. */
    uint64_t own;               /* Where it lies unless a page was lent to it,
                                 * while one is; 0. */
    uint64_t meta;              /* Of what its owner keeps of it. */
    uint32_t n_bytes;           /* That it holds. */
};

struct vsw_bufs {
    uint8_t (*headers)[VSW_HEADER_BYTES];
    struct vsw_buf_place *places;   /* NULL in flat mode. */
    uint32_t *next;             /* Of a chain, or of the free list. */
    uint32_t n_bufs;
    uint32_t n_used;            /* Handed out with vsw_bufs_take(). */
    bool is_plain;              /* One lies right behind the other. */
};

/* A pool of some of the buffers: those of one owner. */
struct vsw_bufpool {
    struct vsw_bufs *bufs;
    uint32_t free;              /* Last in, first out. */
    uint32_t n_free;
    uint32_t first;             /* Of its 'n_bufs' buffers at the start. */
    uint32_t n_bufs;
};

VSW_API int vsw_bufs_init(struct vsw_bufs *bufs, uint32_t n_bufs);
VSW_API void vsw_bufs_fini(struct vsw_bufs *bufs);

/* The next buffer that nobody owns; there must be one left. */
VSW_API uint32_t vsw_bufs_take(struct vsw_bufs *bufs);

/* Makes a pool of the next 'n_bufs' buffers. */
VSW_API void vsw_bufpool_init(struct vsw_bufpool *pool, struct vsw_bufs *bufs,
                              uint32_t n_bufs);

/* Takes a chain of 'n' buffers (there must be as many) and returns the first.
 */
static inline uint32_t
vsw_bufpool_get(struct vsw_bufpool *pool, uint32_t n)
{
    uint32_t *next = pool->bufs->next;
    uint32_t first = pool->free;
    uint32_t last = first;

    assert(n > 0 && n <= pool->n_free);
    for (uint32_t i = 1; i < n; i++) {
        last = next[last];
    }
    pool->free = next[last];
    next[last] = VSW_NONE;
    pool->n_free -= n;
    return first;
}

/* Gives back a chain. */
static inline void
vsw_bufpool_put(struct vsw_bufpool *pool, uint32_t buf)
{
    uint32_t *next = pool->bufs->next;
    uint32_t last = buf;

    pool->n_free++;
    while (next[last] != VSW_NONE) {
        last = next[last];
        pool->n_free++;
    }
    next[last] = pool->free;
    pool->free = buf;
}

VSW_EXTERN_C_END

#endif
