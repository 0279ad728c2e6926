/* Metrics that the parts of a run have, too. */
#include <vswsim/metric.h>

#include <string.h>

#include "core/metric_impl.h"

struct part_value {
    double sum;
    double weight;
};

typedef struct part_value (*part_fn)(const struct vsw_outcome_part *part);

static struct part_value
offered_pkts(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->offered.n_pkts, 1};
}

static struct part_value
offered_bytes(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->offered.n_bytes, 1};
}

static struct part_value
delivered_pkts(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->delivered.n_pkts, 1};
}

static struct part_value
delivered_bytes(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->delivered.n_bytes, 1};
}

static struct part_value
line_bytes(const struct vsw_outcome_part *part)
{
    uint64_t n = part->delivered.n_bytes
                 + part->delivered.n_pkts * WIRE_OVERHEAD_BYTES;

    return (struct part_value) {(double) n, 1};
}

static struct part_value
dropped_pkts(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->n_dropped, 1};
}

static struct part_value
loss(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->n_dropped,
                                (double) part->offered.n_pkts};
}

static struct part_value
latency(const struct vsw_outcome_part *part)
{
    return (struct part_value) {(double) part->latency_ps,
                                (double) part->n_latencies};
}

static part_fn
function_of(const char *name)
{
    static const struct {
        const char *name;
        part_fn fn;
    } metrics[] = {
        {"offered_pps", offered_pkts}, {"offered_bps", offered_bytes},
        {"delivered_pps", delivered_pkts}, {"delivered_pkts", delivered_pkts},
        {"delivered_bps", delivered_bytes},
        {"delivered_line_bps", line_bytes}, {"dropped_pps", dropped_pkts},
        {"loss_ratio", loss}, {"latency_mean_ns", latency},
    };

    for (size_t i = 0; i < VSW_N_ELEMS(metrics); i++) {
        if (!strcmp(metrics[i].name, name)) {
            return metrics[i].fn;
        }
    }
    return NULL;
}

uint32_t
vsw_metric_parts(const struct vsw_outcome *outcome, const char *name,
                 double *sums, double *weights)
{
    part_fn value = function_of(name);
    uint32_t n = 0;

    for (uint32_t i = outcome->first_part; value && i < outcome->n_parts;
         i++) {
        struct part_value v = value(&outcome->parts[i]);

        sums[n] = v.sum;
        weights[n] = v.weight;
        n++;
    }
    return n;
}
