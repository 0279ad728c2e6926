#include "vsw_test.h"

#include <vswsim/idle_loop.h>

static enum vsw_idle_step
step(const struct vsw_idle_loop *l, bool must_leave, uint32_t n_requests,
     uint32_t n_tx_rings, uint64_t now_ns)
{
    const struct vsw_idle_view view = { must_leave, n_requests, n_tx_rings };

    return vsw_idle_loop_step(l, &view, now_ns);
}

static void
leaving_comes_before_copying_before_switching(void **state)
{
    struct vsw_idle_loop l;

    (void) state;
    vsw_idle_loop_init(&l, VSW_IDLE_LOOP_HYSTERESIS_NS);
    assert_int_equal(step(&l, true, 1, 1, 0), VSW_IDLE_LEAVE);
    assert_int_equal(step(&l, true, 0, 0, 0), VSW_IDLE_LEAVE);
    assert_int_equal(step(&l, false, 1, 1, 0), VSW_IDLE_COPY);
    assert_int_equal(step(&l, false, 0, 1, 0), VSW_IDLE_SWITCH);
}

static void
it_polls_for_5_us_after_the_last_work_and_then_sleeps(void **state)
{
    struct vsw_idle_loop l;

    (void) state;
    vsw_idle_loop_init(&l, VSW_IDLE_LOOP_HYSTERESIS_NS);
    vsw_idle_loop_extend(&l, 1000);
    assert_int_equal(step(&l, false, 0, 0, 5999), VSW_IDLE_POLL);
    assert_int_equal(step(&l, false, 0, 0, 6000), VSW_IDLE_SLEEP);
    vsw_idle_loop_extend(&l, 6000);
    assert_int_equal(step(&l, false, 0, 0, 10999), VSW_IDLE_POLL);
    assert_int_equal(step(&l, false, 0, 0, 11000), VSW_IDLE_SLEEP);
}

static void
work_is_done_even_after_the_deadline(void **state)
{
    struct vsw_idle_loop l;

    (void) state;
    vsw_idle_loop_init(&l, 0);
    vsw_idle_loop_extend(&l, 0);
    assert_int_equal(step(&l, false, 0, 1, 99), VSW_IDLE_SWITCH);
    assert_int_equal(step(&l, false, 0, 0, 99), VSW_IDLE_SLEEP);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaving_comes_before_copying_before_switching),
        cmocka_unit_test(
            it_polls_for_5_us_after_the_last_work_and_then_sleeps),
        cmocka_unit_test(work_is_done_even_after_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
