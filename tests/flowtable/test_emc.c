#include "vsw_test.h"
#include "vsw_random.h"
#include "packets.h"

#include <string.h>

#include <vswsim/emc.h>
#include <vswsim/rss.h>

#define MEM_BYTES (1 << 20)

static _Alignas(64) unsigned char memory[MEM_BYTES];
static struct vsw_arena arena;

static struct vsw_emc *
make(uint32_t n_entries, uint32_t n_positions)
{
    struct vsw_emc_shape shape = {n_entries, n_positions, 80};
    struct vsw_emc *emc;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    emc = vsw_emc_new(&arena, &shape);
    assert_non_null(emc);
    return emc;
}

static struct vsw_flowkey
key_of(uint32_t n)
{
    struct vsw_flowkey key = {0};

    key.ip_src = vsw_ip_addr_from_v4(n);
    return key;
}

static void
key_is_found_in_either_position(void **state)
{
    struct vsw_emc *emc = make(8192, 2);
    struct vsw_flowkey a = key_of(1), b = key_of(2);

    (void) state;
    /* Both have position 5 first; then 9 and 7. */
    vsw_emc_insert(emc, &a, 9 << 13 | 5, 100, NULL);
    vsw_emc_insert(emc, &b, 7 << 13 | 5, 200, NULL);
    assert_int_equal(vsw_emc_lookup(emc, &a, 9 << 13 | 5, NULL), 100);
    assert_int_equal(vsw_emc_lookup(emc, &b, 7 << 13 | 5, NULL), 200);
    assert_int_equal(vsw_emc_lookup(emc, &b, 9 << 13 | 5, NULL),
                     VSW_FLOW_NONE);
    assert_int_equal(vsw_emc_count(emc), 2);
}

static void
least_hash_is_replaced_when_all_positions_are_live(void **state)
{
    struct vsw_emc *emc = make(8192, 2);
    struct vsw_flowkey a = key_of(1), b = key_of(2), c = key_of(3);

    (void) state;
    vsw_emc_insert(emc, &a, 3 << 13 | 5, 100, NULL);    /* At 5. */
    vsw_emc_insert(emc, &b, 1 << 13 | 3, 200, NULL);    /* At 3. */
    vsw_emc_insert(emc, &c, 7 << 26 | 3 << 13 | 5, 300, NULL);
    assert_int_equal(vsw_emc_lookup(emc, &a, 3 << 13 | 5, NULL), 100);
    assert_int_equal(vsw_emc_lookup(emc, &b, 1 << 13 | 3, NULL),
                     VSW_FLOW_NONE);
    assert_int_equal(vsw_emc_lookup(emc, &c, 7 << 26 | 3 << 13 | 5, NULL),
                     300);
}

/* A second cache written from the published source in plain arrays: any cache
 * that replaces another entry gives another result sooner or later. */
struct model_entry {
    uint32_t hash;
    uint32_t key;
    uint32_t flow;
    bool is_alive;
};

static void
model_insert(struct model_entry *entries, uint32_t mask, uint32_t shift,
             const struct model_entry *new)
{
    struct model_entry *victim = NULL;
    uint32_t search = new->hash;

    for (int i = 0; i < 2; i++, search >>= shift) {
        struct model_entry *e = &entries[search & mask];

        if (e->hash == new->hash && e->key == new->key) {
            *e = *new;
            return;
        }
        if (!victim || (victim->is_alive && !e->is_alive)
            || e->hash < victim->hash) {
            victim = e;
        }
    }
    *victim = *new;
}

static uint32_t
model_lookup(const struct model_entry *entries, uint32_t mask,
             uint32_t shift, uint32_t key, uint32_t hash)
{
    uint32_t search = hash;

    for (int i = 0; i < 2; i++, search >>= shift) {
        const struct model_entry *e = &entries[search & mask];

        if (e->is_alive && e->hash == hash && e->key == key) {
            return e->flow;
        }
    }
    return VSW_FLOW_NONE;
}

static void
agrees_with_the_published_algorithm_under_random_operations(void **state)
{
    struct rnd r = rnd_from_environment("emc", 1);
    struct vsw_emc *emc = make(64, 2);
    struct model_entry model[64] = {{0}};
    uint32_t n_hits = 0;

    (void) state;
    for (int step = 0; step < 200000; step++) {
        uint32_t n = 1 + rnd_below(&r, 150);
        uint32_t hash = n * UINT32_C(0x9e3779b9) >> 8;
        struct vsw_flowkey key = key_of(n);
        struct model_entry new = {hash, n, rnd_below(&r, 99), true};
        uint32_t flow = model_lookup(model, 63, 6, n, hash);

        assert_int_equal(vsw_emc_lookup(emc, &key, hash, NULL), flow);
        n_hits += flow != VSW_FLOW_NONE;
        switch (rnd_below(&r, 3)) {
        case 0:
            vsw_emc_insert(emc, &key, hash, new.flow, NULL);
            model_insert(model, 63, 6, &new);
            break;
        case 1:
            assert_int_equal(vsw_emc_remove(emc, &key, hash, NULL),
                             flow != VSW_FLOW_NONE);
            for (int i = 0; i < 64; i++) {
                model[i].is_alive &= model[i].key != n;
            }
            break;
        }
    }
    assert_in_range(n_hits, 10000, 190000);
}

static void
miss_declares_one_line_per_position(void **state)
{
    struct vsw_emc *emc = make(64, 2);
    struct vsw_memobs obs = {{0, 0}, NULL};
    struct vsw_flowkey key = key_of(1);

    (void) state;
    vsw_emc_lookup(emc, &key, 0x123, &obs);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 2);
}

static void
one_in_a_hundred_misses_is_admitted(void **state)
{
    struct rnd r = rnd_from_environment("emc", 1);
    uint32_t n = 0;

    (void) state;
    for (int i = 0; i < 100000; i++) {
        n += vsw_emc_admits((uint32_t) rnd_next(&r), 100);
    }
    assert_in_range(n, 800, 1200);
    assert_true(vsw_emc_admits(UINT32_MAX, 1));
    assert_false(vsw_emc_admits(0, 0));
}

static void
senseless_shapes_are_refused(void **state)
{
    static const struct vsw_emc_shape bad[] = {
        {0, 2, 80}, {1000, 2, 80}, {8192, 0, 80}, {8192, 9, 80},
        {8192, 2, 64}, {8192, 2, 88}, {UINT32_C(1) << 24, 2, 80},
    };

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        assert_null(vsw_emc_new(&arena, &bad[i]));
    }
    assert_int_equal(arena.used_bytes, 0);
}

/* The tuples and results are those of the published verification suite. */
static void
rule_is_found_by_the_hash_that_the_nic_gives(void **state)
{
    struct vsw_emc *emc = make(64, 1);
    struct vsw_toeplitz *t = vsw_toeplitz_new(
        &arena, vsw_toeplitz_default_key, VSW_TOEPLITZ_KEY_BYTES,
        VSW_TOEPLITZ_AUTO);
    struct vsw_flowkey key = {0};

    (void) state;
    assert_non_null(t);
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    key.ip_src = vsw_ip_addr_from_v4(0x420995bb);       /* 66.9.149.187 */
    key.ip_dst = vsw_ip_addr_from_v4(0xa18e6450);       /* 161.142.100.80 */
    key.tp_src = vsw_be16_make(2794);
    key.tp_dst = vsw_be16_make(1766);
    key.ip_proto = 6;
    vsw_emc_insert(emc, &key, vsw_rss_hash(t, &key, VSW_RSS_TCP, NULL), 5,
                   NULL);
    assert_int_equal(vsw_emc_lookup(emc, &key, 0x51ccc178, NULL), 5);
    assert_int_equal(vsw_rss_hash(t, &key, VSW_RSS_UDP, NULL), 0x323e8fc2);
    key.ip_frag = VSW_FRAG_FIRST;
    assert_int_equal(vsw_rss_hash(t, &key, VSW_RSS_TCP, NULL), 0x323e8fc2);
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_ARP);
    assert_int_equal(vsw_rss_hash(t, &key, VSW_RSS_TCP, NULL), 0);
}

static void
ipv6_rule_hashes_as_published(void **state)
{
    struct vsw_flowkey key = {0};
    struct vsw_toeplitz *t;

    (void) state;
    make(64, 1);
    t = vsw_toeplitz_new(&arena, vsw_toeplitz_default_key,
                         VSW_TOEPLITZ_KEY_BYTES, VSW_TOEPLITZ_AUTO);
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV6);
    key.ip_src = (struct vsw_ip_addr) {{0x3f, 0xfe, 0x25, 1, 2, 0, 0x1f, 0xff,
                                        0, 0, 0, 0, 0, 0, 0, 7}};
    key.ip_dst = (struct vsw_ip_addr) {{0x3f, 0xfe, 0x25, 1, 2, 0, 0, 3,
                                        0, 0, 0, 0, 0, 0, 0, 1}};
    key.tp_src = vsw_be16_make(2794);
    key.tp_dst = vsw_be16_make(1766);
    key.ip_proto = 17;
    assert_int_equal(vsw_rss_hash(t, &key, VSW_RSS_UDP, NULL), 0x40207d3d);
    assert_int_equal(vsw_rss_hash(t, &key, 0, NULL), 0x2cc18cd5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_is_found_in_either_position),
        cmocka_unit_test(least_hash_is_replaced_when_all_positions_are_live),
        cmocka_unit_test(
            agrees_with_the_published_algorithm_under_random_operations),
        cmocka_unit_test(miss_declares_one_line_per_position),
        cmocka_unit_test(one_in_a_hundred_misses_is_admitted),
        cmocka_unit_test(senseless_shapes_are_refused),
        cmocka_unit_test(rule_is_found_by_the_hash_that_the_nic_gives),
        cmocka_unit_test(ipv6_rule_hashes_as_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
