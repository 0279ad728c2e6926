/* The polling driver at a queue whose other side the test plays. */
#include <vswsim/virtio_poll.h>

#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

#include "made_workload.h"
#include "rig.h"

#define N_SLOTS 16
#define PKT_PS  UINT64_C(10000)

static struct rig rig;
static struct made made;
static struct vsw_pkts pkts;
static struct vsw_switch sw;
static struct vsw_queue *queue;
static struct vsw_virtio_poll driver;
static struct vsw_outcome *outcome;

/* A driver with bursts of 'burst_pkts' on unit 0; a packet costs 10 ns, an
 * empty look 1 ns.  'setup' says what it sends; it starts at 0. */
static void
set_up(struct vsw_traffic_setup setup, uint32_t burst_pkts,
       uint64_t quantum_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .duration_ps = 100 * US,
        .check = true,
    };
    struct vsw_random offset;

    rig_init(&rig, 1, &options);
    rig_set_cost(&rig, VSW_COST_GUEST_PKT, PKT_PS);
    rig_set_cost(&rig, VSW_COST_GUEST_EMPTY, NS);
    outcome = vsw_outcome_new(2);
    assert_int_equal(vsw_pkts_init(&pkts, 64, &made.workload, outcome), 0);
    memset(&sw, 0, sizeof sw);
    sw.sim = &rig.sim;
    sw.n_ports = 1;
    sw.n_queues = 1;
    sw.n_slots = N_SLOTS;
    sw.guest_burst_pkts = burst_pkts;
    sw.pkts = &pkts;
    assert_int_equal(vsw_switch_make_ports(&sw, 2048, 0, NULL), 0);
    queue = &sw.queues[0];
    setup.workload = &made.workload;
    setup.n_queues = 1;
    setup.time_scale = 65536;
    setup.burst_pkts = burst_pkts;
    vsw_random_init(&offset, 1, VSW_RANDOM_TRACE_OFFSET, 0, 0);
    memset(&driver, 0, sizeof driver);
    vsw_traffic_init(&driver.traffic, &setup, 0, &offset);
    assert_int_equal(vsw_virtio_poll_start(&driver, &sw, queue,
                                           &rig.units[0], 0, 0), 0);
}

static void
make_recs(uint32_t n, uint64_t gap_ns)
{
    made_init(&made, 2, 2);
    for (uint32_t i = 0; i < n; i++) {
        made_add(&made, 0, i * gap_ns, 64);
    }
}

static void
run_until(uint64_t end_ps)
{
    vsw_engine_run(&rig.sim.engine, end_ps, UINT64_MAX);
}

static void
tear_down(void)
{
    rig_run(&rig);
    assert_int_equal(vsw_pkts_check(&pkts, NULL), 0);
    vsw_virtio_poll_fini(&driver);
    vsw_queue_fini(queue);
    vsw_switch_free_ports(&sw);
    vsw_pkts_fini(&pkts);
    vsw_outcome_free(outcome);
    rig_fini(&rig);
}

/* The first look at the receive ring takes 1 ns; eight packets take 80. */
static void
a_burst_is_visible_from_the_write_of_the_index(void **state)
{
    static const uint64_t quanta_ps[] = {US, 25 * NS, 1};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(quanta_ps); i++) {
        make_recs(8, 0);
        set_up((struct vsw_traffic_setup) {.n_loops = 1}, 8, quanta_ps[i]);
        run_until(10 * US);
        assert_int_equal(vsw_ring_visible(&queue->tx, 81 * NS - 1), 0);
        assert_int_equal(vsw_ring_visible(&queue->tx, 81 * NS), 8);
        tear_down();
    }
}

static void
a_full_ring_holds_a_saturating_driver_back_and_loses_nothing(void **state)
{
    uint32_t slot;
    uint32_t n;

    (void) state;
    make_recs(100, 0);
    set_up((struct vsw_traffic_setup) {.n_loops = 1}, 8, US);
    run_until(10 * US);
    assert_int_equal(vsw_ring_visible(&queue->tx, 10 * US), N_SLOTS);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t pkt = vsw_ring_pop(&queue->tx, &slot, &n);

        vsw_pkt_drop(&pkts, &rig.units[0], pkt, VSW_DROP_NO_ROUTE);
    }
    vsw_ring_free(&queue->tx, 12 * US);
    run_until(20 * US);
    assert_int_equal(outcome->created.n_pkts, N_SLOTS + 3);
    assert_int_equal(outcome->dropped[VSW_DROP_TX_RING_FULL].n_pkts, 0);
    tear_down();
}

static void
a_paced_driver_gives_up_what_finds_no_slot(void **state)
{
    (void) state;
    make_recs(30, 100);
    set_up((struct vsw_traffic_setup) {
        .pacing = VSW_PACING_RECORDED,
        .n_loops = 1,
    }, 8, US);
    run_until(50 * US);
    assert_int_equal(outcome->created.n_pkts, 30);
    assert_int_equal(outcome->dropped[VSW_DROP_TX_RING_FULL].n_pkts,
                     30 - N_SLOTS);
    tear_down();
}

/* Latency counts from when a packet was due, the first one's too, though the
 * driver comes to it later. */
static void
a_paced_packet_is_born_when_it_is_due(void **state)
{
    uint32_t slot;
    uint32_t n;

    (void) state;
    make_recs(3, 5000);
    set_up((struct vsw_traffic_setup) {
        .pacing = VSW_PACING_RECORDED,
        .n_loops = 1,
    }, 8, US);
    run_until(50 * US);
    assert_int_equal(vsw_ring_visible(&queue->tx, 50 * US), 3);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t pkt = vsw_ring_pop(&queue->tx, &slot, &n);

        assert_int_equal(pkts.pkts[pkt].born_ps, i * 5 * US);
    }
    tear_down();
}

/* Puts 'n' packets into the receive ring, visible from 'stamp_ps' on. */
static void
feed(uint32_t n, uint64_t stamp_ps)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pkt = vsw_pkt_create(&pkts, &rig.units[0], 0, 1, 64, 0);
        uint32_t slot = vsw_ring_fill(&queue->rx, pkt, 1);

        pkts.pkts[pkt].buf = queue->rx_bufs[slot];
        memcpy(sw.bufs.headers[queue->rx_bufs[slot]], made.flows[0].header,
               VSW_HEADER_BYTES);
    }
    vsw_ring_publish(&queue->rx, stamp_ps);
}

static void
buffers_are_posted_again_at_the_end_of_a_burst(void **state)
{
    (void) state;
    make_recs(0, 0);
    set_up((struct vsw_traffic_setup) {0}, 8, 15 * NS);
    feed(10, 20 * US);
    run_until(30 * US);
    assert_int_equal(outcome->delivered.n_pkts, 10);
    /* Looks at the receive ring come every 2 ns, the first at 0.  After eight
     * packets one look at the transmit ring is empty, then come two more. */
    assert_int_equal(vsw_ring_credits(&queue->rx, 20 * US + 80 * NS - 1), 6);
    assert_int_equal(vsw_ring_credits(&queue->rx, 20 * US + 80 * NS), 14);
    assert_int_equal(vsw_ring_credits(&queue->rx, 20 * US + 101 * NS - 1),
                     14);
    assert_int_equal(vsw_ring_credits(&queue->rx, 20 * US + 101 * NS), 16);
    tear_down();
}

static void
check_sees_a_packet_that_arrives_altered(void **state)
{
    (void) state;
    make_recs(0, 0);
    set_up((struct vsw_traffic_setup) {0}, 8, US);
    feed(1, 20 * US);
    sw.bufs.headers[queue->rx_bufs[0]][40] ^= 1;
    run_until(30 * US);
    assert_string_equal(rig.sim.violation,
                        "what arrives in a slot's buffer is what was sent");
    rig.sim.violation = NULL;
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_visible_from_the_write_of_the_index),
        cmocka_unit_test(
            a_full_ring_holds_a_saturating_driver_back_and_loses_nothing),
        cmocka_unit_test(a_paced_driver_gives_up_what_finds_no_slot),
        cmocka_unit_test(a_paced_packet_is_born_when_it_is_due),
        cmocka_unit_test(buffers_are_posted_again_at_the_end_of_a_burst),
        cmocka_unit_test(check_sees_a_packet_that_arrives_altered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
