/* The memory system's operations, over the set_find() and set_push() that the
 * including file has brought.  Each form includes this once. */
#include "core/cache_tlb.h"

#include <assert.h>

#define LINES_AHEAD 4       /* That a range prefetches on the host. */

#define SMALL_PAGE_BYTES 4096u

static inline void
check_access(const struct vsw_memsys *ms, uint64_t addr, uint64_t n_bytes)
{
    assert(n_bytes > 0 && addr < ms->addr_end
           && n_bytes <= ms->addr_end - addr);
    (void) ms, (void) addr, (void) n_bytes;
}

static inline uint64_t
last_line(uint64_t addr, uint64_t n_bytes)
{
    return (addr + n_bytes - 1) / VSW_LINE_BYTES;
}

/* Translates the address of 'line' and uses it. */
static inline uint64_t
use_translated(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
               uint64_t line, enum vsw_line_kind kind,
               struct vsw_mem_result *r)
{
    uint64_t latency_ps = 0;

    if (ms->config.tlb.n_l1_entries && kind != VSW_LINE_FETCH) {
        latency_ps = translate(ms, cpu, line * VSW_LINE_BYTES, r);
    }
    return latency_ps + use_line(ms, cpu, line, kind, r);
}

static uint64_t
walk_access(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
            uint64_t n_bytes, enum vsw_line_kind kind,
            struct vsw_mem_result *r)
{
    uint64_t line = addr / VSW_LINE_BYTES;
    uint64_t last = last_line(addr, n_bytes);
    uint64_t latency_ps = 0;

    check_access(ms, addr, n_bytes);
    for (; line <= last; line++) {
        latency_ps += use_translated(ms, &ms->cpus[cpu], line, kind, r);
    }
    r->latency_ps += latency_ps;
    return latency_ps;
}

static inline void
flight_add(struct vsw_mem_flight *flight, enum vsw_line_kind kind,
           uint64_t ps)
{
    flight->sum_ps += ps;
    flight->max_ps = ps > flight->max_ps ? ps : flight->max_ps;
    if (kind != VSW_LINE_WRITE && ps > flight->max_read_ps) {
        flight->max_read_ps = ps;
    }
}

static void
walk_range(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
           uint64_t n_bytes, enum vsw_line_kind kind,
           struct vsw_mem_flight *flight, struct vsw_mem_result *r)
{
    struct vsw_memsys_cpu *c = &ms->cpus[cpu];
    uint64_t line = addr / VSW_LINE_BYTES;
    uint64_t last = last_line(addr, n_bytes);

    check_access(ms, addr, n_bytes);
    for (; line <= last; line++) {
        if (line + LINES_AHEAD <= last) {
            prefetch_sets(ms, c->module, line + LINES_AHEAD);
        }
        flight_add(flight, kind, use_translated(ms, c, line, kind, r));
    }
}

static void
walk_copy(struct vsw_memsys *ms, uint32_t cpu, uint64_t dst, uint64_t src,
          uint64_t n_bytes, struct vsw_mem_flight *flight,
          struct vsw_mem_result *r)
{
    struct vsw_memsys_cpu *c = &ms->cpus[cpu];
    uint64_t from = src / VSW_LINE_BYTES, to = dst / VSW_LINE_BYTES;
    uint64_t from_last = last_line(src, n_bytes);
    uint64_t to_last = last_line(dst, n_bytes);

    check_access(ms, src, n_bytes);
    check_access(ms, dst, n_bytes);
    for (; from <= from_last || to <= to_last; from++, to++) {
        if (from + LINES_AHEAD <= from_last) {
            prefetch_sets(ms, c->module, from + LINES_AHEAD);
            prefetch_sets(ms, c->module, to + LINES_AHEAD);
        }
        if (from <= from_last) {
            flight_add(flight, VSW_LINE_READ,
                       use_translated(ms, c, from, VSW_LINE_READ, r));
        }
        if (to <= to_last) {
            flight_add(flight, VSW_LINE_WRITE,
                       use_translated(ms, c, to, VSW_LINE_WRITE, r));
        }
    }
}

static void
walk_fill_l3(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
             uint64_t n_bytes, struct vsw_mem_result *r)
{
    struct vsw_memsys_cpu *reader = &ms->cpus[node * ms->config.l3.n_cpus];
    const struct vsw_cache *l3 = &ms->l3s[node];
    uint64_t last = last_line(addr, n_bytes);
    uint32_t *set;

    check_access(ms, addr, n_bytes);
    for (uint64_t line = addr / VSW_LINE_BYTES; line <= last; line++) {
        if (ms->config.tlb.n_l1_entries
            && line % (SMALL_PAGE_BYTES / VSW_LINE_BYTES) == 0) {
            translate(ms, reader, line * VSW_LINE_BYTES, r);
        }
        VSW_PREFETCH_W(cache_set(l3, line + 4 * LINES_AHEAD));
        if (cache_find(l3, line, &set) < 0) {
            l3_insert(ms, node, line, 0, r);
        }
    }
}

/* Place of the last used line in 'set' that DMA brought there, if there are
 * 'max' of them already, or else -1. */
static int
io_victim(const struct vsw_cache *c, const uint32_t *set, uint32_t max)
{
    uint32_t n = 0;
    int place = -1;

    for (uint32_t i = 0; i < c->n_ways; i++) {
        if (set[i] & VSW_LINE_IO) {
            n++;
            place = (int) i;
        }
    }
    return n >= max ? place : -1;
}

/* DMA writes 'line' into the L3 of 'node'. */
static void
ddio_write(const struct vsw_memsys *ms, uint32_t node, uint64_t line,
           struct vsw_mem_result *r)
{
    const struct vsw_cache *l3 = &ms->l3s[node];
    uint32_t *set;
    int place = cache_find(l3, line, &set);
    int victim;

    if (place >= 0) {
        cache_use(l3, set, (uint32_t) place, set[place] | VSW_LINE_DIRTY);
        return;
    }
    victim = io_victim(l3, set, ms->config.n_ddio_ways);
    if (victim >= 0) {
        uint32_t word = set[victim];

        cache_remove(l3, set, (uint32_t) victim);
        l3_evicted(ms, node, word, line, r);
    }
    l3_insert(ms, node, line, VSW_LINE_DIRTY | VSW_LINE_IO, r);
}

static void
dma_write_line(const struct vsw_memsys *ms, uint32_t node, uint64_t line,
               struct vsw_mem_result *r)
{
    bool ddio = ms->l3s && ms->config.n_ddio_ways;
    uint32_t flags = 0;

    modules_give_up(ms, ALL_MODULES, line);
    for (uint32_t i = 0; ms->l3s && i < ms->n_nodes; i++) {
        if (!ddio || i != node) {
            cache_drop(&ms->l3s[i], line, &flags);
        }
    }
    r->n_dma_writes[ddio]++;
    if (ddio) {
        r->n_l3_lines[node]++;
        ddio_write(ms, node, line, r);
    } else {
        dram_write(ms, node, line, r);
    }
}

static void
walk_dma_write(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
               uint64_t n_bytes, struct vsw_mem_result *r)
{
    uint64_t last = last_line(addr, n_bytes);

    check_access(ms, addr, n_bytes);
    for (uint64_t line = addr / VSW_LINE_BYTES; line <= last; line++) {
        dma_write_line(ms, node, line, r);
    }
}

/* A node whose caches have 'line', or NOWHERE. */
static uint32_t
holder_of(const struct vsw_memsys *ms, uint64_t line)
{
    uint64_t modules = ms->dir.records ? dir_get(&ms->dir, line) : 0;
    uint32_t *set;

    if (modules) {
        return ms->modules[lowest_bit(modules)].node;
    }
    if (!ms->dir.records
        && (cache_find(ms->modules[0].l2, line, &set) >= 0
            || module_mark_l1s(&ms->modules[0], line, 0, 0))) {
        return 0;
    }
    for (uint32_t i = 0; ms->l3s && i < ms->n_nodes; i++) {
        if (cache_find(&ms->l3s[i], line, &set) >= 0) {
            return i;
        }
    }
    return NOWHERE;
}

static void
walk_dma_read(struct vsw_memsys *ms, uint64_t addr, uint64_t n_bytes,
              struct vsw_mem_result *r)
{
    uint64_t last = last_line(addr, n_bytes);

    check_access(ms, addr, n_bytes);
    for (uint64_t line = addr / VSW_LINE_BYTES; line <= last; line++) {
        uint32_t holder = holder_of(ms, line);

        r->n_dma_reads[holder != NOWHERE]++;
        if (holder == NOWHERE) {
            r->n_dram_reads[home_node(ms, line)]++;
        } else {
            r->n_l3_lines[holder]++;
        }
    }
}

static void
walk_tlb_drop(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr)
{
    bool huge = is_huge(&ms->config.tlb, addr);
    struct vsw_cpu_tlb *t = &ms->cpus[cpu].tlb;
    uint64_t page = page_number(addr, huge, t->is_guest);
    uint32_t flags = 0;

    if (!ms->config.tlb.n_l1_entries) {
        return;
    }
    t->last_page = 0;
    cache_drop(&t->l1[huge], page, &flags);
    if (uses_l2(ms, t, huge)) {
        cache_drop(&t->l2, page, &flags);
    }
}

#define VSW_MEMSYS_OPS(form_id)                                              \
    {                                                                        \
        .form = (form_id),                                                   \
        .access = walk_access,                                               \
        .range = walk_range,                                                 \
        .copy = walk_copy,                                                   \
        .fill_l3 = walk_fill_l3,                                             \
        .dma_write = walk_dma_write,                                         \
        .dma_read = walk_dma_read,                                           \
        .tlb_drop = walk_tlb_drop,                                           \
    }
