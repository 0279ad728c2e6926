#include <vswsim/tx_timer.h>

#include <assert.h>

#include "policy/deadline.h"

void
vsw_tx_timer_init(struct vsw_tx_timer *t,
                  const struct vsw_tx_timer_rule *rule)
{
    assert(rule->max_pending_pkts >= 1);
    t->rule = rule;
    t->deadline_ns = 0;
    t->is_on = false;
    t->is_due = false;
}

enum vsw_tx_enqueue
vsw_tx_timer_enqueue(const struct vsw_tx_timer *t, uint32_t n_pending)
{
    bool leave = t->is_on && n_pending < t->rule->max_pending_pkts;

    return leave ? VSW_TX_LEAVE : VSW_TX_ENTER;
}

uint64_t
vsw_tx_timer_start(struct vsw_tx_timer *t, uint64_t now_ns)
{
    t->is_on = true;
    t->is_due = false;
    t->deadline_ns = vsw_deadline_ns(now_ns, t->rule->hold_ns);
    return t->deadline_ns;
}

/* Serves a timer that is due. */
static enum vsw_tx_expiry
serve(struct vsw_tx_timer *t, uint32_t n_pending, uint64_t now_ns)
{
    if (n_pending == 0 && t->rule->empty == VSW_TX_EMPTY_RESTART) {
        vsw_tx_timer_start(t, now_ns);
        return VSW_TX_RESTART;
    }
    t->is_on = false;
    t->is_due = false;
    return n_pending > 0 ? VSW_TX_SWITCH : VSW_TX_OFF;
}

enum vsw_tx_expiry
vsw_tx_timer_expire(struct vsw_tx_timer *t, uint32_t n_pending,
                    bool other_guest_runs, uint64_t now_ns)
{
    /* One that is due waits for its sender, whatever timer fires. */
    if (!t->is_on || t->is_due || now_ns < t->deadline_ns) {
        return VSW_TX_STALE;
    }
    if (other_guest_runs && t->rule->late == VSW_TX_LATE_WAIT) {
        t->is_due = true;
        return VSW_TX_WAIT;
    }
    return serve(t, n_pending, now_ns);
}

enum vsw_tx_expiry
vsw_tx_timer_sender_runs(struct vsw_tx_timer *t, uint32_t n_pending,
                         uint64_t now_ns)
{
    return t->is_due ? serve(t, n_pending, now_ns) : VSW_TX_STALE;
}
