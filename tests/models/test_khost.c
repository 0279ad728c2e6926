/* Hosts whose kernel switches: softirqs, SKB schemes, vhost threads. */
#include "vsw_test.h"

#include <string.h>

#include "models/nic_run.h"

static struct nic_run run;

static int
load(void **state)
{
    (void) state;
    return nic_run_load("generic-server-linux");
}

/* Two wires at a rate that no kernel switch keeps up with. */
static void
saturate_wires(const char *model)
{
    nic_run_init(&run, model, 0, 2, 4, 2000, 64, 100);
    run.config.traffic.pacing = VSW_PACING_SATURATE;
    run.config.traffic.n_loops = 0;
    run.config.run.warmup_us = 500;
    run.config.run.duration_us = 2000;
}

/* Time of the switch's CPUs on 'account' per packet delivered, in ps. */
static uint64_t
cost_ps(const struct vsw_outcome *o, const char *account)
{
    uint64_t sum_ps = 0;

    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (strcmp(o->charges[i].account, account) == 0
            && strcmp(o->units[o->charges[i].unit].role, "switch") == 0) {
            sum_ps += o->charges[i].busy_ps;
        }
    }
    return sum_ps / (o->window_delivered.n_pkts + 1);
}

/* --- The three steps of KVS ---------------------------------------------- */

static void
each_step_of_kvs_saves_what_it_says(void **state)
{
    static const char *const saved[] = {"skb_alloc", "qdisc", "hash"};
    uint64_t before;
    struct vsw_outcome *o;

    (void) state;
    saturate_wires("linux_ovs");
    o = nic_run(&run);
    for (size_t i = 0; i < VSW_N_ELEMS(saved); i++) {
        assert_true(cost_ps(o, saved[i]) > 0);
    }
    before = o->window_delivered.n_pkts;
    vsw_outcome_free(o);
    for (uint32_t step = 0; step < VSW_N_ELEMS(saved); step++) {
        saturate_wires("kvs");
        nic_run_set(&run, "step", step);
        o = nic_run(&run);
        for (uint32_t i = 0; i < VSW_N_ELEMS(saved); i++) {
            assert_int_equal(cost_ps(o, saved[i]) == 0, i <= step);
        }
        assert_true(o->window_delivered.n_pkts > before);
        before = o->window_delivered.n_pkts;
        vsw_outcome_free(o);
    }
}

static void
a_saturated_softirq_polls_full_weights_and_takes_no_interrupts(void **state)
{
    struct vsw_outcome *o;
    uint64_t n_polls = 0, n_full = 0;

    (void) state;
    saturate_wires("linux_ovs");
    o = nic_run(&run);
    for (uint32_t n = 1; n < o->batches[0].n_counts; n++) {
        n_polls += o->batches[0].counts[n];
    }
    n_full = o->batches[0].counts[64];
    assert_true(n_polls > 20);
    assert_true(n_full * 10 > n_polls * 9);
    assert_int_equal(cost_ps(o, "host_irq"), 0);
    vsw_outcome_free(o);
}

static void
a_slow_load_takes_an_interrupt_per_packet_and_loses_none(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    nic_run_init(&run, "linux_ovs", 0, 2, 4, 60, 64, 50000);
    o = nic_run(&run);
    assert_int_equal(o->delivered.n_pkts, 60);
    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (strcmp(o->charges[i].account, "host_irq") == 0) {
            assert_in_range(o->charges[i].n_charges, 60, 70);
        }
    }
    vsw_outcome_free(o);
}

static void
a_line_that_keeps_up_loses_nothing(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    for (int wait = 0; wait < 2; wait++) {
        nic_run_init(&run, "linux_ovs", 0, 2, 1, 2000, 1518, 1300);
        nic_run_set(&run, "tx_full", (uint64_t) wait);
        o = nic_run(&run);
        assert_int_equal(o->delivered.n_pkts, 2000);
        vsw_outcome_free(o);
    }
}

/* --- The daemon ---------------------------------------------------------- */

static void
an_empty_table_sends_first_packets_up_and_then_forwards(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    nic_run_init(&run, "linux_ovs", 0, 2, 8, 400, 64, 9000);
    nic_run_set(&run, "warm", 0);
    o = nic_run(&run);
    assert_int_equal(o->delivered.n_pkts, 400);
    assert_in_range(nic_run_counter(o, "upcalls"), 8, 80);
    assert_int_equal(nic_run_counter(o, "upcalls"),
                     nic_run_counter(o, "upcalls_handled"));
    assert_int_equal(nic_run_counter(o, "flow_lookups"), 400);
    vsw_outcome_free(o);
}

static void
a_warm_table_asks_nobody(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    nic_run_init(&run, "linux_ovs", 0, 2, 8, 400, 64, 9000);
    o = nic_run(&run);
    assert_int_equal(nic_run_counter(o, "upcalls"), 0);
    assert_int_equal(nic_run_counter(o, "flow_table_hits"), 400);
    vsw_outcome_free(o);
}

/* --- vhost threads ------------------------------------------------------- */

static void
guests_and_wires_reach_each_other(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    /* Flow f from port f % 4 to the next: all four kinds of ways. */
    nic_run_init(&run, "linux_ovs", 2, 2, 4, 400, 1518, 20000);
    run.config.run.duration_us = 12000;
    o = nic_run(&run);
    assert_int_equal(o->delivered.n_pkts, 400);
    for (uint32_t port = 0; port < 4; port++) {
        assert_int_equal(o->port_delivered[port].n_pkts, 100);
    }
    vsw_outcome_free(o);
}

static void
a_full_tap_queue_loses_packets(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    nic_run_init(&run, "linux_ovs", 3, 0, 3, 3000, 64, 200);
    /* Ports 0 and 1 both send to port 2, faster than its thread copies. */
    for (uint32_t i = 0; i < 3; i++) {
        run.made.flows[i].header[5] = 2;
    }
    nic_run_set(&run, "tap_pkts", 4);
    o = nic_run(&run);
    assert_true(o->dropped[VSW_DROP_QUEUE_FULL].n_pkts > 100);
    vsw_outcome_free(o);
}

static void
a_packet_weight_keeps_a_sender_from_starving(void **state)
{
    uint64_t n_delivered[2];

    (void) state;
    for (int i = 0; i < 2; i++) {
        struct vsw_outcome *o;

        /* Both guests send without end. */
        nic_run_init(&run, "linux_ovs", 2, 0, 2, 512, 64, 100);
        run.config.traffic.pacing = VSW_PACING_SATURATE;
    run.config.traffic.n_loops = 0;
        run.config.run.duration_us = 2000;
        if (i == 1) {
            nic_run_set(&run, "vhost_weight_pkts", UINT32_MAX);
        }
        o = nic_run(&run);
        n_delivered[i] = o->delivered.n_pkts;
        vsw_outcome_free(o);
    }
    assert_true(n_delivered[0] > 10 * (n_delivered[1] + 1));
}

static void
too_few_cpus_are_refused(void **state)
{
    (void) state;
    nic_run_init(&run, "linux_ovs", 2, 1, 3, 10, 64, 1000);
    run.config.switch_n_cpus = 2;
    nic_run_refused(&run, "set switch.n_cpus to 3 or more");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_kvs_saves_what_it_says),
        cmocka_unit_test(
            a_saturated_softirq_polls_full_weights_and_takes_no_interrupts),
        cmocka_unit_test(
            a_slow_load_takes_an_interrupt_per_packet_and_loses_none),
        cmocka_unit_test(a_line_that_keeps_up_loses_nothing),
        cmocka_unit_test(
            an_empty_table_sends_first_packets_up_and_then_forwards),
        cmocka_unit_test(a_warm_table_asks_nobody),
        cmocka_unit_test(guests_and_wires_reach_each_other),
        cmocka_unit_test(a_full_tap_queue_loses_packets),
        cmocka_unit_test(a_packet_weight_keeps_a_sender_from_starving),
        cmocka_unit_test(too_few_cpus_are_refused),
    };

    return cmocka_run_group_tests(tests, load, nic_run_teardown);
}
