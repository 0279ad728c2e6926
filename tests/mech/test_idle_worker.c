/* An idle CPU that works for others: order, hysteresis, sleep. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/idle_worker.h>

#include "rig.h"

#define MAX_LOG   64
#define EMPTY_PS  (100 * NS)
#define PACKET_PS (500 * NS)

static struct rig rig;
static struct vsw_idle_worker iw;
static struct vsw_ring rings[3];
static struct vsw_source sources[3];
static struct vsw_worker waker;
static struct vsw_wakeup wakeup;
static bool is_locked;
static uint32_t n_steps;        /* That each packet takes. */
static uint32_t step;

static char what[MAX_LOG + 1];
static uint64_t when_ps[MAX_LOG];
static uint32_t n_log;

static void
note(const struct vsw_worker *worker, char letter)
{
    assert_true(n_log < MAX_LOG);
    what[n_log] = letter;
    when_ps[n_log++] = worker->unit->local_ps;
}

static enum vsw_idle_result
take(struct vsw_worker *worker, struct vsw_ring *ring, char letter)
{
    uint32_t slot, n_slots;

    if (is_locked && ring == &rings[1]) {
        return VSW_IDLE_LOCKED;
    }
    note(worker, letter);
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, PACKET_PS);
    if (++step < n_steps) {
        return VSW_IDLE_MORE;
    }
    step = 0;
    vsw_ring_pop(ring, &slot, &n_slots);
    vsw_ring_free(ring, worker->unit->local_ps);
    return VSW_IDLE_DONE;
}

static enum vsw_idle_result
copy(void *owner, struct vsw_worker *worker, struct vsw_ring *ring)
{
    (void) owner;
    return take(worker, ring, 'c');
}

static enum vsw_idle_result
switch_packet(void *owner, struct vsw_worker *worker, struct vsw_ring *ring)
{
    (void) owner;
    return take(worker, ring, ring == &rings[1] ? '1' : '2');
}

static void
wake_idle_worker(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_wakeup_send(&wakeup, worker->unit);
}

static void
set_up(void)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 200 * US,
        .check = true,
    };

    n_log = 0;
    is_locked = false;
    n_steps = 1;
    step = 0;
    memset(what, 0, sizeof what);
    rig_init(&rig, 2, &options);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, EMPTY_PS);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(vsw_ring_init(&rings[i], 16), 0);
        sources[i] = (struct vsw_source) {
            .ring = &rings[i], .kind = VSW_SOURCE_FILLED, .n_needed = 1,
        };
    }
    assert_int_equal(vsw_idle_worker_start(&iw, &rig.units[0], 0, 200,
                                           sources, 3, VSW_COST_VRING_EMPTY,
                                           5000, copy, switch_packet, NULL),
                     0);
    rig_add_worker(&rig, 1, 1, &waker, wake_idle_worker, NULL);
    vsw_wakeup_init(&wakeup, &iw.worker, 0, VSW_ENTRY_HYPERCALL);
}

static void
put(uint32_t ring, uint32_t n, uint64_t at_ps)
{
    for (uint32_t i = 0; i < n; i++) {
        vsw_ring_fill(&rings[ring], i, 1);
    }
    vsw_ring_publish(&rings[ring], at_ps);
}

static void
finish(const char *expected)
{
    rig_run(&rig);
    assert_string_equal(what, expected);
    rig_fini(&rig);
    for (uint32_t i = 0; i < 3; i++) {
        vsw_ring_fini(&rings[i]);
    }
}

static void
copying_goes_before_switching_and_rings_take_turns(void **state)
{
    (void) state;
    set_up();
    put(0, 2, 10 * US);
    put(1, 3, 10 * US);
    put(2, 2, 10 * US);
    vsw_worker_wake(&waker, 10 * US);
    finish("cc12121");
}

static void
it_sleeps_until_it_is_woken(void **state)
{
    (void) state;
    set_up();
    put(1, 1, 10 * US);
    vsw_worker_wake(&waker, 50 * US);
    rig_run(&rig);
    assert_int_equal(when_ps[0], 50 * US);
    /* Work, the hysteresis, and looks up to the end of it. */
    assert_in_range(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_POLL), 5 * US,
                    5 * US + 3 * EMPTY_PS);
    assert_int_equal(iw.doze.n_blocked, 2);
    finish("1");
}

static void
within_the_hysteresis_it_needs_no_wakeup(void **state)
{
    (void) state;
    set_up();
    put(1, 1, 10 * US);
    put(2, 1, 14 * US);
    vsw_worker_wake(&waker, 10 * US);
    rig_run(&rig);
    assert_in_range(when_ps[1], 14 * US, 14 * US + 3 * EMPTY_PS);
    finish("12");
}

static void
a_wakeup_for_nothing_costs_one_hysteresis(void **state)
{
    (void) state;
    set_up();
    vsw_worker_wake(&waker, 10 * US);
    rig_run(&rig);
    assert_in_range(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_POLL), 5 * US,
                    5 * US + 3 * EMPTY_PS);
    finish("");
}

static void
urgent(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    note(worker, '!');
}

static void
others_wait_for_one_packet_at_most(void **state)
{
    struct vsw_worker other;

    (void) state;
    set_up();
    rig_add_worker(&rig, 0, 1, &other, urgent, NULL);
    put(1, 5, 10 * US);
    vsw_worker_wake(&waker, 10 * US);
    vsw_worker_wake(&other, 11100 * NS);
    rig_run(&rig);
    assert_int_equal(when_ps[3], 11500 * NS);
    finish("111!11");
}

/* An interrupt is served within the packet; the worker it wakes is not. */
static void
a_packet_of_several_steps_is_finished_first(void **state)
{
    struct vsw_worker other;
    struct vsw_wakeup to_other;

    (void) state;
    set_up();
    n_steps = 4;
    rig_add_worker(&rig, 0, 1, &other, urgent, NULL);
    vsw_wakeup_init(&to_other, &other, 0, VSW_ENTRY_HYPERCALL);
    put(1, 2, 10 * US);
    vsw_worker_wake(&waker, 10 * US);
    vsw_irq_send(&to_other.ipi.irq, 0, 10600 * NS);
    rig_run(&rig);
    assert_int_equal(when_ps[4], 12 * US);
    finish("1111!1111");
}

static void
a_locked_ring_is_left_to_its_holder(void **state)
{
    (void) state;
    set_up();
    is_locked = true;
    put(1, 1, 10 * US);
    put(2, 1, 10 * US);
    vsw_worker_wake(&waker, 10 * US);
    rig_run(&rig);
    assert_true(iw.asleep);
    assert_true(rig.units[0].idle_ps > 180 * US);
    finish("2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copying_goes_before_switching_and_rings_take_turns),
        cmocka_unit_test(it_sleeps_until_it_is_woken),
        cmocka_unit_test(within_the_hysteresis_it_needs_no_wakeup),
        cmocka_unit_test(a_wakeup_for_nothing_costs_one_hysteresis),
        cmocka_unit_test(others_wait_for_one_packet_at_most),
        cmocka_unit_test(a_packet_of_several_steps_is_finished_first),
        cmocka_unit_test(a_locked_ring_is_left_to_its_holder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
