/* Interrupt moderation (vswsim/irqmod.h) on a libevent loop.
 *
 * Thread-safety: none; it belongs to the loop's thread. */
#ifndef VSWSIM_LIVE_IRQMOD_H
#define VSWSIM_LIVE_IRQMOD_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/irqmod.h>
#include <vswsim/live.h>

VSW_EXTERN_C_BEGIN

/* Called for each interrupt.  It must not free the moderation. */
typedef void (*vsw_live_irqmod_fn)(void *aux);

struct vsw_live_irqmod;

/* Makes a moderation with 'min_gap_ns' between interrupts on 'base', which
 * must outlive it.  Returns NULL if memory is short. */
VSW_API struct vsw_live_irqmod *
vsw_live_irqmod_new(struct event_base *base, uint64_t min_gap_ns,
                    vsw_live_irqmod_fn raise, void *aux);

/* Frees 'm'; an interrupt that is due is lost.  NULL is fine. */
VSW_API void vsw_live_irqmod_free(struct vsw_live_irqmod *m);

/* An event happened.  May interrupt before it returns. */
VSW_API void vsw_live_irqmod_event(struct vsw_live_irqmod *m);

VSW_EXTERN_C_END

#endif
