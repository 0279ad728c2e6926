#include <vswsim/irqmod.h>

#include "policy/deadline.h"

void
vsw_irqmod_init(struct vsw_irqmod *m, uint64_t min_gap_ns)
{
    m->min_gap_ns = min_gap_ns;
    m->next_ns = 0;
    m->is_pending = false;
}

enum vsw_irqmod_verdict
vsw_irqmod_event(struct vsw_irqmod *m, uint64_t now_ns)
{
    if (m->is_pending) {
        return VSW_IRQMOD_HOLD;
    }
    if (now_ns < m->next_ns) {
        m->is_pending = true;
        return VSW_IRQMOD_ARM;
    }
    m->next_ns = vsw_deadline_ns(now_ns, m->min_gap_ns);
    return VSW_IRQMOD_RAISE;
}

bool
vsw_irqmod_expire(struct vsw_irqmod *m, uint64_t now_ns)
{
    if (!m->is_pending || now_ns < m->next_ns) {
        return false;
    }
    m->is_pending = false;
    m->next_ns = vsw_deadline_ns(now_ns, m->min_gap_ns);
    return true;
}
