/* Access audit: what the flow tables declare to a memory observer is what
 * they touch, line by line, for each call. */
#include "vsw_test.h"
#include "vsw_random.h"

#include <string.h>

#include <vswsim/acl.h>
#include <vswsim/acl_generate.h>
#include <vswsim/classifier.h>
#include <vswsim/emc.h>
#include <vswsim/exact.h>
#include <vswsim/fib.h>
#include <vswsim/mactable.h>
#include <vswsim/megaflow.h>
#include <vswsim/synth.h>
#include <vswsim/tcam.h>

#include "audit.h"
#include "flowtable/tuples.h"

#define N_CALLS 2000

static _Alignas(64) unsigned char memory[4 << 20];

static void
new_arena(struct vsw_arena *arena)
{
    memset(memory, 0, sizeof memory);
    vsw_arena_init(arena, memory, sizeof memory);
    audit_watch(memory, sizeof memory);
}

/* Leaves out a handle that lies in the arena with its tables behind it, in
 * lines of their own; also the handle of an inner table, if it comes next. */
static void
exempt_handle(const void *handle, size_t n_lines)
{
    assert_non_null(handle);
    audit_exempt(handle, n_lines * VSW_LINE_BYTES);
}

/* Keys of few values, so that calls hit, miss, replace and remove. */
static struct vsw_flowkey
random_key(struct rnd *r)
{
    struct vsw_flowkey key;

    memset(&key, 0, sizeof key);
    key.ip_src = vsw_ip_addr_from_v4(0x0a000000 + rnd_below(r, 64));
    key.ip_dst = vsw_ip_addr_from_v4(0x0b000000 + rnd_below(r, 4));
    key.tp_dst = vsw_be16_make((uint16_t) (80 + rnd_below(r, 4)));
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    key.eth_dst.octets[5] = (uint8_t) rnd_below(r, 64);
    key.ip_proto = VSW_IP_PROTO_TCP;
    return key;
}

static uint32_t
hash_of(const struct vsw_flowkey *key)
{
    return (vsw_ip_addr_to_v4(&key->ip_src) * 31
            + vsw_be16_get(key->tp_dst)) * UINT32_C(2654435761)
           + key->eth_dst.octets[5];
}

static void
the_audit_notices_what_is_not_declared(void **state)
{
    struct vsw_memobs *obs;
    struct vsw_arena arena;
    struct vsw_fib fib;
    struct vsw_fib_params params = { 4, 4 };
    struct vsw_flowkey key = { .eth_dst = {{ 2, 0, 0, 0, 0, 1 }} };

    (void) state;
    new_arena(&arena);
    assert_int_equal(vsw_fib_init(&fib, &arena, &params), 0);
    assert_int_equal(vsw_fib_add_mac(&fib, &key.eth_dst, 0, 1), 0);

    printf("Three complaints follow, as they should:\n");
    audit_begin();
    vsw_fib_lookup(&fib, &key, NULL);           /* Touched, not declared. */
    assert_false(audit_end("hidden"));
    obs = audit_begin();
    vsw_touch(obs, memory, 1, VSW_MEM_READ);    /* Declared, not touched. */
    assert_false(audit_end("idle"));
    obs = audit_begin();
    vsw_touch(obs, memory, 1, VSW_MEM_READ);    /* Written, not read. */
    assert_int_equal(vsw_fib_add_mac(&fib, &key.eth_dst, 0, 2), 0);
    assert_false(audit_end("wrong kind"));
}

static void
acl_searches_declare_what_they_touch(void **state)
{
    static const uint32_t strides[] = { 32, 64, 224 };
    static const uint32_t nexts[] = { 0, 0, 88 };
    struct rnd r = rnd_from_environment(__func__, 1);

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(strides); i++) {
        struct vsw_acl_params params = { .max_rules = 200,
                                         .stride_bytes = strides[i],
                                         .next_at_bytes = nexts[i] };
        struct vsw_acl_gen_params gen = {
            .n_rules = 200, .traffic_src_ip = 0x0a000000,
            .traffic_src_len = 26, .traffic_permille = 500,
        };
        struct vsw_arena arena;
        struct vsw_acl acl;

        new_arena(&arena);
        assert_int_equal(vsw_acl_init(&acl, &arena, &params), 0);
        assert_int_equal(vsw_acl_generate(&acl, &gen), 0);
        for (int call = 0; call < N_CALLS / 4; call++) {
            struct vsw_flowkey key = random_key(&r);
            struct vsw_fivetuple tuple;

            assert_true(vsw_fivetuple_from_key(&tuple, &key));
            vsw_acl_search(&acl, &tuple, audit_begin());
            assert_true(audit_end("vsw_acl_search"));
        }
    }
}

static void
fib_lookups_and_rule_synthesis_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 2);
    struct vsw_acl_params params = { .max_rules = 100,
                                     .default_verdict = VSW_ACL_PERMIT };
    struct vsw_acl_gen_params gen = {
        .n_rules = 50, .traffic_src_ip = 0x0a000000, .traffic_src_len = 26,
        .traffic_permille = 500, .verdict = VSW_ACL_PERMIT,
    };
    struct vsw_fib_params fib_params = { 64, 64 };
    struct vsw_synth synth;
    struct vsw_arena arena;
    struct vsw_fib fib;
    struct vsw_acl acl, qos;

    (void) state;
    new_arena(&arena);
    assert_int_equal(vsw_fib_init(&fib, &arena, &fib_params), 0);
    assert_int_equal(vsw_acl_init(&acl, &arena, &params), 0);
    assert_int_equal(vsw_acl_init(&qos, &arena, &params), 0);
    assert_int_equal(vsw_acl_generate(&acl, &gen), 0);
    assert_int_equal(vsw_acl_generate(&qos, &gen), 0);
    gen.verdict = VSW_ACL_DENY;
    gen.seed = 1;
    assert_int_equal(vsw_acl_generate(&acl, &gen), 0);
    for (uint32_t i = 0; i < 32; i++) {
        struct vsw_mac mac = {{ 0, 0, 0, 0, 0, (uint8_t) (2 * i) }};

        assert_int_equal(vsw_fib_add_mac(&fib, &mac, 0, i), 0);
        assert_int_equal(vsw_fib_add_prefix(&fib, 0x0b000000 + i % 2,
                                            i % 33, i), 0);
    }
    synth = (struct vsw_synth) { &fib, &acl, &qos };
    for (int call = 0; call < N_CALLS / 4; call++) {
        struct vsw_flowkey key = random_key(&r);
        struct vsw_flow_rule rule;

        vsw_fib_lookup(&fib, &key, audit_begin());
        assert_true(audit_end("vsw_fib_lookup"));
        vsw_synth_rule(&synth, &key, &rule, audit_begin());
        assert_true(audit_end("vsw_synth_rule"));
    }
}

static void
audit_tcam_bulk(struct vsw_tcam *tcam, struct rnd *r)
{
    struct vsw_flowkey keys[8];
    const void *pointers[8];
    struct vsw_tcam_hit hits[8];

    for (int i = 0; i < 8; i++) {
        keys[i] = random_key(r);
        pointers[i] = &keys[i];
    }
    vsw_tcam_lookup_bulk(tcam, pointers, 8, hits, audit_begin());
    assert_true(audit_end("vsw_tcam_lookup_bulk"));
}

static void
audit_tcam_call(struct vsw_tcam *tcam, struct rnd *r)
{
    struct vsw_flowkey key = random_key(r), mask, value;
    struct vsw_tcam_rule rule = { .value = &value, .mask = &mask };
    struct vsw_tcam_hit hit;
    uint32_t id;

    vsw_tcam_lookup(tcam, &key, &hit, audit_begin());
    assert_true(audit_end("vsw_tcam_lookup"));

    audit_tcam_bulk(tcam, r);
    vsw_flowkey_mask_nine_tuple(&mask);
    if (rnd_below(r, 2)) {
        memset(&mask.ip_dst, 0, sizeof mask.ip_dst);
    }
    vsw_flowkey_project(&value, &key, &mask);
    id = vsw_tcam_find(tcam, &rule, audit_begin());
    assert_true(audit_end("vsw_tcam_find"));
    if (id == VSW_TCAM_NONE) {
        vsw_tcam_replace(tcam, &rule, NULL, audit_begin());
        assert_true(audit_end("vsw_tcam_replace"));
    } else if (rnd_below(r, 2)) {
        vsw_tcam_remove(tcam, id, audit_begin());
        assert_true(audit_end("vsw_tcam_remove"));
    }
}

static void
tcam_calls_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 3);
    struct vsw_tcam_params params = { .max_rules = 600,
                                      .key_bytes = VSW_FLOWKEY_BYTES };
    struct vsw_arena arena;
    struct vsw_tcam *tcam;

    (void) state;
    new_arena(&arena);
    tcam = vsw_tcam_new(&arena, &params);
    exempt_handle(tcam, 3);
    for (int call = 0; call < N_CALLS; call++) {
        audit_tcam_call(tcam, &r);
    }
    assert_true(vsw_tcam_stats(tcam).n_hits > 0);
    assert_true(vsw_tcam_stats(tcam).n_evictions > 0);
}

static void
mac_table_calls_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 4);
    struct vsw_arena arena;
    struct vsw_mactable *mt;

    (void) state;
    new_arena(&arena);
    mt = vsw_mactable_new(&arena, 100, 1000);
    exempt_handle(mt, 1);
    for (uint64_t now_ns = 0; now_ns < N_CALLS; now_ns++) {
        struct vsw_mac mac = {{ 2, 0, 0, 0, 0, (uint8_t) rnd_next(&r) }};

        vsw_mactable_lookup(mt, &mac, now_ns, audit_begin());
        assert_true(audit_end("vsw_mactable_lookup"));
        vsw_mactable_learn(mt, &mac, rnd_below(&r, 2), now_ns,
                           audit_begin());
        assert_true(audit_end("vsw_mactable_learn"));
    }
}

static void
emc_calls_declare_what_they_touch(void **state)
{
    static const struct vsw_emc_shape shapes[] = {
        { 256, 2, 80 }, { 256, 1, 576 }, { 64, 4, 96 },
    };
    struct rnd r = rnd_from_environment(__func__, 5);

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(shapes); i++) {
        struct vsw_arena arena;
        struct vsw_emc *emc;

        new_arena(&arena);
        emc = vsw_emc_new(&arena, &shapes[i]);
        exempt_handle(emc, 1);
        for (uint32_t call = 0; call < N_CALLS; call++) {
            struct vsw_flowkey key = random_key(&r);
            uint32_t hash = hash_of(&key);

            vsw_emc_lookup(emc, &key, hash, audit_begin());
            assert_true(audit_end("vsw_emc_lookup"));
            vsw_emc_insert(emc, &key, hash, call, audit_begin());
            assert_true(audit_end("vsw_emc_insert"));
            if (call % 4 == 0) {
                vsw_emc_remove(emc, &key, hash, audit_begin());
                assert_true(audit_end("vsw_emc_remove"));
            }
        }
    }
}

static void
audit_exact_bulk(const struct vsw_exact *t, struct rnd *r)
{
    struct vsw_flowkey a = random_key(r), b = random_key(r);
    const void *keys[] = { &a, &b };
    uint32_t hashes[] = { hash_of(&a), hash_of(&b) };
    uint32_t flows[2];

    vsw_exact_lookup_bulk(t, keys, hashes, 2, flows, audit_begin());
    assert_true(audit_end("vsw_exact_lookup_bulk"));
}

static void
exact_match_lookups_declare_what_they_touch(void **state)
{
    static const uint32_t key_bytes[] = { 8, 16, 44, 64 };
    struct rnd r = rnd_from_environment(__func__, 6);

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(key_bytes); i++) {
        struct vsw_arena arena;
        struct vsw_exact *t;

        new_arena(&arena);
        t = vsw_exact_new(&arena, key_bytes[i], 500);
        exempt_handle(t, 1);
        for (uint32_t call = 0; call < N_CALLS; call++) {
            struct vsw_flowkey key = random_key(&r);
            uint32_t hash = hash_of(&key);

            vsw_exact_lookup(t, &key, hash, audit_begin());
            assert_true(audit_end("vsw_exact_lookup"));
            vsw_exact_replace(t, &key, hash, call, NULL);
            audit_exact_bulk(t, &r);
        }
    }
}

/* Frames lie in the arena, as in a simulation; some cross a line.  Headers are
 * declared whole, though not every field of one is read. */
static void
key_extraction_touches_nothing_undeclared(void **state)
{
    static const uint8_t headers[] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 7, 8, 0,
        0x46, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        1, 1, 1, 0, 0, 80, 31, 144, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2,
        0, 0, 0, 0, 0, 0,
    };
    struct rnd r = rnd_from_environment(__func__, 9);
    struct vsw_arena arena;

    (void) state;
    new_arena(&arena);
    for (int call = 0; call < N_CALLS; call++) {
        uint8_t *frame = memory + rnd_below(&r, 200);
        size_t n_bytes = rnd_below(&r, sizeof headers + 20);
        struct vsw_flowkey key;

        memcpy(frame, headers, sizeof headers);
        frame[12 + rnd_below(&r, 30)] ^= (uint8_t) rnd_below(&r, 4);
        vsw_flowkey_extract(&key, frame, n_bytes, 1, audit_begin());
        assert_true(audit_end_covered("vsw_flowkey_extract"));
    }
}

static void
bulk_exact_match_lookups_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 7);
    struct vsw_flowkey keys[VSW_EXACT_MAX_BULK];
    const void *pointers[VSW_EXACT_MAX_BULK];
    uint32_t hashes[VSW_EXACT_MAX_BULK], flows[VSW_EXACT_MAX_BULK];
    struct vsw_arena arena;
    struct vsw_exact *t;

    (void) state;
    new_arena(&arena);
    t = vsw_exact_new(&arena, VSW_FLOWKEY_BYTES, 500);
    exempt_handle(t, 1);
    for (uint32_t call = 0; call < N_CALLS / 8; call++) {
        for (int i = 0; i < VSW_EXACT_MAX_BULK; i++) {
            keys[i] = random_key(&r);
            pointers[i] = &keys[i];
            hashes[i] = hash_of(&keys[i]);
        }
        vsw_exact_lookup_bulk(t, pointers, hashes, VSW_EXACT_MAX_BULK, flows,
                              audit_begin());
        assert_true(audit_end("vsw_exact_lookup_bulk"));
        vsw_exact_insert(t, &keys[0], hashes[0], call, audit_begin());
        assert_true(audit_end("vsw_exact_insert"));
        vsw_exact_remove(t, &keys[1], hashes[1], audit_begin());
        assert_true(audit_end("vsw_exact_remove"));
    }
}

/* Leaves out the handle of the index inside of a megaflow cache or classifier,
 * both of which begin with their tuple space. */
static void
exempt_index(const void *owner)
{
    const struct tuples *ts = owner;

    exempt_handle(ts->index, 1);
}

/* The same for the last table that was made in 'arena', which has room for
 * 'n' keys of 4 bytes: its buckets are at the end, and its handle in front. */
static void
exempt_last_table(const struct vsw_arena *arena, uint32_t n)
{
    static _Alignas(64) unsigned char other[1 << 16];
    struct vsw_arena twin;
    struct vsw_exact *t;

    vsw_arena_init(&twin, other, sizeof other);
    t = vsw_exact_new(&twin, 4, n);
    assert_non_null(t);
    exempt_handle(arena->base + arena->used_bytes - vsw_exact_size_bytes(t)
                  - VSW_LINE_BYTES, 1);
}

/* Some fields, so that there are several subtables. */
static struct vsw_flowkey
random_mask(struct rnd *r)
{
    struct vsw_flowkey mask;

    memset(&mask, 0, sizeof mask);
    memset(&mask.ip_src, rnd_below(r, 2) ? 0xff : 0, 4);
    memset(&mask.ip_dst, rnd_below(r, 2) ? 0xff : 0, 4);
    memset(&mask.tp_dst, rnd_below(r, 2) ? 0xff : 0, 2);
    memset(&mask.eth_dst, rnd_below(r, 2) ? 0xff : 0, 6);
    return mask;
}

static void
classifier_calls_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 8);
    struct vsw_arena arena;
    struct vsw_classifier *cls;

    (void) state;
    new_arena(&arena);
    cls = vsw_classifier_new(&arena, 300, 16);
    exempt_handle(cls, 4);
    exempt_index(cls);
    exempt_last_table(&arena, 600);
    for (uint32_t call = 0; call < N_CALLS; call++) {
        struct vsw_flowkey key = random_key(&r), mask = random_mask(&r);
        struct vsw_flowkey decided_by;
        uint32_t priority = rnd_below(&r, 3);

        vsw_classifier_lookup(cls, &key, rnd_below(&r, 2) ? &decided_by
                                                          : NULL,
                              audit_begin());
        assert_true(audit_end("vsw_classifier_lookup"));
        vsw_classifier_insert(cls, &key, &mask, priority, call,
                              audit_begin());
        assert_true(audit_end("vsw_classifier_insert"));
        key = random_key(&r);
        vsw_classifier_remove(cls, &key, &mask, priority, audit_begin());
        assert_true(audit_end("vsw_classifier_remove"));
    }
}

static void
look_up_a_burst(struct rnd *r, struct vsw_megaflow *mf)
{
    struct vsw_flowkey keys[VSW_MEGAFLOW_MAX_BULK];
    const struct vsw_flowkey *pointers[VSW_MEGAFLOW_MAX_BULK];
    uint32_t flows[VSW_MEGAFLOW_MAX_BULK];

    for (int i = 0; i < VSW_MEGAFLOW_MAX_BULK; i++) {
        keys[i] = random_key(r);
        pointers[i] = &keys[i];
    }
    vsw_megaflow_lookup_bulk(mf, pointers, VSW_MEGAFLOW_MAX_BULK, flows,
                             audit_begin());
    assert_true(audit_end("vsw_megaflow_lookup_bulk"));
    vsw_megaflow_lookup(mf, &keys[0], audit_begin());
    assert_true(audit_end("vsw_megaflow_lookup"));
}

static void
megaflow_calls_declare_what_they_touch(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 9);
    struct vsw_arena arena;
    struct vsw_megaflow *mf;

    (void) state;
    new_arena(&arena);
    mf = vsw_megaflow_new(&arena, 300, 16);
    exempt_handle(mf, 1);
    exempt_index(mf);
    for (uint32_t call = 0; call < N_CALLS / 4; call++) {
        struct vsw_flowkey key = random_key(&r), mask = random_mask(&r);

        look_up_a_burst(&r, mf);
        vsw_megaflow_insert(mf, &key, &mask, call, audit_begin());
        assert_true(audit_end("vsw_megaflow_insert"));
        vsw_megaflow_sort(mf, audit_begin());
        assert_true(audit_end("vsw_megaflow_sort"));
        key = random_key(&r);
        vsw_megaflow_remove(mf, &key, &mask, audit_begin());
        assert_true(audit_end("vsw_megaflow_remove"));
    }
}

static void
the_audit_saw_enough_lines_to_mean_something(void **state)
{
    (void) state;
    assert_true(audit_n_lines() > 100000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_audit_notices_what_is_not_declared),
        cmocka_unit_test(acl_searches_declare_what_they_touch),
        cmocka_unit_test(
            fib_lookups_and_rule_synthesis_declare_what_they_touch),
        cmocka_unit_test(tcam_calls_declare_what_they_touch),
        cmocka_unit_test(mac_table_calls_declare_what_they_touch),
        cmocka_unit_test(emc_calls_declare_what_they_touch),
        cmocka_unit_test(exact_match_lookups_declare_what_they_touch),
        cmocka_unit_test(key_extraction_touches_nothing_undeclared),
        cmocka_unit_test(bulk_exact_match_lookups_declare_what_they_touch),
        cmocka_unit_test(classifier_calls_declare_what_they_touch),
        cmocka_unit_test(megaflow_calls_declare_what_they_touch),
        cmocka_unit_test(the_audit_saw_enough_lines_to_mean_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
