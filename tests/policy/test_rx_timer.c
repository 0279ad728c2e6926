#include "vsw_test.h"

#include <vswsim/rx_timer.h>

#include "policy/rng.h"

static const struct vsw_rx_timer_rule defaults = VSW_RX_TIMER_RULE_DEFAULT;

/* A timer that is off and has notified at 0 because the guest was blocked. */
static struct vsw_rx_timer
noted_at_0(const struct vsw_rx_timer_rule *rule)
{
    struct vsw_rx_timer t;

    vsw_rx_timer_init(&t, rule);
    vsw_rx_timer_put(&t, 1, true, 0);
    assert_int_equal(vsw_rx_timer_expire(&t, 0, 0, rule->hold_ns),
                     VSW_RX_OFF);
    return t;
}

static void
the_defaults_are_those_of_the_thesis(void **state)
{
    (void) state;
    assert_int_equal(defaults.hold_ns, 125000);
    assert_int_equal(defaults.quiet_ns, 125000);
    assert_int_equal(defaults.max_queued_pkts, 64);
    assert_int_equal(defaults.max_copies, 16);
    assert_int_equal(defaults.bound, VSW_RX_BOUND_BLOCKED);
    assert_true(defaults.quiet_leaves_on);
}

static void
exception_1_a_long_queue_notifies_and_restarts_the_timer(void **state)
{
    struct vsw_rx_timer t;
    struct vsw_rx_decision d;

    (void) state;
    vsw_rx_timer_init(&t, &defaults);
    vsw_rx_timer_put(&t, 1, false, 0);          /* On until 125000. */
    d = vsw_rx_timer_put(&t, 63, false, 1000);
    assert_int_equal(d.reason, VSW_RX_WAIT);
    d = vsw_rx_timer_put(&t, 64, false, 2000);
    assert_int_equal(d.reason, VSW_RX_LONG_QUEUE);
    assert_true(d.notify && d.arm && !d.offload);
    assert_int_equal(t.deadline_ns, 127000);
    assert_int_equal(d.max_copies, UINT32_MAX);
}

static void
exception_2_a_blocked_guest_is_notified_with_bounded_copies(void **state)
{
    struct vsw_rx_timer t;
    struct vsw_rx_decision d;

    (void) state;
    vsw_rx_timer_init(&t, &defaults);
    vsw_rx_timer_put(&t, 1, false, 0);
    d = vsw_rx_timer_put(&t, 64, true, 5000);
    assert_int_equal(d.reason, VSW_RX_BLOCKED);
    assert_true(d.notify && d.arm && !d.offload);
    assert_int_equal(d.max_copies, 16);
    assert_int_equal(t.deadline_ns, 130000);
}

static void
exception_3_after_a_quiet_time_a_packet_notifies_at_once(void **state)
{
    struct vsw_rx_timer t = noted_at_0(&defaults);
    struct vsw_rx_decision d = vsw_rx_timer_put(&t, 1, false, 125000);

    (void) state;
    assert_int_equal(d.reason, VSW_RX_QUIET);
    assert_true(d.notify && d.arm && !d.offload);
    assert_int_equal(t.deadline_ns, 250000);
    assert_int_equal(t.last_note_ns, 125000);
}

static void
exception_3_holds_before_any_notification(void **state)
{
    struct vsw_rx_timer t;

    (void) state;
    vsw_rx_timer_init(&t, &defaults);
    assert_int_equal(vsw_rx_timer_put(&t, 1, false, 0).reason, VSW_RX_QUIET);
}

static void
exception_3_needs_the_timer_off(void **state)
{
    struct vsw_rx_timer_rule rule = VSW_RX_TIMER_RULE_DEFAULT;
    struct vsw_rx_timer t;

    (void) state;
    rule.quiet_ns = 10;
    vsw_rx_timer_init(&t, &rule);
    vsw_rx_timer_put(&t, 1, false, 0);
    assert_int_equal(vsw_rx_timer_put(&t, 2, false, 1000).reason,
                     VSW_RX_WAIT);
}

static void
exception_3_may_leave_the_timer_off(void **state)
{
    struct vsw_rx_timer_rule rule = VSW_RX_TIMER_RULE_DEFAULT;
    struct vsw_rx_timer t;
    struct vsw_rx_decision d;

    (void) state;
    rule.quiet_leaves_on = false;
    vsw_rx_timer_init(&t, &rule);
    d = vsw_rx_timer_put(&t, 1, false, 0);
    assert_true(d.notify && !d.arm && !t.is_on);
    d = vsw_rx_timer_put(&t, 1, false, 1000);
    assert_true(!d.notify && d.arm && d.offload);
}

static void
else_a_packet_waits_for_the_timer_and_is_offered_to_idle_cores(void **state)
{
    struct vsw_rx_timer_rule rule = VSW_RX_TIMER_RULE_DEFAULT;
    struct vsw_rx_timer t;
    struct vsw_rx_decision d;

    (void) state;
    rule.quiet_ns = 1000000;        /* So that the timer can be off first. */
    t = noted_at_0(&rule);
    d = vsw_rx_timer_put(&t, 1, false, 130000);
    assert_true(!d.notify && d.arm && d.offload);
    assert_int_equal(t.deadline_ns, 255000);
    d = vsw_rx_timer_put(&t, 2, false, 140000);
    assert_true(!d.notify && !d.arm && d.offload);
    assert_int_equal(t.deadline_ns, 255000);
    assert_int_equal(vsw_rx_timer_expire(&t, 2, 0, 254999), VSW_RX_STALE);
    assert_int_equal(vsw_rx_timer_expire(&t, 2, 0, 255000), VSW_RX_NOTIFY);
    assert_int_equal(t.last_note_ns, 255000);
}

static void
expiry_tells_of_packets_that_an_idle_core_has_copied(void **state)
{
    struct vsw_rx_timer t;

    (void) state;
    vsw_rx_timer_init(&t, &defaults);
    vsw_rx_timer_put(&t, 1, false, 0);
    assert_int_equal(vsw_rx_timer_expire(&t, 0, 1, 125000), VSW_RX_NOTIFY);
    vsw_rx_timer_put(&t, 1, true, 125000);
    assert_int_equal(vsw_rx_timer_expire(&t, 0, 0, 250000), VSW_RX_OFF);
    assert_int_equal(vsw_rx_timer_expire(&t, 9, 9, 999999), VSW_RX_STALE);
}

static void
a_restart_makes_the_old_timer_stale(void **state)
{
    struct vsw_rx_timer t;

    (void) state;
    vsw_rx_timer_init(&t, &defaults);
    vsw_rx_timer_put(&t, 1, false, 0);
    vsw_rx_timer_put(&t, 64, false, 100000);
    assert_int_equal(vsw_rx_timer_expire(&t, 1, 0, 125000), VSW_RX_STALE);
    assert_int_equal(vsw_rx_timer_expire(&t, 1, 0, 225000), VSW_RX_NOTIFY);
}

static void
the_bound_may_hold_for_every_immediate_notification(void **state)
{
    struct vsw_rx_timer_rule rule = VSW_RX_TIMER_RULE_DEFAULT;
    struct vsw_rx_timer t;

    (void) state;
    rule.bound = VSW_RX_BOUND_IMMEDIATE;
    vsw_rx_timer_init(&t, &rule);
    assert_int_equal(vsw_rx_timer_put(&t, 1, false, 0).max_copies, 16);
    assert_int_equal(vsw_rx_timer_put(&t, 64, false, 1).max_copies, 16);
    assert_int_equal(vsw_rx_timer_put(&t, 1, true, 2).max_copies, 16);
}

/* Else the packets beyond the bound would wait for the next one to come. */
static void
a_notification_that_leaves_the_timer_off_is_not_bounded(void **state)
{
    struct vsw_rx_timer_rule rule = VSW_RX_TIMER_RULE_DEFAULT;
    struct vsw_rx_timer t;

    (void) state;
    rule.bound = VSW_RX_BOUND_IMMEDIATE;
    rule.quiet_leaves_on = false;
    vsw_rx_timer_init(&t, &rule);
    assert_int_equal(vsw_rx_timer_put(&t, 63, false, 0).max_copies,
                     UINT32_MAX);
    assert_int_equal(vsw_rx_timer_put(&t, 64, false, 1).max_copies, 16);
}

/* The receive state machine as the thesis words it. */
struct model {
    bool on;
    uint64_t timer_ns;
    bool ever_noted;
    uint64_t last_note_ns;
};

static struct vsw_rx_decision
model_put(struct model *m, const struct vsw_rx_timer_rule *rule, uint32_t n,
          bool blocked, uint64_t now_ns)
{
    struct vsw_rx_decision d
        = { VSW_RX_WAIT, false, true, false, UINT32_MAX };
    bool immediate_bound = rule->bound == VSW_RX_BOUND_IMMEDIATE;

    if (blocked) {
        d = (struct vsw_rx_decision) { VSW_RX_BLOCKED, true, false, true,
                                       rule->max_copies };
    } else if (n >= rule->max_queued_pkts) {
        d = (struct vsw_rx_decision) {
            VSW_RX_LONG_QUEUE, true, false, true,
            immediate_bound ? rule->max_copies : UINT32_MAX };
    } else if (!m->on && (!m->ever_noted || now_ns >= m->last_note_ns
                                                      + rule->quiet_ns)) {
        d = (struct vsw_rx_decision) {
            VSW_RX_QUIET, true, false, rule->quiet_leaves_on,
            immediate_bound && rule->quiet_leaves_on ? rule->max_copies
                                                     : UINT32_MAX };
    } else if (!m->on) {
        d.arm = true;
    }
    if (d.notify) {
        m->ever_noted = true;
        m->last_note_ns = now_ns;
    }
    if (d.arm) {
        m->on = true;
        m->timer_ns = now_ns + rule->hold_ns;
    }
    return d;
}

static enum vsw_rx_expiry
model_expire(struct model *m, uint32_t n_queued, uint32_t n_unseen,
             uint64_t now_ns)
{
    if (!m->on || now_ns < m->timer_ns) {
        return VSW_RX_STALE;
    }
    m->on = false;
    if (n_queued || n_unseen) {
        m->ever_noted = true;
        m->last_note_ns = now_ns;
        return VSW_RX_NOTIFY;
    }
    return VSW_RX_OFF;
}

static void
assert_same(const struct vsw_rx_decision *a, const struct vsw_rx_decision *b)
{
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->notify, b->notify);
    assert_int_equal(a->offload, b->offload);
    assert_int_equal(a->arm, b->arm);
    assert_int_equal(a->max_copies, b->max_copies);
}

static void
step_both(struct model *m, struct vsw_rx_timer *t, uint64_t *rng,
          uint64_t now_ns)
{
    uint32_t n_queued = rng_below(rng, 10);
    uint32_t n_unseen = rng_below(rng, 2);
    bool blocked = rng_below(rng, 8) == 0;

    if (rng_below(rng, 3) > 0) {
        struct vsw_rx_decision got
            = vsw_rx_timer_put(t, n_queued + 1, blocked, now_ns);
        struct vsw_rx_decision expected
            = model_put(m, t->rule, n_queued + 1, blocked, now_ns);

        assert_same(&got, &expected);
    } else {
        assert_int_equal(vsw_rx_timer_expire(t, n_queued, n_unseen, now_ns),
                         model_expire(m, n_queued, n_unseen, now_ns));
    }
    assert_int_equal(t->is_on, m->on);
    if (m->on) {
        assert_int_equal(t->deadline_ns, m->timer_ns);
    }
}

static void
random_events_equal_the_state_machine(void **state)
{
    uint64_t rng = rng_seed(5);

    (void) state;
    for (int round = 0; round < 400; round++) {
        struct vsw_rx_timer_rule rule = {
            .hold_ns = rng_below(&rng, 200),
            .quiet_ns = rng_below(&rng, 200),
            .max_queued_pkts = 1 + rng_below(&rng, 10),
            .max_copies = rng_below(&rng, 20),
            .bound = (enum vsw_rx_bound) rng_below(&rng, 2),
            .quiet_leaves_on = rng_below(&rng, 2),
        };
        struct model m = { .on = false };
        struct vsw_rx_timer t;
        uint64_t now_ns = 0;

        vsw_rx_timer_init(&t, &rule);
        for (int i = 0; i < 300; i++) {
            now_ns += rng_below(&rng, 80);
            step_both(&m, &t, &rng, now_ns);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_thesis),
        cmocka_unit_test(
            exception_1_a_long_queue_notifies_and_restarts_the_timer),
        cmocka_unit_test(
            exception_2_a_blocked_guest_is_notified_with_bounded_copies),
        cmocka_unit_test(
            exception_3_after_a_quiet_time_a_packet_notifies_at_once),
        cmocka_unit_test(exception_3_holds_before_any_notification),
        cmocka_unit_test(exception_3_needs_the_timer_off),
        cmocka_unit_test(exception_3_may_leave_the_timer_off),
        cmocka_unit_test(
            else_a_packet_waits_for_the_timer_and_is_offered_to_idle_cores),
        cmocka_unit_test(expiry_tells_of_packets_that_an_idle_core_has_copied),
        cmocka_unit_test(a_restart_makes_the_old_timer_stale),
        cmocka_unit_test(the_bound_may_hold_for_every_immediate_notification),
        cmocka_unit_test(
            a_notification_that_leaves_the_timer_off_is_not_bounded),
        cmocka_unit_test(random_events_equal_the_state_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
