#include <vswsim/gro.h>

#include "vsw_test.h"

static struct vsw_gro gro;
static struct vsw_gro_seg seg;

static int
set_up(void **state)
{
    (void) state;
    gro = (struct vsw_gro) {.n_held = 0};
    return 0;
}

static void
add(uint32_t flow, uint32_t seq, uint32_t payload_bytes, uint8_t flags)
{
    const struct vsw_l4 l4 = {
        .proto = VSW_L4_TCP, .seq = seq, .payload_bytes = payload_bytes,
        .seg_bytes = 1448, .flags = (uint8_t) (VSW_TCP_ACK | flags),
    };

    vsw_gro_add(&gro, flow, &l4);
}

static void
frames_that_follow_each_other_join(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < 10; i++) {
        add(1, 1448 * i, 1448, 0);
        assert_false(vsw_gro_pop(&gro, &seg));
    }
    vsw_gro_flush(&gro);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.n_pkts, 10);
    assert_int_equal(seg.l4.seq, 0);
    assert_int_equal(seg.l4.payload_bytes, 14480);
    assert_false(vsw_gro_pop(&gro, &seg));
}

/* A short or pushed frame ends what it joins, and goes at once. */
static void
the_end_of_a_burst_is_not_held(void **state)
{
    (void) state;
    add(1, 0, 1448, 0);
    add(1, 1448, 100, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.l4.payload_bytes, 1548);
    add(1, 1548, 1448, VSW_TCP_PSH);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.l4.flags, VSW_TCP_ACK | VSW_TCP_PSH);
    add(1, 2996, 0, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
}

static void
a_gap_keeps_parts_apart_and_in_order(void **state)
{
    (void) state;
    add(1, 0, 1448, 0);
    add(1, 2896, 1448, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.l4.seq, 0);
    vsw_gro_flush(&gro);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.l4.seq, 2896);
}

static void
no_segment_grows_beyond_64_kilobytes(void **state)
{
    uint32_t n = 0;

    (void) state;
    while (!vsw_gro_pop(&gro, &seg)) {
        add(1, 1448 * n++, 1448, 0);
    }
    assert_int_equal(n, 45);
    assert_int_equal(seg.l4.payload_bytes, 45 * 1448);
}

/* What was never cut passes as it is. */
static void
large_segments_pass(void **state)
{
    (void) state;
    add(1, 0, 14480, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
    add(1, 14480, 14480, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.n_pkts, 1);
}

static void
the_oldest_of_too_many_flows_goes(void **state)
{
    (void) state;
    for (uint32_t flow = 0; flow < VSW_GRO_MAX_FLOWS; flow++) {
        add(flow, 0, 1448, 0);
        assert_false(vsw_gro_pop(&gro, &seg));
    }
    add(99, 0, 1448, 0);
    assert_true(vsw_gro_pop(&gro, &seg));
    assert_int_equal(seg.flow, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(frames_that_follow_each_other_join, set_up),
        cmocka_unit_test_setup(the_end_of_a_burst_is_not_held, set_up),
        cmocka_unit_test_setup(a_gap_keeps_parts_apart_and_in_order, set_up),
        cmocka_unit_test_setup(no_segment_grows_beyond_64_kilobytes, set_up),
        cmocka_unit_test_setup(large_segments_pass, set_up),
        cmocka_unit_test_setup(the_oldest_of_too_many_flows_goes, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
