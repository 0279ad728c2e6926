/* The audit of --check: silent while the rules hold, and able to speak. */
#include <vswsim/audit.h>

#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include "rig_switch.h"

static struct rig_switch rs;
static struct vsw_audit audit;

/* A saturated run that stops while packets are in all places. */
static int
run_for_a_while(void **state)
{
    const struct vsw_traffic_setup setup = {.burst_pkts = 32};

    (void) state;
    made_init(&rs.made, 2, 2);
    for (uint32_t port = 0; port < 2; port++) {
        made_add(&rs.made, 0, port, 64);
    }
    rig_switch_init(&rs, "zcopy_vhost", 2, 64, NULL);
    rig_switch_start(&rs, &setup);
    rs.rig.sim.check = true;
    assert_int_equal(vsw_audit_start(&audit, &rs.sw), 0);
    vsw_engine_run(&rs.rig.sim.engine, rs.rig.sim.window_end_ps, 1000);
    assert_true(rs.pkts.n_in_flight > 0);
    return 0;
}

static int
clean_up(void **state)
{
    (void) state;
    vsw_audit_fini(&audit);
    rig_switch_fini(&rs);
    return 0;
}

static struct vsw_ring *
busy_ring(void)
{
    for (uint32_t i = 0; i < rs.sw.n_ports; i++) {
        if (vsw_ring_n_held(&rs.sw.queues[i].tx) > 1) {
            return &rs.sw.queues[i].tx;
        }
    }
    fail();
    return NULL;
}

static void
a_run_by_the_rules_passes(void **state)
{
    (void) state;
    assert_null(rs.rig.sim.violation);
    assert_null(vsw_audit_look(&audit));
}

static void
a_packet_in_two_slots_is_found(void **state)
{
    struct vsw_ring *ring = busy_ring();

    (void) state;
    ring->slots[ring->popped & ring->mask]
        = ring->slots[(ring->popped + 1) & ring->mask];
    assert_non_null(strstr(vsw_audit_look(&audit), "packet"));
}

static void
a_packet_that_is_lost_without_a_trace_is_found(void **state)
{
    (void) state;
    rs.pkts.n_in_flight--;
    assert_non_null(strstr(vsw_audit_look(&audit), "packet"));
}

static void
a_buffer_behind_two_slots_is_found(void **state)
{
    (void) state;
    rs.sw.queues[0].rx_bufs[3] = rs.sw.queues[1].tx_bufs[5];
    assert_non_null(strstr(vsw_audit_look(&audit), "buffer"));
}

static void
slots_filled_without_credit_are_found(void **state)
{
    (void) state;
    busy_ring()->fills.done = busy_ring()->filled + 1;
    assert_non_null(strstr(vsw_audit_look(&audit), "credit"));
}

/* What the audit finds during a run fails the run. */
static void
a_broken_rule_fails_the_run(void **state)
{
    struct vsw_error err;

    (void) state;
    rs.sw.queues[0].rx_bufs[3] = rs.sw.queues[1].tx_bufs[5];
    vsw_engine_run(&rs.rig.sim.engine, rs.rig.sim.window_end_ps,
                   UINT64_MAX);
    assert_int_equal(vsw_sim_finish(&rs.rig.sim, &err), -EPROTO);
    assert_non_null(strstr(err.text, "buffer"));
}

#define AUDIT_TEST(name)                                                     \
    cmocka_unit_test_setup_teardown(name, run_for_a_while, clean_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        AUDIT_TEST(a_run_by_the_rules_passes),
        AUDIT_TEST(a_packet_in_two_slots_is_found),
        AUDIT_TEST(a_packet_that_is_lost_without_a_trace_is_found),
        AUDIT_TEST(a_buffer_behind_two_slots_is_found),
        AUDIT_TEST(slots_filled_without_credit_are_found),
        AUDIT_TEST(a_broken_rule_fails_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
