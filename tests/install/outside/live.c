/* A batch of the datapath on a libevent loop, without knowing libevent; C and
 * C++. */
#include <stdio.h>

#include <vswsim/batch_timer.h>

static void
notify(void *aux, uint32_t n_pkts)
{
    *(uint32_t *) aux += n_pkts;
}

int
main(void)
{
    struct event_base *base = vsw_live_base_new();
    struct vsw_batch_timer *t;
    uint32_t n_notified = 0;

    t = base ? vsw_batch_timer_new(base, 2, 1000000, notify, &n_notified)
        : NULL;
    if (!t) {
        fputs("cannot make a batch\n", stderr);
        return 1;
    }
    vsw_batch_timer_add(t);
    vsw_batch_timer_add(t);
    vsw_batch_timer_free(t);
    return n_notified != 2;
}
