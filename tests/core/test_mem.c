#include <vswsim/mem.h>

#include "../rig.h"
#include "core/mem.h"
#include "vsw_test.h"

#include <errno.h>
#include <string.h>

/* Latencies in ps, as they come out: 1 GHz, less the 4 cycles of the L1. */
enum {
    L2_PS = 8000,
    L3_PS = 36000,
    DRAM_PS = 96000,
    FAR_PS = 50000,
    N_FILLS = 10,
};

#define L3_BYTES_PER_S UINT64_C(20000000000)

static const struct vsw_sim_options options = {
    .quantum_ps = US,
    .warmup_ps = 10 * US,
    .duration_ps = 100 * US,
};

static struct rig rig;

static const struct vsw_hw_cache l1 = {
    .size_bytes = 32 << 10, .n_ways = 8, .latency_cycles = 4,
    .n_sharing_cpus = 1,
};

/* Two nodes of two CPUs, 10 GB/s of DRAM each. */
static void
describe(struct vsw_machine *m)
{
    m->name = "rig";
    m->clock_hz = m->tsc_hz = 1000000000;
    m->n_cpus = 4;
    m->n_cpus_per_node = 2;
    m->hw.caches.l1d = m->hw.caches.l1i = l1;
    m->hw.caches.l2 = (struct vsw_hw_cache) {
        .size_bytes = 256 << 10, .n_ways = 8, .latency_cycles = 12,
        .n_sharing_cpus = 1,
    };
    m->hw.caches.l3 = (struct vsw_hw_cache) {
        .size_bytes = 2 << 20, .n_ways = 16, .latency_cycles = 40,
        .n_sharing_cpus = 2, .inclusion = VSW_HW_INCLUSIVE,
    };
    m->hw.caches.n_ddio_ways = 2;
    m->hw.caches.l3_bytes_per_s = L3_BYTES_PER_S;
    m->hw.cpu.n_line_fills = N_FILLS;
    m->hw.memory.latency_ns = 100;
    m->hw.memory.peak_bytes_per_s = 10000000000;
    m->hw.cross_link.latency_ns = FAR_PS / 1000;
    m->hw.cross_link.bytes_per_s = 10000000000;
}

/* Two units on CPUs 0 and 2 and a device, in the window. */
static int
set_up(void **state)
{
    struct vsw_error err;

    (void) state;
    memset(&rig, 0, sizeof rig);
    describe(&rig.machine);
    rig.machine.costs = rig.costs;
    rig.machine.n_costs = VSW_N_COSTS;
    vsw_sim_init(&rig.sim, &rig.machine, &options);
    vsw_sim_add_domain(&rig.sim, "host");
    vsw_sim_add_domain(&rig.sim, "guest");
    if (vsw_mem_start(&rig.sim, &err)) {
        fail_msg("%s", err.text);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(vsw_unit_init(&rig.units[i], &rig.sim,
                                       i < 2 ? "switch" : "device", "u"), 0);
        rig.units[i].cpu = 2 * i;
        rig.units[i].local_ps = rig.units[i].window_start_ps;
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void) state;
    rig_fini(&rig);
    return 0;
}

static void
ready(void)
{
    struct vsw_error err;

    if (vsw_mem_ready(&rig.sim, &err)) {
        fail_msg("%s", err.text);
    }
}

/* What a call made 'unit' wait, on VSW_ACCOUNT_COPY. */
static uint64_t
waited(const struct vsw_unit *unit)
{
    uint64_t ps = vsw_mem_wait_ps(unit, unit->domain, unit->stage,
                                  VSW_ACCOUNT_COPY);

    assert_int_equal(ps, rig_busy_ps(unit, VSW_ACCOUNT_COPY));
    return ps;
}

static void
addresses_lie_at_their_node_and_apart(void **state)
{
    uint64_t a = vsw_mem_alloc(&rig.sim, 100, 0);
    uint64_t b = vsw_mem_alloc(&rig.sim, 5000, 0);
    uint64_t c = vsw_mem_alloc(&rig.sim, 64, 1);
    uint64_t d = vsw_mem_alloc(&rig.sim, UINT64_C(4) << 30, 1);

    (void) state;
    assert_int_equal(a % 64, 0);
    assert_true(a > 0 && b >= a + 100);
    assert_int_equal(b % 4096, 0);
    assert_int_equal(a >> 32, 0);
    assert_int_equal(c >> 32, 1);
    assert_int_equal(d >> 32, 3);
}

static void
too_much_memory_is_refused_before_the_run(void **state)
{
    struct vsw_error err;

    (void) state;
    for (int i = 0; i < 200; i++) {
        vsw_mem_alloc(&rig.sim, UINT64_C(3) << 30, 0);
    }
    assert_int_equal(vsw_mem_ready(&rig.sim, &err), -ENOMEM);
}

static void
a_read_waits_for_where_the_line_is(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t near = vsw_mem_alloc(&rig.sim, 64, 0);
    uint64_t far = vsw_mem_alloc(&rig.sim, 64, 1);

    (void) state;
    ready();
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, near, 8, VSW_MEM_READ);
    assert_int_equal(waited(unit), DRAM_PS);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, near, 8, VSW_MEM_READ);
    assert_int_equal(waited(unit), DRAM_PS);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, far, 8, VSW_MEM_READ);
    assert_int_equal(waited(unit), 2 * DRAM_PS + FAR_PS);
}

static void
reads_together_overlap_and_stores_go_on_meanwhile(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 4096, 0);

    (void) state;
    ready();
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 256, VSW_MEM_READ);
    assert_int_equal(waited(unit), DRAM_PS + 3 * DRAM_PS / N_FILLS);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr + 1024, 64, VSW_MEM_WRITE);
    vsw_mem_prefetch(unit, VSW_ACCOUNT_COPY, addr + 2048, 64);
    assert_int_equal(waited(unit), DRAM_PS + 3 * DRAM_PS / N_FILLS);
}

/* All line fills are taken by the first ten. */
static void
one_stream_is_limited_by_its_line_fills(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);

    (void) state;
    ready();
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 6400, VSW_MEM_WRITE);
    assert_int_equal(waited(unit), 100 * DRAM_PS / N_FILLS - DRAM_PS);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr + 8192, 6400, VSW_MEM_WRITE);
    assert_int_equal(waited(unit), 200 * DRAM_PS / N_FILLS - DRAM_PS);
}

/* Four lines there and four here; then the source is in the L1. */
static void
a_copy_waits_until_it_has_read(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);

    (void) state;
    ready();
    vsw_mem_copy(unit, VSW_ACCOUNT_COPY, addr + 8192, addr, 256);
    assert_int_equal(waited(unit), DRAM_PS + 7 * DRAM_PS / N_FILLS);
    vsw_mem_copy(unit, VSW_ACCOUNT_COPY, addr + 16384, addr, 256);
    assert_int_equal(waited(unit), DRAM_PS + 7 * DRAM_PS / N_FILLS);
}

static void
what_another_cpu_wrote_comes_from_it(void **state)
{
    struct vsw_unit *writer = &rig.units[1], *reader = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 64, 0);

    (void) state;
    ready();
    vsw_mem_access(writer, VSW_ACCOUNT_COPY, addr, 64, VSW_MEM_WRITE);
    vsw_mem_access(reader, VSW_ACCOUNT_COPY, addr, 64, VSW_MEM_READ);
    assert_int_equal(waited(reader), L3_PS + L2_PS + FAR_PS);
}

/* 100 lines of 64 bytes: 20 line fills ask for 13 GB/s of 10. */
static void
memory_waits_for_bandwidth(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);

    (void) state;
    ready();
    vsw_mem_access(&rig.units[1], VSW_ACCOUNT_COPY, addr + 8192, 6400,
                   VSW_MEM_WRITE);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 6400, VSW_MEM_WRITE);
    assert_in_range(waited(unit), 1280 * NS - DRAM_PS,
                    1281 * NS - DRAM_PS);
}

/* Puts what lies at 'addr' into the L3 of node 0. */
static void
bring_to_l3(uint64_t addr, uint64_t n_bytes)
{
    for (uint64_t at = 0; at < n_bytes; at += 64) {
        vsw_mem_dma_write(&rig.units[2], 0, addr + at, 64);
    }
}

/* 100 lines at intervals of a tenth of the latency: 17.8 GB/s of 20. */
static void
one_stream_from_the_l3_is_limited_by_its_line_fills(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);

    (void) state;
    ready();
    bring_to_l3(addr, 6400);
    unit->local_ps += 10 * US;
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 6400, VSW_MEM_READ);
    assert_int_equal(waited(unit), L3_PS + 99 * L3_PS / N_FILLS);
}

/* Two CPUs of a node would take 35.6 GB/s: the first 6400 bytes are through
 * after 320 ns, all after 640 ns. */
static void
streams_share_the_l3_of_their_node(void **state)
{
    struct vsw_unit *a = &rig.units[0], *b = &rig.units[1];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);

    (void) state;
    b->cpu = 1;
    ready();
    bring_to_l3(addr, 12800);
    a->local_ps = b->local_ps += 10 * US;
    vsw_mem_access(a, VSW_ACCOUNT_COPY, addr, 6400, VSW_MEM_READ);
    vsw_mem_access(b, VSW_ACCOUNT_COPY, addr + 6400, 6400, VSW_MEM_READ);
    assert_int_equal(waited(a), L3_PS + 99 * L3_PS / N_FILLS);
    assert_int_equal(waited(b), 640 * NS);
}

/* What a CPU of the other node reads from DRAM goes through its own L3. */
static void
nodes_have_an_l3_each(void **state)
{
    struct vsw_unit *a = &rig.units[0], *b = &rig.units[1];
    uint64_t here = vsw_mem_alloc(&rig.sim, 1 << 20, 0);
    uint64_t there = vsw_mem_alloc(&rig.sim, 1 << 20, 1);

    (void) state;
    ready();
    bring_to_l3(here, 6400);
    a->local_ps = b->local_ps += 10 * US;
    vsw_mem_access(b, VSW_ACCOUNT_COPY, there, 640, VSW_MEM_READ);
    vsw_mem_access(a, VSW_ACCOUNT_COPY, here, 6400, VSW_MEM_READ);
    assert_int_equal(waited(a), L3_PS + 99 * L3_PS / N_FILLS);
}

/* What a module wrote passes the crossbar on its way to another one. */
static void
modules_of_a_node_share_its_crossbar(void **state)
{
    struct vsw_unit *a = &rig.units[0], *b = &rig.units[1];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 0);
    const struct vsw_mem_result *r;

    (void) state;
    b->cpu = 1;
    ready();
    vsw_mem_access(a, VSW_ACCOUNT_COPY, addr, 640, VSW_MEM_WRITE);
    vsw_mem_access(b, VSW_ACCOUNT_COPY, addr, 640, VSW_MEM_READ);
    r = vsw_mem_result(a, 0, VSW_STAGE_NONE);
    assert_int_equal(r->n_l3_lines[0], 10);     /* Fills: it is inclusive. */
    r = vsw_mem_result(b, 0, VSW_STAGE_NONE);
    assert_int_equal(r->n_from[VSW_LINE_READ][VSW_FROM_L3_PEER_DIRTY], 10);
    assert_int_equal(r->n_l3_lines[0], 10);
    assert_int_equal(r->n_l3_lines[1], 0);
}

static void
bandwidth_is_shared_with_devices(void **state)
{
    struct vsw_unit *unit = &rig.units[0], *nic = &rig.units[2];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 1 << 20, 1);

    (void) state;
    ready();
    assert_null(nic->mem);
    /* At the far node DDIO does not reach the reader's L3. */
    vsw_mem_dma_read(nic, addr, 6400);
    assert_int_equal(nic->local_ps, rig.sim.window_start_ps);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr + 8192, 8, VSW_MEM_READ);
    assert_in_range(waited(unit), 646 * NS, 647 * NS);
    assert_int_equal(vsw_mem_dma_result(&rig.sim)->n_dram_reads[1], 100);
}

static void
what_a_device_writes_is_in_the_l3(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 64, 0);

    (void) state;
    ready();
    vsw_mem_dma_write(&rig.units[2], 0, addr, 64);
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 64, VSW_MEM_READ);
    assert_int_equal(waited(unit), L3_PS);
}

static void
real_code_is_charged_where_its_unit_was_last(void **state)
{
    static _Alignas(64) unsigned char arena[1024];
    static const unsigned char key[8];
    struct vsw_unit *unit = &rig.units[0];
    const struct vsw_mem_result *r;

    (void) state;
    vsw_mem_map(&rig.sim, arena, sizeof arena, 0);
    ready();
    vsw_unit_enter(unit, 1, VSW_STAGE_SWITCH);
    vsw_unit_spend(unit, VSW_ACCOUNT_SWITCH, 0);
    vsw_touch(&unit->memobs, arena + 60, 8, VSW_MEM_READ);
    vsw_touch(&unit->memobs, arena + 1020, 8, VSW_MEM_READ);
    vsw_touch(&unit->memobs, key, sizeof key, VSW_MEM_READ);
    assert_int_equal(rig_busy_ps(unit, VSW_ACCOUNT_SWITCH),
                     DRAM_PS + DRAM_PS / N_FILLS);
    r = vsw_mem_result(unit, 1, VSW_STAGE_SWITCH);
    assert_int_equal(r->n_from[VSW_LINE_READ][VSW_FROM_DRAM], 2);
}

static void
what_lies_before_the_window_is_not_counted(void **state)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t addr = vsw_mem_alloc(&rig.sim, 128, 0);

    (void) state;
    ready();
    unit->local_ps -= DRAM_PS / 2;
    vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 8, VSW_MEM_READ);
    assert_int_equal(waited(unit), DRAM_PS / 2);
    assert_int_equal(vsw_mem_result(unit, 0, VSW_STAGE_NONE)
                     ->n_dram_reads[0], 0);
}

static void
flat_mode_charges_nothing(void **state)
{
    struct rig flat;

    (void) state;
    rig_init(&flat, 1, &options);
    assert_int_equal(vsw_mem_alloc(&flat.sim, 64, 0), 0);
    assert_int_equal(vsw_mem_ready(&flat.sim, NULL), 0);
    assert_true(vsw_mem_is_flat(&flat.units[0]));
    vsw_mem_copy(&flat.units[0], VSW_ACCOUNT_COPY, 64, 0, 64);
    vsw_mem_dma_write(&flat.units[0], 0, 0, 64);
    assert_int_equal(flat.units[0].local_ps, 0);
    rig_fini(&flat);
}

/* Makes the simulation anew, of the machine as it is by now. */
static void
start_again(void)
{
    struct vsw_machine machine = rig.machine;
    struct vsw_error err;

    rig_fini(&rig);
    memset(&rig, 0, sizeof rig);
    rig.machine = machine;
    rig.machine.costs = rig.costs;
    vsw_sim_init(&rig.sim, &rig.machine, &options);
    vsw_sim_add_domain(&rig.sim, "host");
    vsw_sim_add_domain(&rig.sim, "guest");
    rig.sim.first_guest = 1;
    if (vsw_mem_start(&rig.sim, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(vsw_unit_init(&rig.units[0], &rig.sim, "switch", "u"),
                     0);
    rig.units[0].local_ps = rig.units[0].window_start_ps;
}

/* Reads 'n_bytes' one line after the other, or all at once. */
static uint64_t
read_stream(uint32_t n_prefetch_lines, uint32_t n_bytes, bool at_once)
{
    uint64_t addr;

    rig.machine.hw.cpu.n_prefetch_lines = n_prefetch_lines;
    start_again();
    addr = vsw_mem_alloc(&rig.sim, n_bytes, 0);
    ready();
    for (uint32_t at = 0; at < n_bytes; at += at_once ? n_bytes : 64) {
        vsw_mem_access(&rig.units[0], VSW_ACCOUNT_COPY, addr + at,
                       at_once ? n_bytes : 64, VSW_MEM_READ);
    }
    return waited(&rig.units[0]);
}

/* A prefetcher hides the latency of lines that are read by turns, but those
 * that are in flight together have no more line fills than before. */
static void
a_stream_hides_latency_and_adds_no_bandwidth(void **state)
{
    uint64_t by_turns_ps = read_stream(0, 4096, false);
    uint64_t at_once_ps = read_stream(0, 4096, true);

    (void) state;
    assert_true(read_stream(2, 4096, false) < by_turns_ps / 4);
    assert_true(read_stream(2, 4096, false) >= at_once_ps);
    assert_in_range(read_stream(2, 4096, true), at_once_ps * 95 / 100,
                    at_once_ps * 105 / 100);
}

static void
give_tlb(struct vsw_hardware *hw)
{
    hw->tlb.l1d = (struct vsw_hw_tlb) {
        .n_entries = 64, .n_large_entries = 32, .n_ways = 4,
        .n_large_ways = 4,
    };
    hw->tlb.l2 = (struct vsw_hw_tlb) {
        .n_entries = 512, .n_ways = 4, .latency_cycles = 7,
    };
    hw->tlb.n_walk_entries = hw->tlb.n_nested_entries = 32;
    hw->paging.page_bytes = 4096;
    hw->paging.nested = VSW_HW_YES;
}

/* Each fact that is missing leaves translation free. */
static void
translation_takes_time_if_all_facts_are_known(void **state)
{
    struct vsw_hardware *hw = &rig.machine.hw;
    uint32_t *const facts[] = {
        &hw->tlb.l1d.n_ways, &hw->tlb.l1d.n_large_ways,
        &hw->tlb.l2.latency_cycles, &hw->tlb.n_walk_entries,
        &hw->tlb.n_nested_entries, &hw->paging.page_bytes,
    };
    struct vsw_memsys_config config;
    struct vsw_error err;

    (void) state;
    give_tlb(hw);
    assert_int_equal(vsw_mem_config(&rig.machine, &config, &err), 0);
    assert_int_equal(config.tlb.n_l1_entries, 64);
    assert_int_equal(config.tlb.l2_ps, 7000);
    assert_true(config.tlb.l2_small_only && config.tlb.nested);
    for (size_t i = 0; i < VSW_N_ELEMS(facts); i++) {
        uint32_t was = *facts[i];

        *facts[i] = 0;
        assert_int_equal(vsw_mem_config(&rig.machine, &config, &err), 0);
        assert_int_equal(config.tlb.n_l1_entries, 0);
        *facts[i] = was;
    }
}

/* What is a guest's is translated in two dimensions. */
static void
a_guest_walks_more_than_the_host(void **state)
{
    uint64_t n_lines[2];

    (void) state;
    give_tlb(&rig.machine.hw);
    for (uint32_t domain = 0; domain < 2; domain++) {
        struct vsw_unit *unit = &rig.units[0];
        uint64_t addr;

        start_again();
        addr = vsw_mem_alloc(&rig.sim, 4096, 0);
        ready();
        vsw_unit_enter(unit, domain, VSW_STAGE_NONE);
        vsw_mem_access(unit, VSW_ACCOUNT_COPY, addr, 64, VSW_MEM_READ);
        n_lines[domain]
            = vsw_mem_result(unit, domain, VSW_STAGE_NONE)->n_walk_lines;
    }
    assert_int_equal(n_lines[0], 4);
    assert_true(n_lines[1] > 4);
}

/* Runs what the host or a guest has for packets on the first unit; returns
 * what it waited for code. */
static uint64_t
run_domain(uint32_t domain)
{
    struct vsw_unit *unit = &rig.units[0];
    uint64_t start_ps = unit->local_ps;

    vsw_unit_enter(unit, domain, VSW_STAGE_NONE);
    vsw_mem_run(unit, domain == 0 ? VSW_CODE_VHOST : VSW_CODE_GUEST_RX);
    return unit->local_ps - start_ps;
}

/* Two domains by turns, both of 'n_bytes': what both wait in the end. */
static uint64_t
take_turns(uint32_t n_bytes)
{
    rig.machine.hw.code.n_bytes[VSW_CODE_VHOST] = n_bytes;
    rig.machine.hw.code.n_bytes[VSW_CODE_GUEST_RX] = n_bytes;
    start_again();
    ready();
    assert_true(run_domain(0) > L2_PS);
    assert_int_equal(run_domain(0), 0);
    for (int i = 0; i < 4; i++) {
        run_domain(1);
        run_domain(0);
    }
    return run_domain(1) + run_domain(0);
}

static void
two_domains_displace_code_that_does_not_fit_together(void **state)
{
    (void) state;
    assert_int_equal(take_turns(12 << 10), 0);
    assert_true(take_turns(24 << 10) > 2 * L2_PS);
}

/* Fills the L3 of node 0 with data. */
static void
flood_l3(void)
{
    uint64_t n_bytes = 2 * rig.machine.hw.caches.l3.size_bytes;
    uint64_t addr = vsw_mem_alloc(&rig.sim, n_bytes, 0);

    vsw_mem_access(&rig.units[0], VSW_ACCOUNT_COPY, addr, n_bytes,
                   VSW_MEM_READ);
}

/* A line that leaves an inclusive L3 leaves the L1i, though nothing else was
 * fetched; one that leaves another L3 stays. */
static void
code_leaves_with_the_line_of_an_inclusive_l3(void **state)
{
    (void) state;
    for (int inclusive = 0; inclusive < 2; inclusive++) {
        rig.machine.hw.caches.l3.inclusion = inclusive ? VSW_HW_INCLUSIVE
                                                       : VSW_HW_VICTIM;
        rig.machine.hw.code.n_bytes[VSW_CODE_VHOST] = 12 << 10;
        start_again();
        ready();
        run_domain(0);
        assert_int_equal(run_domain(0), 0);
        flood_l3();
        if (inclusive) {
            assert_true(run_domain(0) > DRAM_PS);
        }
        assert_int_equal(run_domain(0), 0);
    }
}

static void
do_nothing(void *owner, struct vsw_worker *worker)
{
    (void) owner, (void) worker;
}

static uint64_t
node_of_code(uint32_t domain, enum vsw_code part)
{
    return rig.sim.mem->code[domain].parts[part].addr >> 32;
}

/* Where it runs first. */
static void
code_lies_at_the_node_of_its_domain(void **state)
{
    static struct vsw_worker worker;

    (void) state;
    rig.machine.hw.code.n_bytes[VSW_CODE_VHOST] = 4096;
    rig.machine.hw.code.n_bytes[VSW_CODE_GUEST_TX] = 4096;
    start_again();
    worker = (struct vsw_worker) {
        .unit = &rig.units[0], .work = do_nothing, .domain = 1,
    };
    rig.units[0].cpu = 2;
    assert_int_equal(vsw_worker_add(&worker), 0);
    ready();
    assert_int_equal(node_of_code(0, VSW_CODE_VHOST), 0);
    assert_int_equal(node_of_code(1, VSW_CODE_GUEST_TX), 1);
}

/* All parts of a guest: they take the L1i, whole, and wait once. */
static void
parts_of_one_domain_fit_together(void **state)
{
    struct vsw_unit *unit;
    uint64_t start_ps;

    (void) state;
    for (int i = VSW_CODE_GUEST_POLL; i < VSW_N_CODES; i++) {
        rig.machine.hw.code.n_bytes[i] = 8 << 10;
    }
    start_again();
    ready();
    unit = &rig.units[0];
    vsw_unit_enter(unit, 1, VSW_STAGE_NONE);
    for (int turn = 0; turn < 3; turn++) {
        start_ps = unit->local_ps;
        for (int i = VSW_CODE_GUEST_POLL; i < VSW_N_CODES; i++) {
            vsw_mem_run(unit, (enum vsw_code) i);
        }
        assert_true(turn == 0 ? unit->local_ps > start_ps
                              : unit->local_ps == start_ps);
    }
    assert_int_equal(vsw_mem_wait_ps(unit, 1, VSW_STAGE_NONE,
                                     VSW_ACCOUNT_CODE),
                     rig_busy_ps(unit, VSW_ACCOUNT_CODE));
}

static void
code_larger_than_the_l1i_is_refused(void **state)
{
    struct vsw_memsys_config config;
    struct vsw_error err;

    (void) state;
    rig.machine.hw.code.n_bytes[VSW_CODE_GUEST_RX] = 20 << 10;
    rig.machine.hw.code.n_bytes[VSW_CODE_GUEST_TX] = 12 << 10;
    assert_int_equal(vsw_mem_config(&rig.machine, &config, &err), 0);
    rig.machine.hw.code.n_bytes[VSW_CODE_GUEST_CALL] = 64;
    assert_int_equal(vsw_mem_config(&rig.machine, &config, &err), -EINVAL);
    assert_non_null(strstr(err.text, "the code of a guest, 32832 bytes"));
}

/* A guest's hypercalls and another's run the same code. */
static void
there_is_one_hypervisor(void **state)
{
    struct vsw_unit *unit;
    uint64_t start_ps;

    (void) state;
    rig.machine.hw.code.n_bytes[VSW_CODE_HYPERVISOR] = 4096;
    start_again();
    ready();
    unit = &rig.units[0];
    vsw_unit_enter(unit, 0, VSW_STAGE_NONE);
    vsw_mem_run(unit, VSW_CODE_HYPERVISOR);
    start_ps = unit->local_ps;
    vsw_unit_enter(unit, 1, VSW_STAGE_NONE);
    vsw_mem_run(unit, VSW_CODE_HYPERVISOR);
    assert_int_equal(unit->local_ps, start_ps);
}

static void
a_machine_without_facts_is_refused(void **state)
{
    struct vsw_memsys_config config;
    struct vsw_error err;

    (void) state;
    rig.machine.hw.memory.latency_ns = 0;
    assert_int_equal(vsw_mem_config(&rig.machine, &config, &err), -EINVAL);
    assert_non_null(strstr(err.text, "memory.latency_ns"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(addresses_lie_at_their_node_and_apart),
        TEST(too_much_memory_is_refused_before_the_run),
        TEST(a_read_waits_for_where_the_line_is),
        TEST(reads_together_overlap_and_stores_go_on_meanwhile),
        TEST(one_stream_is_limited_by_its_line_fills),
        TEST(a_copy_waits_until_it_has_read),
        TEST(what_another_cpu_wrote_comes_from_it),
        TEST(memory_waits_for_bandwidth),
        TEST(one_stream_from_the_l3_is_limited_by_its_line_fills),
        TEST(streams_share_the_l3_of_their_node),
        TEST(nodes_have_an_l3_each),
        TEST(modules_of_a_node_share_its_crossbar),
        TEST(bandwidth_is_shared_with_devices),
        TEST(what_a_device_writes_is_in_the_l3),
        TEST(real_code_is_charged_where_its_unit_was_last),
        TEST(what_lies_before_the_window_is_not_counted),
        TEST(flat_mode_charges_nothing),
        TEST(a_stream_hides_latency_and_adds_no_bandwidth),
        TEST(translation_takes_time_if_all_facts_are_known),
        TEST(a_guest_walks_more_than_the_host),
        TEST(two_domains_displace_code_that_does_not_fit_together),
        TEST(code_leaves_with_the_line_of_an_inclusive_l3),
        TEST(code_lies_at_the_node_of_its_domain),
        TEST(parts_of_one_domain_fit_together),
        TEST(code_larger_than_the_l1i_is_refused),
        TEST(there_is_one_hypervisor),
        TEST(a_machine_without_facts_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
