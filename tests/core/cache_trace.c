#include "core/cache_trace.h"

#include "vsw_test.h"

#include <string.h>

#include "core/cache_reference.h"
#include "vsw_random.h"

#define N_DATA_LINES    160
#define N_CODE_LINES    48
#define CODE_LINE       100000

struct trace {
    struct rnd rnd;
    struct ref ref;
    struct vsw_memsys *ms;
    struct vsw_mem_result real;
    struct vsw_mem_result naive;
};

static void
draw_cache(struct rnd *r, struct vsw_cache_config *c, uint32_t n_cpus,
           uint32_t max_sets, uint32_t max_way_bits, bool any_sets)
{
    uint32_t n_sets = 1u << rnd_below(r, vsw_msb64(max_sets) + 1);

    c->policy = rnd_below(r, 3) ? VSW_CACHE_LRU : VSW_CACHE_PLRU;
    c->n_ways = 1u << rnd_below(r, max_way_bits + 1);
    if (c->policy == VSW_CACHE_LRU) {
        c->n_ways += rnd_below(r, c->n_ways);
    }
    if (any_sets && rnd_below(r, 2)) {
        n_sets = 1 + rnd_below(r, max_sets);
    }
    c->size_bytes = (uint64_t) n_sets * c->n_ways * 64;
    c->n_cpus = n_cpus;
}

static void
draw_config(struct rnd *r, struct vsw_memsys_config *c)
{
    uint32_t share1 = 1u << (rnd_below(r, 4) == 0);
    uint32_t share2 = share1 << rnd_below(r, 2);
    uint32_t share3 = share2 << rnd_below(r, 3);

    memset(c, 0, sizeof *c);
    c->n_cpus = share3 << rnd_below(r, 3);
    draw_cache(r, &c->l1d, share1, 4, 2, false);
    draw_cache(r, &c->l1i, rnd_below(r, 2) ? share2 : 1, 4, 2, false);
    draw_cache(r, &c->l2, share2, 8, 3, true);
    draw_cache(r, &c->l3, share3, 12, 4, true);
    c->l3_policy = (enum vsw_l3_policy) rnd_below(r, 3);
    if (rnd_below(r, 5) == 0) {
        c->l3.size_bytes = 0;
    } else if (rnd_below(r, 2)) {
        c->n_ddio_ways = 1 + rnd_below(r, c->l3.n_ways);
    }
    c->l1d_write_through = rnd_below(r, 3) == 0;
    c->node_shift = 12;
    c->n_overlap = 1;
    for (uint32_t i = 0; i < VSW_N_MEM_SOURCES; i++) {
        c->latency_ps[i] = rnd_below(r, 100000);
    }
    for (uint32_t i = 0; i < VSW_N_MEM_DISTANCES; i++) {
        c->upgrade_ps[i] = rnd_below(r, 100000);
    }
}

/* A few lines are used by all, most of the time. */
static uint64_t
draw_line(struct rnd *r, enum vsw_line_kind kind)
{
    if (kind == VSW_LINE_FETCH) {
        return CODE_LINE + rnd_below(r, N_CODE_LINES);
    }
    return rnd_below(r, rnd_below(r, 4) ? 12 : N_DATA_LINES);
}

static void
step_cpu(struct trace *t)
{
    uint32_t cpu = rnd_below(&t->rnd, t->ref.config.n_cpus);
    uint32_t what = rnd_below(&t->rnd, 10);
    enum vsw_line_kind kind = what < 5 ? VSW_LINE_READ
                              : what < 8 ? VSW_LINE_WRITE : VSW_LINE_FETCH;
    uint64_t line = draw_line(&t->rnd, kind);
    uint64_t at = rnd_below(&t->rnd, 64);
    uint64_t n_bytes = 1 + rnd_below(&t->rnd, 100);

    vsw_memsys_access(t->ms, cpu, line * 64 + at, n_bytes, kind, &t->real);
    for (uint64_t i = 0; i * 64 < at + n_bytes; i++) {
        ref_access(&t->ref, cpu, line + i, kind);
    }
}

static void
step_device(struct trace *t)
{
    uint32_t n_nodes = t->ref.config.n_cpus / t->ref.config.l3.n_cpus;
    uint32_t node = rnd_below(&t->rnd, n_nodes);
    uint64_t line = draw_line(&t->rnd, rnd_below(&t->rnd, 10)
                              ? VSW_LINE_READ : VSW_LINE_FETCH);

    if (rnd_below(&t->rnd, 3)) {
        vsw_memsys_dma_write(t->ms, node, line * 64, 64, &t->real);
        ref_dma_write(&t->ref, node, line);
    } else {
        vsw_memsys_dma_read(t->ms, line * 64, 64, &t->real);
        ref_dma_read(&t->ref, line);
    }
}

static void
describe(const struct vsw_memsys_config *c, uint32_t step)
{
    const struct vsw_cache_config *const caches[] = {
        &c->l1d, &c->l1i, &c->l2, &c->l3,
    };

    print_error("step %u of %u CPUs, L3 policy %d, write-through %d,"
                " %u ways for DMA\n", step, c->n_cpus, (int) c->l3_policy,
                c->l1d_write_through, c->n_ddio_ways);
    for (int i = 0; i < 4; i++) {
        print_error("cache %d: %llu lines, %u ways, %u CPUs, %s\n", i,
                    (unsigned long long) caches[i]->size_bytes / 64,
                    caches[i]->n_ways, caches[i]->n_cpus,
                    caches[i]->policy == VSW_CACHE_LRU ? "LRU" : "PLRU");
    }
}

/* The record of a module in the directory is exact. */
static void
assert_directory(struct trace *t, uint64_t line)
{
    const struct vsw_memsys *ms = t->ms;
    uint64_t modules = 0;
    uint64_t found = 0;

    for (uint32_t cpu = 0; cpu < t->ref.config.n_cpus; cpu++) {
        for (int level = 0; level < 3; level++) {
            if (ref_find(&t->ref, level, cpu, line)) {
                modules |= UINT64_C(1) << cpu / t->ref.config.l2.n_cpus;
            }
        }
    }
    for (uint64_t i = 0; ms->dir.records && i <= ms->dir.mask; i++) {
        if (ms->dir.records[i].line_1 == line + 1) {
            found = ms->dir.records[i].modules;
        }
    }
    if (ms->dir.records) {
        assert_int_equal(found, modules);
    }
}

static void
compare(const struct vsw_memsys_ops *ops, struct trace *t, uint32_t n_steps)
{
    struct vsw_memsys_config config;
    struct vsw_error err;

    draw_config(&t->rnd, &config);
    config.form = !ops && rnd_below(&t->rnd, 3) ? VSW_CACHE_FASTEST
                  : VSW_CACHE_PORTABLE;
    t->ms = vsw_memsys_new(&config, &err);
    if (!t->ms) {
        fail_msg("%s", err.text);
    }
    if (ops) {
        t->ms->ops = ops;
    }
    ref_init(&t->ref, &config);
    t->ref.r = &t->naive;
    for (uint32_t step = 0; step < n_steps; step++) {
        if (rnd_below(&t->rnd, 8)) {
            step_cpu(t);
        } else {
            step_device(t);
        }
        if (memcmp(&t->real, &t->naive, sizeof t->real) != 0) {
            describe(&config, step);
            fail();
        }
    }
    for (uint64_t line = 0; line < N_DATA_LINES; line++) {
        assert_directory(t, line);
    }
    vsw_memsys_free(t->ms);
}

void
cache_trace_compare(const struct vsw_memsys_ops *ops, uint64_t seed,
                    uint32_t n_configs, uint32_t n_steps)
{
    static struct trace t;

    memset(&t, 0, sizeof t);
    t.rnd = rnd_from_environment("cache", seed);
    for (uint32_t i = 0; i < n_configs; i++) {
        compare(ops, &t, n_steps);
    }
    /* Every kind of event was seen. */
    for (uint32_t i = 0; i < VSW_N_MEM_SOURCES; i++) {
        assert_true(t.real.n_from[VSW_LINE_READ][i] > 0);
        assert_true(t.real.n_from[VSW_LINE_WRITE][i] > 0);
    }
    for (uint32_t i = 0; i < VSW_N_MEM_DISTANCES; i++) {
        assert_true(t.real.n_upgrades[i] > 0);
    }
    assert_true(t.real.n_dma_reads[0] && t.real.n_dma_reads[1]);
    assert_true(t.real.n_dma_writes[0] && t.real.n_dma_writes[1]);
    assert_true(t.real.n_dram_writes[0] && t.real.n_dram_writes[1]);
}
