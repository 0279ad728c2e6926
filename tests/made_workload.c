#include "made_workload.h"

#include <assert.h>
#include <string.h>

static void
set_mac(uint8_t mac[6], uint32_t port)
{
    const uint8_t made[6] = {2, 0, 0, 0, 0, (uint8_t) port};

    memcpy(mac, made, sizeof made);
}

void
made_init(struct made *made, uint32_t n_ports, uint32_t n_flows)
{
    assert(n_ports <= MADE_MAX_PORTS && n_flows <= MADE_MAX_FLOWS);
    memset(made, 0, sizeof *made);
    made->workload = (struct vsw_workload) {
        .recs = made->recs,
        .flows = made->flows,
        .ports = made->ports,
        .n_flows = n_flows,
        .n_ports = n_ports,
    };
    for (uint32_t i = 0; i < n_ports; i++) {
        made->ports[i].first_rec = VSW_NONE;
        set_mac(made->ports[i].mac, i);
    }
    for (uint32_t i = 0; i < n_flows; i++) {
        struct vsw_workload_flow *flow = &made->flows[i];

        flow->in_port = i % n_ports;
        flow->out_port = (i + 1) % n_ports;
        set_mac(&flow->header[0], flow->out_port);
        set_mac(&flow->header[6], flow->in_port);
        flow->header[14] = (uint8_t) i;
        flow->header_bytes = 60;
    }
}

void
made_add(struct made *made, uint32_t flow_id, uint64_t time_ns,
         uint32_t frame_bytes)
{
    uint32_t id = made->workload.n_recs++;
    uint32_t port_id = made->flows[flow_id].in_port;
    struct vsw_workload_port *port = &made->ports[port_id];

    assert(id < MADE_MAX_RECS);
    made->recs[id] = (struct vsw_workload_rec) {
        .time_ns = time_ns,
        .frame_bytes = frame_bytes,
        .flow_id = flow_id,
        .next_on_port = VSW_NONE,
    };
    if (port->n_recs++ == 0) {
        port->first_rec = id;
    } else {
        made->recs[made->last_rec[port_id]].next_on_port = id;
    }
    made->last_rec[port_id] = id;
    made->flows[flow_id].n_pkts++;
    made->workload.span_ns = time_ns + 1;
}

void
made_fill(struct made *made, uint32_t n_recs, uint64_t first_ns,
          uint64_t gap_ns, uint32_t frame_bytes)
{
    for (uint32_t i = 0; i < n_recs; i++) {
        made_add(made, i % made->workload.n_flows, first_ns + i * gap_ns,
                 frame_bytes);
    }
}

struct vsw_config
made_config(const struct vsw_machine *machine,
            const struct vsw_model_ops *model, uint64_t *params,
            uint32_t n_guests)
{
    bool only_wires = model->port_kinds == VSW_PORTS_WIRE;

    for (uint32_t i = 0; model->params[i].name; i++) {
        assert(i < MADE_MAX_PARAMS);
        params[i] = model->params[i].value;
    }
    return (struct vsw_config) {
        .machine = machine,
        .wires.n = only_wires ? n_guests : 0,
        .guests = {
            .n = only_wires ? 0 : n_guests,
            .n_cpus = 1,
            .burst_pkts = 32,
            .ring_slots = 256,
            .driver = model->drivers ? model->drivers[0] : "virtio_poll",
        },
        .traffic.pacing = VSW_PACING_SATURATE,
        .run = {
            .duration_us = 1000,
            .warmup_us = 100,
            .replications = 1,
            .seed = 1,
            .quantum_ns = 500,
        },
        .design = model->name,
        .model = model,
        .params = params,
    };
}
