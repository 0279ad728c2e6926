/* Window of packets that were taken from a ring and are not done with.
 *
 * A backend that moves packets side by side finishes them in any order, but
 * the slots of a ring are freed in theirs: what is done waits for what came
 * before it.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_TX_WINDOW_H
#define VSWSIM_TX_WINDOW_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/ring.h>

VSW_EXTERN_C_BEGIN

struct vsw_tx_window {
    struct vsw_ring *ring;      /* Borrowed. */
    uint16_t *done;             /* By first slot: its slots, once done. */
    uint64_t stamp_ps;          /* Of what was freed last. */
};

/* Watches over 'ring', from which nothing was taken yet.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_tx_window_init(struct vsw_tx_window *window,
                               struct vsw_ring *ring);
VSW_API void vsw_tx_window_fini(struct vsw_tx_window *window);

/* The packet that took 'n_slots' from 'slot' on is done. */
static inline void
vsw_tx_window_done(struct vsw_tx_window *window, uint32_t slot,
                   uint32_t n_slots)
{
    window->done[slot] = (uint16_t) n_slots;
}

/* Frees the slots up to the first packet that is not done, from 'stamp_ps' on
 * (or from the last stamp, if that is later).  Returns how many. */
VSW_API uint32_t vsw_tx_window_release(struct vsw_tx_window *window,
                                       uint64_t stamp_ps);

VSW_EXTERN_C_END

#endif
