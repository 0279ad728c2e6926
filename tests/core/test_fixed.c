#include "vsw_test.h"

#include <float.h>
#include <math.h>

#include <vswsim/compiler.h>

#include "core/fixed.h"
#include "vsw_random.h"

/* Of ours, in units of the last place of what it returns. */
static double
ln_error(uint64_t x)
{
    long double exact = -(logl((long double) x) - 64 * logl(2));
    long double ours = (long double) vsw_fixed_neg_ln(x);

    return (double) fabsl(ours - exact * 0x1p58L);
}

static double
exp_error(uint64_t y)
{
    long double exact = expl(-(long double) y * 0x1p-58L);
    long double ours = (long double) vsw_fixed_exp_neg(y);

    return (double) fabsl(ours - exact * 0x1p63L);
}

/* Bits that the C library of this machine gets right beside our bound. */
static int
long_double_is_wide_enough(void)
{
    return LDBL_MANT_DIG >= 64;
}

static void
the_logarithm_keeps_its_error_bound(void **state)
{
    struct rnd r = rnd_from_environment("fixed", 7);

    (void) state;
    if (!long_double_is_wide_enough()) {
        skip();
    }
    for (int i = 0; i < 300000; i++) {
        uint64_t x = rnd_next(&r) >> (i % 64) | 1;

        assert_true(ln_error(x) < 8);
        assert_true(ln_error(-x) < 8);
    }
    for (int bit = 0; bit < 64; bit++) {
        uint64_t x = UINT64_C(1) << bit;

        assert_true(ln_error(x) < 8);
        assert_true(ln_error(-x) < 8);
    }
}

static void
the_exponential_keeps_its_error_bound(void **state)
{
    struct rnd r = rnd_from_environment("fixed", 7);

    (void) state;
    if (!long_double_is_wide_enough()) {
        skip();
    }
    for (int i = 0; i < 300000; i++) {
        uint64_t y = rnd_next(&r) >> (i % 64);

        assert_true(exp_error(y) < 512);
    }
    assert_true(exp_error(0) < 512);
    assert_true(exp_error(VSW_FIXED_LN2) < 512);
    assert_true(exp_error(VSW_FIXED_LN2 - 1) < 512);
    assert_int_equal(vsw_fixed_exp_neg(UINT64_MAX), 0);
}

/* A variate may not fall where its draw rises, at the seams of the table
 * above all. */
static void
the_logarithm_falls_as_its_argument_rises(void **state)
{
    (void) state;
    for (uint64_t i = 65; i < 128; i++) {
        uint64_t seam = i << 57;

        assert_true(vsw_fixed_neg_ln(seam - 128) > vsw_fixed_neg_ln(seam));
        assert_true(vsw_fixed_neg_ln(seam) > vsw_fixed_neg_ln(seam + 128));
    }
}

static void
the_wide_product_is_right(void **state)
{
    (void) state;
    assert_int_equal(vsw_mul_hi64(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
    assert_int_equal(vsw_mul_hi64(UINT64_MAX, 1), 0);
    assert_int_equal(vsw_mul_hi64(UINT64_C(0x123456789abcdef0),
                                  UINT64_C(0xfedcba9876543210)),
                     UINT64_C(0x121fa00ad77d7422));
    assert_int_equal(vsw_msb64(1), 0);
    assert_int_equal(vsw_msb64(UINT64_MAX), 63);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_logarithm_keeps_its_error_bound),
        cmocka_unit_test(the_exponential_keeps_its_error_bound),
        cmocka_unit_test(the_logarithm_falls_as_its_argument_rises),
        cmocka_unit_test(the_wide_product_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
