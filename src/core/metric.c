#include <vswsim/metric.h>

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/histogram.h>
#include <vswsim/nearest.h>

#include "core/metric_impl.h"

struct definition {
    struct vsw_metric public;
    double (*value)(const struct query *query);
    uint32_t quantile_per_mille;            /* Of latency quantiles. */
};

#define HIGHER VSW_BETTER_HIGHER, false
#define LOWER VSW_BETTER_LOWER, false
#define NEITHER VSW_BETTER_NEITHER, false
#define MEMORY VSW_BETTER_LOWER, true
#define LATENCY_MIN UINT32_MAX
#define LATENCY_MAX (UINT32_MAX - 1)
#define LATENCY_MEAN (UINT32_MAX - 2)

static const struct definition definitions[] = {
    {{"delivered_pps", NULL, "packets/s", "packets delivered", HIGHER},
     vsw_metric_delivered_pps, 0},
    {{"offered_pps", NULL, "packets/s", "packets that sources created",
      NEITHER}, vsw_metric_offered_pps, 0},
    {{"dropped_pps", NULL, "packets/s", "packets dropped", LOWER},
     vsw_metric_dropped_pps, 0},
    {{"delivered_bps", NULL, "bit/s", "frame bits delivered, FCS included",
      HIGHER}, vsw_metric_delivered_bps, 0},
    {{"offered_bps", NULL, "bit/s", "frame bits that sources created",
      NEITHER}, vsw_metric_offered_bps, 0},
    {{"delivered_line_bps", NULL, "bit/s",
      "wire capacity for what was delivered: 20 bytes more per frame, so that "
      "64 count as 84", HIGHER}, vsw_metric_delivered_line_bps, 0},
    {{"delivered_pkts", NULL, "packets", "packets delivered in the window",
      HIGHER}, vsw_metric_delivered_pkts, 0},
    {{"loss_ratio", NULL, "1", "dropped of what was offered", LOWER},
     vsw_metric_loss_ratio, 0},
    {{"port_fairness", NULL, "1",
      "deliveries of the slowest port against the fastest", HIGHER},
     vsw_metric_port_fairness, 0},
    {{"latency_mean_ns", NULL, "ns", "mean latency", LOWER}, NULL,
     LATENCY_MEAN},
    {{"latency_min_ns", NULL, "ns", "least latency, exact", LOWER}, NULL,
     LATENCY_MIN},
    {{"latency_p50_ns", NULL, "ns", "median latency", LOWER}, NULL, 500},
    {{"latency_p90_ns", NULL, "ns", "90th percentile of latency", LOWER},
     NULL, 900},
    {{"latency_p99_ns", NULL, "ns", "99th percentile of latency", LOWER},
     NULL, 990},
    {{"latency_p999_ns", NULL, "ns", "99.9th percentile of latency", LOWER},
     NULL, 999},
    {{"latency_max_ns", NULL, "ns", "greatest latency, exact", LOWER}, NULL,
     LATENCY_MAX},
    {{"switch_busy_share", NULL, "1",
      "part of their time that the switch's CPUs are busy, polling included",
      NEITHER}, vsw_metric_switch_busy_share, 0},
    {{"switch_poll_share", NULL, "1",
      "part of their time that the switch's CPUs poll in vain", NEITHER},
     vsw_metric_switch_poll_share, 0},
    {{"guest_busy_share", NULL, "1",
      "part of their time that the guests' CPUs are busy, polling included",
      NEITHER}, vsw_metric_guest_busy_share, 0},
    {{"guest_poll_share", NULL, "1",
      "part of their time that the guests' CPUs poll in vain", NEITHER},
     vsw_metric_guest_poll_share, 0},
    {{"switch_cycles_per_pkt", NULL, "TSC cycles/packet",
      "what the switch's CPUs spend, without polling", LOWER},
     vsw_metric_switch_cycles_per_pkt, 0},
    {{"guest_cycles_per_pkt", NULL, "TSC cycles/packet",
      "what the guests' CPUs spend, without polling", LOWER},
     vsw_metric_guest_cycles_per_pkt, 0},
    {{"host_cycles_per_pkt", NULL, "TSC cycles/packet",
      "what every domain but the guests spends, on any CPU, without polling",
      LOWER}, vsw_metric_host_cycles_per_pkt, 0},
    {{"host_cycles", "PART", "TSC cycles/packet",
      "part of host_cycles_per_pkt", LOWER}, vsw_metric_host_part, 0},
    {{"payload_bps", NULL, "bit/s",
      "payload that applications received over their sockets", HIGHER},
     vsw_metric_payload_bps, 0},
    {{"transactions_per_s", NULL, "1/s", "requests that were answered",
      HIGHER}, vsw_metric_transactions_per_s, 0},
    {{"jain_index", NULL, "1",
      "Jain's index of the payload of connections: 1 if all got the same",
      HIGHER}, vsw_metric_jain_index, 0},
    {{"retransmission_ratio", NULL, "1",
      "retransmitted of the bytes that TCP sent", LOWER},
     vsw_metric_retransmission_ratio, 0},
    {{"rtt_mean_ns", NULL, "ns",
      "mean round trip that TCP measured", LOWER},
     vsw_metric_rtt_mean_ns, 0},
    {{"wakes_per_transaction", NULL, "1", "tasks woken in the guests", LOWER},
     vsw_metric_wakes_per_transaction, 0},
    {{"memory_total_bytes", NULL, "bytes",
      "memory that the design allocates or reserves", LOWER},
     vsw_metric_memory_total_bytes, 0},
    {{"dram_bytes_per_pkt", NULL, "bytes/packet",
      "bytes read from and written to DRAM, by CPUs and devices", MEMORY},
     vsw_metric_dram_bytes, 0},
    {{"dma_bytes_per_pkt", NULL, "bytes/packet",
      "bytes that devices read and write over the bus", MEMORY},
     vsw_metric_dma_bytes, 0},
    {{"cross_node_bytes_per_pkt", NULL, "bytes/packet",
      "bytes that went from one node to another", MEMORY},
     vsw_metric_cross_bytes, 0},
    {{"llc_misses_per_pkt", NULL, "lines/packet",
      "lines that no cache of the node had", MEMORY},
     vsw_metric_llc_misses, 0},
    {{"mem_lines", "LINES", "lines/packet", "lines of memory used", MEMORY},
     vsw_metric_lines, 0},
    {{"l1_misses", "LINES", "lines/packet", "lines that the L1 did not have",
      MEMORY}, vsw_metric_l1_misses, 0},
    {{"l2_misses", "LINES", "lines/packet",
      "lines that no cache of the module had", MEMORY},
     vsw_metric_l2_misses, 0},
    {{"llc_misses", "LINES", "lines/packet",
      "lines that no cache of the node had", MEMORY},
     vsw_metric_llc_misses, 0},
    {{"mem_wait_ns", "LINES", "ns/packet",
      "part of the time of ledger lines that CPUs wait for memory", MEMORY},
     vsw_metric_wait_ns, 0},
    {{"cost_ps", "LINES", "ps/packet", "time of ledger lines", LOWER},
     vsw_metric_cost_ps, 0},
    {{"cost_ns", "LINES", "ns/packet", "time of ledger lines", LOWER},
     vsw_metric_cost_ns, 0},
    {{"cost_cycles", "LINES", "TSC cycles/packet", "time of ledger lines",
      LOWER}, vsw_metric_cost_cycles, 0},
    {{"charges", "LINES", "charges/packet", "charges to ledger lines", LOWER},
     vsw_metric_charges, 0},
    {{"share", "LINES", "1",
      "part of the time spent on anything but polling", NEITHER},
     vsw_metric_share, 0},
    {{"busiest", "LINES", "1",
      "part of its time that the unit spends on the lines which spends most "
      "on them", NEITHER}, vsw_metric_busiest, 0},
    {{"batch_pkts", "NAME", "packets", "mean batch", NEITHER},
     vsw_metric_batch_pkts, 0},
    {{"counter", "NAME", "1", "counter of the architecture", NEITHER},
     vsw_metric_counter, 0},
    {{"counter_per_pkt", "NAME", "1/packet", "counter of the architecture",
      NEITHER}, vsw_metric_counter_per_pkt, 0},
    {{"class_delivered_pps", "CLASS", "packets/s",
      "packets of a class delivered", HIGHER}, vsw_metric_class_pps, 0},
    {{"class_loss_ratio", "CLASS", "1",
      "dropped of what was offered of a class", LOWER},
     vsw_metric_class_loss, 0},
    {{"class_latency_mean_ns", "CLASS", "ns", "mean latency of a class",
      LOWER}, vsw_metric_class_mean_ns, 0},
    {{"class_latency_p99_ns", "CLASS", "ns",
      "99th percentile of latency of a class", LOWER},
     vsw_metric_class_p99_ns, 0},
    {{"memory_bytes", "NAME", "bytes", "memory of one kind", LOWER},
     vsw_metric_memory_bytes, 0},
};

const struct vsw_metric *
vsw_metric_at(uint32_t i)
{
    return i < VSW_N_ELEMS(definitions) ? &definitions[i].public : NULL;
}

bool
vsw_metric_of_sockets(const char *name)
{
    static const char *const names[] = {
        "payload_bps", "transactions_per_s", "jain_index",
        "retransmission_ratio", "rtt_mean_ns", "wakes_per_transaction",
    };

    for (size_t i = 0; i < VSW_N_ELEMS(names); i++) {
        if (!strcmp(name, names[i])) {
            return true;
        }
    }
    return false;
}

static const struct definition *
definition_of(const char *name, size_t len)
{
    for (size_t i = 0; i < VSW_N_ELEMS(definitions); i++) {
        const char *candidate = definitions[i].public.name;

        if (strlen(candidate) == len && !memcmp(candidate, name, len)) {
            return &definitions[i];
        }
    }
    return NULL;
}

static int
refuse_unknown(const char *name, size_t len, struct vsw_error *err)
{
    struct vsw_nearest nearest;
    const char *best;

    vsw_nearest_init(&nearest, name, len);
    for (size_t i = 0; i < VSW_N_ELEMS(definitions); i++) {
        vsw_nearest_offer(&nearest, definitions[i].public.name);
    }
    best = vsw_nearest_get(&nearest);
    return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                         "unknown metric \"%s\"; try \"%s\"", name,
                         best ? best : "delivered_pps");
}

static int
parse_argument(const struct definition *d, struct query *query,
               struct vsw_error *err)
{
    struct vsw_metric_span span = query->argument;
    const char *argument = d->public.argument;

    if (!strcmp(argument, "LINES")) {
        return vsw_metric_filter_parse(&query->filter, span.text, span.len,
                                       err);
    }
    if (!strcmp(argument, "PART") && !vsw_metric_is_part(span)) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "metric \"%s\" has no part \"%.*s\"; try "
                             "\"switching\", \"filtering\", \"copying\" or "
                             "\"other\"",
                             d->public.name, (int) span.len, span.text);
    }
    if (!strcmp(argument, "CLASS") && !vsw_metric_is_class(span)) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "metric \"%s\" takes a class from 0 to 7, not "
                             "\"%.*s\"",
                             d->public.name, (int) span.len, span.text);
    }
    return 0;
}

/* Takes 'name' apart.  Families need a parenthesis, plain ones have none. */
static int
parse(const char *name, const struct definition **definition,
      struct query *query, struct vsw_error *err)
{
    size_t len = strcspn(name, "(");
    const char *open = name + len;
    size_t tail = strlen(open);
    const struct definition *d = definition_of(name, len);
    bool closed = tail >= 3 && open[tail - 1] == ')';

    *definition = d;
    if (!d) {
        return refuse_unknown(name, len, err);
    }
    if (!d->public.argument) {
        return tail == 0 ? 0
               : vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                               "metric \"%s\" takes no argument",
                               d->public.name);
    }
    if (!closed) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "metric \"%s\" needs an argument: \"%s(%s)\"",
                             name, d->public.name, d->public.argument);
    }
    query->argument = (struct vsw_metric_span) {open + 1, tail - 2};
    return parse_argument(d, query, err);
}

int
vsw_metric_check(const char *name, struct vsw_error *err)
{
    const struct definition *d;
    struct query query;
    int rc = parse(name, &d, &query, err);

    if (!rc && d->public.argument && d->public.memory
        && d->value != vsw_metric_wait_ns
        && query.filter.want[VSW_METRIC_KEY_ACCOUNT].text) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "%s() is not counted by account; select by "
                             "unit, role, domain and stage",
                             d->public.name);
    }
    if (!rc && d->value == vsw_metric_share
        && vsw_metric_filter_polls(&query.filter)) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "share() is of the time without polling; try "
                             "\"switch_poll_share\"");
    }
    return rc;
}

bool
vsw_metric_known(const char *name)
{
    return !vsw_metric_check(name, NULL);
}

const struct vsw_metric *
vsw_metric_find(const char *name)
{
    return vsw_metric_known(name)
           ? &definition_of(name, strcspn(name, "("))->public : NULL;
}

static double
latency_ns(const struct vsw_histogram *h, uint32_t what)
{
    if (!h || h->n == 0) {
        return (double) NAN;
    }
    switch (what) {
    case LATENCY_MEAN:
        return vsw_histogram_mean(h) / PS_PER_NS;
    case LATENCY_MIN:
        return (double) h->min / PS_PER_NS;
    case LATENCY_MAX:
        return (double) h->max / PS_PER_NS;
    default:
        return (double) vsw_histogram_quantile(h, what, 1000) / PS_PER_NS;
    }
}

double
vsw_metric_value(const struct vsw_outcome *outcome, const char *name)
{
    const struct definition *d;
    struct query query = {.outcome = outcome};

    if (parse(name, &d, &query, NULL)) {
        return (double) NAN;
    }
    return d->value ? d->value(&query)
           : latency_ns(outcome->latency_ps, d->quantile_per_mille);
}

bool
vsw_metric_merged(const struct vsw_histogram *latency_ps, const char *name,
                  double *value)
{
    const struct definition *d = definition_of(name, strlen(name));

    if (!d || d->value) {
        return false;
    }
    *value = latency_ns(latency_ps, d->quantile_per_mille);
    return true;
}

char *
vsw_metric_narrow(const char *name, const char *account)
{
    const struct vsw_metric *metric = vsw_metric_find(name);
    size_t len = strlen(name), size = len + strlen(account) + 16;
    char *text;

    if (!metric || !metric->argument || strcmp(metric->argument, "LINES")
        || strstr(name, "account=")) {
        return NULL;
    }
    text = malloc(size);
    if (text) {
        snprintf(text, size, "%.*s,account=%s)", (int) (len - 1), name,
                 account);
    }
    if (text && vsw_metric_check(text, NULL)) {
        free(text);         /* Not counted by account. */
        return NULL;
    }
    return text;
}
