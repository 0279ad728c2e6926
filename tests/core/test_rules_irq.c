/* Execution rules 7 and 8: interrupts, timers and wake-ups across units that
 * run ahead of now. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/ring.h>

#include "rig.h"
#include "vsw_random.h"

#define MAX_LOG 64

static struct rig rig;
static struct vsw_worker workers[4];
static struct vsw_irq irqs[4];
static struct vsw_timer timer;

/* What ran on unit 0, by a letter, and when it began. */
static char what[MAX_LOG + 1];
static uint64_t when_ps[MAX_LOG];
static uint32_t n_log;

static void
note(const struct vsw_unit *unit, char letter)
{
    assert_true(n_log < MAX_LOG);
    what[n_log] = letter;
    when_ps[n_log++] = unit->local_ps;
}

static void
set_up(uint32_t n_units)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 100 * US,
        .check = true,
    };

    n_log = 0;
    memset(what, 0, sizeof what);
    rig_init(&rig, n_units, &options);
}

static void
finish(const char *expected)
{
    rig_run(&rig);
    assert_string_equal(what, expected);
    rig_fini(&rig);
}

/* The handler of an interrupt whose 'aux' is a letter takes 100 ps. */
static void
handle(struct vsw_unit *unit, struct vsw_irq *irq)
{
    note(unit, *(const char *) irq->aux);
    vsw_unit_spend(unit, VSW_ACCOUNT_VM_EXIT, 100);
}

static void
init_irq(uint32_t i, const char *letter)
{
    vsw_irq_init(&irqs[i], &rig.units[0], 0, handle,
                 (void *) (uintptr_t) letter);
}

/* A worker whose owner says how long a call takes. */
static void
work(void *owner, struct vsw_worker *worker)
{
    note(worker->unit, 'w');
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY,
                   *(const uint64_t *) owner);
}

/* --- Rule 7: interrupts -------------------------------------------------- */

static void
interrupts_are_served_in_order_of_arrival(void **state)
{
    (void) state;
    set_up(1);
    init_irq(0, "a");
    init_irq(1, "b");
    init_irq(2, "c");
    vsw_irq_send(&irqs[0], 0, 3000);
    vsw_irq_send(&irqs[1], 10, 2000);
    vsw_irq_send(&irqs[2], 20, 2000);
    finish("bca");
    assert_int_equal(when_ps[0], 2000);
    assert_int_equal(when_ps[1], 2100);
    assert_int_equal(when_ps[2], 3000);
}

static void
an_interrupt_waits_for_the_first_call_boundary(void **state)
{
    uint64_t spend_ps = 500;

    (void) state;
    set_up(1);
    rig_add_worker(&rig, 0, 1, &workers[0], work, &spend_ps);
    rig_add_worker(&rig, 0, 1, &workers[1], work, &spend_ps);
    init_irq(0, "a");
    vsw_worker_wake(&workers[0], 1000);
    vsw_worker_wake(&workers[1], 1000);
    vsw_irq_send(&irqs[0], 0, 1200);
    rig_run(&rig);
    assert_string_equal(what, "waw");
    assert_int_equal(when_ps[1], 1500);
    assert_int_equal(when_ps[2], 1600);
    assert_int_equal(rig.units[0].lateness_max_ps, 300);
    rig_fini(&rig);
}

static void
an_interrupt_runs_before_any_worker_of_its_time(void **state)
{
    uint64_t spend_ps = 500;

    (void) state;
    set_up(1);
    rig_add_worker(&rig, 0, 1, &workers[0], work, &spend_ps);
    init_irq(0, "a");
    vsw_worker_wake(&workers[0], 1000);
    vsw_irq_send(&irqs[0], 0, 1000);
    finish("aw");
}

static void
work_in_steps(void *owner, struct vsw_worker *worker)
{
    uint32_t *n_left = owner;

    note(worker->unit, 'w');
    for (; *n_left > 0; (*n_left)--) {
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, 100);
    }
}

/* Ten steps from 1000 on; the interrupt of 1250 waits for the third. */
static void
a_long_call_pauses_for_an_interrupt_and_goes_on(void **state)
{
    uint32_t n_left = 10;

    (void) state;
    set_up(1);
    rig_add_worker(&rig, 0, 1, &workers[0], work_in_steps, &n_left);
    init_irq(0, "a");
    vsw_worker_wake(&workers[0], 1000);
    vsw_irq_send(&irqs[0], 0, 1250);
    rig_run(&rig);
    assert_string_equal(what, "waw");
    assert_int_equal(when_ps[1], 1300);
    assert_int_equal(when_ps[2], 1400);
    assert_int_equal(rig.units[0].local_ps, 100 * US);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY), 1000);
    rig_fini(&rig);
}

static void
what_is_sent_while_one_is_on_its_way_merges(void **state)
{
    (void) state;
    set_up(1);
    init_irq(0, "a");
    assert_true(vsw_irq_send(&irqs[0], 0, 1000));
    assert_false(vsw_irq_send(&irqs[0], 500, 1500));
    assert_false(vsw_irq_send(&irqs[0], 999, 1999));
    finish("a");
    assert_int_equal(when_ps[0], 1000);
}

/* The senders' calls need not come in the order of their sends: what was sent
 * first decides when the merged interrupt arrives. */
static void
a_merged_interrupt_arrives_as_early_as_any_of_them(void **state)
{
    (void) state;
    set_up(1);
    init_irq(0, "a");
    init_irq(1, "b");
    vsw_irq_send(&irqs[1], 0, 1200);
    assert_true(vsw_irq_send(&irqs[0], 500, 1500));
    assert_false(vsw_irq_send(&irqs[0], 100, 1100));
    finish("ab");
    assert_int_equal(when_ps[0], 1100);
}

/* The unit is busy from 1000 to 3000 and cannot serve what arrived at 1500;
 * what is sent at 1600 is another interrupt, what is sent at 1700 is not. */
static void
what_is_sent_after_the_arrival_but_before_the_service_does_not(void **state)
{
    uint64_t spend_ps = 2000;

    (void) state;
    set_up(1);
    rig_add_worker(&rig, 0, 1, &workers[0], work, &spend_ps);
    init_irq(0, "a");
    vsw_worker_wake(&workers[0], 1000);
    assert_true(vsw_irq_send(&irqs[0], 0, 1500));
    assert_true(vsw_irq_send(&irqs[0], 1600, 4600));
    assert_false(vsw_irq_send(&irqs[0], 1700, 4700));
    finish("waa");
    assert_int_equal(when_ps[1], 3000);
    assert_int_equal(when_ps[2], 4600);
}

static void
send_at_start(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, 400);
    vsw_irq_send(owner, unit->local_ps, unit->local_ps + 700);
}

/* Rule 7 with a sender that runs ahead: sent at its local time. */
static void
an_interrupt_arrives_a_latency_after_the_senders_local_time(void **state)
{
    (void) state;
    set_up(2);
    init_irq(0, "a");
    rig_add_worker(&rig, 1, 1, &workers[0], send_at_start, &irqs[0]);
    vsw_worker_wake(&workers[0], 1000);
    finish("a");
    assert_int_equal(when_ps[0], 1000 + 400 + 700);
}

/* --- Rule 7: wake-ups ---------------------------------------------------- */

static struct vsw_ring ring;
static uint32_t n_served;

/* Serves what it sees, 50 ps each, and blocks. */
static void
serve_ring(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    uint32_t n = vsw_ring_visible(&ring, unit->sync_ps);

    (void) owner;
    note(unit, 's');
    for (; n > 0; n--) {
        uint32_t slot;
        uint32_t n_slots;

        assert_int_equal(vsw_ring_pop(&ring, &slot, &n_slots), n_served);
        n_served++;
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, 50);
    }
    vsw_ring_free(&ring, unit->local_ps);
}

/* Publishes one packet after each of the gaps and wakes the other side every
 * time, all in one call that runs ahead. */
static void
publish_and_wake(void *owner, struct vsw_worker *worker)
{
    const uint64_t *gap_ps = owner;
    struct vsw_unit *unit = worker->unit;

    for (uint32_t i = 0; gap_ps[i] > 0; i++) {
        vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER, gap_ps[i]);
        vsw_ring_fill(&ring, i, 1);
        vsw_ring_publish(&ring, unit->local_ps);
        vsw_worker_wake(&workers[0], unit->local_ps);
    }
}

static void
set_up_wakes(uint64_t *gaps_ps)
{
    set_up(2);
    n_served = 0;
    assert_int_equal(vsw_ring_init(&ring, 64), 0);
    rig_add_worker(&rig, 0, 1, &workers[0], serve_ring, NULL);
    rig_add_worker(&rig, 1, 1, &workers[1], publish_and_wake, gaps_ps);
    vsw_worker_wake(&workers[1], 1000);
}

/* At 1100 the worker sees one packet; it blocks before the others come. */
static void
a_wake_up_stamped_after_the_call_it_precedes_is_not_lost(void **state)
{
    uint64_t gaps_ps[] = {100, 500, 300, 0};

    (void) state;
    set_up_wakes(gaps_ps);
    finish("sss");
    assert_int_equal(n_served, 3);
    assert_int_equal(when_ps[0], 1100);
    assert_int_equal(when_ps[1], 1600);
    assert_int_equal(when_ps[2], 1900);
    vsw_ring_fini(&ring);
}

/* The second comes while the first is served, the third too. */
static void
wake_ups_during_a_call_are_served_by_one_more(void **state)
{
    uint64_t gaps_ps[] = {100, 20, 20, 0};

    (void) state;
    set_up_wakes(gaps_ps);
    finish("ss");
    assert_int_equal(n_served, 3);
    assert_int_equal(when_ps[1], 1150);
    vsw_ring_fini(&ring);
}

/* However many they are, and however the calls fall. */
static void
no_packet_is_left_behind_by_any_pattern_of_wake_ups(void **state)
{
    struct rnd rnd = rnd_from_environment("wake-ups", 21);

    (void) state;
    for (int i = 0; i < 500; i++) {
        uint64_t gaps_ps[50] = {0};
        uint32_t n = 1 + rnd_below(&rnd, 49);

        for (uint32_t j = 0; j < n; j++) {
            gaps_ps[j] = 1 + rnd_below(&rnd, 1 + rnd_below(&rnd, 300));
        }
        set_up_wakes(gaps_ps);
        rig_run(&rig);
        assert_int_equal(n_served, n);
        vsw_ring_fini(&ring);
        rig_fini(&rig);
    }
}

static uint64_t pieces_ps;

static void
work_twice(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    note(worker->unit, 'w');
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, 100);
    pieces_ps += 100;
    if (pieces_ps == 100) {
        vsw_worker_go_on(worker);
    }
}

/* The worker goes on at 1100, and is woken for 1500 meanwhile. */
static void
a_wake_up_during_an_unfinished_call_is_not_lost(void **state)
{
    (void) state;
    set_up(1);
    pieces_ps = 0;
    rig_add_worker(&rig, 0, 1, &workers[0], work_twice, NULL);
    vsw_worker_wake(&workers[0], 1000);
    vsw_engine_run(&rig.sim.engine, 1050, UINT64_MAX);
    vsw_worker_wake(&workers[0], 1500);
    finish("www");
    assert_int_equal(when_ps[1], 1100);
    assert_int_equal(when_ps[2], 1500);
}

/* --- Rule 8: timers ------------------------------------------------------ */

static void
expire(struct vsw_unit *unit, struct vsw_timer *t)
{
    assert_ptr_equal(t, &timer);
    note(unit, 't');
    vsw_unit_spend(unit, VSW_ACCOUNT_VM_EXIT, 10);
}

/* One call from 1000 to 3000 that restarts or stops the timer at 'at_ps'. */
struct timer_work {
    uint64_t at_ps;
    uint64_t deadline_ps;       /* 0: stop. */
};

static void
touch_timer(void *owner, struct vsw_worker *worker)
{
    const struct timer_work *w = owner;
    struct vsw_unit *unit = worker->unit;

    note(unit, 'w');
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, w->at_ps - unit->local_ps);
    if (w->deadline_ps) {
        vsw_timer_restart(&timer, w->deadline_ps);
    } else {
        vsw_timer_stop(&timer);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, 3000 - unit->local_ps);
}

/* With a first deadline at 2000. */
static void
run_timer(uint64_t at_ps, uint64_t deadline_ps, const char *expected)
{
    struct timer_work w = {at_ps, deadline_ps};

    set_up(1);
    vsw_timer_init(&timer, &rig.units[0], 0, expire, NULL);
    rig_add_worker(&rig, 0, 1, &workers[0], touch_timer, &w);
    vsw_worker_wake(&workers[0], 1000);
    vsw_timer_restart(&timer, 2000);
    finish(expected);
}

static void
a_timer_that_came_due_while_its_unit_ran_ahead_is_served_next(void **state)
{
    (void) state;
    run_timer(2500, 9000, "wtt");
    assert_int_equal(when_ps[1], 3000);
    assert_int_equal(when_ps[2], 9000);
}

static void
a_restart_before_the_deadline_takes_it_back(void **state)
{
    (void) state;
    run_timer(1999, 9000, "wt");
    assert_int_equal(when_ps[1], 9000);
    run_timer(1500, 1800, "wt");
    assert_int_equal(when_ps[1], 3000);
}

static void
a_restart_at_the_deadline_is_too_late(void **state)
{
    (void) state;
    run_timer(2000, 9000, "wtt");
}

static void
a_stop_before_the_deadline_takes_it_back_and_one_after_does_not(void **state)
{
    (void) state;
    run_timer(1999, 0, "w");
    run_timer(2000, 0, "wt");
}

static void
restart_itself(struct vsw_unit *unit, struct vsw_timer *t)
{
    note(unit, 't');
    vsw_unit_spend(unit, VSW_ACCOUNT_VM_EXIT, 10);
    if (n_log < 4) {
        vsw_timer_restart(t, unit->local_ps + 490);
    }
}

static void
a_timer_can_restart_itself_when_it_expires(void **state)
{
    (void) state;
    set_up(1);
    vsw_timer_init(&timer, &rig.units[0], 0, restart_itself, NULL);
    vsw_timer_restart(&timer, 1000);
    finish("tttt");
    assert_int_equal(when_ps[3], 2500);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupts_are_served_in_order_of_arrival),
        cmocka_unit_test(an_interrupt_waits_for_the_first_call_boundary),
        cmocka_unit_test(an_interrupt_runs_before_any_worker_of_its_time),
        cmocka_unit_test(a_long_call_pauses_for_an_interrupt_and_goes_on),
        cmocka_unit_test(what_is_sent_while_one_is_on_its_way_merges),
        cmocka_unit_test(a_merged_interrupt_arrives_as_early_as_any_of_them),
        cmocka_unit_test(
            what_is_sent_after_the_arrival_but_before_the_service_does_not),
        cmocka_unit_test(
            an_interrupt_arrives_a_latency_after_the_senders_local_time),
        cmocka_unit_test(
            a_wake_up_stamped_after_the_call_it_precedes_is_not_lost),
        cmocka_unit_test(wake_ups_during_a_call_are_served_by_one_more),
        cmocka_unit_test(no_packet_is_left_behind_by_any_pattern_of_wake_ups),
        cmocka_unit_test(a_wake_up_during_an_unfinished_call_is_not_lost),
        cmocka_unit_test(
            a_timer_that_came_due_while_its_unit_ran_ahead_is_served_next),
        cmocka_unit_test(a_restart_before_the_deadline_takes_it_back),
        cmocka_unit_test(a_restart_at_the_deadline_is_too_late),
        cmocka_unit_test(
            a_stop_before_the_deadline_takes_it_back_and_one_after_does_not),
        cmocka_unit_test(a_timer_can_restart_itself_when_it_expires),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
