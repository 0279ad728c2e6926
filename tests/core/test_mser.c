#include "vsw_test.h"

#include <vswsim/random.h>
#include <vswsim/stats.h>

#define N 500

static double x[N];

/* A steady series from 'from' on, with noise; before it, far too low. */
static void
fill(uint32_t from)
{
    struct vsw_random r;

    vsw_random_init(&r, 1, 0, 0, 0);
    for (uint32_t i = 0; i < N; i++) {
        x[i] = (i < from ? 20 : 100) + (double) vsw_random_below(&r, 10);
    }
}

static void
a_transient_is_cut_where_it_ends(void **state)
{
    struct vsw_mser mser;

    (void) state;
    fill(100);
    mser = vsw_stats_mser5(x, N);
    assert_true(mser.settled);
    assert_in_range(mser.n_cut, 95, 110);
}

static void
a_steady_series_is_not_cut(void **state)
{
    struct vsw_mser mser;

    (void) state;
    for (uint32_t i = 0; i < N; i++) {
        x[i] = 7;
    }
    mser = vsw_stats_mser5(x, N);
    assert_true(mser.settled);
    assert_int_equal(mser.n_cut, 0);
}

static void
what_never_settles_is_said_to(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < N; i++) {
        x[i] = i;
    }
    assert_false(vsw_stats_mser5(x, N).settled);
    assert_false(vsw_stats_mser5(x, 19).settled);
    assert_false(vsw_stats_mser5(x, 0).settled);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transient_is_cut_where_it_ends),
        cmocka_unit_test(a_steady_series_is_not_cut),
        cmocka_unit_test(what_never_settles_is_said_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
