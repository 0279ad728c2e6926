#include "vsw_test.h"
#include "vsw_random.h"

#include <errno.h>
#include <string.h>

#include "flowtable/tcam_internal.h"

static _Alignas(64) unsigned char memory[8 << 20];

static struct vsw_tcam *
make(uint32_t max_rules, uint32_t key_bytes)
{
    struct vsw_tcam_params params = { .max_rules = max_rules,
                                      .key_bytes = key_bytes };
    struct vsw_arena arena;
    struct vsw_tcam *tcam;

    memset(memory, 0xa5, sizeof memory);
    memset(memory, 0, vsw_tcam_size_bytes(&params));
    vsw_arena_init(&arena, memory, vsw_tcam_size_bytes(&params));
    tcam = vsw_tcam_new(&arena, &params);
    assert_non_null(tcam);
    return tcam;
}

/* A rule on 8-byte keys. */
static struct vsw_tcam_rule
rule_of(const uint64_t *value, const uint64_t *mask, uint32_t priority,
        uint32_t action)
{
    return (struct vsw_tcam_rule) { .value = value, .mask = mask,
                                    .priority = priority, .action = action };
}

static const uint64_t all = UINT64_MAX;
static const uint64_t none = 0;

static void
the_rule_of_highest_priority_wins_and_the_older_among_equals(void **state)
{
    struct vsw_tcam *tcam = make(4, 8);
    uint64_t key = 0x1234, other = 0x1235, half = 0xff00, half_key = 0x1200;
    struct vsw_tcam_rule any = rule_of(&none, &none, 1, 10);
    struct vsw_tcam_rule exact = rule_of(&key, &all, 2, 11);
    struct vsw_tcam_rule wide = rule_of(&half_key, &half, 2, 12);
    struct vsw_tcam_hit hit;

    (void) state;
    assert_int_equal(vsw_tcam_insert(tcam, &any, NULL, NULL), 0);
    assert_int_equal(vsw_tcam_insert(tcam, &exact, NULL, NULL), 0);
    assert_int_equal(vsw_tcam_insert(tcam, &wide, NULL, NULL), 0);

    assert_true(vsw_tcam_lookup(tcam, &key, &hit, NULL));
    assert_int_equal(hit.action, 11);
    assert_true(vsw_tcam_lookup(tcam, &other, &hit, NULL));
    assert_int_equal(hit.action, 12);
    assert_true(vsw_tcam_lookup(tcam, &none, &hit, NULL));
    assert_int_equal(hit.action, 10);
    assert_int_equal(hit.priority, 1);
}

static void
negative_rules_hit_and_are_counted(void **state)
{
    struct vsw_tcam *tcam = make(4, 8);
    uint64_t key = 7, unknown = 8;
    struct vsw_tcam_rule drop = rule_of(&key, &all, 1, 0);
    struct vsw_tcam_hit hit;

    (void) state;
    drop.negative = true;
    assert_int_equal(vsw_tcam_insert(tcam, &drop, NULL, NULL), 0);
    assert_true(vsw_tcam_lookup(tcam, &key, &hit, NULL));
    assert_true(hit.negative);
    assert_false(vsw_tcam_lookup(tcam, &unknown, &hit, NULL));
    assert_int_equal(vsw_tcam_stats(tcam).n_hits, 1);
    assert_int_equal(vsw_tcam_stats(tcam).n_negative_hits, 1);
    assert_int_equal(vsw_tcam_stats(tcam).n_misses, 1);
}

static void
insert_exact(struct vsw_tcam *tcam, uint64_t key, int expected)
{
    struct vsw_tcam_rule rule = rule_of(&key, &all, 1, (uint32_t) key);

    assert_int_equal(vsw_tcam_insert(tcam, &rule, NULL, NULL), expected);
}

static bool
holds(struct vsw_tcam *tcam, uint64_t key)
{
    struct vsw_tcam_hit hit;

    return vsw_tcam_lookup_linear(tcam, &key, &hit);
}

static void
a_full_table_says_so_and_stays_intact(void **state)
{
    struct vsw_tcam *tcam = make(3, 8);

    (void) state;
    for (uint64_t key = 0; key < 3; key++) {
        insert_exact(tcam, key, 0);
    }
    insert_exact(tcam, 3, -ENOSPC);

    assert_int_equal(vsw_tcam_n_rules(tcam), 3);
    assert_null(vsw_tcam_check(tcam));
    for (uint64_t key = 0; key < 4; key++) {
        assert_int_equal(holds(tcam, key), key < 3);
    }
}

static void
the_rule_least_recently_hit_gives_way(void **state)
{
    struct vsw_tcam *tcam = make(3, 8);
    uint64_t first = 0, extra = 3;
    struct vsw_tcam_rule rule = rule_of(&extra, &all, 1, 3);
    struct vsw_tcam_hit hit;

    (void) state;
    for (uint64_t key = 0; key < 3; key++) {
        insert_exact(tcam, key, 0);
    }
    assert_true(vsw_tcam_lookup(tcam, &first, &hit, NULL));
    assert_int_equal(vsw_tcam_replace(tcam, &rule, NULL, NULL), 0);

    assert_true(holds(tcam, 0));
    assert_false(holds(tcam, 1));
    assert_true(holds(tcam, 2));
    assert_true(holds(tcam, 3));
    assert_int_equal(vsw_tcam_stats(tcam).n_evictions, 1);
}

static void
a_bad_or_known_rule_is_refused_and_evicts_nothing(void **state)
{
    struct vsw_tcam *tcam = make(1, 8);
    uint64_t key = 0x10, mask = 0x0f;
    struct vsw_tcam_rule outside = rule_of(&key, &mask, 1, 1);
    struct vsw_tcam_rule known = rule_of(&key, &all, 1, 2);

    (void) state;
    insert_exact(tcam, key, 0);
    assert_int_equal(vsw_tcam_replace(tcam, &outside, NULL, NULL), -EINVAL);
    assert_int_equal(vsw_tcam_replace(tcam, &known, NULL, NULL), -EEXIST);
    assert_int_equal(vsw_tcam_stats(tcam).n_evictions, 0);
    assert_true(holds(tcam, key));
}

static void
senseless_parameters_are_refused(void **state)
{
    static const struct vsw_tcam_params bad[] = {
        { .key_bytes = 0 }, { .key_bytes = 12 }, { .key_bytes = 72 },
        { .key_bytes = 8, .max_rules = VSW_TCAM_MAX_RULES + 1 },
    };
    struct vsw_arena arena;

    (void) state;
    vsw_arena_init(&arena, memory, 4096);
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        assert_null(vsw_tcam_new(&arena, &bad[i]));
        assert_int_equal(vsw_tcam_size_bytes(&bad[i]), 0);
    }
    assert_null(vsw_tcam_new(&arena, &(struct vsw_tcam_params) {
        .key_bytes = 64 }));
    assert_int_equal(arena.used_bytes, 0);
}

/* The plain reference: an array of rules, each with the time of its last
 * use, and every operation a walk over all of them. */
#define MODEL_RULES 1030
#define KEY_BYTES   16

struct model_rule {
    uint8_t value[KEY_BYTES];
    uint8_t mask[KEY_BYTES];
    uint32_t priority;
    uint32_t action;
    bool negative;
    uint64_t inserted;
    uint64_t last_used;
};

struct model {
    struct model_rule rules[MODEL_RULES];
    uint32_t n_rules;
    uint32_t max_rules;
    uint64_t now;
};

static bool
model_matches(const struct model_rule *r, const uint8_t *key)
{
    for (int i = 0; i < KEY_BYTES; i++) {
        if ((key[i] ^ r->value[i]) & r->mask[i]) {
            return false;
        }
    }
    return true;
}

static struct model_rule *
model_lookup(struct model *m, const uint8_t *key)
{
    struct model_rule *best = NULL;

    for (uint32_t i = 0; i < m->n_rules; i++) {
        struct model_rule *r = &m->rules[i];

        if (model_matches(r, key)
            && (!best || r->priority > best->priority
                || (r->priority == best->priority
                    && r->inserted < best->inserted))) {
            best = r;
        }
    }
    if (best) {
        best->last_used = m->now++;
    }
    return best;
}

static struct model_rule *
model_find(struct model *m, const struct model_rule *rule)
{
    for (uint32_t i = 0; i < m->n_rules; i++) {
        struct model_rule *r = &m->rules[i];

        if (r->priority == rule->priority
            && memcmp(r->value, rule->value, KEY_BYTES) == 0
            && memcmp(r->mask, rule->mask, KEY_BYTES) == 0) {
            return r;
        }
    }
    return NULL;
}

static void
model_remove(struct model *m, struct model_rule *rule)
{
    *rule = m->rules[--m->n_rules];
}

static struct model_rule *
model_oldest(struct model *m)
{
    struct model_rule *oldest = &m->rules[0];

    for (uint32_t i = 1; i < m->n_rules; i++) {
        if (m->rules[i].last_used < oldest->last_used) {
            oldest = &m->rules[i];
        }
    }
    return oldest;
}

static int
model_insert(struct model *m, const struct model_rule *rule, bool replace)
{
    if (model_find(m, rule)) {
        return -EEXIST;
    }
    if (m->n_rules == m->max_rules) {
        if (!replace) {
            return -ENOSPC;
        }
        model_remove(m, model_oldest(m));
    }
    m->rules[m->n_rules] = *rule;
    m->rules[m->n_rules].inserted = m->now;
    m->rules[m->n_rules++].last_used = m->now++;
    return 0;
}

/* Few distinct bytes, so that rules overlap, repeat and get hit. */
static void
random_key(struct rnd *r, uint8_t key[KEY_BYTES])
{
    static const uint8_t bytes[] = { 0, 0, 0, 1, 0x10, 0xff };

    for (int i = 0; i < KEY_BYTES; i++) {
        key[i] = bytes[rnd_below(r, sizeof bytes)];
    }
}

static void
random_rule(struct rnd *r, struct model_rule *rule)
{
    static const uint8_t masks[] = { 0, 0, 0, 0, 0, 0xff, 0xf0, 0x01 };
    bool exact = rnd_below(r, 4) == 0;

    memset(rule, 0, sizeof *rule);
    random_key(r, rule->value);
    for (int i = 0; i < KEY_BYTES; i++) {
        rule->mask[i] = exact ? 0xff : masks[rnd_below(r, sizeof masks)];
        rule->value[i] &= rule->mask[i];
    }
    rule->priority = rnd_below(r, 5);
    rule->action = rnd_below(r, 1000);
    rule->negative = rnd_below(r, 2);
}

/* Half of the keys are made to match some rule. */
static void
random_lookup_key(struct rnd *r, const struct model *m,
                  uint8_t key[KEY_BYTES])
{
    random_key(r, key);
    if (m->n_rules > 0 && rnd_below(r, 2)) {
        const struct model_rule *rule = &m->rules[rnd_below(r, m->n_rules)];

        for (int i = 0; i < KEY_BYTES; i++) {
            key[i] = (uint8_t) ((key[i] & ~rule->mask[i]) | rule->value[i]);
        }
    }
}

static struct vsw_tcam_rule
tcam_rule_of(const struct model_rule *rule)
{
    return (struct vsw_tcam_rule) {
        .value = rule->value, .mask = rule->mask,
        .priority = rule->priority, .action = rule->action,
        .negative = rule->negative,
    };
}

static void
compare_lookup(struct vsw_tcam *tcam, struct model *m, const uint8_t *key)
{
    struct vsw_tcam_hit hit, linear;
    const struct model_rule *expected = model_lookup(m, key);
    bool found_linear = vsw_tcam_lookup_linear(tcam, key, &linear);
    bool found = vsw_tcam_lookup(tcam, key, &hit, NULL);

    assert_int_equal(found, expected != NULL);
    assert_int_equal(found_linear, found);
    if (found) {
        assert_int_equal(hit.priority, expected->priority);
        assert_int_equal(hit.action, expected->action);
        assert_int_equal(hit.negative, expected->negative);
        assert_int_equal(linear.id, hit.id);
    }
}

static void
random_operation(struct rnd *r, struct vsw_tcam *tcam, struct model *m)
{
    struct model_rule rule;
    struct vsw_tcam_rule tcam_rule;
    uint8_t key[KEY_BYTES];
    uint32_t op = rnd_below(r, 100);

    random_rule(r, &rule);
    tcam_rule = tcam_rule_of(&rule);
    if (op < 40) {
        random_lookup_key(r, m, key);
        compare_lookup(tcam, m, key);
    } else if (op < 85) {
        bool replace = op < 65;

        assert_int_equal(
            (replace ? vsw_tcam_replace : vsw_tcam_insert)(tcam, &tcam_rule,
                                                           NULL, NULL),
            model_insert(m, &rule, replace));
    } else if (m->n_rules > 0) {
        struct model_rule *gone = &m->rules[rnd_below(r, m->n_rules)];
        uint32_t id;

        tcam_rule = tcam_rule_of(gone);
        id = vsw_tcam_find(tcam, &tcam_rule, NULL);
        assert_int_not_equal(id, VSW_TCAM_NONE);
        vsw_tcam_remove(tcam, id, NULL);
        model_remove(m, gone);
    }
}

static void
run_random(struct rnd *r, uint32_t max_rules, int n_ops, int check_every)
{
    static struct model m;
    struct vsw_tcam *tcam = make(max_rules, KEY_BYTES);

    memset(&m, 0, sizeof m);
    m.max_rules = max_rules;
    for (int i = 0; i < n_ops; i++) {
        random_operation(r, tcam, &m);
        assert_int_equal(vsw_tcam_n_rules(tcam), m.n_rules);
        if (i % check_every == 0) {
            const char *broken = vsw_tcam_check(tcam);

            if (broken) {
                fail_msg("operation %d: %s", i, broken);
            }
        }
    }
    vsw_tcam_clear(tcam);
    assert_null(vsw_tcam_check(tcam));
}

/* Structure checked after each operation. */
static void
random_operations_agree_with_the_plain_reference(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 1);

    (void) state;
    for (uint32_t max_rules = 1; max_rules <= 100; max_rules += 11) {
        run_random(&r, max_rules, 500, 1);
    }
}

/* More than one line of bits per vector; the last word is partly used. */
static void
tables_of_several_blocks_agree_too(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 2);

    (void) state;
    run_random(&r, MODEL_RULES, 3000, 500);
}

#define LOG_ACCESSES 20000

struct access_log {
    struct vsw_memobs obs;
    uint32_t n;
    struct {
        const void *p;
        size_t n_bytes;
        enum vsw_mem_kind kind;
    } accesses[LOG_ACCESSES];
};

static void
log_access(struct vsw_memobs *obs, const void *p, size_t n_bytes,
           enum vsw_mem_kind kind)
{
    struct access_log *log = VSW_CONTAINER_OF(obs, struct access_log, obs);

    assert_true(log->n < LOG_ACCESSES);
    log->accesses[log->n].p = p;
    log->accesses[log->n].n_bytes = n_bytes;
    log->accesses[log->n++].kind = kind;
}

static void
start_log(struct access_log *log)
{
    memset(log, 0, sizeof *log);
    log->obs.access = log_access;
}

static void
fill(struct rnd *r, struct vsw_tcam *tcam, struct model *m, uint32_t n)
{
    memset(m, 0, sizeof *m);
    m->max_rules = n;
    for (uint32_t i = 0; i < 4 * n; i++) {
        struct model_rule rule;
        struct vsw_tcam_rule tcam_rule;

        random_rule(r, &rule);
        tcam_rule = tcam_rule_of(&rule);
        assert_int_equal(vsw_tcam_insert(tcam, &tcam_rule, NULL, NULL),
                         model_insert(m, &rule, false));
    }
}

static void
compare_burst(struct rnd *r, struct vsw_tcam *tcam, struct model *m)
{
    uint8_t keys[VSW_TCAM_MAX_BULK][KEY_BYTES];
    const void *pointers[VSW_TCAM_MAX_BULK];
    struct vsw_tcam_hit hits[VSW_TCAM_MAX_BULK];
    uint32_t n = 1 + rnd_below(r, VSW_TCAM_MAX_BULK);
    uint32_t found;

    for (uint32_t i = 0; i < n; i++) {
        random_lookup_key(r, m, keys[i]);
        pointers[i] = keys[i];
    }
    found = vsw_tcam_lookup_bulk(tcam, pointers, n, hits, NULL);
    for (uint32_t i = 0; i < n; i++) {
        const struct model_rule *expected = model_lookup(m, keys[i]);

        assert_int_equal(found >> i & 1, expected != NULL);
        if (expected) {
            assert_int_equal(hits[i].priority, expected->priority);
            assert_int_equal(hits[i].action, expected->action);
            assert_int_equal(hits[i].negative, expected->negative);
        }
    }
    assert_int_equal(n < 32 ? found >> n : 0, 0);
}

/* Also in the order of use that they leave behind. */
static void
bulk_lookups_equal_as_many_single_ones(void **state)
{
    static const uint32_t sizes[] = { 1, 40, 600, MODEL_RULES };
    struct rnd r = rnd_from_environment(__func__, 3);
    static struct model m;

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        struct vsw_tcam *tcam = make(sizes[i], KEY_BYTES);

        fill(&r, tcam, &m, sizes[i]);
        for (int burst = 0; burst < 30; burst++) {
            compare_burst(&r, tcam, &m);
        }
        assert_null(vsw_tcam_check(tcam));
        while (m.n_rules > 0) {
            struct model_rule *oldest = model_oldest(&m);
            struct vsw_tcam_rule rule = tcam_rule_of(oldest);

            assert_int_equal(vsw_tcam_find(tcam, &rule, NULL),
                             vsw_tcam_oldest(tcam));
            vsw_tcam_remove(tcam, vsw_tcam_oldest(tcam), NULL);
            model_remove(&m, oldest);
        }
    }
}

/* What a CPU can do changes neither a result nor a declared access. */
static void
the_plain_form_reads_and_finds_what_the_fastest_does(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 4);
    struct vsw_tcam *tcam = make(MODEL_RULES, KEY_BYTES);
    tcam_narrow_fn fastest = tcam->narrow;
    static struct model m;
    static struct access_log logs[2];

    (void) state;
    fill(&r, tcam, &m, MODEL_RULES);
    for (int i = 0; i < 500; i++) {
        struct vsw_tcam_hit hits[2];
        uint8_t key[KEY_BYTES];
        bool found[2];

        random_lookup_key(&r, &m, key);
        vsw_tcam_lookup(tcam, key, &hits[0], NULL);  /* Makes it newest. */
        for (int form = 0; form < 2; form++) {
            memset(&hits[form], 0, sizeof hits[form]);
            start_log(&logs[form]);
            tcam->narrow = form ? fastest : tcam_narrow_plain;
            found[form] = vsw_tcam_lookup(tcam, key, &hits[form],
                                          &logs[form].obs);
        }
        assert_int_equal(found[0], found[1]);
        assert_memory_equal(&hits[0], &hits[1], sizeof hits[0]);
        assert_int_equal(logs[0].n, logs[1].n);
        assert_true(logs[0].n > 0);
        assert_memory_equal(&logs[0], &logs[1], sizeof logs[0]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_rule_of_highest_priority_wins_and_the_older_among_equals),
        cmocka_unit_test(negative_rules_hit_and_are_counted),
        cmocka_unit_test(a_full_table_says_so_and_stays_intact),
        cmocka_unit_test(the_rule_least_recently_hit_gives_way),
        cmocka_unit_test(a_bad_or_known_rule_is_refused_and_evicts_nothing),
        cmocka_unit_test(senseless_parameters_are_refused),
        cmocka_unit_test(random_operations_agree_with_the_plain_reference),
        cmocka_unit_test(tables_of_several_blocks_agree_too),
        cmocka_unit_test(bulk_lookups_equal_as_many_single_ones),
        cmocka_unit_test(
            the_plain_form_reads_and_finds_what_the_fastest_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
