#include "mech/net.h"

#include <string.h>

#include "vsw_test.h"

/* A frame of UDP over IPv4 from 10.0.0.'from' to 10.0.1.'to', whose MAC
 * addresses end in the ports. */
static void
make_header(uint8_t *h, uint32_t in_port, uint32_t out_port, uint32_t flow)
{
    const uint8_t ip[20] = {
        0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,
        10, 0, 0, (uint8_t) flow, 10, 0, 1, (uint8_t) (flow * 7),
    };

    memset(h, 0, VSW_HEADER_BYTES);
    h[0] = h[6] = 2;
    h[5] = (uint8_t) out_port;
    h[11] = (uint8_t) in_port;
    h[12] = 8;
    memcpy(h + 14, ip, sizeof ip);
    h[35] = (uint8_t) flow;         /* Ports, low bytes. */
    h[37] = 53;
    h[39] = 26;                     /* Length of UDP. */
}

static void
make_workload(struct net *net, uint32_t n_ports)
{
    uint32_t last[4] = {VSW_NONE, VSW_NONE, VSW_NONE, VSW_NONE};

    for (uint32_t i = 0; i < n_ports; i++) {
        net->ports[i].first_rec = VSW_NONE;
        net->ports[i].mac[0] = 2;
        net->ports[i].mac[5] = (uint8_t) i;
    }
    for (uint32_t i = 0; i < NET_N_FLOWS; i++) {
        uint32_t in = i % n_ports;
        uint32_t out = (in + 1) % n_ports;

        make_header(net->flows[i].header, in, out, i);
        net->flows[i].header_bytes = 60;
        net->flows[i].in_port = in;
        net->flows[i].out_port = out;
        net->recs[i].frame_bytes = 64;
        net->recs[i].flow_id = i;
        net->recs[i].next_on_port = VSW_NONE;
        if (last[in] == VSW_NONE) {
            net->ports[in].first_rec = i;
        } else {
            net->recs[last[in]].next_on_port = i;
        }
        last[in] = i;
        net->ports[in].n_recs++;
    }
    net->workload = (struct vsw_workload) {
        .recs = net->recs,
        .flows = net->flows,
        .ports = net->ports,
        .n_recs = NET_N_FLOWS,
        .n_flows = NET_N_FLOWS,
        .n_ports = n_ports,
        .span_ns = 1,
    };
}

void
net_init(struct net *net, uint32_t n_ports,
         const struct vsw_sim_options *options)
{
    memset(net, 0, sizeof *net);
    rig_init(&net->rig, 0, options);
    make_workload(net, n_ports);
    net->outcome = vsw_outcome_new(n_ports);
    assert_non_null(net->outcome);
    assert_int_equal(vsw_pkts_init(&net->pkts, NET_N_PKTS, &net->workload,
                                   net->outcome), 0);
    assert_int_equal(vsw_bufs_init(&net->bufs, NET_N_BUFS), 0);
    assert_int_equal(vsw_frames_init(&net->frames, &net->rig.sim, &net->pkts,
                                     &net->bufs), 0);
}

void
net_fini(struct net *net)
{
    vsw_frames_fini(&net->frames);
    vsw_bufs_fini(&net->bufs);
    vsw_pkts_fini(&net->pkts);
    vsw_outcome_free(net->outcome);
    vsw_sim_fini(&net->rig.sim);
}

void
net_run(struct net *net)
{
    struct vsw_error err = {0};

    rig_run(&net->rig);
    if (vsw_pkts_check(&net->pkts, &err)) {
        fail_msg("%s", err.text);
    }
}

void
net_traffic(struct net *net, struct vsw_client *client, uint32_t port,
            uint32_t frame_bytes, uint64_t gap_ps)
{
    struct vsw_random offset;
    const struct vsw_traffic_setup setup = {
        .workload = &net->workload,
        .pacing = gap_ps ? VSW_PACING_FIXED : VSW_PACING_SATURATE,
        .gap_ps = gap_ps,
        .burst_pkts = 1,
        .frame_bytes = frame_bytes,
        .port = port,
        .n_queues = 1,
    };

    vsw_sim_random(&net->rig.sim, &offset, VSW_RANDOM_TRACE_OFFSET, port);
    vsw_traffic_init(&client->traffic, &setup, 0, &offset);
}

void
net_client(struct net *net, struct vsw_client *client, const char *name,
           struct vsw_link_end *end, uint32_t port)
{
    struct vsw_error err;

    assert_int_equal(vsw_client_init(client, &net->frames, name, end, port,
                                     &err), 0);
}

uint32_t
net_packet(struct net *net, const struct vsw_unit *unit, uint32_t frame_bytes)
{
    uint32_t pkt = vsw_pkt_create(&net->pkts, unit, 0, 0, frame_bytes,
                                  unit->local_ps);

    memcpy(net->frames.headers[pkt], net->flows[0].header, VSW_HEADER_BYTES);
    return pkt;
}
