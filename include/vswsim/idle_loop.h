/* Idle loop of Hyper-Switch: what an idle core does for the others.
 *
 * An idle core copies for the vNICs in its message ring, then switches from
 * any transmit ring, packet by packet.  It looks after each packet whether
 * it must leave, so that the scheduler is delayed by one packet at most, and
 * sleeps only when it has found nothing to do for 'hysteresis_ns'.
 *
 * Source: Ram, PhD thesis, Rice University, §4.3-4.4.
 *
 * Thread-safety: none; a loop belongs to its cpu. */
#ifndef VSWSIM_IDLE_LOOP_H
#define VSWSIM_IDLE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

#define VSW_IDLE_LOOP_HYSTERESIS_NS 5000

struct vsw_idle_loop {
    uint64_t hysteresis_ns;     /* 0: sleep after a pass without work. */
    uint64_t deadline_ns;       /* Sleeps from then on. */
};

/* What is known before each step. */
struct vsw_idle_view {
    bool must_leave;            /* A softirq, tasklet or runnable vCPU. */
    uint32_t n_requests;        /* vNICs in the message ring not yet found
                                 * locked or empty in this pass. */
    uint32_t n_tx_rings;        /* Transmit rings with packets, not yet found
                                 * locked in this pass. */
};

enum vsw_idle_step {
    VSW_IDLE_LEAVE,     /* Put a request in hand back; run what is due. */
    VSW_IDLE_COPY,      /* Copy one packet of the first request. */
    VSW_IDLE_SWITCH,    /* Switch one packet of the next transmit ring. */
    VSW_IDLE_POLL,      /* Nothing to do: begin another pass. */
    VSW_IDLE_SLEEP,     /* Nothing to do for the hysteresis: sleep. */
};

VSW_API void vsw_idle_loop_init(struct vsw_idle_loop *l,
                                uint64_t hysteresis_ns);

/* The core became idle or was woken at 'now_ns', or a pass that did some work
 * ended then. */
VSW_API void vsw_idle_loop_extend(struct vsw_idle_loop *l, uint64_t now_ns);

/* Next step at 'now_ns': leaving comes first, then copying, then switching.
 * Until the first vsw_idle_loop_extend() the core may sleep at once. */
VSW_API enum vsw_idle_step
vsw_idle_loop_step(const struct vsw_idle_loop *l,
                   const struct vsw_idle_view *view, uint64_t now_ns);

VSW_EXTERN_C_END

#endif
