#include "vsw_test.h"
#include "rules.h"

#include <errno.h>

#include <vswsim/classifier.h>

#define MEM_BYTES (1 << 20)
#define MAX_RULES 200

static _Alignas(64) unsigned char memory[MEM_BYTES];

static struct vsw_classifier *
make(uint32_t max_rules, uint32_t max_subtables)
{
    struct vsw_arena arena;
    struct vsw_classifier *cls;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    cls = vsw_classifier_new(&arena, max_rules, max_subtables);
    assert_non_null(cls);
    return cls;
}

static int
insert(struct vsw_classifier *cls, const struct rule *r)
{
    return vsw_classifier_insert(cls, &r->key, &r->mask, r->priority,
                                 r->number, NULL);
}

/* A rule for destination 10.0.0.'host', and for 'tp_dst' unless 0. */
static struct rule
host_rule(uint32_t number, uint32_t priority, uint8_t host, uint16_t tp_dst)
{
    struct rule r;

    memset(&r, 0, sizeof r);
    r.priority = priority;
    r.number = number;
    r.is_there = 1;
    r.key.ip_dst = vsw_ip_addr_from_v4(0x0a000000u + host);
    r.mask.ip_dst = vsw_ip_addr_from_v4(UINT32_MAX);
    if (tp_dst) {
        r.key.tp_dst = vsw_be16_make(tp_dst);
        r.mask.tp_dst = vsw_be16_make(UINT16_MAX);
    }
    return r;
}

static void
highest_priority_wins_then_the_least_number(void **state)
{
    struct vsw_classifier *cls = make(10, 10);
    struct rule rules[] = {
        host_rule(5, 1, 7, 0), host_rule(6, 2, 7, 80), host_rule(4, 2, 7, 0),
    };
    struct vsw_flowkey key = rules[1].key;

    (void) state;
    assert_int_equal(vsw_classifier_lookup(cls, &key, NULL, NULL),
                     VSW_FLOW_NONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(insert(cls, &rules[i]), 0);
    }
    assert_int_equal(vsw_classifier_lookup(cls, &key, NULL, NULL), 6);
    assert_int_equal(insert(cls, &rules[2]), 0);
    assert_int_equal(vsw_classifier_lookup(cls, &key, NULL, NULL), 4);
    assert_int_equal(insert(cls, &rules[2]), -EEXIST);
    assert_true(vsw_classifier_remove(cls, &rules[2].key, &rules[2].mask, 2,
                                      NULL));
    assert_int_equal(vsw_classifier_lookup(cls, &key, NULL, NULL), 6);
    assert_false(vsw_classifier_remove(cls, &rules[2].key, &rules[2].mask, 2,
                                       NULL));
}

static void
full_classifier_says_so_and_stays_intact(void **state)
{
    struct vsw_classifier *cls = make(2, 1);
    struct rule a = host_rule(1, 1, 1, 0), b = host_rule(2, 1, 2, 0);
    struct rule c = host_rule(3, 1, 3, 0), other = host_rule(4, 1, 4, 80);

    (void) state;
    assert_int_equal(insert(cls, &a), 0);
    assert_int_equal(insert(cls, &other), -ENOSPC);     /* Subtables. */
    assert_int_equal(insert(cls, &b), 0);
    assert_int_equal(insert(cls, &c), -ENOSPC);         /* Rules. */
    assert_true(vsw_classifier_is_sound(cls));
    assert_int_equal(vsw_classifier_n_rules(cls), 2);
    assert_int_equal(vsw_classifier_lookup(cls, &b.key, NULL, NULL), 2);
}

static void
ports_decide_only_where_the_network_layer_matches(void **state)
{
    struct vsw_classifier *cls = make(10, 10);
    struct rule a = host_rule(1, 1, 7, 80);
    struct vsw_flowkey key = a.key, decided_by;

    (void) state;
    assert_int_equal(insert(cls, &a), 0);
    key.tp_dst = vsw_be16_make(81);
    vsw_classifier_lookup(cls, &key, &decided_by, NULL);
    assert_int_equal(vsw_be16_get(decided_by.tp_dst), UINT16_MAX);
    key.ip_dst = vsw_ip_addr_from_v4(0x0a000008);
    vsw_classifier_lookup(cls, &key, &decided_by, NULL);
    assert_int_equal(vsw_be16_get(decided_by.tp_dst), 0);
    assert_int_equal(vsw_ip_addr_to_v4(&decided_by.ip_dst), UINT32_MAX);
}

static void
rules_that_cannot_win_do_not_decide(void **state)
{
    struct vsw_classifier *cls = make(10, 10);
    struct rule a = host_rule(1, 9, 7, 0), b = host_rule(2, 3, 7, 80);
    struct vsw_flowkey decided_by;

    (void) state;
    assert_int_equal(insert(cls, &b), 0);
    assert_int_equal(insert(cls, &a), 0);
    assert_int_equal(vsw_classifier_lookup(cls, &a.key, &decided_by, NULL),
                     1);
    assert_int_equal(vsw_be16_get(decided_by.tp_dst), 0);
}

/* The property that makes megaflows correct: whatever else a packet has, with
 * these bits it gets this rule. */
static void
check_decision(struct rnd *r, const struct vsw_classifier *cls,
               const struct rule *rules, uint32_t n)
{
    struct vsw_flowkey key = random_key(r), decided_by;
    uint32_t want = rules_search(rules, n, &key);

    assert_int_equal(vsw_classifier_lookup(cls, &key, NULL, NULL), want);
    assert_int_equal(vsw_classifier_lookup(cls, &key, &decided_by, NULL),
                     want);
    for (int i = 0; i < 8; i++) {
        struct vsw_flowkey variant = random_variant(r, &key, &decided_by);

        assert_int_equal(rules_search(rules, n, &variant), want);
    }
}

static void
change_a_rule(struct rnd *r, struct vsw_classifier *cls, struct rule *rule,
              uint32_t n_priorities)
{
    if (rule->is_there) {
        assert_true(vsw_classifier_remove(cls, &rule->key, &rule->mask,
                                          rule->priority, NULL));
        rule->is_there = 0;
    } else {
        *rule = random_rule(r, rule->number, n_priorities);
        rule->is_there = insert(cls, rule) == 0;
    }
}

static void
agrees_with_linear_search_over_random_rule_sets(void **state)
{
    static const uint32_t sizes[] = {1, 5, 30, MAX_RULES};
    struct rnd r = rnd_from_environment("classifier", 1);

    (void) state;
    for (int round = 0; round < 200; round++) {
        static struct rule rules[MAX_RULES];
        uint32_t n = sizes[rnd_below(&r, VSW_N_ELEMS(sizes))];
        uint32_t n_priorities = rnd_below(&r, 2) ? 4 : 65536;
        struct vsw_classifier *cls = make(n, n);

        memset(rules, 0, sizeof rules);
        for (uint32_t i = 0; i < n; i++) {
            rules[i].number = i;
        }
        for (int step = 0; step < 200; step++) {
            change_a_rule(&r, cls, &rules[rnd_below(&r, n)], n_priorities);
            check_decision(&r, cls, rules, n);
        }
        assert_true(vsw_classifier_is_sound(cls));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(highest_priority_wins_then_the_least_number),
        cmocka_unit_test(full_classifier_says_so_and_stays_intact),
        cmocka_unit_test(ports_decide_only_where_the_network_layer_matches),
        cmocka_unit_test(rules_that_cannot_win_do_not_decide),
        cmocka_unit_test(agrees_with_linear_search_over_random_rule_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
