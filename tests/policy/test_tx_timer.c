#include "vsw_test.h"

#include <vswsim/tx_timer.h>

#include "policy/rng.h"

static const struct vsw_tx_timer_rule defaults = VSW_TX_TIMER_RULE_DEFAULT;

static struct vsw_tx_timer
started_at(const struct vsw_tx_timer_rule *rule, uint64_t now_ns)
{
    struct vsw_tx_timer t;

    vsw_tx_timer_init(&t, rule);
    assert_int_equal(vsw_tx_timer_start(&t, now_ns),
                     now_ns + rule->hold_ns);
    return t;
}

static void
the_defaults_are_those_of_the_thesis(void **state)
{
    (void) state;
    assert_int_equal(defaults.hold_ns, 125000);
    assert_int_equal(defaults.max_pending_pkts, 64);
    assert_int_equal(defaults.late, VSW_TX_LATE_WAIT);
    assert_int_equal(defaults.empty, VSW_TX_EMPTY_OFF);
}

static void
the_first_packet_enters_the_hypervisor(void **state)
{
    struct vsw_tx_timer t;

    (void) state;
    vsw_tx_timer_init(&t, &defaults);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_ENTER);
    /* Asking changes nothing: the timer starts just before switching. */
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_ENTER);
    assert_int_equal(vsw_tx_timer_start(&t, 1000), 126000);
}

static void
while_on_packets_stay_in_the_ring_up_to_the_threshold(void **state)
{
    struct vsw_tx_timer t = started_at(&defaults, 0);

    (void) state;
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_LEAVE);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 63), VSW_TX_LEAVE);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 64), VSW_TX_ENTER);
    vsw_tx_timer_start(&t, 50000);
    assert_true(t.is_on);
    assert_int_equal(t.deadline_ns, 175000);
}

static void
expiry_switches_what_is_pending_and_goes_off(void **state)
{
    struct vsw_tx_timer t = started_at(&defaults, 0);

    (void) state;
    assert_int_equal(vsw_tx_timer_expire(&t, 3, false, 124999),
                     VSW_TX_STALE);
    assert_int_equal(vsw_tx_timer_expire(&t, 3, false, 125000),
                     VSW_TX_SWITCH);
    assert_int_equal(vsw_tx_timer_expire(&t, 3, false, 250000),
                     VSW_TX_STALE);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_ENTER);
}

static void
a_restart_makes_the_old_timer_stale(void **state)
{
    struct vsw_tx_timer t = started_at(&defaults, 0);

    (void) state;
    vsw_tx_timer_start(&t, 100000);
    assert_int_equal(vsw_tx_timer_expire(&t, 5, false, 125000),
                     VSW_TX_STALE);
    assert_int_equal(vsw_tx_timer_expire(&t, 5, false, 225000),
                     VSW_TX_SWITCH);
}

static void
with_nothing_pending_it_just_goes_off(void **state)
{
    struct vsw_tx_timer t = started_at(&defaults, 0);

    (void) state;
    assert_int_equal(vsw_tx_timer_expire(&t, 0, false, 125000), VSW_TX_OFF);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_ENTER);
}

static void
with_nothing_pending_it_may_run_on_instead(void **state)
{
    struct vsw_tx_timer_rule rule = VSW_TX_TIMER_RULE_DEFAULT;
    struct vsw_tx_timer t;

    (void) state;
    rule.empty = VSW_TX_EMPTY_RESTART;
    t = started_at(&rule, 0);
    assert_int_equal(vsw_tx_timer_expire(&t, 0, false, 125000),
                     VSW_TX_RESTART);
    assert_int_equal(t.deadline_ns, 250000);
    assert_int_equal(vsw_tx_timer_enqueue(&t, 1), VSW_TX_LEAVE);
    assert_int_equal(vsw_tx_timer_expire(&t, 1, false, 250000),
                     VSW_TX_SWITCH);
}

static void
while_another_guest_runs_expiry_waits_for_the_sender(void **state)
{
    struct vsw_tx_timer t = started_at(&defaults, 0);

    (void) state;
    assert_int_equal(vsw_tx_timer_sender_runs(&t, 2, 1000), VSW_TX_STALE);
    assert_int_equal(vsw_tx_timer_expire(&t, 2, true, 125000), VSW_TX_WAIT);
    assert_int_equal(vsw_tx_timer_expire(&t, 2, false, 126000),
                     VSW_TX_STALE);
    assert_int_equal(vsw_tx_timer_sender_runs(&t, 2, 900000),
                     VSW_TX_SWITCH);
    assert_int_equal(vsw_tx_timer_sender_runs(&t, 2, 900000), VSW_TX_STALE);
}

static void
expiry_may_be_served_at_another_guests_expense_instead(void **state)
{
    struct vsw_tx_timer_rule rule = VSW_TX_TIMER_RULE_DEFAULT;
    struct vsw_tx_timer t;

    (void) state;
    rule.late = VSW_TX_LATE_AT_ONCE;
    t = started_at(&rule, 0);
    assert_int_equal(vsw_tx_timer_expire(&t, 2, true, 125000),
                     VSW_TX_SWITCH);
}

/* A transmit ring under the state machine as the thesis words it, against
 * the object: enqueues, idle cores, timers that fire early, late or twice,
 * and other guests, in random order. */
struct model {
    enum { OFF, ON } state;
    uint64_t timer_ns;
    bool served_when_sender_runs;
    uint32_t n_pending;
};

static void
enqueue_both(struct model *m, struct vsw_tx_timer *t, uint64_t now_ns)
{
    bool enters;

    m->n_pending++;
    enters = m->state == OFF || m->n_pending >= t->rule->max_pending_pkts;
    assert_int_equal(vsw_tx_timer_enqueue(t, m->n_pending),
                     enters ? VSW_TX_ENTER : VSW_TX_LEAVE);
    if (enters) {
        m->state = ON;
        m->timer_ns = now_ns + t->rule->hold_ns;
        m->served_when_sender_runs = false;
        m->n_pending = 0;
        assert_int_equal(vsw_tx_timer_start(t, now_ns), m->timer_ns);
    }
}

static enum vsw_tx_expiry
model_serve(struct model *m, const struct vsw_tx_timer_rule *rule,
            uint64_t now_ns)
{
    uint32_t n = m->n_pending;

    m->served_when_sender_runs = false;
    m->n_pending = 0;
    m->state = OFF;
    if (n == 0 && rule->empty == VSW_TX_EMPTY_RESTART) {
        m->state = ON;
        m->timer_ns = now_ns + rule->hold_ns;
        return VSW_TX_RESTART;
    }
    return n ? VSW_TX_SWITCH : VSW_TX_OFF;
}

static void
expire_both(struct model *m, struct vsw_tx_timer *t, bool other,
            uint64_t now_ns)
{
    uint32_t n = m->n_pending;
    enum vsw_tx_expiry expected = VSW_TX_STALE;

    if (m->state == ON && !m->served_when_sender_runs
        && now_ns >= m->timer_ns) {
        if (other && t->rule->late == VSW_TX_LATE_WAIT) {
            m->served_when_sender_runs = true;
            expected = VSW_TX_WAIT;
        } else {
            expected = model_serve(m, t->rule, now_ns);
        }
    }
    assert_int_equal(vsw_tx_timer_expire(t, n, other, now_ns), expected);
}

static void
run_both(struct model *m, struct vsw_tx_timer *t, uint64_t now_ns)
{
    uint32_t n = m->n_pending;
    enum vsw_tx_expiry expected = VSW_TX_STALE;

    if (m->served_when_sender_runs) {
        expected = model_serve(m, t->rule, now_ns);
    }
    assert_int_equal(vsw_tx_timer_sender_runs(t, n, now_ns), expected);
}

static void
random_events_equal_the_state_machine(void **state)
{
    uint64_t rng = rng_seed(3);

    (void) state;
    for (int round = 0; round < 400; round++) {
        struct vsw_tx_timer_rule rule = {
            .hold_ns = rng_below(&rng, 200),
            .max_pending_pkts = 1 + rng_below(&rng, 8),
            .late = (enum vsw_tx_late) rng_below(&rng, 2),
            .empty = (enum vsw_tx_empty) rng_below(&rng, 2),
        };
        struct model m = { .state = OFF };
        struct vsw_tx_timer t;
        uint64_t now_ns = 0;

        vsw_tx_timer_init(&t, &rule);
        for (int i = 0; i < 300; i++) {
            now_ns += rng_below(&rng, 50);
            switch (rng_below(&rng, 5)) {
            case 0:
            case 1:
                enqueue_both(&m, &t, now_ns);
                break;
            case 2:
                expire_both(&m, &t, rng_below(&rng, 2), now_ns);
                break;
            case 3:
                run_both(&m, &t, now_ns);
                break;
            default:                        /* An idle core takes some. */
                m.n_pending -= rng_below(&rng, m.n_pending + 1);
            }
            assert_int_equal(t.is_on, m.state == ON);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_thesis),
        cmocka_unit_test(the_first_packet_enters_the_hypervisor),
        cmocka_unit_test(
            while_on_packets_stay_in_the_ring_up_to_the_threshold),
        cmocka_unit_test(expiry_switches_what_is_pending_and_goes_off),
        cmocka_unit_test(a_restart_makes_the_old_timer_stale),
        cmocka_unit_test(with_nothing_pending_it_just_goes_off),
        cmocka_unit_test(with_nothing_pending_it_may_run_on_instead),
        cmocka_unit_test(while_another_guest_runs_expiry_waits_for_the_sender),
        cmocka_unit_test(
            expiry_may_be_served_at_another_guests_expense_instead),
        cmocka_unit_test(random_events_equal_the_state_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
