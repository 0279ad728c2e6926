/* How a guest grants the pages of its rings, scheme by scheme. */
#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/grantor.h>
#include <vswsim/workload.h>

#include "rig.h"
#include "vsw_random.h"

#define N_SLOTS     16
#define N_BUFS      (4 * N_SLOTS)
#define ARENA_BYTES 8192

static struct rig rig;
static struct vsw_bufs bufs;
static struct vsw_queue queue;
static struct vsw_foreign foreign;
static struct vsw_grantor grantor;
static struct vsw_worker guest;
static struct vsw_arena arena;
static _Alignas(64) unsigned char memory[ARENA_BYTES];
static struct vsw_error err;

/* Batches to get and put in turn, 'ahead' of them at a time in use. */
static struct {
    enum vsw_grant_side side;
    uint32_t batch;
    uint32_t ahead;
    uint32_t n_rounds;
    uint32_t n_got;             /* Batches. */
    uint32_t n_put;
} work;

static void
get_and_put(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    while (work.n_put < work.n_rounds) {
        bool get = work.n_got < work.n_rounds
                   && work.n_got - work.n_put < work.ahead;
        uint32_t slot = (get ? work.n_got : work.n_put) * work.batch;

        if (!(get ? vsw_grantor_get(&grantor, work.side, worker, slot,
                                    work.batch)
                  : vsw_grantor_put(&grantor, work.side, worker, slot,
                                    work.batch))) {
            return;
        }
        assert_null(vsw_foreign_audit(&foreign));
        work.n_got += get;
        work.n_put += !get;
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
    }
}

/* CPUs of the driver domain; none if the device is the guest's own. */
static uint32_t n_targets = 1;

/* Slots that begin without a buffer. */
static uint32_t n_withheld;

static void
set_up_with(const struct vsw_grantor_setup *setup, bool has_iommu)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 100000 * US,
        .check = true,
    };
    const struct vsw_foreign_setup pages = {
        .n_pages = N_BUFS,
        .n_refs = setup->scheme == VSW_GRANT_ORIGINAL ? 0 : setup->n_refs,
        .has_iommu = has_iommu,
    };
    struct vsw_unit *target;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    rig_init_domains(&rig, 2, 2, &options);
    target = &rig.units[1];
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        rig_set_cost(&rig, i, 10 * NS);
    }
    rig_add_worker(&rig, 0, 5, &guest, get_and_put, NULL);
    assert_int_equal(vsw_bufs_init(&bufs, N_BUFS), 0);
    assert_int_equal(vsw_queue_init(&queue, &bufs, 0, 0, N_SLOTS, 4096), 0);
    vsw_ring_withhold(&queue.rx, n_withheld);
    assert_int_equal(vsw_foreign_init(&foreign, &rig.sim, &pages, &err), 0);
    assert_int_equal(vsw_grantor_init(&grantor, &foreign, &queue, setup,
                                      &target, n_targets, 0, &bufs, &arena,
                                      &err), 0);
    assert_null(vsw_foreign_audit(&foreign));
}

static void
set_up(enum vsw_grant_scheme scheme)
{
    const struct vsw_grantor_setup setup = {
        .scheme = scheme,
        .n_refs = 4 * N_SLOTS,
        .n_ways = 4,
        .n_keep = 2,
        .drain_after = 40,
    };

    set_up_with(&setup, true);
}

static void
tear_down(void)
{
    assert_null(vsw_foreign_audit(&foreign));
    vsw_grantor_fini(&grantor);
    vsw_foreign_fini(&foreign);
    vsw_queue_fini(&queue);
    vsw_bufs_fini(&bufs);
    rig_fini(&rig);
}

/* Receive buffers are posted at the start, so they are put first. */
static void
run_batches(enum vsw_grant_side side, uint32_t batch, uint32_t n_rounds)
{
    memset(&work, 0, sizeof work);
    work.side = side;
    work.batch = batch;
    work.ahead = 2;
    work.n_rounds = n_rounds;
    if (side == VSW_GRANT_RX) {
        work.n_got = N_SLOTS / batch;
        work.n_rounds += work.n_got;
        work.ahead = work.n_got;
    }
    vsw_worker_wake(&guest, 0);
    rig_run(&rig);
    assert_int_equal(work.n_put, work.n_rounds);
}

static uint64_t
n_calls(enum vsw_grant_op op)
{
    return foreign.n_calls[op];
}

static void
the_original_scheme_needs_no_hypercall_of_the_guest(void **state)
{
    (void) state;
    set_up(VSW_GRANT_ORIGINAL);
    run_batches(VSW_GRANT_TX, 4, 10);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_GRANT),
                     10 * 8 * 10 * NS);
    for (int op = 0; op < VSW_GRANT_N_OPS; op++) {
        assert_int_equal(n_calls((enum vsw_grant_op) op), 0);
    }
    tear_down();
}

static void
without_reuse_each_batch_is_issued_and_revoked(void **state)
{
    (void) state;
    set_up(VSW_GRANT_NO_REUSE);
    run_batches(VSW_GRANT_TX, 4, 10);
    assert_int_equal(n_calls(VSW_GRANT_OP_ISSUE), 10);
    assert_int_equal(n_calls(VSW_GRANT_OP_REVOKE), 10);
    assert_int_equal(foreign.n_ops[VSW_GRANT_OP_REVOKE], 40);
    assert_int_equal(foreign.n_issued, N_SLOTS);    /* Receive buffers. */
    assert_int_equal(foreign.iommu.n_flushes, 10);
    tear_down();
}

static void
without_reuse_receive_buffers_come_and_go_too(void **state)
{
    (void) state;
    set_up(VSW_GRANT_NO_REUSE);
    run_batches(VSW_GRANT_RX, 4, 10);
    assert_int_equal(n_calls(VSW_GRANT_OP_REVOKE), 14);
    assert_int_equal(n_calls(VSW_GRANT_OP_ISSUE), 10);
    assert_int_equal(foreign.n_issued, 0);
    tear_down();
}

/* At first, buffers that are posted are issued, and no others. */
static void
only_posted_buffers_are_issued_at_first(void **state)
{
    (void) state;
    n_withheld = N_SLOTS - 6;
    set_up(VSW_GRANT_NO_REUSE);
    assert_int_equal(foreign.n_issued, 6);
    tear_down();
    set_up(VSW_GRANT_COARSE);
    assert_int_equal(foreign.n_issued, 2 * N_SLOTS);
    tear_down();
    n_withheld = 0;
}

static void
with_reuse_a_page_is_granted_once(void **state)
{
    (void) state;
    set_up(VSW_GRANT_REUSED);
    run_batches(VSW_GRANT_TX, 4, 40);
    assert_int_equal(grantor.n_gets, 160);
    assert_int_equal(foreign.n_ops[VSW_GRANT_OP_ISSUE] + grantor.n_reused
                         + grantor.n_bounced,
                     160);
    assert_in_range(grantor.n_reused, 120, 144);
    assert_int_equal(foreign.n_ops[VSW_GRANT_OP_REVOKE],
                     foreign.n_ops[VSW_GRANT_OP_ISSUE]
                         - (foreign.n_issued - N_SLOTS));
    tear_down();
}

/* A table of fewer places than the guest has pages to send from. */
static void
a_small_table_replaces_what_is_not_in_use(void **state)
{
    const struct vsw_grantor_setup setup = {
        .scheme = VSW_GRANT_REUSED,
        .n_refs = 2 * N_SLOTS,
        .n_ways = 4,
    };

    (void) state;
    set_up_with(&setup, true);
    run_batches(VSW_GRANT_TX, 4, 40);
    assert_true(foreign.n_issued <= 2 * N_SLOTS);
    assert_true(foreign.n_ops[VSW_GRANT_OP_REVOKE] > 0
                || grantor.n_reused >= 140);
    tear_down();
}

static void
a_slab_reuses_buffers_and_drains_now_and_then(void **state)
{
    (void) state;
    set_up(VSW_GRANT_SLAB);
    run_batches(VSW_GRANT_RX, 4, 40);
    assert_in_range(n_calls(VSW_GRANT_OP_REVOKE), 1, 176 / 40);
    assert_true(grantor.n_reused > 120);
    assert_true(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_BUFFER) > 0);
    tear_down();
}

static void
coarse_protection_costs_nothing_per_packet(void **state)
{
    (void) state;
    set_up(VSW_GRANT_COARSE);
    assert_int_equal(foreign.n_issued, 2 * N_SLOTS);
    run_batches(VSW_GRANT_TX, 4, 40);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_GRANT), 0);
    assert_int_equal(foreign.n_issued, 2 * N_SLOTS);
    tear_down();
}

/* What is not granted is copied. */
static void
a_full_set_bounces(void **state)
{
    const struct vsw_grantor_setup setup = {
        .scheme = VSW_GRANT_REUSED,
        .n_refs = 2 * N_SLOTS,
        .n_ways = 1,
    };

    (void) state;
    set_up_with(&setup, false);
    run_batches(VSW_GRANT_TX, 8, 40);
    assert_true(grantor.n_bounced > 0);
    assert_true(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_COPY)
                >= grantor.n_bounced * 4096 * 10 * NS);
    tear_down();
}

/* Strict protection of a directly assigned device: the same hypercalls and
 * flushes of the IOTLB, but nobody else's TLB. */
static void
a_device_of_the_guest_needs_no_shootdown(void **state)
{
    (void) state;
    n_targets = 0;
    set_up(VSW_GRANT_NO_REUSE);
    run_batches(VSW_GRANT_TX, 4, 10);
    assert_int_equal(n_calls(VSW_GRANT_OP_REVOKE), 10);
    assert_int_equal(foreign.iommu.n_flushes, 10);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_TLB_FLUSH), 0);
    assert_int_equal(rig_busy_ps(&rig.units[1], VSW_ACCOUNT_TLB_FLUSH), 0);
    tear_down();
    n_targets = 1;
    set_up(VSW_GRANT_NO_REUSE);
    run_batches(VSW_GRANT_TX, 4, 10);
    assert_int_equal(rig_n_charges(&rig.units[1], VSW_ACCOUNT_TLB_FLUSH),
                     20);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_original_scheme_needs_no_hypercall_of_the_guest),
        cmocka_unit_test(without_reuse_each_batch_is_issued_and_revoked),
        cmocka_unit_test(without_reuse_receive_buffers_come_and_go_too),
        cmocka_unit_test(only_posted_buffers_are_issued_at_first),
        cmocka_unit_test(with_reuse_a_page_is_granted_once),
        cmocka_unit_test(a_small_table_replaces_what_is_not_in_use),
        cmocka_unit_test(a_slab_reuses_buffers_and_drains_now_and_then),
        cmocka_unit_test(coarse_protection_costs_nothing_per_packet),
        cmocka_unit_test(a_full_set_bounces),
        cmocka_unit_test(a_device_of_the_guest_needs_no_shootdown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
