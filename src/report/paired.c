#include "report/paired.h"

#include <math.h>

struct report_paired
report_paired(const struct vsw_result_value *a,
              const struct vsw_result_value *b)
{
    struct report_paired p = {
        .difference = {.kind = VSW_INTERVAL_NONE},
        .ratio = (double) NAN,
    };

    if (!a || !b || !isfinite(a->value) || !isfinite(b->value)) {
        return p;
    }
    p.difference = vsw_result_difference(a, b);
    p.tie = fabs(p.difference.mean) <= p.difference.half_width;
    if (fabs(b->value) > 0) {
        p.ratio = a->value / b->value;
        p.ratio_half_width = p.difference.half_width / fabs(b->value);
    }
    return p;
}
