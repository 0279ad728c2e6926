#include <vswsim/batch_timer.h>

#include <stdlib.h>

#include <vswsim/batch.h>

struct vsw_batch_timer {
    struct vsw_batch batch;
    struct vsw_live_timer *timer;       /* Owned. */
    vsw_batch_timer_fn notify;
    void *notify_aux;
};

static void
notify(struct vsw_batch_timer *t, uint32_t n_pkts)
{
    if (n_pkts > 0) {
        t->notify(t->notify_aux, n_pkts);
    }
}

static void
expire(void *aux, uint64_t now_ns)
{
    struct vsw_batch_timer *t = aux;

    notify(t, vsw_batch_expire(&t->batch, now_ns));
}

struct vsw_batch_timer *
vsw_batch_timer_new(struct event_base *base, uint32_t max_pkts,
                    uint64_t hold_ns, vsw_batch_timer_fn notify_fn, void *aux)
{
    struct vsw_batch_timer *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->timer = vsw_live_timer_new(base, expire, t);
    if (!t->timer) {
        free(t);
        return NULL;
    }
    vsw_batch_init(&t->batch, max_pkts, hold_ns);
    t->notify = notify_fn;
    t->notify_aux = aux;
    return t;
}

void
vsw_batch_timer_free(struct vsw_batch_timer *t)
{
    if (t) {
        vsw_live_timer_free(t->timer);
        free(t);
    }
}

void
vsw_batch_timer_add(struct vsw_batch_timer *t)
{
    switch (vsw_batch_add(&t->batch, vsw_live_now_ns())) {
    case VSW_BATCH_HOLD:
        break;
    case VSW_BATCH_ARM:
        if (vsw_live_timer_arm(t->timer, t->batch.deadline_ns)) {
            vsw_batch_timer_flush(t);
        }
        break;
    case VSW_BATCH_FLUSH:
        notify(t, t->batch.max_pkts);
        break;
    }
}

void
vsw_batch_timer_flush(struct vsw_batch_timer *t)
{
    notify(t, vsw_batch_close(&t->batch));
}
