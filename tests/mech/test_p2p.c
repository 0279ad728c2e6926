/* Forwarding from one NIC to another, end to end. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/metric.h>

#include "io/run/outcome_fill.h"
#include "mech/p2p.h"

#define WARMUP_PS (100 * US)

static const struct vsw_wire_setup ten_gbps = {TEN_GBPS, 0};

static struct p2p p2p;

static struct vsw_sim_options
options(uint64_t window_ps)
{
    return (struct vsw_sim_options) {
        .quantum_ps = 500 * NS,
        .warmup_ps = WARMUP_PS,
        .duration_ps = WARMUP_PS + window_ps,
        .seed = 5,
        .check = true,
    };
}

/* A CPU that takes about 53 ns per packet, and a bus of eight lanes at
 * 5 GT/s. */
static void
set_costs(struct rig *rig)
{
    rig_set_cost(rig, VSW_COST_PCIE_BYTE, 250);
    rig_set_cost(rig, VSW_COST_PCIE_READ_LATENCY, 600 * NS);
    rig_set_cost(rig, VSW_COST_DOORBELL, 100 * NS);
    rig_set_cost(rig, VSW_COST_NIC_RX_PKT, 20 * NS);
    rig_set_cost(rig, VSW_COST_NIC_TX_PKT, 20 * NS);
    rig_set_cost(rig, VSW_COST_MAC_SWITCH, 10 * NS);
    rig_set_cost(rig, VSW_COST_VRING_EMPTY, 10 * NS);
}

static void
slow_cpu(struct rig *rig)
{
    set_costs(rig);
    rig_set_cost(rig, VSW_COST_MAC_SWITCH, 160 * NS);
}

static void
slow_bus(struct rig *rig)
{
    set_costs(rig);
    rig_set_cost(rig, VSW_COST_PCIE_BYTE, 1000);
}

static void
sixty_four_byte_frames_are_forwarded_at_line_rate(void **state)
{
    const struct vsw_sim_options o = options(1000 * US);
    const struct vsw_outcome *out;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, set_costs);
    p2p_send(&p2p, 0, 64, 0);
    p2p_run(&p2p);
    out = p2p.net.outcome;
    assert_in_range(out->port_delivered[1].n_pkts, 14880, 14882);
    assert_int_equal(out->window_dropped.n_pkts, 0);
    assert_int_equal(p2p.links[1].wires[0].unit.idle_ps, 0);
    /* 60 bytes and a descriptor of 16; one more per batch sent. */
    assert_in_range(p2p.bus.n_data_bytes[VSW_BUS_TO_HOST] * 100 / 14881,
                    7600, 7600 + 1600);
    assert_in_range(p2p.bus.n_data_bytes[VSW_BUS_TO_DEVICE] * 100 / 14881,
                    9190, 9210 + 800);
    p2p_fini(&p2p);
}

/* Frames that are alone: each takes all that a frame can take. */
static void
a_lone_frame_takes_so_many_bytes_of_the_bus(void **state)
{
    const struct vsw_sim_options o = options(400 * US);
    uint64_t to_host, to_device;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, set_costs);
    p2p_send(&p2p, 0, 64, 5 * US);
    p2p_run(&p2p);
    assert_int_equal(p2p.net.outcome->port_delivered[1].n_pkts, 80);
    /* Frame, descriptor, descriptor of the one sent; requests for a line of
     * descriptors each 4 frames, for the descriptor and for the frame. */
    to_host = 60 + 24 + 16 + 24 + 16 + 24 + 24 + 24;
    assert_int_equal(p2p.bus.n_bytes[VSW_BUS_TO_HOST],
                     80 * to_host + 20 * 24);
    to_device = 60 + 24 + 16 + 24 + 2 * (4 + 24);
    assert_int_equal(p2p.bus.n_bytes[VSW_BUS_TO_DEVICE],
                     80 * to_device + 20 * (64 + 24));
    p2p_fini(&p2p);
}

static void
the_outcome_counts_the_bytes_of_the_bus(void **state)
{
    const struct vsw_sim_options o = options(400 * US);
    const struct vsw_outcome *out;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, set_costs);
    assert_int_equal(vsw_bus_add_counters(&p2p.bus, &p2p.sw), 0);
    p2p_send(&p2p, 0, 64, 5 * US);
    p2p_run(&p2p);
    out = p2p.net.outcome;
    assert_int_equal(vsw_outcome_fill(p2p.net.outcome, &p2p.sw), 0);
    assert_true(vsw_metric_value(out, "counter(bus_bytes_to_host)")
                == (double) p2p.bus.n_bytes[VSW_BUS_TO_HOST]);
    assert_true(vsw_metric_value(out, "counter_per_pkt(bus_bytes_to_device)")
                == (double) p2p.bus.n_bytes[VSW_BUS_TO_DEVICE] / 80);
    assert_true(vsw_metric_value(out, "share(role=device,account=wire)") > 0);
    p2p_fini(&p2p);
}

/* 200 ns and more per packet: what comes too much is lost at the ring. */
static void
a_slow_cpu_loses_frames_at_its_receive_ring(void **state)
{
    const struct vsw_sim_options o = options(1000 * US);
    const struct vsw_outcome *out;
    uint64_t ps;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, slow_cpu);
    p2p_send(&p2p, 0, 64, 0);
    p2p_run(&p2p);
    out = p2p.net.outcome;
    ps = (200 + 200 / 32) * NS;         /* Two doorbells per burst. */
    assert_in_range(out->port_delivered[1].n_pkts, 1000 * US / ps - 40,
                    1000 * US / ps + 40);
    assert_true(out->dropped[VSW_DROP_RX_RING_FULL].n_pkts > 9000);
    assert_int_equal(out->dropped[VSW_DROP_FIFO_FULL].n_pkts, 0);
    p2p_fini(&p2p);
}

/* At 1 GB/s the headers alone are too much. */
static void
a_slow_bus_loses_frames_in_the_nic(void **state)
{
    const struct vsw_sim_options o = options(1000 * US);
    const struct vsw_outcome *out;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, slow_bus);
    p2p_send(&p2p, 0, 64, 0);
    p2p_run(&p2p);
    out = p2p.net.outcome;
    assert_true(out->dropped[VSW_DROP_FIFO_FULL].n_pkts > 1000);
    assert_in_range(p2p.bus.n_bytes[VSW_BUS_TO_HOST], 995000, 1001000);
    p2p_fini(&p2p);
}

/* Both ways at once; the CPU is the bottleneck, and shares its time. */
static void
both_directions_get_the_same(void **state)
{
    const struct vsw_sim_options o = options(1000 * US);
    const struct vsw_outcome *out;
    uint64_t left, right;

    (void) state;
    p2p_init(&p2p, &o, &ten_gbps, set_costs);
    p2p_send(&p2p, 0, 64, 0);
    p2p_send(&p2p, 1, 64, 0);
    p2p_run(&p2p);
    out = p2p.net.outcome;
    left = out->port_delivered[0].n_pkts;
    right = out->port_delivered[1].n_pkts;
    assert_in_range(left, right - 64, right + 64);
    assert_in_range(left + right, 17300, 18100);
    p2p_fini(&p2p);
}

/* The zero-cost law. */
static void
with_no_costs_each_packet_arrives_when_it_leaves(void **state)
{
    static const struct vsw_wire_setup infinite = {0, 0};
    const struct vsw_sim_options o = options(400 * US);

    (void) state;
    p2p_init(&p2p, &o, &infinite, NULL);
    p2p_send(&p2p, 0, 1518, 100 * NS);
    p2p_send(&p2p, 1, 64, 130 * NS);
    p2p_run(&p2p);
    assert_int_equal(p2p.net.outcome->port_delivered[1].n_pkts, 4000);
    assert_int_equal(p2p.net.outcome->latency_ps->max, 0);
    assert_int_equal(p2p.net.outcome->window_dropped.n_pkts, 0);
    for (uint32_t i = 0; i < p2p.sw.sim->n_units; i++) {
        for (uint32_t a = 0; a < VSW_N_ACCOUNTS; a++) {
            if (a != VSW_ACCOUNT_POLL) {
                assert_int_equal(rig_busy_ps(p2p.sw.sim->units[i], a), 0);
            }
        }
    }
    p2p_fini(&p2p);
}

struct figures {
    uint64_t delivered[2];
    uint64_t mean_ps;
};

static struct figures
figures_of(uint64_t quantum_ps, bool reverse)
{
    struct vsw_sim_options o = options(1000 * US);
    struct figures f;

    o.quantum_ps = quantum_ps;
    o.reverse_ties = reverse;
    p2p_init(&p2p, &o, &ten_gbps, set_costs);
    p2p_send(&p2p, 0, 64, 130 * NS);
    p2p_send(&p2p, 1, 1518, 2 * US);
    p2p_run(&p2p);
    f.delivered[0] = p2p.net.outcome->port_delivered[0].n_pkts;
    f.delivered[1] = p2p.net.outcome->port_delivered[1].n_pkts;
    f.mean_ps = (uint64_t) vsw_histogram_mean(p2p.net.outcome->latency_ps);
    p2p_fini(&p2p);
    return f;
}

/* No more than the 0.5 % that "--check" allows.  No wire is saturated, for
 * at a load of one a queue has no mean. */
static void
neither_quantum_nor_ties_move_what_is_measured(void **state)
{
    struct figures base = figures_of(500 * NS, false);
    struct figures other[] = {figures_of(125 * NS, false),
                              figures_of(500 * NS, true)};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(other); i++) {
        for (int p = 0; p < 2; p++) {
            assert_in_range(other[i].delivered[p] * 1000,
                            base.delivered[p] * 995,
                            base.delivered[p] * 1005);
        }
        assert_in_range(other[i].mean_ps * 1000, base.mean_ps * 995,
                        base.mean_ps * 1005);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_byte_frames_are_forwarded_at_line_rate),
        cmocka_unit_test(a_lone_frame_takes_so_many_bytes_of_the_bus),
        cmocka_unit_test(the_outcome_counts_the_bytes_of_the_bus),
        cmocka_unit_test(a_slow_cpu_loses_frames_at_its_receive_ring),
        cmocka_unit_test(a_slow_bus_loses_frames_in_the_nic),
        cmocka_unit_test(both_directions_get_the_same),
        cmocka_unit_test(with_no_costs_each_packet_arrives_when_it_leaves),
        cmocka_unit_test(neither_quantum_nor_ties_move_what_is_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
