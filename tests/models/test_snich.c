/* sNICh: what is decided where, and what a list does to packets. */
#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/acl.h>
#include <vswsim/param.h>
#include <vswsim/pkt.h>

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

/* With caches simulated the copies of the prototype go through them. */
static void
copies_wait_for_memory(void **state)
{
    struct vsw_outcome *o;
    uint64_t busy_ps = 0, memory_ps = 0;

    (void) state;
    nic_run_init(&r, "snich", 2, 0, N_FLOWS, N_PKTS, 1050, 20000);
    r.config.run.duration_us = 40000;
    r.config.run.memory = VSW_MEMORY_HIERARCHY;
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (!strcmp(o->charges[i].account, "copy")) {
            busy_ps += o->charges[i].busy_ps;
            memory_ps += o->charges[i].memory_ps;
        }
    }
    assert_in_range(memory_ps, busy_ps / 10, busy_ps - 1);
    vsw_outcome_free(o);
}

/* --- What a config may not say ------------------------------------------- */

static void
expect_finding(const char *param, uint64_t form, uint64_t dma_min_bytes,
             const struct vsw_model_facts *facts)
{
    const struct vsw_model_ops *ops = vsw_model_find("snich");
    char reason[VSW_MODEL_REASON_BYTES];
    void *state = calloc(1, ops->state_size_bytes);
    const char *found;

    vsw_param_set_defaults(ops->params, state);
    vsw_param_set(vsw_param_find(ops->params, "form"), form, state);
    vsw_param_set(vsw_param_find(ops->params, "dma_min_bytes"),
                  dma_min_bytes, state);
    found = ops->check(state, facts, reason);
    assert_true((found != NULL) == (param != NULL));
    if (param) {
        assert_string_equal(found, param);
    }
    free(state);
}

static void
the_prototype_has_no_wires(void **state)
{
    const struct vsw_model_facts facts = {2, 1, 1, 0};

    (void) state;
    expect_finding("form", 0, 129, &facts);
    expect_finding(NULL, 1, 129, &facts);
}

static void
a_threshold_lies_within_the_packets(void **state)
{
    const struct vsw_model_facts facts = {2, 1, 0, 1050};

    (void) state;
    expect_finding(NULL, 1, 1046, &facts);
    expect_finding("dma_min_bytes", 1, 1047, &facts);
    expect_finding(NULL, 0, 1047, &facts);
}

/* --- The hardware -------------------------------------------------------- */

#define HEADER_BYTES 64

/* A run that is measured when all flows have their rules. */
static struct vsw_outcome *
run_hardware(uint32_t n_guests, uint32_t n_wires, uint32_t frame_bytes)
{
    struct vsw_outcome *o;

    nic_run_init(&r, "snich", n_guests, n_wires, n_wires ? 15 : N_FLOWS,
                 N_PKTS, frame_bytes, 20000);
    nic_run_set(&r, "form", 1);
    r.config.switch_n_cpus = 1;
    r.config.run.warmup_us = 10000;
    r.config.run.duration_us = 40000;
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    assert_int_equal(nic_run_counter(o, "flow_misses"), 0);
    return o;
}

static void
only_headers_of_internal_packets_cross_the_bus(void **state)
{
    static const uint32_t sizes[] = {200, 1050, 9018};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        struct vsw_outcome *o = run_hardware(2, 0, sizes[i]);
        uint64_t n = nic_run_counter(o, "flow_hits");

        assert_true(n > N_PKTS / 2);
        assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_device"),
                         n * HEADER_BYTES);
        assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_host"), 0);
        assert_int_equal(nic_run_counter(o, "dma_copies"), n);
        assert_int_equal(nic_run_counter(o, "dma_bytes"),
                         n * (sizes[i] - VSW_FCS_BYTES));
        vsw_outcome_free(o);
    }
}

static void
short_packets_cross_the_bus_instead(void **state)
{
    struct vsw_outcome *o = run_hardware(2, 0, 100);
    uint64_t n = nic_run_counter(o, "flow_hits");

    (void) state;
    assert_int_equal(nic_run_counter(o, "dma_copies"), 0);
    assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_device"),
                     n * (100 - VSW_FCS_BYTES));
    assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_host"),
                     n * (100 - VSW_FCS_BYTES));
    vsw_outcome_free(o);
}

/* Two guests and a wire in a ring: a third of the packets are internal, a
 * third leave and a third come. */
static void
external_packets_cross_the_bus_once(void **state)
{
    struct vsw_outcome *o = run_hardware(2, 1, 1050);
    uint64_t n = nic_run_counter(o, "flow_hits");
    uint64_t n_bytes = nic_run_counter(o, "bus_frame_bytes_to_device");

    (void) state;
    assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_host")
                         % (1050 - VSW_FCS_BYTES), 0);
    assert_in_range(n_bytes,
                    n / 3 * (HEADER_BYTES + 1046) - 2 * 1046,
                    n / 3 * (HEADER_BYTES + 1046) + 2 * 1046);
    vsw_outcome_free(o);
}

static void
the_table_in_host_memory_spares_the_daemon(void **state)
{
    uint64_t n_recached[2];

    (void) state;
    for (uint64_t walks = 0; walks < 2; walks++) {
        struct vsw_outcome *o;

        init(100);
        nic_run_set(&r, "form", 1);
        nic_run_set(&r, "flow_rules", N_FLOWS - 1);
        nic_run_set(&r, "walks_host_table", walks);
        o = nic_run(&r);
        assert_int_equal(o->delivered.n_pkts, N_PKTS);
        n_recached[walks] = nic_run_counter(o, "control_recached");
        assert_true(nic_run_counter(o, "host_table_hits")
                    >= walks * (N_PKTS / 4));
        vsw_outcome_free(o);
    }
    assert_true(n_recached[0] > N_PKTS / 4);
    assert_int_equal(n_recached[1], 0);
}

/* A receiver that never takes anything: the NIC's places fill with packets for
 * it unless there is a cap. */
static void
a_cap_keeps_a_stuck_receiver_from_its_neighbours(void **state)
{
    uint64_t n_delivered[2];

    (void) state;
    for (uint64_t cap = 0; cap < 2; cap++) {
        struct vsw_outcome *o;

        nic_run_init(&r, "snich", 3, 0, 3, 3900, 1050, 5000);
        nic_run_set(&r, "form", 1);
        nic_run_set(&r, "holds", 1);
        nic_run_set(&r, "nic_pkts", 64);
        nic_run_set(&r, "max_in_flight", cap * 16);
        r.config.guests.driver = "virtio_poll";
        r.config.guests.n_deaf = 1;
        r.config.switch_n_cpus = 1;
        r.config.run.duration_us = 25000;
        o = nic_run(&r);
        n_delivered[cap] = o->delivered.n_pkts;
        vsw_outcome_free(o);
    }
    assert_true(n_delivered[1] > 2 * n_delivered[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_first_packets_of_flows_are_validated),
        cmocka_unit_test(what_a_rule_denies_is_dropped_by_the_table),
        cmocka_unit_test(what_no_rule_permits_is_dropped_by_the_table),
        cmocka_unit_test(an_evicted_flow_is_not_searched_for_again),
        cmocka_unit_test(copies_wait_for_memory),
        cmocka_unit_test(the_prototype_has_no_wires),
        cmocka_unit_test(a_threshold_lies_within_the_packets),
        cmocka_unit_test(only_headers_of_internal_packets_cross_the_bus),
        cmocka_unit_test(short_packets_cross_the_bus_instead),
        cmocka_unit_test(external_packets_cross_the_bus_once),
        cmocka_unit_test(the_table_in_host_memory_spares_the_daemon),
        cmocka_unit_test(a_cap_keeps_a_stuck_receiver_from_its_neighbours),
    };

    return cmocka_run_group_tests(tests, nic_run_setup, nic_run_teardown);
}
