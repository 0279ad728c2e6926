#include "vsw_test.h"
#include "vsw_random.h"

#include <string.h>

#include <vswsim/synth.h>
#include <vswsim/tcam.h>

static _Alignas(64) unsigned char memory[4 << 20];

/* Tables in fresh memory, with MAC addresses 02:..:n behind port n. */
struct tables {
    struct vsw_arena arena;
    struct vsw_fib fib;
    struct vsw_acl acl;
    struct vsw_acl qos;
    struct vsw_synth synth;
};

static void
make(struct tables *t, uint8_t default_verdict)
{
    struct vsw_fib_params fib = { 4, 4 };
    struct vsw_acl_params acl = { .max_rules = 100,
                                  .default_verdict = default_verdict };
    struct vsw_acl_params qos = { .max_rules = 10, .default_verdict = 3 };

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&t->arena, memory, sizeof memory);
    assert_int_equal(vsw_fib_init(&t->fib, &t->arena, &fib), 0);
    assert_int_equal(vsw_acl_init(&t->acl, &t->arena, &acl), 0);
    assert_int_equal(vsw_acl_init(&t->qos, &t->arena, &qos), 0);
    for (uint8_t n = 1; n <= 4; n++) {
        struct vsw_mac mac = {{ 2, 0, 0, 0, 0, n }};

        assert_int_equal(vsw_fib_add_mac(&t->fib, &mac, 0, n), 0);
    }
    t->synth = (struct vsw_synth) { &t->fib, &t->acl, &t->qos };
}

static struct vsw_flowkey
packet(uint32_t src_ip, uint16_t dst_port)
{
    struct vsw_flowkey key;

    memset(&key, 0, sizeof key);
    key.eth_dst = (struct vsw_mac) {{ 2, 0, 0, 0, 0, 1 }};
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    key.ip_src = vsw_ip_addr_from_v4(src_ip);
    key.ip_dst = vsw_ip_addr_from_v4(0x0b000001);
    key.tp_src = vsw_be16_make(4000);
    key.tp_dst = vsw_be16_make(dst_port);
    key.ip_proto = VSW_IP_PROTO_TCP;
    return key;
}

static struct vsw_acl_rule
from_network(uint32_t ip, unsigned int len, uint8_t verdict)
{
    struct vsw_acl_rule rule;

    vsw_acl_rule_any(&rule, verdict);
    rule.src_ip = ip;
    rule.src_mask = vsw_ipv4_mask(len);
    return rule;
}

static void
add(struct vsw_acl *acl, struct vsw_acl_rule rule)
{
    assert_int_equal(vsw_acl_add(acl, &rule), 0);
}

static void
assert_is_exact(const struct vsw_flow_rule *rule)
{
    struct vsw_flowkey mask;

    vsw_flowkey_mask_nine_tuple(&mask);
    for (size_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        assert_true((vsw_flowkey_word(&mask, i)
                     & ~vsw_flowkey_word(&rule->mask, i)) == 0);
    }
}

static void
a_permitted_flow_gets_port_and_class(void **state)
{
    struct vsw_flowkey key = packet(0x0a000001, 80);
    struct vsw_flow_rule rule;
    struct tables t;

    (void) state;
    make(&t, VSW_ACL_DENY);
    add(&t.acl, from_network(0x0c000000, 8, VSW_ACL_DENY));
    add(&t.acl, from_network(0x0a000000, 8, VSW_ACL_PERMIT));
    add(&t.qos, from_network(0x0a000000, 24, 5));
    vsw_synth_rule(&t.synth, &key, &rule, NULL);

    assert_false(rule.negative);
    assert_int_equal(rule.port, 1);
    assert_int_equal(rule.qos_class, 5);
    assert_int_equal(rule.n_compared, 3);
    assert_is_exact(&rule);
    assert_true(vsw_flowkey_equal_masked(&rule.value, &key, &rule.mask));
}

/* Type A. */
static void
default_deny_makes_an_exact_negative_rule(void **state)
{
    struct vsw_flowkey key = packet(0x0b000001, 80);
    struct vsw_flow_rule rule;
    struct tables t;

    (void) state;
    make(&t, VSW_ACL_DENY);
    add(&t.acl, from_network(0x0a000000, 8, VSW_ACL_PERMIT));
    vsw_synth_rule(&t.synth, &key, &rule, NULL);

    assert_true(rule.negative);
    assert_int_equal(rule.n_compared, 1);
    assert_is_exact(&rule);
}

/* Type B. */
static void
a_deny_entry_makes_one_negative_rule_for_all_its_flows(void **state)
{
    struct vsw_flowkey key = packet(0x0a000001, 80);
    struct vsw_flowkey expected;
    struct vsw_flow_rule rule;
    struct tables t;

    (void) state;
    make(&t, VSW_ACL_PERMIT);
    add(&t.acl, from_network(0x0a000000, 8, VSW_ACL_DENY));
    vsw_synth_rule(&t.synth, &key, &rule, NULL);

    memset(&expected, 0, sizeof expected);
    expected.eth_type = vsw_be16_make(UINT16_MAX);
    expected.ip_src.octets[0] = 0xff;
    assert_true(rule.negative);
    assert_memory_equal(&rule.mask, &expected, sizeof expected);
    assert_int_equal(rule.value.ip_src.octets[0], 10);
}

static void
a_port_range_is_covered_by_aligned_blocks(void **state)
{
    static const struct {
        uint16_t port, min, max, mask;
    } cases[] = {
        { 80, 80, 80, 0xffff },
        { 1500, 1024, 65535, 0xfc00 },      /* 1024 to 2047. */
        { 40000, 1024, 65535, 0x8000 },     /* 32768 to 65535. */
        { 7, 0, 1023, 0xfc00 },
        { 6, 5, 7, 0xfffe },                /* 6 and 7. */
        { 5, 5, 7, 0xffff },
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        struct vsw_flowkey key = packet(0x0a000001, cases[i].port);
        struct vsw_acl_rule entry = from_network(0, 0, VSW_ACL_DENY);
        struct vsw_flow_rule rule;
        struct tables t;

        make(&t, VSW_ACL_PERMIT);
        entry.dst_port_min = cases[i].min;
        entry.dst_port_max = cases[i].max;
        add(&t.acl, entry);
        vsw_synth_rule(&t.synth, &key, &rule, NULL);
        assert_int_equal(vsw_be16_get(rule.mask.tp_dst), cases[i].mask);
        assert_int_equal(vsw_be16_get(rule.mask.tp_src), 0);
    }
}

/* 10.0.0.0/8 is denied but for 10.128.0.0/9: one more bit tells them apart. */
static void
a_permit_entry_in_front_narrows_the_negative_rule_by_one_bit(void **state)
{
    struct vsw_flowkey key = packet(0x0a000001, 80);
    struct vsw_flow_rule rule;
    struct tables t;

    (void) state;
    make(&t, VSW_ACL_PERMIT);
    add(&t.acl, from_network(0x0a800000, 9, VSW_ACL_PERMIT));
    add(&t.acl, from_network(0x0a000000, 8, VSW_ACL_DENY));
    vsw_synth_rule(&t.synth, &key, &rule, NULL);

    assert_true(rule.negative);
    assert_int_equal(vsw_ip_addr_to_v4(&rule.mask.ip_src), 0xff800000);
}

static void
what_is_not_ip_is_permitted_and_ipv6_takes_the_default(void **state)
{
    struct vsw_flowkey arp = packet(0, 0), ipv6 = packet(0, 0);
    struct vsw_flow_rule rule;
    struct tables t;

    (void) state;
    arp.eth_type = vsw_be16_make(VSW_ETH_TYPE_ARP);
    ipv6.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV6);
    for (uint8_t verdict = VSW_ACL_DENY; verdict <= VSW_ACL_PERMIT;
         verdict++) {
        make(&t, verdict);
        add(&t.acl, from_network(0, 0, !verdict));
        vsw_synth_rule(&t.synth, &arp, &rule, NULL);
        assert_false(rule.negative);
        assert_int_equal(rule.qos_class, 3);
        vsw_synth_rule(&t.synth, &ipv6, &rule, NULL);
        assert_int_equal(rule.negative, verdict == VSW_ACL_DENY);
    }
}

/* Small worlds, so that random entries overlap in every way. */
static uint16_t
random_port(struct rnd *r)
{
    static const uint16_t ports[] = { 0, 1, 2, 3, 6, 7, 8, 1023, 65535 };

    return ports[rnd_below(r, VSW_N_ELEMS(ports))];
}

static void
random_range(struct rnd *r, uint16_t *min, uint16_t *max)
{
    if (rnd_below(r, 2)) {
        uint16_t a = random_port(r), b = random_port(r);

        *min = a < b ? a : b;
        *max = a < b ? b : a;
    }
}

static uint32_t
random_ip(struct rnd *r)
{
    return rnd_below(r, 4) << 30 | rnd_below(r, 4);
}

static uint8_t
random_proto(struct rnd *r)
{
    static const uint8_t protos[] = { 1, 6, 17, 132, 7 };

    return protos[rnd_below(r, sizeof protos)];
}

static void
random_acl_rule(struct rnd *r, struct vsw_acl_rule *rule)
{
    static const uint8_t proto_masks[] = { 0, 0xff, 0xff, 0x01, 0x10 };

    vsw_acl_rule_any(rule, (uint8_t) rnd_below(r, 2));
    rule->src_mask = vsw_ipv4_mask(rnd_below(r, 33));
    rule->src_ip = random_ip(r) & rule->src_mask;
    rule->dst_mask = vsw_ipv4_mask(rnd_below(r, 4));
    rule->dst_ip = random_ip(r) & rule->dst_mask;
    rule->proto_mask = proto_masks[rnd_below(r, sizeof proto_masks)];
    rule->proto = random_proto(r) & rule->proto_mask;
    random_range(r, &rule->src_port_min, &rule->src_port_max);
    random_range(r, &rule->dst_port_min, &rule->dst_port_max);
}

/* A packet whose fields hold together, as extraction makes them. */
static struct vsw_flowkey
random_packet(struct rnd *r)
{
    struct vsw_flowkey key = packet(random_ip(r), 0);
    uint8_t frag = rnd_below(r, 4) == 0 ? VSW_FRAG_LATER : VSW_FRAG_NONE;

    key.ip_dst = vsw_ip_addr_from_v4(random_ip(r));
    key.ip_proto = random_proto(r);
    key.ip_frag = frag;
    key.tp_src = vsw_be16_make(frag ? 0 : random_port(r));
    key.tp_dst = vsw_be16_make(frag ? 0 : random_port(r));
    key.eth_dst.octets[5] = (uint8_t) rnd_below(r, 6);
    return key;
}

static void
random_lists(struct rnd *r, struct tables *t)
{
    uint32_t n = rnd_below(r, 20);

    make(t, (uint8_t) rnd_below(r, 2));
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_acl_rule rule;

        random_acl_rule(r, &rule);
        add(&t->acl, rule);
        if (i < 5) {
            rule.verdict = (uint8_t) i;
            add(&t->qos, rule);
        }
    }
}

/* What the tables say about one packet, asked one by one. */
static bool
decide(const struct tables *t, const struct vsw_flowkey *key, uint32_t *port,
       uint8_t *qos_class)
{
    struct vsw_fivetuple tuple;

    assert_true(vsw_fivetuple_from_key(&tuple, key));
    *port = vsw_fib_lookup(&t->fib, key, NULL);
    *qos_class = vsw_acl_search(&t->qos, &tuple, NULL).verdict;
    return vsw_acl_search(&t->acl, &tuple, NULL).verdict != VSW_ACL_DENY;
}

static void
insert(struct vsw_tcam *tcam, const struct vsw_flow_rule *rule)
{
    struct vsw_tcam_rule entry = {
        .value = &rule->value, .mask = &rule->mask,
        .action = rule->port << 8 | rule->qos_class,
        .negative = rule->negative,
    };

    assert_int_equal(vsw_tcam_replace(tcam, &entry, NULL, NULL), 0);
}

/* One packet through a cache in front of synthesis, against the tables. */
static void
forward(struct tables *t, struct vsw_tcam *tcam,
        const struct vsw_flowkey *key)
{
    struct vsw_tcam_hit hit;
    uint8_t qos_class;
    uint32_t port;
    bool permitted = decide(t, key, &port, &qos_class);

    if (!vsw_tcam_lookup(tcam, key, &hit, NULL)) {
        struct vsw_flow_rule rule;

        vsw_synth_rule(&t->synth, key, &rule, NULL);
        insert(tcam, &rule);
        assert_true(vsw_tcam_lookup(tcam, key, &hit, NULL));
    }
    assert_int_equal(hit.negative, !permitted);
    if (permitted) {
        assert_int_equal(hit.action, port << 8 | qos_class);
    }
}

/* However few rules the cache holds and whichever it evicts. */
static void
a_cache_of_synthesised_rules_decides_as_the_tables_do(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 4);

    (void) state;
    for (uint32_t world = 0; world < 80; world++) {
        struct vsw_tcam_params params = { .key_bytes = VSW_FLOWKEY_BYTES,
                                          .max_rules = 1 + world % 64 };
        struct vsw_tcam *tcam;
        struct tables t;

        random_lists(&r, &t);
        tcam = vsw_tcam_new(&t.arena, &params);
        assert_non_null(tcam);
        for (int i = 0; i < 1000; i++) {
            struct vsw_flowkey key = random_packet(&r);

            forward(&t, tcam, &key);
        }
    }
}

/* The reason for wildcards: few rules block many flows. */
static void
blocked_flows_need_few_rules(void **state)
{
    struct vsw_tcam_params params = { .key_bytes = VSW_FLOWKEY_BYTES };
    struct vsw_tcam *tcam;
    struct tables t;

    (void) state;
    make(&t, VSW_ACL_PERMIT);
    add(&t.acl, from_network(0x0a000000, 8, VSW_ACL_DENY));
    tcam = vsw_tcam_new(&t.arena, &params);
    for (uint32_t i = 0; i < 5000; i++) {
        struct vsw_flowkey key = packet(0x0a000000 + i, (uint16_t) i);

        forward(&t, tcam, &key);
    }
    assert_int_equal(vsw_tcam_n_rules(tcam), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permitted_flow_gets_port_and_class),
        cmocka_unit_test(default_deny_makes_an_exact_negative_rule),
        cmocka_unit_test(
            a_deny_entry_makes_one_negative_rule_for_all_its_flows),
        cmocka_unit_test(a_port_range_is_covered_by_aligned_blocks),
        cmocka_unit_test(
            a_permit_entry_in_front_narrows_the_negative_rule_by_one_bit),
        cmocka_unit_test(
            what_is_not_ip_is_permitted_and_ipv6_takes_the_default),
        cmocka_unit_test(
            a_cache_of_synthesised_rules_decides_as_the_tables_do),
        cmocka_unit_test(blocked_flows_need_few_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
