#include <vswsim/idle_loop.h>

#include "policy/deadline.h"

void
vsw_idle_loop_init(struct vsw_idle_loop *l, uint64_t hysteresis_ns)
{
    l->hysteresis_ns = hysteresis_ns;
    l->deadline_ns = 0;
}

void
vsw_idle_loop_extend(struct vsw_idle_loop *l, uint64_t now_ns)
{
    l->deadline_ns = vsw_deadline_ns(now_ns, l->hysteresis_ns);
}

enum vsw_idle_step
vsw_idle_loop_step(const struct vsw_idle_loop *l,
                   const struct vsw_idle_view *view, uint64_t now_ns)
{
    if (view->must_leave) {
        return VSW_IDLE_LEAVE;
    }
    if (view->n_requests > 0) {
        return VSW_IDLE_COPY;
    }
    if (view->n_tx_rings > 0) {
        return VSW_IDLE_SWITCH;
    }
    return now_ns >= l->deadline_ns ? VSW_IDLE_SLEEP : VSW_IDLE_POLL;
}
