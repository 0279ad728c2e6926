#include <vswsim/pkt.h>

#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include "made_workload.h"
#include "rig.h"
#include "vsw_random.h"

#define N_BUFS 64

static struct vsw_bufs bufs;
static struct vsw_bufpool pool;

static void
set_up(void)
{
    assert_int_equal(vsw_bufs_init(&bufs, N_BUFS), 0);
    vsw_bufpool_init(&pool, &bufs, N_BUFS);
    assert_int_equal(pool.n_free, N_BUFS);
}

/* Marks the buffers of a chain and returns how many they are. */
static uint32_t
mark(uint32_t buf, bool *seen)
{
    uint32_t n = 0;

    for (; buf != VSW_NONE; buf = bufs.next[buf]) {
        assert_true(buf < N_BUFS && !seen[buf]);
        seen[buf] = true;
        n++;
    }
    return n;
}

static void
a_pool_gives_chains_of_the_length_asked_for(void **state)
{
    (void) state;
    for (uint32_t n = 1; n <= N_BUFS; n *= 2) {
        bool seen[N_BUFS] = {false};

        set_up();
        assert_int_equal(mark(vsw_bufpool_get(&pool, n), seen), n);
        assert_int_equal(pool.n_free, N_BUFS - n);
        vsw_bufs_fini(&bufs);
    }
}

static void
the_last_buffer_in_is_the_first_out(void **state)
{
    uint32_t a;
    uint32_t b;

    (void) state;
    set_up();
    a = vsw_bufpool_get(&pool, 1);
    b = vsw_bufpool_get(&pool, 1);
    vsw_bufpool_put(&pool, a);
    vsw_bufpool_put(&pool, b);
    assert_int_equal(vsw_bufpool_get(&pool, 1), b);
    assert_int_equal(vsw_bufpool_get(&pool, 1), a);
    vsw_bufs_fini(&bufs);
}

/* Every buffer is in the pool or in one chain, whatever is taken and given
 * back. */
static void
no_buffer_is_lost_or_owned_twice(void **state)
{
    struct rnd rnd = rnd_from_environment("pool", 51);
    uint32_t chains[N_BUFS];
    uint32_t n_chains = 0;

    (void) state;
    set_up();
    for (int i = 0; i < 5000; i++) {
        bool seen[N_BUFS] = {false};
        uint32_t n = 1 + rnd_below(&rnd, 9);
        uint32_t n_seen = 0;

        if (rnd_below(&rnd, 2) && n <= pool.n_free) {
            chains[n_chains++] = vsw_bufpool_get(&pool, n);
        } else if (n_chains > 0) {
            uint32_t at = rnd_below(&rnd, n_chains);

            vsw_bufpool_put(&pool, chains[at]);
            chains[at] = chains[--n_chains];
        }
        for (uint32_t j = 0; j < n_chains; j++) {
            n_seen += mark(chains[j], seen);
        }
        assert_int_equal(mark(pool.free, seen), pool.n_free);
        assert_int_equal(n_seen + pool.n_free, N_BUFS);
    }
    vsw_bufs_fini(&bufs);
}

/* --- Packets ------------------------------------------------------------- */

static struct rig rig;
static struct made made;
static struct vsw_pkts pkts;
static struct vsw_outcome *outcome;

static void
set_up_pkts(void)
{
    const struct vsw_sim_options options = {
        .warmup_ps = 1000,
        .duration_ps = 5000,
    };

    made_init(&made, 2, 2);
    rig_init(&rig, 1, &options);
    outcome = vsw_outcome_new(2);
    assert_int_equal(vsw_pkts_init(&pkts, 8, &made.workload, outcome), 0);
}

static void
tear_down_pkts(void)
{
    vsw_pkts_fini(&pkts);
    vsw_outcome_free(outcome);
    rig_fini(&rig);
}

static void
every_fate_keeps_the_balance(void **state)
{
    uint32_t ids[3];

    (void) state;
    set_up_pkts();
    for (uint32_t i = 0; i < 3; i++) {
        ids[i] = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100 + i, 0);
    }
    rig.units[0].local_ps = 2000;
    vsw_pkt_deliver(&pkts, &rig.units[0], ids[0], 1);
    vsw_pkt_drop(&pkts, &rig.units[0], ids[1], VSW_DROP_NO_ROUTE);
    vsw_pkt_refuse(&pkts, &rig.units[0], 0, 0, 500, VSW_DROP_TX_RING_FULL);
    assert_int_equal(vsw_pkts_check(&pkts, NULL), 0);
    assert_int_equal(outcome->created.n_pkts, 4);
    assert_int_equal(outcome->created.n_bytes, 100 + 101 + 102 + 500);
    assert_int_equal(outcome->in_flight.n_pkts, 1);
    assert_int_equal(outcome->in_flight.n_bytes, 102);
    /* What was created in the warm-up is not offered in the window. */
    assert_int_equal(outcome->window_offered.n_pkts, 1);
    assert_int_equal(outcome->window_delivered.n_pkts, 1);
    assert_int_equal(outcome->window_dropped.n_pkts, 2);
    assert_int_equal(outcome->latency_ps->max, 2000);
    tear_down_pkts();
}

static void
fates_are_counted_by_class(void **state)
{
    static const uint8_t class_of[] = {1};
    uint32_t ids[3];

    (void) state;
    set_up_pkts();
    outcome->n_classes = 2;
    outcome->classes = calloc(2, sizeof *outcome->classes);
    vsw_histogram_init(&outcome->classes[1].latency_ps);
    pkts.class_of = class_of;
    /* This one in the warm-up, so it is not offered. */
    ids[0] = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100, 0);
    rig.units[0].local_ps = 2000;
    ids[1] = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 101, 2000);
    ids[2] = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 102, 2000);
    vsw_pkt_deliver(&pkts, &rig.units[0], ids[0], 1);
    vsw_pkt_drop(&pkts, &rig.units[0], ids[1], VSW_DROP_NO_ROUTE);
    vsw_pkt_refuse(&pkts, &rig.units[0], 0, 0, 500, VSW_DROP_TX_RING_FULL);
    assert_int_equal(outcome->classes[0].offered.n_pkts, 0);
    assert_int_equal(outcome->classes[1].offered.n_pkts, 3);
    assert_int_equal(outcome->classes[1].offered.n_bytes, 101 + 102 + 500);
    assert_int_equal(outcome->classes[1].delivered.n_bytes, 100);
    assert_int_equal(outcome->classes[1].dropped.n_bytes, 101 + 500);
    assert_int_equal(outcome->classes[1].latency_ps.max, 2000);
    tear_down_pkts();
}

static void
a_packet_that_vanishes_breaks_the_balance(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    set_up_pkts();
    vsw_pkt_free(&pkts,
                 vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100, 0));
    assert_int_equal(vsw_pkts_check(&pkts, &err), -EPROTO);
    assert_non_null(strstr(err.text, "packets are not conserved"));
    tear_down_pkts();
}

static void
a_packet_with_two_fates_breaks_the_balance(void **state)
{
    struct vsw_error err = {0};
    uint32_t id;

    (void) state;
    set_up_pkts();
    id = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100, 0);
    vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100, 0);
    vsw_pkt_deliver(&pkts, &rig.units[0], id, 1);
    vsw_pkt_deliver(&pkts, &rig.units[0], id, 1);
    assert_int_equal(vsw_pkts_check(&pkts, &err), -EPROTO);
    tear_down_pkts();
}

static void
a_frame_that_changes_its_size_breaks_the_balance(void **state)
{
    struct vsw_error err = {0};
    uint32_t id;

    (void) state;
    set_up_pkts();
    id = vsw_pkt_create(&pkts, &rig.units[0], 0, 0, 100, 0);
    pkts.pkts[id].frame_bytes--;
    assert_int_equal(vsw_pkts_check(&pkts, &err), -EPROTO);
    tear_down_pkts();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_gives_chains_of_the_length_asked_for),
        cmocka_unit_test(the_last_buffer_in_is_the_first_out),
        cmocka_unit_test(no_buffer_is_lost_or_owned_twice),
        cmocka_unit_test(every_fate_keeps_the_balance),
        cmocka_unit_test(fates_are_counted_by_class),
        cmocka_unit_test(a_packet_that_vanishes_breaks_the_balance),
        cmocka_unit_test(a_packet_with_two_fates_breaks_the_balance),
        cmocka_unit_test(a_frame_that_changes_its_size_breaks_the_balance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
