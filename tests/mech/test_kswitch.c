/* The kernel switch: where packets go, what is charged for it, and the way
 * over the daemon. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/rss.h>

#include "rig_kswitch.h"

#define EXTRACT_PS (10 * NS)
#define HASH_PS    (20 * NS)
#define LOOKUP_PS  (40 * NS)
#define ACTION_PS  (80 * NS)
#define EMC_PS     (160 * NS)
#define SEND_PS    (1 * US)
#define HANDLE_PS  (50 * US)
#define BRIDGE_PS  (30 * NS)
#define RULE_PS    (5 * NS)
#define HOOKS_PS   (7 * NS)
#define LATENCY_PS (700 * NS)

static struct rig_kswitch rk;

static void
set_up(uint32_t n_ports, uint32_t n_flows,
       const struct vsw_kswitch_setup *setup)
{
    static const struct {
        uint32_t cost;
        uint64_t ps;
    } costs[] = {
        {VSW_COST_FLOW_EXTRACT, EXTRACT_PS}, {VSW_COST_HASH_SOFT, HASH_PS},
        {VSW_COST_KFLOW_LOOKUP, LOOKUP_PS}, {VSW_COST_KFLOW_ACTION, ACTION_PS},
        {VSW_COST_EMC_LOOKUP, EMC_PS}, {VSW_COST_UPCALL_SEND, SEND_PS},
        {VSW_COST_UPCALL_HANDLE, HANDLE_PS},
        {VSW_COST_BRIDGE_FORWARD, BRIDGE_PS},
        {VSW_COST_NETFILTER_RULE, RULE_PS},
        {VSW_COST_BRIDGE_NETFILTER, HOOKS_PS},
        {VSW_COST_IPI_LATENCY, LATENCY_PS},
    };

    rig_kswitch_init(&rk, n_ports, n_flows, setup);
    for (size_t i = 0; i < VSW_N_ELEMS(costs); i++) {
        rig_set_cost(&rk.rig, costs[i].cost, costs[i].ps);
    }
}

static uint64_t
busy_ps(uint32_t cpu, uint32_t account)
{
    return rig_busy_ps(rk.units[cpu], account);
}

/* A forward of a new packet of 'flow'. */
static uint32_t
forward(uint32_t flow)
{
    return rig_kswitch_forward(&rk, rig_kswitch_packet(&rk, flow));
}

static void
forward_in_call(void *owner, struct vsw_worker *worker)
{
    uint32_t *flow = owner;

    (void) worker;
    forward(*flow);
}

static void
the_first_packet_goes_to_the_daemon_and_the_next_by_the_table(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    set_up(3, 3, &setup);
    assert_int_equal(forward(1), VSW_KSWITCH_HELD);
    rig_run(&rk.rig);
    assert_int_equal(rk.n_resumed, 1);
    assert_int_equal(rk.resumed_ports[0], 2);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_UPCALL), SEND_PS);
    assert_int_equal(busy_ps(RIG_DAEMON_CPU, VSW_ACCOUNT_UPCALL), HANDLE_PS);
    /* Woken by an interrupt; the decision takes effect when it is made. */
    assert_in_range(rk.resumed_ps[0],
                    EXTRACT_PS + HASH_PS + LOOKUP_PS + SEND_PS + HANDLE_PS
                        + LATENCY_PS - LATENCY_PS / 4,
                    EXTRACT_PS + HASH_PS + LOOKUP_PS + SEND_PS + HANDLE_PS
                        + LATENCY_PS + LATENCY_PS / 4);

    assert_int_equal(forward(1), 2);
    assert_int_equal(rk.ks.flows[0].n_pkts, 1);
    assert_int_equal(rk.ks.n_flows, 1);
    rig_kswitch_fini(&rk);
}

static void
a_hit_costs_extraction_hash_look_up_and_action(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    uint64_t before_ps;

    (void) state;
    set_up(2, 2, &setup);
    forward(0);
    rk.rig.units[RIG_SWITCH_CPU].local_ps = 0;
    /* As the daemon would, at once. */
    rk.ks.upcall.setup.handle(&rk.ks, &rk.ks.upcall.worker, 0);
    before_ps = rk.units[RIG_SWITCH_CPU]->local_ps;
    assert_int_equal(forward(0), 1);
    assert_int_equal(rk.units[RIG_SWITCH_CPU]->local_ps - before_ps,
                     EXTRACT_PS + HASH_PS + LOOKUP_PS + ACTION_PS);
    rig_kswitch_fini(&rk);
}

/* The daemon's decision for a packet of 'flow', as if it were made now. */
static uint32_t
decide(uint32_t flow)
{
    uint32_t pkt = rig_kswitch_packet(&rk, flow);

    rk.ks.upcall.setup.handle(&rk.ks, &rk.ks.upcall.worker, pkt);
    return rk.resumed_ports[rk.n_resumed - 1];
}

static void
exact_flows_do_not_match_others_but_megaflows_do(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    /* Flows 0 and 2 differ in their IP source only. */
    set_up(2, 4, &setup);
    assert_int_equal(decide(0), 1);
    assert_int_equal(forward(2), VSW_KSWITCH_HELD);
    rig_kswitch_fini(&rk);

    setup.table = VSW_KSWITCH_MEGAFLOW;
    set_up(2, 4, &setup);
    assert_int_equal(decide(0), 1);
    assert_int_equal(forward(2), 1);
    /* The other direction is another megaflow of the same mask. */
    assert_int_equal(forward(1), VSW_KSWITCH_HELD);
    assert_int_equal(decide(1), 0);
    assert_int_equal(forward(3), 0);
    assert_int_equal(rk.ks.n_flows, 2);
    assert_int_equal(rk.ks.n_masks_tried, 3);
    rig_kswitch_fini(&rk);
}

static void
packets_of_one_flow_that_come_up_together_install_it_once(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    set_up(2, 2, &setup);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(forward(0), VSW_KSWITCH_HELD);
    }
    rig_run(&rk.rig);
    assert_int_equal(rk.n_resumed, 5);
    assert_int_equal(rk.ks.n_flows, 1);
    assert_int_equal(busy_ps(RIG_DAEMON_CPU, VSW_ACCOUNT_UPCALL),
                     5 * HANDLE_PS);
    rig_kswitch_fini(&rk);
}

static void
a_full_queue_of_the_daemon_loses_packets(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.daemon.limit_pkts = 3;
    set_up(2, 2, &setup);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(forward(0), VSW_KSWITCH_HELD);
    }
    assert_int_equal(forward(0), VSW_KSWITCH_LOST);
    assert_int_equal(rk.ks.upcall.n_refused, 1);
    assert_int_equal(vsw_kswitch_drop(VSW_KSWITCH_LOST),
                     VSW_DROP_UPCALL_FULL);
    rig_kswitch_fini(&rk);
}

static void
a_full_flow_table_sends_each_packet_of_further_flows_up(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.max_flows = 2;
    set_up(2, 3, &setup);
    decide(0);
    decide(1);
    assert_int_equal(decide(2), 1);
    assert_int_equal(forward(0), 1);
    assert_int_equal(forward(2), VSW_KSWITCH_HELD);
    rig_kswitch_fini(&rk);
}

static void
a_warm_switch_knows_the_flows_of_the_trace_as_far_as_they_fit(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.warm = true;
    setup.max_flows = 2;
    set_up(3, 3, &setup);
    assert_int_equal(rk.ks.n_flows, 2);
    assert_int_equal(forward(0), 1);
    assert_int_equal(forward(1), 2);
    assert_int_equal(forward(2), VSW_KSWITCH_HELD);
    rig_kswitch_fini(&rk);
}

static void
a_hash_of_the_nic_saves_the_software_hash(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_flowkey key;
    uint64_t before_ps;

    (void) state;
    setup.nic_hash = true;
    setup.first_nic_port = 1;
    set_up(2, 2, &setup);
    vsw_flowkey_extract(&key, rk.made.flows[1].header, 60, 1, NULL);
    rk.made.flows[1].rss_hash
        = vsw_rss_hash(rk.ks.toeplitz, &key,
                       VSW_RSS_TCP | VSW_RSS_UDP | VSW_RSS_SCTP, NULL);
    decide(0);
    decide(1);
    before_ps = busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_HASH);
    assert_int_equal(forward(1), 0);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_HASH), before_ps);
    assert_int_equal(rk.ks.n_emc_hits, 1);

    /* A guest's packet has no such hash. */
    assert_int_equal(forward(0), 1);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_HASH),
                     before_ps + HASH_PS);
    assert_int_equal(rk.ks.n_emc_hits, 1);
    rig_kswitch_fini(&rk);
}

static void
a_cache_that_lost_a_flow_is_filled_from_the_table(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.nic_hash = true;
    set_up(2, 2, &setup);
    decide(0);
    vsw_emc_clear(rk.ks.emc, NULL);
    assert_int_equal(forward(0), 1);
    assert_int_equal(rk.ks.n_emc_hits, 0);
    assert_int_equal(forward(0), 1);
    assert_int_equal(rk.ks.n_emc_hits, 1);
    rig_kswitch_fini(&rk);
}

/* --- Rules and the bridge ------------------------------------------------ */

static _Alignas(64) unsigned char acl_mem[65536];

/* 'n' rules for addresses that nobody has, then one that denies 10.0.0.1. */
static void
make_acl(struct vsw_acl *acl, uint32_t n)
{
    const struct vsw_acl_params params = {
        .max_rules = n + 1, .default_verdict = VSW_ACL_PERMIT,
    };
    struct vsw_arena arena;
    struct vsw_acl_rule rule;

    memset(acl_mem, 0, sizeof acl_mem);
    vsw_arena_init(&arena, acl_mem, sizeof acl_mem);
    assert_int_equal(vsw_acl_init(acl, &arena, &params), 0);
    vsw_acl_rule_any(&rule, VSW_ACL_DENY);
    rule.src_mask = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        rule.src_ip = 0xc0000000 + i;
        assert_int_equal(vsw_acl_add(acl, &rule), 0);
    }
    rule.src_ip = 0x0a000001;
    assert_int_equal(vsw_acl_add(acl, &rule), 0);
}

static void
a_bridge_compares_every_rule_for_each_packet(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_acl acl;

    (void) state;
    make_acl(&acl, 100);
    setup.kind = VSW_KSWITCH_BRIDGE;
    setup.acl = &acl;
    set_up(2, 3, &setup);
    assert_int_equal(forward(0), 1);
    assert_int_equal(forward(2), 1);
    assert_int_equal(forward(1), VSW_KSWITCH_DENIED);
    assert_int_equal(rk.ks.n_rules_compared, 303);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_ACL),
                     303 * RULE_PS + 3 * HOOKS_PS);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_FLOW_LOOKUP),
                     3 * BRIDGE_PS);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_EXTRACT),
                     3 * EXTRACT_PS);
    rig_kswitch_fini(&rk);
}

static void
without_rules_netfilter_costs_a_bridge_and_nobody_else(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.kind = VSW_KSWITCH_BRIDGE;
    set_up(2, 2, &setup);
    assert_int_equal(forward(0), 1);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_ACL), 0);
    rig_kswitch_fini(&rk);

    setup.netfilter = true;
    set_up(2, 2, &setup);
    assert_int_equal(forward(0), 1);
    assert_int_equal(forward(1), 0);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_ACL), 2 * HOOKS_PS);
    rig_kswitch_fini(&rk);

    setup.kind = VSW_KSWITCH_OVS;
    setup.warm = true;
    set_up(2, 2, &setup);
    assert_int_equal(forward(0), 1);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_ACL), 0);
    rig_kswitch_fini(&rk);
}

/* The list of the config stays as it is. */
static void
a_bridge_has_its_rules_apart_as_ip_tables_does(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_acl acl;
    uint64_t n_lines;

    (void) state;
    make_acl(&acl, 100);
    setup.kind = VSW_KSWITCH_BRIDGE;
    setup.acl = &acl;
    set_up(2, 2, &setup);
    forward(0);
    n_lines = rk.units[RIG_SWITCH_CPU]->memobs.n_lines[VSW_MEM_READ];
    /* Two lines a rule; of the list itself two rules are on one. */
    assert_true(n_lines >= 2 * 101);
    assert_int_equal(acl.n_rules, 101);
    assert_int_equal(acl.stride_bytes, VSW_ACL_RULE_BYTES);
    rig_kswitch_fini(&rk);
}

static void
open_vswitch_compares_rules_in_the_daemon_only(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_acl acl;

    (void) state;
    make_acl(&acl, 100);
    setup.acl = &acl;
    setup.table = VSW_KSWITCH_MEGAFLOW;
    set_up(2, 4, &setup);
    assert_int_equal(decide(0), 1);
    assert_int_equal(decide(1), VSW_KSWITCH_DENIED);
    assert_int_equal(forward(1), VSW_KSWITCH_DENIED);
    assert_int_equal(forward(0), 1);
    /* Another source is not what the rules were asked about. */
    assert_int_equal(forward(3), VSW_KSWITCH_HELD);
    assert_int_equal(busy_ps(RIG_SWITCH_CPU, VSW_ACCOUNT_ACL), 0);
    rig_kswitch_fini(&rk);
}

static void
a_bridge_learns_where_an_address_went(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    (void) state;
    setup.kind = VSW_KSWITCH_BRIDGE;
    set_up(3, 3, &setup);
    assert_int_equal(forward(0), 1);
    /* Port 1's guest moves to port 2. */
    rk.made.flows[1].in_port = 2;
    forward(1);
    assert_int_equal(forward(0), 2);
    memset(rk.made.flows[0].header, 0x22, 6);
    assert_int_equal(forward(0), VSW_PORT_FLOOD);
    rig_kswitch_fini(&rk);
}

/* --- The daemon's queue -------------------------------------------------- */

static void
a_daemon_that_works_needs_no_wakeup(void **state)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_worker worker;
    uint32_t flow = 0;

    (void) state;
    set_up(2, 2, &setup);
    rig_add_worker(&rk.rig, RIG_SWITCH_CPU, 1, &worker, forward_in_call,
                   &flow);
    vsw_worker_wake(&worker, 10 * US);
    vsw_worker_wake(&worker, 20 * US);
    vsw_worker_wake(&worker, 30 * US);
    vsw_worker_wake(&worker, 300 * US);
    rig_run(&rk.rig);
    /* The last one finds the flow installed. */
    assert_int_equal(rk.n_resumed, 3);
    assert_int_equal(rk.ks.upcall.sleep.wakeup.n_sent, 1);
    assert_int_equal(rk.ks.n_hits, 1);
    rig_kswitch_fini(&rk);
}

/* A thread with more work than there is time for. */
static void
work_for_ever(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_DRIVER, US);
    vsw_worker_go_on(worker);
}

/* A thread with 1 us of work every 100 us. */
static void
work_a_little(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_unit_spend(worker->unit, VSW_ACCOUNT_DRIVER, US);
    vsw_worker_wake(worker, worker->unit->local_ps + 99 * US);
}

/* When the daemon, beside a thread that does 'work', is done with the last of
 * four packets. */
static uint64_t
done_beside_thread_ps(uint32_t priority, bool fair, vsw_work_fn work)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    struct vsw_worker worker;
    uint64_t done_ps;

    setup.daemon.priority = priority;
    setup.daemon.fair = fair;
    set_up(2, 2, &setup);
    rig_add_worker(&rk.rig, RIG_DAEMON_CPU, 100, &worker, work, NULL);
    vsw_worker_wake(&worker, 0);
    for (int i = 0; i < 4; i++) {
        forward(0);
    }
    rig_run(&rk.rig);
    done_ps = rk.n_resumed == 4 ? rk.resumed_ps[3] : VSW_NEVER;
    rig_kswitch_fini(&rk);
    return done_ps;
}

static void
a_daemon_may_be_fair_to_threads(void **state)
{
    const uint64_t slack_ps = LATENCY_PS + 6 * US;
    uint64_t first_ps = done_beside_thread_ps(50, false, work_for_ever);
    uint64_t fair_ps = done_beside_thread_ps(50, true, work_for_ever);
    uint64_t spare_ps = done_beside_thread_ps(50, true, work_a_little);

    (void) state;
    assert_in_range(first_ps, 4 * HANDLE_PS, 4 * HANDLE_PS + slack_ps);
    /* It rests after each but the last. */
    assert_in_range(fair_ps, 7 * HANDLE_PS, 7 * HANDLE_PS + slack_ps);
    /* It does not, but for the other's time. */
    assert_in_range(spare_ps, 4 * HANDLE_PS, 4 * HANDLE_PS + slack_ps);
    assert_true(done_beside_thread_ps(200, false, work_for_ever)
                == VSW_NEVER);
}

/* Three packets of one flow wait, and the first is decided on. */
static uint64_t
ps_for_three_of_a_flow(bool knows_flows)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;
    uint64_t ps;

    setup.knows_flows = knows_flows;
    set_up(2, 2, &setup);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(forward(0), VSW_KSWITCH_HELD);
    }
    rig_run(&rk.rig);
    assert_int_equal(rk.n_resumed, 3);
    assert_int_equal(rk.resumed_ports[2], 1);
    assert_int_equal(rk.ks.n_flows, 1);
    assert_int_equal(rk.ks.upcall.n_known, knows_flows ? 2 : 0);
    ps = busy_ps(RIG_DAEMON_CPU, VSW_ACCOUNT_UPCALL);
    rig_kswitch_fini(&rk);
    return ps;
}

static void
a_daemon_that_knows_its_flows_decides_once(void **state)
{
    (void) state;
    assert_int_equal(ps_for_three_of_a_flow(false), 3 * HANDLE_PS);
    assert_int_equal(ps_for_three_of_a_flow(true), HANDLE_PS + 2 * SEND_PS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_first_packet_goes_to_the_daemon_and_the_next_by_the_table),
        cmocka_unit_test(a_hit_costs_extraction_hash_look_up_and_action),
        cmocka_unit_test(exact_flows_do_not_match_others_but_megaflows_do),
        cmocka_unit_test(
            packets_of_one_flow_that_come_up_together_install_it_once),
        cmocka_unit_test(a_full_queue_of_the_daemon_loses_packets),
        cmocka_unit_test(
            a_full_flow_table_sends_each_packet_of_further_flows_up),
        cmocka_unit_test(
            a_warm_switch_knows_the_flows_of_the_trace_as_far_as_they_fit),
        cmocka_unit_test(a_hash_of_the_nic_saves_the_software_hash),
        cmocka_unit_test(a_cache_that_lost_a_flow_is_filled_from_the_table),
        cmocka_unit_test(a_bridge_compares_every_rule_for_each_packet),
        cmocka_unit_test(
            without_rules_netfilter_costs_a_bridge_and_nobody_else),
        cmocka_unit_test(a_bridge_has_its_rules_apart_as_ip_tables_does),
        cmocka_unit_test(open_vswitch_compares_rules_in_the_daemon_only),
        cmocka_unit_test(a_bridge_learns_where_an_address_went),
        cmocka_unit_test(a_daemon_that_works_needs_no_wakeup),
        cmocka_unit_test(a_daemon_may_be_fair_to_threads),
        cmocka_unit_test(a_daemon_that_knows_its_flows_decides_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
