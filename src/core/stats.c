#include <vswsim/stats.h>

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

struct student {
    uint32_t dof;               /* 0 stands for infinity. */
    uint32_t t_micro[3];        /* By enum vsw_confidence. */
};

/* Roots of the closed form of the distribution for integer degrees of freedom
 * (Abramowitz and Stegun, 26.7.3 and 26.7.4), rounded. */
static const struct student student_table[] = {
    { 1, { 6313752, 12706205, 63656741 } },
    { 2, { 2919986, 4302653, 9924843 } },
    { 3, { 2353363, 3182446, 5840909 } },
    { 4, { 2131847, 2776445, 4604095 } },
    { 5, { 2015048, 2570582, 4032143 } },
    { 6, { 1943180, 2446912, 3707428 } },
    { 7, { 1894579, 2364624, 3499483 } },
    { 8, { 1859548, 2306004, 3355387 } },
    { 9, { 1833113, 2262157, 3249836 } },
    { 10, { 1812461, 2228139, 3169273 } },
    { 11, { 1795885, 2200985, 3105807 } },
    { 12, { 1782288, 2178813, 3054540 } },
    { 13, { 1770933, 2160369, 3012276 } },
    { 14, { 1761310, 2144787, 2976843 } },
    { 15, { 1753050, 2131450, 2946713 } },
    { 16, { 1745884, 2119905, 2920782 } },
    { 17, { 1739607, 2109816, 2898231 } },
    { 18, { 1734064, 2100922, 2878440 } },
    { 19, { 1729133, 2093024, 2860935 } },
    { 20, { 1724718, 2085963, 2845340 } },
    { 21, { 1720743, 2079614, 2831360 } },
    { 22, { 1717144, 2073873, 2818756 } },
    { 23, { 1713872, 2068658, 2807336 } },
    { 24, { 1710882, 2063899, 2796940 } },
    { 25, { 1708141, 2059539, 2787436 } },
    { 26, { 1705618, 2055529, 2778715 } },
    { 27, { 1703288, 2051831, 2770683 } },
    { 28, { 1701131, 2048407, 2763262 } },
    { 29, { 1699127, 2045230, 2756386 } },
    { 30, { 1697261, 2042272, 2749996 } },
    { 40, { 1683851, 2021075, 2704459 } },
    { 60, { 1670649, 2000298, 2660283 } },
    { 120, { 1657651, 1979930, 2617421 } },
    { 0, { 1644854, 1959964, 2575829 } },
};

/* What intervals are made from: the values of 'a', or how much they exceed
 * those of 'b' if that is not null. */
struct sample {
    const double *a;
    const double *b;
    uint32_t n;
};

static double
value(const struct sample *s, uint32_t i)
{
    return s->b ? s->a[i] - s->b[i] : s->a[i];
}

static double
mean_of(const struct sample *s)
{
    double sum = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        sum += value(s, i);
    }
    return s->n ? sum / s->n : 0;
}

/* Two passes: one would cancel when the spread is small beside the mean. */
static double
variance_of(const struct sample *s, double mean)
{
    double sum = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        double d = value(s, i) - mean;

        sum += d * d;
    }
    return s->n > 1 ? sum / (s->n - 1) : 0;
}

static bool
all_finite(const struct sample *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (!isfinite(value(s, i))) {
            return false;
        }
    }
    return true;
}

static bool
all_equal(const struct sample *s)
{
    for (uint32_t i = 1; i < s->n; i++) {
        if (value(s, i) != value(s, 0)) {
            return false;
        }
    }
    return true;
}

/* Equal values are told by comparing them: their mean may be rounded, and
 * then the variance is a little above 0. */
static struct vsw_interval
interval_of(const struct sample *s, enum vsw_confidence level)
{
    struct vsw_interval result = { .n = s->n };

    if (s->n == 0 || !all_finite(s)) {
        result.kind = VSW_INTERVAL_NONE;
    } else if (s->n == 1) {
        result.kind = VSW_INTERVAL_SINGLE;
        result.mean = value(s, 0);
    } else if (all_equal(s)) {
        result.kind = VSW_INTERVAL_DETERMINISTIC;
        result.mean = value(s, 0);
    } else {
        result.kind = VSW_INTERVAL_STUDENT;
        result.mean = mean_of(s);
        result.half_width = vsw_stats_student(level, s->n - 1)
                            * sqrt(variance_of(s, result.mean) / s->n);
    }
    return result;
}

static double
inverse_dof(const struct student *row)
{
    return row->dof ? 1.0 / row->dof : 0;
}

double
vsw_stats_student(enum vsw_confidence level, uint32_t dof)
{
    const struct student *row = student_table;
    double below, above, weight;

    assert(dof >= 1);
    while (row->dof && row->dof < dof) {
        row++;
    }
    above = row->t_micro[level];
    if (row->dof == dof) {
        return above / 1e6;
    }
    below = row[-1].t_micro[level];
    weight = (1.0 / dof - inverse_dof(row))
             / (inverse_dof(row - 1) - inverse_dof(row));
    return (above + weight * (below - above)) / 1e6;
}

const char *
vsw_interval_kind_name(enum vsw_interval_kind kind)
{
    static const char *const names[] = {
        [VSW_INTERVAL_NONE] = "none",
        [VSW_INTERVAL_SINGLE] = "single",
        [VSW_INTERVAL_DETERMINISTIC] = "deterministic",
        [VSW_INTERVAL_STUDENT] = "student",
        [VSW_INTERVAL_BATCHES] = "batches",
    };

    return names[kind];
}

double
vsw_stats_mean(const double *x, uint32_t n)
{
    struct sample s = { .a = x, .n = n };

    return mean_of(&s);
}

double
vsw_stats_variance(const double *x, uint32_t n)
{
    struct sample s = { .a = x, .n = n };

    return variance_of(&s, mean_of(&s));
}

struct vsw_interval
vsw_stats_interval(const double *x, uint32_t n, enum vsw_confidence level)
{
    struct sample s = { .a = x, .n = n };

    return interval_of(&s, level);
}

struct vsw_interval
vsw_stats_paired(const double *a, const double *b, uint32_t n,
                 enum vsw_confidence level)
{
    struct sample s = { .a = a, .b = b, .n = n };

    return interval_of(&s, level);
}
