#include "vsw_test.h"

#include <vswsim/random.h>

#include "core/vsw_chi2.h"

#define N_DRAWS 160000

static void
assert_words(struct vsw_random *r, const uint32_t *words)
{
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vsw_random_u32(r), words[i]);
    }
}

/* From kat_vectors of Random123, "philox4x32 10": counter 0, key 0; all bits
 * set is not a counter we can name, so the third one, digits of pi. */
static void
streams_are_those_of_philox(void **state)
{
    static const uint32_t zero[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                     0x9b00dbd8 };
    static const uint32_t pi[] = { 0xd16cfe09, 0x94fdcceb, 0x5001e420,
                                   0x24126ea1 };
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 0, 0, 0, 0);
    assert_words(&r, zero);

    vsw_random_init(&r, UINT64_C(0x299f31d0a4093822), 0x85a3, 0x13198a2e,
                    0x03707344);
    r.block = UINT64_C(0x08d3243f6a88);
    assert_words(&r, pi);
}

static void
a_stream_differs_with_each_part_of_its_name(void **state)
{
    static const uint64_t names[][4] = {
        { 1, 1, 1, 1 }, { 2, 1, 1, 1 }, { 1, 2, 1, 1 },
        { 1, 1, 2, 1 }, { 1, 1, 1, 2 }, { UINT64_C(1) << 32 | 1, 1, 1, 1 },
    };
    uint64_t first[VSW_N_ELEMS(names)];

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(names); i++) {
        struct vsw_random r;

        vsw_random_init(&r, names[i][0], (uint16_t) names[i][1],
                        (uint32_t) names[i][2], (uint32_t) names[i][3]);
        first[i] = vsw_random_u64(&r);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(first[i], first[j]);
        }
    }
}

static void
a_stream_is_the_same_from_its_start(void **state)
{
    struct vsw_random a, b;

    (void) state;
    vsw_random_init(&a, 42, VSW_RANDOM_ARRIVAL, 3, 9);
    for (int i = 0; i < 7; i++) {
        vsw_random_u32(&a);
    }
    vsw_random_init(&a, 42, VSW_RANDOM_ARRIVAL, 3, 9);
    vsw_random_init(&b, 42, VSW_RANDOM_ARRIVAL, 3, 9);
    for (int i = 0; i < 9; i++) {
        uint64_t low = vsw_random_u32(&b);

        assert_int_equal(vsw_random_u64(&a),
                         low | (uint64_t) vsw_random_u32(&b) << 32);
    }
}

static void
bounded_integers_are_uniform(void **state)
{
    uint64_t counts[16] = { 0 };
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 1, VSW_RANDOM_FLOW, 0, 0);
    for (int i = 0; i < N_DRAWS; i++) {
        uint64_t x = vsw_random_between(&r, 100, 115);

        assert_in_range(x, 100, 115);
        counts[x - 100]++;
    }
    assert_true(chi2_equal(counts, 16) < CHI2_LIMIT_16_CELLS);
}

/* With n = 3/4 of 2^64, taking the remainder or the high half of a product
 * without refusing any would give a third of the results twice the odds. */
static void
bounded_integers_have_no_bias_when_the_range_is_huge(void **state)
{
    uint64_t n = UINT64_C(3) << 62;
    uint64_t counts[3] = { 0 };
    uint64_t odd[2] = { 0 };
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 2, VSW_RANDOM_FLOW, 0, 0);
    for (int i = 0; i < N_DRAWS; i++) {
        uint64_t x = vsw_random_below(&r, n);

        assert_true(x < n);
        counts[x % 3]++;
        odd[x >> 63]++;
    }
    assert_true(chi2_equal(counts, 3) < 13.82);
    assert_true(chi2(odd, (double[]) { N_DRAWS * 2 / 3., N_DRAWS / 3. }, 2)
                < 10.83);
}

static void
extreme_ranges_are_taken(void **state)
{
    struct vsw_random r, same;

    (void) state;
    vsw_random_init(&r, 3, VSW_RANDOM_FLOW, 0, 0);
    assert_int_equal(vsw_random_below(&r, 1), 0);
    assert_int_equal(vsw_random_between(&r, 5, 5), 5);
    assert_int_equal(vsw_random_between(&r, UINT64_MAX, UINT64_MAX),
                     UINT64_MAX);
    same = r;
    assert_int_equal(vsw_random_between(&r, 0, UINT64_MAX),
                     vsw_random_u64(&same));
}

/* Sixteenths of the exponential distribution with mean 10^6, rounded. */
static const uint64_t sixteenths[] = {
    64539, 133531, 207639, 287682, 374693, 470004, 575364, 693147,
    826679, 980829, 1163151, 1386294, 1673976, 2079442, 2772589,
};

static void
exponential_variates_fill_equal_cells_equally(void **state)
{
    uint64_t counts[16] = { 0 };
    uint64_t sum = 0;
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 4, VSW_RANDOM_ARRIVAL, 0, 0);
    for (int i = 0; i < N_DRAWS; i++) {
        uint64_t x = vsw_random_exponential(&r, 1000000);
        int cell = 0;

        while (cell < 15 && x > sixteenths[cell]) {
            cell++;
        }
        counts[cell]++;
        sum += x;
    }
    assert_true(chi2_equal(counts, 16) < CHI2_LIMIT_16_CELLS);
    /* The mean of n variates has a deviation of 1/sqrt(n): 3.3 of these. */
    assert_in_range(sum / N_DRAWS, 1000000 - 8250, 1000000 + 8250);
}

static void
exponential_variates_grow_with_the_draw_and_the_mean(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < 1000; i++) {
        struct vsw_random a, b, c, d;
        uint64_t small, large, draw_a, draw_b;

        vsw_random_init(&a, 5, VSW_RANDOM_ARRIVAL, i, 0);
        vsw_random_init(&b, 5, VSW_RANDOM_ARRIVAL, i, 1);
        c = a;
        d = b;
        draw_a = vsw_random_u64(&c);
        draw_b = vsw_random_u64(&d);
        c = a;
        large = vsw_random_exponential(&c, 3000000000);
        small = vsw_random_exponential(&a, 1000000000);
        assert_in_range(large, 3 * small - 2, 3 * small + 2);
        assert_int_equal(draw_a < draw_b,
                         small < vsw_random_exponential(&b, 1000000000));
    }
}

static void
extreme_means_neither_wrap_nor_fail(void **state)
{
    struct vsw_random r;
    uint64_t greatest = 0;

    (void) state;
    vsw_random_init(&r, 6, VSW_RANDOM_ARRIVAL, 0, 0);
    assert_int_equal(vsw_random_exponential(&r, 0), 0);
    for (int i = 0; i < 1000; i++) {
        uint64_t x = vsw_random_exponential(&r, UINT64_C(1) << 58);

        assert_true(x < UINT64_C(45) << 58);
        x = vsw_random_exponential(&r, UINT64_MAX);
        greatest = x > greatest ? x : greatest;
    }
    assert_int_equal(greatest, UINT64_MAX);
}

/* P(k) = p (1 - p)^(k - 1), the last cell collects the rest. */
static void
assert_geometric(uint32_t p_q32, uint32_t replication)
{
    double p = p_q32 / 0x1p32;
    double left = N_DRAWS;
    double expected[8];
    uint64_t counts[8] = { 0 };
    struct vsw_random r;

    vsw_random_init(&r, 7, VSW_RANDOM_SIZE, 0, replication);
    for (int i = 0; i < N_DRAWS; i++) {
        uint64_t k = vsw_random_geometric(&r, p_q32);

        assert_true(k >= 1);
        counts[k < 8 ? k - 1 : 7]++;
    }
    for (int i = 0; i < 8; i++) {
        expected[i] = i < 7 ? left * p : left;
        left -= left * p;
    }
    assert_true(chi2(counts, expected, 8) < CHI2_LIMIT_8_CELLS);
}

static void
geometric_variates_have_their_probabilities(void **state)
{
    (void) state;
    assert_geometric(UINT32_C(1) << 31, 0);
    assert_geometric(UINT32_C(1) << 29, 1);
    assert_geometric(UINT32_C(3) << 30, 2);
}

static void
geometric_variates_take_extreme_probabilities(void **state)
{
    double sum = 0;
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 8, VSW_RANDOM_SIZE, 0, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(vsw_random_geometric(&r, UINT32_MAX), 1);
    }
    for (int i = 0; i < 10000; i++) {
        sum += (double) vsw_random_geometric(&r, 1) / 1e4;
    }
    assert_true(sum > 0.967 * 0x1p32 && sum < 1.033 * 0x1p32);
}

/* Worked out apart, with 60 decimal digits; whatever changes these changes
 * the result of every simulation. */
static void
variates_never_change(void **state)
{
    struct vsw_random r;

    (void) state;
    vsw_random_init(&r, 1, VSW_RANDOM_ARRIVAL, 2, 3);
    assert_int_equal(vsw_random_u64(&r), UINT64_C(0x701e1e9e0f7e47aa));
    assert_int_equal(vsw_random_below(&r, 1000), 460);
    assert_int_equal(vsw_random_exponential(&r, 1000000000), 363446683);
    assert_int_equal(vsw_random_geometric(&r, 1 << 20), 4677);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_those_of_philox),
        cmocka_unit_test(a_stream_differs_with_each_part_of_its_name),
        cmocka_unit_test(a_stream_is_the_same_from_its_start),
        cmocka_unit_test(bounded_integers_are_uniform),
        cmocka_unit_test(bounded_integers_have_no_bias_when_the_range_is_huge),
        cmocka_unit_test(extreme_ranges_are_taken),
        cmocka_unit_test(exponential_variates_fill_equal_cells_equally),
        cmocka_unit_test(exponential_variates_grow_with_the_draw_and_the_mean),
        cmocka_unit_test(extreme_means_neither_wrap_nor_fail),
        cmocka_unit_test(geometric_variates_have_their_probabilities),
        cmocka_unit_test(geometric_variates_take_extreme_probabilities),
        cmocka_unit_test(variates_never_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
