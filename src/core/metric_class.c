/* Metrics of classes of service; see metric.h. */
#include "core/metric_impl.h"

#include <math.h>

#include <vswsim/histogram.h>

bool
vsw_metric_is_class(struct vsw_metric_span name)
{
    return name.len == 1 && name.text[0] >= '0' && name.text[0] <= '7';
}

static const struct vsw_outcome_class *
class_of(const struct query *q)
{
    uint32_t class_ = (uint32_t) (q->argument.text[0] - '0');

    return class_ < q->outcome->n_classes ? &q->outcome->classes[class_]
                                          : NULL;
}

double
vsw_metric_class_pps(const struct query *q)
{
    const struct vsw_outcome_class *c = class_of(q);

    return c && q->outcome->window_ps > 0
               ? (double) c->delivered.n_pkts * PS_PER_S
                     / (double) q->outcome->window_ps
               : (double) NAN;
}

double
vsw_metric_class_loss(const struct query *q)
{
    const struct vsw_outcome_class *c = class_of(q);

    return c && c->offered.n_pkts > 0
               ? (double) c->dropped.n_pkts / (double) c->offered.n_pkts
               : (double) NAN;
}

double
vsw_metric_class_mean_ns(const struct query *q)
{
    const struct vsw_outcome_class *c = class_of(q);

    return c && c->latency_ps.n > 0
               ? vsw_histogram_mean(&c->latency_ps) / PS_PER_NS
               : (double) NAN;
}

double
vsw_metric_class_p99_ns(const struct query *q)
{
    const struct vsw_outcome_class *c = class_of(q);

    return c && c->latency_ps.n > 0
               ? (double) vsw_histogram_quantile(&c->latency_ps, 990, 1000)
                     / PS_PER_NS
               : (double) NAN;
}
