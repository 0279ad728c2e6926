/* vhost-net: the kernel thread that serves one queue pair of a guest.
 *
 * To the host: the guest kicks the thread unless it runs already.  The thread
 * takes the guest's packets one by one, copies each into a buffer of the host
 * (as an SKB), frees the guest's descriptors and gives the packet to
 * 'forward', the switch in the thread's context.
 *
 * To the guest: whoever switches puts packets into the thread's queue (that of
 * the tap device) and wakes it.  It copies each into buffers that the guest
 * has posted, and interrupts the guest unless the guest does not want it.
 *
 * The thread alternates between the two directions after 'weight_bytes' or
 * 'weight_pkts' of one, and blocks when there is nothing to do in either.
 *
 * Costs: VHOST_PKT (each direction), COPY_CALL, COPY_BYTE; those of notify.h.
 *
 * Source: Linux drivers/vhost/net.c, handle_tx(), handle_rx(),
 * VHOST_NET_WEIGHT; drivers/net/tun.c, tx_queue_len.
 * Left out: zero copy; notification of posted buffers: a thread that finds
 * none looks again after 'rx_retry_ns'.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VHOST_NET_H
#define VSWSIM_VHOST_NET_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/backlog.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/notify.h>
#include <vswsim/pages.h>
#include <vswsim/sched.h>
#include <vswsim/sleep.h>
#include <vswsim/switch.h>
#include <vswsim/vnic.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_VHOST_NET_WEIGHT_BYTES 524288
#define VSW_VHOST_NET_WEIGHT_PKTS  256
#define VSW_VHOST_NET_TAP_PKTS     500
#define VSW_VHOST_NET_RETRY_NS     2000

struct vsw_vhost_net;

/* Decides on 'pkt', in buffers of the pool, and sends it, in the context of
 * the thread.  False: as for vsw_softirq_forward_fn. */
typedef bool (*vsw_vhost_net_forward_fn)(struct vsw_vhost_net *thread,
                                         uint32_t pkt);

struct vsw_vhost_net_setup {
    uint32_t weight_bytes;
    uint32_t weight_pkts;
    uint32_t tap_pkts;          /* Limit of the queue to the guest. */
    uint64_t rx_retry_ns;
    struct vsw_task *task;      /* Of a shared CPU, or NULL. */
    uint32_t priority;          /* Of its worker. */
    struct vsw_bufpool *pool;   /* Borrowed, as the next. */
    struct vsw_pages *pages;    /* Of the host, in which its SKBs lie. */
    vsw_vhost_net_forward_fn forward;
    void *aux;                  /* For 'forward'. */
};

enum vsw_vhost_net_step {
    VSW_VHOST_NET_TURN,         /* Between packets. */
    VSW_VHOST_NET_COPY_IN,
    VSW_VHOST_NET_FORWARD,
    VSW_VHOST_NET_TX_IRQ,
    VSW_VHOST_NET_COPY_OUT,
    VSW_VHOST_NET_RX_IRQ,
};

struct vsw_vhost_net {
    struct vsw_vhost_net_setup setup;
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_worker worker;
    struct vsw_sleep sleep;
    struct vsw_kick kick;
    struct vsw_doze doze;
    struct vsw_source tx_source;
    struct vsw_backlog tap;

    enum vsw_vhost_net_step step;
    bool to_guest;              /* The direction whose turn it is, ... */
    uint32_t turn_bytes;        /* ... and what it has moved in it. */
    uint32_t turn_pkts;
    uint32_t pkt;               /* In hand, or VSW_NONE. */
    uint32_t slot;              /* Of the ring. */
    uint32_t n_slots;
    uint32_t n_done_bytes;      /* Of the packet, copied. */
    uint32_t host_buf;          /* First of the host's buffers. */
    uint32_t at_buf;            /* That is copied next. */

    uint64_t n_turns;           /* That ended by weight; the whole run. */
};

/* Starts the thread of 'vnic' on 'unit', and becomes its backend.  Returns 0,
 * or a negative errno value with 'err' filled. */
VSW_API int vsw_vhost_net_start(struct vsw_vhost_net *thread,
                                struct vsw_switch *sw, struct vsw_vnic *vnic,
                                struct vsw_unit *unit,
                                const struct vsw_vhost_net_setup *setup,
                                struct vsw_error *err);
VSW_API void vsw_vhost_net_fini(struct vsw_vhost_net *thread);

/* Queues 'pkt', in buffers of the pool, for the guest, on behalf of 'unit'.
 * False: the queue is full, and the packet is still the caller's. */
VSW_API bool vsw_vhost_net_queue(struct vsw_vhost_net *thread,
                                 struct vsw_unit *unit, uint32_t pkt);

VSW_EXTERN_C_END

#endif
