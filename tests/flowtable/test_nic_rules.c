#include "vsw_test.h"

#include <string.h>

#include <vswsim/mactable.h>
#include <vswsim/nic_rules.h>

static _Alignas(64) unsigned char memory[4 << 20];

struct gate {
    struct vsw_arena arena;
    struct vsw_fib fib;
    struct vsw_acl acl;
    struct vsw_synth synth;
    struct vsw_nic_rules rules;
    uint32_t n_asked;
};

static void
make(struct gate *g, bool is_tcam, bool wildcards, uint8_t verdict)
{
    const struct vsw_fib_params fib = {4, 4};
    const struct vsw_acl_params acl = {.max_rules = 4,
                                       .default_verdict = verdict};
    const struct vsw_nic_rules_setup setup = {16, is_tcam, wildcards};
    const struct vsw_mac mac = {{2, 0, 0, 0, 0, 1}};

    memset(g, 0, sizeof *g);
    memset(memory, 0, sizeof memory);
    vsw_arena_init(&g->arena, memory, sizeof memory);
    assert_int_equal(vsw_fib_init(&g->fib, &g->arena, &fib), 0);
    assert_int_equal(vsw_fib_add_mac(&g->fib, &mac, 0, 1), 0);
    assert_int_equal(vsw_acl_init(&g->acl, &g->arena, &acl), 0);
    g->synth = (struct vsw_synth) {&g->fib, &g->acl, NULL};
    assert_int_equal(vsw_nic_rules_init(&g->rules, &g->arena, &setup), 0);
}

static void
add_entry(struct gate *g, uint32_t ip, unsigned int len, uint8_t verdict)
{
    struct vsw_acl_rule rule;

    vsw_acl_rule_any(&rule, verdict);
    rule.src_mask = vsw_ipv4_mask(len);
    rule.src_ip = ip & rule.src_mask;
    assert_int_equal(vsw_acl_add(&g->acl, &rule), 0);
}

/* Decides a packet as a switch does: by its table, else by synthesis. */
static struct vsw_rule
decide(struct gate *g, uint32_t src_ip)
{
    struct vsw_flow_rule made;
    struct vsw_flowkey key;
    struct vsw_rule rule;

    memset(&key, 0, sizeof key);
    key.eth_dst = (struct vsw_mac) {{2, 0, 0, 0, 0, 1}};
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    key.ip_src = vsw_ip_addr_from_v4(src_ip);
    key.ip_proto = VSW_IP_PROTO_UDP;
    while (!vsw_nic_rules_lookup(&g->rules, &key, &rule, NULL)) {
        g->n_asked++;
        vsw_synth_rule(&g->synth, &key, &made, NULL);
        vsw_nic_rules_add(&g->rules, &key, &made, NULL);
    }
    return rule;
}

/* Sprays flows from a network that is denied and returns how often the control
 * plane was asked. */
static uint32_t
spray(struct gate *g)
{
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(decide(g, 0x0a000000 + i).negative);
    }
    return g->n_asked;
}

static void
one_negative_rule_blocks_a_spray_if_it_keeps_its_wildcards(void **state)
{
    struct gate g;

    (void) state;
    make(&g, true, true, VSW_ACL_PERMIT);
    add_entry(&g, 0x0a000000, 8, VSW_ACL_DENY);
    assert_int_equal(spray(&g), 1);
    assert_int_equal(vsw_nic_rules_n_rules(&g.rules), 1);
}

static void
exact_negative_rules_overflow_the_table(void **state)
{
    struct gate g;

    (void) state;
    for (int is_tcam = 0; is_tcam < 2; is_tcam++) {
        make(&g, is_tcam, false, VSW_ACL_PERMIT);
        add_entry(&g, 0x0a000000, 8, VSW_ACL_DENY);
        assert_int_equal(spray(&g), 100);
        assert_int_equal(vsw_nic_rules_n_rules(&g.rules), 16);
        assert_int_equal(g.rules.stats.n_evictions, 84);
    }
}

static void
what_no_entry_permits_is_denied_flow_by_flow(void **state)
{
    struct gate g;

    (void) state;
    make(&g, true, true, VSW_ACL_DENY);
    add_entry(&g, 0x0b000000, 8, VSW_ACL_PERMIT);
    assert_int_equal(spray(&g), 100);
    assert_false(decide(&g, 0x0b000001).negative);
}

static void
both_tables_forward_alike(void **state)
{
    struct gate g;

    (void) state;
    for (int is_tcam = 0; is_tcam < 2; is_tcam++) {
        make(&g, is_tcam, true, VSW_ACL_PERMIT);
        for (uint32_t i = 0; i < 8; i++) {
            struct vsw_rule rule = decide(&g, i % 4);

            assert_false(rule.negative);
            assert_int_equal(rule.port, 1);
        }
        assert_int_equal(g.n_asked, 4);
    }
}

static void
a_port_that_nobody_knows_stays_unknown(void **state)
{
    const struct vsw_rule unknown = {.port = VSW_PORT_FLOOD, .qos_class = 7};
    struct vsw_flowkey key;
    struct vsw_rule rule;
    struct gate g;

    (void) state;
    memset(&key, 0, sizeof key);
    for (int is_tcam = 0; is_tcam < 2; is_tcam++) {
        make(&g, is_tcam, true, VSW_ACL_PERMIT);
        vsw_nic_rules_add_exact(&g.rules, &key, &unknown, NULL);
        assert_true(vsw_nic_rules_lookup(&g.rules, &key, &rule, NULL));
        assert_int_equal(rule.port, VSW_PORT_FLOOD);
        assert_int_equal(rule.qos_class, 7);
    }
}

static void
a_table_without_rules_is_refused(void **state)
{
    const struct vsw_nic_rules_setup setup = {0, true, true};
    struct vsw_nic_rules rules;
    struct vsw_arena arena;

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_not_equal(vsw_nic_rules_init(&rules, &arena, &setup), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            one_negative_rule_blocks_a_spray_if_it_keeps_its_wildcards),
        cmocka_unit_test(exact_negative_rules_overflow_the_table),
        cmocka_unit_test(what_no_entry_permits_is_denied_flow_by_flow),
        cmocka_unit_test(both_tables_forward_alike),
        cmocka_unit_test(a_port_that_nobody_knows_stays_unknown),
        cmocka_unit_test(a_table_without_rules_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
