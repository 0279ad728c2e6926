#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/report.h>

#include "io/result/result_impl.h"
#include "synthetic.h"

static struct synthetic_experiment *made;
static struct vsw_result *result;

static int
set_up(void **state)
{
    (void) state;
    made = synthetic_experiment_new();
    return result_summarise(&result, &made->result, SYNTHETIC_CONFIG, NULL);
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_result_free(result);
    free(made);
    return 0;
}

static bool
near(double x, double expected)
{
    return fabs(x - expected) < 1e-6;
}

/* 8000 packets in a millisecond, of 63 ns each: 44 ns of them in copies.  The
 * first guest is busy for 108 us. */
static void
the_busiest_unit_limits(void **state)
{
    struct vsw_limit limit;

    (void) state;
    assert_true(vsw_report_limit(&limit, &result->points[0]));
    assert_string_equal(limit.unit, "cpu0");
    assert_string_equal(limit.role, "switch");
    assert_true(near(limit.utilisation, 0.504));
    assert_false(limit.saturated);
    assert_int_equal(limit.n_accounts, 4);
    assert_string_equal(limit.accounts[0].account, "copy");
    assert_true(near(limit.accounts[0].share, 44.0 / 63));
    assert_string_equal(limit.accounts[1].account, "vring_avail");
    assert_string_equal(limit.accounts[3].account, "vring_used");
    assert_true(near(limit.relief, 63.0 / 19 - 1));
    assert_null(limit.next_unit);
}

static void
relief_ends_at_the_next_unit(void **state)
{
    struct vsw_result_point *point = &result->points[0];
    uint64_t idle_ps = point->units[1].idle_ps;
    struct vsw_limit limit;

    (void) state;
    /* As if the guest's window were a quarter: it is 43.2 % busy. */
    point->units[1].idle_ps = point->units[1].busy_ps * 568 / 432;
    assert_true(vsw_report_limit(&limit, point));
    assert_string_equal(limit.next_unit, "cpu1");
    assert_string_equal(limit.next_role, "guest");
    assert_true(fabs(limit.relief - (0.504 / 0.432 - 1)) < 1e-4);
    point->units[1].idle_ps = idle_ps;
}

static void
a_point_without_runs_has_no_limit(void **state)
{
    struct vsw_result_point none = result->points[0];
    struct vsw_limit limit;

    (void) state;
    none.n_replications = 0;
    assert_false(vsw_report_limit(&limit, &none));
    none = result->points[0];
    none.n_units = 0;
    assert_false(vsw_report_limit(&limit, &none));
}

static void
every_point_is_explained(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void) state;
    assert_non_null(out);
    vsw_report_explain(out, result);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "copying\n  frame_bytes 64: cpu0 (switch) "
                           "is 50.4 % busy: no unit is saturated"));
    assert_non_null(strstr(text, "copy 69.8 %, vring_avail 15.9 %"));
    assert_non_null(strstr(text, "remapping\n  frame_bytes 64: "));
    assert_non_null(strstr(text, "frame_bytes 4096: "));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_busiest_unit_limits),
        cmocka_unit_test(relief_ends_at_the_next_unit),
        cmocka_unit_test(a_point_without_runs_has_no_limit),
        cmocka_unit_test(every_point_is_explained),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
