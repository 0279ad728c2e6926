#include "vsw_test.h"
#include "rules.h"

#include <errno.h>

#include <vswsim/classifier.h>
#include <vswsim/megaflow.h>

#define MEM_BYTES (1 << 20)
#define N_RULES   60

static _Alignas(64) unsigned char memory[MEM_BYTES];
static struct vsw_arena arena;

static struct vsw_megaflow *
make(uint32_t max_flows, uint32_t max_subtables)
{
    struct vsw_megaflow *mf;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    mf = vsw_megaflow_new(&arena, max_flows, max_subtables);
    assert_non_null(mf);
    return mf;
}

/* A key and mask that differ from others by 'n_bits' of the source address. */
static struct rule
prefix(uint32_t address, uint32_t n_bits)
{
    struct rule r;

    memset(&r, 0, sizeof r);
    r.key.ip_src = vsw_ip_addr_from_v4(address);
    r.mask.ip_src = vsw_ip_addr_from_v4(UINT32_MAX << (32 - n_bits));
    return r;
}

static void
one_megaflow_stands_for_many_packets(void **state)
{
    struct vsw_megaflow *mf = make(4, 4);
    struct rule r = prefix(0x0a000000, 8), in = prefix(0x0a123456, 32);
    struct rule out = prefix(0x0b000000, 32);

    (void) state;
    assert_int_equal(vsw_megaflow_insert(mf, &r.key, &r.mask, 9, NULL), 0);
    assert_int_equal(vsw_megaflow_lookup(mf, &in.key, NULL), 9);
    assert_int_equal(vsw_megaflow_lookup(mf, &out.key, NULL), VSW_FLOW_NONE);
    assert_int_equal(vsw_megaflow_insert(mf, &in.key, &r.mask, 8, NULL), 0);
    assert_int_equal(vsw_megaflow_n_flows(mf), 1);
    assert_int_equal(vsw_megaflow_lookup(mf, &in.key, NULL), 8);
    assert_true(vsw_megaflow_remove(mf, &in.key, &r.mask, NULL));
    assert_int_equal(vsw_megaflow_lookup(mf, &in.key, NULL), VSW_FLOW_NONE);
    assert_int_equal(vsw_megaflow_n_subtables(mf), 0);
}

static void
full_cache_says_so_and_stays_intact(void **state)
{
    struct vsw_megaflow *mf = make(10, 2);

    (void) state;
    for (uint32_t i = 0; i < 10; i++) {
        struct rule r = prefix(i << 24, 8 + i % 2);

        assert_int_equal(vsw_megaflow_insert(mf, &r.key, &r.mask, i, NULL),
                         0);
    }
    for (uint32_t n_bits = 8; n_bits <= 10; n_bits++) {
        struct rule r = prefix(0x7f000000, n_bits);

        assert_int_equal(vsw_megaflow_insert(mf, &r.key, &r.mask, 99, NULL),
                         -ENOSPC);
    }
    assert_true(vsw_megaflow_is_sound(mf));
    vsw_megaflow_clear(mf, NULL);
    assert_int_equal(vsw_megaflow_n_flows(mf), 0);
    assert_true(vsw_megaflow_is_sound(mf));
}

/* A hit in the first subtable costs fewer lines than one in the last. */
static void
subtables_in_use_are_visited_first(void **state)
{
    struct vsw_megaflow *mf = make(40, 40);
    struct rule last = prefix(0xff000000, 32);
    struct vsw_memobs before = {{0, 0}, NULL}, after = {{0, 0}, NULL};

    (void) state;
    for (uint32_t n_bits = 8; n_bits <= 32; n_bits++) {
        struct rule r = prefix(0xff000000 | (n_bits - 8), n_bits);

        r.key.tp_src = vsw_be16_make((uint16_t) (n_bits < 32));
        r.mask.tp_src = vsw_be16_make(1);
        assert_int_equal(vsw_megaflow_insert(mf, n_bits < 32 ? &r.key
                                                             : &last.key,
                                             &r.mask, n_bits, NULL), 0);
    }
    assert_int_equal(vsw_megaflow_lookup(mf, &last.key, &before), 32);
    vsw_megaflow_sort(mf, NULL);
    assert_int_equal(vsw_megaflow_lookup(mf, &last.key, &after), 32);
    assert_true(before.n_lines[VSW_MEM_READ]
                > 10 * after.n_lines[VSW_MEM_READ]);
}

/* What the cache says must be what linear search says, in bursts and singly;
 * a miss is decided by the classifier and cached. */
static void
serve_a_burst(struct rnd *r, struct vsw_megaflow *mf,
              const struct vsw_classifier *cls, const struct rule *rules)
{
    struct vsw_flowkey keys[VSW_MEGAFLOW_MAX_BULK];
    const struct vsw_flowkey *pointers[VSW_MEGAFLOW_MAX_BULK];
    uint32_t flows[VSW_MEGAFLOW_MAX_BULK];
    uint32_t n = rnd_below(r, VSW_MEGAFLOW_MAX_BULK + 1), found;

    for (uint32_t i = 0; i < n; i++) {
        keys[i] = random_key(r);
        pointers[i] = &keys[i];
    }
    found = vsw_megaflow_lookup_bulk(mf, pointers, n, flows, NULL);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t want = rules_search(rules, N_RULES, &keys[i]);
        struct vsw_flowkey mask;

        want = want == VSW_FLOW_NONE ? N_RULES : want;
        assert_int_equal(found >> i & 1, flows[i] != VSW_FLOW_NONE);
        assert_true(flows[i] == want || flows[i] == VSW_FLOW_NONE);
        if (flows[i] == VSW_FLOW_NONE) {
            vsw_classifier_lookup(cls, &keys[i], &mask, NULL);
            assert_int_equal(vsw_megaflow_insert(mf, &keys[i], &mask, want,
                                                 NULL), 0);
        }
        assert_int_equal(vsw_megaflow_lookup(mf, &keys[i], NULL), want);
    }
}

static void
cached_decisions_are_those_of_linear_search(void **state)
{
    struct rnd r = rnd_from_environment("megaflow", 1);

    (void) state;
    for (int round = 0; round < 60; round++) {
        struct rule rules[N_RULES];
        struct vsw_megaflow *mf = make(5000, 500);
        struct vsw_classifier *cls = vsw_classifier_new(&arena, N_RULES,
                                                        N_RULES);

        assert_non_null(cls);
        for (uint32_t i = 0; i < N_RULES; i++) {
            rules[i] = random_rule(&r, i, 16);
            rules[i].is_there = !vsw_classifier_insert(
                cls, &rules[i].key, &rules[i].mask, rules[i].priority, i,
                NULL);
        }
        for (int step = 0; step < 100; step++) {
            serve_a_burst(&r, mf, cls, rules);
            if (rnd_below(&r, 20) == 0) {
                vsw_megaflow_sort(mf, NULL);
            }
        }
        assert_true(vsw_megaflow_is_sound(mf));
        assert_in_range(vsw_megaflow_n_flows(mf), 1, 4999);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_megaflow_stands_for_many_packets),
        cmocka_unit_test(full_cache_says_so_and_stays_intact),
        cmocka_unit_test(subtables_in_use_are_visited_first),
        cmocka_unit_test(cached_decisions_are_those_of_linear_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
