#include <vswsim/cache.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/arena.h>

#include "core/cache_impl.h"
#include "core/huge_mem.h"
#include "hash/cpu.h"

static const char *const source_names[VSW_N_MEM_SOURCES] = {
    [VSW_FROM_L1] = "l1",
    [VSW_FROM_L2] = "l2",
    [VSW_FROM_L2_PEER_CLEAN] = "l2_peer_clean",
    [VSW_FROM_L2_PEER_DIRTY] = "l2_peer_dirty",
    [VSW_FROM_L3] = "l3",
    [VSW_FROM_L3_PEER_CLEAN] = "l3_peer_clean",
    [VSW_FROM_L3_PEER_DIRTY] = "l3_peer_dirty",
    [VSW_FROM_NODE_CLEAN] = "node_clean",
    [VSW_FROM_NODE_DIRTY] = "node_dirty",
    [VSW_FROM_DRAM] = "dram",
    [VSW_FROM_DRAM_FAR] = "dram_far",
};

const char *
vsw_mem_source_name(enum vsw_mem_source source)
{
    return source_names[source];
}

const struct vsw_memsys_ops *
vsw_memsys_ops_of(enum vsw_cache_form form)
{
#ifdef VSW_CACHE_X86
    unsigned features = vsw_cpu_features();

    if (features & VSW_CPU_AVX512
        && (form == VSW_CACHE_FASTEST || form == VSW_CACHE_AVX512)) {
        return &vsw_memsys_avx512;
    }
    if (features & VSW_CPU_AVX2
        && (form == VSW_CACHE_FASTEST || form == VSW_CACHE_AVX2)) {
        return &vsw_memsys_avx2;
    }
#endif
    return form == VSW_CACHE_FASTEST || form == VSW_CACHE_PORTABLE
           ? &vsw_memsys_portable : NULL;
}

void
vsw_cache_shape(struct vsw_cache *c, uint64_t n_lines, uint32_t n_ways,
                enum vsw_cache_policy policy)
{
    memset(c, 0, sizeof *c);
    (void) policy;
    c->n_ways = n_ways;
    c->n_sets = n_lines / n_ways;
    c->shift = vsw_msb64(c->n_sets);
    c->stride_bits = n_ways <= 8 ? 3 : n_ways <= 16 ? 4 : 5;
    c->stride = UINT32_C(1) << c->stride_bits;
    if (c->n_sets & (c->n_sets - 1)) {
        c->reciprocal = UINT64_MAX / c->n_sets + 1;
    }
}

/* Memory is measured first and taken in a second, equal pass: 'at' is NULL in
 * the first. */
struct builder {
    unsigned char *at;
    size_t used_bytes;
};

static void *
take(struct builder *b, size_t n, size_t size_bytes)
{
    void *p = b->at ? b->at + b->used_bytes : NULL;
    size_t n_bytes = n * size_bytes;

    b->used_bytes += (n_bytes + VSW_LINE_BYTES - 1) & ~(size_t) 63;
    return p;
}

static void
build_cache(struct builder *b, struct vsw_cache *c, uint64_t n_lines,
            uint32_t n_ways, enum vsw_cache_policy policy)
{
    struct vsw_cache shape;

    vsw_cache_shape(&shape, n_lines, n_ways, policy);
    shape.words = take(b, shape.n_sets * shape.stride, sizeof *shape.words);
    if (policy == VSW_CACHE_PLRU && n_ways > 1) {
        shape.trees = take(b, shape.n_sets, sizeof *shape.trees);
    }
    if (b->at) {
        *c = shape;
    }
}

static void
build_caches(struct builder *b, struct vsw_cache *caches, uint32_t n,
             const struct vsw_cache_config *config)
{
    for (uint32_t i = 0; i < n; i++) {
        build_cache(b, caches ? &caches[i] : NULL,
                    config->size_bytes / VSW_LINE_BYTES, config->n_ways,
                    config->policy);
    }
}

static void
build_tlb(struct builder *b, struct vsw_cpu_tlb *t,
          const struct vsw_tlb_config *c)
{
    struct vsw_cpu_tlb none;

    if (!t) {
        t = &none;
    }
    if (c->n_l1_entries == 0) {
        return;
    }
    build_cache(b, &t->l1[0], c->n_l1_entries, c->n_l1_ways, VSW_CACHE_LRU);
    build_cache(b, &t->l1[1], c->n_l1_huge, c->n_l1_huge_ways,
                VSW_CACHE_LRU);
    if (c->n_l2_entries) {
        build_cache(b, &t->l2, c->n_l2_entries, c->n_l2_ways, VSW_CACHE_LRU);
    }
    build_cache(b, &t->walk, c->n_walk_entries, c->n_walk_entries,
                VSW_CACHE_LRU);
    if (c->nested) {
        build_cache(b, &t->nested, c->n_nested_entries, c->n_nested_entries,
                    VSW_CACHE_LRU);
    }
}

static void
build_module(struct builder *b, struct vsw_memsys *ms, uint32_t i,
             struct vsw_cache *l2s)
{
    const struct vsw_memsys_config *c = &ms->config;
    uint32_t n_l1ds = c->l2.n_cpus / c->l1d.n_cpus;
    uint32_t n_l1is = c->l2.n_cpus / c->l1i.n_cpus;
    struct vsw_cache *l1s = take(b, n_l1ds + n_l1is, sizeof *l1s);

    build_caches(b, l1s, n_l1ds, &c->l1d);
    build_caches(b, l1s ? l1s + n_l1ds : NULL, n_l1is, &c->l1i);
    if (b->at) {
        struct vsw_module *m = &ms->modules[i];

        m->l2 = &l2s[i];
        m->l1s = l1s;
        m->n_l1ds = n_l1ds;
        m->n_l1s = n_l1ds + n_l1is;
        m->n_l1s_used = n_l1ds;
        m->node = i * c->l2.n_cpus / c->l3.n_cpus;
        m->bit = UINT64_C(1) << i;
        ms->node_modules[m->node] |= m->bit;
    }
}

static void
build_cpus(struct builder *b, struct vsw_memsys *ms)
{
    const struct vsw_memsys_config *c = &ms->config;

    for (uint32_t i = 0; i < c->n_cpus; i++) {
        struct vsw_memsys_cpu *cpu = b->at ? &ms->cpus[i] : NULL;

        build_tlb(b, cpu ? &cpu->tlb : NULL, &c->tlb);
        if (cpu) {
            cpu->tlb.is_guest = c->tlb.nested;
            struct vsw_module *m = &ms->modules[i / c->l2.n_cpus];
            uint32_t within = i % c->l2.n_cpus;

            cpu->module = m;
            cpu->l1d = &m->l1s[within / c->l1d.n_cpus];
            cpu->l1i = &m->l1s[m->n_l1ds + within / c->l1i.n_cpus];
            for (uint32_t s = 0; s < VSW_N_STREAMS; s++) {
                cpu->streams[s].next = UINT64_MAX;
            }
        }
    }
}

/* Room for all lines of all L1s and L2s, and for the one just brought to each
 * of two caches before it displaces another, at most half full. */
static void
build_dir(struct builder *b, struct vsw_memsys *ms)
{
    const struct vsw_memsys_config *c = &ms->config;
    uint64_t n_bytes = c->l1d.size_bytes * (c->n_cpus / c->l1d.n_cpus)
                       + c->l1i.size_bytes * (c->n_cpus / c->l1i.n_cpus)
                       + c->l2.size_bytes * ms->n_modules;
    unsigned int bits = vsw_msb64(n_bytes / VSW_LINE_BYTES + 2) + 2;

    if (ms->n_modules > 1) {
        ms->dir.records = take(b, (size_t) 1 << bits,
                               sizeof *ms->dir.records);
        ms->dir.mask = (UINT64_C(1) << bits) - 1;
        ms->dir.shift = 64 - bits;
    }
}

static void
build(struct builder *b, struct vsw_memsys *ms)
{
    const struct vsw_memsys_config *c = &ms->config;
    struct vsw_cache *l2s;

    ms->cpus = take(b, c->n_cpus, sizeof *ms->cpus);
    ms->modules = take(b, ms->n_modules, sizeof *ms->modules);
    l2s = take(b, ms->n_modules, sizeof *l2s);
    build_caches(b, l2s, ms->n_modules, &c->l2);
    for (uint32_t i = 0; i < ms->n_modules; i++) {
        build_module(b, ms, i, l2s);
    }
    if (c->l3.size_bytes) {
        ms->l3s = take(b, ms->n_nodes, sizeof *ms->l3s);
        build_caches(b, ms->l3s, ms->n_nodes, &c->l3);
    }
    build_cpus(b, ms);
    build_dir(b, ms);
}

static uint64_t
lower(uint64_t end, const struct vsw_cache_config *config)
{
    struct vsw_cache c;
    uint64_t lines;

    if (!config->size_bytes) {
        return end;
    }
    vsw_cache_shape(&c, config->size_bytes / VSW_LINE_BYTES, config->n_ways,
                    config->policy);
    lines = ((uint64_t) VSW_CACHE_MAX_TAG + 1) << c.shift;
    return lines < end / VSW_LINE_BYTES ? lines * VSW_LINE_BYTES : end;
}

static uint64_t
addr_end_of(const struct vsw_memsys_config *c)
{
    uint64_t end = UINT64_C(1) << VSW_MEMSYS_MAX_ADDR_BITS;

    end = lower(end, &c->l1d);
    end = lower(end, &c->l1i);
    end = lower(end, &c->l2);
    return lower(end, &c->l3);
}

static int
check_tables(const struct vsw_memsys *ms, struct vsw_error *err)
{
    const struct vsw_tlb_config *t = &ms->config.tlb;
    uint64_t last = t->nested && t->nested_tables > t->tables
                    ? t->nested_tables : t->tables;

    if (t->n_l1_entries && (last > ms->addr_end
                            || ms->addr_end - last < UINT64_C(4) << 32)) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "memory system: page tables of 16 GiB must lie"
                             " below address 0x%llx",
                             (unsigned long long) ms->addr_end);
    }
    return 0;
}

static int
build_all(struct vsw_memsys *ms, struct vsw_error *err)
{
    struct builder b = { NULL, 0 };
    struct vsw_memsys plan = *ms;

    build(&b, &plan);
    ms->memory_bytes = b.used_bytes;
    ms->memory = vsw_huge_mem_new(b.used_bytes);
    if (!ms->memory) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "memory system: out of memory for %zu bytes",
                             b.used_bytes);
    }
    b.at = ms->memory;
    b.used_bytes = 0;
    build(&b, ms);
    return 0;
}

struct vsw_memsys *
vsw_memsys_new(const struct vsw_memsys_config *config, struct vsw_error *err)
{
    const struct vsw_memsys_ops *ops = vsw_memsys_ops_of(config->form);
    struct vsw_memsys *ms;

    if (vsw_memsys_config_check(config, err)) {
        return NULL;
    }
    if (!ops) {
        vsw_error_set(err, VSW_ERROR_UNAVAILABLE, -ENOTSUP,
                      "memory system: this CPU cannot run the form asked"
                      " for; use the fastest or the portable one");
        return NULL;
    }
    ms = calloc(1, sizeof *ms);
    if (!ms) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                      "memory system: out of memory");
        return NULL;
    }
    ms->ops = ops;
    ms->config = *config;
    ms->n_modules = config->n_cpus / config->l2.n_cpus;
    ms->n_nodes = config->n_cpus / config->l3.n_cpus;
    ms->addr_end = addr_end_of(config);
    if (check_tables(ms, err) || build_all(ms, err)) {
        vsw_memsys_free(ms);
        return NULL;
    }
    return ms;
}

void
vsw_memsys_free(struct vsw_memsys *ms)
{
    if (ms) {
        vsw_huge_mem_free(ms->memory, ms->memory_bytes);
        free(ms);
    }
}

uint64_t
vsw_memsys_addr_end(const struct vsw_memsys *ms)
{
    return ms->addr_end;
}

uint64_t
vsw_memsys_code_drops(const struct vsw_memsys *ms, uint32_t cpu)
{
    return ms->cpus[cpu].module->n_code_drops;
}

const struct vsw_memsys_config *
vsw_memsys_config(const struct vsw_memsys *ms)
{
    return &ms->config;
}

uint64_t
vsw_memsys_access(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
                  uint64_t n_bytes, enum vsw_line_kind kind,
                  struct vsw_mem_result *r)
{
    return ms->ops->access(ms, cpu, addr, n_bytes, kind, r);
}

/* The longest latency in full, and a part of the others. */
static uint64_t
land(const struct vsw_memsys *ms, const struct vsw_mem_flight *flight,
     uint64_t longest_ps, struct vsw_mem_result *r)
{
    uint64_t latency_ps = longest_ps + (flight->sum_ps - longest_ps)
                                       / ms->config.n_overlap;

    r->latency_ps += latency_ps;
    return latency_ps;
}

uint64_t
vsw_memsys_range(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
                 uint64_t n_bytes, enum vsw_line_kind kind,
                 struct vsw_mem_result *r)
{
    struct vsw_mem_flight flight = {0, 0, 0};

    ms->ops->range(ms, cpu, addr, n_bytes, kind, &flight, r);
    return land(ms, &flight, flight.max_ps, r);
}

uint64_t
vsw_memsys_copy(struct vsw_memsys *ms, uint32_t cpu, uint64_t dst,
                uint64_t src, uint64_t n_bytes, struct vsw_mem_result *r)
{
    struct vsw_mem_flight flight = {0, 0, 0};

    ms->ops->copy(ms, cpu, dst, src, n_bytes, &flight, r);
    return land(ms, &flight, flight.max_read_ps, r);
}

void
vsw_memsys_fly(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
               uint64_t n_bytes, enum vsw_line_kind kind,
               struct vsw_mem_flight *flight, struct vsw_mem_result *r)
{
    ms->ops->range(ms, cpu, addr, n_bytes, kind, flight, r);
}

void
vsw_memsys_fly_copy(struct vsw_memsys *ms, uint32_t cpu, uint64_t dst,
                    uint64_t src, uint64_t n_bytes,
                    struct vsw_mem_flight *flight, struct vsw_mem_result *r)
{
    ms->ops->copy(ms, cpu, dst, src, n_bytes, flight, r);
}

uint64_t
vsw_memsys_fetch(struct vsw_memsys *ms, uint32_t cpu,
                 const struct vsw_footprint *code, struct vsw_mem_result *r)
{
    return vsw_memsys_range(ms, cpu, code->addr,
                            (uint64_t) code->n_lines * VSW_LINE_BYTES,
                            VSW_LINE_FETCH, r);
}

void
vsw_memsys_fill_l3(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
                   uint64_t n_bytes, struct vsw_mem_result *r)
{
    assert(ms->l3s && node < ms->n_nodes);
    ms->ops->fill_l3(ms, node, addr, n_bytes, r);
}

void
vsw_memsys_dma_write(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
                     uint64_t n_bytes, struct vsw_mem_result *r)
{
    ms->ops->dma_write(ms, node, addr, n_bytes, r);
}

void
vsw_memsys_dma_read(struct vsw_memsys *ms, uint64_t addr, uint64_t n_bytes,
                    struct vsw_mem_result *r)
{
    ms->ops->dma_read(ms, addr, n_bytes, r);
}

static void
empty(struct vsw_cache *t)
{
    if (t->words) {
        memset(t->words, 0, t->n_sets * t->stride * sizeof *t->words);
    }
}

void
vsw_memsys_set_nested(struct vsw_memsys *ms, uint32_t cpu, bool nested)
{
    ms->cpus[cpu].tlb.is_guest = nested && ms->config.tlb.nested;
}

void
vsw_memsys_tlb_flush(struct vsw_memsys *ms, uint32_t cpu)
{
    struct vsw_cpu_tlb *t = &ms->cpus[cpu].tlb;

    empty(&t->l1[0]);
    empty(&t->l1[1]);
    empty(&t->l2);
    empty(&t->walk);
    empty(&t->nested);
    t->last_page = 0;
}

void
vsw_memsys_tlb_drop(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr)
{
    ms->ops->tlb_drop(ms, cpu, addr);
}
