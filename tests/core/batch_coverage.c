/* How often an interval from the batches of one replication contains what it
 * is an interval for.
 *
 * Each of 1000 seeds is one long run of a series whose mean is known.  If the
 * intervals keep their promise, 95 % cover it, with a deviation of 0.7 %.
 * Parts taken as if they were independent must fail, or the test could not. */
#include "vsw_test.h"

#include <math.h>

#include <vswsim/random.h>
#include <vswsim/stats.h>

#define N_SEEDS 1000
#define N_PARTS 400
#define STEPS_PER_PART 100

static double sums[N_PARTS], weights[N_PARTS];

/* Counts of seeds. */
struct coverage {
    int n_covered;
    int n_given;                /* Intervals that were given at all. */
    double width;               /* Sum of their half widths. */
};

typedef void (*fill_fn)(struct vsw_random *r, double parameter);

/* Uniform noise of mean 0; no shape matters after this many sums. */
static double
noise(struct vsw_random *r)
{
    return ((double) vsw_random_below(r, 1000001) - 500000) / 1e6;
}

/* x[i] = phi x[i - 1] + noise, of mean 0, one value per part. */
static void
fill_ar1(struct vsw_random *r, double phi)
{
    double x = 0;

    for (int i = -1000; i < N_PARTS; i++) {
        x = phi * x + noise(r);
        if (i >= 0) {
            sums[i] = x;
            weights[i] = 1;
        }
    }
}

static double
exponential(struct vsw_random *r, double mean)
{
    return (double) vsw_random_exponential(r, 1000000) * mean / 1e6;
}

/* Sojourn times of M/M/1 by Lindley's recurrence, service time 1; a part is
 * what a stretch of time sees, so its number of customers differs. */
static void
fill_mm1(struct vsw_random *r, double load)
{
    double waiting = 0, now = -2000, part = STEPS_PER_PART / load;

    for (int i = 0; i < N_PARTS; i++) {
        sums[i] = weights[i] = 0;
    }
    while (now < N_PARTS * part) {
        double gap = exponential(r, 1 / load);
        double service = exponential(r, 1);

        if (now >= 0) {
            int i = (int) (now / part);

            sums[i] += waiting + service;
            weights[i]++;
        }
        waiting = fmax(0, waiting + service - gap);
        now += gap;
    }
}

static struct coverage
cover(fill_fn fill, double parameter, double exact)
{
    struct coverage c = {0, 0, 0};

    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct vsw_random r;
        struct vsw_interval i;

        vsw_random_init(&r, seed, 0, 0, 0);
        fill(&r, parameter);
        i = vsw_stats_batches(sums, weights, N_PARTS, VSW_CONFIDENCE_95);
        if (i.kind == VSW_INTERVAL_BATCHES) {
            c.n_given++;
            c.n_covered += fabs(i.mean - exact) <= i.half_width;
            c.width += i.half_width;
        }
    }
    print_message("    parameter %.3f: %d given, %.1f %% of these cover "
                  "%.3f, +-%.4f\n", parameter, c.n_given,
                  100.0 * c.n_covered / c.n_given, exact,
                  c.width / c.n_given);
    return c;
}

static void
assert_share(int n, int of, double least, double most)
{
    double share = (double) n / of;

    assert_true(share >= least && share <= most);
}

static void
independent_parts_are_covered(void **state)
{
    struct coverage c = cover(fill_ar1, 0, 0);

    (void) state;
    assert_share(c.n_given, N_SEEDS, 0.9, 1);
    assert_share(c.n_covered, c.n_given, 0.925, 0.975);
}

/* What happens without batches. */
static void
correlated_parts_are_not_independent(void **state)
{
    int n_covered = 0;

    (void) state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct vsw_random r;
        struct vsw_interval i;

        vsw_random_init(&r, seed, 0, 0, 0);
        fill_ar1(&r, 0.9);
        i = vsw_stats_interval(sums, N_PARTS, VSW_CONFIDENCE_95);
        n_covered += fabs(i.mean) <= i.half_width;
    }
    print_message("    parts alone: %d of %d\n", n_covered, N_SEEDS);
    assert_share(n_covered, N_SEEDS, 0.2, 0.5);
}

static void
correlated_parts_are_covered(void **state)
{
    static const double phis[] = {0.5, 0.8, 0.9};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(phis); i++) {
        struct coverage c = cover(fill_ar1, phis[i], 0);

        assert_share(c.n_given, N_SEEDS, 0.9, 1);
        assert_share(c.n_covered, c.n_given, 0.925, 0.975);
    }
}

static void
sojourns_of_mm1_are_covered(void **state)
{
    static const double loads[] = {0.5, 0.8};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(loads); i++) {
        struct coverage c = cover(fill_mm1, loads[i], 1 / (1 - loads[i]));

        assert_share(c.n_given, N_SEEDS, 0.9, 1);
        assert_share(c.n_covered, c.n_given, 0.925, 0.975);
    }
}

/* A series that hardly forgets within the window gives no interval, most of
 * the time. */
static void
too_short_a_window_is_refused(void **state)
{
    struct coverage c = cover(fill_ar1, 0.999, 0);

    (void) state;
    assert_share(c.n_given, N_SEEDS, 0, 0.4);
}

static void
assert_refused(const double *values, const double *n, uint32_t n_parts)
{
    struct vsw_interval i = vsw_stats_batches(values, n, n_parts,
                                              VSW_CONFIDENCE_95);

    assert_int_equal(i.kind, VSW_INTERVAL_SINGLE);
    assert_true(i.half_width == 0);
}

/* Too few parts, none that differ, none with a packet, and a trend. */
static void
what_shows_no_spread_is_refused(void **state)
{
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 1, 0, 0, 0);
    fill_ar1(&r, 0);
    assert_refused(sums, NULL, 7);
    assert_refused(sums, NULL, 0);
    for (int i = 0; i < N_PARTS; i++) {
        sums[i] = 7;
        weights[i] = i >= N_PARTS / 2;
    }
    assert_refused(sums, NULL, N_PARTS);
    assert_refused(sums, weights, N_PARTS);
    for (int i = 0; i < N_PARTS; i++) {
        sums[i] = i;
    }
    assert_refused(sums, NULL, N_PARTS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_parts_are_covered),
        cmocka_unit_test(correlated_parts_are_not_independent),
        cmocka_unit_test(correlated_parts_are_covered),
        cmocka_unit_test(sojourns_of_mm1_are_covered),
        cmocka_unit_test(too_short_a_window_is_refused),
        cmocka_unit_test(what_shows_no_spread_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
