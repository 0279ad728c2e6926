/* Netback between small guests: nothing is lost, every page is given back,
 * hypercalls carry what waits, and grants behave as their scheme says. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/netback.h>

#include "fake_guest.h"
#include "made_workload.h"
#include "rig.h"

#define N_GUESTS    4
#define N_PKTS      400
#define ARENA_BYTES (1 << 18)

static struct rig rig;
static struct made made;
static struct vsw_pkts pkts;
static struct vsw_switch sw;
static struct vsw_netback nb;
static uint32_t n_slots = 64;
static struct fake_guest guests[N_GUESTS];
static struct vsw_unit *units[2 + N_GUESTS];
static _Alignas(64) unsigned char memory[ARENA_BYTES];
static const struct vsw_model_ops model = {.name = "netback"};

static uint32_t
forward(void *aux, struct vsw_unit *unit, uint32_t pkt)
{
    (void) aux;
    vsw_unit_spend(unit, VSW_ACCOUNT_SWITCH, 100 * NS);
    return made.flows[pkts.pkts[pkt].flow_id].out_port;
}

static void
make_rig(uint32_t n_threads)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US / 2,
        .duration_ps = 100000 * US,
        .seed = 3,
        .check = true,
    };

    rig_init_domains(&rig, n_threads + N_GUESTS, 2 + N_GUESTS, &options);
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        rig_set_cost(&rig, i, 200 * NS);
    }
    rig_set_cost(&rig, VSW_COST_COPY_BYTE, 100);
    rig_set_cost(&rig, VSW_COST_MAPTRACK_ENTRY, 10 * NS);
    made_init(&made, N_GUESTS, N_GUESTS);
}

static void
set_up(const struct vsw_netback_setup *options, uint32_t n_threads)
{
    struct vsw_netback_setup setup = *options;
    struct vsw_error err;

    make_rig(n_threads);
    memset(&sw, 0, sizeof sw);
    memset(memory, 0, sizeof memory);
    vsw_arena_init(&sw.arena, memory, sizeof memory);
    for (uint32_t i = 0; i < n_threads + N_GUESTS; i++) {
        units[i] = &rig.units[i];
    }
    sw.sim = &rig.sim;
    sw.ops = &model;
    sw.units = units;
    sw.n_units = n_threads;
    sw.guest_units = units + n_threads;
    rig.sim.first_guest = 2;
    sw.n_ports = N_GUESTS;
    sw.n_queues = 1;
    sw.n_slots = n_slots;
    sw.pkts = &pkts;
    sw.outcome = vsw_outcome_new(N_GUESTS);
    assert_int_equal(vsw_pkts_init(&pkts, 4096, &made.workload, sw.outcome),
                     0);
    setup.n_queue_pkts = 4 * N_PKTS;
    setup.n_pool = 4096;
    setup.hypervisor = 1;
    setup.forward = forward;
    setup.grantor.n_ways = 4;
    setup.grantor.n_keep = 4;
    setup.grantor.drain_after = 100;
    if (vsw_netback_start(&nb, &sw, &setup, &err)) {
        fail_msg("%s", err.text);
    }
}

static void
tear_down(void)
{
    vsw_netback_fini(&nb);
    vsw_switch_free_ports(&sw);
    vsw_pkts_fini(&pkts);
    vsw_outcome_free(sw.outcome);
    rig_fini(&rig);
}

/* Each guest sends to the next one. */
static void
run(uint32_t frame_bytes)
{
    for (uint32_t i = 0; i < N_GUESTS; i++) {
        fake_guest_start(&guests[i], &sw, i, i, frame_bytes, N_PKTS);
    }
    rig_run(&rig);
}

static uint64_t
n_ops(enum vsw_grant_op op)
{
    return nb.foreign.n_ops[op];
}

static void
assert_all_came_and_nothing_is_held(void)
{
    for (uint32_t i = 0; i < N_GUESTS; i++) {
        assert_int_equal(guests[i].n_received, N_PKTS);
        assert_int_equal(guests[i].n_taken_back,
                         guests[i].vnic->queue->tx.filled);
        assert_int_equal(nb.vifs[i].n_held, 0);
        assert_int_equal(nb.vifs[i].n_queued_slots, 0);
    }
    for (uint32_t i = 0; i < nb.n_threads; i++) {
        assert_int_equal(nb.threads[i].n_pending, 0);
        assert_true(nb.threads[i].blocked);
        assert_int_equal(nb.threads[i].pool.n_free, nb.setup.n_pool);
    }
    for (uint32_t i = 0; i < nb.foreign.setup.n_refs; i++) {
        assert_int_equal(nb.foreign.n_uses[i], 0);
    }
    assert_null(vsw_foreign_audit(&nb.foreign));
}

static void
mapped_packets_arrive_and_pages_come_back(void **state)
{
    const struct vsw_netback_setup setup = {.tx = VSW_NETBACK_MAP};

    (void) state;
    set_up(&setup, 1);
    run(9000);
    assert_all_came_and_nothing_is_held();
    assert_int_equal(n_ops(VSW_GRANT_OP_MAP), N_GUESTS * N_PKTS * 3);
    assert_int_equal(n_ops(VSW_GRANT_OP_UNMAP), N_GUESTS * N_PKTS * 3);
    assert_int_equal(n_ops(VSW_GRANT_OP_COPY), N_GUESTS * N_PKTS * 3);
    assert_int_equal(nb.foreign.n_live, 0);
    tear_down();
}

/* The driver domain is the bottleneck, so its batches grow. */
static void
a_busy_driver_domain_batches_what_waits(void **state)
{
    const struct vsw_netback_setup setup = {.tx = VSW_NETBACK_MAP};

    (void) state;
    set_up(&setup, 1);
    run(1500);
    assert_all_came_and_nothing_is_held();
    assert_true(n_ops(VSW_GRANT_OP_MAP)
                > 4 * nb.foreign.n_calls[VSW_GRANT_OP_MAP]);
    assert_true(nb.vifs[0].n_kicks < N_PKTS / 4);
    assert_true(nb.vifs[0].n_kicks + nb.vifs[0].n_kicks_spared == N_PKTS);
    tear_down();
}

/* Rings hold more than the thread may map, so that packets of one vNIC wait
 * for pages of others to come back: batches stay above half of that limit. */
static void
batches_stay_large_when_mappings_are_short(void **state)
{
    const struct vsw_netback_setup setup = {.tx = VSW_NETBACK_MAP};

    (void) state;
    n_slots = 256;
    set_up(&setup, 1);
    run(9000);
    assert_all_came_and_nothing_is_held();
    assert_true(n_ops(VSW_GRANT_OP_MAP)
                > 128 * nb.foreign.n_calls[VSW_GRANT_OP_MAP]);
    tear_down();
    n_slots = 64;
}

static void
copied_packets_need_no_mapping(void **state)
{
    const struct vsw_netback_setup setup = {.tx = VSW_NETBACK_COPY};

    (void) state;
    set_up(&setup, 1);
    run(9000);
    assert_all_came_and_nothing_is_held();
    assert_int_equal(n_ops(VSW_GRANT_OP_MAP), 0);
    assert_int_equal(n_ops(VSW_GRANT_OP_COPY), N_GUESTS * N_PKTS * 6);
    assert_int_equal(rig_busy_ps(units[0], VSW_ACCOUNT_GRANT_COPY),
                     N_GUESTS * N_PKTS * 2 * UINT64_C(8996) * 100);
    tear_down();
}

/* Guests 0 and 2 are on one thread, 1 and 3 on the other: each packet
 * crosses. */
static void
threads_wake_each_other(void **state)
{
    const struct vsw_netback_setup setup = {.tx = VSW_NETBACK_MAP};

    (void) state;
    set_up(&setup, 2);
    run(1500);
    assert_all_came_and_nothing_is_held();
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(nb.threads[i].n_wakes > 0);
        assert_true(rig_busy_ps(units[i], VSW_ACCOUNT_NETBACK) > 0);
    }
    tear_down();
}

static void
each_variant_of_the_iommu_keeps_its_table_right(void **state)
{
    (void) state;
    for (int i = 0; i < 4; i++) {
        const struct vsw_netback_setup setup = {
            .tx = VSW_NETBACK_MAP,
            .foreign = {
                .has_iommu = true,
                .flush_iotlb_each = i & 1,
                .mapcount = i & 2 ? VSW_MAPCOUNT_COUNTER : VSW_MAPCOUNT_SCAN,
            },
        };

        set_up(&setup, 2);
        run(9000);
        assert_all_came_and_nothing_is_held();
        assert_int_equal(nb.foreign.iommu.n_maps, N_GUESTS * N_PKTS * 3);
        if (i & 1) {
            assert_int_equal(nb.foreign.iommu.n_flushes,
                             N_GUESTS * N_PKTS * 3);
        } else {
            assert_int_equal(nb.foreign.iommu.n_flushes,
                             nb.foreign.n_calls[VSW_GRANT_OP_UNMAP]);
        }
        assert_int_equal(nb.foreign.n_scanned > 0, !(i & 2));
        tear_down();
    }
}

static void
guests_that_issue_pages_spare_the_driver_domain_hypercalls(void **state)
{
    static const enum vsw_grant_scheme schemes[] = {
        VSW_GRANT_NO_REUSE, VSW_GRANT_REUSED, VSW_GRANT_SLAB,
        VSW_GRANT_COARSE,
    };
    uint64_t n_revokes[VSW_N_ELEMS(schemes)];

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(schemes); i++) {
        const struct vsw_netback_setup setup = {
            .scheme = schemes[i],
            .foreign = {.has_iommu = true},
        };

        set_up(&setup, 1);
        run(9000);
        assert_all_came_and_nothing_is_held();
        assert_int_equal(rig_busy_ps(units[0], VSW_ACCOUNT_GRANT), 0);
        assert_true(rig_busy_ps(units[0], VSW_ACCOUNT_COPY) > 0);
        n_revokes[i] = n_ops(VSW_GRANT_OP_REVOKE);
        tear_down();
    }
    /* What is sent and what is received, each page once. */
    assert_int_equal(n_revokes[0], N_GUESTS * N_PKTS * 6);
    assert_true(n_revokes[1] < n_revokes[0] / 20);
    assert_int_equal(n_revokes[3], 0);
}

static void
guests_wait_for_each_others_flushes(void **state)
{
    const struct vsw_netback_setup setup = {
        .scheme = VSW_GRANT_NO_REUSE,
        .foreign = {.has_iommu = true, .flush_iotlb_each = true},
    };

    (void) state;
    set_up(&setup, 1);
    rig_set_cost(&rig, VSW_COST_IOTLB_FLUSH, 5 * US);
    run(1500);
    assert_all_came_and_nothing_is_held();
    assert_true(rig_busy_ps(units[1], VSW_ACCOUNT_LOCK) > 100 * US);
    assert_true(rig_busy_ps(units[1], VSW_ACCOUNT_TLB_FLUSH) > 100 * US);
    assert_true(rig_busy_ps(units[0], VSW_ACCOUNT_TLB_FLUSH) > 0);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapped_packets_arrive_and_pages_come_back),
        cmocka_unit_test(a_busy_driver_domain_batches_what_waits),
        cmocka_unit_test(batches_stay_large_when_mappings_are_short),
        cmocka_unit_test(copied_packets_need_no_mapping),
        cmocka_unit_test(threads_wake_each_other),
        cmocka_unit_test(each_variant_of_the_iommu_keeps_its_table_right),
        cmocka_unit_test(
            guests_that_issue_pages_spare_the_driver_domain_hypercalls),
        cmocka_unit_test(guests_wait_for_each_others_flushes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
