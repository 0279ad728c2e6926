#include "vsw_test.h"

#include <math.h>

#include <vswsim/stats.h>

static void
assert_near(double x, double exact, double error)
{
    if (!(fabs(x - exact) <= error)) {
        print_error("%.9f instead of %.9f\n", x, exact);
        fail();
    }
}

/* How probable it is that Student's t lies within +-t: the closed form of
 * Abramowitz and Stegun, 26.7.3 and 26.7.4. */
static double
student_within(double t, uint32_t dof)
{
    double theta = atan(t / sqrt(dof));
    double cos2 = cos(theta) * cos(theta);
    double term = dof % 2 ? cos(theta) : 1;
    double sum = term;

    if (dof == 1) {
        return 2 / acos(-1) * theta;
    }
    for (uint32_t k = dof % 2 ? 3 : 2; k + 2 <= dof; k += 2) {
        term *= cos2 * (k - 1) / k;
        sum += term;
    }
    sum *= sin(theta);
    return dof % 2 ? 2 / acos(-1) * (theta + sum) : sum;
}

static void
students_t_has_the_probability_it_claims(void **state)
{
    static const double probability[] = { 0.90, 0.95, 0.99 };

    (void) state;
    for (int level = 0; level < 3; level++) {
        for (uint32_t dof = 1; dof <= 30; dof++) {
            double t = vsw_stats_student((enum vsw_confidence) level, dof);

            assert_true(student_within(t - 1e-6, dof) < probability[level]);
            assert_true(student_within(t + 1e-6, dof) > probability[level]);
        }
        for (uint32_t dof = 31; dof < 1000; dof++) {
            double t = vsw_stats_student((enum vsw_confidence) level, dof);

            assert_true(student_within(t - 1e-3, dof) < probability[level]);
            assert_true(student_within(t + 1e-3, dof) > probability[level]);
        }
    }
}

static void
students_t_ends_at_the_normal_quantile(void **state)
{
    (void) state;
    assert_near(vsw_stats_student(VSW_CONFIDENCE_90, UINT32_MAX), 1.644854,
                2e-6);
    assert_near(vsw_stats_student(VSW_CONFIDENCE_95, UINT32_MAX), 1.959964,
                2e-6);
    assert_near(vsw_stats_student(VSW_CONFIDENCE_99, UINT32_MAX), 2.575829,
                2e-6);
}

/* Student's own sleep data (Biometrika 1908): hours gained by ten patients
 * with two drugs.  The paired interval is the textbook one. */
static const double drug_a[] = { 0.7, -1.6, -0.2, -1.2, -0.1,
                                 3.4, 3.7, 0.8, 0.0, 2.0 };
static const double drug_b[] = { 1.9, 0.8, 1.1, 0.1, -0.1,
                                 4.4, 5.5, 1.6, 4.6, 3.4 };

static void
intervals_match_a_worked_example(void **state)
{
    struct vsw_interval a, paired;

    (void) state;
    a = vsw_stats_interval(drug_a, 10, VSW_CONFIDENCE_95);
    assert_int_equal(a.kind, VSW_INTERVAL_STUDENT);
    assert_int_equal(a.n, 10);
    assert_near(a.mean, 0.75, 1e-12);
    assert_near(vsw_stats_variance(drug_a, 10), 3.200556, 1e-6);
    assert_near(a.half_width, 1.279780, 1e-6);

    paired = vsw_stats_paired(drug_a, drug_b, 10, VSW_CONFIDENCE_95);
    assert_int_equal(paired.kind, VSW_INTERVAL_STUDENT);
    assert_near(paired.mean - paired.half_width, -2.4598858, 1e-6);
    assert_near(paired.mean + paired.half_width, -0.7001142, 1e-6);
}

/* Nothing about equal runs says that their value is certain.  The sum of six
 * times 0.1 divided by 6 is not 0.1, so the kind may not come from the
 * variance. */
static void
equal_values_are_deterministic_and_not_certain(void **state)
{
    static const double same[] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 };
    struct vsw_interval i;

    (void) state;
    i = vsw_stats_interval(same, 6, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_DETERMINISTIC);
    assert_true(i.mean == 0.1 && i.half_width == 0);
    assert_string_equal(vsw_interval_kind_name(i.kind), "deterministic");
}

static void
equal_differences_are_deterministic_though_values_vary(void **state)
{
    static const double a[] = { 5, 7, 9 };
    static const double b[] = { 4, 6, 8 };
    struct vsw_interval i;

    (void) state;
    i = vsw_stats_paired(a, b, 3, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_DETERMINISTIC);
    assert_true(i.mean == 1 && i.half_width == 0);
}

static void
too_few_values_have_no_width(void **state)
{
    struct vsw_interval i;

    (void) state;
    i = vsw_stats_interval(NULL, 0, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_NONE);

    i = vsw_stats_interval(drug_b, 1, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_SINGLE);
    assert_true(i.mean == 1.9 && i.half_width == 0);
    assert_true(vsw_stats_variance(drug_b, 1) == 0);
    assert_true(vsw_stats_mean(NULL, 0) == 0);
}

/* A metric that one replication lacks has no mean over all of them. */
static void
a_value_that_is_not_finite_leaves_no_interval(void **state)
{
    static const double with_nan[] = { 1, (double) NAN, 2 };
    static const double with_infinity[] = { (double) INFINITY };
    struct vsw_interval i;

    (void) state;
    i = vsw_stats_interval(with_nan, 3, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_NONE);
    assert_true(i.mean == 0 && i.half_width == 0);
    assert_int_equal(i.n, 3);
    i = vsw_stats_interval(with_infinity, 1, VSW_CONFIDENCE_95);
    assert_int_equal(i.kind, VSW_INTERVAL_NONE);
}

/* The one-pass formula loses all digits here. */
static void
a_small_spread_on_a_large_mean_is_kept(void **state)
{
    static const double x[] = { 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16 };

    (void) state;
    assert_true(vsw_stats_variance(x, 4) == 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(students_t_has_the_probability_it_claims),
        cmocka_unit_test(students_t_ends_at_the_normal_quantile),
        cmocka_unit_test(intervals_match_a_worked_example),
        cmocka_unit_test(equal_values_are_deterministic_and_not_certain),
        cmocka_unit_test(
            equal_differences_are_deterministic_though_values_vary),
        cmocka_unit_test(too_few_values_have_no_width),
        cmocka_unit_test(a_value_that_is_not_finite_leaves_no_interval),
        cmocka_unit_test(a_small_spread_on_a_large_mean_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
