#include <vswsim/rx_timer.h>

#include <assert.h>

#include "policy/deadline.h"

void
vsw_rx_timer_init(struct vsw_rx_timer *t,
                  const struct vsw_rx_timer_rule *rule)
{
    assert(rule->max_queued_pkts >= 1);
    t->rule = rule;
    t->deadline_ns = 0;
    t->last_note_ns = 0;
    t->is_on = false;
    t->has_noted = false;
}

static void
start(struct vsw_rx_timer *t, uint64_t now_ns)
{
    t->is_on = true;
    t->deadline_ns = vsw_deadline_ns(now_ns, t->rule->hold_ns);
}

static void
note(struct vsw_rx_timer *t, uint64_t now_ns)
{
    t->has_noted = true;
    t->last_note_ns = now_ns;
}

static bool
is_quiet(const struct vsw_rx_timer *t, uint64_t now_ns)
{
    return !t->is_on
           && (!t->has_noted
               || now_ns - t->last_note_ns >= t->rule->quiet_ns);
}

static enum vsw_rx_reason
reason_to_notify(const struct vsw_rx_timer *t, uint32_t n_queued,
                 bool guest_is_blocked, uint64_t now_ns)
{
    if (guest_is_blocked) {
        return VSW_RX_BLOCKED;
    }
    if (n_queued >= t->rule->max_queued_pkts) {
        return VSW_RX_LONG_QUEUE;
    }
    return is_quiet(t, now_ns) ? VSW_RX_QUIET : VSW_RX_WAIT;
}

/* Whether the timer (re)starts when a packet is put for 'reason'. */
static bool
starts(const struct vsw_rx_timer *t, enum vsw_rx_reason reason)
{
    switch (reason) {
    case VSW_RX_WAIT:
        return !t->is_on;
    case VSW_RX_QUIET:
        return t->rule->quiet_leaves_on;
    case VSW_RX_BLOCKED:
    case VSW_RX_LONG_QUEUE:
        break;
    }
    return true;
}

/* With the timer off nothing would come back for what is left. */
static bool
bounds_copies(const struct vsw_rx_timer *t, enum vsw_rx_reason reason)
{
    return t->is_on && (reason == VSW_RX_BLOCKED
                        || t->rule->bound == VSW_RX_BOUND_IMMEDIATE);
}

struct vsw_rx_decision
vsw_rx_timer_put(struct vsw_rx_timer *t, uint32_t n_queued,
                 bool guest_is_blocked, uint64_t now_ns)
{
    struct vsw_rx_decision d = { .max_copies = UINT32_MAX };

    d.reason = reason_to_notify(t, n_queued, guest_is_blocked, now_ns);
    d.notify = d.reason != VSW_RX_WAIT;
    d.offload = !d.notify;
    d.arm = starts(t, d.reason);
    if (d.arm) {
        start(t, now_ns);
    }
    if (d.notify) {
        note(t, now_ns);
        if (bounds_copies(t, d.reason)) {
            d.max_copies = t->rule->max_copies;
        }
    }
    return d;
}

enum vsw_rx_expiry
vsw_rx_timer_expire(struct vsw_rx_timer *t, uint32_t n_queued,
                    uint32_t n_unseen, uint64_t now_ns)
{
    if (!t->is_on || now_ns < t->deadline_ns) {
        return VSW_RX_STALE;
    }
    t->is_on = false;
    if (n_queued == 0 && n_unseen == 0) {
        return VSW_RX_OFF;
    }
    note(t, now_ns);
    return VSW_RX_NOTIFY;
}

bool
vsw_rx_timer_leave(struct vsw_rx_timer *t, uint64_t now_ns)
{
    if (t->is_on) {
        return false;
    }
    start(t, now_ns);
    return true;
}
