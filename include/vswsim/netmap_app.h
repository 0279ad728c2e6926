/* Netmap application: a process that sends and receives through the rings of
 * a netmap port, as pkt-gen does; on the host or in a guest.
 *
 * One thread per queue pair.  It drains everything that its receive ring holds
 * (one poll() or RXSYNC), fills up to a burst of its transmit ring and
 * synchronizes it, which is the 'kick' of the port's backend: on a VALE port
 * that call forwards the packets.  With nothing to do it blocks in poll(); it
 * is woken as a process of the host (vnic.h, 'process') or, in a guest, by an
 * interrupt, which it has suppressed while it was awake.
 *
 * What the port's kind costs beyond the application's own look at each slot is
 * charged by the operations of the backend.
 *
 * Source: netmap(4); apps/pkt-gen of netmap.
 * Left out: payload that is looked at, several rings per thread.
 *
 * Costs: SYSCALL, NETMAP_SYNC, NETMAP_SLOT, CTXSW_KTHREAD, and those of
 * notify.h.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NETMAP_APP_H
#define VSWSIM_NETMAP_APP_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/notify.h>
#include <vswsim/switch.h>
#include <vswsim/traffic.h>
#include <vswsim/vnic.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

enum vsw_netmap_app_state {
    VSW_NETMAP_APP_LOOK,
    VSW_NETMAP_APP_RECEIVE,
    VSW_NETMAP_APP_FREED,
    VSW_NETMAP_APP_TRANSMIT,
    VSW_NETMAP_APP_SYNC,
};

struct vsw_netmap_app {
    struct vsw_worker worker;
    struct vsw_source sources[3];   /* Received; free to send; free where
                                     * packets go that wait to be sent. */
    struct vsw_doze doze;
    struct vsw_wakeup wakeup;       /* Of a process. */
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_queue *queue;
    struct vsw_traffic traffic;
    uint32_t burst_pkts;
    enum vsw_netmap_app_state state;
    uint32_t n_left;                /* Of the burst, or slots to drain. */
    uint32_t upto;                  /* Slots that were free. */
    uint64_t begun_ps;
    bool blocked;                   /* In poll(). */
};

/* Starts a thread at 'vnic', whose 'traffic' the caller has made.  Returns 0
 * or -ENOMEM. */
VSW_API int vsw_netmap_app_start(struct vsw_netmap_app *app,
                                 struct vsw_switch *sw,
                                 struct vsw_vnic *vnic, uint32_t domain,
                                 uint64_t start_ps);

VSW_EXTERN_C_END

#endif
