#include <vswsim/traffic.h>

#include "vsw_test.h"

#include "made_workload.h"

#define START_PS UINT64_C(777000)

static struct made made;
static struct vsw_traffic traffic;

/* Ten records of two flows each at two ports; sizes 100, 101, ... */
static void
make(void)
{
    made_init(&made, 2, 4);
    for (uint32_t i = 0; i < 20; i++) {
        made_add(&made, i % 4, 1000 * i, 100 + i);
    }
}

static void
start(struct vsw_traffic_setup setup)
{
    struct vsw_random offset;

    make();
    setup.workload = &made.workload;
    setup.n_queues = setup.n_queues ? setup.n_queues : 1;
    setup.time_scale = setup.time_scale ? setup.time_scale : 65536;
    vsw_random_init(&offset, 1, VSW_RANDOM_TRACE_OFFSET, 0, 0);
    vsw_traffic_init(&traffic, &setup, START_PS, &offset);
}

/* A saturating source may send at any time, and goes through the records of
 * its port in a ring, from some offset on. */
static void
saturation_takes_all_records_of_the_port_in_turn(void **state)
{
    uint32_t first;

    (void) state;
    start((struct vsw_traffic_setup) {.pacing = VSW_PACING_SATURATE});
    first = (traffic.due_frame_bytes - 100) / 2;
    for (uint32_t i = 0; i < 35; i++) {
        assert_true(vsw_traffic_pending(&traffic));
        assert_int_equal(traffic.due_ps, 0);
        assert_int_equal(traffic.due_frame_bytes,
                         100 + 2 * ((first + i) % 10));
        assert_int_equal(traffic.due_flow_id % 2, 0);
        vsw_traffic_next(&traffic);
    }
    assert_int_equal(traffic.n_rounds, 3);
}

static void
a_trace_that_is_played_n_times_ends_after_n_rounds(void **state)
{
    static const enum vsw_pacing pacings[] = {
        VSW_PACING_SATURATE, VSW_PACING_FIXED, VSW_PACING_RECORDED,
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(pacings); i++) {
        uint32_t n = 0;

        start((struct vsw_traffic_setup) {
            .pacing = pacings[i],
            .n_loops = 3,
            .burst_pkts = 1,
        });
        for (; vsw_traffic_pending(&traffic); n++) {
            vsw_traffic_next(&traffic);
        }
        assert_int_equal(n, 30);
    }
}

/* Whoever asks is told when the last packet is taken, not before; a source
 * without records never counts. */
static void
a_source_says_when_it_has_ended(void **state)
{
    struct vsw_traffic_setup setup = {
        .pacing = VSW_PACING_SATURATE, .n_loops = 2,
    };
    uint32_t n_open = 0;

    (void) state;
    setup.n_open = &n_open;
    start(setup);
    assert_int_equal(n_open, 1);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(n_open, 1);
        vsw_traffic_next(&traffic);
    }
    assert_int_equal(n_open, 0);

    setup.pacing = VSW_PACING_RECORDED;
    setup.n_queues = 100;
    setup.queue = 99;
    start(setup);
    assert_int_equal(n_open, 0);
}

/* The port's records are at 0, 2000, ... ns; a round takes span_ns. */
static void
recorded_times_count_from_the_start_round_after_round(void **state)
{
    (void) state;
    start((struct vsw_traffic_setup) {.pacing = VSW_PACING_RECORDED});
    for (uint32_t i = 0; i < 25; i++) {
        uint64_t ns = i / 10 * made.workload.span_ns + i % 10 * 2000;

        assert_int_equal(traffic.due_ps, START_PS + ns * 1000);
        assert_int_equal(traffic.due_frame_bytes, 100 + 2 * (i % 10));
        vsw_traffic_next(&traffic);
    }
}

static void
scaled_times_are_stretched_from_the_start(void **state)
{
    (void) state;
    start((struct vsw_traffic_setup) {
        .pacing = VSW_PACING_SCALED,
        .time_scale = 65536 / 2 * 5,
    });
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(traffic.due_ps, START_PS + i * 5000000);
        vsw_traffic_next(&traffic);
    }
}

static void
a_fixed_rate_comes_in_bursts_at_the_mean_gap(void **state)
{
    (void) state;
    start((struct vsw_traffic_setup) {
        .pacing = VSW_PACING_FIXED,
        .gap_ps = 300,
        .burst_pkts = 4,
    });
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(traffic.due_ps, START_PS + i / 4 * 1200);
        vsw_traffic_next(&traffic);
    }
}

/* Flows 0 and 2 enter at port 0: queue 0 has both modulo 2; of four queues,
 * 0 and 2 have one each, 1 and 3 none. */
static void
queues_share_a_recorded_trace_by_flow(void **state)
{
    static const uint32_t expected[] = {5, 0, 5, 0};

    (void) state;
    for (uint32_t queue = 0; queue < 4; queue++) {
        uint32_t n = 0;

        start((struct vsw_traffic_setup) {
            .pacing = VSW_PACING_RECORDED,
            .n_loops = 1,
            .queue = queue,
            .n_queues = 4,
        });
        for (; vsw_traffic_pending(&traffic); n++) {
            assert_int_equal(traffic.due_flow_id, queue);
            vsw_traffic_next(&traffic);
        }
        assert_int_equal(n, expected[queue]);
    }
}

static void
frames_can_be_resized_all_alike(void **state)
{
    (void) state;
    start((struct vsw_traffic_setup) {.frame_bytes = 1518});
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(traffic.due_frame_bytes, 1518);
        vsw_traffic_next(&traffic);
    }
}

static void
a_port_without_records_sends_nothing(void **state)
{
    struct vsw_random offset;
    const struct vsw_traffic_setup setup = {
        .workload = &made.workload,
        .port = 2,
        .n_queues = 1,
    };

    (void) state;
    made_init(&made, 3, 2);
    made_fill(&made, 10, 0, 1, 64);
    vsw_random_init(&offset, 1, VSW_RANDOM_TRACE_OFFSET, 0, 0);
    vsw_traffic_init(&traffic, &setup, 0, &offset);
    assert_false(vsw_traffic_pending(&traffic));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saturation_takes_all_records_of_the_port_in_turn),
        cmocka_unit_test(a_trace_that_is_played_n_times_ends_after_n_rounds),
        cmocka_unit_test(a_source_says_when_it_has_ended),
        cmocka_unit_test(
            recorded_times_count_from_the_start_round_after_round),
        cmocka_unit_test(scaled_times_are_stretched_from_the_start),
        cmocka_unit_test(a_fixed_rate_comes_in_bursts_at_the_mean_gap),
        cmocka_unit_test(queues_share_a_recorded_trace_by_flow),
        cmocka_unit_test(frames_can_be_resized_all_alike),
        cmocka_unit_test(a_port_without_records_sends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
