#include <vswsim/cache_flat.h>

#include "vsw_test.h"

#include <errno.h>

#include <vswsim/machine.h>

static const struct vsw_memsys_config machine = {
    .n_cpus = 8,
    .l1d = { 32 << 10, 8, 1, VSW_CACHE_LRU },
    .l1i = { 32 << 10, 8, 1, VSW_CACHE_LRU },
    .l2 = { 256 << 10, 8, 1, VSW_CACHE_LRU },
    .l3 = { 2 << 20, 16, 4, VSW_CACHE_LRU },
    .node_shift = 36,
    .n_overlap = 1,
    .latency_ps = {
        [VSW_FROM_L1] = 1, [VSW_FROM_L2] = 10, [VSW_FROM_L3] = 100,
        [VSW_FROM_L3_PEER_DIRTY] = 200, [VSW_FROM_NODE_DIRTY] = 500,
        [VSW_FROM_DRAM] = 1000,
    },
};

/* Of a copy of 64 lines, in 2^-10 ps per line. */
static uint64_t
copy_cost(enum vsw_mem_source src, enum vsw_mem_source dst)
{
    static struct vsw_error err;
    uint64_t cost;

    if (vsw_cache_flat_copy(&machine, src, dst, 4096, &cost, &err)) {
        fail_msg("%s", err.text);
    }
    return cost * 64;
}

static void
flat_costs_are_those_of_a_read_and_a_write(void **state)
{
    static const enum vsw_mem_source places[] = {
        VSW_FROM_L1, VSW_FROM_L2, VSW_FROM_L3, VSW_FROM_L3_PEER_DIRTY,
        VSW_FROM_NODE_DIRTY, VSW_FROM_DRAM,
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(places); i++) {
        for (size_t j = 0; j < VSW_N_ELEMS(places); j++) {
            uint64_t ps = machine.latency_ps[places[i]]
                          + machine.latency_ps[places[j]];

            assert_in_range(copy_cost(places[i], places[j]),
                            (ps << VSW_COST_FRACTION_BITS) - 64,
                            ps << VSW_COST_FRACTION_BITS);
        }
    }
}

static void
flat_costs_that_make_no_sense_are_refused(void **state)
{
    struct vsw_memsys_config one = machine;
    struct vsw_error err;
    uint64_t cost;

    (void) state;
    assert_int_equal(vsw_cache_flat_copy(&machine, VSW_FROM_L1, VSW_FROM_L1,
                                         32 << 10, &cost, &err), -ERANGE);
    one.n_cpus = 4;
    assert_int_equal(vsw_cache_flat_copy(&one, VSW_FROM_NODE_DIRTY,
                                         VSW_FROM_L1, 64, &cost, &err),
                     -EINVAL);
    assert_int_equal(vsw_cache_flat_copy(&one, VSW_FROM_L2_PEER_CLEAN,
                                         VSW_FROM_L1, 64, &cost, &err),
                     -EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_costs_are_those_of_a_read_and_a_write),
        cmocka_unit_test(flat_costs_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
