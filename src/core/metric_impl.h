/* What the files behind metric.h share. */
#ifndef CORE_METRIC_IMPL_H
#define CORE_METRIC_IMPL_H

#include <vswsim/outcome.h>

#include "core/metric_filter.h"

/* A metric as it was asked for. */
struct query {
    const struct vsw_outcome *outcome;
    struct vsw_metric_span argument;        /* Of NAME families. */
    struct vsw_metric_filter filter;        /* Of LINES families. */
};

/* Of memory, per packet; NAN in flat mode. */
double vsw_metric_lines(const struct query *q);
double vsw_metric_l1_misses(const struct query *q);
double vsw_metric_l2_misses(const struct query *q);
double vsw_metric_llc_misses(const struct query *q);
double vsw_metric_wait_ns(const struct query *q);
double vsw_metric_dram_bytes(const struct query *q);
double vsw_metric_cross_bytes(const struct query *q);

#endif
