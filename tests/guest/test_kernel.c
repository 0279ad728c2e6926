#include <vswsim/guest.h>

#include "vsw_test.h"

#include <string.h>

#include "guest/kernel_impl.h"
#include "guest_rig.h"

#define MS (1000 * US)

static struct guest_rig gr;

static struct vsw_dialog_setup
setup_of(enum vsw_dialog_kind kind)
{
    struct vsw_dialog_setup setup = {
        .kind = kind,
        .tcp = VSW_TCP_SETUP_DEFAULT,
        .payload_bytes = 65536,
        .read_bytes = 65536,
        .request_bytes = 1,
        .response_bytes = 1,
    };

    setup.tcp.send_buf_bytes = 1 << 20;
    setup.tcp.recv_buf_bytes = 1 << 20;
    setup.tcp.rto_min_ns = 2000000;
    setup.tcp.whole_segs = true;
    return setup;
}

static const struct vsw_tcp *
tcp_of(uint32_t guest)
{
    struct vsw_kernel *const *kernels = gr.guests[guest].state;

    return &kernels[0]->socks.socks[0].tcp;
}

/* With a free CPU the pipe is what limits a stream, and it is kept busy. */
static void
a_stream_fills_the_pipe(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);
    uint64_t n_bytes;

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    n_bytes = vsw_dialogs_n_bytes(&gr.dialogs);
    /* 100 ps a byte: 200 million bytes, less headers and start. */
    assert_in_range(n_bytes, 190000000, 200000000);
    assert_int_equal(gr.max_payload_bytes, VSW_TCP_MAX_SEG_BYTES);
    assert_int_equal(gr.dialogs.tcp.n_segs_again, 0);
    guest_rig_fini(&gr);
}

/* Below saturation: a window per round trip. */
static void
a_small_window_limits_a_stream(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);
    uint64_t n_bytes;

    (void) state;
    /* One segment, since the pipe carries one packet at a time. */
    setup.tcp.send_buf_bytes = 2 * 1448;
    setup.payload_bytes = 2 * 1448;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    gr.ps_per_byte = 0;
    gr.ps_per_pkt = 50 * US;        /* Round trip: 100 us. */
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    n_bytes = vsw_dialogs_n_bytes(&gr.dialogs);
    assert_in_range(n_bytes, 195 * 2896, 200 * 2896);
    guest_rig_fini(&gr);
}

/* The later, the less time and, beside the others, the less of the pipe. */
static void
connections_begin_one_after_the_other(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);
    const struct vsw_dialog *dialogs;

    (void) state;
    setup.tcp.send_buf_bytes = 2 * 1448;
    setup.payload_bytes = 2 * 1448;
    setup.spread_ns = 20000000;
    guest_rig_init(&gr, 8, 256, 20 * MS);
    gr.ps_per_byte = 0;
    gr.ps_per_pkt = 10 * US;
    guest_rig_dialogs(&gr, &setup, 4, true);
    guest_rig_run(&gr, "virtio");
    dialogs = gr.dialogs.list;
    assert_true(dialogs[3].n_bytes[1] > 0);
    for (uint32_t i = 1; i < 4; i++) {
        assert_true(dialogs[i].n_bytes[1] * (5 - i)
                    <= dialogs[i - 1].n_bytes[1] * (4 - i) * 11 / 10);
    }
    guest_rig_fini(&gr);
}

/* Requests and responses of a byte: with every cost of the guests at 0, a
 * transaction takes two passages and two interrupts. */
static void
a_transaction_is_the_sum_of_its_parts(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_REQUEST);

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    gr.ps_per_byte = 0;
    gr.ps_per_pkt = 3 * US;
    rig_set_cost(&gr.rig, VSW_COST_GUEST_IRQ, 500 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_SYSCALL, 300 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_TX_SEG, 700 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_RX_POLL, 200 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_RX_PKT, 150 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_RX_SEG, 250 * NS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_TASK_WAKE, 400 * NS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    /* Each way: interrupt, poll, packet, segment, wake-up, a receive and
     * a send, and the pipe. */
    assert_int_equal(gr.dialogs.transaction_ps->min,
                     2 * (500 + 200 + 150 + 250 + 400 + 2 * 300 + 700 + 3000)
                         * NS);
    /* All but the first, which waits for the ACK that opens the connection. */
    assert_true(gr.dialogs.transaction_ps->n > 1000);
    assert_int_equal(
        gr.dialogs.transaction_ps->counts[vsw_histogram_index(
            gr.dialogs.transaction_ps->min)],
        gr.dialogs.transaction_ps->n - 1);
    guest_rig_fini(&gr);
}

/* Both ends agree on each byte in spite of losses, and retransmissions are
 * packets like others: created = delivered + dropped + in flight. */
static void
no_byte_is_lost_under_drops(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    for (uint32_t i = 0; i < 4; i++) {
        const struct vsw_tcp *sender, *receiver;

        setup.payload_bytes = i & 1 ? 1448 : 65536;
        setup.tcp.cc = i & 2 ? VSW_TCP_CUBIC : VSW_TCP_NEWRENO;
        guest_rig_init(&gr, 2, 256, 50 * MS);
        gr.drop_per_mille = 10;
        guest_rig_dialogs(&gr, &setup, 1, false);
        guest_rig_run(&gr, "virtio");
        sender = tcp_of(0);
        receiver = tcp_of(1);
        assert_true(gr.n_dropped > 0);
        assert_true(gr.dialogs.tcp.n_segs_again > 0);
        assert_int_equal(vsw_dialogs_n_bytes(&gr.dialogs),
                         receiver->rcv_read - 1);
        assert_true(sender->una <= receiver->rcv_nxt);
        assert_true(receiver->rcv_nxt <= sender->max);
        assert_true(gr.dialogs.tcp.n_segs_again >= gr.n_dropped / 2);
        assert_int_equal(sender->counts.n_bytes_sent
                             - sender->counts.n_bytes_again,
                         sender->max - 1);
        guest_rig_fini(&gr);
    }
}

/* A ring that holds two segments: the sender waits for slots and goes on. */
static void
a_full_ring_stops_the_sender_for_a_while(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    guest_rig_init(&gr, 2, 32, 20 * MS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    assert_in_range(vsw_dialogs_n_bytes(&gr.dialogs), 100000000, 200000000);
    guest_rig_fini(&gr);
}

/* A reader that is the slowest closes the window, and the bytes that it reads
 * are those that its CPU can copy. */
static void
a_slow_reader_limits_the_stream(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_COPY_BYTE, 400);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    /* 400 ps a byte: 50 million, and both ends copy. */
    assert_in_range(vsw_dialogs_n_bytes(&gr.dialogs), 45000000, 50000000);
    assert_int_equal(gr.dialogs.tcp.n_segs_again, 0);
    guest_rig_fini(&gr);
}

static void
sendfile_copies_nothing(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    setup.sendfile = true;
    guest_rig_init(&gr, 2, 256, 5 * MS);
    rig_set_cost(&gr.rig, VSW_COST_GUEST_COPY_BYTE, 10);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    assert_int_equal(rig_n_charges(&gr.rig.units[1], VSW_ACCOUNT_GUEST_COPY),
                     0);
    assert_true(rig_n_charges(&gr.rig.units[2], VSW_ACCOUNT_GUEST_COPY) > 0);
    guest_rig_fini(&gr);
}

/* Runs a talk of two messages from the active end, one back, and two more. */
static void
run_talk(uint32_t n_loops)
{
    static const struct vsw_workload_msg msgs[] = {
        {100, 0}, {300, 0}, {5000, 1}, {1, 0}, {70000, 1},
    };
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_TALK);

    setup.n_loops = n_loops;
    setup.tcp.nagle = false;        /* Else the second one waits. */
    guest_rig_init(&gr, 2, 256, 20 * MS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    gr.dialogs.list[0].msgs = msgs;
    gr.dialogs.list[0].n_msgs = VSW_N_ELEMS(msgs);
    guest_rig_run(&gr, "virtio");
}

/* A trace in closed loop: each end says what it has to, once, and no more. */
static void
a_talk_is_held_as_often_as_asked(void **state)
{
    (void) state;
    run_talk(3);
    assert_int_equal(gr.dialogs.list[0].n_bytes[1], 3 * 401);
    assert_int_equal(gr.dialogs.list[0].n_bytes[0], 3 * 75000);
    guest_rig_fini(&gr);
}

/* An end waits for what the other says before: never more than one of them is
 * ahead, and a round takes two round trips of the pipe. */
static void
in_a_talk_each_waits_for_its_turn(void **state)
{
    const struct vsw_dialog *d;
    uint64_t n_rounds;

    (void) state;
    run_talk(0);
    d = &gr.dialogs.list[0];
    n_rounds = d->n_bytes[0] / 75000;
    /* 75 KB at 100 ps a byte are 7.5 us. */
    assert_in_range(n_rounds, 100, 20 * MS / (7500 * NS));
    assert_in_range(d->n_bytes[1], n_rounds * 401, (n_rounds + 1) * 401);
    guest_rig_fini(&gr);
}

static void
streams_of_one_guest_get_equal_shares(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    guest_rig_init(&gr, 2, 512, 40 * MS);
    guest_rig_dialogs(&gr, &setup, 8, false);
    guest_rig_run(&gr, "netfront");
    assert_true(vsw_dialogs_jain_ppm(&gr.dialogs) > 950000);
    guest_rig_fini(&gr);
}

static void
pairs_of_guests_get_equal_shares(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    guest_rig_init(&gr, 8, 256, 40 * MS);
    guest_rig_dialogs(&gr, &setup, 4, true);
    guest_rig_run(&gr, "hyper");
    assert_true(vsw_dialogs_jain_ppm(&gr.dialogs) > 950000);
    assert_in_range(vsw_dialogs_n_bytes(&gr.dialogs), 360000000, 400000000);
    guest_rig_fini(&gr);
}

/* Moderation: not more interrupts than one in 50 us. */
static void
moderation_bounds_interrupts(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_REQUEST);

    (void) state;
    guest_rig_init(&gr, 2, 256, 10 * MS);
    gr.ps_per_pkt = 1 * US;
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "e1000");
    assert_in_range(gr.sw.ports[1].vnics[0].virq.n_running
                        + gr.sw.ports[1].vnics[0].virq.n_blocked, 90, 201);
    guest_rig_fini(&gr);
}

static void
without_offload_segments_are_frames(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    (void) state;
    guest_rig_init(&gr, 2, 1024, 20 * MS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "e1000");
    assert_int_equal(gr.max_payload_bytes, VSW_TCP_MSS_BYTES);
    assert_true(vsw_dialogs_n_bytes(&gr.dialogs) > 100000000);
    assert_int_equal(gr.dialogs.tcp.n_segs_again, 0);
    guest_rig_fini(&gr);
}

static void
datagrams_come_at_their_rate(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_UDP);

    (void) state;
    setup.payload_bytes = 1000;
    setup.gap_ns = 10000;
    guest_rig_init(&gr, 2, 256, 10 * MS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "virtio");
    assert_in_range(gr.dialogs.n_udp_sent, 999, 1001);
    assert_in_range(gr.dialogs.n_udp_received, 998, 1001);
    assert_in_range(vsw_dialogs_n_bytes(&gr.dialogs), 998000, 1001000);
    guest_rig_fini(&gr);
}

/* Interrupts of a guest whose ring is always full. */
static uint64_t
n_irqs_per_1000_sent(const char *driver)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_UDP);
    const struct vsw_virq *virq;
    uint64_t n;

    setup.payload_bytes = 100;
    guest_rig_init(&gr, 2, 256, 10 * MS);
    gr.ps_per_pkt = US;
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, driver);
    virq = &gr.sw.ports[0].vnics[0].virq;
    assert_true(gr.dialogs.n_udp_sent > 5000);
    n = (virq->n_running + virq->n_blocked) * 1000 / gr.dialogs.n_udp_sent;
    guest_rig_fini(&gr);
    return n;
}

/* It asks for an event when half of the slots in use, up to 236 of 256, have
 * been given back: not for each, as one without that rule does. */
static void
netfront_refills_half_a_ring_at_once(void **state)
{
    (void) state;
    assert_in_range(n_irqs_per_1000_sent("netfront"), 1000 / 120, 1000 / 80);
    assert_true(n_irqs_per_1000_sent("hyper") > 200);
}

/* The same with three quarters of up to 238 slots. */
static void
virtio_refills_three_quarters_of_a_ring_at_once(void **state)
{
    (void) state;
    assert_in_range(n_irqs_per_1000_sent("virtio"), 1000 / 190, 1000 / 165);
}

/* Batches of receive buffers, as a backend is asked to grant them. */
static struct {
    uint32_t n_calls[2];        /* Of rx_done, of rx_grant. */
    uint32_t n_slots[2];
    uint32_t least;             /* Of those posted. */
    uint32_t most_posted;
} batches;

static void
count_batch(const struct vsw_vnic *vnic, bool posts, uint32_t n_slots)
{
    const struct vsw_ring *ring = &vnic->queue->rx;
    uint32_t n_posted = ring->mask + 1 - (ring->popped - ring->frees.done);

    batches.n_calls[posts]++;
    batches.n_slots[posts] += n_slots;
    if (posts && n_slots < batches.least) {
        batches.least = n_slots;
    }
    if (posts && n_posted + n_slots > batches.most_posted) {
        batches.most_posted = n_posted + n_slots;
    }
}

static bool
count_done(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
           uint32_t n_slots)
{
    (void) worker, (void) slot;
    count_batch(vnic, false, n_slots);
    return true;
}

static bool
count_grant(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
            uint32_t n_slots)
{
    assert_int_equal(slot, vnic->queue->rx.frees.done
                               & vnic->queue->rx.mask);
    (void) worker;
    count_batch(vnic, true, n_slots);
    return true;
}

/* A stream to a guest that takes 'ps_per_pkt' for each packet; the pipe takes
 * 6.6 us for one of 17 slots. */
static void
stream_to_batches(const char *driver, uint64_t ps_per_pkt)
{
    static const struct vsw_vnic_ops ops = {
        .rx_done = count_done, .rx_grant = count_grant,
    };
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);

    memset(&batches, 0, sizeof batches);
    batches.least = UINT32_MAX;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    if (vsw_guest_find(driver)->has_rx_target) {
        guest_rig_post(&gr, 64, 128);
    }
    rig_set_cost(&gr.rig, VSW_COST_GUEST_RX_PKT, ps_per_pkt);
    gr.sw.ports[1].vnics[0].ops = &ops;
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, driver);
    assert_true(vsw_dialogs_n_bytes(&gr.dialogs) > 50000000);
}

/* The other side has most of its buffers: the target stays, and each batch is
 * at least half of it.  What was taken out is given back at once. */
static void
netfront_posts_half_its_target_at_once(void **state)
{
    (void) state;
    stream_to_batches("netfront", 0);
    assert_in_range(batches.least, 32, 33);
    assert_int_equal(batches.most_posted, 64);
    assert_true(batches.n_calls[0] > batches.n_calls[1] * 3 / 2);
    assert_in_range(batches.n_slots[0] - batches.n_slots[1], 0, 32);
    guest_rig_fini(&gr);
    stream_to_batches("virtio", 0);
    assert_true(batches.least < 32);
    assert_int_equal(batches.most_posted, 256);
    assert_int_equal(batches.n_calls[0], batches.n_calls[1]);
    assert_int_equal(batches.n_slots[0], batches.n_slots[1]);
    guest_rig_fini(&gr);
}

/* A guest that lags sees its ring nearly empty: the target doubles, to its
 * limit. */
static void
netfront_posts_more_when_its_ring_runs_low(void **state)
{
    (void) state;
    stream_to_batches("netfront", 6 * US);
    assert_int_equal(batches.most_posted, 128);
    guest_rig_fini(&gr);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_fills_the_pipe),
        cmocka_unit_test(a_small_window_limits_a_stream),
        cmocka_unit_test(connections_begin_one_after_the_other),
        cmocka_unit_test(a_transaction_is_the_sum_of_its_parts),
        cmocka_unit_test(no_byte_is_lost_under_drops),
        cmocka_unit_test(a_full_ring_stops_the_sender_for_a_while),
        cmocka_unit_test(a_slow_reader_limits_the_stream),
        cmocka_unit_test(sendfile_copies_nothing),
        cmocka_unit_test(a_talk_is_held_as_often_as_asked),
        cmocka_unit_test(in_a_talk_each_waits_for_its_turn),
        cmocka_unit_test(streams_of_one_guest_get_equal_shares),
        cmocka_unit_test(pairs_of_guests_get_equal_shares),
        cmocka_unit_test(moderation_bounds_interrupts),
        cmocka_unit_test(without_offload_segments_are_frames),
        cmocka_unit_test(datagrams_come_at_their_rate),
        cmocka_unit_test(netfront_refills_half_a_ring_at_once),
        cmocka_unit_test(netfront_posts_half_its_target_at_once),
        cmocka_unit_test(netfront_posts_more_when_its_ring_runs_low),
        cmocka_unit_test(virtio_refills_three_quarters_of_a_ring_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
