/* Netmap pipe: two ports whose processes exchange slots, and copy nothing.
 *
 * TXSYNC at one end swaps each filled slot with an empty one of the other
 * end's receive ring, as far as that has empty ones, and wakes who reads
 * there.  What finds no room stays in the transmit ring: a pipe loses nothing,
 * its sender waits.
 *
 * Source: netmap_pipe.c of netmap; Rizzo, netmap and VALE slides (2014).
 *
 * Costs: SYSCALL, NETMAP_SYNC, PIPE_SLOT.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NETMAP_PIPE_H
#define VSWSIM_NETMAP_PIPE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/switch.h>
#include <vswsim/vnic.h>

VSW_EXTERN_C_BEGIN

enum vsw_netmap_pipe_state {
    VSW_NETMAP_PIPE_IDLE,
    VSW_NETMAP_PIPE_SWAP,
    VSW_NETMAP_PIPE_NOTIFY,
};

/* One direction: from 'from' to 'to'. */
struct vsw_netmap_pipe {
    struct vsw_switch *sw;
    struct vsw_vnic *from;
    struct vsw_vnic *to;
    enum vsw_netmap_pipe_state state;
    uint32_t n_left;            /* Filled slots seen. */
    uint32_t n_free;            /* Empty ones at the other end. */
    uint32_t n_moved;
};

/* Makes the pipe from 'from' to 'to' (both borrowed).  Returns 0, or -EINVAL
 * with 'err' filled if the machine lacks a cost. */
VSW_API int vsw_netmap_pipe_init(struct vsw_netmap_pipe *pipe,
                                 struct vsw_switch *sw,
                                 struct vsw_vnic *from, struct vsw_vnic *to,
                                 struct vsw_error *err);

/* The system call of 'worker'.  False: the call must end; call again. */
VSW_API bool vsw_netmap_pipe_txsync(struct vsw_netmap_pipe *pipe,
                                    struct vsw_worker *worker);

VSW_EXTERN_C_END

#endif
