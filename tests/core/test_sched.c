/* Tasks that share a CPU: who runs, when, and what the switches cost. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/ring.h>
#include <vswsim/sched.h>

#include "rig.h"
#include "vsw_random.h"

#define MAX_LOG      256
#define SLICE_PS     (10 * US)
#define THREAD_PS    (1500 * NS)
#define DOMAIN_PS    (2300 * NS)
#define N_TASKS      4

static struct rig rig;
static struct vsw_sched sched;
static struct vsw_task tasks[N_TASKS];
static struct vsw_worker workers[N_TASKS];

/* How much work each worker has left, in steps of 1 us. */
static uint64_t left_ps[N_TASKS];
static uint64_t done_ps[N_TASKS];

static char what[MAX_LOG + 1];
static uint64_t when_ps[MAX_LOG];
static uint32_t n_log;

/* Notes which worker runs when it is another than before. */
static void
note(const struct vsw_worker *worker)
{
    char letter = (char) ('a' + worker->index);

    if (n_log == 0 || what[n_log - 1] != letter) {
        assert_true(n_log < MAX_LOG);
        what[n_log] = letter;
        when_ps[n_log++] = worker->unit->local_ps;
    }
}

static void
work(void *owner, struct vsw_worker *worker)
{
    uint32_t i = worker->index;
    uint64_t step_ps = left_ps[i] < US ? left_ps[i] : US;

    (void) owner;
    note(worker);
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, step_ps);
    left_ps[i] -= step_ps;
    done_ps[i] += step_ps;
    if (left_ps[i] > 0) {
        vsw_worker_go_on(worker);
    }
}

static void
set_up(uint64_t wake_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 200 * US,
        .check = true,
    };

    n_log = 0;
    memset(what, 0, sizeof what);
    memset(left_ps, 0, sizeof left_ps);
    memset(done_ps, 0, sizeof done_ps);
    rig_init_domains(&rig, 2, 1 + N_TASKS, &options);
    rig_set_cost(&rig, VSW_COST_CTXSW_KTHREAD, THREAD_PS);
    rig_set_cost(&rig, VSW_COST_DOMAIN_SWITCH, DOMAIN_PS);
    vsw_sched_init(&sched, &rig.units[0], SLICE_PS, wake_ps);
}

static void
add_task(uint32_t i, enum vsw_task_kind kind, uint32_t domain)
{
    rig_add_worker(&rig, 0, 1, &workers[i], work, NULL);
    workers[i].index = i;
    workers[i].domain = domain;
    vsw_sched_add(&sched, &tasks[i], kind, domain);
    vsw_task_adopt(&tasks[i], &workers[i]);
}

static void
give(uint32_t i, uint64_t at_ps, uint64_t work_ps)
{
    left_ps[i] = work_ps;
    vsw_worker_wake(&workers[i], at_ps);
}

static void
finish(const char *expected)
{
    rig_run(&rig);
    assert_string_equal(what, expected);
    rig_fini(&rig);
}

static uint64_t
ctxsw_ps(void)
{
    return rig_busy_ps(&rig.units[0], VSW_ACCOUNT_CTXSW);
}

static void
a_lone_vcpu_pays_nothing(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    give(0, 5 * US, 30 * US);
    vsw_worker_wake(&workers[0], 100 * US);
    rig_run(&rig);
    assert_int_equal(ctxsw_ps(), 0);
    assert_int_equal(rig.units[0].idle_ps, 170 * US);
    assert_int_equal(when_ps[0], 5 * US);
    rig_fini(&rig);
}

static void
tasks_take_turns_in_the_order_in_which_they_came(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    add_task(2, VSW_TASK_VCPU, 3);
    give(0, 3 * US, 15 * US);
    give(1, 2 * US, 15 * US);
    give(2, 1 * US, 15 * US);
    rig_run(&rig);
    assert_string_equal(what, "cbacba");
    assert_int_equal(when_ps[0], US);
    assert_int_equal(when_ps[1], 11 * US + DOMAIN_PS);
    assert_int_equal(when_ps[2], 21 * US + 2 * DOMAIN_PS);
    assert_int_equal(when_ps[3], 31 * US + 3 * DOMAIN_PS);
    assert_int_equal(when_ps[4], 36 * US + 4 * DOMAIN_PS);
    assert_int_equal(ctxsw_ps(), 5 * DOMAIN_PS);
    rig_fini(&rig);
}

static void
a_task_that_is_alone_runs_past_its_slice(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    give(0, 0, 50 * US);
    give(1, 35500 * NS, 5 * US);
    rig_run(&rig);
    assert_string_equal(what, "aba");
    /* The first call boundary after the wake-up. */
    assert_int_equal(when_ps[1], 36 * US + DOMAIN_PS);
    assert_int_equal(when_ps[2], 41 * US + 2 * DOMAIN_PS);
    rig_fini(&rig);
}

static void
a_task_that_blocks_gives_way_at_once(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    give(0, 0, 3 * US);
    give(1, 1 * US, 3 * US);
    rig_run(&rig);
    assert_string_equal(what, "ab");
    assert_int_equal(when_ps[1], 3 * US + DOMAIN_PS);
    rig_fini(&rig);
}

static void
a_boosted_task_waits_for_the_rate_limit_only(void **state)
{
    (void) state;
    set_up(2 * US);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    give(0, 0, 50 * US);
    give(1, 1 * US, 3 * US);
    rig_run(&rig);
    assert_string_equal(what, "aba");
    assert_int_equal(when_ps[1], 2 * US + DOMAIN_PS);
    rig_fini(&rig);
}

static void
a_boosted_task_goes_before_those_that_were_preempted(void **state)
{
    (void) state;
    set_up(2 * US);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    add_task(2, VSW_TASK_VCPU, 3);
    give(0, 0, 30 * US);
    give(1, 1 * US, 30 * US);
    give(2, 12 * US, 2 * US);
    /* a until 2, b until its rate limit is over, c before a. */
    rig_run(&rig);
    assert_int_equal(strncmp(what, "abca", 4), 0);
    rig_fini(&rig);
}

static void
switching_between_threads_costs_less_than_between_domains(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_KTHREAD, 0);
    add_task(1, VSW_TASK_KTHREAD, 0);
    give(0, 0, 15 * US);
    give(1, 0, 15 * US);
    rig_run(&rig);
    assert_string_equal(what, "abab");
    assert_int_equal(ctxsw_ps(), 3 * THREAD_PS);
    rig_fini(&rig);
}

/* A thread borrows the address space; the vCPU finds it as it was. */
static void
a_thread_between_runs_of_a_vcpu_costs_two_thread_switches(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_KTHREAD, 0);
    give(0, 0, 30 * US);
    give(1, 1 * US, 3 * US);
    rig_run(&rig);
    assert_string_equal(what, "aba");
    assert_int_equal(ctxsw_ps(), 2 * THREAD_PS);
    rig_fini(&rig);
}

/* Between a, a thread, and c of another domain, the address space changes. */
static void
another_vcpu_after_a_thread_costs_a_domain_switch(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_KTHREAD, 0);
    add_task(2, VSW_TASK_VCPU, 2);
    give(0, 0, 5 * US);
    give(1, 1 * US, 5 * US);
    give(2, 2 * US, 5 * US);
    rig_run(&rig);
    assert_string_equal(what, "abc");
    assert_int_equal(ctxsw_ps(), THREAD_PS + DOMAIN_PS);
    rig_fini(&rig);
}

static void
a_thread_that_blocked_pays_for_its_return(void **state)
{
    (void) state;
    set_up(SLICE_PS);
    add_task(0, VSW_TASK_KTHREAD, 0);
    give(0, 0, 5 * US);
    vsw_worker_wake(&workers[0], 50 * US);
    vsw_worker_wake(&workers[0], 70 * US);
    rig_run(&rig);
    assert_int_equal(ctxsw_ps(), 2 * THREAD_PS);
    assert_int_equal(tasks[0].n_runs, 3);
    rig_fini(&rig);
}

static void
ready_ring(struct vsw_ring *ring, struct vsw_source *source)
{
    assert_int_equal(vsw_ring_init(ring, 4), 0);
    *source = (struct vsw_source) {
        .ring = ring,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
}

/* Two pollers find nothing; each burns its slices, and nothing idles. */
static void
pollers_burn_their_slices(void **state)
{
    struct vsw_ring rings[2];
    struct vsw_source sources[2];
    uint64_t switches_ps;

    (void) state;
    set_up(SLICE_PS);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, 100 * NS);
    for (uint32_t i = 0; i < 2; i++) {
        ready_ring(&rings[i], &sources[i]);
        add_task(i, VSW_TASK_VCPU, 1 + i);
        vsw_worker_poll(&workers[i], &sources[i], 1, VSW_COST_VRING_EMPTY, 0);
    }
    rig_run(&rig);
    switches_ps = ctxsw_ps();
    /* 200 us make 16 rounds of a slice and a switch, and a rest. */
    assert_int_equal(sched.n_switches, 16);
    assert_int_equal(switches_ps, 16 * DOMAIN_PS);
    assert_int_equal(rig.units[0].idle_ps, 0);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_POLL),
                     200 * US - switches_ps);
    rig_fini(&rig);
    for (uint32_t i = 0; i < 2; i++) {
        vsw_ring_fini(&rings[i]);
    }
}

static void
drain(void *owner, struct vsw_worker *worker)
{
    struct vsw_ring *ring = worker->sources[0].ring;
    uint32_t slot, n_slots;

    (void) owner;
    note(worker);
    assert_true(vsw_ring_visible(ring, worker->unit->sync_ps) > 0);
    vsw_ring_pop(ring, &slot, &n_slots);
    vsw_ring_free(ring, worker->unit->local_ps);
}

/* Published at 2 us, while the other poller has the CPU until 10 us. */
static void
a_descheduled_poller_finds_nothing_until_it_runs(void **state)
{
    struct vsw_ring rings[2];
    struct vsw_source sources[2];

    (void) state;
    set_up(SLICE_PS);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, 100 * NS);
    for (uint32_t i = 0; i < 2; i++) {
        ready_ring(&rings[i], &sources[i]);
        add_task(i, VSW_TASK_VCPU, 1 + i);
        workers[i].work = drain;
        vsw_worker_poll(&workers[i], &sources[i], 1, VSW_COST_VRING_EMPTY, 0);
    }
    vsw_ring_fill(&rings[1], 7, 1);
    vsw_ring_publish(&rings[1], 2 * US);
    rig_run(&rig);
    assert_string_equal(what, "b");
    assert_int_equal(when_ps[0], 10 * US + DOMAIN_PS);
    rig_fini(&rig);
    for (uint32_t i = 0; i < 2; i++) {
        vsw_ring_fini(&rings[i]);
    }
}

static struct vsw_lock lock;

/* Takes the lock, holds it for 5 us, releases it. */
static void
work_locked(void *owner, struct vsw_worker *worker)
{
    uint32_t i = worker->index;

    (void) owner;
    if (lock.holder != worker || worker->waits_for_lock) {
        if (!vsw_lock_acquire(&lock, worker)) {
            return;
        }
    }
    note(worker);
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, US);
    done_ps[i] += US;
    if (done_ps[i] % (5 * US) == 0) {
        vsw_lock_release(&lock, worker);
    } else {
        vsw_worker_go_on(worker);
    }
}

/* a holds the lock when its slice is over; b spins through its own slice
 * instead of for ever, and gets the lock when a has run again. */
static void
who_spins_for_a_preempted_holder_is_preempted_too(void **state)
{
    (void) state;
    set_up(2 * US);
    sched.slice_ps = 3 * US;
    memset(&lock, 0, sizeof lock);
    add_task(0, VSW_TASK_VCPU, 1);
    add_task(1, VSW_TASK_VCPU, 2);
    workers[0].work = workers[1].work = work_locked;
    vsw_worker_wake(&workers[0], 0);
    vsw_worker_wake(&workers[1], 1 * US);
    finish("ab");
    assert_int_equal(done_ps[0], 5 * US);
    assert_int_equal(done_ps[1], 5 * US);
}

/* Whatever the wake-ups: all work is done, one task at a time, every change of
 * domain is paid, nobody waits longer than a round of slices. */
static void
random_wakeups_lose_no_work(void **state)
{
    struct rnd r = rnd_from_environment("sched", 20);

    (void) state;
    for (int round = 0; round < 200; round++) {
        uint64_t total_ps = 0;

        set_up(round % 2 ? SLICE_PS : US);
        for (uint32_t i = 0; i < N_TASKS; i++) {
            add_task(i, i % 2 ? VSW_TASK_VCPU : VSW_TASK_KTHREAD,
                     i % 2 ? 1 + i : 0);
            total_ps += left_ps[i] = (1 + rnd_below(&r, 20)) * US;
            for (int k = 0; k < 3; k++) {
                vsw_worker_wake(&workers[i], rnd_below(&r, 60000) * NS);
            }
        }
        rig_run(&rig);
        assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY),
                         total_ps);
        assert_int_equal(rig_n_charges(&rig.units[0], VSW_ACCOUNT_CTXSW),
                         sched.n_switches);
        for (uint32_t i = 0; i < N_TASKS; i++) {
            assert_int_equal(left_ps[i], 0);
            assert_int_equal(workers[i].n_woken, 0);
        }
        rig_fini(&rig);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_vcpu_pays_nothing),
        cmocka_unit_test(tasks_take_turns_in_the_order_in_which_they_came),
        cmocka_unit_test(a_task_that_is_alone_runs_past_its_slice),
        cmocka_unit_test(a_task_that_blocks_gives_way_at_once),
        cmocka_unit_test(a_boosted_task_waits_for_the_rate_limit_only),
        cmocka_unit_test(
            a_boosted_task_goes_before_those_that_were_preempted),
        cmocka_unit_test(
            switching_between_threads_costs_less_than_between_domains),
        cmocka_unit_test(
            a_thread_between_runs_of_a_vcpu_costs_two_thread_switches),
        cmocka_unit_test(another_vcpu_after_a_thread_costs_a_domain_switch),
        cmocka_unit_test(a_thread_that_blocked_pays_for_its_return),
        cmocka_unit_test(pollers_burn_their_slices),
        cmocka_unit_test(a_descheduled_poller_finds_nothing_until_it_runs),
        cmocka_unit_test(who_spins_for_a_preempted_holder_is_preempted_too),
        cmocka_unit_test(random_wakeups_lose_no_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
