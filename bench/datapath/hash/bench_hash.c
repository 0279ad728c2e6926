/* Nanoseconds per hash on one thread: each form, IPv4 and IPv6 with ports,
 * single and bulk, and jhash; DPDK's beside them if it was found.
 *
 * The inputs lie side by side and fit the first-level cache.  Each line is
 * the least of several short runs, since whatever else runs here can only
 * add. */
#include <vswsim/jhash.h>
#include <vswsim/toeplitz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef VSW_BENCH_DPDK
#include "dpdk_hash.h"
#endif

#define N_INPUTS 512
#define N_RUNS   30
#define RUN_NS   2000000

static _Alignas(64) unsigned char memory[1 << 16];
static _Alignas(64) uint8_t inputs[N_INPUTS * VSW_RSS_IPV6_PORTS_BYTES];
static uint32_t hashes[N_INPUTS];

struct subject {
    const char *name;
    const struct vsw_toeplitz *toeplitz;
    const uint64_t *matrices;
    void (*run)(const struct subject *subject, size_t n_bytes);
};

static uint64_t
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

/* Picoseconds per hash. */
static uint64_t
measure(const struct subject *subject, size_t n_bytes)
{
    uint64_t best = UINT64_MAX;

    for (int run = 0; run < N_RUNS; run++) {
        uint64_t start_ns = now_ns();
        uint64_t n = 0;
        uint64_t taken_ns;

        do {
            subject->run(subject, n_bytes);
            n += N_INPUTS;
            taken_ns = now_ns() - start_ns;
        } while (taken_ns < RUN_NS);
        if (taken_ns * 1000 / n < best) {
            best = taken_ns * 1000 / n;
        }
    }
    return best;
}

static void
run_single(const struct subject *subject, size_t n_bytes)
{
    for (size_t i = 0; i < N_INPUTS; i++) {
        hashes[i] = vsw_toeplitz_hash(subject->toeplitz,
                                      inputs + i * n_bytes, n_bytes, NULL);
    }
}

static void
run_bulk(const struct subject *subject, size_t n_bytes)
{
    vsw_toeplitz_hash_bulk(subject->toeplitz, inputs, n_bytes, n_bytes,
                           hashes, N_INPUTS, NULL);
}

static void
run_jhash(const struct subject *subject, size_t n_bytes)
{
    (void) subject;
    for (size_t i = 0; i < N_INPUTS; i++) {
        hashes[i] = vsw_jhash(inputs + i * n_bytes, n_bytes, 0);
    }
}

#ifdef VSW_BENCH_DPDK
static void
run_softrss(const struct subject *subject, size_t n_bytes)
{
    (void) subject;
    dpdk_softrss(vsw_toeplitz_default_key, inputs, n_bytes, hashes,
                 N_INPUTS);
}

static void
run_gfni(const struct subject *subject, size_t n_bytes)
{
    dpdk_gfni(subject->matrices, inputs, n_bytes, hashes, N_INPUTS);
}

static void
run_gfni_bulk(const struct subject *subject, size_t n_bytes)
{
    dpdk_gfni_bulk(subject->matrices, inputs, n_bytes, hashes, N_INPUTS);
}
#endif

static void
print_line(const struct subject *subject, const char *how)
{
    uint64_t ipv4_ps = measure(subject, VSW_RSS_IPV4_PORTS_BYTES);
    uint64_t ipv6_ps = measure(subject, VSW_RSS_IPV6_PORTS_BYTES);

    printf("%-20s %-6s %6.2f %6.2f\n", subject->name, how,
           (double) ipv4_ps / 1000, (double) ipv6_ps / 1000);
}

static void
bench_form(enum vsw_toeplitz_form form)
{
    struct subject subject = { .name = vsw_toeplitz_form_name(form) };
    struct vsw_arena arena;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    subject.toeplitz = vsw_toeplitz_new(&arena, vsw_toeplitz_default_key,
                                        VSW_TOEPLITZ_KEY_BYTES, form);
    if (!subject.toeplitz) {
        printf("%-20s not on this CPU\n", subject.name);
        return;
    }
    subject.run = run_single;
    print_line(&subject, "single");
    subject.run = run_bulk;
    print_line(&subject, "bulk");
}

static void
bench_dpdk(void)
{
#ifdef VSW_BENCH_DPDK
    struct subject subject = { .name = "rte_softrss_be" };
    uint64_t matrices[VSW_TOEPLITZ_KEY_BYTES];

    subject.run = run_softrss;
    print_line(&subject, "single");
    /* Not rte_thash_gfni_supported(), which says no in packages built for a
     * lesser CPU, although the inline functions work. */
    if (!vsw_toeplitz_has_form(VSW_TOEPLITZ_AVX512)) {
        printf("%-20s not on this CPU\n", "rte_thash_gfni");
        return;
    }
    dpdk_gfni_prepare(matrices, vsw_toeplitz_default_key,
                      VSW_TOEPLITZ_KEY_BYTES);
    subject.matrices = matrices;
    subject.name = "rte_thash_gfni";
    subject.run = run_gfni;
    print_line(&subject, "single");
    subject.run = run_gfni_bulk;
    print_line(&subject, "bulk");
#endif
}

int
main(void)
{
    struct subject jhash = { .name = "jhash", .run = run_jhash };

    for (size_t i = 0; i < sizeof inputs; i++) {
        inputs[i] = (uint8_t) (i * 2654435761u >> 13);
    }
    printf("%-20s %-6s %6s %6s\n", "ns per hash", "", "ipv4", "ipv6");
    for (int form = VSW_TOEPLITZ_BITWISE; form < VSW_TOEPLITZ_AUTOVALIDATE;
         form++) {
        bench_form((enum vsw_toeplitz_form) form);
    }
    print_line(&jhash, "single");
    bench_dpdk();
    return 0;
}
