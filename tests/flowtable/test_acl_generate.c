#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/acl_generate.h>

#define N_RULES 971

static _Alignas(64) unsigned char memory[2][1 << 16];

static const struct vsw_acl_gen_params netfilter_set = {
    .seed = 1, .n_rules = N_RULES, .verdict = VSW_ACL_DENY,
    .traffic_src_ip = 0x0a000000, .traffic_src_len = 8,
    .traffic_dst_ip = 0x0a000000, .traffic_dst_len = 8,
};

static void
generate(struct vsw_acl *acl, unsigned char *mem,
         const struct vsw_acl_gen_params *params)
{
    struct vsw_acl_params acl_params = { .max_rules = N_RULES,
                                         .default_verdict = VSW_ACL_PERMIT };
    struct vsw_arena arena;

    vsw_arena_init(&arena, mem, sizeof memory[0]);
    assert_int_equal(vsw_acl_init(acl, &arena, &acl_params), 0);
    assert_int_equal(vsw_acl_generate(acl, params), 0);
}

static bool
overlaps(uint32_t a, uint32_t a_mask, uint32_t b, uint32_t b_mask)
{
    return ((a ^ b) & a_mask & b_mask) == 0;
}

/* Shown for all packets of the network, not for a sample of them. */
static void
no_rule_overlaps_the_traffic_it_shall_not_match(void **state)
{
    (void) state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct vsw_acl_gen_params params = netfilter_set;
        struct vsw_acl acl;

        params.seed = seed;
        generate(&acl, memory[0], &params);
        for (uint32_t i = 0; i < N_RULES; i++) {
            const struct vsw_acl_rule *rule = vsw_acl_rule_at(&acl, i);

            assert_false(overlaps(rule->src_ip, rule->src_mask, 0x0a000000,
                                  0xff000000));
        }
    }
}

static void
the_share_asked_for_lies_within_the_traffic(void **state)
{
    struct vsw_acl_gen_params params = netfilter_set;
    struct vsw_acl acl;
    int n = 0;

    (void) state;
    params.traffic_permille = 300;
    generate(&acl, memory[0], &params);
    for (uint32_t i = 0; i < N_RULES; i++) {
        const struct vsw_acl_rule *rule = vsw_acl_rule_at(&acl, i);

        if (overlaps(rule->src_ip, rule->src_mask, 0x0a000000, 0xff000000)) {
            assert_true(rule->src_mask >= 0xff000000);
            assert_int_equal(rule->dst_ip >> 24, 10);
            n++;
        }
    }
    assert_in_range(n, 250, 350);
}

static void
equal_parameters_give_equal_rules_and_another_seed_does_not(void **state)
{
    struct vsw_acl_gen_params params = netfilter_set;
    struct vsw_acl a, b;

    (void) state;
    generate(&a, memory[0], &netfilter_set);
    generate(&b, memory[1], &netfilter_set);
    assert_memory_equal(memory[0], memory[1], N_RULES * VSW_ACL_RULE_BYTES);

    params.seed = 2;
    generate(&b, memory[1], &params);
    assert_true(memcmp(memory[0], memory[1],
                       N_RULES * VSW_ACL_RULE_BYTES) != 0);
}

/* Pins the bytes for all compilers: the first rule of seed 1. */
static void
the_rules_of_a_seed_never_change(void **state)
{
    char text[VSW_ACL_RULE_TEXT_BYTES];
    struct vsw_acl acl;

    (void) state;
    generate(&acl, memory[0], &netfilter_set);
    vsw_acl_rule_format(vsw_acl_rule_at(&acl, 0), text);
    assert_string_equal(text, "@213.124.141.1/32\t114.5.1.0/24\t0 : 65535\t"
                              "44822 : 48326\t0x06/0xFF\t0x0000/0x0000\tdeny");
    vsw_acl_rule_format(vsw_acl_rule_at(&acl, 970), text);
    assert_string_equal(text, "@227.232.0.0/20\t70.224.124.0/22\t0 : 65535\t"
                              "0 : 65535\t0x06/0xFF\t0x0000/0x0000\tdeny");
}

/* Mostly TCP, mostly wild source ports, mostly one destination port; some
 * prefix of another rule's source nests in it. */
static void
the_rules_have_the_shape_of_real_lists(void **state)
{
    struct vsw_acl acl;
    int n_tcp = 0, n_wild_src = 0, n_one_dst = 0, n_nested = 0;

    (void) state;
    generate(&acl, memory[0], &netfilter_set);
    for (uint32_t i = 0; i < N_RULES; i++) {
        const struct vsw_acl_rule *r = vsw_acl_rule_at(&acl, i);

        n_tcp += r->proto == VSW_IP_PROTO_TCP;
        n_wild_src += r->src_port_min == 0 && r->src_port_max == UINT16_MAX;
        n_one_dst += r->dst_port_min == r->dst_port_max;
        for (uint32_t k = 0; k < N_RULES; k++) {
            const struct vsw_acl_rule *o = vsw_acl_rule_at(&acl, k);

            if (o->src_mask && o->src_mask < r->src_mask
                && overlaps(o->src_ip, o->src_mask, r->src_ip, r->src_mask)) {
                n_nested++;
                break;
            }
        }
    }
    assert_in_range(n_tcp, N_RULES * 65 / 100, N_RULES * 75 / 100);
    assert_in_range(n_wild_src, N_RULES * 85 / 100, N_RULES * 97 / 100);
    assert_in_range(n_one_dst, N_RULES * 40 / 100, N_RULES * 60 / 100);
    assert_true(n_nested > N_RULES / 4);
}

static void
parameters_out_of_range_are_refused(void **state)
{
    struct vsw_acl_gen_params bad[4];
    struct vsw_acl acl;

    (void) state;
    generate(&acl, memory[0], &netfilter_set);
    vsw_acl_truncate(&acl, 1);
    for (int i = 0; i < 4; i++) {
        bad[i] = netfilter_set;
    }
    bad[0].traffic_src_len = 0;
    bad[1].traffic_src_len = 33;
    bad[2].traffic_dst_len = 33;
    bad[3].traffic_permille = 1001;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vsw_acl_generate(&acl, &bad[i]), -EINVAL);
    }
    assert_int_equal(vsw_acl_generate(&acl, &netfilter_set), -ENOSPC);
    assert_int_equal(acl.n_rules, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rule_overlaps_the_traffic_it_shall_not_match),
        cmocka_unit_test(the_share_asked_for_lies_within_the_traffic),
        cmocka_unit_test(
            equal_parameters_give_equal_rules_and_another_seed_does_not),
        cmocka_unit_test(the_rules_of_a_seed_never_change),
        cmocka_unit_test(the_rules_have_the_shape_of_real_lists),
        cmocka_unit_test(parameters_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
