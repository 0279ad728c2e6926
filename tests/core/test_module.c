/* CPUs of a module that slow each other. */
#include "vsw_test.h"

#include <string.h>

#include "rig.h"

#define STEP_PS (100 * NS)
#define N_STEPS 100

static struct rig rig;
static struct vsw_worker workers[4];
static uint32_t n_left[4];
static uint64_t done_ps[4];

static void
work(void *owner, struct vsw_worker *worker)
{
    uint32_t *left = owner;

    vsw_unit_charge(worker->unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_CALL, 1);
    if (--*left > 0) {
        vsw_worker_go_on(worker);
    } else {
        done_ps[left - n_left] = worker->unit->local_ps;
    }
}

/* CPUs 0 and 1 are a module, 2 and 3 another. */
static void
set_up(const char *unit)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US, .duration_ps = 100 * US, .check = true,
    };

    rig_init(&rig, 4, &options);
    rig.machine.n_cpus_per_module = 2;
    rig.machine.hw.cpu.module_percent = 150;
    rig.costs[VSW_COST_COPY_CALL].unit = unit;
    rig_set_cost(&rig, VSW_COST_COPY_CALL, STEP_PS);
    vsw_sim_join_modules(&rig.sim);
    memset(done_ps, 0, sizeof done_ps);
}

static void
run_on(uint32_t cpu, uint64_t at_ps)
{
    n_left[cpu] = N_STEPS;
    rig_add_worker(&rig, cpu, 1, &workers[cpu], work, &n_left[cpu]);
    vsw_worker_wake(&workers[cpu], at_ps);
}

static void
a_cpu_alone_on_its_module_is_not_slowed(void **state)
{
    (void) state;
    set_up("cycles");
    run_on(0, 0);
    run_on(2, 0);
    rig_run(&rig);
    assert_int_equal(done_ps[0], N_STEPS * STEP_PS);
    assert_int_equal(done_ps[2], N_STEPS * STEP_PS);
    rig_fini(&rig);
}

static void
two_cpus_of_a_module_slow_each_other(void **state)
{
    (void) state;
    set_up("cycles");
    run_on(0, 0);
    run_on(1, 0);
    rig_run(&rig);
    for (uint32_t i = 0; i < 2; i++) {
        assert_in_range(done_ps[i], N_STEPS * STEP_PS * 3 / 2 - STEP_PS,
                        N_STEPS * STEP_PS * 3 / 2);
    }
    rig_fini(&rig);
}

static void
only_while_both_work(void **state)
{
    (void) state;
    set_up("cycles");
    run_on(0, 0);
    run_on(1, 5 * US);
    rig_run(&rig);
    /* Fifty steps alone; the other fifty take half as long again, and so do
     * the other's first fifty. */
    assert_in_range(done_ps[0], 12500 * NS - 2 * STEP_PS, 12500 * NS);
    assert_in_range(done_ps[1], 17500 * NS - 2 * STEP_PS, 17500 * NS);
    rig_fini(&rig);
}

static void
what_takes_a_fixed_time_is_not_slowed(void **state)
{
    (void) state;
    set_up("ns");
    run_on(0, 0);
    run_on(1, 0);
    rig_run(&rig);
    assert_int_equal(done_ps[0], N_STEPS * STEP_PS);
    rig_fini(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cpu_alone_on_its_module_is_not_slowed),
        cmocka_unit_test(two_cpus_of_a_module_slow_each_other),
        cmocka_unit_test(only_while_both_work),
        cmocka_unit_test(what_takes_a_fixed_time_is_not_slowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
