/* Network softirq of one CPU: NAPI over the receive queues of NICs.
 *
 * An interrupt of a queue puts it on the CPU's list and masks itself.  A round
 * polls the queues of the list in turn (napi.h): it cleans up what was sent by
 * the queue pair, takes up to the weight of received frames, each of which
 * gets an SKB and leaves a fresh buffer in its place, and gives them one by
 * one to 'forward', which decides and sends.  A queue that had fewer than the
 * weight is done, and its interrupt is enabled again.  A round that has used
 * up its budget ends; the next one begins at once, unless something of higher
 * priority wants the CPU.
 *
 * Costs: HOST_IRQ, SOFTIRQ_POLL, KRX_PKT, KRX_STACK, DOORBELL; those of
 * skbs.h.
 *
 * Sources: Linux net/core/dev.c, net_rx_action() and netif_receive_skb();
 * ixgbe_main.c, ixgbe_poll() and ixgbe_clean_rx_irq().
 * Left out: receive offloads, steering between CPUs, copies of small frames
 * into their SKBs, ksoftirqd.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SOFTIRQ_H
#define VSWSIM_SOFTIRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/ktx.h>
#include <vswsim/napi.h>
#include <vswsim/nic.h>
#include <vswsim/skbs.h>
#include <vswsim/switch.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_softirq;

/* Decides on 'pkt', which has 'skb', and sends it.  False: it could not do so
 * because the call is not at sync; it is asked again with the same arguments,
 * and remembers itself what it has done already. */
typedef bool (*vsw_softirq_forward_fn)(struct vsw_softirq *softirq,
                                       uint32_t pkt, uint32_t skb);

/* A queue pair of a NIC that the CPU serves. */
struct vsw_softirq_queue {
    struct vsw_softirq *softirq;
    struct vsw_nic *nic;
    struct vsw_queue *queue;
    struct vsw_ktx *ktx;        /* Its transmit side; NULL: not ours. */
    struct vsw_irq irq;
    bool listed;
    struct vsw_softirq_queue *next; /* On the list. */
};

struct vsw_softirq_setup {
    struct vsw_napi_rule napi;
    struct vsw_task *task;      /* Of a shared CPU, or NULL. */
    uint32_t priority;          /* Of its worker. */
    struct vsw_skbs *skbs;      /* Borrowed, as these: */
    struct vsw_bufpool *pool;
    vsw_softirq_forward_fn forward;
    void *aux;                  /* For 'forward'. */
};

struct vsw_softirq {
    struct vsw_softirq_setup setup;
    struct vsw_switch *sw;
    struct vsw_worker worker;
    struct vsw_softirq_queue *queues;   /* Owned. */
    uint32_t n_queues;
    struct vsw_softirq_queue *first;    /* The list. */
    struct vsw_softirq_queue *last;
    struct vsw_napi_round round;
    bool in_round;

    /* The poll at hand. */
    struct vsw_softirq_queue *at;   /* NULL: none. */
    uint32_t n_left;            /* Frames that it may still take. */
    uint32_t n_taken;
    uint32_t pkt;               /* In hand, not forwarded yet; VSW_NONE. */
    uint32_t skb;

    uint64_t n_polls;           /* The whole run, as are these. */
    uint64_t n_squeezed;        /* Rounds that ended with rings left. */
};

/* Makes the softirq of 'unit', for up to 'n_queues' queues.  Returns 0, or a
 * negative errno value with 'err' filled. */
VSW_API int vsw_softirq_init(struct vsw_softirq *softirq,
                             struct vsw_switch *sw, struct vsw_unit *unit,
                             const struct vsw_softirq_setup *setup,
                             uint32_t n_queues, struct vsw_error *err);
VSW_API void vsw_softirq_fini(struct vsw_softirq *softirq);

/* Lets it serve queue pair 'queue' of 'nic', whose setup has 'irq_masks'.
 * 'ktx' is borrowed. */
VSW_API void vsw_softirq_add_queue(struct vsw_softirq *softirq,
                                   struct vsw_nic *nic, uint32_t queue,
                                   struct vsw_ktx *ktx);

VSW_EXTERN_C_END

#endif
