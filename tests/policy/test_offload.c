#include "vsw_test.h"

#include <string.h>

#include <vswsim/jhash.h>
#include <vswsim/offload.h>

#include "policy/rng.h"

#define N_CPUS 8

/* Two nodes of two modules of two cpus; cpus of a module are not neighbours
 * in number, as on the machine of the thesis. */
static const struct vsw_offload_place places[N_CPUS] = {
    { 10, 0 }, { 20, 1 }, { 10, 0 }, { 20, 1 },
    { 11, 0 }, { 21, 1 }, { 11, 0 }, { 21, 1 },
};

static _Alignas(64) unsigned char memory[4096];

static struct vsw_offload *
new_offload(const struct vsw_offload_rule *rule)
{
    struct vsw_arena arena;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    return vsw_offload_new(&arena, rule, places, N_CPUS);
}

static void
set_idle(struct vsw_offload *o, unsigned cpus)
{
    for (uint32_t cpu = 0; cpu < N_CPUS; cpu++) {
        vsw_offload_set_idle(o, cpu, cpus >> cpu & 1, NULL);
    }
}

static void
an_idle_module_on_the_receivers_node_comes_first(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);

    (void) state;
    set_idle(o, 0xaf);          /* Modules 10, 20 and 21. */
    for (uint32_t vnic = 0; vnic < 50; vnic++) {
        assert_int_equal(vsw_offload_choose(o, vnic, 0, NULL), 0);
    }
}

static void
without_one_another_nodes_module_is_taken(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);

    (void) state;
    set_idle(o, 0xa0);          /* Module 21. */
    assert_int_equal(vsw_offload_choose(o, 7, 0, NULL), 5);
}

static void
a_module_with_one_busy_cpu_is_no_candidate(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);

    (void) state;
    set_idle(o, 0x33);          /* One cpu of each module. */
    assert_int_equal(vsw_offload_choose(o, 7, 0, NULL), VSW_OFFLOAD_NO_CPU);
    set_idle(o, 0);
    assert_int_equal(vsw_offload_choose(o, 7, 0, NULL), VSW_OFFLOAD_NO_CPU);
}

static void
vnics_spread_over_the_candidates_and_stay(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);
    int n[N_CPUS] = { 0 };

    (void) state;
    set_idle(o, 0xff);
    for (uint32_t vnic = 0; vnic < 1000; vnic++) {
        uint32_t cpu = vsw_offload_choose(o, vnic, 1, NULL);

        assert_int_equal(vsw_offload_choose(o, vnic, 1, NULL), cpu);
        n[cpu]++;
    }
    assert_int_equal(n[1] + n[5], 1000);
    assert_in_range(n[1], 400, 600);
}

static void
the_hash_may_choose_among_the_cpus_of_a_module(void **state)
{
    struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o;
    int n[N_CPUS] = { 0 };

    (void) state;
    rule.core = VSW_OFFLOAD_CORE_HASHED;
    o = new_offload(&rule);
    set_idle(o, 0x0a);          /* Module 20. */
    for (uint32_t vnic = 0; vnic < 1000; vnic++) {
        n[vsw_offload_choose(o, vnic, 1, NULL)]++;
    }
    assert_int_equal(n[1] + n[3], 1000);
    assert_in_range(n[1], 400, 600);
}

static void
a_full_message_ring_drops_the_request(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);
    uint32_t cpu;

    (void) state;
    set_idle(o, 0xff);
    cpu = vsw_offload_choose(o, 3, 0, NULL);
    vsw_offload_set_full(o, cpu, true, NULL);
    assert_int_equal(vsw_offload_choose(o, 3, 0, NULL), VSW_OFFLOAD_NO_CPU);
    vsw_offload_set_full(o, cpu, false, NULL);
    assert_int_equal(vsw_offload_choose(o, 3, 0, NULL), cpu);
}

static void
a_full_message_ring_may_pass_the_request_on(void **state)
{
    struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o;
    uint32_t cpu;

    (void) state;
    rule.full = VSW_OFFLOAD_FULL_NEXT;
    o = new_offload(&rule);
    set_idle(o, 0xff);
    cpu = vsw_offload_choose(o, 3, 0, NULL);
    vsw_offload_set_full(o, cpu, true, NULL);
    assert_int_equal(vsw_offload_choose(o, 3, 0, NULL), 4 - cpu);
    vsw_offload_set_full(o, 4 - cpu, true, NULL);
    assert_int_equal(vsw_offload_choose(o, 3, 0, NULL), VSW_OFFLOAD_NO_CPU);
}

static void
a_fixed_cpu_serves_whether_idle_or_not(void **state)
{
    struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o;

    (void) state;
    rule.mode = VSW_OFFLOAD_FIXED;
    rule.fixed_cpu = 6;
    o = new_offload(&rule);
    assert_int_equal(vsw_offload_choose(o, 3, 1, NULL), 6);
    vsw_offload_set_full(o, 6, true, NULL);
    assert_int_equal(vsw_offload_choose(o, 3, 1, NULL), VSW_OFFLOAD_NO_CPU);
    rule.mode = VSW_OFFLOAD_NONE;
    o = new_offload(&rule);
    set_idle(o, 0xff);
    assert_int_equal(vsw_offload_choose(o, 3, 1, NULL), VSW_OFFLOAD_NO_CPU);
}

static void
a_machine_that_cannot_be_is_refused(void **state)
{
    struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    const struct vsw_offload_place split[] = { { 1, 0 }, { 1, 1 } };
    struct vsw_arena arena;

    (void) state;
    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_null(vsw_offload_new(&arena, &rule, split, 2));
    assert_null(vsw_offload_new(&arena, &rule, split, 0));
    rule.mode = VSW_OFFLOAD_FIXED;
    rule.fixed_cpu = 8;
    assert_null(vsw_offload_new(&arena, &rule, places, N_CPUS));
    assert_int_equal(arena.used_bytes, 0);
    for (size_t i = 0; i < sizeof memory; i++) {
        assert_int_equal(memory[i], 0);
    }
    rule.mode = VSW_OFFLOAD_CRITERIA;
    vsw_arena_init(&arena, memory, 128);
    assert_null(vsw_offload_new(&arena, &rule, places, N_CPUS));
    assert_int_equal(arena.used_bytes, 0);
}

/* Candidates listed one by one, from the idle set as it is. */
static uint32_t
reference(unsigned idle, uint32_t vnic, uint16_t rx_node)
{
    static const uint32_t pairs[4][2]
        = { { 0, 2 }, { 1, 3 }, { 4, 6 }, { 5, 7 } };
    uint32_t near[4], far[4], n_near = 0, n_far = 0;
    uint32_t hash = vsw_jhash2(&vnic, 1, 0);

    for (size_t i = 0; i < 4; i++) {
        if (idle >> pairs[i][0] & idle >> pairs[i][1] & 1) {
            if (places[pairs[i][0]].node == rx_node) {
                near[n_near++] = pairs[i][0];
            } else {
                far[n_far++] = pairs[i][0];
            }
        }
    }
    if (n_near > 0) {
        return near[hash % n_near];
    }
    return n_far > 0 ? far[hash % n_far] : VSW_OFFLOAD_NO_CPU;
}

static void
random_idle_sets_equal_a_plain_reference(void **state)
{
    const struct vsw_offload_rule rule = VSW_OFFLOAD_RULE_DEFAULT;
    struct vsw_offload *o = new_offload(&rule);
    uint64_t rng = rng_seed(13);
    unsigned idle = 0;

    (void) state;
    for (int i = 0; i < 100000; i++) {
        uint32_t cpu = rng_below(&rng, N_CPUS);
        bool is_idle = rng_below(&rng, 3) > 0;
        uint32_t vnic = rng_below(&rng, 64);
        uint16_t node = (uint16_t) rng_below(&rng, 2);

        idle = (idle & ~(1u << cpu)) | (unsigned) is_idle << cpu;
        vsw_offload_set_idle(o, cpu, is_idle, NULL);
        assert_int_equal(vsw_offload_choose(o, vnic, node, NULL),
                         reference(idle, vnic, node));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_module_on_the_receivers_node_comes_first),
        cmocka_unit_test(without_one_another_nodes_module_is_taken),
        cmocka_unit_test(a_module_with_one_busy_cpu_is_no_candidate),
        cmocka_unit_test(vnics_spread_over_the_candidates_and_stay),
        cmocka_unit_test(the_hash_may_choose_among_the_cpus_of_a_module),
        cmocka_unit_test(a_full_message_ring_drops_the_request),
        cmocka_unit_test(a_full_message_ring_may_pass_the_request_on),
        cmocka_unit_test(a_fixed_cpu_serves_whether_idle_or_not),
        cmocka_unit_test(a_machine_that_cannot_be_is_refused),
        cmocka_unit_test(random_idle_sets_equal_a_plain_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
