/* What the random comparison leaves out: streams, TLBs, code, bad input, and
 * the ways of DMA said in words. */
#include <vswsim/cache.h>

#include "vsw_test.h"

#include <string.h>

#define LINE 64

/* Two modules of two CPUs in one node, tiny caches. */
static const struct vsw_memsys_config small = {
    .n_cpus = 4,
    .l1d = { 4 << 10, 4, 1, VSW_CACHE_LRU },
    .l1i = { 2 << 10, 2, 2, VSW_CACHE_LRU },
    .l2 = { 16 << 10, 8, 2, VSW_CACHE_LRU },
    .l3 = { 64 << 10, 16, 4, VSW_CACHE_LRU },
    .node_shift = 30,
    .n_overlap = 4,
    .latency_ps = {
        [VSW_FROM_L1] = 1, [VSW_FROM_L2] = 10, [VSW_FROM_L3] = 100,
        [VSW_FROM_DRAM] = 1000,
    },
};

static struct vsw_memsys *
new_memsys(const struct vsw_memsys_config *config)
{
    static struct vsw_error err;
    struct vsw_memsys *ms = vsw_memsys_new(config, &err);

    if (!ms) {
        fail_msg("%s", err.text);
    }
    return ms;
}

static void
a_stream_is_prefetched_into_the_l2_up_to_the_page_end(void **state)
{
    struct vsw_memsys_config config = small;
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms;

    (void) state;
    config.n_prefetch = 4;
    ms = new_memsys(&config);
    vsw_memsys_access(ms, 0, 0, 64 * LINE, VSW_LINE_READ, &r);
    /* Two misses make a stream; all other lines of the page were there. */
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_DRAM], 2);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_L2], 62);
    assert_int_equal(r.n_prefetches[VSW_FROM_DRAM], 62);
    assert_int_equal(r.n_dram_reads[0], 64);
    /* They were fetched all the same. */
    assert_int_equal(r.prefetched_ps, 62 * (1000 - 10));
    vsw_memsys_free(ms);
}

static void
lines_out_of_order_are_not_prefetched(void **state)
{
    struct vsw_memsys_config config = small;
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms;

    (void) state;
    config.n_prefetch = 4;
    ms = new_memsys(&config);
    for (uint64_t i = 0; i < 32; i++) {
        vsw_memsys_access(ms, 0, (64 - 2 * i) * LINE, 1, VSW_LINE_READ, &r);
    }
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_DRAM], 32);
    assert_int_equal(r.n_dram_reads[0], 32);
    vsw_memsys_free(ms);
}

static void
lines_of_a_range_overlap(void **state)
{
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms = new_memsys(&small);

    (void) state;
    assert_int_equal(vsw_memsys_range(ms, 0, 0, 9 * LINE, VSW_LINE_READ, &r),
                     1000 + 8 * 1000 / 4);
    assert_int_equal(vsw_memsys_access(ms, 0, 0, 9 * LINE, VSW_LINE_READ,
                                       &r), 9);
    assert_int_equal(r.latency_ps, 3009);
    vsw_memsys_free(ms);
}

static void
a_copy_reads_and_writes_each_line_once(void **state)
{
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms = new_memsys(&small);

    (void) state;
    /* 100 bytes at 60 lie on three lines, at 4096 on two. */
    vsw_memsys_copy(ms, 0, 4096, 60, 100, &r);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_DRAM], 3);
    assert_int_equal(r.n_from[VSW_LINE_WRITE][VSW_FROM_DRAM], 2);
    vsw_memsys_free(ms);
}

/* Misses of CPU 0 in its L1i when it and 'other' run code by turns. */
static uint64_t
code_misses(uint32_t other)
{
    const struct vsw_footprint ours = { 1 << 20, 24 };
    const struct vsw_footprint theirs = { 2 << 20, 24 };
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_mem_result ignored = { .latency_ps = 0 };
    struct vsw_memsys *ms = new_memsys(&small);

    for (int i = 0; i < 10; i++) {
        vsw_memsys_fetch(ms, 0, &ours, &r);
        vsw_memsys_fetch(ms, other, &theirs, &ignored);
    }
    vsw_memsys_free(ms);
    return 240 - r.n_from[VSW_LINE_FETCH][VSW_FROM_L1];
}

static void
contexts_interfere_in_the_l1i_they_share(void **state)
{
    (void) state;
    /* 16 sets of 2 ways: 24 lines fit, and 48 leave 8 sets overfull. */
    assert_int_equal(code_misses(2), 24);
    assert_true(code_misses(1) > 24);
}

static void
ddio_keeps_to_its_ways_and_the_reader_hits_the_l3(void **state)
{
    struct vsw_memsys_config config = small;
    struct vsw_mem_result r = { .latency_ps = 0 };
    const uint64_t one_set = 64 * LINE;
    struct vsw_memsys *ms;

    (void) state;
    config.n_ddio_ways = 2;
    ms = new_memsys(&config);
    for (uint64_t i = 0; i < 5; i++) {
        vsw_memsys_dma_write(ms, 0, i * one_set, LINE, &r);
    }
    assert_int_equal(r.n_dma_writes[1], 5);
    assert_int_equal(r.n_dram_writes[0], 3);
    vsw_memsys_access(ms, 0, 4 * one_set, LINE, VSW_LINE_READ, &r);
    vsw_memsys_access(ms, 0, 3 * one_set, LINE, VSW_LINE_READ, &r);
    vsw_memsys_access(ms, 0, 2 * one_set, LINE, VSW_LINE_READ, &r);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_L3], 2);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_DRAM], 1);
    vsw_memsys_free(ms);
}

static const struct vsw_tlb_config tlb = {
    .n_l1_entries = 16, .n_l1_ways = 4,
    .n_l1_huge = 8, .n_l1_huge_ways = 4,
    .n_l2_entries = 64, .n_l2_ways = 4,
    .n_walk_entries = 32, .n_nested_entries = 16, .n_levels = 4,
    .huge_start = UINT64_C(1) << 31, .huge_end = UINT64_C(1) << 32,
    .tables = UINT64_C(1) << 33, .nested_tables = UINT64_C(1) << 35,
    .l2_ps = 7,
};

static void
touch_pages(struct vsw_memsys *ms, uint64_t addr, uint32_t n,
            uint64_t page_bytes, struct vsw_mem_result *r)
{
    for (uint32_t i = 0; i < n; i++) {
        vsw_memsys_access(ms, 0, addr + i * page_bytes, 8, VSW_LINE_READ, r);
    }
}

/* With caches so large that the addresses of page tables fit. */
static struct vsw_memsys_config
with_tlb(void)
{
    struct vsw_memsys_config config = small;

    config.tlb = tlb;
    config.l1d.size_bytes = 32 << 10;
    config.l1i.size_bytes = 16 << 10;
    config.l2.size_bytes = 256 << 10;
    config.l3.size_bytes = 1 << 20;
    return config;
}

static struct vsw_memsys *
new_with_tlb(bool nested)
{
    struct vsw_memsys_config config = with_tlb();

    config.tlb.nested = nested;
    return new_memsys(&config);
}

static void
tlb_reach_depends_on_the_page_size(void **state)
{
    struct vsw_memsys *ms = new_with_tlb(false);
    struct vsw_mem_result r;

    (void) state;
    for (int round = 0; round < 2; round++) {
        memset(&r, 0, sizeof r);
        touch_pages(ms, 0, 64, 4096, &r);
        assert_int_equal(r.n_tlb_l1_misses, 64);    /* Of 16 entries, LRU. */
        assert_int_equal(r.n_tlb_walks, round == 0 ? 64 : 0);
    }
    memset(&r, 0, sizeof r);
    touch_pages(ms, tlb.huge_start, 64, 4096, &r);
    assert_int_equal(r.n_tlb_l1_misses, 1);
    vsw_memsys_free(ms);
}

static void
a_second_level_may_hold_small_pages_only(void **state)
{
    struct vsw_memsys_config config = with_tlb();
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms;

    (void) state;
    config.tlb.l2_small_only = true;
    ms = new_memsys(&config);
    for (int round = 0; round < 2; round++) {
        touch_pages(ms, tlb.huge_start, 64, 2 << 20, &r);
    }
    assert_int_equal(r.n_tlb_walks, 128);
    vsw_memsys_free(ms);
}

static void
walks_read_entries_through_the_caches(void **state)
{
    struct vsw_memsys *ms = new_with_tlb(false);
    struct vsw_mem_result r = { .latency_ps = 0 };

    (void) state;
    touch_pages(ms, 0, 1, 4096, &r);
    assert_int_equal(r.n_walk_lines, 4);    /* One per level. */
    touch_pages(ms, 4096, 7, 4096, &r);
    /* Only leaves, and eight of them on one line. */
    assert_int_equal(r.n_walk_lines, 4 + 7);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_DRAM], 4 + 8);
    assert_int_equal(r.n_from[VSW_LINE_READ][VSW_FROM_L1], 7);
    vsw_memsys_free(ms);
}

static void
a_first_walk_in_two_dimensions_reads_up_to_24_entries(void **state)
{
    struct vsw_memsys *ms = new_with_tlb(true);
    struct vsw_mem_result r = { .latency_ps = 0 };
    uint64_t n_first;

    (void) state;
    touch_pages(ms, UINT64_C(123) << 22, 1, 4096, &r);
    n_first = r.n_walk_lines;
    assert_in_range(n_first, 10, 24);
    touch_pages(ms, (UINT64_C(123) << 22) + 4096, 1, 4096, &r);
    /* The guest's leaf, and the host's for the page itself. */
    assert_int_equal(r.n_walk_lines - n_first, 2);
    vsw_memsys_free(ms);
}

/* The host of a virtual machine walks one set of tables, and neither uses the
 * other's translations. */
static void
host_and_guest_have_translations_of_their_own(void **state)
{
    struct vsw_memsys *ms = new_with_tlb(true);
    struct vsw_mem_result guest = { .latency_ps = 0 };
    struct vsw_mem_result host = { .latency_ps = 0 };

    (void) state;
    touch_pages(ms, UINT64_C(123) << 22, 1, 4096, &guest);
    vsw_memsys_set_nested(ms, 0, false);
    touch_pages(ms, UINT64_C(123) << 22, 1, 4096, &host);
    assert_int_equal(host.n_tlb_walks, 1);
    assert_in_range(host.n_walk_lines, 1, 4);
    assert_true(guest.n_walk_lines > 4);
    vsw_memsys_set_nested(ms, 0, true);
    touch_pages(ms, UINT64_C(123) << 22, 1, 4096, &guest);
    assert_int_equal(guest.n_tlb_walks, 1);
    vsw_memsys_free(ms);
}

static void
a_flushed_or_dropped_page_is_walked_again(void **state)
{
    struct vsw_memsys *ms = new_with_tlb(true);
    struct vsw_mem_result r = { .latency_ps = 0 };

    (void) state;
    touch_pages(ms, 0, 2, 4096, &r);
    assert_int_equal(r.n_tlb_walks, 2);
    vsw_memsys_tlb_drop(ms, 0, 4096 + 5);
    touch_pages(ms, 0, 2, 4096, &r);
    assert_int_equal(r.n_tlb_walks, 3);
    vsw_memsys_tlb_flush(ms, 0);
    touch_pages(ms, 0, 2, 4096, &r);
    assert_int_equal(r.n_tlb_walks, 5);
    vsw_memsys_free(ms);
}

static void
assert_refused(const struct vsw_memsys_config *config, const char *why)
{
    struct vsw_error err;

    assert_null(vsw_memsys_new(config, &err));
    if (!strstr(err.text, why)) {
        fail_msg("\"%s\" is not about \"%s\"", err.text, why);
    }
}

static void
senseless_configurations_are_refused(void **state)
{
    struct vsw_memsys_config c = small;

    (void) state;
    c.l1d.n_ways = 33;
    assert_refused(&c, "L1d must have 1 to 32 ways");
    c = small;
    c.l2.size_bytes = 0;
    assert_refused(&c, "L2 must have 1 to 1048576 whole sets");
    c = small;
    c.l2.size_bytes += 1;
    assert_refused(&c, "L2 must consist of lines");
    c = small;
    c.l2.n_ways = 6;
    c.l2.size_bytes = 6 * 64 * LINE;
    c.l2.policy = VSW_CACHE_PLRU;
    assert_refused(&c, "power of two");
    c = small;
    c.l1i.n_cpus = 3;
    assert_refused(&c, "L1i must be shared");
    c = small;
    c.l3.n_cpus = 3;
    assert_refused(&c, "equal numbers of CPUs");
    c = small;
    c.n_overlap = 0;
    assert_refused(&c, "n_overlap");
    c = small;
    c.n_ddio_ways = 17;
    assert_refused(&c, "n_ddio_ways");
    c = small;
    c.tlb = tlb;
    c.tlb.tables = UINT64_C(1) << 40;
    assert_refused(&c, "page tables");
}

/* Where each line of 72 KiB that were read comes from afterwards, in an order
 * that is neither; the first 'n_filled' bytes went straight to the L3. */
static void
read_again(enum vsw_l3_policy policy, uint64_t n_filled,
           struct vsw_mem_result *r)
{
    const uint64_t n_bytes = 72 << 10;
    struct vsw_memsys_config config = small;
    struct vsw_mem_result before = { .latency_ps = 0 };
    struct vsw_memsys *ms;

    config.l3_policy = policy;
    ms = new_memsys(&config);
    if (n_filled > 0) {
        vsw_memsys_fill_l3(ms, 0, 0, n_filled, &before);
    }
    vsw_memsys_range(ms, 0, n_filled, n_bytes - n_filled, VSW_LINE_READ,
                     &before);
    memset(r, 0, sizeof *r);
    for (uint32_t i = 0; i < n_bytes / LINE; i++) {
        uint64_t line = i * 37 % (n_bytes / LINE);

        vsw_memsys_access(ms, i & 3, line * LINE, 1,
                          i & 8 ? VSW_LINE_WRITE : VSW_LINE_READ, r);
    }
    vsw_memsys_free(ms);
}

static void
a_filled_l3_is_as_one_read_through(void **state)
{
    static const enum vsw_l3_policy policies[] = {
        VSW_L3_INCLUSIVE, VSW_L3_EXCLUSIVE, VSW_L3_VICTIM,
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(policies); i++) {
        struct vsw_mem_result through, filled, less;

        read_again(policies[i], 0, &through);
        read_again(policies[i], 40 << 10, &filled);
        read_again(policies[i], 72 << 10, &less);
        assert_memory_equal(&through, &filled, sizeof through);
        /* Nothing in the L2: it is not always the same. */
        assert_memory_not_equal(&through, &less, sizeof less);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_stream_is_prefetched_into_the_l2_up_to_the_page_end),
        cmocka_unit_test(lines_out_of_order_are_not_prefetched),
        cmocka_unit_test(lines_of_a_range_overlap),
        cmocka_unit_test(a_copy_reads_and_writes_each_line_once),
        cmocka_unit_test(contexts_interfere_in_the_l1i_they_share),
        cmocka_unit_test(ddio_keeps_to_its_ways_and_the_reader_hits_the_l3),
        cmocka_unit_test(tlb_reach_depends_on_the_page_size),
        cmocka_unit_test(a_second_level_may_hold_small_pages_only),
        cmocka_unit_test(walks_read_entries_through_the_caches),
        cmocka_unit_test(
            a_first_walk_in_two_dimensions_reads_up_to_24_entries),
        cmocka_unit_test(host_and_guest_have_translations_of_their_own),
        cmocka_unit_test(a_flushed_or_dropped_page_is_walked_again),
        cmocka_unit_test(a_filled_l3_is_as_one_read_through),
        cmocka_unit_test(senseless_configurations_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
