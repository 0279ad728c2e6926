/* What the files behind metric.h share. */
#ifndef CORE_METRIC_IMPL_H
#define CORE_METRIC_IMPL_H

#include <vswsim/outcome.h>

#include "core/metric_filter.h"

/* Preamble, start delimiter and gap: what a frame occupies of a wire beyond
 * its own bytes (IEEE 802.3). */
#define WIRE_OVERHEAD_BYTES 20

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
double vsw_metric_dma_bytes(const struct query *q);
double vsw_metric_cross_bytes(const struct query *q);

/* Cycles per packet that a part of the work takes outside of guests; all of
 * it if 'part' is empty. */
double vsw_metric_host_cycles(const struct vsw_outcome *o,
                              struct vsw_metric_span part);
bool vsw_metric_is_part(struct vsw_metric_span name);

/* Of a class; NAN if there is none of this number. */
double vsw_metric_class_pps(const struct query *q);
double vsw_metric_class_loss(const struct query *q);
double vsw_metric_class_mean_ns(const struct query *q);
double vsw_metric_class_p99_ns(const struct query *q);
bool vsw_metric_is_class(struct vsw_metric_span name);

#endif
