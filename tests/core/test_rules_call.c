/* Execution rules 1, 2 and 11: order of calls, local time, ends; and that the
 * checks of the ledger and of the rules can fail. */
#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include "rig.h"

#define MAX_LOG 64

static struct rig rig;
static struct vsw_worker workers[RIG_MAX_UNITS];

/* Calls as they ran: whose, and when. */
static struct {
    const struct vsw_worker *worker;
    uint64_t sync_ps;
} calls[MAX_LOG];
static uint32_t n_calls;

static void
note_call(void *owner, struct vsw_worker *worker)
{
    const uint64_t *spend_ps = owner;

    assert_true(n_calls < MAX_LOG);
    calls[n_calls].worker = worker;
    calls[n_calls].sync_ps = worker->unit->sync_ps;
    n_calls++;
    assert_int_equal(worker->unit->local_ps, worker->unit->sync_ps);
    if (spend_ps) {
        vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, *spend_ps);
    }
}

static void
set_up_ties(uint32_t n_units, bool reverse_ties)
{
    struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 10 * US,
        .check = true,
        .reverse_ties = reverse_ties,
    };

    n_calls = 0;
    rig_init(&rig, n_units, &options);
}

static void
set_up(uint32_t n_units)
{
    set_up_ties(n_units, false);
}

static void
assert_called(uint32_t i, const struct vsw_worker *worker, uint64_t sync_ps)
{
    assert_true(i < n_calls);
    assert_ptr_equal(calls[i].worker, worker);
    assert_int_equal(calls[i].sync_ps, sync_ps);
}

/* --- Rule 1 -------------------------------------------------------------- */

static void
the_earliest_call_runs_first_then_priority_then_unit(void **state)
{
    static const struct {
        uint32_t priority;
        uint64_t at_ps;
    } made[] = {{9, 100}, {2, 200}, {2, 100}, {2, 100}, {254, 50}};
    static const uint32_t order[] = {4, 2, 3, 0, 1};

    (void) state;
    set_up(VSW_N_ELEMS(made));
    for (uint32_t i = 0; i < VSW_N_ELEMS(made); i++) {
        rig_add_worker(&rig, i, made[i].priority, &workers[i], note_call,
                       NULL);
        vsw_worker_wake(&workers[i], made[i].at_ps);
    }
    rig_run(&rig);
    assert_int_equal(n_calls, VSW_N_ELEMS(order));
    for (uint32_t i = 0; i < n_calls; i++) {
        assert_called(i, &workers[order[i]], made[order[i]].at_ps);
    }
    rig_fini(&rig);
}

static void
reversed_ties_run_the_higher_unit_first(void **state)
{
    (void) state;
    set_up_ties(3, true);
    for (uint32_t i = 0; i < 3; i++) {
        rig_add_worker(&rig, i, i == 0 ? 1 : 2, &workers[i], note_call,
                       NULL);
        vsw_worker_wake(&workers[i], 100);
    }
    rig_run(&rig);
    assert_called(0, &workers[0], 100);
    assert_called(1, &workers[2], 100);
    assert_called(2, &workers[1], 100);
    rig_fini(&rig);
}

/* A unit whose call is set for a time must move up in that time's order when
 * something more urgent becomes ready for the same time. */
static void
a_more_urgent_worker_raises_its_unit_within_the_same_time(void **state)
{
    (void) state;
    set_up(2);
    rig_add_worker(&rig, 0, 5, &workers[0], note_call, NULL);
    rig_add_worker(&rig, 1, 9, &workers[1], note_call, NULL);
    rig_add_worker(&rig, 1, 1, &workers[2], note_call, NULL);
    vsw_worker_wake(&workers[0], 100);
    vsw_worker_wake(&workers[1], 100);
    vsw_worker_wake(&workers[2], 100);
    rig_run(&rig);
    assert_called(0, &workers[2], 100);
    assert_called(1, &workers[0], 100);
    assert_called(2, &workers[1], 100);
    rig_fini(&rig);
}

static void
workers_of_a_unit_run_by_priority(void **state)
{
    static const uint32_t priorities[] = {7, 1, 254, 3};
    static const uint32_t order[] = {1, 3, 0, 2};

    (void) state;
    set_up(1);
    for (uint32_t i = 0; i < VSW_N_ELEMS(priorities); i++) {
        rig_add_worker(&rig, 0, priorities[i], &workers[i], note_call, NULL);
        vsw_worker_wake(&workers[i], 100);
    }
    rig_run(&rig);
    for (uint32_t i = 0; i < VSW_N_ELEMS(order); i++) {
        assert_called(i, &workers[order[i]], 100);
    }
    rig_fini(&rig);
}

/* --- Rule 2 -------------------------------------------------------------- */

static void
a_call_waits_for_the_units_local_time(void **state)
{
    uint64_t spend_ps = 700;

    (void) state;
    set_up(2);
    for (uint32_t i = 0; i < 3; i++) {
        rig_add_worker(&rig, i == 2, 1 + i, &workers[i], note_call,
                       &spend_ps);
    }
    vsw_worker_wake(&workers[0], 100);
    vsw_worker_wake(&workers[1], 200);
    vsw_worker_wake(&workers[2], 300);
    rig_run(&rig);
    assert_called(0, &workers[0], 100);
    assert_called(1, &workers[2], 300);
    assert_called(2, &workers[1], 800);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY), 1400);
    assert_int_equal(rig.units[0].idle_ps, 10 * US - 1400);
    rig_fini(&rig);
}

static void
charge_thrice(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    (void) owner;
    vsw_unit_charge(unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_BYTE, 64);
    vsw_unit_charge(unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_BYTE, 0);
    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_PKT, 2);
    assert_int_equal(unit->local_ps, 1000 + 70 + 200);
}

/* 1.1 ps a byte: 64 bytes take 70.4 ps, which is rounded once. */
static void
charges_advance_local_time_and_are_rounded_once(void **state)
{
    (void) state;
    set_up(1);
    rig.sim.costs[VSW_COST_COPY_BYTE]
        = (11 << VSW_COST_FRACTION_BITS) / 10;
    rig_set_cost(&rig, VSW_COST_GUEST_PKT, 100);
    rig_add_worker(&rig, 0, 1, &workers[0], charge_thrice, NULL);
    vsw_worker_wake(&workers[0], 1000);
    rig_run(&rig);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY), 70);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_DRIVER), 200);
    rig_fini(&rig);
}

/* --- Rule 11 ------------------------------------------------------------- */

static void
warm_up_and_end_cut_each_charge(void **state)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .warmup_ps = 1000,
        .duration_ps = 3000,
        .check = true,
    };
    uint64_t spend_ps = 500;

    (void) state;
    n_calls = 0;
    rig_init(&rig, 1, &options);
    for (uint32_t i = 0; i < 3; i++) {
        rig_add_worker(&rig, 0, 1 + i, &workers[i], note_call, &spend_ps);
    }
    vsw_worker_wake(&workers[0], 800);      /* 300 of it are measured. */
    vsw_worker_wake(&workers[1], 1500);     /* All of it. */
    vsw_worker_wake(&workers[2], 2900);     /* 100 of it. */
    rig_run(&rig);
    assert_int_equal(n_calls, 3);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY),
                     300 + 500 + 100);
    assert_int_equal(rig.units[0].idle_ps, 2000 - 900);
    rig_fini(&rig);
}

static void
spend_in_pieces(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    for (int i = 0; i < 4; i++) {
        vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, 400);
    }
}

/* Pieces begin at 2100, 2500, 2900 and 3300: the last is after the end. */
static void
charges_that_begin_outside_the_window_are_not_counted(void **state)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .warmup_ps = 2300,
        .duration_ps = 3000,
    };

    (void) state;
    rig_init(&rig, 1, &options);
    rig_add_worker(&rig, 0, 1, &workers[0], spend_in_pieces, NULL);
    vsw_worker_wake(&workers[0], 2100);
    rig_run(&rig);
    assert_int_equal(rig_n_charges(&rig.units[0], VSW_ACCOUNT_COPY), 2);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY), 700);
    rig_fini(&rig);
}

/* --- The checks can fail ------------------------------------------------- */

static void
finish_with(const char *expected)
{
    struct vsw_error err = {0};

    vsw_engine_run(&rig.sim.engine, rig.sim.window_end_ps, UINT64_MAX);
    assert_int_equal(vsw_sim_finish(&rig.sim, &err), -EPROTO);
    assert_non_null(strstr(err.text, expected));
    rig_fini(&rig);
}

static void
a_charge_that_is_tampered_with_breaks_the_ledger(void **state)
{
    uint64_t spend_ps = 500;

    (void) state;
    for (int by = -1; by <= 1; by += 2) {
        set_up(1);
        rig.sim.check = false;
        rig_add_worker(&rig, 0, 1, &workers[0], note_call, &spend_ps);
        vsw_worker_wake(&workers[0], 100);
        vsw_engine_run(&rig.sim.engine, rig.sim.window_end_ps, UINT64_MAX);
        rig.units[0].rows[VSW_ACCOUNT_COPY].busy_ps += (uint64_t) by;
        finish_with("ledger of cpu does not balance");
    }
}

static void
skip_time(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    if (worker->unit->sync_ps == 100) {
        worker->unit->local_ps += 5;        /* Booked nowhere ... */
        vsw_worker_wake(worker, 400);
    } else {
        worker->unit->idle_ps += 5;         /* ... until later. */
    }
}

/* The error cancels out before the end, so that only --check can see it. */
static void
check_reports_a_ledger_that_is_wrong_after_any_call(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    for (int check = 0; check < 2; check++) {
        set_up(1);
        rig.sim.check = check;
        rig_add_worker(&rig, 0, 1, &workers[0], skip_time, NULL);
        vsw_worker_wake(&workers[0], 100);
        if (check) {
            finish_with("a rule of execution is broken: busy and idle");
        } else {
            vsw_engine_run(&rig.sim.engine, rig.sim.window_end_ps,
                           UINT64_MAX);
            assert_int_equal(vsw_sim_finish(&rig.sim, &err), 0);
            rig_fini(&rig);
        }
    }
}

static void
run_ahead_of_the_next_call(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    worker->unit->local_ps += 900;
    worker->unit->idle_ps += 900;
    vsw_engine_schedule(&rig.sim.engine, &rig.units[1].call, 200, 1);
}

static void
handle_nothing(struct vsw_unit *unit, struct vsw_irq *irq)
{
    (void) unit, (void) irq;
}

static void
check_reports_a_call_that_starts_before_local_time(void **state)
{
    struct vsw_irq irq;

    (void) state;
    set_up(2);
    rig_add_worker(&rig, 0, 1, &workers[0], run_ahead_of_the_next_call,
                   NULL);
    vsw_worker_wake(&workers[0], 100);
    vsw_irq_init(&irq, &rig.units[1], 0, handle_nothing, NULL);
    vsw_irq_send(&irq, 0, 150);
    rig.units[1].local_ps = 500;
    rig.units[1].idle_ps = 500;
    finish_with("a call starts at the unit's local time");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_call_runs_first_then_priority_then_unit),
        cmocka_unit_test(reversed_ties_run_the_higher_unit_first),
        cmocka_unit_test(
            a_more_urgent_worker_raises_its_unit_within_the_same_time),
        cmocka_unit_test(workers_of_a_unit_run_by_priority),
        cmocka_unit_test(a_call_waits_for_the_units_local_time),
        cmocka_unit_test(charges_advance_local_time_and_are_rounded_once),
        cmocka_unit_test(warm_up_and_end_cut_each_charge),
        cmocka_unit_test(
            charges_that_begin_outside_the_window_are_not_counted),
        cmocka_unit_test(a_charge_that_is_tampered_with_breaks_the_ledger),
        cmocka_unit_test(
            check_reports_a_ledger_that_is_wrong_after_any_call),
        cmocka_unit_test(check_reports_a_call_that_starts_before_local_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
