#include <vswsim/idle.h>

#include "core/account.h"

void
vsw_idle_set(struct vsw_idle *idle)
{
    idle->unit->idle = idle;
    vsw_unit_reschedule(idle->unit);
}

uint64_t
vsw_idle_serve_ps(const struct vsw_idle *idle, uint64_t due_ps)
{
    uint64_t local_ps = idle->unit->local_ps;

    if (due_ps == VSW_NEVER || due_ps <= local_ps
        || due_ps - local_ps < idle->poll_ps) {
        return due_ps;
    }
    return due_ps + idle->exit_ps;
}

void
vsw_idle_book(struct vsw_idle *idle, uint64_t now_ps)
{
    struct vsw_unit *unit = idle->unit;
    uint64_t gap_ps = now_ps - unit->local_ps;
    uint64_t polled_ps = gap_ps < idle->poll_ps ? gap_ps : idle->poll_ps;
    bool slept = gap_ps >= idle->poll_ps;

    if (polled_ps > 0) {
        vsw_unit_enter(unit, idle->domain, VSW_STAGE_NONE);
        vsw_unit_spend(unit, VSW_ACCOUNT_POLL, polled_ps);
    }
    vsw_unit_idle_until(unit, now_ps);
    if (slept) {
        /* The end of the run may come within the exit. */
        gap_ps = gap_ps > idle->exit_ps ? gap_ps - idle->exit_ps : 0;
    }
    if (idle->ended) {
        idle->ended(idle, gap_ps, slept);
    }
}
