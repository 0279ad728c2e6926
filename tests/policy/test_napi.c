#include "vsw_test.h"

#include <vswsim/napi.h>

static const struct vsw_napi_rule rule = VSW_NAPI_RULE_DEFAULT;

static void
a_ring_that_gives_less_than_the_weight_is_done(void **state)
{
    struct vsw_napi_round round;

    (void) state;
    vsw_napi_begin(&round, &rule, 0);
    assert_int_equal(vsw_napi_polled(&round, 63), VSW_NAPI_COMPLETE);
    assert_int_equal(vsw_napi_polled(&round, 0), VSW_NAPI_COMPLETE);
    assert_int_equal(vsw_napi_polled(&round, 64), VSW_NAPI_REPOLL);
    assert_false(vsw_napi_is_exhausted(&round, 0));
}

static void
the_budget_ends_a_round_and_may_be_overdrawn_once(void **state)
{
    struct vsw_napi_round round;

    (void) state;
    vsw_napi_begin(&round, &rule, 0);
    for (int i = 0; i < 4; i++) {
        vsw_napi_polled(&round, 64);
        assert_false(vsw_napi_is_exhausted(&round, 0));
    }
    vsw_napi_polled(&round, 64);                /* 320 of 300. */
    assert_true(vsw_napi_is_exhausted(&round, 0));
    vsw_napi_begin(&round, &rule, 5);
    assert_false(vsw_napi_is_exhausted(&round, 5));
}

static void
the_time_limit_ends_a_round(void **state)
{
    struct vsw_napi_round round;

    (void) state;
    vsw_napi_begin(&round, &rule, 1000);
    assert_false(vsw_napi_is_exhausted(&round, 2000999));
    assert_true(vsw_napi_is_exhausted(&round, 2001000));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_that_gives_less_than_the_weight_is_done),
        cmocka_unit_test(the_budget_ends_a_round_and_may_be_overdrawn_once),
        cmocka_unit_test(the_time_limit_ends_a_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
