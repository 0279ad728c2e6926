#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/nic.h>

#include "mech/net.h"

#define N_QUEUES   4
#define N_SLOTS    64
#define RUN_PS     (1000 * US)
#define LATENCY_PS (700 * NS)

static const struct vsw_bus_setup bus_setup = VSW_BUS_SETUP_DEFAULT;
static const struct vsw_wire_setup ten_gbps = {TEN_GBPS, 0};
static const struct vsw_wire_setup one_gbps = {TEN_GBPS / 10, 0};

static struct net net;
static struct vsw_bus bus;
static struct vsw_link link_;
static struct vsw_nic nic;
static struct vsw_client client;
static struct vsw_queue queues[N_QUEUES];
static struct vsw_unit cpu;
static struct vsw_irq irq;
static struct vsw_arena arena;
static _Alignas(64) unsigned char memory[1 << 18];
static struct vsw_error err;

/* What the driver's handler saw. */
static uint32_t n_handled;
static uint64_t first_ps;
static uint64_t last_ps;

static int
init_nic(const struct vsw_nic_setup *setup, uint32_t n_queues)
{
    return vsw_nic_init(&nic, &net.frames, "nic", &bus, &link_.ends[1],
                        queues, n_queues, setup, &arena, &err);
}

static void
set_up_wire(const struct vsw_nic_setup *setup, uint32_t n_queues,
            const struct vsw_wire_setup *wire)
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS,
        .duration_ps = RUN_PS,
        .check = true,
    };

    net_init(&net, 2, &options);
    rig_set_cost(&net.rig, VSW_COST_NIC_IRQ_LATENCY, LATENCY_PS);
    memset(memory, 0, sizeof memory);
    memset(&client, 0, sizeof client);
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_bus_init(&bus, &net.rig.sim, &bus_setup, &err), 0);
    assert_int_equal(vsw_link_init(&link_, &net.frames, "link", 64,
                                   wire, &err), 0);
    for (uint32_t i = 0; i < N_QUEUES; i++) {
        assert_int_equal(vsw_queue_init(&queues[i], &net.bufs, 0, i, N_SLOTS,
                                        2048), 0);
    }
    assert_int_equal(init_nic(setup, n_queues), 0);
    assert_int_equal(vsw_unit_init(&cpu, &net.rig.sim, "switch", "cpu"), 0);
    n_handled = 0;
}

static void
set_up(const struct vsw_nic_setup *setup, uint32_t n_queues)
{
    set_up_wire(setup, n_queues, &ten_gbps);
}

static void
run(uint64_t gap_ps, uint64_t n_loops)
{
    net_traffic(&net, &client, 0, 64, gap_ps);
    client.traffic.setup.n_loops = (uint32_t) n_loops;
    net_client(&net, &client, "client", &link_.ends[0], 0);
    net_run(&net);
}

static void
tear_down(void)
{
    vsw_unit_fini(&cpu);
    vsw_client_fini(&client);
    vsw_nic_fini(&nic);
    vsw_link_fini(&link_);
    for (uint32_t i = 0; i < N_QUEUES; i++) {
        vsw_queue_fini(&queues[i]);
    }
    net_fini(&net);
}

/* --- Receiving ----------------------------------------------------------- */

/* The queue of a flow by the bitwise form, on addresses and ports taken from
 * the frame by hand, modulo the queues, as a fresh table spreads them. */
static uint32_t
queue_by_hand(const uint8_t *header)
{
    static _Alignas(64) unsigned char space[1 << 17];
    struct vsw_arena own;
    const struct vsw_toeplitz *t;

    memset(space, 0, sizeof space);
    vsw_arena_init(&own, space, sizeof space);
    t = vsw_toeplitz_new(&own, vsw_toeplitz_default_key,
                         VSW_TOEPLITZ_KEY_BYTES, VSW_TOEPLITZ_BITWISE);
    assert_non_null(t);
    return vsw_toeplitz_hash(t, header + 26, VSW_RSS_IPV4_PORTS_BYTES, NULL)
           % 128 % N_QUEUES;
}

static void
each_flow_comes_to_the_queue_of_its_hash(void **state)
{
    const struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;
    uint32_t n_seen = 0;
    uint32_t n_used = 0;

    (void) state;
    set_up(&setup, N_QUEUES);
    run(US, 1);
    for (uint32_t q = 0; q < N_QUEUES; q++) {
        struct vsw_ring *ring = vsw_nic_rx_ring(&queues[q]);

        n_used += vsw_ring_n_held(ring) > 0;
        for (uint32_t n = vsw_ring_visible(ring, RUN_PS); n > 0; n--) {
            uint32_t slot, n_slots;
            uint32_t pkt = vsw_ring_pop(ring, &slot, &n_slots);
            const uint8_t *sent
                = net.flows[net.pkts.pkts[pkt].flow_id].header;

            assert_int_equal(queue_by_hand(sent), q);
            assert_int_equal(net.pkts.pkts[pkt].buf, queues[q].tx_bufs[slot]);
            assert_memory_equal(net.bufs.headers[queues[q].tx_bufs[slot]],
                                sent, VSW_HEADER_BYTES);
            n_seen++;
        }
    }
    assert_int_equal(n_seen, NET_N_FLOWS / 2);
    assert_int_equal(n_used, N_QUEUES);
    tear_down();
}

static void
a_frame_is_lost_when_no_descriptor_is_posted(void **state)
{
    const struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;

    (void) state;
    set_up(&setup, 1);
    run(US, 0);
    assert_int_equal(net.outcome->created.n_pkts, 1000);
    assert_int_equal(nic.queues[0].n_received, N_SLOTS);
    assert_in_range(net.outcome->dropped[VSW_DROP_RX_RING_FULL].n_pkts,
                    1000 - N_SLOTS - 1, 1000 - N_SLOTS);
    tear_down();
}

static void
a_setup_out_of_range_is_refused(void **state)
{
    struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;

    (void) state;
    set_up(&setup, 1);
    vsw_nic_fini(&nic);
    setup.n_reta_slots = 100;
    assert_int_equal(init_nic(&setup, 1), -EINVAL);
    assert_non_null(strstr(err.text, "a power of two"));
    setup.n_reta_slots = 128;
    assert_int_equal(init_nic(&setup, 0), -EINVAL);
    assert_int_equal(init_nic(&setup, VSW_NIC_MAX_QUEUES + 1), -EINVAL);
    assert_int_equal(init_nic(&setup, 2), 0);
    net.rig.sim.n_units = 0;        /* Its units are not run. */
    tear_down();
}

/* --- Interrupts ---------------------------------------------------------- */

/* Drains the queue and, with 'aux', unmasks it. */
static void
handle(struct vsw_unit *unit, struct vsw_irq *i)
{
    struct vsw_ring *ring = vsw_nic_rx_ring(&queues[0]);

    first_ps = n_handled++ ? first_ps : unit->local_ps;
    last_ps = unit->local_ps;
    for (uint32_t n = vsw_ring_visible(ring, unit->sync_ps); n > 0; n--) {
        uint32_t slot, n_slots;
        uint32_t pkt = vsw_ring_pop(ring, &slot, &n_slots);

        vsw_pkt_deliver(&net.pkts, unit, pkt, 1);
    }
    vsw_ring_free(ring, unit->local_ps);
    if (i->aux) {
        vsw_nic_unmask(&nic, 0, unit);
    }
}

static void
run_with_irqs(uint64_t gap_ns, bool masks, bool unmasks, uint64_t frame_ps)
{
    struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;

    setup.irq_gap_ns = gap_ns;
    setup.irq_masks = masks;
    set_up(&setup, 1);
    vsw_irq_init(&irq, &cpu, 0, handle, unmasks ? &nic : NULL);
    vsw_nic_attach_irq(&nic, 0, &irq);
    run(frame_ps, 0);
}

/* On the wire until 67.2 ns, then the message. */
static void
without_moderation_each_lone_frame_interrupts(void **state)
{
    (void) state;
    run_with_irqs(0, false, false, 10 * US);
    assert_int_equal(n_handled, 100);
    assert_int_equal(first_ps, 67200 + LATENCY_PS);
    assert_int_equal(last_ps, 990 * US + 67200 + LATENCY_PS);
    assert_int_equal(net.outcome->delivered.n_pkts, 100);
    tear_down();
}

static void
moderation_keeps_its_gap_and_loses_no_frame(void **state)
{
    (void) state;
    run_with_irqs(50000, false, false, US);
    assert_int_equal(first_ps, 67200 + LATENCY_PS);
    assert_in_range(n_handled, 20, 20);
    assert_in_range(net.outcome->delivered.n_pkts, 945, 955);
    assert_int_equal(net.outcome->window_dropped.n_pkts, 0);
    tear_down();
}

static void
a_masked_interrupt_stays_away_until_it_is_unmasked(void **state)
{
    (void) state;
    run_with_irqs(0, true, false, US);
    assert_int_equal(n_handled, 1);
    tear_down();
    run_with_irqs(0, true, true, 2 * US);
    assert_int_equal(n_handled, 500);
    tear_down();
}

/* Frames that come while it is masked raise it when it is unmasked: at most
 * one per way of message and unmasking. */
static void
unmasking_raises_what_came_meanwhile(void **state)
{
    (void) state;
    run_with_irqs(0, true, true, 100 * NS);
    assert_in_range(n_handled, RUN_PS / (LATENCY_PS + 100 * NS),
                    RUN_PS / LATENCY_PS);
    assert_in_range(net.outcome->delivered.n_pkts, 9990, 10000);
    tear_down();
}

/* --- Sending ------------------------------------------------------------- */

#define HEADER_BYTES 66

/* Ten full frames and one of 100 bytes of payload. */
static void
a_long_packet_is_cut_into_frames(void **state)
{
    const struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;
    const uint32_t payload_bytes = 10 * 1448 + 100;
    struct vsw_ring *ring;
    struct vsw_pkt *pkt;
    uint32_t id;

    (void) state;
    set_up(&setup, 1);
    id = net_packet(&net, &cpu, HEADER_BYTES + payload_bytes + VSW_FCS_BYTES);
    pkt = &net.pkts.pkts[id];
    pkt->l4 = (struct vsw_l4) {
        .proto = VSW_L4_TCP,
        .payload_bytes = payload_bytes,
        .seg_bytes = 1448,
    };
    pkt->buf = queues[0].rx_bufs[0];
    memcpy(net.bufs.headers[pkt->buf], net.flows[0].header,
           VSW_HEADER_BYTES);
    ring = vsw_nic_tx_ring(&queues[0]);
    vsw_ring_fill(ring, id, vsw_queue_n_slots(&queues[0], pkt->frame_bytes));
    vsw_ring_publish(ring, 0);
    client.traffic.rec = VSW_NONE;
    net_client(&net, &client, "client", &link_.ends[0], 1);
    net_run(&net);
    assert_int_equal(net.outcome->delivered.n_pkts, 11);
    assert_int_equal(net.outcome->delivered.n_bytes,
                     payload_bytes + 11 * (HEADER_BYTES + VSW_FCS_BYTES));
    assert_int_equal(net.outcome->cloned.n_pkts, 10);
    assert_int_equal(vsw_ring_credits(ring, RUN_PS), N_SLOTS);
    tear_down();
}

/* Fills the transmit ring of 'queue' with frames of 1518 bytes. */
static void
fill_ring(struct vsw_queue *queue)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(queue);

    for (uint32_t i = 0; i < N_SLOTS; i++) {
        uint32_t id = net_packet(&net, &cpu, 1518);

        net.pkts.pkts[id].buf = queue->rx_bufs[i];
        memcpy(net.bufs.headers[queue->rx_bufs[i]], net.flows[0].header,
               VSW_HEADER_BYTES);
        vsw_ring_fill(ring, id, 1);
    }
    vsw_ring_publish(ring, 0);
}

/* Also when the wire is what limits them, so that each batch waits for packet
 * memory: of 81 frames that it carries in 1 ms and 64 that wait there, each
 * queue has its part, give or take a batch. */
static void
queues_take_turns(void **state)
{
    struct vsw_nic_setup setup = VSW_NIC_SETUP_DEFAULT;

    (void) state;
    setup.tx_fetch_descs = 8;
    set_up_wire(&setup, N_QUEUES, &one_gbps);
    for (uint32_t i = 0; i < N_QUEUES; i++) {
        fill_ring(&queues[i]);
    }
    client.traffic.rec = VSW_NONE;
    net_client(&net, &client, "client", &link_.ends[0], 1);
    net_run(&net);
    for (uint32_t i = 0; i < N_QUEUES; i++) {
        assert_in_range(vsw_nic_tx_ring(&queues[i])->popped,
                        145 / N_QUEUES - setup.tx_fetch_descs,
                        145 / N_QUEUES + setup.tx_fetch_descs);
    }
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flow_comes_to_the_queue_of_its_hash),
        cmocka_unit_test(a_frame_is_lost_when_no_descriptor_is_posted),
        cmocka_unit_test(a_setup_out_of_range_is_refused),
        cmocka_unit_test(without_moderation_each_lone_frame_interrupts),
        cmocka_unit_test(moderation_keeps_its_gap_and_loses_no_frame),
        cmocka_unit_test(a_masked_interrupt_stays_away_until_it_is_unmasked),
        cmocka_unit_test(unmasking_raises_what_came_meanwhile),
        cmocka_unit_test(a_long_packet_is_cut_into_frames),
        cmocka_unit_test(queues_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
