/* A batch (vswsim/batch.h) on a libevent loop.
 *
 * Thread-safety: none; it belongs to the loop's thread. */
#ifndef VSWSIM_BATCH_TIMER_H
#define VSWSIM_BATCH_TIMER_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/live.h>

VSW_EXTERN_C_BEGIN

/* Called when a batch of 'n_pkts' (>= 1) is to be notified.  It may add
 * packets, but not free the timer. */
typedef void (*vsw_batch_timer_fn)(void *aux, uint32_t n_pkts);

struct vsw_batch_timer;

/* Makes a batch of at most 'max_pkts' (>= 1) packets that wait for at most
 * 'hold_ns', on 'base', which must outlive it.  Returns NULL if memory is
 * short. */
VSW_API struct vsw_batch_timer *
vsw_batch_timer_new(struct event_base *base, uint32_t max_pkts,
                    uint64_t hold_ns, vsw_batch_timer_fn notify, void *aux);

/* Frees 't'; packets that wait are not notified.  NULL is fine. */
VSW_API void vsw_batch_timer_free(struct vsw_batch_timer *t);

/* Adds one packet.  Notifies before it returns if that fills the batch, or if
 * the timer cannot be armed. */
VSW_API void vsw_batch_timer_add(struct vsw_batch_timer *t);

/* Notifies what waits, if anything does. */
VSW_API void vsw_batch_timer_flush(struct vsw_batch_timer *t);

VSW_EXTERN_C_END

#endif
