/* Poll-mode loop: one CPU that scans ports for ever and forwards in bursts.
 *
 * For each burst that a scan finds: receive it from the queue, decide for
 * each packet to which port it goes, send to each of these ports what is for
 * it.  How packets get in and out is the port type's, how their ports are
 * found is the decider's: lists of phases that run one after another over the
 * whole burst.
 *
 * While a packet is in hand it lies in buffers of one of the loop's pools:
 * that of the type of port it came from.  A type that keeps packets in
 * another pool sends them by operations of its own for mixed traffic.
 *
 * Each stage of a burst starts at sync; one that outlasts the simulator's
 * quantum goes on in the next call.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_PMD_H
#define VSWSIM_PMD_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/switch.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_pmd;

/* A packet of a burst, while it is in hand. */
struct vsw_pmd_pkt {
    uint32_t pkt;
    uint32_t slot;          /* First descriptor, of the ring at hand. */
    uint32_t n_slots;
    uint32_t next;          /* Next one for the same queue, or VSW_NONE. */
};

/* Pools of buffers. */
enum vsw_pmd_pools {
    VSW_PMD_MBUFS,          /* Of DPDK. */
    VSW_PMD_PAGES,          /* That can be remapped into guests. */
    VSW_PMD_N_POOLS,
};

struct vsw_pmd_pool {
    struct vsw_bufpool bufs;
    uint32_t buf_bytes;     /* Each of them holds. */
};

/* One phase of receiving, deciding or sending.  'begin' and 'end' run once per
 * burst; 'packets' handles the packets at hand with vsw_pmd_each() and returns
 * what that does.  Each may be NULL. */
struct vsw_pmd_phase {
    void (*begin)(struct vsw_pmd *pmd);
    bool (*packets)(struct vsw_pmd *pmd);
    void (*end)(struct vsw_pmd *pmd);
};

struct vsw_pmd_port_ops {
    const struct vsw_pmd_phase *receive;
    const struct vsw_pmd_phase *send;
    uint32_t n_receive;
    uint32_t n_send;
    const uint16_t *costs;      /* Which it charges, by number. */
    uint32_t n_costs;
    enum vsw_pmd_pools pool;    /* Where what it receives lies. */
    enum vsw_drop full;         /* Why a packet is lost when its queue has no
                                 * free descriptor. */

    /* Gives back what a packet that will not be sent holds. */
    void (*discard)(struct vsw_pmd *pmd, uint32_t pkt);
};

/* How a burst finds its ports.  Its phases say so, for each packet, by
 * vsw_pmd_route() or vsw_pmd_drop(), and charge what it takes. */
struct vsw_pmd_decider {
    const struct vsw_pmd_phase *phases;
    uint32_t n_phases;
    const uint16_t *costs;
    uint32_t n_costs;
};

enum vsw_pmd_state {
    VSW_PMD_SCAN,
    VSW_PMD_RECEIVE,
    VSW_PMD_SWITCH,
    VSW_PMD_SEND_BEGIN,
    VSW_PMD_SEND,
};

struct vsw_pmd {
    struct vsw_worker worker;
    struct vsw_switch *sw;
    const struct vsw_pmd_port_ops *ops; /* Of all ports; NULL: by kind. */
    const struct vsw_pmd_port_ops *ops_by_kind[VSW_N_PORT_KINDS];
    const struct vsw_pmd_port_ops *mixed_ops[VSW_N_PORT_KINDS]; /* By kind of
                                 * port, for packets from another pool. */
    const struct vsw_pmd_decider *decider;
    void *decider_aux;          /* For 'decider'. */
    void *ops_aux;              /* For 'ops'. */
    struct vsw_queue *extra;    /* One more to receive from, of no port, after
                                 * those of 'sw'; NULL: none. */
    const struct vsw_pmd_port_ops *extra_ops;   /* Its receive side. */
    struct vsw_source *sources; /* One per queue pair; owned. */

    uint32_t burst_pkts;        /* Most packets of a burst. */
    uint32_t empty_cost;        /* Number of the cost of a look that finds
                                 * nothing; 0: VRING_EMPTY. */
    struct vsw_pmd_pool pools[VSW_PMD_N_POOLS];
    struct vsw_pmd_pool *pool;  /* Of the burst at hand. */

    enum vsw_pmd_state state;
    struct vsw_queue *queue;    /* At hand: received from or sent to. */
    uint32_t phase;
    uint32_t at;                /* Next packet of the phase. */
    bool begun;                 /* The phase's 'begin' has run. */
    uint32_t n_done_bytes;      /* Of the packet at hand ... */
    uint32_t to;                /* ... into this buffer. */
    struct vsw_pmd_pkt burst[VSW_MAX_BURST];
    uint32_t n_burst;
    uint32_t in_queue;          /* Index of the queue received from. */

    /* Packets by output queue, in order of first appearance. */
    uint32_t *first;            /* Per port: first in 'burst', or VSW_NONE. */
    uint32_t *last;
    uint32_t ports[VSW_MAX_BURST];  /* With packets to send. */
    uint32_t n_ports;
    uint32_t at_port;
    struct vsw_pmd_pkt out[VSW_MAX_BURST];  /* What fits into the queue. */
    uint32_t n_out;
};

/* Gives 'pmd' a pool of the next 'n_bufs' of 'bufs', which hold 'buf_bytes'
 * each. */
VSW_API void vsw_pmd_make_pool(struct vsw_pmd *pmd, enum vsw_pmd_pools which,
                               struct vsw_bufs *bufs, uint32_t n_bufs,
                               uint32_t buf_bytes);

/* Makes 'pmd' the loop of 'unit' over all queues of 'sw', whose ports exist.
 * The caller has set 'ops' (or 'ops_by_kind') and 'decider', their 'aux',
 * 'burst_pkts' and the pools.  Returns 0, or a negative errno value with 'err'
 * filled: -ENOMEM, or -EINVAL if the machine lacks a cost of a port type. */
VSW_API int vsw_pmd_start(struct vsw_pmd *pmd, struct vsw_switch *sw,
                          struct vsw_unit *unit, struct vsw_error *err);
VSW_API void vsw_pmd_fini(struct vsw_pmd *pmd);

/* The unit it runs on. */
static inline struct vsw_unit *
vsw_pmd_unit(const struct vsw_pmd *pmd)
{
    return pmd->worker.unit;
}

/* The packets at hand: the burst received, or what goes to one queue. */
static inline uint32_t
vsw_pmd_n_at_hand(const struct vsw_pmd *pmd)
{
    return pmd->state == VSW_PMD_SEND ? pmd->n_out : pmd->n_burst;
}

static inline const struct vsw_pmd_pkt *
vsw_pmd_at_hand(const struct vsw_pmd *pmd)
{
    return pmd->state == VSW_PMD_SEND ? pmd->out : pmd->burst;
}

/* Calls 'packet' for each packet at hand, again and again until it returns
 * true.  'run', or NULL, goes first and may handle any number of packets at
 * once, advancing 'at'.  Returns false when the quantum is over: the rest
 * comes in the next call.  Always inline, so that a phase is one loop. */
static VSW_ALWAYS_INLINE bool
vsw_pmd_each(struct vsw_pmd *pmd, void (*run)(struct vsw_pmd *pmd),
             bool (*packet)(struct vsw_pmd *pmd,
                            const struct vsw_pmd_pkt *p))
{
    const struct vsw_pmd_pkt *at_hand = vsw_pmd_at_hand(pmd);
    uint32_t n = vsw_pmd_n_at_hand(pmd);

    for (;;) {
        if (run) {
            run(pmd);
        }
        if (pmd->at == n) {
            return true;
        }
        if (vsw_worker_quantum_over(&pmd->worker)) {
            return false;
        }
        pmd->at += packet(pmd, &at_hand[pmd->at]);
    }
}

/* Buffers of the pool that 'pkt' takes. */
static inline uint32_t
vsw_pmd_n_bufs(const struct vsw_pmd *pmd, const struct vsw_pkt *pkt)
{
    uint32_t n_bytes = vsw_pkt_data_bytes(pkt);

    if (VSW_LIKELY(n_bytes <= pmd->pool->buf_bytes)) {
        return 1;
    }
    return (n_bytes + pmd->pool->buf_bytes - 1) / pmd->pool->buf_bytes;
}

/* Gives the buffers of 'pkt' back to their pool, at its cost for each. */
VSW_API void vsw_pmd_release(struct vsw_pmd *pmd, const struct vsw_pkt *pkt);

/* The same, as a port's 'discard'. */
VSW_API void vsw_pmd_discard(struct vsw_pmd *pmd, uint32_t pkt);

/* Where the ring at hand lies in simulated memory. */
static inline const struct vsw_ring_mem *
vsw_pmd_ring_mem(const struct vsw_pmd *pmd)
{
    return pmd->state == VSW_PMD_SEND ? &pmd->queue->rx_mem
                                      : &pmd->queue->tx_mem;
}

/* Slots that the packets at hand take, one after the other from that of the
 * first; there is one. */
static inline uint32_t
vsw_pmd_n_slots_at_hand(const struct vsw_pmd *pmd)
{
    const struct vsw_pmd_pkt *first = vsw_pmd_at_hand(pmd);
    const struct vsw_pmd_pkt *last = first + vsw_pmd_n_at_hand(pmd) - 1;

    return ((last->slot - first->slot) & pmd->queue->tx.mask)
           + last->n_slots;
}

/* The burst comes from the queue that is no port's. */
static inline bool
vsw_pmd_from_extra(const struct vsw_pmd *pmd)
{
    return pmd->in_queue == pmd->sw->n_all_queues;
}

/* Buffers of the pool that the packets at hand take. */
VSW_API uint32_t vsw_pmd_n_bufs_at_hand(const struct vsw_pmd *pmd);

/* --- For deciders ------------------------------------------------------- */

/* Sends packet number 'i' of the burst to 'port'. */
VSW_API void vsw_pmd_route(struct vsw_pmd *pmd, uint32_t i, uint32_t port);

/* Loses packet number 'i' of the burst for the reason 'why'. */
VSW_API void vsw_pmd_drop(struct vsw_pmd *pmd, uint32_t i,
                          enum vsw_drop why);

VSW_EXTERN_C_END

#endif
