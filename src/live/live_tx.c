#include <vswsim/live_tx.h>

#include <stdlib.h>

struct vsw_live_tx {
    struct vsw_tx_timer policy;
    struct vsw_live_timer *timer;           /* Owned. */
    const struct vsw_live_tx_ops *ops;      /* Borrowed. */
    void *aux;
};

/* Arms the timer.  Without one, what waits is switched now, and the policy
 * must not think that its timer runs. */
static void
arm(struct vsw_live_tx *t)
{
    if (vsw_live_timer_arm(t->timer, t->policy.deadline_ns)) {
        vsw_tx_timer_init(&t->policy, t->policy.rule);
        t->ops->switch_all(t->aux);
    }
}

static void
expire(void *aux, uint64_t now_ns)
{
    struct vsw_live_tx *t = aux;
    uint32_t n_pending = t->ops->n_pending(t->aux);

    switch (vsw_tx_timer_expire(&t->policy, n_pending, false, now_ns)) {
    case VSW_TX_SWITCH:
        t->ops->switch_all(t->aux);
        break;
    case VSW_TX_RESTART:
        arm(t);
        break;
    case VSW_TX_STALE:
    case VSW_TX_OFF:
    case VSW_TX_WAIT:
        break;
    }
}

struct vsw_live_tx *
vsw_live_tx_new(struct event_base *base,
                const struct vsw_tx_timer_rule *rule,
                const struct vsw_live_tx_ops *ops, void *aux)
{
    struct vsw_live_tx *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->timer = vsw_live_timer_new(base, expire, t);
    if (!t->timer) {
        free(t);
        return NULL;
    }
    vsw_tx_timer_init(&t->policy, rule);
    t->ops = ops;
    t->aux = aux;
    return t;
}

void
vsw_live_tx_free(struct vsw_live_tx *t)
{
    if (t) {
        vsw_live_timer_free(t->timer);
        free(t);
    }
}

void
vsw_live_tx_enqueued(struct vsw_live_tx *t)
{
    uint32_t n_pending = t->ops->n_pending(t->aux);

    if (vsw_tx_timer_enqueue(&t->policy, n_pending) == VSW_TX_ENTER) {
        vsw_tx_timer_start(&t->policy, vsw_live_now_ns());
        t->ops->switch_all(t->aux);
        arm(t);
    }
}
