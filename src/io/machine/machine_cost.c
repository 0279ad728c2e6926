/* Exact conversion of costs to fixed point. */
#include "io/machine/machine_load.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define MAX_DIGITS 9
#define MAX_DECIMALS 7

/* 2^-10 ps in a picosecond, and in a second. */
#define PER_PS ((uint64_t) 1 << VSW_COST_FRACTION_BITS)
#define PER_SECOND (PER_PS * 1000000000000u)

/* 'digits' * 10^'exponent'. */
struct decimal {
    uint64_t digits;
    int exponent;
};

static int
parse_exponent(const char *text, const char *end, int *exponent)
{
    bool negative = text < end && *text == '-';
    int value = 0;

    if (text < end && (*text == '-' || *text == '+')) {
        text++;
    }
    if (text == end) {
        return -EINVAL;
    }
    for (; text < end; text++) {
        if (!isdigit((unsigned char) *text) || value > 100) {
            return -EINVAL;
        }
        value = value * 10 + (*text - '0');
    }
    *exponent += negative ? -value : value;
    return 0;
}

static int
parse_decimal(const char *text, const char *end, struct decimal *d)
{
    bool point = false;
    int n_digits = 0, n_seen = 0;

    d->digits = 0;
    d->exponent = 0;
    for (; text < end && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (!isdigit((unsigned char) *text)) {
            return -EINVAL;
        }
        n_seen++;
        n_digits += d->digits > 0 || *text != '0';
        if (n_digits > MAX_DIGITS) {
            return -EINVAL;
        }
        d->digits = d->digits * 10 + (uint64_t) (*text - '0');
        d->exponent -= point;
    }
    if (n_seen == 0) {
        return -EINVAL;
    }
    return text < end ? parse_exponent(text + 1, end, &d->exponent) : 0;
}

/* (hi * 2^64 + lo) / 'den', rounded; 'den' < 2^63. */
static int
divide(uint64_t hi, uint64_t lo, uint64_t den, uint64_t *quotient)
{
    uint64_t rem = hi;

    if (hi >= den) {
        return -ERANGE;
    }
    *quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
        rem = rem << 1 | (lo >> bit & 1);
        *quotient <<= 1;
        if (rem >= den) {
            rem -= den;
            *quotient |= 1;
        }
    }
    if (rem >= den - rem) {
        if (*quotient == UINT64_MAX) {
            return -ERANGE;
        }
        *quotient += 1;
    }
    return 0;
}

/* One 'unit' is *num / *den of 2^-10 ps. */
static void
scale_of(const char *unit, const struct vsw_machine *machine, uint64_t *num,
         uint64_t *den)
{
    *den = 1;
    if (!strcmp(unit, "ps")) {
        *num = PER_PS;
    } else if (!strcmp(unit, "ns")) {
        *num = PER_PS * 1000;
    } else if (!strcmp(unit, "us")) {
        *num = PER_PS * 1000000;
    } else {
        *num = PER_SECOND;
        *den = strcmp(unit, "cycles") ? machine->tsc_hz : machine->clock_hz;
    }
}

int
vsw_cost_compile(const char *text, size_t n, const char *unit,
                 const struct vsw_machine *machine, uint64_t *fixed)
{
    struct decimal d;
    uint64_t num, den;

    if (parse_decimal(text, text + n, &d)) {
        return -EINVAL;
    }
    for (; d.digits && d.digits % 10 == 0 && d.exponent < 0; d.exponent++) {
        d.digits /= 10;
    }
    if (d.exponent < -MAX_DECIMALS) {
        return d.digits ? -EINVAL : (*fixed = 0, 0);
    }
    scale_of(unit, machine, &num, &den);
    for (; d.exponent < 0; d.exponent++) {
        den *= 10;
    }
    for (; d.exponent > 0; d.exponent--) {
        d.digits *= 10;
        if (d.digits > UINT32_MAX) {
            return -ERANGE;
        }
    }
    return divide(vsw_mul_hi64(d.digits, num), d.digits * num, den, fixed);
}
