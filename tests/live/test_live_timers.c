/* Real time passes here, so tests only claim what load cannot break: no
 * timer fires before its deadline, and each fires. */
#include "vsw_test.h"

#include <event2/event.h>

#include <vswsim/batch_timer.h>
#include <vswsim/live_irqmod.h>
#include <vswsim/live_rx.h>
#include <vswsim/live_tx.h>

#define MS 1000000u

struct calls {
    struct event_base *base;
    int n;                      /* Calls so far. */
    int n_wanted;               /* Calls that end the loop. */
    uint32_t last;              /* Argument of the last call. */
    uint64_t last_ns;           /* When it came. */
};

static void
record(struct calls *calls, uint32_t value)
{
    calls->last = value;
    calls->last_ns = vsw_live_now_ns();
    if (++calls->n >= calls->n_wanted) {
        event_base_loopbreak(calls->base);
    }
}

static void
on_notify(void *aux, uint32_t value)
{
    record(aux, value);
}

static void
on_timer(void *aux, uint64_t now_ns)
{
    (void) now_ns;
    record(aux, 0);
}

static void
on_raise(void *aux)
{
    record(aux, 0);
}

static struct calls
new_calls(int n_wanted)
{
    struct calls calls = { .base = vsw_live_base_new(),
                           .n_wanted = n_wanted };

    assert_non_null(calls.base);
    return calls;
}

static void
spin(uint64_t wait_ns)
{
    uint64_t start_ns = vsw_live_now_ns();

    while (vsw_live_now_ns() - start_ns < wait_ns) {
        continue;
    }
}

static void
a_timer_fires_once_and_not_before_its_deadline(void **state)
{
    struct calls calls = new_calls(2);
    struct vsw_live_timer *t = vsw_live_timer_new(calls.base, on_timer,
                                                  &calls);
    uint64_t deadline_ns = vsw_live_now_ns() + 2 * MS + 300;

    (void) state;
    assert_int_equal(vsw_live_timer_arm(t, deadline_ns), 0);
    event_base_dispatch(calls.base);    /* Ends with nothing to do. */
    assert_int_equal(calls.n, 1);
    assert_true(calls.last_ns >= deadline_ns);
    vsw_live_timer_free(t);
    event_base_free(calls.base);
}

static void
a_timer_armed_again_keeps_only_the_new_deadline(void **state)
{
    struct calls calls = new_calls(2);
    struct vsw_live_timer *t = vsw_live_timer_new(calls.base, on_timer,
                                                  &calls);
    uint64_t now_ns = vsw_live_now_ns();

    (void) state;
    vsw_live_timer_arm(t, now_ns + MS);
    vsw_live_timer_arm(t, now_ns + 5 * MS);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 1);
    assert_true(calls.last_ns >= now_ns + 5 * MS);
    vsw_live_timer_arm(t, now_ns);
    vsw_live_timer_disarm(t);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 1);
    vsw_live_timer_free(t);
    event_base_free(calls.base);
}

static void
a_deadline_that_has_passed_fires_at_once(void **state)
{
    struct calls calls = new_calls(1);
    struct vsw_live_timer *t = vsw_live_timer_new(calls.base, on_timer,
                                                  &calls);

    (void) state;
    vsw_live_timer_arm(t, 1);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 1);
    assert_int_equal(vsw_live_timer_arm(t, UINT64_MAX), 0);
    vsw_live_timer_free(t);
    event_base_free(calls.base);
}

static void
a_batch_is_notified_when_its_first_packet_has_waited(void **state)
{
    struct calls calls = new_calls(1);
    struct vsw_batch_timer *t = vsw_batch_timer_new(calls.base, 64, 3 * MS,
                                                    on_notify, &calls);
    uint64_t start_ns = vsw_live_now_ns();

    (void) state;
    vsw_batch_timer_add(t);
    vsw_batch_timer_add(t);
    vsw_batch_timer_add(t);
    assert_int_equal(calls.n, 0);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 1);
    assert_int_equal(calls.last, 3);
    assert_true(calls.last_ns - start_ns >= 3 * MS);
    vsw_batch_timer_free(t);
    event_base_free(calls.base);
}

static void
a_batch_that_fills_is_notified_at_once_and_only_once(void **state)
{
    struct calls calls = new_calls(9);
    struct vsw_batch_timer *t = vsw_batch_timer_new(calls.base, 2, 2 * MS,
                                                    on_notify, &calls);

    (void) state;
    vsw_batch_timer_add(t);
    vsw_batch_timer_add(t);
    assert_int_equal(calls.n, 1);
    assert_int_equal(calls.last, 2);
    event_base_dispatch(calls.base);        /* Its timer is stale. */
    assert_int_equal(calls.n, 1);
    vsw_batch_timer_add(t);
    vsw_batch_timer_flush(t);
    vsw_batch_timer_flush(t);
    assert_int_equal(calls.n, 2);
    assert_int_equal(calls.last, 1);
    vsw_batch_timer_free(t);
    event_base_free(calls.base);
}

/* On a loop that caches the time, a timer armed after a long callback counts
 * from when that callback began.  Any other event that wakes the loop then
 * makes it fire early. */
struct busy {
    struct event_base *base;
    struct vsw_batch_timer *t;
    uint64_t added_ns;
};

static void
do_nothing(evutil_socket_t fd, short what, void *aux)
{
    (void) fd, (void) what, (void) aux;
}

static void
add_after_spinning(evutil_socket_t fd, short what, void *aux)
{
    const struct timeval at_once = { 0, 1 };
    struct busy *busy = aux;

    (void) fd, (void) what;
    spin(10 * MS);
    busy->added_ns = vsw_live_now_ns();
    vsw_batch_timer_add(busy->t);
    event_base_once(busy->base, -1, EV_TIMEOUT, do_nothing, NULL, &at_once);
}

static void
a_timer_that_fires_early_is_armed_again(void **state)
{
    struct calls calls = { .base = event_base_new(), .n_wanted = 1 };
    struct timeval soon = { 0, 1000 };
    struct busy busy = { .base = calls.base };

    (void) state;
    busy.t = vsw_batch_timer_new(calls.base, 64, 8 * MS, on_notify, &calls);
    assert_non_null(busy.t);
    event_base_once(calls.base, -1, EV_TIMEOUT, add_after_spinning, &busy,
                    &soon);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 1);
    assert_true(calls.last_ns - busy.added_ns >= 8 * MS);
    vsw_batch_timer_free(busy.t);
    event_base_free(calls.base);
}

static void
events_in_the_gap_share_one_late_interrupt(void **state)
{
    struct calls calls = new_calls(2);
    struct vsw_live_irqmod *m = vsw_live_irqmod_new(calls.base, 200 * MS,
                                                    on_raise, &calls);
    uint64_t start_ns = vsw_live_now_ns();

    (void) state;
    vsw_live_irqmod_event(m);
    vsw_live_irqmod_event(m);
    vsw_live_irqmod_event(m);
    assert_int_equal(calls.n, 1);
    event_base_dispatch(calls.base);
    assert_int_equal(calls.n, 2);
    assert_true(calls.last_ns - start_ns >= 200 * MS);
    vsw_live_irqmod_free(m);
    event_base_free(calls.base);
}

/* A ring, or a queue with a ring behind it. */
struct ring {
    struct calls calls;
    uint32_t n_waiting;
    uint32_t n_unseen;
    int n_offers;
};

static uint32_t
ring_n_waiting(void *aux)
{
    return ((struct ring *) aux)->n_waiting;
}

static uint32_t
ring_n_unseen(void *aux)
{
    return ((struct ring *) aux)->n_unseen;
}

static void
ring_switch_all(void *aux)
{
    struct ring *ring = aux;

    record(&ring->calls, ring->n_waiting);
    ring->n_waiting = 0;
}

static void
ring_notify(void *aux, uint32_t max_copies)
{
    struct ring *ring = aux;

    ring->n_waiting = 0;
    record(&ring->calls, max_copies);
}

static void
ring_offload(void *aux)
{
    ((struct ring *) aux)->n_offers++;
}

static const struct vsw_live_tx_ops tx_ops = { ring_n_waiting,
                                               ring_switch_all };
static const struct vsw_live_rx_ops rx_ops = { ring_n_waiting, ring_n_unseen,
                                               ring_notify, ring_offload };

static void
transmitted_packets_wait_for_the_timer(void **state)
{
    const struct vsw_tx_timer_rule rule = {
        .hold_ns = 300 * MS, .max_pending_pkts = 64 };
    struct ring ring = { .calls = new_calls(2) };
    struct vsw_live_tx *t = vsw_live_tx_new(ring.calls.base, &rule, &tx_ops,
                                            &ring);
    uint64_t start_ns = vsw_live_now_ns();

    (void) state;
    for (int i = 0; i < 4; i++) {
        ring.n_waiting++;
        vsw_live_tx_enqueued(t);
    }
    assert_int_equal(ring.calls.n, 1);      /* The first. */
    event_base_dispatch(ring.calls.base);
    assert_int_equal(ring.calls.n, 2);
    assert_int_equal(ring.calls.last, 3);
    assert_true(ring.calls.last_ns - start_ns >= 300 * MS);
    vsw_live_tx_free(t);
    event_base_free(ring.calls.base);
}

static void
received_packets_wait_for_the_timer(void **state)
{
    const struct vsw_rx_timer_rule rule = {
        .hold_ns = 300 * MS, .quiet_ns = 300 * MS, .max_queued_pkts = 64,
        .max_copies = 16, .quiet_leaves_on = true };
    struct ring ring = { .calls = new_calls(3) };
    struct vsw_live_rx *t = vsw_live_rx_new(ring.calls.base, &rule, &rx_ops,
                                            &ring);
    uint64_t start_ns;

    (void) state;
    ring.n_waiting = 1;
    vsw_live_rx_put(t, false);
    assert_int_equal(ring.calls.n, 1);      /* Nothing was sent for long. */
    ring.n_waiting = 1;
    start_ns = vsw_live_now_ns();
    vsw_live_rx_put(t, true);
    assert_int_equal(ring.calls.n, 2);      /* The guest is blocked. */
    assert_int_equal(ring.calls.last, 16);
    ring.n_waiting = 1;
    vsw_live_rx_put(t, false);
    assert_int_equal(ring.n_offers, 1);
    event_base_dispatch(ring.calls.base);
    assert_int_equal(ring.calls.n, 3);
    assert_int_equal(ring.calls.last, UINT32_MAX);
    assert_true(ring.calls.last_ns - start_ns >= 300 * MS);
    vsw_live_rx_free(t);
    event_base_free(ring.calls.base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_fires_once_and_not_before_its_deadline),
        cmocka_unit_test(a_timer_armed_again_keeps_only_the_new_deadline),
        cmocka_unit_test(a_deadline_that_has_passed_fires_at_once),
        cmocka_unit_test(a_batch_is_notified_when_its_first_packet_has_waited),
        cmocka_unit_test(a_batch_that_fills_is_notified_at_once_and_only_once),
        cmocka_unit_test(a_timer_that_fires_early_is_armed_again),
        cmocka_unit_test(events_in_the_gap_share_one_late_interrupt),
        cmocka_unit_test(transmitted_packets_wait_for_the_timer),
        cmocka_unit_test(received_packets_wait_for_the_timer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
