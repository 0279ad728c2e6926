/* Sleep: a kernel thread that blocks on backlogs, and those who wake it.
 *
 * Who puts a packet into a backlog of the thread calls vsw_sleep_notify():
 * nothing if the thread runs, a wake-up if it has blocked.  The thread blocks
 * when it sees nothing.  What others have put in calls that ran earlier, but
 * with a stamp that lies ahead of the thread's time, wakes it then.
 *
 * Whether it has blocked is relaxed state, as the limit of a backlog is: the
 * waker need not be at sync.  No wake-up is lost: either the thread's last
 * look comes after the packet was put, or the waker finds it blocked.
 *
 * Costs: those of a wake-up (notify.h).
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SLEEP_H
#define VSWSIM_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/notify.h>

VSW_EXTERN_C_BEGIN

struct vsw_sleep {
    struct vsw_wakeup wakeup;
    bool blocked;
    uint64_t n_blocked;         /* The whole run. */
};

/* Prepares the sleep of 'worker', which is on its unit and blocked at first.
 * 'domain' and 'entry' are as for vsw_wakeup_init(). */
VSW_API void vsw_sleep_init(struct vsw_sleep *sleep,
                            struct vsw_worker *worker, uint32_t domain,
                            enum vsw_entry entry);

/* Something was put into a backlog of the thread, by 'sender'. */
VSW_API void vsw_sleep_notify(struct vsw_sleep *sleep,
                              struct vsw_unit *sender);

/* The thread runs: its work function calls this first. */
static inline void
vsw_sleep_awake(struct vsw_sleep *sleep)
{
    sleep->blocked = false;
}

/* The thread's backlogs have nothing for it now; the first packet that is
 * known has the stamp 'ready_ps', or VSW_NEVER.  It then returns. */
VSW_API void vsw_sleep_block(struct vsw_sleep *sleep, uint64_t ready_ps);

VSW_EXTERN_C_END

#endif
