#include "vsw_test.h"

#include <math.h>
#include <string.h>

#include <vswsim/random.h>
#include <vswsim/stats.h>

#include "core/queue_theory.h"
#include "mech/net.h"

static struct net net;
static struct vsw_link link_;
static struct vsw_client clients[2];
static struct vsw_error err;

static void
set_up(uint64_t duration_ps, uint64_t rate_bps, uint64_t delay_ps,
       uint32_t n_frames)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = duration_ps,
        .check = true,
    };
    const struct vsw_wire_setup setup = {rate_bps, delay_ps};

    net_init(&net, 2, &options);
    memset(clients, 0, sizeof clients);
    for (int i = 0; i < 2; i++) {
        clients[i].traffic.rec = VSW_NONE;
    }
    assert_int_equal(vsw_link_init(&link_, &net.frames, "link", n_frames,
                                   &setup, &err), 0);
}

static void
tear_down(void)
{
    vsw_client_fini(&clients[0]);
    vsw_client_fini(&clients[1]);
    vsw_link_fini(&link_);
    net_fini(&net);
}

static void
add_clients(void)
{
    net_client(&net, &clients[0], "left", &link_.ends[0], 0);
    net_client(&net, &clients[1], "right", &link_.ends[1], 1);
}

/* 8 of preamble, 64, and 12 of gap at 0.8 ns each. */
static void
a_64_byte_frame_takes_67200_ps_at_10_gbps(void **state)
{
    const struct vsw_wire_setup ten = {TEN_GBPS, 0};
    const struct vsw_wire_setup hundred = {10 * TEN_GBPS, 0};
    const struct vsw_wire_setup infinite = {0, 0};

    (void) state;
    assert_int_equal(vsw_wire_frame_ps(&ten, 64), 67200);
    assert_int_equal(vsw_wire_frame_ps(&ten, 60), 67200);
    assert_int_equal(vsw_wire_frame_ps(&ten, 1518), 1230400);
    assert_int_equal(vsw_wire_frame_ps(&hundred, 64), 6720);
    assert_int_equal(vsw_wire_frame_ps(&infinite, 1518), 0);
}

/* 1 ms holds 14880 whole slots of 67.2 ns; one more has begun. */
static void
both_directions_carry_14_88_mpps_at_once(void **state)
{
    (void) state;
    set_up(1000 * US, TEN_GBPS, 0, 32);
    net_traffic(&net, &clients[0], 0, 64, 0);
    net_traffic(&net, &clients[1], 1, 64, 0);
    add_clients();
    net_run(&net);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(net.outcome->port_delivered[i].n_pkts, 14880);
        assert_int_equal(link_.wires[i].n_frames, 14880);
        assert_int_equal(link_.wires[i].n_bytes, 14880 * 64);
        assert_int_equal(link_.wires[i].unit.idle_ps, 0);
        assert_int_equal(rig_busy_ps(&link_.wires[i].unit, VSW_ACCOUNT_WIRE),
                         1000 * US);
    }
    tear_down();
}

/* Frames that do not meet arrive whole, their line time and the way later,
 * and the line is idle in between. */
static void
a_frame_arrives_when_its_last_bit_does(void **state)
{
    (void) state;
    set_up(100 * US, TEN_GBPS, 50 * NS, 32);
    net_traffic(&net, &clients[0], 0, 64, 2 * US);
    add_clients();
    net_run(&net);
    assert_int_equal(net.outcome->delivered.n_pkts, 50);
    assert_int_equal(net.outcome->latency_ps->min, 67200 + 50000);
    assert_int_equal(net.outcome->latency_ps->max, 67200 + 50000);
    assert_int_equal(link_.wires[0].unit.idle_ps, 100 * US - 50 * 67200);
    assert_int_equal(link_.wires[1].unit.idle_ps, 100 * US);
    tear_down();
}

static void
an_infinitely_fast_link_adds_only_its_length(void **state)
{
    (void) state;
    set_up(100 * US, 0, 50 * NS, 32);
    net_traffic(&net, &clients[0], 0, 1518, 100 * NS);
    add_clients();
    net_run(&net);
    assert_int_equal(net.outcome->port_delivered[1].n_pkts, 1000);
    assert_int_equal(net.outcome->latency_ps->max, 50000);
    assert_int_equal(link_.wires[0].unit.idle_ps, 100 * US);
    tear_down();
}

/* Nobody takes frames from the far end, which holds four. */
static void
a_full_far_end_loses_frames(void **state)
{
    (void) state;
    set_up(100 * US, TEN_GBPS, 0, 4);
    net_traffic(&net, &clients[0], 0, 64, US);
    net_client(&net, &clients[0], "left", &link_.ends[0], 0);
    net_run(&net);
    assert_int_equal(net.outcome->created.n_pkts, 100);
    assert_int_equal(net.outcome->dropped[VSW_DROP_FIFO_FULL].n_pkts, 96);
    assert_int_equal(net.outcome->in_flight.n_pkts, 4);
    tear_down();
}

/* Twice the line rate: every other frame finds the near end full. */
static void
a_paced_client_gives_up_what_the_line_cannot_carry(void **state)
{
    (void) state;
    set_up(1000 * US, TEN_GBPS, 0, 32);
    net_traffic(&net, &clients[0], 0, 64, 33600);
    add_clients();
    net_run(&net);
    assert_int_equal(net.outcome->delivered.n_pkts, 14880);
    assert_in_range(net.outcome->dropped[VSW_DROP_TX_RING_FULL].n_pkts,
                    29762 - 14880 - 33, 29762 - 14880 - 31);
    tear_down();
}

/* --- The queue in front of a wire ---------------------------------------- */

#define LINE_PS        67200
#define QUEUE_RUN_PS   (5000 * US)
#define N_REPLICATIONS 20

struct poisson {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_random gaps;
    uint64_t gap_ps;
    uint64_t n_arrived;
    uint64_t n_lost;
};

static void
arrive(void *owner, struct vsw_worker *worker)
{
    struct poisson *p = owner;
    struct vsw_ring *ring = &link_.ends[0].tx;

    p->n_arrived++;
    if (vsw_ring_credits(ring, p->unit.sync_ps) > 0) {
        vsw_ring_fill(ring, net_packet(&net, &p->unit, 64), 1);
        vsw_ring_publish(ring, p->unit.sync_ps);
    } else {
        p->n_lost++;
    }
    vsw_worker_wake(worker, p->unit.sync_ps
                                + vsw_random_exponential(&p->gaps,
                                                         p->gap_ps));
}

/* Poisson arrivals at a wire whose near end holds 'capacity' frames, the one
 * being sent included: an M/D/1/K queue. */
static void
run_queue(uint32_t load_percent, uint32_t capacity, uint32_t replication,
          double *loss, double *sojourn)
{
    static struct poisson p;

    set_up(QUEUE_RUN_PS, TEN_GBPS, 0, capacity);
    net_client(&net, &clients[1], "right", &link_.ends[1], 1);
    memset(&p, 0, sizeof p);
    p.gap_ps = (uint64_t) LINE_PS * 100 / load_percent;
    vsw_random_init(&p.gaps, 7, VSW_RANDOM_ARRIVAL, 0, replication);
    assert_int_equal(vsw_unit_init(&p.unit, &net.rig.sim, "device", "p"), 0);
    p.worker = (struct vsw_worker) {
        .unit = &p.unit, .work = arrive, .owner = &p, .priority = 1,
    };
    assert_int_equal(vsw_worker_add(&p.worker), 0);
    vsw_worker_wake(&p.worker, 0);
    net_run(&net);
    *loss = (double) p.n_lost / (double) p.n_arrived;
    *sojourn = vsw_histogram_mean(net.outcome->latency_ps) / LINE_PS;
    vsw_unit_fini(&p.unit);
    tear_down();
}

static void
assert_near(const double *values, double exact)
{
    struct vsw_interval i = vsw_stats_interval(values, N_REPLICATIONS,
                                               VSW_CONFIDENCE_99);

    print_message("    %.5f, simulated %.5f +- %.5f\n", exact, i.mean,
                  i.half_width);
    assert_true(i.half_width < 0.05 * exact);
    assert_true(fabs(i.mean - exact) < 1.25 * i.half_width);
}

static void
frames_before_a_wire_queue_as_in_md1k(void **state)
{
    static const struct {
        uint32_t load_percent;
        uint32_t capacity;
    } cases[] = {{80, 4}, {100, 8}, {150, 16}};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        double loss[N_REPLICATIONS], sojourn[N_REPLICATIONS];
        double rho = cases[i].load_percent / 100.;
        int capacity = (int) cases[i].capacity;

        for (uint32_t r = 0; r < N_REPLICATIONS; r++) {
            run_queue(cases[i].load_percent, cases[i].capacity, r, &loss[r],
                      &sojourn[r]);
        }
        assert_near(loss, md1k_loss(rho, capacity));
        assert_near(sojourn, md1k_sojourn(rho, capacity));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_64_byte_frame_takes_67200_ps_at_10_gbps),
        cmocka_unit_test(both_directions_carry_14_88_mpps_at_once),
        cmocka_unit_test(a_frame_arrives_when_its_last_bit_does),
        cmocka_unit_test(an_infinitely_fast_link_adds_only_its_length),
        cmocka_unit_test(a_full_far_end_loses_frames),
        cmocka_unit_test(a_paced_client_gives_up_what_the_line_cannot_carry),
        cmocka_unit_test(frames_before_a_wire_queue_as_in_md1k),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
