#include "vsw_test.h"

#include <string.h>

#include <vswsim/rule_cache.h>

static _Alignas(64) unsigned char memory[1 << 20];

static struct vsw_rule_cache *
make(uint32_t max_rules)
{
    struct vsw_arena arena;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    return vsw_rule_cache_new(&arena, max_rules);
}

static struct vsw_flowkey
flow(uint32_t n)
{
    struct vsw_flowkey key;

    memset(&key, 0, sizeof key);
    key.ip_src = vsw_ip_addr_from_v4(0x0a000000 + n);
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    return key;
}

static void
add(struct vsw_rule_cache *c, uint32_t n)
{
    const struct vsw_flowkey key = flow(n);
    const struct vsw_rule rule = {.port = n, .negative = n % 2};

    vsw_rule_cache_insert(c, &key, &rule, NULL);
}

static bool
has(struct vsw_rule_cache *c, uint32_t n)
{
    const struct vsw_flowkey key = flow(n);
    struct vsw_rule rule;

    if (!vsw_rule_cache_lookup(c, &key, &rule, NULL)) {
        return false;
    }
    assert_int_equal(rule.port, n);
    assert_int_equal(rule.negative, n % 2);
    return true;
}

static void
the_least_recently_used_goes_first(void **state)
{
    struct vsw_rule_cache *c = make(3);

    (void) state;
    assert_non_null(c);
    add(c, 0);
    add(c, 1);
    add(c, 2);
    assert_true(has(c, 0));
    add(c, 3);

    assert_false(has(c, 1));
    assert_true(has(c, 0) && has(c, 2) && has(c, 3));
    assert_int_equal(vsw_rule_cache_n_rules(c), 3);
    assert_int_equal(vsw_rule_cache_stats(c)->n_evictions, 1);
    assert_int_equal(vsw_rule_cache_stats(c)->n_hits, 4);
    assert_int_equal(vsw_rule_cache_stats(c)->n_negative_hits, 1);
    assert_int_equal(vsw_rule_cache_stats(c)->n_misses, 1);
}

/* The same against a list that is searched: the last 'max' distinct flows that
 * were used are there, and no others. */
static void
it_holds_what_was_used_last(void **state)
{
    enum { MAX = 50, N_FLOWS = 120 };
    struct vsw_rule_cache *c = make(MAX);
    uint32_t order[N_FLOWS];        /* Newest last. */
    uint32_t n = 0;
    uint32_t x = 1;

    (void) state;
    for (int step = 0; step < 20000; step++) {
        uint32_t f, at;

        x = x * 1664525 + 1013904223;
        f = (x >> 16) % N_FLOWS;
        for (at = 0; at < n && order[at] != f; at++) {
        }
        assert_int_equal(has(c, f), at < n);
        if (at == n) {
            add(c, f);
            if (n == MAX) {
                at = 0;
            } else {
                n++;
            }
        }
        memmove(&order[at], &order[at + 1], (n - 1 - at) * sizeof *order);
        order[n - 1] = f;
    }
}

static void
only_the_nine_tuple_counts(void **state)
{
    struct vsw_rule_cache *c = make(4);
    struct vsw_flowkey key = flow(6);
    struct vsw_rule rule;

    (void) state;
    add(c, 6);
    key.ip_ttl = 3;
    key.in_port = vsw_be16_make(2);
    assert_true(vsw_rule_cache_lookup(c, &key, &rule, NULL));
    key.tp_dst = vsw_be16_make(53);
    assert_false(vsw_rule_cache_lookup(c, &key, &rule, NULL));
}

static void
a_second_rule_takes_the_place_of_the_first(void **state)
{
    struct vsw_rule_cache *c = make(2);
    const struct vsw_flowkey key = flow(1);
    const struct vsw_rule other = {.port = 9};
    struct vsw_rule rule;

    (void) state;
    add(c, 1);
    vsw_rule_cache_insert(c, &key, &other, NULL);
    assert_int_equal(vsw_rule_cache_n_rules(c), 1);
    assert_true(vsw_rule_cache_lookup(c, &key, &rule, NULL));
    assert_int_equal(rule.port, 9);
}

static void
a_size_of_zero_or_beyond_the_arena_is_refused(void **state)
{
    (void) state;
    assert_null(make(0));
    assert_null(make(VSW_RULE_CACHE_MAX_RULES + 1));
    assert_null(make(VSW_RULE_CACHE_MAX_RULES));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_recently_used_goes_first),
        cmocka_unit_test(it_holds_what_was_used_last),
        cmocka_unit_test(only_the_nine_tuple_counts),
        cmocka_unit_test(a_second_rule_takes_the_place_of_the_first),
        cmocka_unit_test(a_size_of_zero_or_beyond_the_arena_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
