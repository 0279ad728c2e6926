#include <vswsim/cache_obs.h>

#include "vsw_test.h"

#include <errno.h>

#include <vswsim/cache_flat.h>
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

struct fixture {
    struct vsw_memsys *ms;
    struct vsw_mem_result r;
    struct vsw_cache_obs obs;
    _Alignas(64) unsigned char here[1024];
    _Alignas(64) unsigned char there[256];
};

static struct fixture f;

static void
set_up(void)
{
    f.ms = vsw_memsys_new(&machine, NULL);
    assert_non_null(f.ms);
    f.r = (struct vsw_mem_result) { .latency_ps = 0 };
    vsw_cache_obs_init(&f.obs, f.ms, 3, &f.r);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.here, sizeof f.here, 4096),
                     0);
}

static void
touches_become_accesses_at_the_simulated_address(void **state)
{
    struct vsw_mem_result r = { .latency_ps = 0 };

    (void) state;
    set_up();
    vsw_touch(&f.obs.obs, f.here + 60, 8, VSW_MEM_WRITE);
    assert_int_equal(vsw_cache_obs_take(&f.obs), 2000);
    assert_int_equal(vsw_cache_obs_take(&f.obs), 0);
    assert_int_equal(f.r.n_from[VSW_LINE_WRITE][VSW_FROM_DRAM], 2);
    /* CPU 3 has the lines at 4096 and 4160, dirty. */
    vsw_memsys_access(f.ms, 3, 4096, 128, VSW_LINE_READ, &r);
    vsw_memsys_access(f.ms, 0, 4096, 128, VSW_LINE_READ, &r);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_L1], 2);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_L3_PEER_DIRTY], 2);
    vsw_memsys_free(f.ms);
}

static void
memory_that_was_not_mapped_is_counted_and_ignored(void **state)
{
    (void) state;
    set_up();
    vsw_touch(&f.obs.obs, f.there, 8, VSW_MEM_READ);
    vsw_touch(&f.obs.obs, f.here + 1020, 8, VSW_MEM_READ);
    assert_int_equal(f.obs.n_unknown, 2);
    assert_int_equal(vsw_cache_obs_take(&f.obs), 0);
    vsw_memsys_free(f.ms);
}

static void
ranges_must_be_aligned_and_apart(void **state)
{
    (void) state;
    set_up();
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.there + 1, 64, 0), -EINVAL);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.there, 64, 1), -EINVAL);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.there, 128, 4032), -EINVAL);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.here + 64, 64, 0), -EINVAL);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.there, 64,
                                       UINT64_C(1) << 60), -EINVAL);
    assert_int_equal(vsw_cache_obs_map(&f.obs, f.there, 64, 4032), 0);
    vsw_memsys_free(f.ms);
}

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
        cmocka_unit_test(touches_become_accesses_at_the_simulated_address),
        cmocka_unit_test(memory_that_was_not_mapped_is_counted_and_ignored),
        cmocka_unit_test(ranges_must_be_aligned_and_apart),
        cmocka_unit_test(flat_costs_are_those_of_a_read_and_a_write),
        cmocka_unit_test(flat_costs_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
