/* Kernel host: what a host whose kernel switches packets consists of.
 *
 *   a softirq (softirq.h) for each CPU that serves NICs,
 *   a vhost thread (vhost_net.h) for each queue pair of a guest,
 *   a kernel switch (kswitch.h) that runs in the context of either, and of
 *   Open vSwitch its daemon.
 *
 * The threads of the switch are, in this order: the vhost threads, by guest
 * and queue; the softirqs; the daemon.  If there are fewer CPUs the threads of
 * a guest share one, and the daemon shares that of the last softirq.
 *
 * Each context has a transmit queue of its own on each NIC.  What the daemon
 * decides goes to guests at once, and to NICs by the first softirq.
 *
 * A packet to all ports goes on if there is one other port, and is dropped
 * (VSW_DROP_NO_ROUTE) if there are several: copies are left out.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_KHOST_H
#define VSWSIM_KHOST_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/backlog.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/kswitch.h>
#include <vswsim/ktx.h>
#include <vswsim/pages.h>
#include <vswsim/skbs.h>
#include <vswsim/softirq.h>
#include <vswsim/switch.h>
#include <vswsim/vhost_net.h>

VSW_EXTERN_C_BEGIN

/* What to do with a packet whose transmit queue is full. */
enum vsw_khost_full {
    VSW_KHOST_DROP,
    VSW_KHOST_WAIT,             /* Look again and again until there is
                                 * room. */
};

struct vsw_khost_setup {
    struct vsw_kswitch_setup kswitch;   /* Of its daemon, 'unit', 'task' and
                                         * 'domain' are set here. */
    enum vsw_skb_scheme skbs;
    uint32_t n_skbs;            /* Of each softirq. */
    uint32_t buf_bytes;         /* Of a descriptor's buffer. */
    enum vsw_khost_full tx_full;
    uint32_t tap_pkts;
    uint32_t vhost_weight_bytes;
    uint32_t vhost_weight_pkts;
    uint64_t nic_irq_gap_ns;
    struct vsw_napi_rule napi;
    uint64_t base_bytes;        /* Memory that is there whatever the load, for
                                 * each CPU; reported only. */
};

struct vsw_khost;

/* Where kernel code forwards packets: a softirq or a vhost thread. */
struct vsw_khost_ctx {
    struct vsw_khost *host;
    struct vsw_worker *worker;
    struct vsw_skbs *skbs;      /* NULL: none are kept track of. */
    struct vsw_ktx *ktx;        /* By wire. */
    uint32_t port;              /* Where the packet in hand goes, ... */
    bool decided;               /* ... once this is set. */
};

struct vsw_khost_softirq {
    struct vsw_softirq softirq;
    struct vsw_skbs skbs;
    struct vsw_khost_ctx ctx;
};

struct vsw_khost_thread {
    struct vsw_vhost_net thread;
    struct vsw_khost_ctx ctx;
};

struct vsw_khost {
    struct vsw_khost_setup setup;
    struct vsw_switch *sw;
    struct vsw_kswitch ks;
    struct vsw_bufpool pool;
    struct vsw_pages pages;     /* Of copies by vhost threads. */
    struct vsw_khost_softirq *softirqs;
    uint32_t n_softirqs;
    struct vsw_khost_thread *threads;
    uint32_t n_threads;
    uint32_t n_thread_cpus;     /* As many, or one for each guest. */
    struct vsw_ktx *ktx;        /* Of all contexts. */
    uint32_t n_ktx;
    struct vsw_backlog inject;  /* From the daemon, for NICs. */
    struct vsw_worker inject_worker;    /* On the first softirq's CPU. */
    uint32_t inject_pkt;        /* In hand, or VSW_NONE. */
    uint32_t inject_wire;       /* Where it goes. */
    struct vsw_sleep inject_sleep;
};

/* Makes the ports of 'sw' and all of the above.  Returns 0, or a negative
 * errno value with 'err' filled. */
VSW_API int vsw_khost_init(struct vsw_khost *host, struct vsw_switch *sw,
                           const struct vsw_khost_setup *setup,
                           struct vsw_error *err);
VSW_API void vsw_khost_fini(struct vsw_khost *host);

/* CPUs that it wants: one for each guest, and if there are wires one more, and
 * one for the daemon. */
VSW_API uint32_t vsw_khost_n_cpus(uint32_t n_guests, uint32_t n_wires);

VSW_EXTERN_C_END

#endif
