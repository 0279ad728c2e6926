#include "core/fixed.h"

#include <assert.h>

#include <vswsim/compiler.h>

/* ln(2) as a fraction of 2^64; the multiples of the shorter one would be
 * wrong by up to 64 times its rounding. */
#define LN2_Q64 UINT64_C(0xb17217f7d1cf79ac)

/* ln(1 + i/64), rounded to VSW_FIXED_LN_BITS fraction bits. */
static const uint64_t ln_table[64] = {
    UINT64_C(0x0000000000000000), UINT64_C(0x000fe054587e01f2),
    UINT64_C(0x001f829b0e783300), UINT64_C(0x002ee8b1ec65b9f9),
    UINT64_C(0x003e14618022c54d), UINT64_C(0x004d075e586f4742),
    UINT64_C(0x005bc34a2b95ad2e), UINT64_C(0x006a49b4e92b558e),
    UINT64_C(0x00789c1db8abcb98), UINT64_C(0x0086bbf3e68472cb),
    UINT64_C(0x0094aa97c0ffa91a), UINT64_C(0x00a2695b665be8f3),
    UINT64_C(0x00aff983853c9e9e), UINT64_C(0x00bd5c481086c849),
    UINT64_C(0x00ca92d4e7a2b5a4), UINT64_C(0x00d79e4a7405ff97),
    UINT64_C(0x00e47fbe3cd4d10d), UINT64_C(0x00f1383b7157972f),
    UINT64_C(0x00fdc8c36af1f154), UINT64_C(0x010a324e27390e36),
    UINT64_C(0x011675cababa60e0), UINT64_C(0x0122941fbcf7965a),
    UINT64_C(0x012e8e2bae11d30a), UINT64_C(0x013a64c556945e9c),
    UINT64_C(0x014618bc21c5ec28), UINT64_C(0x0151aad872df82d1),
    UINT64_C(0x015d1bdbf5809ca5), UINT64_C(0x01686c81e9b14aec),
    UINT64_C(0x01739d7f6bbd006a), UINT64_C(0x017eaf83b82afc36),
    UINT64_C(0x0189a3386c1425ab), UINT64_C(0x01947941c2116fac),
    UINT64_C(0x019f323ecbf984bf), UINT64_C(0x01a9cec9a9a08499),
    UINT64_C(0x01b44f77bcc8f629), UINT64_C(0x01beb4d9da71b7bf),
    UINT64_C(0x01c8ff7c79a9a21b), UINT64_C(0x01d32fe7e00ebd56),
    UINT64_C(0x01dd46a04c1c4a0c), UINT64_C(0x01e744261d68787e),
    UINT64_C(0x01f128f5faf06ecb), UINT64_C(0x01faf588f78f31ee),
    UINT64_C(0x0204aa54b4ba1fd9), UINT64_C(0x020e47cb839be80a),
    UINT64_C(0x0217ce5c84a55057), UINT64_C(0x02213e73c5a992e0),
    UINT64_C(0x022a987a5e9abd35), UINT64_C(0x0233dcd68cf92dda),
    UINT64_C(0x023d0bebce081a08), UINT64_C(0x0246261af7d7e850),
    UINT64_C(0x024f2bc25136235d), UINT64_C(0x02581d3da891d177),
    UINT64_C(0x0260fae669e217c4), UINT64_C(0x0269c513b39c3a63),
    UINT64_C(0x02727c1a6ac54335), UINT64_C(0x027b204d4e2adf55),
    UINT64_C(0x0283b1fd08ce55cd), UINT64_C(0x028c3178438bd850),
    UINT64_C(0x02949f0bb607d760), UINT64_C(0x029cfb0236eb7614),
    UINT64_C(0x02a545a4cb78b55e), UINT64_C(0x02ad7f3ab67e7328),
    UINT64_C(0x02b5a80986b3e59f), UINT64_C(0x02bdc0552482ceae),
};

/* 1/k as a fraction of 2^64, rounded; 1/1 is as near as fits. */
static const uint64_t inverse[] = {
    UINT64_C(0x0000000000000000), UINT64_C(0xffffffffffffffff),
    UINT64_C(0x8000000000000000), UINT64_C(0x5555555555555555),
    UINT64_C(0x4000000000000000), UINT64_C(0x3333333333333333),
    UINT64_C(0x2aaaaaaaaaaaaaab), UINT64_C(0x2492492492492492),
    UINT64_C(0x2000000000000000), UINT64_C(0x1c71c71c71c71c72),
};

/* ln(1 + r / 2^64) as a fraction of 2^64, for r < 2^58, that is below 1/64:
 * r (1 - r (1/2 - r (1/3 - ... r/8))).  The first term left out is below
 * (1/64)^9 / 9 < 2^-57. */
static uint64_t
ln_near_one(uint64_t r)
{
    uint64_t sum = inverse[8];

    for (int k = 7; k >= 2; k--) {
        sum = inverse[k] - vsw_mul_hi64(r, sum);
    }
    return r - vsw_mul_hi64(r, vsw_mul_hi64(r, sum));
}

/* x / 2^64 = 2^-exponent * (1 + i/64) * (1 + r / 2^64): the power and the
 * product come from tables, what is left from a series. */
uint64_t
vsw_fixed_neg_ln(uint64_t x)
{
    unsigned int shift = 63 - vsw_msb64(x);
    uint64_t mantissa = x << shift;
    uint64_t i = (mantissa >> 57) - 64;
    uint64_t rest = mantissa << 7;          /* Of 2^64 sixty-fourths. */
    uint64_t r = rest / (64 + i);
    uint64_t ln = ln_table[i]
                  + (ln_near_one(r) >> (64 - VSW_FIXED_LN_BITS));
    uint64_t power = VSW_FIXED_LN2
                     + vsw_mul_hi64((uint64_t) shift << VSW_FIXED_LN_BITS,
                                    LN2_Q64);

    assert(x > 0);
    return power > ln ? power - ln : 0;
}

/* exp(-f) for f < 1/16, both as fractions of 2^64, with 1 a bit short of it:
 * 1 - f (1 - f/2 (1 - f/3 (1 - ... f/9))).  The first term left out is below
 * (1/16)^10 / 10! < 2^-61. */
static uint64_t
exp_neg_small(uint64_t f)
{
    uint64_t sum = UINT64_MAX;

    for (int k = 9; k >= 1; k--) {
        sum = UINT64_MAX - vsw_mul_hi64(vsw_mul_hi64(f, inverse[k]), sum);
    }
    return sum;
}

/* exp(-y) = 2^-n * exp(-f/16)^16, with f < ln(2) what n halvings leave. */
uint64_t
vsw_fixed_exp_neg(uint64_t y)
{
    uint64_t n = y / VSW_FIXED_LN2;
    uint64_t f = y % VSW_FIXED_LN2;
    uint64_t e = exp_neg_small(f << (64 - VSW_FIXED_LN_BITS) >> 4);

    for (int i = 0; i < 4; i++) {
        e = vsw_mul_hi64(e, e);
    }
    return n < 63 ? e >> (n + 1) : 0;
}
