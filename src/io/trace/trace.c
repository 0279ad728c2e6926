#include "io/trace/trace_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/trace/portmap.h"
#include "io/trace/trace_chain.h"
#include "io/trace/trace_input.h"
#include "io/trace/trace_rss.h"

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
}

static int
alloc_ports(struct vsw_trace *trace, uint32_t n_ports)
{
    trace->ports = calloc(n_ports ? n_ports : 1, sizeof *trace->ports);
    trace->port_stats = calloc(n_ports ? n_ports : 1,
                               sizeof *trace->port_stats);
    if (!trace->ports || !trace->port_stats) {
        return -ENOMEM;
    }
    trace->workload.n_ports = n_ports;
    return 0;
}

static int
map_ports(struct vsw_trace *trace, const char *name,
          const struct vsw_config_traffic *traffic, struct vsw_error *err)
{
    struct vsw_decoded *d = &trace->decoded;
    struct vsw_portmap map = {name,           traffic,
                              d->link->has_macs, &d->flows,
                              trace->ports,   trace->workload.n_ports};

    if (vsw_addr_count(&d->flows, false, &d->summary.n_mac_addrs)
        || vsw_addr_count(&d->flows, true, &d->summary.n_ip_addrs)) {
        return out_of_memory(err);
    }
    return map.n_ports ? vsw_portmap_apply(&map, err) : 0;
}

static void
count_ports(struct vsw_trace *trace)
{
    struct vsw_decoded *d = &trace->decoded;

    for (uint32_t i = 0; i < d->flows.n; i++) {
        const struct vsw_workload_flow *flow = &d->flows.flows[i];

        if (flow->in_port == VSW_NONE) {
            d->summary.n_unmapped += flow->n_pkts;
            d->summary.n_unmapped_flows++;
            continue;
        }
        trace->port_stats[flow->in_port].n_flows_in++;
        trace->port_stats[flow->in_port].n_pkts_in += flow->n_pkts;
        trace->port_stats[flow->in_port].n_bytes_in += d->flows.n_bytes[i];
        if (flow->out_port != VSW_NONE) {
            trace->port_stats[flow->out_port].n_flows_out++;
            trace->port_stats[flow->out_port].n_pkts_out += flow->n_pkts;
            trace->port_stats[flow->out_port].n_bytes_out
                += d->flows.n_bytes[i];
        }
    }
}

/* Maps the records for reading. */
static int
map_records(struct vsw_trace *trace, struct vsw_spool *spool,
            struct vsw_error *err)
{
    size_t n_bytes = trace->decoded.summary.n_pkts
                     * sizeof(struct vsw_workload_rec);
    void *map = mmap(NULL, n_bytes, PROT_READ, MAP_SHARED, spool->fd, 0);

    if (map == MAP_FAILED) {
        int code = -errno;

        return vsw_error_set(err, VSW_ERROR_INTERNAL, code,
                             "cannot map the temporary file of a trace: %s",
                             strerror(-code));
    }
    trace->map = map;
    trace->map_bytes = n_bytes;
    return 0;
}

/* The period is never 0, or a repeated trace would not end. */
static uint64_t
period_ns(uint64_t last_ns, uint64_t n_pkts)
{
    uint64_t gap_ns = n_pkts > 1 ? last_ns / (n_pkts - 1) : 0;

    return last_ns + (gap_ns ? gap_ns : 1);
}

static void
fill_workload(struct vsw_trace *trace)
{
    struct vsw_workload *w = &trace->workload;
    const struct vsw_decoded *d = &trace->decoded;

    w->recs = trace->map;
    w->flows = d->flows.flows;
    w->ports = trace->ports;
    w->n_recs = (uint32_t) d->summary.n_pkts;
    w->n_flows = d->flows.n;
    w->span_ns = period_ns(d->last_ns, d->summary.n_pkts);
}

static int
build(struct vsw_trace *trace, FILE *file, const char *name,
      const struct vsw_config_traffic *traffic, uint32_t n_ports,
      struct vsw_spool *spool, struct vsw_error *err)
{
    struct vsw_decode_options options = {name, traffic->filter,
                                         traffic->max_flows,
                                         traffic->max_jump_ns};
    int code = vsw_trace_decode(&trace->decoded, file, &options, spool, err);

    if (!code) {
        code = vsw_spool_flush(spool, err);
    }
    if (!code
        && (alloc_ports(trace, n_ports)
            || vsw_trace_rss(&trace->decoded.flows))) {
        code = out_of_memory(err);
    }
    if (!code) {
        code = map_ports(trace, name, traffic, err);
    }
    if (!code) {
        count_ports(trace);
        code = vsw_trace_chain(spool, trace->decoded.summary.n_pkts,
                               trace->decoded.flows.flows, trace->ports,
                               n_ports, err);
    }
    return code ? code : map_records(trace, spool, err);
}

int
vsw_trace_open_file(struct vsw_trace **tracep, FILE *file, const char *name,
                    const struct vsw_config_traffic *traffic,
                    uint32_t n_ports, struct vsw_error *err)
{
    struct vsw_spool spool = {.fd = -1};
    struct vsw_trace *trace = calloc(1, sizeof *trace);
    int code;

    *tracep = NULL;
    if (!trace || vsw_flow_set_init(&trace->decoded.flows)) {
        code = out_of_memory(err);
        fclose(file);
    } else {
        code = vsw_spool_open(&spool, err);
        if (code) {
            fclose(file);
        } else {
            code = build(trace, file, name, traffic, n_ports, &spool, err);
        }
    }
    vsw_spool_close(&spool);
    if (code) {
        vsw_trace_close(trace);
        return code;
    }
    fill_workload(trace);
    *tracep = trace;
    return 0;
}

int
vsw_trace_open(struct vsw_trace **trace,
               const struct vsw_config_traffic *traffic, uint32_t n_ports,
               struct vsw_error *err)
{
    struct vsw_trace_input input;
    int code;

    *trace = NULL;
    code = vsw_trace_input_open(&input, traffic->trace, err);
    if (!code) {
        code = vsw_trace_open_file(trace, input.file, input.name, traffic,
                                   n_ports, err);
    }
    if (!code) {
        struct vsw_trace_summary *s = &(*trace)->decoded.summary;

        memcpy(s->digest, input.digest, sizeof s->digest);
        s->cut |= input.cut;
    }
    return code;
}

void
vsw_trace_close(struct vsw_trace *trace)
{
    if (!trace) {
        return;
    }
    if (trace->map) {
        munmap(trace->map, trace->map_bytes);
    }
    vsw_flow_set_fini(&trace->decoded.flows);
    free(trace->ports);
    free(trace->port_stats);
    free(trace->talks);
    free(trace->msgs);
    free(trace);
}

const struct vsw_trace_summary *
vsw_trace_summary(const struct vsw_trace *trace)
{
    return &trace->decoded.summary;
}

const struct vsw_workload *
vsw_trace_workload(const struct vsw_trace *trace)
{
    return &trace->workload;
}

const struct vsw_trace_size *
vsw_trace_sizes(const struct vsw_trace *trace)
{
    return trace->decoded.sizes;
}

const struct vsw_trace_port *
vsw_trace_ports(const struct vsw_trace *trace)
{
    return trace->port_stats;
}
