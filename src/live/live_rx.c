#include <vswsim/live_rx.h>

#include <stdlib.h>

struct vsw_live_rx {
    struct vsw_rx_timer policy;
    struct vsw_live_timer *timer;           /* Owned. */
    const struct vsw_live_rx_ops *ops;      /* Borrowed. */
    void *aux;
};

static void
expire(void *aux, uint64_t now_ns)
{
    struct vsw_live_rx *t = aux;
    uint32_t n_queued = t->ops->n_queued(t->aux);
    uint32_t n_unseen = t->ops->n_unseen(t->aux);

    if (vsw_rx_timer_expire(&t->policy, n_queued, n_unseen, now_ns)
        == VSW_RX_NOTIFY) {
        t->ops->notify(t->aux, UINT32_MAX);
    }
}

struct vsw_live_rx *
vsw_live_rx_new(struct event_base *base,
                const struct vsw_rx_timer_rule *rule,
                const struct vsw_live_rx_ops *ops, void *aux)
{
    struct vsw_live_rx *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->timer = vsw_live_timer_new(base, expire, t);
    if (!t->timer) {
        free(t);
        return NULL;
    }
    vsw_rx_timer_init(&t->policy, rule);
    t->ops = ops;
    t->aux = aux;
    return t;
}

void
vsw_live_rx_free(struct vsw_live_rx *t)
{
    if (t) {
        vsw_live_timer_free(t->timer);
        free(t);
    }
}

void
vsw_live_rx_put(struct vsw_live_rx *t, bool guest_is_blocked)
{
    struct vsw_rx_decision d
        = vsw_rx_timer_put(&t->policy, t->ops->n_queued(t->aux),
                           guest_is_blocked, vsw_live_now_ns());

    if (d.arm && vsw_live_timer_arm(t->timer, t->policy.deadline_ns)) {
        /* Without a timer, what would wait for it is told now. */
        expire(t, t->policy.deadline_ns);
        return;
    }
    if (d.notify) {
        t->ops->notify(t->aux, d.max_copies);
    }
    if (d.offload) {
        t->ops->offload(t->aux);
    }
}
