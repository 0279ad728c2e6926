/* Idle: what a CPU does while it has nothing to do.
 *
 * With nothing to run, the CPU polls for 'poll_ps' (busy, on the account
 * "poll") and then sleeps.  What comes while it polls is served at once; what
 * comes while it sleeps waits for 'exit_ps', the exit latency of the state
 * that was chosen when the CPU went to sleep.  That time is idle time: no
 * instruction runs.
 *
 * Who made the object chooses, in 'ended', the two times for the next gap;
 * they must depend on nothing that happens later.
 *
 * A unit without one idles for nothing and wakes at once.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_IDLE_H
#define VSWSIM_IDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

struct vsw_idle {
    struct vsw_unit *unit;
    uint32_t domain;            /* Whose code polls. */
    uint64_t poll_ps;
    uint64_t exit_ps;

    /* The CPU idled for 'gap_ps', exit latency excluded, and 'slept' at the
     * end of it.  May be NULL. */
    void (*ended)(struct vsw_idle *idle, uint64_t gap_ps, bool slept);
};

/* Sets 'idle', whose members the caller has set, for its unit. */
VSW_API void vsw_idle_set(struct vsw_idle *idle);

/* When the unit, idle since its local time, serves what comes at 'due_ps'. */
VSW_API uint64_t vsw_idle_serve_ps(const struct vsw_idle *idle,
                                   uint64_t due_ps);

/* Books an idle gap from local time to 'now_ps'. */
VSW_API void vsw_idle_book(struct vsw_idle *idle, uint64_t now_ps);

VSW_EXTERN_C_END

#endif
