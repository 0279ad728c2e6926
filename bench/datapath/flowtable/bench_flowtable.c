/* Nanoseconds per lookup on one thread: each flow table at 1 K to 1 M entries,
 * uniform and Zipf, single and in bursts; DPDK's rte_hash beside them if it
 * was found.
 *
 * Usage: bench_flowtable [MAX_ENTRIES [MIN_ENTRIES]]
 *
 * Hashes are supplied, as by a NIC.  Every run is checked: the sum of its
 * answers must be that of the right ones. */
#include "measure.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

#include <vswsim/emc.h>
#include <vswsim/exact.h>
#include <vswsim/mactable.h>
#include <vswsim/megaflow.h>

#ifdef VSW_BENCH_DPDK
#include "dpdk_table.h"
#endif

#define MEM_BYTES ((size_t) 512 << 20)

static const uint32_t sizes[] = {1000, 8000, 100000, 1000000};

/* What a measured function gets. */
struct subject {
    const struct workload *w;
    void *table;
};

static uint64_t
exact_single(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;
    const struct workload *w = s->w;
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i++) {
        sum += vsw_exact_lookup(s->table, w->query_keys[i],
                                w->query_hashes[i], NULL);
    }
    return sum;
}

static uint64_t
exact_bulk(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;
    const struct workload *w = s->w;
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i += 64) {
        uint32_t flows[64];

        vsw_exact_lookup_bulk(s->table, w->query_keys + i,
                              w->query_hashes + i, 64, flows, NULL);
        for (int j = 0; j < 64; j++) {
            sum += flows[j];
        }
    }
    return sum;
}

static uint64_t
emc_single(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;
    const struct workload *w = s->w;
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i++) {
        sum += vsw_emc_lookup(s->table, w->query_keys[i],
                              w->query_hashes[i], NULL);
    }
    return sum;
}

static uint64_t
mactable_single(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i++) {
        sum += vsw_mactable_lookup(s->table, s->w->query_keys[i], 0, NULL);
    }
    return sum;
}

static uint64_t
megaflow_bulk(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i += 32) {
        const struct vsw_flowkey *keys[32];
        uint32_t flows[32];

        for (uint32_t j = 0; j < 32; j++) {
            keys[j] = s->w->query_keys[i + j];
        }
        vsw_megaflow_lookup_bulk(s->table, keys, 32, flows, NULL);
        for (int j = 0; j < 32; j++) {
            sum += flows[j];
        }
    }
    return sum;
}

#ifdef VSW_BENCH_DPDK
static uint64_t
rte_single(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;

    return dpdk_table_single(s->table, s->w, first, n);
}

static uint64_t
rte_bulk(void *aux, uint32_t first, uint32_t n)
{
    const struct subject *s = aux;

    return dpdk_table_bulk(s->table, s->w, first, n);
}
#endif

/* Ends the program unless 'answer' gives the right answers. */
static void
check(measure_fn answer, struct subject *s)
{
    uint64_t want = 0;

    for (uint32_t i = 0; i < N_QUERIES; i++) {
        want += s->w->query_flows[i];
    }
    if (answer(s, 0, N_QUERIES) != want) {
        fprintf(stderr, "bench_flowtable: a table gives wrong answers\n");
        exit(1);
    }
}

static void *
checked(void *table)
{
    if (!table) {
        fprintf(stderr, "bench_flowtable: a table cannot be made\n");
        exit(1);
    }
    return table;
}

static struct vsw_exact *
make_exact(struct vsw_arena *arena, const struct workload *w)
{
    struct vsw_exact *t = checked(vsw_exact_new(arena, w->key_bytes,
                                                w->n_keys));

    for (uint32_t i = 0; i < w->n_keys; i++) {
        if (vsw_exact_insert(t, w->keys + (size_t) i * w->key_bytes,
                             w->hashes[i], i, NULL)) {
            checked(NULL);
        }
    }
    return t;
}

static void
compare_exact(uint32_t key_bytes, uint32_t n_keys)
{
    void *mem = workload_memory(MEM_BYTES);
    static const uint32_t skews[] = {0, 1000};
    struct vsw_arena arena;
    struct workload w;
    struct subject ours = {&w, NULL};
#ifdef VSW_BENCH_DPDK
    struct subject theirs = {&w, NULL};
#endif

    vsw_arena_init(&arena, mem, MEM_BYTES);
    workload_init(&w, key_bytes, n_keys);
    ours.table = make_exact(&arena, &w);
#ifdef VSW_BENCH_DPDK
    theirs.table = checked(dpdk_table_new(&w));
#endif
    for (int i = 0; i < 2; i++) {
        workload_draw(&w, skews[i]);
        check(exact_single, &ours);
        check(exact_bulk, &ours);
        printf("%9u %8u  %-7s", key_bytes, n_keys, i ? "Zipf" : "uniform");
        measure_print(measure(exact_single, &ours));
        measure_print(measure(exact_bulk, &ours));
#ifdef VSW_BENCH_DPDK
        check(rte_bulk, &theirs);
        measure_print(measure(rte_single, &theirs));
        measure_print(measure(rte_bulk, &theirs));
#endif
        printf("\n");
        fflush(stdout);
    }
    workload_give_back(mem, MEM_BYTES);
    workload_fini(&w);
#ifdef VSW_BENCH_DPDK
    dpdk_table_free(theirs.table);
#endif
}

/* The OVS-shaped cache, filled with as many keys as it has entries or fewer;
 * some are not in it, which is what it is like. */
static void
time_emc(uint32_t n_keys, void *mem)
{
    struct vsw_emc_shape shape = {VSW_EMC_OVS_ENTRIES, VSW_EMC_OVS_POSITIONS,
                                  VSW_EMC_MIN_ENTRY_BYTES};
    struct vsw_arena arena;
    struct workload w;
    struct subject s = {&w, NULL};

    vsw_arena_init(&arena, mem, MEM_BYTES);
    workload_init(&w, VSW_FLOWKEY_BYTES, n_keys);
    workload_draw(&w, 0);
    s.table = checked(vsw_emc_new(&arena, &shape));
    for (uint32_t i = 0; i < n_keys; i++) {
        vsw_emc_insert(s.table, (const void *) (w.keys + (size_t) i * 64),
                       w.hashes[i], i, NULL);
    }
    printf("%8u  cache like that of OVS, %5.1f %% full ", n_keys,
           100.0 * vsw_emc_count(s.table) / VSW_EMC_OVS_ENTRIES);
    measure_print(measure(emc_single, &s));
    printf("\n");
    workload_fini(&w);
}

static void
time_mactable(uint32_t n_keys, void *mem)
{
    struct vsw_arena arena;
    struct workload w;
    struct subject s = {&w, NULL};

    vsw_arena_init(&arena, mem, MEM_BYTES);
    workload_init(&w, 8, n_keys);
    s.table = checked(vsw_mactable_new(&arena, n_keys, 0));
    for (uint32_t i = 0; i < n_keys; i++) {
        w.keys[8 * i] &= 0xfe;
        vsw_mactable_learn(s.table, (const void *) (w.keys + 8 * i),
                           i % 1000, 0, NULL);
    }
    workload_draw(&w, 0);
    printf("%8u  MAC table                           ", n_keys);
    measure_print(measure(mactable_single, &s));
    printf("\n");
    workload_fini(&w);
}

/* 'n_keys' megaflows over 32 bytes of the key, in the last subtable. */
static void
fill_megaflow(struct vsw_megaflow *mf, const struct workload *w,
              uint32_t n_others)
{
    struct vsw_flowkey mask = {.ip_src = {{0}}};

    memset(&mask.ip_src, 0xff, sizeof mask.ip_src);
    memset(&mask.ip_dst, 0xff, sizeof mask.ip_dst);
    for (uint32_t i = 0; i < n_others; i++) {
        mask.in_port = vsw_be16_make((uint16_t) (i + 1));
        /* All ones: no query has these addresses. */
        vsw_megaflow_insert(mf, &mask, &mask, 0, NULL);
    }
    mask.in_port = vsw_be16_make(0);
    for (uint32_t i = 0; i < w->n_keys; i++) {
        if (vsw_megaflow_insert(mf,
                                (const void *) (w->keys + (size_t) i * 64),
                                &mask, i, NULL)) {
            checked(NULL);
        }
    }
}

static uint64_t
time_megaflow(const struct workload *w, uint32_t n_others, void *mem)
{
    struct vsw_arena arena;
    struct subject s = {w, NULL};

    vsw_arena_init(&arena, mem, MEM_BYTES);
    s.table = checked(vsw_megaflow_new(&arena, w->n_keys + n_others,
                                       n_others + 1));
    fill_megaflow(s.table, w, n_others);
    check(megaflow_bulk, &s);
    return measure(megaflow_bulk, &s);
}

static void
compare_megaflow(uint32_t n_keys)
{
    struct workload w;
    uint64_t ps[2];

    workload_init(&w, VSW_FLOWKEY_BYTES, n_keys);
    workload_draw(&w, 0);
    for (int i = 0; i < 2; i++) {
        void *mem = workload_memory(MEM_BYTES);

        ps[i] = time_megaflow(&w, i ? 16 : 0, mem);
        workload_give_back(mem, MEM_BYTES);
    }
    printf("%8u  megaflows, burst of 32: first subtable", n_keys);
    measure_print(ps[0]);
    printf(", each more");
    measure_print((ps[1] - ps[0]) / 16);
    printf("\n");
    workload_fini(&w);
}

static void
time_others(uint32_t n_keys)
{
    void *mem = workload_memory(MEM_BYTES);

    if (n_keys <= VSW_EMC_OVS_ENTRIES) {
        time_emc(n_keys, mem);
    }
    workload_give_back(mem, MEM_BYTES);
    mem = workload_memory(MEM_BYTES);
    time_mactable(n_keys, mem);
    workload_give_back(mem, MEM_BYTES);
    compare_megaflow(n_keys);
}

int
main(int argc, char *argv[])
{
    static const uint32_t key_sizes[] = {16, 44, 64};
    unsigned long max_keys = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    unsigned long min_keys = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

#ifdef VSW_BENCH_DPDK
    if (dpdk_start()) {
        fprintf(stderr, "bench_flowtable: DPDK does not start\n");
        return 1;
    }
    printf("ns per lookup                exact-match      rte_hash\n"
           "key bytes  entries  keys    single bulk 64  single bulk 64\n");
#else
    printf("ns per lookup                exact-match\n"
           "key bytes  entries  keys    single bulk 64\n");
#endif
    for (size_t k = 0; k < VSW_N_ELEMS(key_sizes); k++) {
        for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
            if (sizes[i] >= min_keys && sizes[i] <= max_keys) {
                compare_exact(key_sizes[k], sizes[i]);
            }
        }
    }
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        if (sizes[i] >= min_keys && sizes[i] <= max_keys) {
            time_others(sizes[i]);
        }
    }
    return 0;
}
