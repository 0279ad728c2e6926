#include "vsw_test.h"

#include <errno.h>
#include <math.h>

#include <vswsim/zipf.h>

#include "core/vsw_chi2.h"

#define N_DRAWS 160000

static struct vsw_zipf
make(uint32_t n_ranks, uint32_t skew_milli)
{
    struct vsw_zipf zipf;

    assert_int_equal(vsw_zipf_init(&zipf, n_ranks, skew_milli), 0);
    return zipf;
}

/* Probability of 'rank' as the table has it. */
static double
share(const struct vsw_zipf *zipf, uint32_t rank)
{
    uint64_t before = rank ? zipf->cumulative[rank - 1] : 0;

    return (double) (zipf->cumulative[rank] - before)
           / (double) zipf->cumulative[zipf->n_ranks - 1];
}

static void
assert_shares(uint32_t n_ranks, uint32_t skew_milli)
{
    struct vsw_zipf zipf = make(n_ranks, skew_milli);
    double sum = 0;

    for (uint32_t i = 0; i < n_ranks; i++) {
        sum += pow(i + 1, -(skew_milli / 1e3));
    }
    for (uint32_t i = 0; i < n_ranks; i++) {
        double exact = pow(i + 1, -(skew_milli / 1e3)) / sum;
        /* Wider than ours at first: pow() and the sum round, too. */
        double bound = 0x1p-50 + exact * 0x1p-38;

        assert_true(fabs(share(&zipf, i) - exact) < bound);
    }
    vsw_zipf_fini(&zipf);
}

static void
probabilities_are_powers_of_the_rank(void **state)
{
    (void) state;
    assert_shares(1, 1000);
    assert_shares(10, 1000);
    assert_shares(1000, 990);
    assert_shares(65537, 1200);
    assert_shares(1000, 10000);
}

static void
a_skew_of_zero_is_uniform(void **state)
{
    struct vsw_zipf zipf = make(1000, 0);

    (void) state;
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(zipf.cumulative[i], zipf.cumulative[0] * (i + 1));
    }
    vsw_zipf_fini(&zipf);
}

static void
draws_follow_the_probabilities(void **state)
{
    struct vsw_zipf zipf = make(8, 990);
    uint64_t counts[8] = { 0 };
    double expected[8];
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 11, VSW_RANDOM_FLOW, 0, 0);
    for (int i = 0; i < N_DRAWS; i++) {
        uint32_t rank = vsw_zipf_draw(&zipf, &r);

        assert_true(rank < 8);
        counts[rank]++;
    }
    for (uint32_t i = 0; i < 8; i++) {
        expected[i] = share(&zipf, i) * N_DRAWS;
    }
    assert_true(chi2(counts, expected, 8) < CHI2_LIMIT_8_CELLS);
    vsw_zipf_fini(&zipf);
}

/* A draw that equals a cumulative weight belongs to the next rank, so that
 * a rank without weight is never drawn. */
static void
a_rank_without_weight_is_never_drawn(void **state)
{
    uint64_t cumulative[] = { 0, 2, 2, 3, 4, 4 };
    const struct vsw_zipf zipf = { .n_ranks = 6, .cumulative = cumulative };
    uint64_t counts[6] = { 0 };
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 13, VSW_RANDOM_FLOW, 0, 0);
    for (int i = 0; i < 4000; i++) {
        counts[vsw_zipf_draw(&zipf, &r)]++;
    }
    assert_int_equal(counts[0] + counts[2] + counts[5], 0);
    assert_in_range(counts[1], 1900, 2100);
    assert_in_range(counts[3], 910, 1090);
    assert_in_range(counts[4], 910, 1090);
}

static void
one_rank_is_always_drawn(void **state)
{
    struct vsw_zipf zipf = make(1, 10000);
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 12, VSW_RANDOM_FLOW, 0, 0);
    assert_int_equal(vsw_zipf_draw(&zipf, &r), 0);
    vsw_zipf_fini(&zipf);
}

static void
what_exceeds_a_limit_is_refused(void **state)
{
    struct vsw_zipf zipf;

    (void) state;
    assert_int_equal(vsw_zipf_init(&zipf, 0, 1000), -EINVAL);
    assert_int_equal(vsw_zipf_init(&zipf, VSW_ZIPF_MAX_RANKS + 1, 1000),
                     -EINVAL);
    assert_int_equal(vsw_zipf_init(&zipf, 2, VSW_ZIPF_MAX_SKEW_MILLI + 1),
                     -EINVAL);
    vsw_zipf_fini(&zipf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_are_powers_of_the_rank),
        cmocka_unit_test(a_skew_of_zero_is_uniform),
        cmocka_unit_test(draws_follow_the_probabilities),
        cmocka_unit_test(a_rank_without_weight_is_never_drawn),
        cmocka_unit_test(one_rank_is_always_drawn),
        cmocka_unit_test(what_exceeds_a_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
