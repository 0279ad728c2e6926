#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/uncertainty.h>

#include "report/uncertainty_impl.h"

static struct vsw_plan *plan;
static struct vsw_experiment_result *nominal;

static const struct vsw_cost *
cost_of(const struct vsw_machine *machine, const char *name)
{
    for (uint32_t i = 0; i < machine->n_costs; i++) {
        if (!strcmp(machine->costs[i].name, name)) {
            return &machine->costs[i];
        }
    }
    fail_msg("no cost %s", name);
    return NULL;
}

/* Stands in for the simulator: the first design is slowed by copy_byte, the
 * second has the first's rate at the machine's value of it. */
static int
pretend_run(struct vsw_experiment_result **out, const struct vsw_plan *of,
            const struct vsw_run_options *options, struct vsw_error *err)
{
    struct vsw_experiment_result *result = calloc(1, sizeof *result);
    uint32_t n = of->points[0].config.run.replications;

    (void) options, (void) err;
    assert_non_null(result);
    result->plan = of;
    result->n_replications = n;
    result->outcomes = calloc((size_t) of->n_points * n,
                              sizeof *result->outcomes);
    assert_non_null(result->outcomes);
    for (uint32_t i = 0; i < of->n_points * n; i++) {
        const struct vsw_point *point = &of->points[i / n];
        uint64_t fixed = cost_of(point->config.machine, "copy_byte")->fixed;
        struct vsw_outcome *o = vsw_outcome_new(2);

        assert_non_null(o);
        if (point->design == 1) {
            fixed = cost_of(plan->points[0].config.machine,
                            "copy_byte")->fixed;
        }
        o->window_ps = UINT64_C(1000000000000);
        o->window_delivered.n_pkts = 1000000000 / fixed;
        result->outcomes[i] = o;
    }
    *out = result;
    return 0;
}

static int
set_up(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    if (vsw_plan_load(&plan, VSW_SOURCE_DIR
                      "/configs/papers/zcopy-single-core.json", NULL, 0,
                      &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return pretend_run(&nominal, plan, NULL, NULL);
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_experiment_result_free(nominal);
    vsw_plan_free(plan);
    return 0;
}

static void
each_cost_takes_every_part_of_its_range_once(void **state)
{
    struct hypercube cube;
    bool seen[20];

    (void) state;
    assert_int_equal(hypercube_init(&cube, plan, 20), 0);
    assert_true(cube.n_costs > 5);
    for (uint32_t k = 0; k < cube.n_costs; k++) {
        memset(seen, 0, sizeof seen);
        for (uint32_t i = 0; i < 20; i++) {
            double q = cube.quantiles[k * 20 + i];

            assert_true(q > 0 && q < 1);
            assert_false(seen[(int) (q * 20)]);
            seen[(int) (q * 20)] = true;
        }
    }
    hypercube_fini(&cube);
}

static void
costs_stay_in_their_ranges_and_measured_ones_stay(void **state)
{
    const struct vsw_machine *machine = plan->points[0].config.machine;
    struct hypercube cube;

    (void) state;
    assert_int_equal(hypercube_init(&cube, plan, 7), 0);
    for (uint32_t sample = 0; sample < 7; sample++) {
        struct vsw_machine *drawn = hypercube_machine(&cube, machine, sample);

        assert_non_null(drawn);
        for (uint32_t i = 0; i < machine->n_costs; i++) {
            const struct vsw_cost *a = &machine->costs[i];
            const struct vsw_cost *b = &drawn->costs[i];

            if (a->kind == VSW_COST_MEASURED || a->kind == VSW_COST_ABSENT
                || !(a->max > a->min)) {
                assert_int_equal(a->fixed, b->fixed);
            } else {
                double per_unit = (double) a->fixed / a->value;

                assert_true(b->value > a->min && b->value < a->max);
                if (a->value > 0) {
                    assert_true(fabs((double) b->fixed - b->value * per_unit)
                                < 1 + 1e-3 * (double) b->fixed);
                }
            }
        }
        hypercube_free_machine(drawn);
    }
    hypercube_fini(&cube);
}

static void
ranks_correlate(void **state)
{
    static const double x[] = {1, 2, 3, 4}, up[] = {1, 4, 9, 16};
    static const double down[] = {5, 4, 3, -1}, flat[] = {2, 2, 2, 2};
    double scratch[8];

    (void) state;
    assert_true(rank_correlation(x, up, 4, scratch) > 0.999);
    assert_true(rank_correlation(x, down, 4, scratch) < -0.999);
    assert_true(fabs(rank_correlation(x, flat, 4, scratch)) < 1e-9);
}

static void
the_cost_that_matters_is_found_and_flips_the_ranking(void **state)
{
    const struct vsw_cost *copy = cost_of(plan->points[0].config.machine,
                                          "copy_byte");
    double share = (copy->max - copy->value) / (copy->max - copy->min);
    struct vsw_uncertainty *u;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void) state;
    assert_int_equal(vsw_uncertainty_new(&u, nominal, 40, pretend_run, NULL,
                                         NULL), 0);
    assert_string_equal(u->top[0][0].cost, "copy_byte");
    assert_true(u->top[0][0].correlation < -0.99);
    assert_null(u->top[1][0].cost);
    assert_true(u->points[0].low < u->points[0].value);
    assert_true(u->points[0].high > u->points[0].value);
    assert_true(u->points[2].high - u->points[2].low < 1e-6);
    /* The first design wins by default, and with a cheaper copy. */
    assert_true(fabs(u->flips[0] - share) < 0.08);
    vsw_uncertainty_print(u, out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "copy_byte -1.00"));
    free(text);
    vsw_uncertainty_free(u);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cost_takes_every_part_of_its_range_once),
        cmocka_unit_test(costs_stay_in_their_ranges_and_measured_ones_stay),
        cmocka_unit_test(ranks_correlate),
        cmocka_unit_test(
            the_cost_that_matters_is_found_and_flips_the_ranking),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
