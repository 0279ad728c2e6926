/* Flushes of other CPUs' TLBs: who pays, and how long the requester waits. */
#include "vsw_test.h"

#include <vswsim/shootdown.h>

#include "rig.h"

#define SEND_PS    (100 * NS)
#define LATENCY_PS (800 * NS)
#define HANDLER_PS (400 * NS)
#define FLUSH_PS   (150 * NS)

static struct rig rig;
static struct vsw_shootdown shootdown;
static struct vsw_worker requester;
static struct vsw_worker busy;
static uint64_t done_ps;
static uint64_t left_ps;

static void
request(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    if (vsw_shootdown_run(&shootdown, worker)) {
        done_ps = worker->unit->local_ps;
    }
}

/* Computes in steps that no interrupt can cut. */
static void
compute(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_COPY, 5 * US);
    left_ps -= 5 * US;
    if (left_ps > 0) {
        vsw_worker_go_on(worker);
    }
}

/* Unit 0 requests, at 10 us, a flush of units 'first' to 'first' + n - 1. */
static void
set_up(uint32_t first, uint32_t n)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 1000 * US,
        .check = true,
    };
    struct vsw_unit *targets[RIG_MAX_UNITS];

    done_ps = 0;
    rig_init_domains(&rig, 4, 2, &options);
    rig_set_cost(&rig, VSW_COST_IPI_SEND, SEND_PS);
    rig_set_cost(&rig, VSW_COST_IPI_LATENCY, LATENCY_PS);
    rig_set_cost(&rig, VSW_COST_IPI_HANDLER, HANDLER_PS);
    rig_set_cost(&rig, VSW_COST_TLB_FLUSH, FLUSH_PS);
    rig_add_worker(&rig, 0, 5, &requester, request, NULL);
    rig_add_worker(&rig, 1, 5, &busy, compute, NULL);
    for (uint32_t i = 0; i < n; i++) {
        targets[i] = &rig.units[first + i];
    }
    assert_int_equal(vsw_shootdown_init(&shootdown, targets, n, 0), 0);
    vsw_worker_wake(&requester, 10 * US);
}

static void
tear_down(void)
{
    vsw_shootdown_fini(&shootdown);
    rig_fini(&rig);
}

static void
the_requester_waits_for_the_acknowledgement(void **state)
{
    uint64_t least_ps = SEND_PS + LATENCY_PS * 3 / 4 + HANDLER_PS + FLUSH_PS;

    (void) state;
    set_up(1, 1);
    rig_run(&rig);
    assert_in_range(done_ps, 10 * US + least_ps,
                    10 * US + least_ps + LATENCY_PS / 2);
    assert_int_equal(rig_busy_ps(&rig.units[1], VSW_ACCOUNT_TLB_FLUSH),
                     HANDLER_PS + FLUSH_PS);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_TLB_FLUSH),
                     done_ps - 10 * US - SEND_PS);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_LOCK), 0);
    tear_down();
}

static void
a_busy_target_answers_at_its_next_boundary(void **state)
{
    (void) state;
    set_up(1, 1);
    left_ps = 100 * US;
    vsw_worker_wake(&busy, 0);
    rig_run(&rig);
    assert_int_equal(done_ps, 15 * US + HANDLER_PS + FLUSH_PS);
    tear_down();
}

/* They flush side by side. */
static void
several_targets_cost_one_wait_and_an_interrupt_each(void **state)
{
    uint64_t most_ps = 3 * SEND_PS + LATENCY_PS * 5 / 4 + HANDLER_PS
                       + FLUSH_PS;

    (void) state;
    set_up(1, 3);
    rig_run(&rig);
    assert_in_range(done_ps, 10 * US + most_ps / 2, 10 * US + most_ps);
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(rig_n_charges(&rig.units[i], VSW_ACCOUNT_TLB_FLUSH),
                         2);
    }
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_IPI),
                     3 * SEND_PS);
    tear_down();
}

static void
the_own_cpu_and_no_cpu_need_no_interrupt(void **state)
{
    (void) state;
    set_up(0, 1);
    rig_run(&rig);
    assert_int_equal(done_ps, 10 * US + FLUSH_PS);
    tear_down();
    set_up(1, 0);
    rig_run(&rig);
    assert_int_equal(done_ps, 10 * US);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_requester_waits_for_the_acknowledgement),
        cmocka_unit_test(a_busy_target_answers_at_its_next_boundary),
        cmocka_unit_test(several_targets_cost_one_wait_and_an_interrupt_each),
        cmocka_unit_test(the_own_cpu_and_no_cpu_need_no_interrupt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
