/* A transmit timer (vswsim/tx_timer.h) on a libevent loop.
 *
 * Thread-safety: none; it belongs to the loop's thread. */
#ifndef VSWSIM_LIVE_TX_H
#define VSWSIM_LIVE_TX_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/live.h>
#include <vswsim/tx_timer.h>

VSW_EXTERN_C_BEGIN

/* What the owner of a transmit ring provides.  Neither may free the timer. */
struct vsw_live_tx_ops {
    uint32_t (*n_pending)(void *aux);   /* Packets in the ring. */
    void (*switch_all)(void *aux);      /* Switches and removes them;
                                         * there may be none. */
};

struct vsw_live_tx;

/* Makes a timer, off, on 'base'.  'base', 'rule' and 'ops' must outlive it.
 * Returns NULL if memory is short. */
VSW_API struct vsw_live_tx *
vsw_live_tx_new(struct event_base *base,
                const struct vsw_tx_timer_rule *rule,
                const struct vsw_live_tx_ops *ops, void *aux);

/* Frees 't'; packets in the ring stay there.  NULL is fine. */
VSW_API void vsw_live_tx_free(struct vsw_live_tx *t);

/* A packet was put into the ring.  May call 'switch_all'. */
VSW_API void vsw_live_tx_enqueued(struct vsw_live_tx *t);

VSW_EXTERN_C_END

#endif
