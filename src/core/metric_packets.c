/* Metrics of packets: rates, losses, how even ports are. */
#include "core/metric_impl.h"

double
vsw_metric_offered_pps(const struct query *q)
{
    return per_second(q, q->outcome->window_offered.n_pkts);
}

double
vsw_metric_delivered_pps(const struct query *q)
{
    return per_second(q, q->outcome->window_delivered.n_pkts);
}

double
vsw_metric_dropped_pps(const struct query *q)
{
    return per_second(q, q->outcome->window_dropped.n_pkts);
}

double
vsw_metric_offered_bps(const struct query *q)
{
    return per_second(q, q->outcome->window_offered.n_bytes * 8);
}

double
vsw_metric_delivered_bps(const struct query *q)
{
    return per_second(q, q->outcome->window_delivered.n_bytes * 8);
}

double
vsw_metric_delivered_line_bps(const struct query *q)
{
    const struct vsw_tally *tally = &q->outcome->window_delivered;

    return per_second(q, (tally->n_bytes
                          + tally->n_pkts * WIRE_OVERHEAD_BYTES) * 8);
}

double
vsw_metric_delivered_pkts(const struct query *q)
{
    return (double) q->outcome->window_delivered.n_pkts;
}

double
vsw_metric_loss_ratio(const struct query *q)
{
    return ratio((double) q->outcome->window_dropped.n_pkts,
                 (double) q->outcome->window_offered.n_pkts);
}

/* The port with the lowest rate against the one with the highest: 1 is fair,
 * 0 means that a port starves. */
double
vsw_metric_port_fairness(const struct query *q)
{
    const struct vsw_outcome *o = q->outcome;
    uint64_t least = UINT64_MAX, most = 0;

    for (uint32_t port = 0; port < o->n_ports; port++) {
        uint64_t n = o->port_delivered[port].n_pkts;

        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    return ratio((double) least, (double) most);
}
