/* Which CPU is where, and who gets which; the lists are those of the
 * Hyper-Switch thesis for its two-socket Opteron, typing errors of the
 * printed table corrected. */
#include "vsw_test.h"

#include <vswsim/placement.h>

static const struct vsw_machine opteron = {
    .n_cpus = 32,
    .n_cpus_per_module = 2,
    .n_cpus_per_node = 8,
};

static const uint32_t hyper_switch_guests[32] = {
    31, 29, 23, 21, 15, 13, 7, 5, 27, 25, 19, 17, 11, 9, 3, 1,
    30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0,
};
static const uint32_t xen_driver_domain[8] = {31, 29, 23, 21, 15, 13, 7, 5};
static const uint32_t xen_guests[24] = {
    27, 25, 19, 17, 11, 9, 3, 1, 26, 24, 18, 16, 10, 8, 2, 0,
    30, 28, 22, 20, 14, 12, 6, 4,
};
static const uint32_t kvm_guests[32] = {
    31, 27, 23, 19, 15, 11, 7, 3, 0, 4, 8, 12, 16, 20, 24, 28,
    29, 25, 21, 17, 13, 9, 5, 1, 2, 6, 10, 14, 18, 22, 26, 30,
};
static const uint32_t kvm_threads[16] = {
    29, 25, 21, 17, 13, 9, 5, 1, 2, 6, 10, 14, 18, 22, 26, 30,
};

static void
distances_follow_modules_and_nodes(void **state)
{
    (void) state;
    assert_int_equal(vsw_cpu_distance(&opteron, 31, 31), VSW_DISTANCE_SAME);
    assert_int_equal(vsw_cpu_distance(&opteron, 31, 30),
                     VSW_DISTANCE_MODULE);
    assert_int_equal(vsw_cpu_distance(&opteron, 30, 29), VSW_DISTANCE_NODE);
    assert_int_equal(vsw_cpu_distance(&opteron, 24, 31), VSW_DISTANCE_NODE);
    assert_int_equal(vsw_cpu_distance(&opteron, 23, 24),
                     VSW_DISTANCE_REMOTE);
}

/* Each of 'n' CPUs once, and no two in one module if 'alone'. */
static void
expect_distinct(const uint32_t *cpus, uint32_t n, bool alone)
{
    for (uint32_t i = 0; i < n; i++) {
        assert_true(cpus[i] < opteron.n_cpus);
        for (uint32_t k = 0; k < i; k++) {
            enum vsw_distance d = vsw_cpu_distance(&opteron, cpus[i],
                                                   cpus[k]);

            assert_true(d > (alone ? VSW_DISTANCE_MODULE
                                   : VSW_DISTANCE_SAME));
        }
    }
}

static void
expect_pairs_on_one_node(const uint32_t *cpus, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 2) {
        assert_int_equal(vsw_cpu_distance(&opteron, cpus[i], cpus[i + 1]),
                         VSW_DISTANCE_NODE);
    }
}

static void
pinned_pairs_of_the_thesis_share_a_node_and_no_module(void **state)
{
    (void) state;
    expect_distinct(hyper_switch_guests, 32, false);
    expect_distinct(hyper_switch_guests, 16, true);
    expect_pairs_on_one_node(hyper_switch_guests, 32);
    expect_distinct(xen_guests, 24, false);
    expect_pairs_on_one_node(xen_guests, 24);
    expect_distinct(kvm_guests, 32, false);
    expect_distinct(kvm_guests, 16, true);
    expect_pairs_on_one_node(kvm_guests, 32);
}

static void
xen_guests_of_the_thesis_use_what_the_driver_domain_leaves(void **state)
{
    uint32_t all[32];

    (void) state;
    assert_int_equal(vsw_placement_fill(&opteron, xen_driver_domain, 8, NULL,
                                        0, all, 8), 8);
    for (uint32_t i = 0; i < 24; i++) {
        all[8 + i] = xen_guests[i];
    }
    expect_distinct(all, 32, false);
}

static void
vhost_threads_of_the_thesis_are_on_the_node_of_their_guest(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(vsw_cpu_distance(&opteron, kvm_guests[i],
                                          kvm_threads[i]),
                         VSW_DISTANCE_NODE);
    }
}

static void
unpinned_vcpus_take_one_cpu_of_each_module_first(void **state)
{
    uint32_t cpus[32];

    (void) state;
    for (uint32_t i = 0; i < 32; i++) {
        cpus[i] = vsw_placement_unpinned(&opteron, i);
    }
    expect_distinct(cpus, 32, false);
    expect_distinct(cpus, 16, true);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(cpus[i], 2 * i);
        assert_int_equal(cpus[16 + i], 2 * i + 1);
    }
    assert_int_equal(vsw_placement_unpinned(&opteron, 32), 0);
}

static void
without_modules_unpinned_vcpus_go_in_order(void **state)
{
    const struct vsw_machine flat = {
        .n_cpus = 6, .n_cpus_per_module = 1, .n_cpus_per_node = 3,
    };

    (void) state;
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(vsw_placement_unpinned(&flat, i), i % 6);
    }
}

static void
what_is_not_pinned_gets_the_lowest_free_cpus(void **state)
{
    const uint32_t pinned[2] = {1, 4};
    const uint32_t taken[1] = {0};
    uint32_t cpus[40];

    (void) state;
    assert_int_equal(vsw_placement_fill(&opteron, pinned, 2, taken, 1, cpus,
                                        5), 5);
    assert_int_equal(cpus[0], 1);
    assert_int_equal(cpus[1], 4);
    assert_int_equal(cpus[2], 2);
    assert_int_equal(cpus[3], 3);
    assert_int_equal(cpus[4], 5);
    assert_int_equal(vsw_placement_fill(&opteron, NULL, 0, taken, 1, cpus,
                                        40), 31);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_follow_modules_and_nodes),
        cmocka_unit_test(
            pinned_pairs_of_the_thesis_share_a_node_and_no_module),
        cmocka_unit_test(
            xen_guests_of_the_thesis_use_what_the_driver_domain_leaves),
        cmocka_unit_test(
            vhost_threads_of_the_thesis_are_on_the_node_of_their_guest),
        cmocka_unit_test(unpinned_vcpus_take_one_cpu_of_each_module_first),
        cmocka_unit_test(without_modules_unpinned_vcpus_go_in_order),
        cmocka_unit_test(what_is_not_pinned_gets_the_lowest_free_cpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
