/* What an idle CPU does, and how late it answers. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/cpuidle.h>
#include <vswsim/ring.h>

#include "rig.h"

#define MAX_LOG 64

/* States as of one machine, in nanoseconds. */
static const struct vsw_idle_state states[] = {
    {"C1", 2000, 2000},
    {"C6", 100000, 300000},
};

static struct rig rig;
static struct vsw_cpuidle cpuidle;
static struct vsw_worker worker;
static uint64_t when_ps[MAX_LOG];
static uint32_t n_log;

static void
work(void *owner, struct vsw_worker *w)
{
    (void) owner;
    assert_true(n_log < MAX_LOG);
    when_ps[n_log++] = w->unit->local_ps;
    vsw_unit_spend(w->unit, VSW_ACCOUNT_COPY, 1 * US);
}

static void
set_up(uint64_t seed, uint64_t poll_ns, uint32_t fixed_state)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 10000 * US,
        .seed = seed,
        .check = true,
    };
    const struct vsw_cpuidle_options idle = {
        .poll_ns = poll_ns,
        .fixed_state = fixed_state,
        .max_exit_latency_ns = UINT64_MAX,
    };

    n_log = 0;
    rig_init(&rig, 2, &options);
    rig_add_worker(&rig, 0, 1, &worker, work, NULL);
    vsw_cpuidle_init(&cpuidle, &rig.units[0], states, 2, &idle);
}

static void
expect_within_a_quarter(uint64_t got_ps, uint64_t mean_ps)
{
    assert_in_range(got_ps, mean_ps - mean_ps / 4, mean_ps + mean_ps / 4);
}

static void
a_wakeup_waits_for_the_exit_latency(void **state)
{
    (void) state;
    set_up(1, 0, 0);
    vsw_worker_wake(&worker, 50 * US);
    rig_run(&rig);
    expect_within_a_quarter(when_ps[0] - 50 * US, 2 * US);
    assert_int_equal(cpuidle.n_sleeps[0], 2);   /* One up to the end. */
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY), US);
    assert_int_equal(rig.units[0].idle_ps, 9999 * US);
    rig_fini(&rig);
}

static void
served(struct vsw_unit *unit, struct vsw_irq *irq)
{
    (void) irq;
    when_ps[n_log++] = unit->local_ps;
}

static void
so_does_an_interrupt_and_it_is_not_late(void **state)
{
    struct vsw_irq irq;

    (void) state;
    set_up(1, 0, 1);
    vsw_irq_init(&irq, &rig.units[0], 0, served, NULL);
    vsw_irq_send(&irq, 0, 50 * US);
    rig_run(&rig);
    expect_within_a_quarter(when_ps[0] - 50 * US, 100 * US);
    assert_int_equal(rig.units[0].lateness_max_ps, 0);
    rig_fini(&rig);
}

static void
a_busy_cpu_answers_at_once(void **state)
{
    (void) state;
    set_up(1, 0, 1);
    vsw_worker_wake(&worker, 0);
    vsw_worker_wake(&worker, 500 * NS);
    rig_run(&rig);
    assert_int_equal(when_ps[0], 0);
    assert_int_equal(when_ps[1], US);
    rig_fini(&rig);
}

static void
who_polls_before_sleeping_answers_at_once_and_is_busy(void **state)
{
    (void) state;
    set_up(1, 10000, 1);
    vsw_worker_wake(&worker, 4 * US);
    vsw_worker_wake(&worker, 14999 * NS);
    vsw_worker_wake(&worker, 500 * US);
    rig_run(&rig);
    assert_int_equal(when_ps[0], 4 * US);
    assert_int_equal(when_ps[1], 14999 * NS);
    expect_within_a_quarter(when_ps[2] - 500 * US, 100 * US);
    assert_int_equal(cpuidle.n_polled, 2);
    /* 4 and 9.999 us before the wake-ups, 10 us before each of two sleeps. */
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_POLL),
                     33999 * NS);
    rig_fini(&rig);
}

static void
short_gaps_teach_the_governor_a_light_state(void **state)
{
    (void) state;
    set_up(1, 0, VSW_IDLE_GOVERNOR_PREDICT);
    /* The ninth gap is the first with eight before it. */
    for (uint32_t i = 0; i < 8; i++) {
        vsw_worker_wake(&worker, (1 + i) * 200 * US);
    }
    rig_run(&rig);
    assert_int_equal(cpuidle.n_sleeps[1], 8);
    assert_int_equal(cpuidle.n_sleeps[0], 1);
    rig_fini(&rig);
}

static void
exits_vary_with_the_seed_and_repeat_with_it(void **state)
{
    uint64_t first_ps[4];
    uint64_t sum_ps = 0;

    (void) state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        set_up(seed % 3, 0, 1);
        vsw_worker_wake(&worker, 50 * US);
        rig_run(&rig);
        first_ps[seed] = when_ps[0];
        sum_ps += when_ps[0];
        rig_fini(&rig);
    }
    assert_int_equal(first_ps[0], first_ps[3]);
    assert_int_not_equal(first_ps[0], first_ps[1]);
    assert_int_not_equal(first_ps[0], first_ps[2]);
    assert_in_range(sum_ps / 4, 125 * US, 175 * US);
}

/* A look at how the exit is chosen must not change it. */
static void
asking_often_changes_nothing(void **state)
{
    uint64_t once_ps;

    (void) state;
    set_up(1, 0, 1);
    vsw_worker_wake(&worker, 50 * US);
    rig_run(&rig);
    once_ps = when_ps[0];
    rig_fini(&rig);
    set_up(1, 0, 1);
    vsw_worker_wake(&worker, 90 * US);
    vsw_worker_wake(&worker, 70 * US);
    vsw_worker_wake(&worker, 50 * US);
    for (int i = 0; i < 10; i++) {
        vsw_unit_reschedule(&rig.units[0]);
    }
    rig_run(&rig);
    assert_int_equal(when_ps[0], once_ps);
    rig_fini(&rig);
}

static void
states_of_a_machine_have_twice_the_latency_as_residency(void **state)
{
    struct vsw_machine machine = {
        .hw = {.n_idle_states = 1, .idle_states = {{"C1", 1500}}},
    };
    struct vsw_idle_state out[VSW_HW_MAX_IDLE_STATES];

    (void) state;
    assert_int_equal(vsw_cpuidle_states(&machine, out), 1);
    assert_string_equal(out[0].name, "C1");
    assert_int_equal(out[0].exit_latency_ns, 1500);
    assert_int_equal(out[0].target_residency_ns, 3000);
}

/* --- A poller that gives up -------------------------------------------- */

static struct vsw_ring ring;
static struct vsw_source source;

static void
give_up(void *owner, struct vsw_worker *w)
{
    (void) owner;
    when_ps[n_log++] = w->unit->local_ps;
    if (vsw_ring_visible(&ring, w->unit->sync_ps) == 0) {
        vsw_worker_stop_polling(w);
    }
}

static void
a_poller_is_called_at_its_deadline_and_may_stop(void **state)
{
    (void) state;
    set_up(1, 0, 0);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, 300 * NS);
    assert_int_equal(vsw_ring_init(&ring, 4), 0);
    source = (struct vsw_source) {
        .ring = &ring, .kind = VSW_SOURCE_FILLED, .n_needed = 1,
    };
    worker.work = give_up;
    vsw_worker_poll(&worker, &source, 1, VSW_COST_VRING_EMPTY, 0);
    worker.poll_until_ps = 5 * US;
    vsw_unit_reschedule(&rig.units[0]);
    rig_run(&rig);
    assert_int_equal(n_log, 1);
    assert_int_equal(when_ps[0], 5100 * NS);    /* Looks every 300 ns. */
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_POLL),
                     5100 * NS);
    vsw_ring_fini(&ring);
    rig_fini(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wakeup_waits_for_the_exit_latency),
        cmocka_unit_test(so_does_an_interrupt_and_it_is_not_late),
        cmocka_unit_test(a_busy_cpu_answers_at_once),
        cmocka_unit_test(
            who_polls_before_sleeping_answers_at_once_and_is_busy),
        cmocka_unit_test(short_gaps_teach_the_governor_a_light_state),
        cmocka_unit_test(exits_vary_with_the_seed_and_repeat_with_it),
        cmocka_unit_test(asking_often_changes_nothing),
        cmocka_unit_test(
            states_of_a_machine_have_twice_the_latency_as_residency),
        cmocka_unit_test(a_poller_is_called_at_its_deadline_and_may_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
