/* Metrics of what models count, and of their memory. */
#include <string.h>

#include "core/metric_impl.h"

static double
mean_batch(const struct vsw_outcome_batch *batch)
{
    double n = 0, sum = 0;

    for (uint32_t size = 0; size < batch->n_counts; size++) {
        n += (double) batch->counts[size];
        sum += (double) batch->counts[size] * size;
    }
    return ratio(sum, n);
}

double
vsw_metric_batch_pkts(const struct query *q)
{
    for (uint32_t i = 0; i < q->outcome->n_batches; i++) {
        if (has_name(q->argument, q->outcome->batches[i].name)) {
            return mean_batch(&q->outcome->batches[i]);
        }
    }
    return (double) NAN;
}

double
vsw_metric_counter(const struct query *q)
{
    for (uint32_t i = 0; i < q->outcome->n_counters; i++) {
        if (has_name(q->argument, q->outcome->counters[i].name)) {
            return (double) q->outcome->counters[i].value;
        }
    }
    return (double) NAN;
}

/* The counter 'name', or NAN. */
static double
counter_named(const struct query *q, const char *name)
{
    const struct query named = {
        .outcome = q->outcome,
        .argument = {name, strlen(name)},
    };

    return vsw_metric_counter(&named);
}

static double
counter_per_s(const struct query *q, const char *name)
{
    return ratio(counter_named(q, name) * PS_PER_S,
                 (double) q->outcome->window_ps);
}

double
vsw_metric_payload_bps(const struct query *q)
{
    return 8 * counter_per_s(q, "payload_bytes");
}

double
vsw_metric_transactions_per_s(const struct query *q)
{
    return counter_per_s(q, "transactions");
}

double
vsw_metric_jain_index(const struct query *q)
{
    return counter_named(q, "jain_ppm") / 1e6;
}

double
vsw_metric_retransmission_ratio(const struct query *q)
{
    return ratio(counter_named(q, "tcp_retransmitted_bytes"),
                 counter_named(q, "tcp_bytes"));
}

double
vsw_metric_rtt_mean_ns(const struct query *q)
{
    return counter_named(q, "tcp_rtt_mean_ns");
}

double
vsw_metric_wakes_per_transaction(const struct query *q)
{
    return ratio(counter_named(q, "task_wakes"),
                 counter_named(q, "transactions"));
}

double
vsw_metric_counter_per_pkt(const struct query *q)
{
    return per_pkt(q, vsw_metric_counter(q));
}

double
vsw_metric_memory_bytes(const struct query *q)
{
    for (uint32_t i = 0; i < q->outcome->n_memory; i++) {
        if (has_name(q->argument, q->outcome->memory[i].name)) {
            return (double) q->outcome->memory[i].n_bytes;
        }
    }
    return (double) NAN;
}

double
vsw_metric_memory_total_bytes(const struct query *q)
{
    double sum = 0;

    for (uint32_t i = 0; i < q->outcome->n_memory; i++) {
        sum += (double) q->outcome->memory[i].n_bytes;
    }
    return sum;
}
