/* Execution rule 10: streams that share a bandwidth. */
#include <vswsim/server.h>

#include "vsw_test.h"

#include <stdlib.h>

#include "rig.h"
#include "vsw_random.h"

#define N_STREAMS 4

static struct rig rig;
static struct vsw_server server;
static struct vsw_worker workers[N_STREAMS];

/* A stream moves 'n_left' pieces back to back. */
struct stream {
    uint32_t n_left;
    uint32_t n_bytes;
    uint64_t done_ps;
};

static struct stream streams[N_STREAMS];

static void
move_pieces(void *owner, struct vsw_worker *worker)
{
    struct stream *stream = owner;

    while (stream->n_left > 0) {
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        vsw_server_stall(&server, worker->unit, stream->n_bytes);
        stream->n_left--;
    }
    stream->done_ps = worker->unit->local_ps;
}

/* Runs 'n' streams of 'n_bytes' in pieces, that start together, over 1 GB/s:
 * one byte takes a nanosecond. */
static void
run_streams(uint32_t n, uint32_t n_pieces, uint32_t n_bytes,
            bool reverse_ties, uint64_t quantum_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .duration_ps = 10000 * US,
        .check = true,
        .reverse_ties = reverse_ties,
    };

    rig_init(&rig, n, &options);
    vsw_server_init(&server, quantum_ps, 1000000000);
    for (uint32_t i = 0; i < n; i++) {
        streams[i] = (struct stream) {n_pieces, n_bytes, 0};
        rig_add_worker(&rig, i, 1, &workers[i], move_pieces, &streams[i]);
        vsw_worker_wake(&workers[i], 0);
    }
    rig_run(&rig);
    rig_fini(&rig);
}

static void
one_stream_gets_the_whole_bandwidth(void **state)
{
    (void) state;
    run_streams(1, 100, 1000, false, US);
    assert_int_equal(streams[0].done_ps, 100 * 1000 * NS);
    assert_int_equal(server.n_bytes, 100 * 1000);
}

/* n streams that start together and move the same end together, after n times
 * the time of one, within the piece and the bucket that each may be ahead. */
static void
n_streams_take_n_times_as_long_in_whatever_order_they_come(void **state)
{
    (void) state;
    for (uint32_t n = 2; n <= N_STREAMS; n++) {
        for (int reverse = 0; reverse < 2; reverse++) {
            uint64_t expected_ps = n * 1000 * 500 * NS;
            uint64_t last_ps = 0;

            run_streams(n, 1000, 500, reverse, US);
            for (uint32_t i = 0; i < n; i++) {
                uint64_t done_ps = streams[i].done_ps;

                last_ps = done_ps > last_ps ? done_ps : last_ps;
                assert_in_range(done_ps, expected_ps - expected_ps / 100,
                                expected_ps);
            }
            assert_in_range(last_ps, expected_ps - US, expected_ps);
        }
    }
}

/* The time at which the last byte is through is that of all bytes, in
 * whatever order the transfers of a bucket come. */
static void
the_order_of_calls_moves_no_byte_of_the_total(void **state)
{
    struct rnd rnd = rnd_from_environment("server", 41);
    struct vsw_unit *unit;

    (void) state;
    for (int run = 0; run < 200; run++) {
        const struct vsw_sim_options options = {.duration_ps = US};
        uint32_t n = 2 + rnd_below(&rnd, 20);
        uint64_t sum_bytes = 0;
        uint64_t last_ps = 0;

        rig_init(&rig, 1, &options);
        unit = &rig.units[0];
        vsw_server_init(&server, 100 * NS, 1000000000);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t n_bytes = 101 + rnd_below(&rnd, 400);
            uint64_t done_ps;

            unit->local_ps = rnd_below(&rnd, 100 * 1000);
            done_ps = vsw_server_take(&server, unit, n_bytes);
            assert_true(done_ps >= unit->local_ps + n_bytes * NS);
            last_ps = done_ps > last_ps ? done_ps : last_ps;
            sum_bytes += n_bytes;
        }
        assert_in_range(last_ps, sum_bytes * NS,
                        (sum_bytes + 500) * NS + 100 * NS);
        rig_fini(&rig);
    }
}

/* A transfer longer than all buckets together must not run into the past. */
static void
a_transfer_may_be_longer_than_the_buckets_reach(void **state)
{
    const struct vsw_sim_options options = {.duration_ps = US};
    const uint32_t n_buckets = 3 * VSW_SERVER_N_BUCKETS;

    (void) state;
    rig_init(&rig, 2, &options);
    vsw_server_init(&server, 100 * NS, 1000000000);
    assert_int_equal(
        vsw_server_take(&server, &rig.units[0], n_buckets * 100),
        n_buckets * 100 * NS);
    rig.units[1].local_ps = 150 * NS;
    assert_int_equal(vsw_server_take(&server, &rig.units[1], 100),
                     (n_buckets * 100 + 100) * NS);
    rig_fini(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stream_gets_the_whole_bandwidth),
        cmocka_unit_test(
            n_streams_take_n_times_as_long_in_whatever_order_they_come),
        cmocka_unit_test(the_order_of_calls_moves_no_byte_of_the_total),
        cmocka_unit_test(a_transfer_may_be_longer_than_the_buckets_reach),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
