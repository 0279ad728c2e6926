/* Backlogs: order by stamps, what is seen when, and the limit. */
#include "vsw_test.h"

#include <vswsim/backlog.h>

#include "rig.h"

static struct rig rig;
static struct vsw_backlog backlog;

static void
set_up(uint32_t limit_pkts)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US, .duration_ps = US,
    };

    rig_init(&rig, 2, &options);
    assert_int_equal(vsw_backlog_init(&backlog, limit_pkts), 0);
}

static void
tear_down(void)
{
    vsw_backlog_fini(&backlog);
    rig_fini(&rig);
}

static bool
put(uint32_t unit, uint64_t local_ps, uint32_t pkt)
{
    rig.units[unit].local_ps = local_ps;
    return vsw_backlog_put(&backlog, &rig.units[unit], pkt, 7);
}

static uint32_t
take(uint64_t sync_ps)
{
    struct vsw_backlog_item item;

    if (!vsw_backlog_take(&backlog, sync_ps, &item)) {
        return UINT32_MAX;
    }
    assert_int_equal(item.tag, 7);
    return item.pkt;
}

static void
packets_come_out_in_order_of_stamps(void **state)
{
    (void) state;
    set_up(8);
    put(0, 300, 1);
    put(0, 500, 2);
    put(1, 200, 3);
    put(1, 300, 4);
    put(1, 600, 5);
    assert_int_equal(take(1000), 3);
    assert_int_equal(take(1000), 1);
    assert_int_equal(take(1000), 4);
    assert_int_equal(take(1000), 2);
    assert_int_equal(take(1000), 5);
    assert_int_equal(take(1000), UINT32_MAX);
    tear_down();
}

static void
a_packet_is_seen_from_its_stamp_on(void **state)
{
    (void) state;
    set_up(2);
    assert_true(vsw_backlog_ready_ps(&backlog) == VSW_NEVER);
    put(0, 300, 1);
    assert_int_equal(vsw_backlog_ready_ps(&backlog), 300);
    assert_int_equal(take(299), UINT32_MAX);
    assert_int_equal(take(300), 1);
    tear_down();
}

static void
a_full_backlog_refuses_until_one_is_taken(void **state)
{
    (void) state;
    set_up(3);
    assert_true(put(0, 1, 1));
    assert_true(put(0, 2, 2));
    assert_true(put(0, 3, 3));
    assert_false(put(0, 4, 4));
    assert_int_equal(take(9), 1);
    assert_true(put(1, 4, 5));
    assert_int_equal(vsw_backlog_n_held(&backlog), 3);
    assert_int_equal(backlog.max_held_pkts, 3);
    tear_down();
}

static void
a_backlog_wraps_around(void **state)
{
    (void) state;
    set_up(3);
    for (uint32_t i = 0; i < 50; i++) {
        put(0, i + 10, i);
        put(1, i + 9, 100 + i);
        assert_int_equal(take(i + 10), 100 + i);
        assert_int_equal(take(i + 10), i);
    }
    assert_int_equal(backlog.max_held_pkts, 2);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_out_in_order_of_stamps),
        cmocka_unit_test(a_packet_is_seen_from_its_stamp_on),
        cmocka_unit_test(a_full_backlog_refuses_until_one_is_taken),
        cmocka_unit_test(a_backlog_wraps_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
