/* Nanoseconds per decision on one thread: TCAM and linear search on the same
 * rules, and DPDK's rte_acl beside them if it was found.  Half of the packets
 * match some rule.  The subjects must agree on all of them.
 *
 * Each number is the least of several short runs, since whatever else runs
 * here can only add. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vswsim/tcam.h>

#include "rules.h"
#ifdef VSW_BENCH_DPDK
#include "dpdk_acl.h"
#endif

#define N_RUNS 25
#define RUN_NS 4000000

static _Alignas(64) unsigned char memory[1 << 20];
static struct vsw_fivetuple tuples[N_KEYS];
static struct key keys[N_KEYS];
static uint32_t results[N_KEYS];
static uint32_t expected[N_KEYS];
static struct vsw_acl acl;
static struct vsw_tcam *tcam;

static uint64_t
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

static void
run_linear(void)
{
    for (int i = 0; i < N_KEYS; i++) {
        results[i] = vsw_acl_search(&acl, &tuples[i], NULL).rule + 1;
    }
}

static void
run_tcam(void)
{
    for (int i = 0; i < N_KEYS; i++) {
        struct vsw_tcam_hit hit = { .action = 0 };

        vsw_tcam_lookup(tcam, &keys[i], &hit, NULL);
        results[i] = hit.action;
    }
}

static void
run_tcam_bulk(void)
{
    for (int i = 0; i < N_KEYS; i += VSW_TCAM_MAX_BULK) {
        struct vsw_tcam_hit hits[VSW_TCAM_MAX_BULK];
        const void *burst[VSW_TCAM_MAX_BULK];
        uint32_t found;

        for (int k = 0; k < VSW_TCAM_MAX_BULK; k++) {
            burst[k] = &keys[i + k];
        }
        found = vsw_tcam_lookup_bulk(tcam, burst, VSW_TCAM_MAX_BULK, hits,
                                     NULL);
        for (int k = 0; k < VSW_TCAM_MAX_BULK; k++) {
            results[i + k] = found >> k & 1 ? hits[k].action : 0;
        }
    }
}

static void
run_tcam_linear(void)
{
    for (int i = 0; i < N_KEYS; i++) {
        struct vsw_tcam_hit hit = { .action = 0 };

        vsw_tcam_lookup_linear(tcam, &keys[i], &hit);
        results[i] = hit.action;
    }
}

#ifdef VSW_BENCH_DPDK
static void
run_rte_scalar(void)
{
    dpdk_acl_classify(keys, results, true);
}

static void
run_rte_best(void)
{
    dpdk_acl_classify(keys, results, false);
}
#endif

static double
measure_ns(void (*run)(void))
{
    double best = 1e9;

    for (int i = 0; i < N_RUNS; i++) {
        uint64_t start_ns = now_ns();
        uint64_t taken_ns, n = 0;

        do {
            run();
            n += N_KEYS;
            taken_ns = now_ns() - start_ns;
        } while (taken_ns < RUN_NS);
        if ((double) taken_ns / (double) n < best) {
            best = (double) taken_ns / (double) n;
        }
    }
    return best;
}

static void
bench(const char *name, void (*run)(void))
{
    run();
    if (memcmp(results, expected, sizeof results) != 0) {
        fprintf(stderr, "bench_acl: %s disagrees with linear search\n", name);
        exit(1);
    }
    printf("%5u  %-24s %9.1f\n", acl.n_rules, name, measure_ns(run));
}

/* Rule 'i' with all its fields as value and mask; earlier rules win. */
static void
add_to_tcam(uint32_t i)
{
    const struct vsw_acl_rule *rule = vsw_acl_rule_at(&acl, i);
    uint32_t src_wild = rule->src_port_min ^ rule->src_port_max;
    uint32_t dst_wild = rule->dst_port_min ^ rule->dst_port_max;
    struct key value = { .proto = rule->proto };
    struct key mask = { .proto = rule->proto_mask };
    struct vsw_tcam_rule entry = {
        .value = &value, .mask = &mask,
        .priority = MAX_RULES - i, .action = i + 1,
    };

    put_be32(value.src_ip, rule->src_ip);
    put_be32(value.dst_ip, rule->dst_ip);
    put_be16(value.src_port, rule->src_port_min);
    put_be16(value.dst_port, rule->dst_port_min);
    put_be32(mask.src_ip, rule->src_mask);
    put_be32(mask.dst_ip, rule->dst_mask);
    put_be16(mask.src_port, (uint16_t) ~src_wild);
    put_be16(mask.dst_port, (uint16_t) ~dst_wild);
    if (vsw_tcam_insert(tcam, &entry, NULL, NULL)) {
        abort();
    }
}

static void
set_up(uint32_t n_rules)
{
    struct vsw_acl_params acl_params = { .max_rules = n_rules };
    struct vsw_tcam_params tcam_params = { .key_bytes = sizeof(struct key),
                                           .max_rules = n_rules };
    struct vsw_arena arena;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    if (vsw_acl_init(&acl, &arena, &acl_params)) {
        abort();
    }
    make_rules(&acl, n_rules);
    make_keys(&acl, tuples, keys);
    tcam = vsw_tcam_new(&arena, &tcam_params);
    if (!tcam) {
        abort();
    }
    for (uint32_t i = 0; i < n_rules; i++) {
        add_to_tcam(i);
    }
    run_linear();
    memcpy(expected, results, sizeof expected);
}

int
main(void)
{
    static const uint32_t sizes[] = { 64, 256, 1024 };

    printf("rules  subject                  ns per packet\n");
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        set_up(sizes[i]);
        bench("tcam, single", run_tcam);
        bench("tcam, burst 32", run_tcam_bulk);
        bench("tcam, rule by rule", run_tcam_linear);
        bench("acl, linear search", run_linear);
#ifdef VSW_BENCH_DPDK
        if (dpdk_acl_make(&acl)) {
            bench("rte_acl scalar, burst 32", run_rte_scalar);
            bench("rte_acl best, burst 32", run_rte_best);
        } else {
            printf("%5u  rte_acl did not start\n", acl.n_rules);
        }
#endif
    }
    return 0;
}
