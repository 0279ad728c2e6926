#include <vswsim/pages.h>

#include "vsw_test.h"

#include <string.h>

#include <vswsim/buf_mem.h>

#include "rig.h"

#define N_CPUS 2
#define N_PAGES 512
#define N_BUFS 4

static const struct vsw_sim_options options = {
    .quantum_ps = US, .duration_ps = 100 * US,
};

static const struct vsw_hw_cache cache = {
    .size_bytes = 32 << 10, .n_ways = 8, .latency_cycles = 4,
    .n_sharing_cpus = 1,
};

static struct rig rig;
static struct vsw_pages pages;

/* Two nodes of one CPU. */
static void
describe(struct vsw_machine *m)
{
    m->name = "rig";
    m->clock_hz = m->tsc_hz = 1000000000;
    m->n_cpus = N_CPUS;
    m->n_cpus_per_node = 1;
    m->hw.caches.l1d = m->hw.caches.l1i = cache;
    m->hw.caches.l2 = m->hw.caches.l3 = cache;
    m->hw.caches.l2.latency_cycles = 10;
    m->hw.caches.l3.latency_cycles = 40;
    m->hw.cpu.n_line_fills = 10;
    m->hw.memory.latency_ns = 100;
    m->hw.memory.peak_bytes_per_s = 10000000000;
    m->hw.cross_link.latency_ns = 50;
    m->hw.cross_link.bytes_per_s = 10000000000;
}

static void
start(bool caches)
{
    struct vsw_error err;

    memset(&rig, 0, sizeof rig);
    describe(&rig.machine);
    rig.machine.costs = rig.costs;
    rig.machine.n_costs = VSW_N_COSTS;
    vsw_sim_init(&rig.sim, &rig.machine, &options);
    if (caches && vsw_mem_start(&rig.sim, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(vsw_pages_init(&pages, &rig.sim, N_CPUS, 0, 2, N_PAGES),
                     0);
}

static int
set_up(void **state)
{
    (void) state;
    start(true);
    return 0;
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_pages_fini(&pages);
    rig_fini(&rig);
    return 0;
}

static bool
is_among(uint64_t addr, const uint64_t *addrs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (addrs[i] == addr) {
            return true;
        }
    }
    return false;
}

static void
get(uint32_t cpu, uint64_t *addrs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        addrs[i] = vsw_pages_get(&pages, cpu, 0);
        assert_true(addrs[i] != 0 && !is_among(addrs[i], addrs, i));
    }
}

static void
put(uint32_t cpu, const uint64_t *addrs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        vsw_pages_put(&pages, cpu, addrs[i]);
    }
}

static void
the_page_that_a_cpu_freed_last_comes_first(void **state)
{
    uint64_t addrs[8];

    (void) state;
    get(0, addrs, 8);
    put(0, addrs, 8);
    for (uint32_t i = 8; i-- > 0;) {
        assert_int_equal(vsw_pages_get(&pages, 0, 0), addrs[i]);
    }
}

static void
what_another_cpu_freed_stays_there_up_to_the_high_mark(void **state)
{
    uint64_t addrs[VSW_PAGES_HIGH];
    uint64_t more[VSW_PAGES_HIGH];

    (void) state;
    get(0, addrs, VSW_PAGES_HIGH);
    put(1, addrs, VSW_PAGES_HIGH);
    get(0, more, VSW_PAGES_HIGH);
    for (uint32_t i = 0; i < VSW_PAGES_HIGH; i++) {
        assert_false(is_among(more[i], addrs, VSW_PAGES_HIGH));
    }
}

static void
beyond_the_mark_those_freed_first_go_to_whoever_asks(void **state)
{
    uint64_t addrs[VSW_PAGES_HIGH + 1];
    uint64_t more[2 * VSW_PAGES_BATCH];
    uint32_t n_old = 0;

    (void) state;
    get(0, addrs, VSW_PAGES_HIGH + 1);
    put(1, addrs, VSW_PAGES_HIGH + 1);
    get(0, more, 2 * VSW_PAGES_BATCH);
    for (uint32_t i = 0; i < 2 * VSW_PAGES_BATCH; i++) {
        assert_false(is_among(more[i], addrs + VSW_PAGES_BATCH,
                              VSW_PAGES_HIGH + 1 - VSW_PAGES_BATCH));
        n_old += is_among(more[i], addrs, VSW_PAGES_BATCH);
    }
    assert_int_equal(n_old, VSW_PAGES_BATCH);
}

static void
pages_go_back_to_the_node_they_are_of(void **state)
{
    uint64_t addr = vsw_pages_get(&pages, 0, 1);
    uint64_t other = vsw_pages_get(&pages, 0, 0);

    (void) state;
    assert_true(addr != other);
    vsw_pages_put(&pages, 1, addr);
    assert_true(vsw_pages_get(&pages, 1, 0) != addr);
    assert_int_equal(vsw_pages_get(&pages, 1, 1), addr);
}

static void
a_node_without_pages_gives_none(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < N_PAGES; i++) {
        assert_true(vsw_pages_get(&pages, 0, 0) != 0);
    }
    assert_int_equal(vsw_pages_get(&pages, 0, 0), 0);
    assert_true(vsw_pages_get(&pages, 0, 1) != 0);
}

static void
buffers_lie_in_lent_pages_until_they_return(void **state)
{
    struct vsw_bufs bufs;
    struct vsw_bufpool pool;
    uint64_t own[N_BUFS];
    uint64_t lent;
    uint32_t buf;

    (void) state;
    assert_int_equal(vsw_bufs_init(&bufs, N_BUFS), 0);
    vsw_bufpool_init(&pool, &bufs, N_BUFS);
    assert_int_equal(vsw_bufs_place(&bufs, &rig.sim, 0, N_BUFS, 4096, 0), 0);
    for (uint32_t i = 0; i < N_BUFS; i++) {
        own[i] = vsw_buf_addr(&bufs, i);
    }
    buf = vsw_bufpool_get(&pool, N_BUFS);
    vsw_bufs_lend(&bufs, &pages, 0, 0, buf);
    for (uint32_t i = 0; i < N_BUFS; i++) {
        assert_false(is_among(vsw_buf_addr(&bufs, i), own, N_BUFS));
    }
    lent = vsw_buf_addr(&bufs, buf);
    vsw_bufs_lend(&bufs, &pages, 0, 0, buf);
    assert_int_equal(vsw_buf_addr(&bufs, buf), lent);

    vsw_bufs_return(&bufs, &pages, 1, buf);
    for (uint32_t i = 0; i < N_BUFS; i++) {
        assert_int_equal(vsw_buf_addr(&bufs, i), own[i]);
    }
    vsw_bufs_fini(&bufs);
}

static void
there_are_none_without_caches(void **state)
{
    struct vsw_bufs bufs;

    (void) state;
    tear_down(state);
    start(false);
    assert_int_equal(vsw_bufs_init(&bufs, N_BUFS), 0);
    assert_false(vsw_pages_exist(&pages));
    vsw_bufs_lend(&bufs, &pages, 0, 0, vsw_bufs_take(&bufs));
    vsw_bufs_fini(&bufs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_page_that_a_cpu_freed_last_comes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_another_cpu_freed_stays_there_up_to_the_high_mark, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            beyond_the_mark_those_freed_first_go_to_whoever_asks, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(pages_go_back_to_the_node_they_are_of,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_node_without_pages_gives_none,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            buffers_lie_in_lent_pages_until_they_return, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_are_none_without_caches, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
