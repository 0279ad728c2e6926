/* The memory system of a machine, from the facts of its file. */
#include <vswsim/mem.h>

#include <errno.h>
#include <string.h>

#include "core/mem.h"

#define PS_PER_S  UINT64_C(1000000000000)
#define PS_PER_NS UINT64_C(1000)

/* Each node has address ranges of this size by turns: 4 GiB. */
#define NODE_SHIFT 32

#define SMALL_PAGE_BYTES 4096u
#define N_TABLE_LEVELS   4
#define TABLES_BYTES     (UINT64_C(16) << 30)   /* Of one set of tables. */

static uint64_t
cycles_ps(const struct vsw_machine *machine, uint64_t n_cycles)
{
    return n_cycles * PS_PER_S / machine->clock_hz;
}

static int
check(bool known, const char *what, const struct vsw_machine *machine,
      struct vsw_error *err)
{
    return known ? 0
           : vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                           "machine \"%s\" does not give %s, which "
                           "memory mode \"hierarchy\" needs; add it to its "
                           "file, or use \"flat\"", machine->name, what);
}

static int
check_facts(const struct vsw_machine *m, struct vsw_error *err)
{
    const struct vsw_hw_caches *c = &m->hw.caches;
    int error = check(c->l1d.size_bytes, "caches.l1d.size_bytes", m, err);

    error = error ? error : check(c->l1d.latency_cycles,
                                  "caches.l1d.latency_cycles", m, err);
    error = error ? error : check(c->l1i.size_bytes,
                                  "caches.l1i.size_bytes", m, err);
    error = error ? error : check(c->l2.size_bytes,
                                  "caches.l2.size_bytes", m, err);
    error = error ? error : check(c->l2.latency_cycles,
                                  "caches.l2.latency_cycles", m, err);
    error = error ? error : check(!c->l3.size_bytes || c->l3.latency_cycles,
                                  "caches.l3.latency_cycles", m, err);
    error = error ? error : check(!c->l3.size_bytes
                                  || c->l3.n_sharing_cpus
                                     == m->n_cpus_per_node,
                                  "one L3 for each node", m, err);
    error = error ? error : check(m->hw.memory.latency_ns,
                                  "memory.latency_ns", m, err);
    return error ? error : check(m->n_cpus == m->n_cpus_per_node
                                 || m->hw.cross_link.latency_ns,
                                 "cross_link.latency_ns", m, err);
}

/* Code of one domain that did not fit the L1i would wait for itself, which its
 * costs include already. */
static int
check_code(const struct vsw_machine *m, struct vsw_error *err)
{
    uint64_t host = 0, guest = 0, most;

    for (uint32_t i = 0; i < VSW_N_CODES; i++) {
        *(i < VSW_CODE_GUEST_POLL ? &host : &guest) += m->hw.code.n_bytes[i];
    }
    most = host > guest ? host : guest;
    if (most <= m->hw.caches.l1i.size_bytes) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                         "machine \"%s\": the code of a %s, %llu bytes in "
                         "all, does not fit the L1i of %llu; costs include "
                         "what code waits for by itself, so give \"code\" no "
                         "more than fits", m->name,
                         host > guest ? "host" : "guest",
                         (unsigned long long) most,
                         (unsigned long long) m->hw.caches.l1i.size_bytes);
}

static struct vsw_cache_config
cache_config(const struct vsw_hw_cache *hw)
{
    return (struct vsw_cache_config) {
        .size_bytes = hw->size_bytes,
        .n_ways = hw->n_ways,
        .n_cpus = hw->n_sharing_cpus,
        .policy = hw->replacement == VSW_HW_PLRU ? VSW_CACHE_PLRU
                                                 : VSW_CACHE_LRU,
    };
}

static enum vsw_l3_policy
l3_policy(enum vsw_hw_inclusion inclusion)
{
    switch (inclusion) {
    case VSW_HW_INCLUSIVE:
        return VSW_L3_INCLUSIVE;
    case VSW_HW_EXCLUSIVE:
        return VSW_L3_EXCLUSIVE;
    default:
        return VSW_L3_VICTIM;
    }
}

static uint64_t
beyond(uint64_t ps, uint64_t l1_ps)
{
    return ps > l1_ps ? ps - l1_ps : 0;
}

/* What lies beyond a hit in the L1, in ps. */
static void
set_latencies(const struct vsw_machine *m, struct vsw_memsys_config *c)
{
    const struct vsw_hw_caches *hw = &m->hw.caches;
    uint64_t l1 = cycles_ps(m, hw->l1d.latency_cycles);
    uint64_t l2 = beyond(cycles_ps(m, hw->l2.latency_cycles), l1);
    uint64_t dram = beyond(m->hw.memory.latency_ns * PS_PER_NS, l1);
    uint64_t l3 = hw->l3.size_bytes
                  ? beyond(cycles_ps(m, hw->l3.latency_cycles), l1) : dram;
    uint64_t far = m->hw.cross_link.latency_ns * PS_PER_NS;
    uint64_t *ps = c->latency_ps;

    ps[VSW_FROM_L1] = 0;
    ps[VSW_FROM_L2] = l2;
    ps[VSW_FROM_L2_PEER_CLEAN] = l2;
    ps[VSW_FROM_L2_PEER_DIRTY] = l2 + l1;
    ps[VSW_FROM_L3] = l3;
    ps[VSW_FROM_L3_PEER_CLEAN] = l3 + l2;
    ps[VSW_FROM_L3_PEER_DIRTY] = l3 + l2;
    ps[VSW_FROM_NODE_CLEAN] = l3 + far;
    ps[VSW_FROM_NODE_DIRTY] = l3 + l2 + far;
    ps[VSW_FROM_DRAM] = dram;
    ps[VSW_FROM_DRAM_FAR] = dram + far;
    c->upgrade_ps[VSW_MEM_DISTANCE_L2] = l2;
    c->upgrade_ps[VSW_MEM_DISTANCE_L3] = l3;
    c->upgrade_ps[VSW_MEM_DISTANCE_NODE] = l3 + far;
}

/* All that translation needs is known; what the software's pages are is for
 * the stack file to say. */
static bool
has_tlb(const struct vsw_hardware *hw)
{
    const struct vsw_hw_tlbs *t = &hw->tlb;

    return hw->paging.page_bytes && t->l1d.n_entries && t->l1d.n_ways
           && t->l1d.n_large_entries && t->l1d.n_large_ways
           && t->l2.n_entries && t->l2.n_ways && t->l2.latency_cycles
           && t->n_walk_entries
           && (t->n_nested_entries || hw->paging.nested == VSW_HW_NO);
}

/* Tables lie above all memory that can be had. */
static void
set_tlb(const struct vsw_machine *m, struct vsw_tlb_config *c)
{
    const struct vsw_hw_tlbs *t = &m->hw.tlb;

    *c = (struct vsw_tlb_config) {
        .n_l1_entries = t->l1d.n_entries,
        .n_l1_ways = t->l1d.n_ways,
        .n_l1_huge = t->l1d.n_large_entries,
        .n_l1_huge_ways = t->l1d.n_large_ways,
        .n_l2_entries = t->l2.n_entries,
        .n_l2_ways = t->l2.n_ways,
        .l2_small_only = t->l2.n_large_entries == 0,
        .n_walk_entries = t->n_walk_entries,
        .n_nested_entries = t->n_nested_entries,
        .n_levels = N_TABLE_LEVELS,
        .nested = m->hw.paging.nested == VSW_HW_YES,
        .huge_end = m->hw.paging.page_bytes > SMALL_PAGE_BYTES
                    ? UINT64_MAX : 0,
        .tables = VSW_MEM_TABLES,
        .nested_tables = VSW_MEM_TABLES + TABLES_BYTES,
        .l2_ps = cycles_ps(m, t->l2.latency_cycles),
    };
}

int
vsw_mem_config(const struct vsw_machine *machine,
               struct vsw_memsys_config *config, struct vsw_error *err)
{
    const struct vsw_hardware *hw = &machine->hw;
    int error = check_facts(machine, err);

    error = error ? error : check_code(machine, err);
    memset(config, 0, sizeof *config);
    if (error) {
        return error;
    }
    config->n_cpus = machine->n_cpus;
    config->l1d = cache_config(&hw->caches.l1d);
    config->l1i = cache_config(&hw->caches.l1i);
    config->l2 = cache_config(&hw->caches.l2);
    config->l3 = cache_config(&hw->caches.l3);
    config->l3.n_cpus = machine->n_cpus_per_node;
    config->l1d_write_through
        = hw->caches.l1d.write_policy == VSW_HW_WRITE_THROUGH;
    config->l3_policy = l3_policy(hw->caches.l3.inclusion);
    config->n_ddio_ways = hw->caches.n_ddio_ways;
    config->node_shift = NODE_SHIFT;
    config->n_overlap = hw->cpu.n_line_fills ? hw->cpu.n_line_fills : 1;
    config->n_prefetch = hw->cpu.n_prefetch_lines;
    if (has_tlb(hw)) {
        set_tlb(machine, &config->tlb);
    }
    set_latencies(machine, config);
    return 0;
}
