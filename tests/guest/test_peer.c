#include <vswsim/peer.h>

#include <string.h>

#include "vsw_test.h"

#include "rig.h"

#define MS (1000 * US)
#define N_DIALOGS 4

static struct {
    struct rig rig;
    struct vsw_workload workload;
    struct vsw_workload_flow flows[2 * N_DIALOGS];
    struct vsw_workload_port ports[2];
    struct vsw_outcome *outcome;
    struct vsw_pkts pkts;
    struct vsw_bufs bufs;
    struct vsw_frames frames;
    struct vsw_link link;
    struct vsw_dialogs dialogs;
    struct vsw_peer peers[2];
} t;

static uint64_t react_ns;

static struct vsw_dialog_setup
setup_of(enum vsw_dialog_kind kind)
{
    return (struct vsw_dialog_setup) {
        .kind = kind,
        .tcp = VSW_TCP_SETUP_DEFAULT,
        .payload_bytes = 65536,
        .read_bytes = 65536,
        .request_bytes = 1,
        .response_bytes = 1,
    };
}

static void
make_dialogs(const struct vsw_dialog_setup *setup, uint32_t n)
{
    assert_int_equal(vsw_dialogs_init(&t.dialogs, setup, n, 2 * n), 0);
    for (uint32_t i = 0; i < n; i++) {
        t.dialogs.list[i].flows[0] = 2 * i;
        t.dialogs.list[i].flows[1] = 2 * i + 1;
        t.dialogs.list[i].ports[1] = 1;
        for (uint32_t side = 0; side < 2; side++) {
            t.flows[2 * i + side].in_port = side;
            t.flows[2 * i + side].out_port = !side;
        }
    }
}

/* Two clients at the ends of a link of 10 Gbit/s, for 'duration_ps'. */
static void
run(const struct vsw_dialog_setup *setup, uint32_t n, uint64_t delay_ps,
    uint64_t warmup_ps, uint64_t duration_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS, .warmup_ps = warmup_ps,
        .duration_ps = duration_ps, .seed = 1, .check = true,
    };
    const struct vsw_wire_setup wire = {
        .rate_bps = UINT64_C(10000000000), .delay_ps = delay_ps,
    };
    struct vsw_error err;

    memset(&t, 0, sizeof t);
    rig_init(&t.rig, 0, &options);
    t.workload.flows = t.flows;
    t.workload.n_flows = 2 * n;
    t.workload.ports = t.ports;
    t.workload.n_ports = 2;
    t.outcome = vsw_outcome_new(2);
    assert_non_null(t.outcome);
    assert_int_equal(vsw_pkts_init(&t.pkts, 4096, &t.workload, t.outcome),
                     0);
    assert_int_equal(vsw_bufs_init(&t.bufs, 1), 0);
    assert_int_equal(vsw_frames_init(&t.frames, &t.rig.sim, &t.pkts,
                                     &t.bufs), 0);
    assert_int_equal(vsw_link_init(&t.link, &t.frames, "link", 512, &wire,
                                   &err), 0);
    make_dialogs(setup, n);
    for (uint32_t i = 0; i < 2; i++) {
        const struct vsw_peer_setup peer = {
            .port = i, .hold_ns = 20000, .react_ns = react_ns,
        };

        assert_int_equal(vsw_peer_init(&t.peers[i], &t.frames,
                                       i ? "b" : "a", &t.link.ends[i],
                                       &t.dialogs, &peer, &err), 0);
    }
    vsw_engine_run(&t.rig.sim.engine, duration_ps, UINT64_MAX);
    if (vsw_sim_finish(&t.rig.sim, &err) || vsw_pkts_check(&t.pkts, &err)) {
        fail_msg("%s", err.text);
    }
    vsw_sockset_report(&t.peers[0].socks);
    vsw_sockset_report(&t.peers[1].socks);
}

static void
fini(void)
{
    vsw_peer_fini(&t.peers[0]);
    vsw_peer_fini(&t.peers[1]);
    vsw_link_fini(&t.link);
    vsw_dialogs_fini(&t.dialogs);
    vsw_frames_fini(&t.frames);
    vsw_bufs_fini(&t.bufs);
    vsw_pkts_fini(&t.pkts);
    vsw_outcome_free(t.outcome);
    vsw_sim_fini(&t.rig.sim);
}

/* 1448 bytes of payload occupy 1538 of the line. */
static void
clients_fill_the_wire(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);
    const uint64_t full = UINT64_C(10000000000) / 8 / 100 * 1448 / 1538;

    (void) state;
    for (uint32_t n = 1; n <= N_DIALOGS; n += N_DIALOGS - 1) {
        run(&setup, n, US, 10 * MS, 20 * MS);
        assert_in_range(vsw_dialogs_n_bytes(&t.dialogs), full * 99 / 100,
                        full * 101 / 100);
        assert_int_equal(t.dialogs.tcp.n_bytes_again, 0);
        fini();
    }
}

/* Below saturation: a window per round trip. */
static void
a_window_goes_in_a_round_trip(void **state)
{
    struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_STREAM);
    const uint64_t window = 64 * 1448;
    uint64_t n_trips;

    (void) state;
    setup.tcp.recv_buf_bytes = (uint32_t) window;
    run(&setup, 1, MS, 40 * MS, 240 * MS);
    n_trips = 200 * MS / (t.dialogs.tcp.rtt_min_ns * NS);
    assert_in_range(n_trips, 90, 100);
    assert_in_range(vsw_dialogs_n_bytes(&t.dialogs), 85 * window,
                    100 * window);
    fini();
}

/* What is asked and answered in single bytes is not held back. */
static void
small_answers_are_not_held(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(VSW_DIALOG_REQUEST);

    (void) state;
    run(&setup, 1, 10 * US, 0, 10 * MS);
    /* Both ways: the delay, and 71 bytes with preamble and gap. */
    assert_int_equal(t.dialogs.transaction_ps->min,
                     2 * (10 * US + (71 + 20) * 800));
    assert_in_range(t.dialogs.transaction_ps->n, 490, 500);
    fini();
}

/* Reactions delay a transaction, at both ends, and limit no stream. */
static void
reactions_delay_and_do_not_limit(void **state)
{
    const struct vsw_dialog_setup requests = setup_of(VSW_DIALOG_REQUEST);
    const struct vsw_dialog_setup stream = setup_of(VSW_DIALOG_STREAM);
    const uint64_t full = UINT64_C(10000000000) / 8 / 100 * 1448 / 1538;

    (void) state;
    react_ns = 20000;
    run(&requests, 1, 10 * US, 0, 10 * MS);
    /* The server reads, then answers: two steps, of which the second is due
     * with the first. */
    assert_in_range(t.dialogs.transaction_ps->min, 50 * US, 62 * US);
    fini();
    run(&stream, 1, US, 10 * MS, 20 * MS);
    assert_in_range(vsw_dialogs_n_bytes(&t.dialogs), full * 99 / 100,
                    full * 101 / 100);
    fini();
    react_ns = 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_fill_the_wire),
        cmocka_unit_test(a_window_goes_in_a_round_trip),
        cmocka_unit_test(small_answers_are_not_held),
        cmocka_unit_test(reactions_delay_and_do_not_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
