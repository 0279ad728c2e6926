#include "io/run/make_dialogs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/config/config_keys.h"

#define NS_PER_S UINT64_C(1000000000)

/* FreeBSD's net.inet.tcp.rexmit_min. */
#define FREEBSD_RTO_NS UINT64_C(30000000)

/* Most that one receive takes. */
#define READ_BYTES 65536u

static struct vsw_tcp_setup
tcp_setup(const struct vsw_config *config)
{
    const struct vsw_config_workload *w = &config->workload;
    struct vsw_tcp_setup setup = VSW_TCP_SETUP_DEFAULT;

    setup.cc = w->congestion == VSW_CONGESTION_CUBIC ? VSW_TCP_CUBIC
                                                     : VSW_TCP_NEWRENO;
    setup.max_seg_bytes = w->max_seg_bytes / setup.mss_bytes
                          * setup.mss_bytes;
    if (setup.max_seg_bytes == 0) {
        setup.max_seg_bytes = setup.mss_bytes;
    }
    setup.send_buf_bytes = w->send_buf_bytes;
    setup.recv_buf_bytes = w->window_bytes;
    if (w->rto_min_us > 0) {
        setup.rto_min_ns = w->rto_min_us * 1000;
    } else if (!strcmp(config->guests.driver, "fstack")) {
        setup.rto_min_ns = FREEBSD_RTO_NS;
    }
    setup.delack_ns = w->delack_us * 1000;
    setup.nagle = w->nagle;
    return setup;
}

static struct vsw_dialog_setup
dialog_setup(const struct vsw_config *config)
{
    static const enum vsw_dialog_kind kinds[] = {
        [VSW_WORKLOAD_TRACE] = VSW_DIALOG_TALK,
        [VSW_WORKLOAD_STREAM] = VSW_DIALOG_STREAM,
        [VSW_WORKLOAD_UDP] = VSW_DIALOG_UDP,
        [VSW_WORKLOAD_REQUEST] = VSW_DIALOG_REQUEST,
        [VSW_WORKLOAD_KEY_VALUE] = VSW_DIALOG_REQUEST,
    };
    const struct vsw_config_workload *w = &config->workload;

    return (struct vsw_dialog_setup) {
        .kind = kinds[w->kind],
        .tcp = tcp_setup(config),
        .n_loops = config->traffic.n_loops,
        .payload_bytes = w->payload_bytes,
        .spread_ns = w->start_us * 1000,
        .sendfile = w->sendfile,
        .file_bytes = w->file_bytes,
        .read_bytes = READ_BYTES,
        .request_bytes = w->request_bytes,
        .response_bytes = w->response_bytes,
        .key_value = w->kind == VSW_WORKLOAD_KEY_VALUE,
        .gap_ns = w->rate_pps ? NS_PER_S / w->rate_pps : 0,
    };
}

/* The ports of pair number 'i'. */
static void
ports_of(const struct vsw_config *config, uint32_t i, uint32_t ports[2])
{
    uint32_t n_guests = config->guests.n;
    uint32_t wire;

    switch (config->workload.pattern) {
    case VSW_PATTERN_PAIRS:
        ports[0] = 2 * i;
        ports[1] = 2 * i + 1;
        return;
    case VSW_PATTERN_ALL:
        ports[0] = i / (n_guests - 1);
        ports[1] = i % (n_guests - 1);
        ports[1] += ports[1] >= ports[0];
        return;
    case VSW_PATTERN_TO_LAST:
        ports[0] = i;
        ports[1] = n_guests - 1;
        return;
    case VSW_PATTERN_TO_WIRE:
    case VSW_PATTERN_FROM_WIRE:
        break;
    }
    wire = n_guests + i % config->wires.n;
    ports[0] = config->workload.pattern == VSW_PATTERN_TO_WIRE ? i : wire;
    ports[1] = config->workload.pattern == VSW_PATTERN_TO_WIRE ? wire : i;
}

static void
describe(const struct vsw_config *config, uint32_t i,
         struct vsw_dialog *dialog)
{
    ports_of(config, i / config->workload.n_connections, dialog->ports);
    dialog->flows[0] = 2 * i;
    dialog->flows[1] = 2 * i + 1;
}

/* The talk of a trace. */
static void
take_over(const struct vsw_workload *workload, uint32_t i,
          struct vsw_dialog *dialog)
{
    const struct vsw_workload_talk *talk = &workload->talks[i];

    memcpy(dialog->flows, talk->flows, sizeof dialog->flows);
    dialog->msgs = &workload->msgs[talk->first_msg];
    dialog->n_msgs = talk->n_msgs;
    for (uint32_t side = 0; side < 2; side++) {
        dialog->ports[side] = workload->flows[talk->flows[side]].in_port;
    }
}

/* Connections, of each pair or of a trace, are spread over vCPUs. */
static void
choose_queues(const struct vsw_config *config, uint32_t i,
              struct vsw_dialog *dialog)
{
    for (uint32_t side = 0; side < 2; side++) {
        bool guest = dialog->ports[side] < config->guests.n;

        dialog->queues[side] = guest ? i % config->guests.n_cpus : 0;
        /* Inside a host nobody cuts segments. */
        dialog->whole_segs = guest && (side == 0 || dialog->whole_segs);
    }
}

int
vsw_make_dialogs(struct vsw_dialogs *dialogs, const struct vsw_config *config,
                 const struct vsw_workload *workload)
{
    bool talks = workload && workload->talks;
    uint32_t n = talks ? workload->n_talks
                       : (uint32_t) vsw_config_count_dialogs(config).n_dialogs;
    uint32_t n_flows = talks ? workload->n_flows : 2 * n;
    struct vsw_dialog_setup setup = dialog_setup(config);
    int error = vsw_dialogs_init(dialogs, &setup, n, n_flows);

    for (uint32_t i = 0; !error && i < n; i++) {
        struct vsw_dialog *dialog = &dialogs->list[i];

        if (talks) {
            take_over(workload, i, dialog);
            choose_queues(config, i, dialog);
        } else {
            describe(config, i, dialog);
            choose_queues(config, i % config->workload.n_connections, dialog);
        }
    }
    return error;
}

/* --- Results ------------------------------------------------------------- */

int
vsw_count_dialogs(struct vsw_dialogs *dialogs, struct vsw_switch *sw)
{
    return vsw_switch_add_counter(sw, "task_wakes", "1", &dialogs->n_wakes)
           || vsw_switch_add_counter(sw, "udp_sent_pkts", "packets",
                                     &dialogs->n_udp_sent)
           || vsw_switch_add_counter(sw, "udp_received_pkts", "packets",
                                     &dialogs->n_udp_received)
           || vsw_switch_add_counter(sw, "udp_overflow_pkts", "packets",
                                     &dialogs->n_udp_overflows)
               ? -ENOMEM : 0;
}

static uint64_t
mean(uint64_t sum, uint64_t n)
{
    return n > 0 ? (sum + n / 2) / n : 0;
}

static void
put(struct vsw_outcome *outcome, const char *name, const char *unit,
    uint64_t value)
{
    outcome->counters[outcome->n_counters++] = (struct vsw_outcome_counter) {
        .name = name, .unit = unit, .value = value,
    };
}

static void
put_level(struct vsw_outcome *outcome, const char *name, const char *unit,
          uint64_t value)
{
    put(outcome, name, unit, value);
    outcome->counters[outcome->n_counters - 1].is_level = true;
}

#define N_PUT 16

static void
put_tcp(const struct vsw_tcp_counts *tcp, struct vsw_outcome *outcome)
{
    put(outcome, "tcp_segs", "1", tcp->n_segs_sent);
    put(outcome, "tcp_bytes", "bytes", tcp->n_bytes_sent);
    put(outcome, "tcp_retransmitted_segs", "1", tcp->n_segs_again);
    put(outcome, "tcp_retransmitted_bytes", "bytes", tcp->n_bytes_again);
    put(outcome, "tcp_fast_retransmits", "1", tcp->n_fast);
    put(outcome, "tcp_timeouts", "1", tcp->n_timeouts);
    put(outcome, "tcp_acks", "1", tcp->n_acks_sent);
    put(outcome, "tcp_duplicate_bytes", "bytes", tcp->n_dup_bytes);
    put_level(outcome, "tcp_rtt_mean_ns", "ns",
              mean(tcp->rtt_sum_ns, tcp->n_rtts));
    put_level(outcome, "tcp_rtt_min_ns", "ns",
              tcp->n_rtts ? tcp->rtt_min_ns : 0);
}

static void
put_transactions(const struct vsw_dialogs *dialogs,
                 struct vsw_outcome *outcome)
{
    const struct vsw_histogram *h = dialogs->transaction_ps;

    put(outcome, "transactions", "1", vsw_dialogs_n_transactions(dialogs));
    if (h->n > 0) {
        put_level(outcome, "transaction_mean_ns", "ns",
                  (uint64_t) (vsw_histogram_mean(h) / 1000.0 + 0.5));
        put_level(outcome, "transaction_p50_ns", "ns",
                  vsw_histogram_quantile(h, 500, 1000) / 1000);
        put_level(outcome, "transaction_p99_ns", "ns",
                  vsw_histogram_quantile(h, 990, 1000) / 1000);
    }
}

/* Adds a distribution of 'n' counts, zero yet; NULL: out of memory. */
static uint64_t *
add_counts(struct vsw_outcome *outcome, const char *name, uint32_t n)
{
    struct vsw_outcome_batch *batches
        = realloc(outcome->batches,
                  (outcome->n_batches + 1) * sizeof *batches);
    struct vsw_outcome_batch *batch;

    if (!batches) {
        return NULL;
    }
    outcome->batches = batches;
    batch = &batches[outcome->n_batches];
    batch->name = name;
    batch->n_counts = n;
    batch->counts = calloc(n, sizeof *batch->counts);
    outcome->n_batches += batch->counts != NULL;
    return batch->counts;
}

/* Sizes of segments, by classes. */
static int
add_sizes(const struct vsw_dialogs *dialogs, struct vsw_outcome *outcome)
{
    uint64_t *counts = add_counts(outcome, "segment_log2_bytes",
                                  VSW_DIALOG_N_SIZES);

    if (!counts) {
        return -ENOMEM;
    }
    memcpy(counts, dialogs->sizes, sizeof dialogs->sizes);
    return 0;
}

/* What the applications behind each port received, guests first. */
static int
add_payload(const struct vsw_dialogs *dialogs, struct vsw_outcome *outcome)
{
    uint64_t *counts = add_counts(outcome, "payload_bytes_of_port",
                                  outcome->n_ports);

    for (uint32_t i = 0; counts && i < dialogs->n; i++) {
        const struct vsw_dialog *dialog = &dialogs->list[i];

        counts[dialog->ports[0]] += dialog->n_bytes[0];
        counts[dialog->ports[1]] += dialog->n_bytes[1];
    }
    return counts ? 0 : -ENOMEM;
}

int
vsw_report_dialogs(const struct vsw_dialogs *dialogs,
                   struct vsw_outcome *outcome)
{
    struct vsw_outcome_counter *counters
        = realloc(outcome->counters, (outcome->n_counters + N_PUT)
                                         * sizeof *counters);

    if (!counters) {
        return -ENOMEM;
    }
    outcome->counters = counters;
    put(outcome, "payload_bytes", "bytes", vsw_dialogs_n_bytes(dialogs));
    put_level(outcome, "jain_ppm", "ppm", vsw_dialogs_jain_ppm(dialogs));
    if (dialogs->setup.kind != VSW_DIALOG_UDP) {
        put_tcp(&dialogs->tcp, outcome);
    }
    if (dialogs->setup.kind == VSW_DIALOG_REQUEST) {
        put_transactions(dialogs, outcome);
    }
    return add_sizes(dialogs, outcome) ? -ENOMEM
                                       : add_payload(dialogs, outcome);
}
