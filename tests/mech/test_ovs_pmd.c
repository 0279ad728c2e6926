/* Open vSwitch's stages in a poll-mode loop, on vhost ports. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/ovs_pmd.h>

#include "mech/rig_switch.h"

/* The state of dpdk_ovs begins with these two. */
struct head {
    struct vsw_pmd pmd;
    struct vsw_ovs_pmd ovs;
};

static struct rig_switch rs;
static const char *const *names;
static const uint64_t *values;

/* Sets the parameters 'names' (ending with NULL) to 'values'. */
static void
set_params(void *state)
{
    const struct vsw_model_ops *ops = vsw_model_find("dpdk_ovs");

    vsw_param_set(vsw_param_find(ops->params, "max_flows"), 64, state);
    for (size_t i = 0; names[i]; i++) {
        const struct vsw_param *p = vsw_param_find(ops->params, names[i]);

        assert_non_null(p);
        assert_int_equal(vsw_param_set(p, values[i], state), 0);
    }
}

/* Gives flow 'i' an IPv4 and UDP header of its own. */
static void
set_udp(uint32_t i)
{
    uint8_t *h = rs.made.flows[i].header;
    const uint8_t ip[] = {0x08, 0x00, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17,
                          0,    0,    10,   0, 0, 1,  10, 0, 0, 2};

    memcpy(&h[12], ip, sizeof ip);
    h[34] = 0x10;
    h[35] = (uint8_t) i;
    h[37] = 9;
    h[39] = 26;
}

/* Sends 'n_recs' packets of 'n_flows' flows from port 0 to port 1. */
static void
run(uint32_t n_flows, uint32_t n_recs, const char *const *param_names,
    const uint64_t *param_values)
{
    const struct vsw_traffic_setup setup = {.n_loops = 1, .burst_pkts = 32};

    names = param_names;
    values = param_values;
    made_init(&rs.made, 2, n_flows);
    for (uint32_t i = 0; i < n_flows; i++) {
        rs.made.flows[i].in_port = 0;
        rs.made.flows[i].out_port = 1;
        rs.made.flows[i].header[5] = 1;
        set_udp(i);
    }
    made_fill(&rs.made, n_recs, 0, 1, 64);
    rig_switch_init(&rs, "dpdk_ovs", 2, 64, set_params);
    rig_switch_start(&rs, &setup);
    rig_run(&rs.rig);
}

static const struct vsw_ovs_pmd_counts *
counts(void)
{
    return &((const struct head *) rs.sw.state)->ovs.counts;
}

static const char *const by_flow[] = {"rules", "emc_inv_prob", NULL};
static const uint64_t always[] = {VSW_FLOW_RULES_FLOW, 1};
static const uint64_t never[] = {VSW_FLOW_RULES_FLOW, 0};

static void
the_first_packet_of_each_flow_goes_up_and_the_others_hit(void **state)
{
    (void) state;
    run(5, 200, by_flow, always);
    assert_int_equal(rs.outcome->delivered.n_pkts, 200);
    assert_int_equal(counts()->n_upcalls, 5);
    assert_int_equal(rig_n_charges(rs.unit, VSW_ACCOUNT_UPCALL), 5);
    /* The rest of the first burst was looked up before its upcalls. */
    assert_int_equal(counts()->n_megaflow_hits, 32 - 5);
    assert_int_equal(counts()->n_emc_hits, 200 - 32);
    rig_switch_fini(&rs);
}

static void
without_a_cache_every_packet_searches_the_megaflows(void **state)
{
    (void) state;
    run(5, 200, by_flow, never);
    assert_int_equal(counts()->n_emc_hits, 0);
    assert_int_equal(counts()->n_upcalls, 5);
    assert_int_equal(counts()->n_megaflow_hits, 195);
    /* One subtable; the first burst looked in vain before there was any, and
     * again before each upcall but the first. */
    assert_int_equal(counts()->n_subtables, 195 + 4);
    assert_int_equal(rig_n_charges(rs.unit, VSW_ACCOUNT_HASH), 0);
    rig_switch_fini(&rs);
}

static void
rules_by_address_make_one_megaflow(void **state)
{
    static const char *const none[] = {NULL};

    (void) state;
    run(5, 200, none, NULL);
    assert_int_equal(counts()->n_upcalls, 1);
    assert_int_equal(rs.outcome->delivered.n_pkts, 200);
    rig_switch_fini(&rs);
}

/* 200 packets: six bursts of 32 and one of 8. */
static void
actions_run_once_per_flow_and_burst(void **state)
{
    (void) state;
    run(5, 200, by_flow, always);
    assert_int_equal(rig_n_charges(rs.unit, VSW_ACCOUNT_SWITCH), 7);
    assert_int_equal(rig_n_charges(rs.unit, VSW_ACCOUNT_ACTION),
                     200 + 7 * 5);
    rig_switch_fini(&rs);
}

static void
a_flow_without_room_goes_up_again_and_again(void **state)
{
    static const char *const few[] = {"rules", "max_flows", "emc_inv_prob",
                                      NULL};
    static const uint64_t one[] = {VSW_FLOW_RULES_FLOW, 1, 1};

    (void) state;
    run(2, 100, few, one);
    assert_int_equal(rs.outcome->delivered.n_pkts, 100);
    assert_int_equal(counts()->n_upcalls, 1 + 50);
    assert_int_equal(counts()->n_flow_limit, 50);
    rig_switch_fini(&rs);
}

/* The rules lead elsewhere or nowhere; a flow of the second kind is installed
 * all the same, to drop its packets. */
static void
what_no_rule_matches_is_dropped(void **state)
{
    static const char *const none[] = {NULL};
    const struct vsw_traffic_setup setup = {.n_loops = 1, .burst_pkts = 32};

    (void) state;
    names = none;
    made_init(&rs.made, 2, 2);
    rs.made.flows[0].header[5] = 77;
    made_fill(&rs.made, 40, 0, 1, 64);
    rig_switch_init(&rs, "dpdk_ovs", 2, 64, set_params);
    rig_switch_start(&rs, &setup);
    rig_run(&rs.rig);
    assert_int_equal(rs.outcome->dropped[VSW_DROP_NO_ROUTE].n_pkts, 20);
    assert_int_equal(rs.outcome->delivered.n_pkts, 20);
    assert_int_equal(counts()->n_upcalls, 2);
    rig_switch_fini(&rs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_first_packet_of_each_flow_goes_up_and_the_others_hit),
        cmocka_unit_test(without_a_cache_every_packet_searches_the_megaflows),
        cmocka_unit_test(rules_by_address_make_one_megaflow),
        cmocka_unit_test(actions_run_once_per_flow_and_burst),
        cmocka_unit_test(a_flow_without_room_goes_up_again_and_again),
        cmocka_unit_test(what_no_rule_matches_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
