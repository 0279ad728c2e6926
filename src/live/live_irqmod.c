#include <vswsim/live_irqmod.h>

#include <stdlib.h>

struct vsw_live_irqmod {
    struct vsw_irqmod policy;
    struct vsw_live_timer *timer;           /* Owned. */
    vsw_live_irqmod_fn raise;
    void *aux;
};

static void
expire(void *aux, uint64_t now_ns)
{
    struct vsw_live_irqmod *m = aux;

    if (vsw_irqmod_expire(&m->policy, now_ns)) {
        m->raise(m->aux);
    }
}

struct vsw_live_irqmod *
vsw_live_irqmod_new(struct event_base *base, uint64_t min_gap_ns,
                    vsw_live_irqmod_fn raise, void *aux)
{
    struct vsw_live_irqmod *m = calloc(1, sizeof *m);

    if (!m) {
        return NULL;
    }
    m->timer = vsw_live_timer_new(base, expire, m);
    if (!m->timer) {
        free(m);
        return NULL;
    }
    vsw_irqmod_init(&m->policy, min_gap_ns);
    m->raise = raise;
    m->aux = aux;
    return m;
}

void
vsw_live_irqmod_free(struct vsw_live_irqmod *m)
{
    if (m) {
        vsw_live_timer_free(m->timer);
        free(m);
    }
}

void
vsw_live_irqmod_event(struct vsw_live_irqmod *m)
{
    switch (vsw_irqmod_event(&m->policy, vsw_live_now_ns())) {
    case VSW_IRQMOD_HOLD:
        break;
    case VSW_IRQMOD_ARM:
        if (vsw_live_timer_arm(m->timer, m->policy.next_ns)) {
            expire(m, m->policy.next_ns);
        }
        break;
    case VSW_IRQMOD_RAISE:
        m->raise(m->aux);
        break;
    }
}
