/* Idle governor: how deeply an idle CPU sleeps.
 *
 * A deeper state saves more power and takes longer to leave.  The governor
 * predicts how long the CPU will idle, from how long it did the last eight
 * times, and picks the deepest state that such a time is worth; or it always
 * picks the same one.
 *
 * Prediction: the mean of the last eight times if they are alike, of seven or
 * six of them if the others were much longer; with no such pattern, for ever.
 * Alike means a standard deviation of at most 20 us or a sixth of the mean.
 *
 * Source: Linux, drivers/cpuidle/governors/menu.c, get_typical_interval().
 * Left out: the next timer, which Linux also takes into account, its
 * correction factor, and the load.
 *
 * Thread-safety: none; one governor per CPU. */
#ifndef VSWSIM_IDLE_GOVERNOR_H
#define VSWSIM_IDLE_GOVERNOR_H

#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Times that are remembered. */
#define VSW_IDLE_GOVERNOR_N_GAPS 8

/* For 'fixed_state': predict. */
#define VSW_IDLE_GOVERNOR_PREDICT UINT32_MAX

struct vsw_idle_state {
    const char *name;               /* "C1E" */
    uint64_t exit_latency_ns;
    uint64_t target_residency_ns;   /* Shorter stays are not worth it. */
};

struct vsw_idle_governor {
    const struct vsw_idle_state *states;    /* Borrowed; lightest first. */
    uint32_t n_states;              /* >= 1 */
    uint32_t fixed_state;           /* Or VSW_IDLE_GOVERNOR_PREDICT. */
    uint64_t max_exit_latency_ns;   /* Of predicted states but the first. */
    uint64_t gaps_ns[VSW_IDLE_GOVERNOR_N_GAPS];
    uint32_t n_gaps;                /* Since the beginning. */
};

VSW_API void vsw_idle_governor_init(struct vsw_idle_governor *g,
                                    const struct vsw_idle_state *states,
                                    uint32_t n_states, uint32_t fixed_state,
                                    uint64_t max_exit_latency_ns);

/* Notes that the CPU idled for 'gap_ns'. */
VSW_API void vsw_idle_governor_ended(struct vsw_idle_governor *g,
                                     uint64_t gap_ns);

/* How long the CPU will idle next; UINT64_MAX if there is no pattern. */
VSW_API uint64_t
vsw_idle_governor_predict_ns(const struct vsw_idle_governor *g);

/* Index of the state to enter. */
VSW_API uint32_t vsw_idle_governor_select(const struct vsw_idle_governor *g);

VSW_EXTERN_C_END

#endif
