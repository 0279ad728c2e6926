#include <vswsim/tcp.h>

#include <string.h>

#include "vsw_test.h"

#include "tcp_net.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

static struct net net;

static struct vsw_tcp_setup
setup_of(enum vsw_tcp_cc_kind cc)
{
    struct vsw_tcp_setup setup = VSW_TCP_SETUP_DEFAULT;

    setup.cc = cc;
    setup.send_buf_bytes = 1 << 20;
    setup.recv_buf_bytes = 1 << 20;
    return setup;
}

static void
expect_all_arrived(uint64_t n_bytes)
{
    const struct vsw_tcp *client = &net.ends[0][0];
    const struct vsw_tcp *server = &net.ends[0][1];

    assert_int_equal(net.n_read[0], n_bytes);
    assert_int_equal(client->una, 1 + n_bytes);
    assert_int_equal(server->rcv_nxt, 1 + n_bytes);
    assert_int_equal(server->n_ranges, 0);
    assert_int_equal(client->counts.n_bytes_sent
                         - client->counts.n_bytes_again, n_bytes);
}

/* --- Opening, windows ---------------------------------------------------- */

static void
a_connection_opens_in_a_round_trip(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);

    (void) state;
    net_init(&net, 1, MS, &setup);
    net_run(&net, 2 * MS + 1);
    assert_int_equal(net.ends[0][0].state, VSW_TCP_ESTABLISHED);
    assert_int_equal(net.ends[0][1].state, VSW_TCP_SYN_RECEIVED);
    net_run(&net, 4 * MS);
    assert_int_equal(net.ends[0][1].state, VSW_TCP_ESTABLISHED);
    assert_int_equal(net.ends[0][0].srtt_ns, 2 * MS);
}

/* Below saturation: throughput = window / round trip. */
static void
throughput_is_window_by_round_trip(void **state)
{
    static const uint32_t windows[] = {64 << 10, 256 << 10};

    (void) state;
    for (uint32_t i = 0; i < 2; i++) {
        struct vsw_tcp_setup setup = setup_of(VSW_TCP_CUBIC);
        uint64_t n_before, n_bytes;

        setup.recv_buf_bytes = windows[i];
        net_init(&net, 1, 5 * MS, &setup);
        net.to_write[0] = UINT64_MAX;
        net_run(&net, S);
        n_before = net.n_read[0];
        net_run(&net, 3 * S);
        n_bytes = net.n_read[0] - n_before;
        /* 200 round trips of 10 ms, each a window less what is not a
         * multiple of an MSS. */
        assert_in_range(n_bytes, UINT64_C(200) * (windows[i] - 2 * 1448),
                        UINT64_C(200) * windows[i]);
        assert_int_equal(net.ends[0][0].counts.n_bytes_again, 0);
    }
}

static void
slow_start_doubles_per_round_trip(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    uint64_t before = 10 * 1448;

    (void) state;
    setup.max_seg_bytes = 1448;
    net_init(&net, 1, 5 * MS, &setup);
    net.to_write[0] = UINT64_MAX;
    net_run(&net, 15 * MS);         /* Open, and the first window is out. */
    assert_int_equal(net.ends[0][0].cc.cwnd_bytes, before);
    for (uint32_t i = 0; i < 4; i++) {
        net_run(&net, net.now_ns + 10 * MS);
        assert_int_equal(net.ends[0][0].cc.cwnd_bytes, 2 * before);
        before *= 2;
    }
}

/* A reader that stops closes the window; when it goes on, nothing has been
 * lost and the sender learns of it. */
static void
a_closed_window_opens_again(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);

    (void) state;
    setup.recv_buf_bytes = 64 << 10;
    net_init(&net, 1, MS, &setup);
    net.to_write[0] = 300000;
    net.paused_reader = true;
    net_run(&net, S);
    assert_int_equal(net.n_read[0], 0);
    assert_true(vsw_tcp_n_readable(&net.ends[0][1]) <= 64 << 10);
    assert_true(vsw_tcp_n_readable(&net.ends[0][1]) > 60 << 10);
    net.paused_reader = false;
    net_run(&net, 2 * S);
    expect_all_arrived(300000);
    assert_int_equal(net.ends[0][0].counts.n_bytes_again, 0);
}

/* The update that opens a window may be lost: a probe finds out. */
static void
a_lost_window_update_is_probed_for(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_l4 l4;

    (void) state;
    setup.recv_buf_bytes = 64 << 10;
    net_init(&net, 1, MS, &setup);
    net.to_write[0] = 300000;
    net.paused_reader = true;
    net_run(&net, 100 * MS);
    vsw_tcp_read(&net.ends[0][1],
                 (uint32_t) vsw_tcp_n_readable(&net.ends[0][1]));
    assert_true(vsw_tcp_output(&net.ends[0][1], net.now_ns, &l4));
    assert_true(l4.window_bytes > 0);       /* And is thrown away. */
    net.paused_reader = false;
    net.n_read[0] = net.ends[0][1].rcv_read - 1;
    net_run(&net, 5 * S);
    expect_all_arrived(300000);
}

/* --- Segments ------------------------------------------------------------ */

static void
open_pair(struct vsw_tcp *a, struct vsw_tcp *b,
          const struct vsw_tcp_setup *setup)
{
    struct vsw_l4 l4;

    vsw_tcp_connect(a, setup);
    vsw_tcp_listen(b, setup);
    assert_true(vsw_tcp_output(a, 0, &l4));
    assert_int_equal(l4.flags, VSW_TCP_SYN);
    vsw_tcp_input(b, 0, &l4);
    assert_true(vsw_tcp_output(b, 0, &l4));
    assert_int_equal(l4.flags, VSW_TCP_SYN | VSW_TCP_ACK);
    assert_true(vsw_tcp_input(a, 0, &l4) & VSW_TCP_OPENED);
    assert_true(vsw_tcp_output(a, 0, &l4));
    assert_int_equal(l4.flags, VSW_TCP_ACK);
    assert_true(vsw_tcp_input(b, 0, &l4) & VSW_TCP_OPENED);
}

/* What the socket holds goes in one segment; small writes join while one is
 * under way. */
static void
a_segment_is_what_the_socket_holds(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 l4;

    (void) state;
    setup.init_window_segs = 200;
    open_pair(&a, &b, &setup);
    vsw_tcp_write(&a, 64);
    assert_true(vsw_tcp_output(&a, 0, &l4));
    assert_int_equal(l4.payload_bytes, 64);
    for (uint32_t i = 0; i < 30; i++) {
        vsw_tcp_write(&a, 64);
    }
    assert_true(vsw_tcp_output(&a, 0, &l4));
    assert_int_equal(l4.payload_bytes, 1448);   /* 472 wait. */
    assert_false(vsw_tcp_output(&a, 0, &l4));
    vsw_tcp_write(&a, 65536 - 472);
    assert_true(vsw_tcp_output(&a, 0, &l4));
    assert_int_equal(l4.payload_bytes, VSW_TCP_MAX_SEG_BYTES);
    assert_false(vsw_tcp_output(&a, 0, &l4));
}

static void
without_nagle_small_segments_go_at_once(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 l4;

    (void) state;
    setup.nagle = false;
    open_pair(&a, &b, &setup);
    for (uint32_t i = 0; i < 3; i++) {
        vsw_tcp_write(&a, 64);
        assert_true(vsw_tcp_output(&a, 0, &l4));
        assert_int_equal(l4.payload_bytes, 64);
    }
}

/* --- Acknowledgements ---------------------------------------------------- */

static void
one_frame_is_acknowledged_late_and_two_at_once(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 data, ack;

    (void) state;
    setup.max_seg_bytes = 1448;
    open_pair(&a, &b, &setup);
    vsw_tcp_write(&a, 3 * 1448);
    assert_true(vsw_tcp_output(&a, 0, &data));
    vsw_tcp_input(&b, 0, &data);
    assert_false(vsw_tcp_output(&b, 0, &ack));
    assert_int_equal(vsw_tcp_deadline_ns(&b), 40 * MS);
    assert_true(vsw_tcp_output(&a, 0, &data));
    vsw_tcp_input(&b, 0, &data);
    assert_true(vsw_tcp_output(&b, 0, &ack));
    assert_int_equal(ack.ack, 1 + 2 * 1448);
    assert_true(vsw_tcp_output(&a, 0, &data));
    vsw_tcp_input(&b, MS, &data);
    assert_int_equal(vsw_tcp_expire(&b, 41 * MS - 1), 0);
    assert_int_equal(vsw_tcp_expire(&b, 41 * MS), VSW_TCP_OUTPUT);
    assert_true(vsw_tcp_output(&b, 41 * MS, &ack));
    assert_int_equal(ack.ack, 1 + 3 * 1448);
}

/* --- Loss ---------------------------------------------------------------- */

/* Sends ten segments and loses some; the ACKs of the others have come. */
static void
lose(struct vsw_tcp *a, struct vsw_tcp *b, uint32_t first, uint32_t n)
{
    struct vsw_l4 data[10], ack;

    vsw_tcp_write(a, 10 * 1448);
    for (uint32_t i = 0; i < 10; i++) {
        assert_true(vsw_tcp_output(a, MS, &data[i]));
    }
    for (uint32_t i = 0; i < 10; i++) {
        if (i >= first && i < first + n) {
            continue;
        }
        vsw_tcp_input(b, MS, &data[i]);
        while (vsw_tcp_output(b, MS, &ack)) {
            vsw_tcp_input(a, 2 * MS, &ack);
        }
    }
}

static void
three_duplicate_acks_send_again(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 l4;

    (void) state;
    setup.max_seg_bytes = 1448;
    open_pair(&a, &b, &setup);
    lose(&a, &b, 2, 1);
    assert_true(a.in_recovery);
    assert_int_equal(a.counts.n_fast, 1);
    assert_int_equal(a.cc.ssthresh_bytes, 4 * 1448);    /* Half of 8. */
    assert_true(vsw_tcp_output(&a, 2 * MS, &l4));
    assert_int_equal(l4.seq, 1 + 2 * 1448);
    assert_int_equal(l4.payload_bytes, 1448);
    vsw_tcp_input(&b, 3 * MS, &l4);
    assert_int_equal(b.rcv_nxt, 1 + 10 * 1448);
    assert_true(vsw_tcp_output(&b, 3 * MS, &l4));
    vsw_tcp_input(&a, 4 * MS, &l4);
    assert_false(a.in_recovery);
    assert_true(a.cc.cwnd_bytes <= 4 * 1448);
    assert_int_equal(a.counts.n_timeouts, 0);
    assert_int_equal(a.counts.n_bytes_again, 1448);
    assert_int_equal(b.counts.n_dup_bytes, 0);
}

/* NewReno: a partial ACK sends the next hole, without another timeout. */
static void
partial_acks_fill_one_hole_each(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 l4;

    (void) state;
    setup.max_seg_bytes = 1448;
    open_pair(&a, &b, &setup);
    lose(&a, &b, 2, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(a.in_recovery);
        assert_true(vsw_tcp_output(&a, 2 * MS, &l4));
        assert_int_equal(l4.seq, 1 + (2 + i) * 1448);
        vsw_tcp_input(&b, 2 * MS, &l4);
        assert_true(vsw_tcp_output(&b, 2 * MS, &l4));
        vsw_tcp_input(&a, 2 * MS, &l4);
    }
    assert_false(a.in_recovery);
    assert_int_equal(a.una, 1 + 10 * 1448);
    assert_int_equal(a.counts.n_fast, 1);
    assert_int_equal(a.counts.n_bytes_again, 3 * 1448);
}

static void
a_whole_segment_is_sent_again_whole(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 segs[5], l4;

    (void) state;
    setup.whole_segs = true;
    setup.init_window_segs = 500;
    open_pair(&a, &b, &setup);
    vsw_tcp_write(&a, 5 * VSW_TCP_MAX_SEG_BYTES);
    for (uint32_t i = 0; i < 5; i++) {
        assert_true(vsw_tcp_output(&a, 0, &segs[i]));
    }
    for (uint32_t i = 1; i < 5; i++) {
        vsw_tcp_input(&b, 0, &segs[i]);
        assert_true(vsw_tcp_output(&b, 0, &l4));
        vsw_tcp_input(&a, 0, &l4);
    }
    assert_true(vsw_tcp_output(&a, 0, &l4));
    assert_int_equal(l4.seq, segs[0].seq);
    assert_int_equal(l4.payload_bytes, VSW_TCP_MAX_SEG_BYTES);
}

static void
timeouts_back_off_and_start_anew(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);
    struct vsw_tcp a, b;
    struct vsw_l4 l4;
    uint64_t at_ns;

    (void) state;
    setup.max_seg_bytes = 1448;
    open_pair(&a, &b, &setup);
    vsw_tcp_write(&a, 4 * 1448);
    while (vsw_tcp_output(&a, 0, &l4)) {
    }
    at_ns = vsw_tcp_deadline_ns(&a);
    assert_int_equal(at_ns, 200 * MS);
    assert_int_equal(vsw_tcp_expire(&a, at_ns - 1), 0);
    assert_int_equal(vsw_tcp_expire(&a, at_ns), VSW_TCP_OUTPUT);
    assert_true(vsw_tcp_output(&a, at_ns, &l4));
    assert_int_equal(l4.seq, 1);
    assert_false(vsw_tcp_output(&a, at_ns, &l4));   /* One segment. */
    assert_int_equal(vsw_tcp_deadline_ns(&a), 600 * MS);
    vsw_tcp_input(&b, at_ns, &l4);
    vsw_tcp_expire(&b, at_ns + 40 * MS);
    assert_true(vsw_tcp_output(&b, at_ns + 40 * MS, &l4));
    vsw_tcp_input(&a, at_ns + 40 * MS, &l4);
    assert_int_equal(a.cc.cwnd_bytes, 2 * 1448);    /* Slow start again. */
    assert_true(vsw_tcp_output(&a, at_ns + 40 * MS, &l4));
    assert_int_equal(l4.seq, 1 + 1448);
}

/* Whatever is lost or overtaken, in whatever shape segments travel: each byte
 * arrives once and in order, and the sender knows it. */
static void
no_byte_is_lost_or_doubled(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < 48; i++) {
        struct vsw_tcp_setup setup = setup_of(i % 2 ? VSW_TCP_CUBIC
                                                    : VSW_TCP_NEWRENO);
        uint32_t n_bytes = 400000 + 777 * i;

        setup.max_seg_bytes = i & 2 ? 1448 : VSW_TCP_MAX_SEG_BYTES;
        setup.whole_segs = (i & 4) != 0;
        setup.recv_buf_bytes = i & 8 ? 60000 : 1 << 20;
        setup.isn = UINT32_MAX - 100000;    /* Wraps. */
        net_init(&net, 1, MS, &setup);
        vsw_random_init(&net.random, i, 0, 1, 0);
        net.cut = (i & 4) == 0;
        net.drop_per_mille = 5 + 10 * (i % 5);
        net.reorder_per_mille = i % 3 ? 20 : 0;
        net.to_write[0] = n_bytes;
        net_run(&net, 900 * S);
        expect_all_arrived(n_bytes);
    }
}

/* Loss without reordering: what is received twice was sent again. */
static void
duplicates_come_from_retransmissions(void **state)
{
    struct vsw_tcp_setup setup = setup_of(VSW_TCP_NEWRENO);

    (void) state;
    net_init(&net, 1, MS, &setup);
    net.cut = true;
    net.drop_per_mille = 20;
    net.to_write[0] = 2000000;
    net_run(&net, 900 * S);
    expect_all_arrived(2000000);
    assert_true(net.ends[0][0].counts.n_bytes_again > 0);
    assert_true(net.ends[0][1].counts.n_dup_bytes
                <= net.ends[0][0].counts.n_bytes_again);
}

/* --- Congestion ---------------------------------------------------------- */

/* Jain's index of equal round trips at one bottleneck. */
static void
flows_share_a_bottleneck(void **state)
{
    (void) state;
    for (int cc = VSW_TCP_NEWRENO; cc <= VSW_TCP_CUBIC; cc++) {
        struct vsw_tcp_setup setup
            = setup_of((enum vsw_tcp_cc_kind) cc);
        uint64_t sum = 0, squares = 0;

        net_init(&net, 4, 2 * MS, &setup);
        net.cut = true;
        net.ns_per_kib = 8192 * 10;     /* 100 Mbit/s. */
        net.queue_ns = 6 * MS;
        for (uint32_t i = 0; i < 4; i++) {
            net.to_write[i] = UINT64_MAX;
        }
        net_run(&net, 12 * S);
        for (uint32_t i = 0; i < 4; i++) {
            uint64_t n = net.n_read[i] >> 10;

            sum += n;
            squares += n * n;
        }
        /* sum^2 / (4 * squares) > 0.95 */
        assert_true(100 * sum * sum > 95 * 4 * squares);
        /* And uses nine tenths of it. */
        assert_true(sum > 12 * 100 * 1000 / 8 * 9 / 10 * 1000 / 1024);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_opens_in_a_round_trip),
        cmocka_unit_test(throughput_is_window_by_round_trip),
        cmocka_unit_test(slow_start_doubles_per_round_trip),
        cmocka_unit_test(a_closed_window_opens_again),
        cmocka_unit_test(a_lost_window_update_is_probed_for),
        cmocka_unit_test(a_segment_is_what_the_socket_holds),
        cmocka_unit_test(without_nagle_small_segments_go_at_once),
        cmocka_unit_test(one_frame_is_acknowledged_late_and_two_at_once),
        cmocka_unit_test(three_duplicate_acks_send_again),
        cmocka_unit_test(partial_acks_fill_one_hole_each),
        cmocka_unit_test(a_whole_segment_is_sent_again_whole),
        cmocka_unit_test(timeouts_back_off_and_start_anew),
        cmocka_unit_test(no_byte_is_lost_or_doubled),
        cmocka_unit_test(duplicates_come_from_retransmissions),
        cmocka_unit_test(flows_share_a_bottleneck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
