/* What one line access of the memory system costs on this host, in each form
 * that it can run: 12 CPUs, three levels, an inclusive L3 of 20 ways, dirty
 * lines and the directory included.  One CPU of them runs, on as many lines
 * as make the accesses hit where the row says, one write in four.
 *
 * Each figure is processor time, the least of many short runs, since whatever
 * else runs here can only add. */
#include <vswsim/cache.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_RUNS      300
#define N_DRAWS     (1u << 18)
#define N_ACCESSES  (1u << 13)  /* Of a run. */
#define LINE        UINT64_C(64)

/* Where accesses go: each line of the first 'n_lines' equally likely, or all
 * of them one after the other. */
struct pattern {
    const char *name;
    uint64_t n_lines;
    uint64_t range_bytes;   /* 0: single accesses at random. */
    uint32_t n_cpus;        /* That take turns. */
};

static const struct pattern patterns[] = {
    { "L1 hits", 400, 0, 1 },
    { "L2 hits", 3500, 0, 1 },
    { "L3 hits", 300000, 0, 1 },
    { "misses", 1u << 26, 0, 1 },
    { "shared lines", 200, 0, 2 },
    { "copy within L1", 16, 1024, 1 },
    { "copy from DRAM", 1u << 24, 1024, 1 },
};

static uint32_t draws[N_DRAWS];
static uint32_t next_draw;

static uint64_t
cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

static void
draw_all(void)
{
    uint64_t x = 1;

    for (uint32_t i = 0; i < N_DRAWS; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        draws[i] = (uint32_t) (x >> 32);
    }
}

static void
run_single(struct vsw_memsys *ms, const struct pattern *p,
           struct vsw_mem_result *r)
{
    for (uint32_t i = 0; i < N_ACCESSES; i++) {
        uint64_t draw = draws[next_draw++ % N_DRAWS];
        uint64_t line = draw * p->n_lines >> 32;
        uint32_t cpu = p->n_cpus > 1 ? i % p->n_cpus : 0;

        vsw_memsys_access(ms, cpu, line * LINE, 8,
                          i % 4 ? VSW_LINE_READ : VSW_LINE_WRITE, r);
    }
}

static void
run_copies(struct vsw_memsys *ms, const struct pattern *p,
           struct vsw_mem_result *r)
{
    static uint64_t at;
    uint32_t n = (uint32_t) (N_ACCESSES * LINE / p->range_bytes / 2);

    for (uint32_t i = 0; i < n; i++) {
        uint64_t src = at % (p->n_lines * LINE);

        vsw_memsys_copy(ms, 0, (p->n_lines + 8) * LINE + src, src,
                        p->range_bytes, r);
        at += p->range_bytes;
    }
}

static void
bench(struct vsw_memsys *ms, const struct pattern *p)
{
    uint64_t best_ns = UINT64_MAX;

    for (int run = 0; run < N_RUNS; run++) {
        struct vsw_mem_result r = { .latency_ps = 0 };
        uint64_t start_ns = cpu_ns();
        uint64_t taken_ns;

        if (p->range_bytes) {
            run_copies(ms, p, &r);
        } else {
            run_single(ms, p, &r);
        }
        taken_ns = cpu_ns() - start_ns;
        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
    }
    printf("  %-16s %6.1f ns/line\n", p->name,
           (double) best_ns / N_ACCESSES);
}

static const struct vsw_memsys_config machine = {
    .n_cpus = 12,
    .l1d = { 32 << 10, 8, 1, VSW_CACHE_LRU },
    .l1i = { 32 << 10, 8, 1, VSW_CACHE_LRU },
    .l2 = { 256 << 10, 8, 1, VSW_CACHE_LRU },
    .l3 = { 30 << 20, 20, 12, VSW_CACHE_LRU },
    .node_shift = 38,
    .n_overlap = 10,
};

int
main(void)
{
    static const struct {
        enum vsw_cache_form form;
        const char *name;
    } forms[] = {
        { VSW_CACHE_PORTABLE, "portable" },
        { VSW_CACHE_AVX2, "AVX2" },
        { VSW_CACHE_AVX512, "AVX-512" },
    };

    draw_all();
    for (size_t i = 0; i < VSW_N_ELEMS(forms); i++) {
        struct vsw_memsys_config config = machine;
        struct vsw_memsys *ms;

        config.form = forms[i].form;
        ms = vsw_memsys_new(&config, NULL);
        if (!ms) {
            printf("%s: not on this CPU\n", forms[i].name);
            continue;
        }
        printf("%s\n", forms[i].name);
        for (size_t j = 0; j < VSW_N_ELEMS(patterns); j++) {
            bench(ms, &patterns[j]);
        }
        vsw_memsys_free(ms);
    }
    return 0;
}
