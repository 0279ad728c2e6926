/* The main thread of Open vSwitch in user space, where ports have a thread of
 * their own.
 *
 * That thread, a poll-mode loop, reads and writes the ports and forwards what
 * the flow table knows.  What it does not know it copies into a bounded queue
 * and tells the main thread by a write to a pipe.  The main thread, on another
 * CPU, translates one packet after another, installs a megaflow, and puts the
 * packet with its port into a list from which the loop sends it: ports belong
 * to one thread.
 *
 * Source: lib/dpif-netdev.c of Open vSwitch 1.x, dp_netdev_output_userspace()
 * and its MAX_QUEUE_LEN; netmap and VALE slides (2014), "extra thread".
 * AMBIGUOUS: which half the extra thread is; here, that of the ports.
 *
 * Costs: LOCK, SYSCALL, COPY_CALL, COPY_BYTE on the loop; UPCALL_INLINE and
 * LOCK on the main thread; those of a wake-up.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_OVS_MAIN_H
#define VSWSIM_OVS_MAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/ovs_pmd.h>
#include <vswsim/upcall.h>

VSW_EXTERN_C_BEGIN

struct vsw_ovs_main {
    struct vsw_switch *sw;
    struct vsw_ovs_pmd *ovs;
    struct vsw_bufpool *pool;   /* Of the loop. */
    struct vsw_upcall upcall;
    struct vsw_queue back;      /* Only its 'tx': what the loop has to send. */
    uint32_t *ports;            /* Where to, by slot of that; owned. */
};

/* Starts the main thread on 'unit', with room for 'limit_pkts' that wait, and
 * lets 'pmd', whose decider is 'ovs' and which has not started, send its
 * misses there.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_ovs_main_start(struct vsw_ovs_main *main,
                               struct vsw_switch *sw, struct vsw_pmd *pmd,
                               struct vsw_ovs_pmd *ovs,
                               struct vsw_unit *unit, uint32_t limit_pkts,
                               struct vsw_error *err);
VSW_API void vsw_ovs_main_fini(struct vsw_ovs_main *main);

/* Hands 'pkt' over, on the loop.  False: the queue is full, and the packet is
 * still the caller's. */
VSW_API bool vsw_ovs_main_send(struct vsw_ovs_main *main,
                               struct vsw_unit *unit, uint32_t pkt);

VSW_EXTERN_C_END

#endif
