#include "io/trace/trace_decode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <pcap/pcap.h>

#include "io/trace/trace_clock.h"
#include "io/trace/trace_link.h"
#include "io/trace/trace_talks.h"

struct decoder {
    const struct vsw_decode_options *options;
    struct vsw_decoded *out;
    struct vsw_spool *spool;
    pcap_t *pcap;
    FILE *file;                 /* Owned by 'pcap'. */
    struct bpf_program filter;
    struct vsw_trace_clock clock;
};

/* Upper bounds of the size classes; those of RMON (RFC 2819), then up to what
 * segmentation offload makes. */
static const uint32_t size_bounds[VSW_TRACE_N_SIZES] = {
    64, 127, 255, 511, 1023, 1518, 4095, 9018, 16383, 32767, 65535,
    VSW_MAX_FRAME_BYTES,
};

static void
init_sizes(struct vsw_trace_size *sizes)
{
    uint32_t from = VSW_MIN_FRAME_BYTES;

    for (int i = 0; i < VSW_TRACE_N_SIZES; i++) {
        sizes[i].min_frame_bytes = from;
        sizes[i].max_frame_bytes = size_bounds[i];
        from = size_bounds[i] + 1;
    }
}

static void
count_size(struct vsw_decoded *out, uint32_t frame_bytes)
{
    struct vsw_trace_summary *s = &out->summary;
    int i = 0;

    while (frame_bytes > size_bounds[i]) {
        i++;
    }
    out->sizes[i].n_pkts++;
    s->n_bytes += frame_bytes;
    if (s->n_pkts == 1 || frame_bytes < s->min_frame_bytes) {
        s->min_frame_bytes = frame_bytes;
    }
    if (frame_bytes > s->max_frame_bytes) {
        s->max_frame_bytes = frame_bytes;
    }
}

static int
cannot_decode(const struct decoder *d, struct vsw_error *err)
{
    uint64_t n = d->out->summary.n_pkts + d->out->summary.n_filtered;

    if (n == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                             "%s: cannot be read beyond its header: %s",
                             d->options->name, pcap_geterr(d->pcap));
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                         "%s: damaged after %" PRIu64 " packets: %s; keep the "
                         "part before with 'editcap -r FILE GOOD 1-%" PRIu64
                         "'",
                         d->options->name, n, pcap_geterr(d->pcap), n);
}

static int
too_large(const struct decoder *d, uint32_t n_bytes, struct vsw_error *err)
{
    uint64_t n = d->out->summary.n_pkts + d->out->summary.n_filtered;

    if (n == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                             "%s: its first packet claims a length of %" PRIu32
                             " bytes, more than any frame has (%" PRIu32
                             "): the file is damaged",
                             d->options->name, n_bytes, VSW_MAX_FRAME_BYTES);
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                         "%s: packet %" PRIu64 " claims a length of %" PRIu32
                         " bytes, more than any frame has (%" PRIu32
                         "): the file is damaged; keep the part before with "
                         "'editcap -r FILE GOOD 1-%" PRIu64 "'",
                         d->options->name, n + 1, n_bytes,
                         VSW_MAX_FRAME_BYTES, n);
}

static int
too_many_flows(const struct decoder *d, struct vsw_error *err)
{
    if (d->out->flows.n < d->out->flows.limit) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "%s: out of memory at %" PRIu32 " flows",
                             d->options->name, d->out->flows.n);
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -E2BIG,
                         "%s: more than %" PRIu32 " flows, after %" PRIu64
                         " packets; choose some with traffic.filter, or cut "
                         "the file with 'editcap -r FILE PART 1-%" PRIu64 "'",
                         d->options->name, d->out->flows.limit,
                         d->out->summary.n_pkts,
                         d->out->summary.n_pkts + d->out->summary.n_filtered);
}

/* Whether a packet was refused because it is of a flow beyond those asked
 * for. */
static bool
is_beyond(const struct decoder *d)
{
    return d->options->max_flows > 0
           && d->out->flows.n == d->options->max_flows;
}

static int
put_record(struct decoder *d, uint64_t time_ns,
           const struct vsw_frame *frame, uint32_t flow_id,
           struct vsw_error *err)
{
    struct vsw_workload_rec rec = {
        .time_ns = time_ns,
        .frame_bytes = frame->frame_bytes,
        .flow_id = flow_id,
        .next_on_port = VSW_NONE,
        .payload_bytes = vsw_talk_payload_bytes(frame),
    };

    if (d->out->summary.n_pkts == VSW_NONE - 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -E2BIG,
                             "%s: more than %" PRIu64 " packets; cut the file "
                             "with 'editcap -c'",
                             d->options->name, d->out->summary.n_pkts);
    }
    return vsw_spool_put(d->spool, &rec, sizeof rec, err);
}

static int
take_packet(struct decoder *d, const struct pcap_pkthdr *h,
            const uint8_t *data, struct vsw_error *err)
{
    struct vsw_trace_summary *s = &d->out->summary;
    struct vsw_frame frame;
    uint64_t time_ns;
    uint32_t flow_id;
    int code;

    if (d->options->filter && !pcap_offline_filter(&d->filter, h, data)) {
        s->n_filtered++;
        return 0;
    }
    if (!vsw_link_to_frame(d->out->link, data, h->caplen, h->len, &frame)) {
        return too_large(d, h->len, err);
    }
    flow_id = vsw_flow_set_add(&d->out->flows, &frame);
    if (flow_id == VSW_NONE && is_beyond(d)) {
        s->n_filtered++;
        return 0;
    }
    if (flow_id == VSW_NONE) {
        return too_many_flows(d, err);
    }
    time_ns = vsw_trace_clock_tell(
        &d->clock, vsw_trace_clock_join(h->ts.tv_sec, h->ts.tv_usec));
    code = put_record(d, time_ns, &frame, flow_id, err);
    if (!code) {
        s->n_pkts++;
        s->n_truncated += h->caplen < h->len;
        count_size(d->out, frame.frame_bytes);
    }
    return code;
}

static int
read_packets(struct decoder *d, struct vsw_error *err)
{
    for (;;) {
        struct pcap_pkthdr *header;
        const uint8_t *data;
        int status = pcap_next_ex(d->pcap, &header, &data);
        int code;

        if (status == PCAP_ERROR_BREAK) {
            return 0;
        }
        if (status < 0 && feof(d->file)) {
            d->out->summary.cut = true;
            return 0;
        }
        if (status < 0) {
            return cannot_decode(d, err);
        }
        code = take_packet(d, header, data, err);
        if (code) {
            return code;
        }
    }
}

static int
open_pcap(struct decoder *d, FILE *file, struct vsw_error *err)
{
    char message[PCAP_ERRBUF_SIZE] = "";

    d->pcap = pcap_fopen_offline_with_tstamp_precision(
        file, PCAP_TSTAMP_PRECISION_NANO, message);
    if (!d->pcap) {
        bool cut = feof(file);

        fclose(file);
        return vsw_error_set(err, VSW_ERROR_DATA, -EBADMSG,
                             "%s: %s; capture it again", d->options->name,
                             cut ? "ends inside its file header" : message);
    }
    d->file = file;
    d->out->link = vsw_link_find(pcap_datalink(d->pcap));
    if (!d->out->link) {
        const char *name = pcap_datalink_val_to_name(pcap_datalink(d->pcap));

        return vsw_error_set(err, VSW_ERROR_DATA, -ENOTSUP,
                             "%s: packets of link type %d (%s); supported are "
                             "%s",
                             d->options->name, pcap_datalink(d->pcap),
                             name ? name : "unknown", vsw_link_names());
    }
    d->out->summary.link_type = d->out->link->name;
    return 0;
}

static int
compile_filter(struct decoder *d, struct vsw_error *err)
{
    if (d->options->filter
        && pcap_compile(d->pcap, &d->filter, d->options->filter, 1,
                        PCAP_NETMASK_UNKNOWN)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "traffic.filter \"%s\": %s; see pcap-filter(7)",
                             d->options->filter, pcap_geterr(d->pcap));
    }
    return 0;
}

static int
check_not_empty(const struct decoder *d, struct vsw_error *err)
{
    const struct vsw_trace_summary *s = &d->out->summary;

    if (s->n_pkts > 0) {
        return 0;
    }
    if (s->n_filtered > 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -ENODATA,
                             "%s: traffic.filter \"%s\" accepts none of its "
                             "%" PRIu64 " packets",
                             d->options->name, d->options->filter,
                             s->n_filtered);
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -ENODATA, "%s: %s",
                         d->options->name,
                         s->cut ? "ends inside its first packet"
                                : "has no packets; capture some");
}

static void
finish(struct decoder *d)
{
    struct vsw_trace_summary *s = &d->out->summary;

    s->n_flows = d->out->flows.n;
    s->n_equal_times = d->clock.n_equal;
    s->n_backward_times = d->clock.n_backward;
    s->n_absurd_jumps = d->clock.n_absurd;
    s->span_ns = d->clock.now_ns;
    d->out->last_ns = d->clock.now_ns;
}

int
vsw_trace_decode(struct vsw_decoded *out, FILE *file,
                 const struct vsw_decode_options *options,
                 struct vsw_spool *spool, struct vsw_error *err)
{
    struct decoder d = {.options = options, .out = out, .spool = spool};
    uint32_t limit = out->flows.limit;
    int code;

    init_sizes(out->sizes);
    if (options->max_flows > 0 && options->max_flows < out->flows.limit) {
        out->flows.limit = options->max_flows;
    }
    vsw_trace_clock_init(&d.clock, options->max_jump_ns);
    code = open_pcap(&d, file, err);
    if (!code) {
        code = compile_filter(&d, err);
    }
    if (!code) {
        code = read_packets(&d, err);
    }
    if (!code) {
        code = check_not_empty(&d, err);
    }
    if (!code) {
        finish(&d);
    }
    if (d.pcap) {
        pcap_freecode(&d.filter);
        pcap_close(d.pcap);
    }
    /* Whoever adds flows back to them has a right to. */
    out->flows.limit = limit;
    return code;
}
