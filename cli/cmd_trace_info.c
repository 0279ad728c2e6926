#include "cli.h"

#include <inttypes.h>

#include <vswsim/trace.h>

static const char *const map_names[] = {
    "mac", "ip", "flow_hash", "pairs", NULL,
};

static const enum vsw_portmap_by map_values[] = {
    VSW_PORTMAP_MAC, VSW_PORTMAP_IP, VSW_PORTMAP_FLOW_HASH,
    VSW_PORTMAP_PAIRS,
};

static const char *filter;
static uint32_t map_by;
static uint32_t n_ports;

static const struct cli_option options[] = {
    {'f', "filter", CLI_TEXT, "BPF", "Look only at packets that this BPF "
     "expression accepts.", &filter, 0, 0, NULL},
    {'p', "ports", CLI_U32, "N", "Also map the flows to N switch ports and "
     "show the load of each.", &n_ports, 0, 65535, NULL},
    {'m', "map-by", CLI_CHOICE, "HOW", "How to map them: mac (the default), "
     "ip, flow_hash or pairs.", &map_by, 0, 0, map_names},
    CLI_OPTION_END,
};

static void
print_row(const char *name, uint64_t value, const char *remark)
{
    printf("%-22s %14" PRIu64 "%s%s\n", name, value, *remark ? "  " : "",
           remark);
}

/* What does not occur is left out. */
static void
print_if_any(const char *name, uint64_t value, const char *remark)
{
    if (value > 0) {
        print_row(name, value, remark);
    }
}

static void
print_summary(const struct vsw_trace_summary *s)
{
    printf("%-22s %14s\n", "link_type", s->link_type);
    print_row("n_pkts", s->n_pkts,
              s->cut ? "the file ends inside a packet" : "");
    print_if_any("n_filtered_pkts", s->n_filtered, "refused by the filter");
    print_row("n_bytes", s->n_bytes, "of frames, check sequence included");
    print_row("min_frame_bytes", s->min_frame_bytes, "");
    print_row("max_frame_bytes", s->max_frame_bytes, "");
    print_row("span_ns", s->span_ns, "");
    print_row("n_flows", s->n_flows, "directions of connections");
    print_row("n_mac_addrs", s->n_mac_addrs, "");
    print_row("n_ip_addrs", s->n_ip_addrs, "");
    print_if_any("n_truncated_pkts", s->n_truncated,
                 "captured in part; sizes are those of the wire");
    print_if_any("n_equal_times", s->n_equal_times,
                 "as late as the packet before");
    print_if_any("n_backward_times", s->n_backward_times,
                 "earlier than the packet before; taken as equal");
    printf("%-22s %s\n", "sha256", s->digest);
}

static void
print_sizes(const struct vsw_trace *trace)
{
    const struct vsw_trace_size *sizes = vsw_trace_sizes(trace);
    uint64_t n_pkts = vsw_trace_summary(trace)->n_pkts;

    puts("\nframe_bytes                   pkts   share");
    for (int i = 0; i < VSW_TRACE_N_SIZES; i++) {
        const struct vsw_trace_size *s = &sizes[i];

        if (s->n_pkts > 0) {
            printf("%10" PRIu32 " to %-7" PRIu32 " %12" PRIu64 " %6.1f%%\n",
                   s->min_frame_bytes, s->max_frame_bytes, s->n_pkts,
                   100.0 * (double) s->n_pkts / (double) n_pkts);
        }
    }
}

static void
print_ports(const struct vsw_trace *trace)
{
    const struct vsw_trace_port *ports = vsw_trace_ports(trace);

    puts("\nport  flows in      pkts in       bytes in  "
         "flows out     pkts out      bytes out");
    for (uint32_t i = 0; i < n_ports; i++) {
        const struct vsw_trace_port *p = &ports[i];

        printf("%4" PRIu32 " %9" PRIu32 " %12" PRIu64 " %14" PRIu64
               " %10" PRIu32 " %12" PRIu64 " %14" PRIu64 "\n",
               i, p->n_flows_in, p->n_pkts_in, p->n_bytes_in, p->n_flows_out,
               p->n_pkts_out, p->n_bytes_out);
    }
    print_if_any("\nunmapped packets", vsw_trace_summary(trace)->n_unmapped,
                 "of flows that lead to no other port");
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_config_traffic traffic = {
        .trace = operands[0],
        .filter = filter,
        .map_by = map_values[map_by],
    };
    struct vsw_trace *trace = NULL;

    (void) n_operands;
    if (vsw_trace_open(&trace, &traffic, n_ports, &err)) {
        return cli_fail(command, &err);
    }
    print_summary(vsw_trace_summary(trace));
    print_sizes(trace);
    if (n_ports > 0) {
        print_ports(trace);
    }
    vsw_trace_close(trace);
    return CLI_OK;
}

const struct cli_command cli_cmd_trace_info = {
    .name = "trace info",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Show what is in a packet trace",
    .details = "FILE is a pcap or pcapng capture, also compressed, or \"-\" "
        "for standard input.  Sizes are those on the wire, the four bytes "
        "of the frame check sequence included, whatever was captured.",
    .example = "vswsim trace info --ports 2 --map-by ip capture.pcap",
    .options = options,
    .run = run,
};
