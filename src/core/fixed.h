/* Logarithm and exponential in fixed point, from integers alone: what the C
 * library returns for them differs in the last bits between machines. */
#ifndef VSWSIM_CORE_FIXED_H
#define VSWSIM_CORE_FIXED_H

#include <stdint.h>

/* Fraction bits of the logarithms below; six bits are left for integers. */
#define VSW_FIXED_LN_BITS 58

/* ln(2) with VSW_FIXED_LN_BITS fraction bits. */
#define VSW_FIXED_LN2 UINT64_C(0x02c5c85fdf473de7)

/* -ln(x / 2^64) with VSW_FIXED_LN_BITS fraction bits, for 'x' > 0, wrong by
 * less than 2^-55. */
uint64_t vsw_fixed_neg_ln(uint64_t x);

/* exp(-y / 2^VSW_FIXED_LN_BITS) as a fraction of 2^63, wrong by less than
 * 2^-54 of one. */
uint64_t vsw_fixed_exp_neg(uint64_t y);

#endif
