/* Kernel switch behind the ports of a VALE switch: its lookup is replaced by
 * a call of the kernel's own switch (kswitch.h), for which each packet is
 * wrapped in an SKB.
 *
 * With batches of one packet that is Open vSwitch on VALE, whose packets go
 * one by one (Rizzo, netmap and VALE slides, 2014), or tap devices on a
 * bridge, whose users hand over one packet per system call.
 *
 * What a daemon has decided on goes on from a port of its own, behind those
 * of the switch, in the context of its CPU.
 *
 * Costs: those of kswitch.h; SKB_ALLOC, SKB_INIT if packets are wrapped;
 * COPY_CALL, COPY_BYTE if they are copied.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VALE_KSWITCH_H
#define VSWSIM_VALE_KSWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/backlog.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/kswitch.h>
#include <vswsim/pkt.h>
#include <vswsim/switch.h>
#include <vswsim/vale.h>

VSW_EXTERN_C_BEGIN

/* Buffers for packets that wait for the daemon. */
#define VSW_VALE_KSWITCH_BUFS 1024

/* Buffers of the switch that it takes: those and the slots of its port. */
#define VSW_VALE_KSWITCH_ALL_BUFS (VSW_VALE_KSWITCH_BUFS + 4)

struct vsw_vale_kswitch {
    struct vsw_kswitch ks;
    struct vsw_switch *sw;
    struct vsw_bufpool pool;    /* VSW_VALE_KSWITCH_BUFS of the switch's. */
    struct vsw_vale *vale;      /* Borrowed. */
    struct vsw_worker inject;   /* Sends on what the daemon decided on. */
    struct vsw_backlog decided;
    struct vsw_queue queue;     /* Of the daemon's port; owned. */
    uint32_t inject_port;       /* Where the packet there goes. */
    bool injecting;
    bool wraps;                 /* Each packet in an SKB. */
};

/* Makes the switch of 'kind' for the ports of 'sw', which exist, with buffers
 * that are left over, and 'vale', whose lookup is this, in batches of
 * 'batch_pkts'; a daemon runs on 'sw->units[0]'.  The caller has set
 * 'wraps'.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_vale_kswitch_init(struct vsw_vale_kswitch *vk,
                                  struct vsw_vale *vale,
                                  struct vsw_switch *sw,
                                  enum vsw_kswitch_kind kind,
                                  uint32_t batch_pkts,
                                  struct vsw_error *err);

/* Frees both. */
VSW_API void vsw_vale_kswitch_fini(struct vsw_vale_kswitch *vk);

VSW_EXTERN_C_END

#endif
