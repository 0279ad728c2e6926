/* The transmit batching timer (tx_timer.h) of a simulated vNIC.
 *
 * The wrapper: it converts picoseconds to the nanoseconds of the policy and
 * back, and arms the timer, which interrupts the CPU of the sender.
 *
 * Left out: what setting a timer costs.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_TX_BATCH_H
#define VSWSIM_TX_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/tx_timer.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_tx_batch {
    struct vsw_tx_timer policy;
    struct vsw_timer timer;
};

/* Makes a timer that is off.  When it fires, on 'unit', 'expired' is called
 * in 'domain' with a timer whose 'aux' is 'aux', at sync; it then calls
 * vsw_tx_batch_expire().  A 'rule' (borrowed) with a 'hold_ns' of 0 turns
 * batching off: the timer never goes on. */
VSW_API void vsw_tx_batch_init(struct vsw_tx_batch *batch,
                               struct vsw_unit *unit, uint32_t domain,
                               const struct vsw_tx_timer_rule *rule,
                               vsw_timer_fn expired, void *aux);

/* True if the guest, whose ring holds 'n_pending' packets, shall enter the
 * hypervisor: start the timer there, then switch. */
VSW_API bool vsw_tx_batch_enqueue(const struct vsw_tx_batch *batch,
                                  uint32_t n_pending);

/* (Re)starts the timer at the local time of its unit. */
VSW_API void vsw_tx_batch_start(struct vsw_tx_batch *batch);

/* The two calls of tx_timer.h of these names; a timer that runs on is armed
 * again here. */
VSW_API enum vsw_tx_expiry vsw_tx_batch_expire(struct vsw_tx_batch *batch,
                                               uint32_t n_pending,
                                               bool other_guest_runs);
VSW_API enum vsw_tx_expiry
vsw_tx_batch_sender_runs(struct vsw_tx_batch *batch, uint32_t n_pending);

VSW_EXTERN_C_END

#endif
