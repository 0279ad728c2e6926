/* The poll-mode loop with its two kinds of ports, and who owns which buffer
 * while it runs. */
#include <vswsim/vhost.h>

#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

#include "rig_switch.h"

static struct rig_switch rs;

static struct vsw_pmd *
pmd_of(const char *name)
{
    /* Both models begin with their loop. */
    assert_true(!strcmp(name, "dpdk_vhost") || !strcmp(name, "zcopy_vhost"));
    return vsw_switch_state(&rs.sw);
}

static void
own(uint8_t *n_owners, uint32_t buf)
{
    for (; buf != VSW_NONE; buf = rs.sw.bufs.next[buf]) {
        assert_true(buf < rs.sw.bufs.n_bufs);
        n_owners[buf]++;
    }
}

static uint32_t
n_own(const uint8_t *n_owners, uint32_t n)
{
    uint32_t n_found = 0;

    for (uint32_t i = 0; i < rs.sw.bufs.n_bufs; i++) {
        n_found += n_owners[i] == n;
    }
    return n_found;
}

/* Each buffer belongs to one slot of one ring, or to the pool; between two
 * bursts to nobody else. */
static void
assert_one_owner(const struct vsw_pmd *pmd)
{
    uint8_t *n_owners = calloc(rs.sw.bufs.n_bufs, 1);

    assert_non_null(n_owners);
    for (uint32_t q = 0; q < rs.sw.n_ports; q++) {
        for (uint32_t i = 0; i < rs.sw.n_slots; i++) {
            own(n_owners, rs.sw.queues[q].tx_bufs[i]);
            own(n_owners, rs.sw.queues[q].rx_bufs[i]);
        }
    }
    own(n_owners, pmd->pool->bufs.free);
    assert_int_equal(n_own(n_owners, 1), rs.sw.bufs.n_bufs);
    free(n_owners);
}

/* Runs event by event, and looks whenever no burst is in hand. */
static void
run_and_count(const struct vsw_pmd *pmd)
{
    struct vsw_engine *engine = &rs.rig.sim.engine;
    uint32_t n_looks = 0;

    while (vsw_engine_run(engine, rs.rig.sim.window_end_ps, 1) == 1) {
        if (pmd->state == VSW_PMD_SCAN) {
            assert_one_owner(pmd);
            n_looks++;
        }
    }
    assert_true(n_looks > 10);
    rig_run(&rs.rig);
    assert_int_equal(vsw_pkts_check(&rs.pkts, NULL), 0);
    assert_true(rs.outcome->delivered.n_pkts > 100);
}

static void
run_sizes(const char *name, const uint32_t *sizes, uint32_t n_sizes)
{
    const struct vsw_traffic_setup setup = {.burst_pkts = 32};

    made_init(&rs.made, 3, 6);
    for (uint32_t i = 0; i < 60; i++) {
        made_add(&rs.made, i % 6, i, sizes[i % n_sizes]);
    }
    rig_switch_init(&rs, name, 3, 64, NULL);
    rig_switch_start(&rs, &setup);
    run_and_count(pmd_of(name));
}

static const uint32_t mixed[] = {64, 9018, 1518, 4100, 4101, 64, 5000};

static void
remapping_neither_loses_nor_doubles_a_page(void **state)
{
    (void) state;
    run_sizes("zcopy_vhost", mixed, VSW_N_ELEMS(mixed));
    rig_switch_fini(&rs);
}

static void
copying_neither_loses_nor_doubles_a_buffer(void **state)
{
    (void) state;
    run_sizes("dpdk_vhost", mixed, VSW_N_ELEMS(mixed));
    rig_switch_fini(&rs);
}

/* Slots whose buffer is no longer the one that they began with. */
static uint32_t
n_moved_slots(void)
{
    uint32_t n = 0;
    uint32_t buf = 0;

    for (uint32_t q = 0; q < rs.sw.n_ports; q++) {
        for (uint32_t i = 0; i < rs.sw.n_slots; i++) {
            n += rs.sw.queues[q].tx_bufs[i] != buf + i;
            n += rs.sw.queues[q].rx_bufs[i] != buf + rs.sw.n_slots + i;
        }
        buf += 2 * rs.sw.n_slots;
    }
    return n;
}

static void
remapping_changes_the_guests_pages_and_copying_does_not(void **state)
{
    static const uint32_t small[] = {64};

    (void) state;
    run_sizes("zcopy_vhost", small, 1);
    assert_true(n_moved_slots() > 300);
    rig_switch_fini(&rs);
    run_sizes("dpdk_vhost", small, 1);
    assert_int_equal(n_moved_slots(), 0);
    rig_switch_fini(&rs);
}

/* --- One packet ---------------------------------------------------------- */

/* Sends one frame of 'frame_bytes' from port 0 to port 1. */
static void
send_one(const char *name, uint32_t frame_bytes)
{
    const struct vsw_traffic_setup setup = {.n_loops = 1, .burst_pkts = 32};

    made_init(&rs.made, 2, 2);
    made_add(&rs.made, 0, 0, frame_bytes);
    rig_switch_init(&rs, name, 2, 64, NULL);
    rig_switch_start(&rs, &setup);
    rig_run(&rs.rig);
    assert_int_equal(rs.outcome->delivered.n_pkts, 1);
}

static uint64_t
switch_ps(uint32_t account)
{
    return rig_busy_ps(&rs.rig.units[0], account);
}

static uint64_t
guest_ps(uint32_t guest, uint32_t account)
{
    return rig_busy_ps(&rs.rig.units[1 + guest], account);
}

/* A frame of 9018 bytes has 9014 in memory: five mbufs
 * of 2048 bytes, three pages. */
static void
a_copied_frame_is_charged_by_byte_and_by_descriptor(void **state)
{
    (void) state;
    send_one("dpdk_vhost", 9018);
    assert_int_equal(switch_ps(VSW_ACCOUNT_COPY), 2 * (50 * NS + 9014 * 100));
    assert_int_equal(switch_ps(VSW_ACCOUNT_VRING_DESC), 2 * 5 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_BUFFER), 2 * (1 + 5) * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_VRING_AVAIL), 2 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_VRING_USED), 2 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_SWITCH), 2 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_EPT), 0);
    assert_int_equal(guest_ps(1, VSW_ACCOUNT_TLB_FLUSH), 0);
    rig_switch_fini(&rs);
}

static void
a_remapped_frame_is_charged_by_page_in_five_phases(void **state)
{
    (void) state;
    send_one("zcopy_vhost", 9018);
    assert_int_equal(switch_ps(VSW_ACCOUNT_VRING_AVAIL), 2 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_BUFFER), 2 * (1 + 3) * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_REMAP), 2 * (1 + 3) * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_EPT), 2 * (1 + 3) * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_VRING_USED), 2 * 50 * NS);
    assert_int_equal(switch_ps(VSW_ACCOUNT_COPY), 0);
    assert_int_equal(switch_ps(VSW_ACCOUNT_LOCK), 0);
    rig_switch_fini(&rs);
}

/* One shootdown each: an exit, the handler and the flush. */
static void
both_guests_pay_for_the_flush_of_a_remap(void **state)
{
    (void) state;
    send_one("zcopy_vhost", 64);
    for (uint32_t guest = 0; guest < 2; guest++) {
        assert_int_equal(rs.drivers[guest].tlb.n_requests, 1);
        assert_int_equal(rs.drivers[guest].tlb.n_flushes, 1);
        assert_int_equal(guest_ps(guest, VSW_ACCOUNT_VM_EXIT), 50 * NS);
        assert_int_equal(guest_ps(guest, VSW_ACCOUNT_TLB_FLUSH), 100 * NS);
    }
    /* The sender has nothing more to do; the receiver refills. */
    assert_int_equal(guest_ps(0, VSW_ACCOUNT_TLB_WALK), 0);
    assert_int_equal(guest_ps(1, VSW_ACCOUNT_TLB_WALK),
                     rs.drivers[1].tlb.n_walks * 50 * NS);
    assert_true(rs.drivers[1].tlb.n_walks > 0);
    rig_switch_fini(&rs);
}

/* --- Loss ---------------------------------------------------------------- */

static void
a_packet_to_nowhere_is_dropped_and_gives_its_buffers_back(void **state)
{
    static const char *const models[] = {"dpdk_vhost", "zcopy_vhost"};
    const struct vsw_traffic_setup setup = {.n_loops = 1, .burst_pkts = 32};

    (void) state;
    for (size_t m = 0; m < VSW_N_ELEMS(models); m++) {
        made_init(&rs.made, 2, 2);
        made_fill(&rs.made, 20, 0, 1, 9018);
        rs.made.flows[0].header[5] = 77;
        rig_switch_init(&rs, models[m], 2, 64, NULL);
        rig_switch_start(&rs, &setup);
        rig_run(&rs.rig);
        assert_int_equal(rs.outcome->dropped[VSW_DROP_NO_ROUTE].n_pkts, 10);
        assert_int_equal(rs.outcome->delivered.n_pkts, 10);
        assert_one_owner(pmd_of(models[m]));
        assert_int_equal(vsw_pkts_check(&rs.pkts, NULL), 0);
        rig_switch_fini(&rs);
    }
}

/* The receiver's driver does not run: 64 fit, the rest is lost. */
static void
what_finds_no_descriptor_is_lost(void **state)
{
    const struct vsw_traffic_setup setup = {.n_loops = 1, .burst_pkts = 32};

    (void) state;
    made_init(&rs.made, 2, 1);
    made_fill(&rs.made, 100, 0, 1, 64);
    rig_switch_init(&rs, "dpdk_vhost", 2, 64, NULL);
    rig_switch_start(&rs, &setup);
    rs.drivers[1].sources[0].kind = VSW_SOURCE_NEVER;
    rig_run(&rs.rig);
    assert_int_equal(rs.outcome->in_flight.n_pkts, 0);
    assert_int_equal(vsw_pkts_check(&rs.pkts, NULL), 0);
    assert_int_equal(rs.outcome->in_flight.n_pkts, 64);
    assert_int_equal(rs.outcome->dropped[VSW_DROP_RX_RING_FULL].n_pkts, 36);
    rig_switch_fini(&rs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remapping_neither_loses_nor_doubles_a_page),
        cmocka_unit_test(copying_neither_loses_nor_doubles_a_buffer),
        cmocka_unit_test(
            remapping_changes_the_guests_pages_and_copying_does_not),
        cmocka_unit_test(a_copied_frame_is_charged_by_byte_and_by_descriptor),
        cmocka_unit_test(a_remapped_frame_is_charged_by_page_in_five_phases),
        cmocka_unit_test(both_guests_pay_for_the_flush_of_a_remap),
        cmocka_unit_test(
            a_packet_to_nowhere_is_dropped_and_gives_its_buffers_back),
        cmocka_unit_test(what_finds_no_descriptor_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
