/* What the files behind metric.h share. */
#ifndef CORE_METRIC_IMPL_H
#define CORE_METRIC_IMPL_H

#include <math.h>
#include <string.h>

#include <vswsim/outcome.h>

#include "core/metric_filter.h"

/* Preamble, start delimiter and gap: what a frame occupies of a wire beyond
 * its own bytes (IEEE 802.3). */
#define WIRE_OVERHEAD_BYTES 20

#define PS_PER_S 1e12
#define PS_PER_NS 1e3

/* A metric as it was asked for. */
struct query {
    const struct vsw_outcome *outcome;
    struct vsw_metric_span argument;        /* Of NAME families. */
    struct vsw_metric_filter filter;        /* Of LINES families. */
};

static inline double
ratio(double a, double b)
{
    return b > 0 ? a / b : (double) NAN;
}

static inline double
per_second(const struct query *q, uint64_t n)
{
    return ratio((double) n * PS_PER_S, (double) q->outcome->window_ps);
}

static inline double
per_pkt(const struct query *q, double x)
{
    return ratio(x, (double) q->outcome->window_delivered.n_pkts);
}

static inline double
to_cycles(const struct query *q, double ps)
{
    return ps * (double) q->outcome->tsc_hz / PS_PER_S;
}

static inline bool
has_name(struct vsw_metric_span span, const char *name)
{
    return strlen(name) == span.len && !memcmp(span.text, name, span.len);
}

/* Of packets. */
double vsw_metric_offered_pps(const struct query *q);
double vsw_metric_delivered_pps(const struct query *q);
double vsw_metric_dropped_pps(const struct query *q);
double vsw_metric_offered_bps(const struct query *q);
double vsw_metric_delivered_bps(const struct query *q);
double vsw_metric_delivered_line_bps(const struct query *q);
double vsw_metric_delivered_pkts(const struct query *q);
double vsw_metric_loss_ratio(const struct query *q);
double vsw_metric_port_fairness(const struct query *q);

/* Of CPUs' time. */
double vsw_metric_switch_busy_share(const struct query *q);
double vsw_metric_switch_poll_share(const struct query *q);
double vsw_metric_guest_busy_share(const struct query *q);
double vsw_metric_guest_poll_share(const struct query *q);
double vsw_metric_switch_cycles_per_pkt(const struct query *q);
double vsw_metric_guest_cycles_per_pkt(const struct query *q);
double vsw_metric_host_cycles_per_pkt(const struct query *q);
double vsw_metric_host_part(const struct query *q);
double vsw_metric_cost_ps(const struct query *q);
double vsw_metric_cost_ns(const struct query *q);
double vsw_metric_cost_cycles(const struct query *q);
double vsw_metric_charges(const struct query *q);
double vsw_metric_share(const struct query *q);
double vsw_metric_busiest(const struct query *q);

/* Of counters, batches and memory. */
double vsw_metric_batch_pkts(const struct query *q);
double vsw_metric_counter(const struct query *q);
double vsw_metric_payload_bps(const struct query *q);
double vsw_metric_transactions_per_s(const struct query *q);
double vsw_metric_jain_index(const struct query *q);
double vsw_metric_retransmission_ratio(const struct query *q);
double vsw_metric_rtt_mean_ns(const struct query *q);
double vsw_metric_wakes_per_transaction(const struct query *q);
double vsw_metric_counter_per_pkt(const struct query *q);
double vsw_metric_memory_bytes(const struct query *q);
double vsw_metric_memory_total_bytes(const struct query *q);

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
