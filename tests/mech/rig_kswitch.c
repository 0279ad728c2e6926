#include "rig_kswitch.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/model.h>

#include "vsw_test.h"

static const struct vsw_model_ops model = {.name = "test"};

/* Ethernet, IPv4 and UDP from 10.0.0.FLOW to 10.1.0.0. */
static void
make_header(struct vsw_workload_flow *flow, uint32_t i)
{
    const uint8_t ip[] = {
        0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,
        10, 0, 0, (uint8_t) i, 10, 1, 0, 0, 0, 1, 0, 2, 0, 26, 0, 0,
    };

    flow->header[12] = 0x08;
    flow->header[13] = 0x00;
    memcpy(&flow->header[14], ip, sizeof ip);
    flow->header_bytes = 60;
}

static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct rig_kswitch *rk = aux;

    assert_true(rk->n_resumed < RIG_N_PKTS);
    rk->resumed_pkts[rk->n_resumed] = pkt;
    rk->resumed_ps[rk->n_resumed] = daemon->unit->local_ps;
    rk->resumed_ports[rk->n_resumed++] = port;
}

static void
make_switch(struct rig_kswitch *rk, uint32_t n_ports)
{
    struct vsw_switch *sw = &rk->sw;

    for (uint32_t i = 0; i < RIG_N_CPUS; i++) {
        rk->units[i] = &rk->rig.units[i];
    }
    sw->sim = &rk->rig.sim;
    sw->ops = &model;
    sw->units = rk->units;
    sw->n_units = RIG_N_CPUS;
    sw->n_ports = n_ports;
    sw->pkts = &rk->pkts;
    sw->outcome = rk->outcome;
    assert_int_equal(vsw_bufs_init(&sw->bufs, RIG_N_PKTS), 0);
}

void
rig_kswitch_init(struct rig_kswitch *rk, uint32_t n_ports, uint32_t n_flows,
                 const struct vsw_kswitch_setup *setup)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US, .duration_ps = 1000 * US, .check = true,
    };
    struct vsw_kswitch_setup s = *setup;
    struct vsw_error err;

    memset(rk, 0, sizeof *rk);
    rig_init(&rk->rig, RIG_N_CPUS, &options);
    made_init(&rk->made, n_ports, n_flows);
    for (uint32_t i = 0; i < n_flows; i++) {
        make_header(&rk->made.flows[i], i);
    }
    rk->outcome = vsw_outcome_new(n_ports);
    assert_non_null(rk->outcome);
    assert_int_equal(vsw_pkts_init(&rk->pkts, RIG_N_PKTS, &rk->made.workload,
                                   rk->outcome), 0);
    make_switch(rk, n_ports);
    s.daemon.unit = rk->units[RIG_DAEMON_CPU];
    s.resume = resume;
    s.aux = rk;
    if (vsw_kswitch_init(&rk->ks, &rk->sw, &s, &err)) {
        fail_msg("%s", err.text);
    }
}

void
rig_kswitch_fini(struct rig_kswitch *rk)
{
    vsw_kswitch_fini(&rk->ks);
    free(rk->sw.counters);
    vsw_bufs_fini(&rk->sw.bufs);
    vsw_pkts_fini(&rk->pkts);
    vsw_outcome_free(rk->outcome);
    rig_fini(&rk->rig);
}

uint32_t
rig_kswitch_packet(struct rig_kswitch *rk, uint32_t flow)
{
    const struct vsw_workload_flow *f = &rk->made.flows[flow];
    uint32_t pkt = vsw_pkt_create(&rk->pkts, rk->units[RIG_SWITCH_CPU], flow,
                                  f->in_port, 64, 0);
    uint32_t buf = vsw_bufs_take(&rk->sw.bufs);

    rk->pkts.pkts[pkt].buf = buf;
    memcpy(rk->sw.bufs.headers[buf], f->header, VSW_HEADER_BYTES);
    return pkt;
}

uint32_t
rig_kswitch_forward(struct rig_kswitch *rk, uint32_t pkt)
{
    return vsw_kswitch_forward(&rk->ks, rk->units[RIG_SWITCH_CPU], pkt);
}
