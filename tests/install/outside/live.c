/* A batching timer of an outside program; C and C++. */
#include <stdint.h>
#include <stdio.h>

#include <vswsim/batch_timer.h>

static void
notify(void *aux, uint32_t n_pkts)
{
    *(uint32_t *) aux = n_pkts;
}

int
main(void)
{
    uint32_t n_notified = 0;
    struct event_base *base = vsw_live_base_new();
    struct vsw_batch_timer *t;

    t = base ? vsw_batch_timer_new(base, 2, 1000, notify, &n_notified) : NULL;
    if (!t) {
        fputs("cannot make a timer\n", stderr);
        return 1;
    }
    vsw_batch_timer_add(t);
    vsw_batch_timer_add(t);
    vsw_batch_timer_free(t);
    return n_notified != 2;
}
