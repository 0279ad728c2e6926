/* How often a 95 % interval contains what it is an interval for.
 *
 * Each of 400 seeds is an experiment of ten replications; its interval either
 * covers the closed form or does not.  If intervals keep their promise, the
 * number that do is binomial with a deviation of 4.4, so 92 to 98 % is within
 * 2.7 deviations.  Too narrow intervals (values that are not independent, or
 * a wrong quantile), too wide ones and biased means all leave that range. */
#include "vsw_test.h"

#include <math.h>

#include <vswsim/stats.h>

#include "core/queue_model.h"
#include "core/queue_theory.h"

#define SERVICE_PS     1000000
#define N_SEEDS        400
#define N_REPLICATIONS 10
#define FEWEST_COVERED (N_SEEDS * 92 / 100)
#define MOST_COVERED   (N_SEEDS * 98 / 100)

typedef double (*metric_fn)(const struct queue_outcome *outcome);

static struct queue_outcome outcome;

static const struct queue_params half_loaded = {
    .gap_ps = 2 * SERVICE_PS,
    .service_ps = SERVICE_PS,
    .max_batch = 1,
    .n_warm_up = 500,
    .n_counted = 4000,
};

static bool
covers(const struct queue_params *p, uint64_t seed, metric_fn metric,
       double exact)
{
    double values[N_REPLICATIONS];
    struct vsw_interval i;

    for (uint32_t r = 0; r < N_REPLICATIONS; r++) {
        queue_run(p, seed, r, &outcome);
        values[r] = metric(&outcome);
    }
    i = vsw_stats_interval(values, N_REPLICATIONS, VSW_CONFIDENCE_95);
    return fabs(i.mean - exact) <= i.half_width;
}

static void
assert_coverage(const struct queue_params *p, metric_fn metric, double exact)
{
    int n_covered = 0;

    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        n_covered += covers(p, seed, metric, exact);
    }
    print_message("    %.2f %% of %d intervals cover %.5f\n",
                  100.0 * n_covered / N_SEEDS, N_SEEDS, exact);
    assert_in_range(n_covered, FEWEST_COVERED, MOST_COVERED);
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

static void
intervals_cover_the_sojourn_of_mm1(void **state)
{
    (void) state;
    assert_coverage(&half_loaded, sojourn, mm1_sojourn(0.5));
}

static void
intervals_cover_the_waiting_of_md1(void **state)
{
    struct queue_params p = half_loaded;

    (void) state;
    p.fixed_service = true;
    assert_coverage(&p, waiting, md1_waiting(0.5));
}

static void
intervals_cover_the_loss_of_md1k(void **state)
{
    struct queue_params p = half_loaded;

    (void) state;
    p.gap_ps = SERVICE_PS;
    p.fixed_service = true;
    p.capacity = 5;
    assert_coverage(&p, queue_loss, md1k_loss(1, 5));
}

static void
intervals_cover_the_batch_of_batch_service(void **state)
{
    struct queue_params p = half_loaded;

    (void) state;
    p.gap_ps = SERVICE_PS / 4;
    p.max_batch = 8;
    assert_coverage(&p, queue_mean_batch, bulk_batch(4, 8));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_the_sojourn_of_mm1),
        cmocka_unit_test(intervals_cover_the_waiting_of_md1),
        cmocka_unit_test(intervals_cover_the_loss_of_md1k),
        cmocka_unit_test(intervals_cover_the_batch_of_batch_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
