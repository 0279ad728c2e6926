#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/trace.h>
#include <vswsim/trace_gen.h>
#include <vswsim/zipf.h>

static const char *const proto_names[] = {"udp", "tcp", NULL};
static const enum vsw_trace_proto protos[] = {VSW_TRACE_UDP, VSW_TRACE_TCP};
static const char *const format_names[] = {"pcapng", "pcap", NULL};
static const enum vsw_trace_format formats[] = {VSW_TRACE_PCAPNG,
                                                VSW_TRACE_PCAP};

static struct vsw_trace_gen gen = {
    .seed = 1,
    .n_pkts = 10000,
    .n_flows = 64,
    .n_ports = 2,
    .rate_pps = 1000000,
    .snaplen_bytes = 96,
};
static struct cli_list sizes;
static uint32_t proto;
static uint32_t format;

static const struct cli_option options[] = {
    {'n', "packets", CLI_U32, "N", "Packets; by default 10000.", &gen.n_pkts,
     1, UINT32_MAX, NULL},
    {'F', "flows", CLI_U32, "N", "Flows; by default 64.", &gen.n_flows, 1,
     VSW_TRACE_MAX_FLOWS, NULL},
    {'p', "ports", CLI_U32, "N", "Hosts, one for each switch port; by "
     "default 2.", &gen.n_ports, 2, VSW_TRACE_GEN_MAX_PORTS, NULL},
    {0, "skew-milli", CLI_U32, "N", "Skew of the Zipf distribution of the "
     "flows' popularity in thousandths; by default 0, which is uniform.",
     &gen.skew_milli, 0, VSW_ZIPF_MAX_SKEW_MILLI, NULL},
    {'b', "frame-bytes", CLI_LIST, "SIZE[:WEIGHT]", "A frame size and how "
     "often it comes; may be repeated. By default the simple Internet mix, "
     "64:7 594:4 1518:1.", &sizes, 0, 0, NULL},
    {0, "proto", CLI_CHOICE, "PROTO", "udp (the default) or tcp.", &proto, 0,
     0, proto_names},
    {'r', "rate-pps", CLI_U64, "N", "Packets per second; by default "
     "1000000.", &gen.rate_pps, 1, UINT64_C(1000000000000), NULL},
    {0, "poisson", CLI_FLAG, NULL, "Exponential gaps between packets, not "
     "equal ones.", &gen.poisson, 0, 0, NULL},
    {0, "snaplen-bytes", CLI_U32, "N", "Bytes kept of each packet; by "
     "default 96; 0 keeps all.", &gen.snaplen_bytes, 0, 65535, NULL},
    {0, "format", CLI_CHOICE, "FORMAT", "pcapng (the default) or pcap.",
     &format, 0, 0, format_names},
    {0, "seed", CLI_U64, "N", "Seed of the random choices; by default 1.",
     &gen.seed, 0, UINT64_MAX, NULL},
    CLI_OPTION_END,
};

/* "64" or "64:7". */
static bool
parse_size(const char *text, struct vsw_trace_gen_size *size)
{
    unsigned long weight = 1;
    unsigned long bytes;
    char *end;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    bytes = strtoul(text, &end, 10);
    if (*end == ':' && end[1] >= '0' && end[1] <= '9') {
        weight = strtoul(end + 1, &end, 10);
    }
    size->frame_bytes = (uint32_t) bytes;
    size->weight = (uint32_t) weight;
    return !*end && bytes >= VSW_TRACE_GEN_MIN_FRAME_BYTES
           && bytes <= VSW_TRACE_GEN_MAX_FRAME_BYTES && weight >= 1
           && weight <= 1000000;
}

static bool
parse_sizes(const struct cli_command *command,
            struct vsw_trace_gen_size *parsed)
{
    for (size_t i = 0; i < sizes.n; i++) {
        if (!parse_size(sizes.items[i], &parsed[i])) {
            cli_complain(command, "--frame-bytes: expected SIZE or "
                         "SIZE:WEIGHT with a size from %d to %d and a weight "
                         "from 1 to 1000000, not \"%s\"",
                         VSW_TRACE_GEN_MIN_FRAME_BYTES,
                         VSW_TRACE_GEN_MAX_FRAME_BYTES, sizes.items[i]);
            return false;
        }
    }
    return true;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_trace_gen_size *parsed = calloc(sizes.n + 1, sizeof *parsed);
    enum cli_exit status = CLI_OK;

    (void) n_operands;
    gen.proto = protos[proto];
    gen.format = formats[format];
    gen.sizes = parsed;
    gen.n_sizes = (uint32_t) sizes.n;
    if (!parsed) {
        cli_complain(command, "out of memory");
        status = CLI_INTERNAL;
    } else if (!strcmp(operands[0], "-")) {
        cli_complain(command, "cannot write to standard output; name a file");
        status = CLI_USAGE;
    } else if (!parse_sizes(command, parsed)) {
        status = CLI_USAGE;
    } else if (vsw_trace_generate(&gen, operands[0], &err)) {
        status = cli_fail(command, &err);
    }
    free(parsed);
    return status;
}

const struct cli_command cli_cmd_trace_gen = {
    .name = "trace gen",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Generate a packet trace with a given mix of sizes and flows",
    .details = "Writes a capture to FILE. Equal options give equal bytes, on "
        "every machine.",
    .example = "vswsim trace gen --flows 1000 --skew-milli 990 "
        "--frame-bytes 64 zipf.pcapng",
    .options = options,
    .run = run,
};
