#include "vsw_test.h"

#include <errno.h>

#include <vswsim/acl.h>

static _Alignas(64) unsigned char memory[1 << 16];

static void
make(struct vsw_acl *acl, const struct vsw_acl_params *params)
{
    struct vsw_arena arena;

    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_acl_init(acl, &arena, params), 0);
}

/* A rule for TCP from 10.0.<subnet>.0/24 to any address, one port. */
static struct vsw_acl_rule
tcp_rule(uint32_t subnet, uint16_t dst_port, uint8_t verdict)
{
    struct vsw_acl_rule rule;

    vsw_acl_rule_any(&rule, verdict);
    rule.src_ip = 0x0a000000 | subnet << 8;
    rule.src_mask = vsw_ipv4_mask(24);
    rule.dst_port_min = rule.dst_port_max = dst_port;
    rule.proto = VSW_IP_PROTO_TCP;
    rule.proto_mask = 0xff;
    return rule;
}

static struct vsw_fivetuple
tcp_packet(uint32_t subnet, uint16_t dst_port)
{
    return (struct vsw_fivetuple) {
        .src_ip = 0x0a000007 | subnet << 8, .dst_ip = 0x0b000001,
        .src_port = 40000, .dst_port = dst_port,
        .proto = VSW_IP_PROTO_TCP, .has_ports = true,
    };
}

static void
the_first_match_decides(void **state)
{
    struct vsw_acl acl;
    struct vsw_acl_rule rules[] = {
        tcp_rule(1, 80, VSW_ACL_DENY),
        tcp_rule(2, 80, VSW_ACL_DENY),
        tcp_rule(2, 80, VSW_ACL_PERMIT),
    };
    struct vsw_fivetuple packet = tcp_packet(2, 80);
    struct vsw_acl_result result;

    (void) state;
    make(&acl, &(struct vsw_acl_params) { .max_rules = 3,
                                          .default_verdict = VSW_ACL_PERMIT });
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(vsw_acl_add(&acl, &rules[i]), 0);
    }
    result = vsw_acl_search(&acl, &packet, NULL);

    assert_int_equal(result.verdict, VSW_ACL_DENY);
    assert_int_equal(result.rule, 1);
    assert_int_equal(result.n_compared, 2);
}

static void
without_a_match_all_are_compared_and_the_default_decides(void **state)
{
    for (uint8_t verdict = VSW_ACL_DENY; verdict <= VSW_ACL_PERMIT;
         verdict++) {
        struct vsw_acl acl;
        struct vsw_acl_rule rule = tcp_rule(1, 80, !verdict);
        struct vsw_fivetuple packet = tcp_packet(1, 81);
        struct vsw_acl_result result;

        (void) state;
        make(&acl, &(struct vsw_acl_params) { .max_rules = 5,
                                              .default_verdict = verdict });
        for (int i = 0; i < 5; i++) {
            assert_int_equal(vsw_acl_add(&acl, &rule), 0);
        }
        result = vsw_acl_search(&acl, &packet, NULL);

        assert_int_equal(result.verdict, verdict);
        assert_int_equal(result.rule, VSW_ACL_NO_RULE);
        assert_int_equal(result.n_compared, 5);
    }
}

static void
each_field_can_keep_a_rule_from_matching(void **state)
{
    struct vsw_acl_rule rule = tcp_rule(1, 80, VSW_ACL_DENY);
    struct vsw_fivetuple packet = tcp_packet(1, 80);
    struct vsw_fivetuple other[6];

    (void) state;
    rule.dst_ip = 0x0b000001;
    rule.dst_mask = UINT32_MAX;
    rule.src_port_min = 30000;
    rule.src_port_max = 40000;
    for (int i = 0; i < 6; i++) {
        other[i] = packet;
    }
    other[0].src_ip ^= 0x100;
    other[1].dst_ip ^= 1;
    other[2].src_port = 40001;
    other[3].src_port = 29999;
    other[4].dst_port = 79;
    other[5].proto = VSW_IP_PROTO_UDP;

    assert_true(vsw_acl_rule_matches(&rule, &packet));
    for (int i = 0; i < 6; i++) {
        assert_false(vsw_acl_rule_matches(&rule, &other[i]));
    }
}

/* As in netfilter: "--dport 0:80" says nothing about a later fragment. */
static void
a_rule_about_ports_matches_no_packet_without_ports(void **state)
{
    struct vsw_acl_rule rule = tcp_rule(1, 0, VSW_ACL_DENY);
    struct vsw_fivetuple fragment = tcp_packet(1, 0);

    (void) state;
    fragment.src_port = 0;
    fragment.has_ports = false;
    assert_false(vsw_acl_rule_matches(&rule, &fragment));

    rule.dst_port_max = UINT16_MAX;
    assert_true(vsw_acl_rule_matches(&rule, &fragment));
}

static void
a_full_list_says_so_and_stays_intact(void **state)
{
    struct vsw_acl acl;
    struct vsw_acl_rule first = tcp_rule(1, 80, VSW_ACL_DENY);
    struct vsw_acl_rule second = tcp_rule(2, 80, VSW_ACL_DENY);

    (void) state;
    make(&acl, &(struct vsw_acl_params) { .max_rules = 1 });
    assert_int_equal(vsw_acl_add(&acl, &first), 0);

    assert_int_equal(vsw_acl_add(&acl, &second), -ENOSPC);
    assert_int_equal(acl.n_rules, 1);
    assert_int_equal(vsw_acl_rule_at(&acl, 0)->src_ip, first.src_ip);
}

static void
a_senseless_rule_is_refused(void **state)
{
    struct vsw_acl acl;
    struct vsw_acl_rule bad[5];

    (void) state;
    make(&acl, &(struct vsw_acl_params) { .max_rules = 9 });
    for (int i = 0; i < 5; i++) {
        bad[i] = tcp_rule(1, 80, VSW_ACL_DENY);
    }
    bad[0].src_mask = 0xff00ff00;
    bad[1].src_ip |= 1;
    bad[2].dst_ip = 1;
    bad[3].dst_port_max = 79;
    bad[4].proto_mask = 1;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(vsw_acl_add(&acl, &bad[i]), -EINVAL);
    }
    assert_int_equal(acl.n_rules, 0);
}

static void
senseless_parameters_are_refused(void **state)
{
    static const struct vsw_acl_params bad[] = {
        { .max_rules = 0 },
        { .max_rules = UINT32_MAX },
        { .max_rules = 1, .stride_bytes = 16 },
        { .max_rules = 1, .stride_bytes = 34 },
        { .max_rules = 1, .stride_bytes = 64, .next_at_bytes = 28 },
        { .max_rules = 1, .stride_bytes = 64, .next_at_bytes = 34 },
        { .max_rules = 1, .stride_bytes = 64, .next_at_bytes = 64 },
    };
    struct vsw_arena arena;
    struct vsw_acl acl;

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        assert_int_equal(vsw_acl_init(&acl, &arena, &bad[i]), -EINVAL);
    }
    assert_int_equal(
        vsw_acl_init(&acl, &arena,
                     &(struct vsw_acl_params) { .max_rules = 1 << 20 }),
        -ENOMEM);
}

/* The stride decides how many lines a search meets: 2 rules on one line, or
 * one rule every 192 bytes as in a netfilter chain. */
static void
every_compared_rule_is_touched_where_it_lies(void **state)
{
    static const uint32_t strides[] = { 32, 192 };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(strides); i++) {
        struct vsw_acl_params params = { .max_rules = 100,
                                         .stride_bytes = strides[i] };
        struct vsw_acl_rule rule = tcp_rule(1, 80, VSW_ACL_DENY);
        struct vsw_fivetuple packet = tcp_packet(2, 80);
        struct vsw_memobs obs = { .n_lines = { 0 } };
        struct vsw_acl acl;

        make(&acl, &params);
        for (int k = 0; k < 100; k++) {
            assert_int_equal(vsw_acl_add(&acl, &rule), 0);
        }
        vsw_acl_search(&acl, &packet, &obs);

        assert_int_equal(obs.n_lines[VSW_MEM_READ], 100);
        assert_int_equal(obs.n_lines[VSW_MEM_WRITE], 0);
        assert_int_equal((const unsigned char *) vsw_acl_rule_at(&acl, 99)
                         - acl.rules, 99 * strides[i]);
    }
}

/* As in a chain of ip_tables, where each entry says how long it is. */
static void
a_search_may_read_where_the_next_rule_is(void **state)
{
    const struct vsw_acl_params params = {
        .max_rules = 100, .stride_bytes = 192, .next_at_bytes = 88,
    };
    struct vsw_acl_rule rule = tcp_rule(1, 80, VSW_ACL_DENY);
    struct vsw_fivetuple packet = tcp_packet(2, 80);
    struct vsw_memobs obs = { .n_lines = { 0 } };
    struct vsw_acl acl;

    (void) state;
    make(&acl, &params);
    for (int i = 0; i < 99; i++) {
        assert_int_equal(vsw_acl_add(&acl, &rule), 0);
    }
    rule = tcp_rule(2, 80, VSW_ACL_DENY);
    assert_int_equal(vsw_acl_add(&acl, &rule), 0);

    /* 100 rules, and behind all but the last the way to the next one. */
    assert_int_equal(vsw_acl_search(&acl, &packet, &obs).rule, 99);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 199);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_may_read_where_the_next_rule_is),
        cmocka_unit_test(the_first_match_decides),
        cmocka_unit_test(
            without_a_match_all_are_compared_and_the_default_decides),
        cmocka_unit_test(each_field_can_keep_a_rule_from_matching),
        cmocka_unit_test(a_rule_about_ports_matches_no_packet_without_ports),
        cmocka_unit_test(a_full_list_says_so_and_stays_intact),
        cmocka_unit_test(a_senseless_rule_is_refused),
        cmocka_unit_test(senseless_parameters_are_refused),
        cmocka_unit_test(every_compared_rule_is_touched_where_it_lies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
