#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/iommu.h>
#include <vswsim/random.h>
#include <vswsim/workload.h>

#include "rig.h"

#define N_PAGES 256

static struct rig rig;
static struct vsw_iommu iommu;
static struct vsw_unit *cpu;
static struct vsw_error err;

static void
set_up(uint32_t n_entries, uint32_t batch_pages)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 100000 * US,
    };
    const struct vsw_iommu_setup setup = {N_PAGES, n_entries, batch_pages};

    rig_init(&rig, 1, &options);
    rig_set_cost(&rig, VSW_COST_IOMMU_MAP, 100 * NS);
    rig_set_cost(&rig, VSW_COST_IOMMU_UNMAP, 50 * NS);
    rig_set_cost(&rig, VSW_COST_IOTLB_FLUSH, 10 * US);
    cpu = &rig.units[0];
    assert_int_equal(vsw_iommu_init(&iommu, &rig.sim, &setup, &err), 0);
}

static void
tear_down(void)
{
    vsw_iommu_fini(&iommu);
    rig_fini(&rig);
}

static void
assert_access(uint32_t page, enum vsw_iommu_access expected, uint32_t frame)
{
    uint32_t to = 0;

    assert_int_equal(vsw_iommu_access(&iommu, page, &to), expected);
    if (expected != VSW_IOMMU_FAULT) {
        assert_int_equal(to, frame);
    }
}

static void
a_device_reaches_what_is_mapped_and_nothing_else(void **state)
{
    (void) state;
    set_up(16, 1);
    assert_access(7, VSW_IOMMU_FAULT, 0);
    assert_int_equal(vsw_iommu_map(&iommu, cpu, 7, 1007), 0);
    assert_int_equal(vsw_iommu_map(&iommu, cpu, 7, 1008), -EEXIST);
    assert_access(7, VSW_IOMMU_MISS, 1007);
    assert_access(7, VSW_IOMMU_HIT, 1007);
    assert_access(8, VSW_IOMMU_FAULT, 0);
    assert_int_equal(vsw_iommu_unmap(&iommu, cpu, 8), -ENOENT);
    assert_int_equal(vsw_iommu_unmap(&iommu, cpu, 7), 0);
    assert_access(7, VSW_IOMMU_FAULT, 0);
    tear_down();
}

static void
strict_unmapping_flushes_each_time(void **state)
{
    (void) state;
    set_up(16, 1);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(vsw_iommu_map(&iommu, cpu, i, i), 0);
        assert_int_equal(vsw_iommu_unmap(&iommu, cpu, i), 0);
    }
    assert_int_equal(iommu.n_flushes, 10);
    assert_int_equal(iommu.n_mapped, 0);
    assert_int_equal(vsw_iommu_flush(&iommu, cpu), 0);
    assert_int_equal(rig_busy_ps(cpu, VSW_ACCOUNT_IOMMU), 10 * 150 * NS);
    assert_int_equal(rig_busy_ps(cpu, VSW_ACCOUNT_IOTLB), 100 * US);
    tear_down();
}

static void
a_batch_of_unmaps_flushes_once_and_is_exposed_until_then(void **state)
{
    (void) state;
    set_up(16, 8);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(vsw_iommu_map(&iommu, cpu, i, 50 + i), 0);
        assert_access(i, VSW_IOMMU_MISS, 50 + i);
    }
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(vsw_iommu_unmap(&iommu, cpu, i), 0);
    }
    assert_int_equal(iommu.n_flushes, 0);
    assert_access(3, VSW_IOMMU_STALE, 53);
    assert_int_equal(vsw_iommu_map(&iommu, cpu, 3, 99), -EBUSY);
    assert_int_equal(vsw_iommu_flush(&iommu, cpu), 5);
    assert_access(3, VSW_IOMMU_FAULT, 0);
    assert_int_equal(vsw_iommu_map(&iommu, cpu, 3, 99), 0);
    assert_access(3, VSW_IOMMU_MISS, 99);
    assert_int_equal(iommu.n_flushes, 1);
    assert_int_equal(rig_busy_ps(cpu, VSW_ACCOUNT_IOTLB), 10 * US);
    tear_down();
}

static void
a_full_batch_flushes_itself(void **state)
{
    (void) state;
    set_up(16, 8);
    for (uint32_t i = 0; i < 24; i++) {
        assert_int_equal(vsw_iommu_map(&iommu, cpu, i, i), 0);
    }
    for (uint32_t i = 0; i < 24; i++) {
        assert_int_equal(vsw_iommu_unmap(&iommu, cpu, i), 0);
    }
    assert_int_equal(iommu.n_flushes, 3);
    assert_int_equal(iommu.n_pending, 0);
    tear_down();
}

static void
a_set_of_the_iotlb_forgets_what_was_used_longest_ago(void **state)
{
    (void) state;
    set_up(8, 1);                   /* Two sets: even and odd pages. */
    for (uint32_t i = 0; i < 10; i += 2) {
        assert_int_equal(vsw_iommu_map(&iommu, cpu, i, i), 0);
        assert_access(i, VSW_IOMMU_MISS, i);
        assert_access(0, VSW_IOMMU_HIT, 0);
    }
    assert_access(2, VSW_IOMMU_MISS, 2);
    assert_access(0, VSW_IOMMU_HIT, 0);
    tear_down();
}

/* Against what must hold of any IOMMU, kept in two plain arrays. */
static void
any_order_of_operations_keeps_its_promises(void **state)
{
    static uint32_t frame_of[N_PAGES];
    static bool waits[N_PAGES];
    struct vsw_random r;

    (void) state;
    set_up(32, 16);
    vsw_random_init(&r, 1, VSW_RANDOM_PRIVATE, 0, 0);
    memset(frame_of, 0xff, sizeof frame_of);
    memset(waits, 0, sizeof waits);
    for (uint32_t i = 0; i < 200000; i++) {
        uint32_t page = (uint32_t) vsw_random_below(&r, N_PAGES);
        uint64_t n_flushes = iommu.n_flushes;
        uint32_t to = VSW_NONE;
        int error;

        switch (vsw_random_below(&r, 4)) {
        case 0:
            error = vsw_iommu_map(&iommu, cpu, page, i);
            assert_int_equal(error, frame_of[page] != VSW_NONE ? -EEXIST
                                    : waits[page] ? -EBUSY : 0);
            frame_of[page] = error ? frame_of[page] : i;
            break;
        case 1:
            error = vsw_iommu_unmap(&iommu, cpu, page);
            assert_int_equal(error, frame_of[page] == VSW_NONE ? -ENOENT : 0);
            waits[page] |= !error;
            frame_of[page] = VSW_NONE;
            break;
        default:
            switch (vsw_iommu_access(&iommu, page, &to)) {
            case VSW_IOMMU_STALE:
                assert_true(waits[page]);
                break;
            case VSW_IOMMU_FAULT:
                assert_int_equal(frame_of[page], VSW_NONE);
                break;
            default:
                assert_int_equal(to, frame_of[page]);
                break;
            }
            break;
        }
        if (vsw_random_below(&r, 50) == 0) {
            vsw_iommu_flush(&iommu, cpu);
        }
        if (iommu.n_flushes != n_flushes) {
            memset(waits, 0, sizeof waits);
        }
    }
    assert_true(iommu.n_accesses[VSW_IOMMU_STALE] > 100);
    assert_true(iommu.n_accesses[VSW_IOMMU_HIT] > 100);
    tear_down();
}

static void
a_setup_out_of_range_is_refused(void **state)
{
    const struct vsw_iommu_setup bad[] = {
        {0, 16, 1}, {16, 2, 1}, {16, 12, 1}, {16, 16, 0},
    };
    struct vsw_iommu other;

    (void) state;
    set_up(16, 1);
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        assert_int_equal(vsw_iommu_init(&other, &rig.sim, &bad[i], &err),
                         -EINVAL);
        assert_non_null(strstr(err.text, "an IOMMU needs pages"));
    }
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_reaches_what_is_mapped_and_nothing_else),
        cmocka_unit_test(strict_unmapping_flushes_each_time),
        cmocka_unit_test(
            a_batch_of_unmaps_flushes_once_and_is_exposed_until_then),
        cmocka_unit_test(a_full_batch_flushes_itself),
        cmocka_unit_test(a_set_of_the_iotlb_forgets_what_was_used_longest_ago),
        cmocka_unit_test(any_order_of_operations_keeps_its_promises),
        cmocka_unit_test(a_setup_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
