/* sNICh: what is decided where, and what a list does to packets. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/acl.h>

#include "models/nic_run.h"

#define N_FLOWS 16
#define N_PKTS  1600

static struct nic_run r;
static _Alignas(64) unsigned char memory[4096];
static struct vsw_acl list;

/* A list of one rule, for the flows from 10.0.0.0/'len'. */
static void
use_list(uint8_t default_verdict, unsigned int len, uint8_t verdict)
{
    const struct vsw_acl_params params = {
        .max_rules = 4,
        .default_verdict = default_verdict,
    };
    struct vsw_arena arena;
    struct vsw_acl_rule rule;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_acl_init(&list, &arena, &params), 0);
    vsw_acl_rule_any(&rule, verdict);
    rule.src_mask = vsw_ipv4_mask(len);
    rule.src_ip = 0x0a000000;
    assert_int_equal(vsw_acl_add(&list, &rule), 0);
    r.config.acl.source = VSW_ACL_SOURCE_FILE;
    r.config.acl.type = default_verdict == VSW_ACL_PERMIT
                            ? VSW_ACL_DEFAULT_ALLOW : VSW_ACL_DEFAULT_DENY;
    r.config.acl.rules = &list;
}

/* A decision of the control plane takes 75 us. */
static void
init(uint32_t gap_us)
{
    nic_run_init(&r, "snich", 2, 0, N_FLOWS, N_PKTS, 200, gap_us * 1000);
    r.config.run.duration_us = (N_PKTS + 400) * gap_us;
}

static void
only_first_packets_of_flows_are_validated(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    init(20);
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    assert_int_equal(nic_run_counter(o, "flow_hits"), N_PKTS);
    assert_in_range(nic_run_counter(o, "flow_misses"), N_FLOWS,
                    N_PKTS / 2);
    assert_int_equal(nic_run_counter(o, "control_validated"), N_FLOWS);
    assert_int_equal(nic_run_counter(o, "control_validated")
                         + nic_run_counter(o, "control_recached"),
                     nic_run_counter(o, "flow_misses"));
    vsw_outcome_free(o);
}

static void
what_a_rule_denies_is_dropped_by_the_table(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    init(20);
    use_list(VSW_ACL_PERMIT, 29, VSW_ACL_DENY);     /* Flows 0 to 7. */
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS / 2);
    assert_int_equal(o->dropped[VSW_DROP_DENIED].n_pkts, N_PKTS / 2);
    assert_int_equal(nic_run_counter(o, "flow_negative_hits"), N_PKTS / 2);
    vsw_outcome_free(o);
}

static void
what_no_rule_permits_is_dropped_by_the_table(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    init(20);
    use_list(VSW_ACL_DENY, 30, VSW_ACL_PERMIT);     /* Flows 0 to 3. */
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS / 4);
    assert_int_equal(o->dropped[VSW_DROP_DENIED].n_pkts, N_PKTS * 3 / 4);
    vsw_outcome_free(o);
}

static void
an_evicted_flow_is_not_searched_for_again(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    init(100);
    use_list(VSW_ACL_PERMIT, 32, VSW_ACL_PERMIT);
    nic_run_set(&r, "flow_rules", N_FLOWS - 1);
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    assert_int_equal(nic_run_counter(o, "control_validated"), N_FLOWS);
    assert_true(nic_run_counter(o, "control_recached") > N_PKTS / 4);
    assert_true(nic_run_counter(o, "flow_evictions") > N_PKTS / 4);
    vsw_outcome_free(o);
}

static void
the_prototype_refuses_wires(void **state)
{
    (void) state;
    nic_run_init(&r, "snich", 1, 1, 2, 2, 200, 1000);
    nic_run_refused(&r, "the prototype forwards between guests only");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_first_packets_of_flows_are_validated),
        cmocka_unit_test(what_a_rule_denies_is_dropped_by_the_table),
        cmocka_unit_test(what_no_rule_permits_is_dropped_by_the_table),
        cmocka_unit_test(an_evicted_flow_is_not_searched_for_again),
        cmocka_unit_test(the_prototype_refuses_wires),
    };

    return cmocka_run_group_tests(tests, nic_run_setup, nic_run_teardown);
}
