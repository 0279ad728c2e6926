#include "vsw_test.h"

#include <stdlib.h>

#include <vswsim/histogram.h>

#include "vsw_random.h"

static struct vsw_histogram h, other, whole;

static int
empty_all(void **state)
{
    (void) state;
    vsw_histogram_init(&h);
    vsw_histogram_init(&other);
    vsw_histogram_init(&whole);
    return 0;
}

static void
an_empty_histogram_has_no_buckets_and_no_quantiles(void **state)
{
    struct vsw_histogram_bucket bucket;
    uint32_t cursor = 0;

    (void) state;
    assert_false(vsw_histogram_next(&h, &cursor, &bucket));
    assert_int_equal(vsw_histogram_quantile(&h, 1, 2), 0);
    assert_true(vsw_histogram_mean(&h) == 0);
    assert_int_equal(h.min, UINT64_MAX);
    assert_int_equal(h.max, 0);
}

static void
one_value_is_every_quantile(void **state)
{
    (void) state;
    vsw_histogram_add(&h, 123456789);

    assert_int_equal(vsw_histogram_quantile(&h, 0, 1), 123456789);
    assert_int_equal(vsw_histogram_quantile(&h, 1, 2), 123456789);
    assert_int_equal(vsw_histogram_quantile(&h, 1, 1), 123456789);
}

static void
small_values_are_exact(void **state)
{
    (void) state;
    for (uint64_t v = 0; v < 256; v++) {
        vsw_histogram_add(&h, v);
    }
    for (uint64_t rank = 1; rank <= 256; rank++) {
        assert_int_equal(vsw_histogram_at_rank(&h, rank), rank - 1);
    }
}

/* The hundred values 1 to 100: the p-th percentile is p by every convention
 * that takes the ceiling of the rank. */
static void
quantiles_take_the_ceiling_of_the_rank(void **state)
{
    (void) state;
    for (uint64_t v = 100; v > 0; v--) {
        vsw_histogram_add(&h, v);
    }
    assert_int_equal(vsw_histogram_quantile(&h, 0, 1), 1);
    assert_int_equal(vsw_histogram_quantile(&h, 50, 100), 50);
    assert_int_equal(vsw_histogram_quantile(&h, 99, 100), 99);
    assert_int_equal(vsw_histogram_quantile(&h, 999, 1000), 100);
    assert_int_equal(vsw_histogram_quantile(&h, 501, 1000), 51);
}

static void
ranks_do_not_overflow_when_counts_are_huge(void **state)
{
    (void) state;
    h.n = UINT64_MAX;
    h.min = 1;
    h.max = 2;
    h.counts[1] = UINT64_C(1) << 63;
    h.counts[2] = UINT64_MAX - (UINT64_C(1) << 63);

    assert_int_equal(vsw_histogram_quantile(&h, UINT32_MAX / 2, UINT32_MAX),
                     1);
    assert_int_equal(vsw_histogram_quantile(&h, UINT32_MAX / 2 + 2,
                                            UINT32_MAX), 2);
}

/* Each bucket begins where the one before it ends, holds its own ends, and
 * is narrow beside its values. */
static void
buckets_tile_all_values(void **state)
{
    struct vsw_histogram_bucket bucket;
    uint32_t cursor = 0;
    uint64_t next = 0;

    (void) state;
    for (uint32_t i = 0; i < VSW_HISTOGRAM_N_BUCKETS; i++) {
        h.counts[i] = i + 1;
    }
    for (uint32_t i = 0; i < VSW_HISTOGRAM_N_BUCKETS; i++) {
        assert_true(vsw_histogram_next(&h, &cursor, &bucket));
        assert_int_equal(bucket.low, next);
        assert_int_equal(bucket.n, i + 1);
        assert_int_equal(vsw_histogram_index(bucket.low), i);
        assert_int_equal(vsw_histogram_index(bucket.high), i);
        assert_true(bucket.high - bucket.low <= bucket.low / 128);
        next = bucket.high + 1;
    }
    assert_int_equal(next, 0);
    assert_false(vsw_histogram_next(&h, &cursor, &bucket));
    assert_false(vsw_histogram_next(&h, &cursor, &bucket));
}

static void
the_sum_carries_beyond_64_bits(void **state)
{
    (void) state;
    for (int i = 0; i < 5; i++) {
        vsw_histogram_add(&h, UINT64_MAX);
        vsw_histogram_add(&other, UINT64_MAX);
    }
    assert_int_equal(h.sum_high, 4);
    assert_int_equal(h.sum_low, UINT64_MAX - 4);
    assert_true(vsw_histogram_mean(&h) == 0x1p64);

    vsw_histogram_merge(&h, &other);
    assert_int_equal(h.sum_high, 9);
    assert_int_equal(h.sum_low, UINT64_MAX - 9);
}

/* Values of every magnitude, many of them equal. */
static uint64_t
some_value(struct rnd *r)
{
    uint64_t value = rnd_next(r) >> rnd_below(r, 64);

    return rnd_below(r, 4) ? value : value & 0xff;
}

static int
compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void
assert_matches(const struct vsw_histogram *hist, const uint64_t *sorted,
               uint32_t n)
{
    assert_int_equal(hist->n, n);
    assert_int_equal(hist->min, sorted[0]);
    assert_int_equal(hist->max, sorted[n - 1]);
    assert_int_equal(vsw_histogram_at_rank(hist, 1), sorted[0]);
    assert_int_equal(vsw_histogram_at_rank(hist, n), sorted[n - 1]);
    for (uint32_t rank = 1; rank <= n; rank++) {
        uint64_t exact = sorted[rank - 1];
        uint64_t found = vsw_histogram_at_rank(hist, rank);

        assert_true(found >= exact && found - exact <= exact / 128);
    }
}

static void
assert_buckets_match(const struct vsw_histogram *hist, const uint64_t *sorted,
                     uint32_t n)
{
    struct vsw_histogram_bucket bucket;
    uint32_t cursor = 0;
    uint32_t done = 0;

    while (vsw_histogram_next(hist, &cursor, &bucket)) {
        assert_true(bucket.n > 0);
        for (uint64_t i = 0; i < bucket.n; i++, done++) {
            assert_true(done < n);
            assert_in_range(sorted[done], bucket.low, bucket.high);
        }
    }
    assert_int_equal(done, n);
}

/* Against the sorted list of the very values; two halves merged must be the
 * same as all in one. */
static void
a_histogram_agrees_with_the_sorted_values(void **state)
{
    static uint64_t values[2000];
    struct rnd r = rnd_from_environment("histogram", 3);

    (void) state;
    for (int round = 0; round < 60; round++) {
        uint32_t n = 1 + rnd_below(&r, VSW_N_ELEMS(values));

        empty_all(NULL);
        for (uint32_t i = 0; i < n; i++) {
            values[i] = some_value(&r);
            vsw_histogram_add(&whole, values[i]);
            vsw_histogram_add(rnd_below(&r, 2) ? &h : &other, values[i]);
        }
        qsort(values, n, sizeof values[0], compare);
        assert_matches(&whole, values, n);
        assert_buckets_match(&whole, values, n);
        vsw_histogram_merge(&h, &other);
        assert_memory_equal(&h, &whole, sizeof h);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            an_empty_histogram_has_no_buckets_and_no_quantiles, empty_all),
        cmocka_unit_test_setup(one_value_is_every_quantile, empty_all),
        cmocka_unit_test_setup(small_values_are_exact, empty_all),
        cmocka_unit_test_setup(quantiles_take_the_ceiling_of_the_rank,
                               empty_all),
        cmocka_unit_test_setup(ranks_do_not_overflow_when_counts_are_huge,
                               empty_all),
        cmocka_unit_test_setup(buckets_tile_all_values, empty_all),
        cmocka_unit_test_setup(the_sum_carries_beyond_64_bits, empty_all),
        cmocka_unit_test(a_histogram_agrees_with_the_sorted_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
