/* The receive batching timer (rx_timer.h) of a simulated vNIC.
 *
 * The wrapper: it converts picoseconds to the nanoseconds of the policy and
 * back, and arms the timer, which interrupts the CPU of the receiver whoever
 * started it.
 *
 * Left out: what setting a timer costs, and the IPI that setting one on
 * another CPU may need.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_RX_BATCH_H
#define VSWSIM_RX_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/rx_timer.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_rx_batch {
    struct vsw_rx_timer policy;
    struct vsw_timer timer;
};

/* Makes a timer that is off.  When it fires, on 'unit', 'expired' is called
 * in 'domain' with a timer whose 'aux' is 'aux', at sync; it then calls
 * vsw_rx_batch_expire().  A 'rule' (borrowed) with a 'hold_ns' of 0 turns
 * batching off: every packet notifies, and the timer never goes on. */
VSW_API void vsw_rx_batch_init(struct vsw_rx_batch *batch,
                               struct vsw_unit *unit, uint32_t domain,
                               const struct vsw_rx_timer_rule *rule,
                               vsw_timer_fn expired, void *aux);

/* A packet was put on the queue, which now holds 'n_queued', by 'unit', which
 * is at sync. */
VSW_API struct vsw_rx_decision vsw_rx_batch_put(struct vsw_rx_batch *batch,
                                                const struct vsw_unit *unit,
                                                uint32_t n_queued,
                                                bool guest_is_blocked);

VSW_API enum vsw_rx_expiry vsw_rx_batch_expire(struct vsw_rx_batch *batch,
                                               uint32_t n_queued,
                                               uint32_t n_unseen);

/* 'unit', at sync, leaves packets that the guest does not know of. */
VSW_API void vsw_rx_batch_leave(struct vsw_rx_batch *batch,
                                const struct vsw_unit *unit);

VSW_EXTERN_C_END

#endif
