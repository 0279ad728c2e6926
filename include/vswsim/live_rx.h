/* A receive timer (vswsim/rx_timer.h) on a libevent loop.
 *
 * Thread-safety: none; it belongs to the loop's thread. */
#ifndef VSWSIM_LIVE_RX_H
#define VSWSIM_LIVE_RX_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/live.h>
#include <vswsim/rx_timer.h>

VSW_EXTERN_C_BEGIN

/* What the owner of a receive queue provides.  None may free the timer. */
struct vsw_live_rx_ops {
    uint32_t (*n_queued)(void *aux);    /* Packets on the queue. */
    uint32_t (*n_unseen)(void *aux);    /* Packets copied to the receive
                                         * ring since the last notification. */
    /* Notifies the receiver, whose cpu copies at most 'max_copies'. */
    void (*notify)(void *aux, uint32_t max_copies);
    void (*offload)(void *aux);         /* Offers the queue to idle cores. */
};

struct vsw_live_rx;

/* Makes a timer, off, on 'base'.  'base', 'rule' and 'ops' must outlive it.
 * Returns NULL if memory is short. */
VSW_API struct vsw_live_rx *
vsw_live_rx_new(struct event_base *base,
                const struct vsw_rx_timer_rule *rule,
                const struct vsw_live_rx_ops *ops, void *aux);

/* Frees 't'; packets on the queue stay there.  NULL is fine. */
VSW_API void vsw_live_rx_free(struct vsw_live_rx *t);

/* A packet was put on the queue.  May call 'notify' or 'offload'. */
VSW_API void vsw_live_rx_put(struct vsw_live_rx *t, bool guest_is_blocked);

VSW_EXTERN_C_END

#endif
