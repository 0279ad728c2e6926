/* Which idle state a CPU enters. */
#include "vsw_test.h"

#include <vswsim/idle_governor.h>

#define US UINT64_C(1000)

/* As Linux has them for Ivy Bridge-EP. */
static const struct vsw_idle_state states[] = {
    {"C1", 1 * US, 1 * US},
    {"C1E", 10 * US, 80 * US},
    {"C3", 59 * US, 156 * US},
    {"C6", 82 * US, 300 * US},
};

static struct vsw_idle_governor g;

static void
set_up(uint32_t fixed_state, uint64_t max_exit_latency_ns)
{
    vsw_idle_governor_init(&g, states, 4, fixed_state, max_exit_latency_ns);
}

static void
note(const uint64_t *gaps_us, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        vsw_idle_governor_ended(&g, gaps_us[i] * US);
    }
}

static void
a_fixed_state_is_always_picked(void **state)
{
    const uint64_t short_us[8] = {2, 2, 2, 2, 2, 2, 2, 2};

    (void) state;
    set_up(2, 0);
    note(short_us, 8);
    assert_int_equal(vsw_idle_governor_select(&g), 2);
}

static void
nothing_known_means_the_deepest_state(void **state)
{
    const uint64_t short_us[7] = {2, 2, 2, 2, 2, 2, 2};

    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, UINT64_MAX);
    assert_int_equal(vsw_idle_governor_select(&g), 3);
    note(short_us, 7);
    assert_int_equal(vsw_idle_governor_select(&g), 3);
    note(short_us, 1);
    assert_int_equal(vsw_idle_governor_select(&g), 0);
}

static void
alike_times_predict_their_mean(void **state)
{
    const uint64_t around_us[8] = {180, 220, 190, 210, 200, 200, 195, 205};

    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, UINT64_MAX);
    note(around_us, 8);
    assert_int_equal(vsw_idle_governor_predict_ns(&g), 200 * US);
    assert_int_equal(vsw_idle_governor_select(&g), 2);
}

static void
two_long_times_are_left_out_and_three_are_not(void **state)
{
    const uint64_t two_us[8] = {10, 9000, 10, 10, 4000, 10, 10, 10};
    const uint64_t three_us[8] = {10, 9000, 10, 10, 4000, 10, 10, 2000};

    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, UINT64_MAX);
    note(two_us, 8);
    assert_int_equal(vsw_idle_governor_predict_ns(&g), 10 * US);
    note(three_us, 8);
    assert_int_equal(vsw_idle_governor_predict_ns(&g), UINT64_MAX);
}

static void
old_times_are_forgotten(void **state)
{
    const uint64_t long_us[8] = {999, 999, 999, 999, 999, 999, 999, 999};
    const uint64_t short_us[8] = {2, 2, 2, 2, 2, 2, 2, 2};

    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, UINT64_MAX);
    note(long_us, 8);
    assert_int_equal(vsw_idle_governor_select(&g), 3);
    note(short_us, 8);
    assert_int_equal(vsw_idle_governor_select(&g), 0);
}

static void
a_latency_limit_forbids_deep_states_and_never_the_first(void **state)
{
    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, 10 * US);
    assert_int_equal(vsw_idle_governor_select(&g), 1);
    set_up(VSW_IDLE_GOVERNOR_PREDICT, 0);
    assert_int_equal(vsw_idle_governor_select(&g), 0);
}

static void
times_of_any_length_do_not_overflow(void **state)
{
    (void) state;
    set_up(VSW_IDLE_GOVERNOR_PREDICT, UINT64_MAX);
    for (int i = 0; i < 8; i++) {
        vsw_idle_governor_ended(&g, UINT64_MAX);
    }
    assert_int_equal(vsw_idle_governor_predict_ns(&g), 1000000 * US);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fixed_state_is_always_picked),
        cmocka_unit_test(nothing_known_means_the_deepest_state),
        cmocka_unit_test(alike_times_predict_their_mean),
        cmocka_unit_test(two_long_times_are_left_out_and_three_are_not),
        cmocka_unit_test(old_times_are_forgotten),
        cmocka_unit_test(
            a_latency_limit_forbids_deep_states_and_never_the_first),
        cmocka_unit_test(times_of_any_length_do_not_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
