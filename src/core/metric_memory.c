/* Metrics of memory; see metric.h. */
#include "core/metric_impl.h"

#include <math.h>

static double
lines_per_pkt(const struct query *q, double x)
{
    uint64_t n = q->outcome->window_delivered.n_pkts;

    return n > 0 && q->outcome->n_lines > 0 ? x / (double) n : (double) NAN;
}

/* Lines that came from 'nearest' or farther. */
static double
lines_from(const struct query *q, enum vsw_mem_source nearest)
{
    const struct vsw_outcome *o = q->outcome;
    double n = 0;

    for (uint32_t i = 0; i < o->n_lines; i++) {
        const struct vsw_outcome_lines *lines = &o->lines[i];

        if (!vsw_metric_filter_lines(&q->filter, o, lines)) {
            continue;
        }
        for (int s = (int) nearest; s < VSW_N_MEM_SOURCES; s++) {
            n += (double) (lines->n_data[s] + lines->n_code[s]);
        }
    }
    return lines_per_pkt(q, n);
}

double
vsw_metric_lines(const struct query *q)
{
    return lines_from(q, VSW_FROM_L1);
}

double
vsw_metric_l1_misses(const struct query *q)
{
    return lines_from(q, VSW_FROM_L2);
}

double
vsw_metric_l2_misses(const struct query *q)
{
    return lines_from(q, VSW_FROM_L3);
}

double
vsw_metric_llc_misses(const struct query *q)
{
    return lines_from(q, VSW_FROM_NODE_CLEAN);
}

double
vsw_metric_wait_ns(const struct query *q)
{
    const struct vsw_outcome *o = q->outcome;
    double ps = 0;

    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (vsw_metric_filter_charge(&q->filter, o, &o->charges[i])) {
            ps += (double) o->charges[i].memory_ps;
        }
    }
    return lines_per_pkt(q, ps / PS_PER_NS);
}

double
vsw_metric_dram_bytes(const struct query *q)
{
    const struct vsw_outcome_traffic *t = &q->outcome->traffic;

    return lines_per_pkt(q, (double) (t->n_dram_read_bytes
                                + t->n_dram_write_bytes));
}

double
vsw_metric_dma_bytes(const struct query *q)
{
    return lines_per_pkt(q, (double) q->outcome->traffic.n_dma_bytes);
}

double
vsw_metric_cross_bytes(const struct query *q)
{
    return lines_per_pkt(q, (double) q->outcome->traffic.n_cross_bytes);
}
