#include "io/trace/trace_make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/trace/trace_gen_frame.h"
#include "io/trace/trace_impl.h"
#include "io/trace/trace_rss.h"

/* Number HHHH of the host behind 'port': its MAC address is 02:00:00:00:HH:HH,
 * its IP address in 10.0.0.0/8. */
static uint32_t
host_of(uint32_t port)
{
    return port + 1;
}

/* TCP and UDP ports: clients' from 10000 on, and the server's. */
#define CLIENT_PORT 10000u
#define SERVER_PORT 5001u

static void
make_frame(const struct vsw_dialogs *dialogs, uint32_t i, uint32_t side,
           struct vsw_frame *frame)
{
    const struct vsw_dialog *d = &dialogs->list[i];
    bool udp = dialogs->setup.kind == VSW_DIALOG_UDP;
    const struct vsw_gen_packet packet = {
        .proto = udp ? VSW_TRACE_UDP : VSW_TRACE_TCP,
        .from = host_of(d->ports[side]),
        .to = host_of(d->ports[!side]),
        .from_port = (uint16_t) (side == 0 ? CLIENT_PORT + i : SERVER_PORT),
        .to_port = (uint16_t) (side == 0 ? SERVER_PORT : CLIENT_PORT + i),
        .n_bytes = 60,
    };

    memset(frame, 0, sizeof *frame);
    vsw_gen_make_header(frame->header, &packet);
    frame->header_bytes = udp ? 42 : 54;
    frame->frame_bytes = 64;
}

static int
add_flows(struct vsw_trace *trace, const struct vsw_dialogs *dialogs)
{
    struct vsw_flow_set *set = &trace->decoded.flows;

    for (uint32_t i = 0; i < dialogs->n; i++) {
        for (uint32_t side = 0; side < 2; side++) {
            struct vsw_frame frame;
            uint32_t flow;

            make_frame(dialogs, i, side, &frame);
            flow = vsw_flow_set_add(set, &frame);
            if (flow != 2 * i + side) {
                return -ENOMEM;
            }
            set->flows[flow].in_port = dialogs->list[i].ports[side];
            set->flows[flow].out_port = dialogs->list[i].ports[!side];
            set->flows[flow].n_pkts = 0;
        }
    }
    return vsw_trace_rss(set);
}

static int
make_ports(struct vsw_trace *trace, uint32_t n_ports)
{
    trace->ports = calloc((size_t) n_ports + 1, sizeof *trace->ports);
    trace->port_stats = calloc((size_t) n_ports + 1,
                               sizeof *trace->port_stats);
    if (!trace->ports || !trace->port_stats) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_ports; i++) {
        const uint8_t mac[6] = {
            2, 0, 0, 0, (uint8_t) (host_of(i) >> 8), (uint8_t) host_of(i),
        };

        memcpy(trace->ports[i].mac, mac, sizeof mac);
        trace->ports[i].first_rec = VSW_NONE;
    }
    return 0;
}

int
vsw_trace_make(struct vsw_trace **tracep, const struct vsw_dialogs *dialogs,
               uint32_t n_ports, struct vsw_error *err)
{
    struct vsw_trace *trace = calloc(1, sizeof *trace);

    *tracep = NULL;
    if (!trace || vsw_flow_set_init(&trace->decoded.flows)
        || make_ports(trace, n_ports) || add_flows(trace, dialogs)) {
        vsw_trace_close(trace);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    trace->decoded.summary.n_flows = trace->decoded.flows.n;
    trace->workload.flows = trace->decoded.flows.flows;
    trace->workload.n_flows = trace->decoded.flows.n;
    trace->workload.ports = trace->ports;
    trace->workload.n_ports = n_ports;
    trace->workload.span_ns = 1;
    *tracep = trace;
    return 0;
}
