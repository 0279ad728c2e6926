/* Runs of every model repeat themselves, and nothing of the engine shows. */
#include "laws/laws.h"

#include <math.h>
#include <string.h>

#include <vswsim/metric.h>

/* --- Determinism --------------------------------------------------------- */

static void
assert_same(const struct vsw_outcome *a, const struct vsw_outcome *b)
{
    assert_memory_equal(&a->created, &b->created, sizeof a->created);
    assert_memory_equal(&a->delivered, &b->delivered, sizeof a->delivered);
    assert_memory_equal(a->dropped, b->dropped, sizeof a->dropped);
    assert_memory_equal(a->latency_ps, b->latency_ps, sizeof *a->latency_ps);
    assert_int_equal(a->n_calls, b->n_calls);
    assert_int_equal(a->n_charges, b->n_charges);
    for (uint32_t i = 0; i < a->n_charges; i++) {
        assert_int_equal(a->charges[i].busy_ps, b->charges[i].busy_ps);
        assert_int_equal(a->charges[i].n_charges, b->charges[i].n_charges);
    }
    assert_int_equal(a->n_counters, b->n_counters);
    for (uint32_t i = 0; i < a->n_counters; i++) {
        assert_int_equal(a->counters[i].value, b->counters[i].value);
    }
}

static void
a_run_repeats_itself_and_a_replication_does_not(void **state)
{
    const struct vsw_simulate_how first = {.replication = 0};
    const struct vsw_simulate_how second = {.replication = 1};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 256);
        struct vsw_outcome *a = simulate(&config, &first);
        struct vsw_outcome *b = simulate(&config, &first);
        struct vsw_outcome *c = simulate(&config, &second);

        assert_same(a, b);
        assert_int_not_equal(a->latency_ps->sum_low, c->latency_ps->sum_low);
        vsw_outcome_free(a);
        vsw_outcome_free(b);
        vsw_outcome_free(c);
    }
}

/* --- Order and quantum --------------------------------------------------- */

/* The move must be within the interval of the metric or 0.5 %; a quantile is
 * the end of a bucket, which is 1/128 of it wide. */
static double
tolerance_of(const char *metric)
{
    return 0.005 + (strstr(metric, "_p99_") ? 1.0 / 127 : 0);
}

static void
assert_stays(const char *design, const struct replications *plain,
             const struct replications *other, const char *what)
{
    static const char *const metrics[] = {
        "delivered_pps", "loss_ratio", "latency_mean_ns", "latency_p99_ns",
    };

    for (size_t i = 0; i < VSW_N_ELEMS(metrics); i++) {
        struct vsw_interval a = interval_of(plain, metrics[i]);
        struct vsw_interval b = interval_of(other, metrics[i]);
        double by = fabs(b.mean - a.mean);

        if (by > a.half_width && by > tolerance_of(metrics[i]) * a.mean) {
            fail_msg("%s of %s moves from %g +- %g to %g with %s",
                     metrics[i], design, a.mean, a.half_width, b.mean, what);
        }
    }
}

static void
neither_the_quantum_nor_the_order_of_ties_moves_a_metric(void **state)
{
    static const struct {
        struct vsw_simulate_how how;
        const char *what;
    } others[] = {
        {{.check = true, .quarter_quantum = true},
         "a quarter of the quantum"},
        {{.check = true, .reverse_ties = true}, "ties reversed"},
    };
    const struct vsw_simulate_how how = {.check = true};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 256);
        struct replications plain;

        replicate(&plain, &config, how);
        for (size_t i = 0; i < VSW_N_ELEMS(others); i++) {
            struct replications other;

            replicate(&other, &config, others[i].how);
            assert_stays(model->name, &plain, &other, others[i].what);
            free_replications(&other);
        }
        free_replications(&plain);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_repeats_itself_and_a_replication_does_not),
        cmocka_unit_test(
            neither_the_quantum_nor_the_order_of_ties_moves_a_metric),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
