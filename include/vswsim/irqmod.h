/* Interrupt moderation: a least time between two interrupts.
 *
 * The first event after a quiet time is reported at once; events that follow
 * within 'min_gap_ns' share one interrupt at its end.  This is what an
 * interrupt throttle register does (EITR; Intel 82576 and 82599 datasheets,
 * "Interrupt Moderation"), and other than vsw_batch, where the first event is
 * the one that waits.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_IRQMOD_H
#define VSWSIM_IRQMOD_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_irqmod_verdict {
    VSW_IRQMOD_HOLD,    /* Nothing: an interrupt is due already. */
    VSW_IRQMOD_ARM,     /* Call vsw_irqmod_expire() at 'next_ns'. */
    VSW_IRQMOD_RAISE,   /* Interrupt now. */
};

struct vsw_irqmod {
    uint64_t min_gap_ns;    /* 0: no moderation. */
    uint64_t next_ns;       /* No interrupt before. */
    bool is_pending;        /* An interrupt is due at 'next_ns'. */
};

VSW_API void vsw_irqmod_init(struct vsw_irqmod *m, uint64_t min_gap_ns);

/* An event, such as a packet in a receive ring, happens at 'now_ns', which
 * must not run backward between calls. */
VSW_API enum vsw_irqmod_verdict vsw_irqmod_event(struct vsw_irqmod *m,
                                                 uint64_t now_ns);

/* Returns true if the caller must interrupt now.  Returns false and changes
 * nothing before 'next_ns' or with nothing due. */
VSW_API bool vsw_irqmod_expire(struct vsw_irqmod *m, uint64_t now_ns);

VSW_EXTERN_C_END

#endif
