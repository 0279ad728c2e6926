#include "vsw_test.h"

#include <math.h>

#include <vswsim/stats.h>

#include "core/queue_model.h"
#include "core/queue_theory.h"

#define SERVICE_PS     1000000
#define N_REPLICATIONS 20

typedef double (*metric_fn)(const struct queue_outcome *outcome);

static struct queue_outcome outcome;

/* A queue that a load of 'rho_percent' passes through. */
static struct queue_params
load(uint64_t rho_percent)
{
    return (struct queue_params) {
        .gap_ps = SERVICE_PS * UINT64_C(100) / rho_percent,
        .service_ps = SERVICE_PS,
        .max_batch = 1,
        .n_warm_up = 2000,
        .n_counted = 40000,
    };
}

/* The load itself: the gap was rounded to picoseconds. */
static double
rho_of(const struct queue_params *p)
{
    return (double) p->service_ps / (double) p->gap_ps;
}

/* The closed form must lie within the 99 % interval, or a little outside,
 * since there are many of these; and the interval must be narrow enough to
 * tell a wrong model. */
static void
assert_metric(const struct queue_params *p, metric_fn metric, double exact)
{
    double values[N_REPLICATIONS];
    struct vsw_interval i;

    for (uint32_t r = 0; r < N_REPLICATIONS; r++) {
        queue_run(p, 1, r, &outcome);
        values[r] = metric(&outcome);
    }
    i = vsw_stats_interval(values, N_REPLICATIONS, VSW_CONFIDENCE_99);
    print_message("    %.5f, simulated %.5f +- %.5f\n", exact, i.mean,
                  i.half_width);
    assert_int_equal(i.kind, VSW_INTERVAL_STUDENT);
    assert_true(i.half_width < 0.05 * exact);
    assert_true(fabs(i.mean - exact) < 1.25 * i.half_width);
}

static double
sojourn(const struct queue_outcome *o)
{
    return vsw_histogram_mean(&o->sojourn_ps) / SERVICE_PS;
}

static double
waiting(const struct queue_outcome *o)
{
    return vsw_histogram_mean(&o->waiting_ps) / SERVICE_PS;
}

static double
sojourn_median(const struct queue_outcome *o)
{
    return (double) vsw_histogram_quantile(&o->sojourn_ps, 1, 2) / SERVICE_PS;
}

static double
sojourn_p99(const struct queue_outcome *o)
{
    return (double) vsw_histogram_quantile(&o->sojourn_ps, 99, 100)
           / SERVICE_PS;
}

static void
mm1_has_its_mean_sojourn(void **state)
{
    (void) state;
    for (uint64_t percent = 20; percent <= 80; percent += 30) {
        struct queue_params p = load(percent);

        assert_metric(&p, sojourn, mm1_sojourn(rho_of(&p)));
    }
}

/* The histogram rounds up by half a bucket on average, which is from 1/512 to
 * 1/256 of the value. */
#define HALF_BUCKET (3 / 1024.)

static void
mm1_has_its_percentiles(void **state)
{
    struct queue_params p = load(50);

    (void) state;
    assert_metric(&p, sojourn_median,
                  mm1_sojourn_quantile(rho_of(&p), 0.5) * (1 + HALF_BUCKET));
    assert_metric(&p, sojourn_p99,
                  mm1_sojourn_quantile(rho_of(&p), 0.99) * (1 + HALF_BUCKET));
}

static void
md1_has_its_mean_waiting(void **state)
{
    (void) state;
    for (uint64_t percent = 20; percent <= 80; percent += 30) {
        struct queue_params p = load(percent);

        p.fixed_service = true;
        assert_metric(&p, waiting, md1_waiting(rho_of(&p)));
    }
}

/* Nine services in ten take a third of the mean, one takes seven times it:
 * E[S^2] = 0.9 / 9 + 0.1 * 49 = 5 = 1 + 4. */
static void
mg1_has_its_mean_waiting(void **state)
{
    (void) state;
    for (uint64_t percent = 20; percent <= 60; percent += 20) {
        struct queue_params p = load(percent);
        double rho = rho_of(&p);

        p.long_ps = p.service_ps * 7;
        p.service_ps /= 3;
        p.fixed_service = true;
        p.one_in_long = 10;
        p.n_counted = 150000;
        assert_metric(&p, waiting, mg1_waiting(rho, 4));
    }
}

static void
md1k_loses_and_delays_as_it_should(void **state)
{
    static const struct {
        uint64_t percent;
        uint32_t capacity;
    } cases[] = { { 80, 1 }, { 80, 4 }, { 100, 8 }, { 150, 16 } };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        struct queue_params p = load(cases[i].percent);
        double rho = rho_of(&p);
        int capacity = (int) cases[i].capacity;

        p.fixed_service = true;
        p.capacity = cases[i].capacity;
        assert_metric(&p, queue_loss, md1k_loss(rho, capacity));
        if (capacity > 1) {
            assert_metric(&p, sojourn, md1k_sojourn(rho, capacity));
        }
    }
}

/* What a poller of rings does: it takes what is there, up to its limit. */
static void
batch_service_has_its_mean_waiting_and_batch(void **state)
{
    static const struct {
        uint64_t percent;
        uint32_t max_batch;
    } cases[] = { { 80, 1 }, { 150, 2 }, { 300, 4 }, { 2000, 32 } };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        struct queue_params p = load(cases[i].percent);
        double rho = rho_of(&p);
        int max_batch = (int) cases[i].max_batch;

        p.max_batch = cases[i].max_batch;
        assert_metric(&p, waiting, bulk_waiting(rho, max_batch));
        if (max_batch > 1) {
            assert_metric(&p, queue_mean_batch, bulk_batch(rho, max_batch));
        }
    }
}

/* The closed forms against each other and against cases known by heart, so
 * that a slip in one is not taken for a fault of the simulator. */
static void
closed_forms_agree_where_they_meet(void **state)
{
    (void) state;
    assert_true(fabs(md1k_loss(0.8, 1) - 0.8 / 1.8) < 1e-12);
    assert_true(fabs(md1k_sojourn(0.8, 1) - 1) < 1e-12);
    assert_true(md1k_loss(0.5, 20) < 1e-6);
    assert_true(fabs(md1k_sojourn(0.5, 20) - 1 - md1_waiting(0.5)) < 1e-6);
    assert_true(fabs(bulk_waiting(0.8, 1) + 1 - mm1_sojourn(0.8)) < 1e-9);
    assert_true(fabs(bulk_batch(0.8, 1) - 1) < 1e-9);
    assert_true(fabs(mm1_sojourn_quantile(0.5, 1 - exp(-1)) - 2) < 1e-12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms_agree_where_they_meet),
        cmocka_unit_test(mm1_has_its_mean_sojourn),
        cmocka_unit_test(mm1_has_its_percentiles),
        cmocka_unit_test(md1_has_its_mean_waiting),
        cmocka_unit_test(mg1_has_its_mean_waiting),
        cmocka_unit_test(md1k_loses_and_delays_as_it_should),
        cmocka_unit_test(batch_service_has_its_mean_waiting_and_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
