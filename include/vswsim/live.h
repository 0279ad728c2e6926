/* Live: the datapath's timers on a libevent loop, in real time.
 *
 * The datapath says "call me at deadline_ns"; a live timer does that.  These
 * functions are in a library of their own, vswlive, so that only its users
 * need libevent.
 *
 * Thread-safety: none; everything on a loop belongs to the loop's thread. */
#ifndef VSWSIM_LIVE_H
#define VSWSIM_LIVE_H

#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

struct event_base;

/* Makes a loop for short timers: precise ones, and no cached time, which
 * would count a deadline from when the loop last woke.  Other loops work too;
 * a timer that such a loop fires early is armed again.  Returns NULL if
 * libevent fails.  Free it with event_base_free(). */
VSW_API struct event_base *vsw_live_base_new(void);

/* Time of the monotonic clock. */
VSW_API uint64_t vsw_live_now_ns(void);

/* Called at 'now_ns', which is not before the deadline.  It may arm the timer
 * again, but not free it. */
typedef void (*vsw_live_timer_fn)(void *aux, uint64_t now_ns);

struct vsw_live_timer;

/* Makes a timer, not armed, on 'base', which must outlive it.  Returns NULL
 * if memory is short. */
VSW_API struct vsw_live_timer *vsw_live_timer_new(struct event_base *base,
                                                  vsw_live_timer_fn fn,
                                                  void *aux);

/* Frees 't', which will not fire any more; NULL is fine. */
VSW_API void vsw_live_timer_free(struct vsw_live_timer *t);

/* Makes 't' fire once at 'deadline_ns', instead of when it was to fire
 * before.  Returns 0 or a negative errno value. */
VSW_API int vsw_live_timer_arm(struct vsw_live_timer *t,
                               uint64_t deadline_ns);

/* Makes 't' not fire. */
VSW_API void vsw_live_timer_disarm(struct vsw_live_timer *t);

VSW_EXTERN_C_END

#endif
