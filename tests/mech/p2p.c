#include "mech/p2p.h"

#include <stdlib.h>
#include <string.h>

#include "vsw_test.h"

#define N_SLOTS   512
#define BUF_BYTES 2048

static const struct vsw_model_ops no_model = {.name = "p2p"};

static void
expect_0(int error, const struct vsw_error *err)
{
    if (error) {
        fail_msg("%s", err->text);
    }
}

static void
make_switch(struct p2p *p)
{
    struct vsw_switch *sw = &p->sw;
    struct vsw_error err;

    memset(p->arena, 0, sizeof p->arena);
    vsw_arena_init(&sw->arena, p->arena, sizeof p->arena);
    sw->sim = &p->net.rig.sim;
    sw->ops = &no_model;
    sw->n_ports = 2;
    sw->n_queues = 1;
    sw->n_slots = N_SLOTS;
    sw->pkts = &p->net.pkts;
    sw->outcome = p->net.outcome;
    vsw_sim_random(sw->sim, &sw->start, VSW_RANDOM_START_PHASE, 0);
    expect_0(vsw_switch_make_ports(sw, BUF_BYTES, P2P_N_MBUFS, &err), &err);
    expect_0(vsw_mac_switch_init(&p->macs, sw, &err), &err);
    p->net.frames.bufs = &sw->bufs;
    assert_int_equal(vsw_audit_start(&p->audit, sw), 0);
}

static void
make_port(struct p2p *p, uint32_t i, const struct vsw_wire_setup *wire)
{
    static const struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;
    struct vsw_error err;

    expect_0(vsw_link_init(&p->links[i], &p->net.frames, i ? "l1" : "l0", 64,
                           wire, &err), &err);
    expect_0(vsw_nic_init(&p->nics[i], &p->net.frames, i ? "nic1" : "nic0",
                          &p->bus, &p->links[i].ends[0], &p->sw.queues[i], 1,
                          &setup, &p->sw.arena, &err), &err);
    p->clients[i].traffic.rec = VSW_NONE;
}

static void
make_loop(struct p2p *p)
{
    struct vsw_error err;

    assert_int_equal(vsw_unit_init(&p->cpu, p->sw.sim, "switch", "cpu0"), 0);
    vsw_pmd_make_pool(&p->pmd, VSW_PMD_MBUFS, &p->sw.bufs, P2P_N_MBUFS,
                      BUF_BYTES);
    p->pmd.burst_pkts = 32;
    p->pmd.ops = &vsw_nic_port_ops;
    p->pmd.decider = &vsw_mac_switch_decider;
    p->pmd.decider_aux = &p->macs;
    expect_0(vsw_pmd_start(&p->pmd, &p->sw, &p->cpu, &err), &err);
}

void
p2p_init(struct p2p *p, const struct vsw_sim_options *options,
         const struct vsw_wire_setup *wire,
         void (*set_costs)(struct rig *rig))
{
    static const struct vsw_bus_setup setup = VSW_BUS_SETUP_DEFAULT;
    struct vsw_error err;

    memset(p, 0, sizeof *p);
    net_init(&p->net, 2, options);
    if (set_costs) {
        set_costs(&p->net.rig);
    }
    make_switch(p);
    expect_0(vsw_bus_init(&p->bus, p->sw.sim, &setup, &err), &err);
    make_port(p, 0, wire);
    make_port(p, 1, wire);
    make_loop(p);
}

void
p2p_send(struct p2p *p, uint32_t i, uint32_t frame_bytes, uint64_t gap_ps)
{
    net_traffic(&p->net, &p->clients[i], i, frame_bytes, gap_ps);
}

void
p2p_run(struct p2p *p)
{
    net_client(&p->net, &p->clients[0], "c0", &p->links[0].ends[1], 0);
    net_client(&p->net, &p->clients[1], "c1", &p->links[1].ends[1], 1);
    net_run(&p->net);
}

void
p2p_fini(struct p2p *p)
{
    vsw_pmd_fini(&p->pmd);
    vsw_unit_fini(&p->cpu);
    for (int i = 0; i < 2; i++) {
        vsw_client_fini(&p->clients[i]);
        vsw_nic_fini(&p->nics[i]);
        vsw_link_fini(&p->links[i]);
    }
    vsw_switch_free_ports(&p->sw);
    vsw_audit_fini(&p->audit);
    net_fini(&p->net);
}
