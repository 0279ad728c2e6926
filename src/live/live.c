#include <vswsim/live.h>

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <event2/event.h>

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u

/* Longest wait that libevent is asked for.  A timer that is not yet due then
 * is armed again, as any that fires early. */
#define MAX_WAIT_NS (3600ull * NS_PER_S)

struct vsw_live_timer {
    struct event *event;        /* Owned. */
    vsw_live_timer_fn fn;
    void *aux;
    uint64_t deadline_ns;
};

struct event_base *
vsw_live_base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config) {
        if (!event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER)
            && !event_config_set_flag(config,
                                      EVENT_BASE_FLAG_NO_CACHE_TIME)) {
            base = event_base_new_with_config(config);
        }
        event_config_free(config);
    }
    return base;
}

uint64_t
vsw_live_now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * NS_PER_S + (uint64_t) ts.tv_nsec;
}

/* Asks libevent for a call at the deadline, a little later rather than
 * earlier: it counts in microseconds. */
static int
arm(struct vsw_live_timer *t, uint64_t now_ns)
{
    uint64_t wait_ns = t->deadline_ns > now_ns ? t->deadline_ns - now_ns : 0;
    uint64_t wait_us;
    struct timeval tv;

    if (wait_ns > MAX_WAIT_NS) {
        wait_ns = MAX_WAIT_NS;
    }
    wait_us = (wait_ns + NS_PER_US - 1) / NS_PER_US;
    tv.tv_sec = (time_t) (wait_us / 1000000);
    tv.tv_usec = (suseconds_t) (wait_us % 1000000);
    return event_add(t->event, &tv) ? -ENOMEM : 0;
}

static void
timer_cb(evutil_socket_t fd, short what, void *aux)
{
    struct vsw_live_timer *t = aux;
    uint64_t now_ns = vsw_live_now_ns();

    (void) fd, (void) what;
    /* In a busy loop libevent can fire early: it caches the time.  Should it
     * fail to arm again, too early is better than never. */
    if (now_ns >= t->deadline_ns || arm(t, now_ns)) {
        t->fn(t->aux, now_ns);
    }
}

struct vsw_live_timer *
vsw_live_timer_new(struct event_base *base, vsw_live_timer_fn fn, void *aux)
{
    struct vsw_live_timer *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->fn = fn;
    t->aux = aux;
    t->event = event_new(base, -1, 0, timer_cb, t);
    if (!t->event) {
        free(t);
        return NULL;
    }
    return t;
}

void
vsw_live_timer_free(struct vsw_live_timer *t)
{
    if (t) {
        event_free(t->event);
        free(t);
    }
}

int
vsw_live_timer_arm(struct vsw_live_timer *t, uint64_t deadline_ns)
{
    t->deadline_ns = deadline_ns;
    return arm(t, vsw_live_now_ns());
}

void
vsw_live_timer_disarm(struct vsw_live_timer *t)
{
    event_del(t->event);
}
