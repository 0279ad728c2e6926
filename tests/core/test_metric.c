#include "vsw_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

#include "synthetic.h"

static struct synthetic_outcome made;

static int
set_up(void **state)
{
    (void) state;
    synthetic_outcome_init(&made, 4000, 1000, 64);
    return 0;
}

static void
is(const char *name, double expected)
{
    double value = vsw_metric_value(&made.outcome, name);

    if (!(fabs(value - expected) <= fabs(expected) * 1e-12)) {
        fail_msg("%s is %.17g, not %.17g", name, value, expected);
    }
}

static void
rates_are_per_second_of_the_window(void **state)
{
    (void) state;
    is("delivered_pps", 4e6);
    is("offered_pps", 5e6);
    is("dropped_pps", 1e6);
    is("delivered_bps", 4e6 * 64 * 8);
    is("offered_bps", 5e6 * 64 * 8);
    is("delivered_line_bps", 4e6 * 84 * 8);
    is("loss_ratio", 0.2);
    is("delivered_pkts", 4000);
    is("port_fairness", 1);
}

static void
latency_comes_from_the_histogram(void **state)
{
    (void) state;
    is("latency_min_ns", 1);
    is("latency_max_ns", 100);
    is("latency_mean_ns", 50.5);
    assert_true(vsw_metric_value(&made.outcome, "latency_p50_ns") >= 50);
    assert_true(vsw_metric_value(&made.outcome, "latency_p50_ns") < 50.4);
    assert_true(vsw_metric_value(&made.outcome, "latency_p999_ns") >= 100);
}

static void
units_are_busy_polling_or_idle(void **state)
{
    (void) state;
    /* 4000 packets at 10 + 2 * 22 + 5 + 4 = 63 ns. */
    is("switch_busy_share", 1);
    is("switch_poll_share", 1 - 0.252);
    is("guest_busy_share", (0.1 + 0.004) / 2);
    is("guest_poll_share", 0);
    is("switch_cycles_per_pkt", 63 * 2.5);
    is("guest_cycles_per_pkt", 26 * 2.5);
    is("host_cycles_per_pkt", 64 * 2.5);
}

static void
ledger_lines_are_selected(void **state)
{
    (void) state;
    is("cost_ns(role=switch,stage=receive,account=vring_avail)", 10);
    is("cost_ps(account=vring_avail)", 10000);
    is("cost_cycles(account=vring_avail,role=switch)", 25);
    is("cost_ns(account=vring_avail+vring_used)", 14);
    is("cost_ns(account=vring_*)", 14);
    is("cost_ns(domain=guest*)", 25);
    is("cost_ns(role=guest,domain=host)", 1);
    is("cost_ns(unit=cpu1)", 13.5);
    is("charges(account=copy)", 2);
    is("share(role=switch,account=copy)", 44.0 / 63);
}

/* Of a packet: 2 copies of 22 ns, 5 for the port, and 15 of the rest, 1 of
 * them on a guest's CPU. */
static void
work_outside_of_guests_has_parts(void **state)
{
    (void) state;
    is("host_cycles(copying)", 44 * 2.5);
    is("host_cycles(switching)", 5 * 2.5);
    is("host_cycles(filtering)", 0);
    is("host_cycles(other)", 15 * 2.5);
}

static void
devices_are_no_cpus(void **state)
{
    (void) state;
    made.units[0].role = "device";
    is("host_cycles_per_pkt", 1 * 2.5);
}

static void
classes_have_metrics(void **state)
{
    static struct vsw_outcome_class classes[2];

    (void) state;
    vsw_histogram_init(&classes[1].latency_ps);
    for (uint64_t ns = 1; ns <= 100; ns++) {
        vsw_histogram_add(&classes[1].latency_ps, ns * 1000);
    }
    classes[1].offered.n_pkts = 125;
    classes[1].delivered.n_pkts = 100;
    classes[1].dropped.n_pkts = 25;
    made.outcome.classes = classes;
    made.outcome.n_classes = 2;
    is("class_delivered_pps(1)", 1e5);
    is("class_delivered_pps(0)", 0);
    is("class_loss_ratio(1)", 0.2);
    is("class_latency_mean_ns(1)", 50.5);
    assert_true(vsw_metric_value(&made.outcome, "class_latency_p99_ns(1)")
                >= 99);
    assert_true(isnan(vsw_metric_value(&made.outcome,
                                       "class_latency_p99_ns(0)")));
    assert_true(isnan(vsw_metric_value(&made.outcome,
                                       "class_delivered_pps(2)")));
}

static void
polling_counts_only_on_request(void **state)
{
    (void) state;
    is("cost_ns(role=switch)", 63);
    is("cost_ns(role=switch,account=poll)", (1e6 - 252e3) / 4000);
}

static void
named_things_are_found(void **state)
{
    (void) state;
    is("batch_pkts(receive)", 2.5);
    is("batch_pkts(send)", 1);
    is("counter(copies)", 8000);
    is("counter_per_pkt(copies)", 2);
    is("memory_bytes(rings)", 65536);
    is("memory_total_bytes", (2 << 20) + 65536);
    assert_true(isnan(vsw_metric_value(&made.outcome, "counter(flips)")));
    assert_true(isnan(vsw_metric_value(&made.outcome, "batch_pkts(x)")));
}

static void
memory_is_counted_by_level_and_place(void **state)
{
    static struct vsw_outcome_lines lines[] = {
        {.unit = 0, .domain = "host", .stage = "receive",
         .n_data = {[VSW_FROM_L1] = 8000, [VSW_FROM_L3] = 4000,
                    [VSW_FROM_DRAM] = 2000},
         .n_code = {[VSW_FROM_L2] = 1000}},
        {.unit = 1, .domain = "guest0", .stage = "-",
         .n_data = {[VSW_FROM_NODE_DIRTY] = 400}},
    };

    (void) state;
    made.outcome.lines = lines;
    made.outcome.n_lines = VSW_N_ELEMS(lines);
    made.outcome.traffic.n_dram_read_bytes = 4000 * 64;
    made.outcome.traffic.n_dram_write_bytes = 4000 * 32;
    made.outcome.traffic.n_dma_bytes = 4000 * 64;
    made.outcome.charges[1].memory_ps = 4000 * 7000;
    is("mem_lines(role=switch)", 3.75);
    is("l1_misses(role=switch)", 1.75);
    is("l2_misses(role=switch)", 1.5);
    is("llc_misses(role=switch,stage=receive)", 0.5);
    is("llc_misses(domain=guest*)", 0.1);
    is("llc_misses_per_pkt", 0.6);
    is("dram_bytes_per_pkt", 96);
    is("dma_bytes_per_pkt", 64);
    is("cross_node_bytes_per_pkt", 0);
    is("mem_wait_ns(role=switch,account=copy)", 7);
    is("mem_wait_ns(role=guest)", 0);
    made.outcome.charges[1].memory_ps = 0;
    made.outcome.lines = NULL;
    made.outcome.n_lines = 0;
}

static void
nothing_delivered_has_no_cost(void **state)
{
    (void) state;
    made.outcome.window_delivered.n_pkts = 0;
    vsw_histogram_init(made.outcome.latency_ps);

    assert_true(isnan(vsw_metric_value(&made.outcome, "cost_ns(unit=cpu0)")));
    assert_true(isnan(vsw_metric_value(&made.outcome, "latency_p99_ns")));
    is("delivered_pps", 0);
}

static void
sockets_have_their_metrics(void **state)
{
    static struct vsw_outcome_counter counters[] = {
        {"payload_bytes", "bytes", 1250000, false},
        {"transactions", "1", 50, false},
        {"task_wakes", "1", 100, false},
        {"jain_ppm", "ppm", 975000, true},
        {"tcp_bytes", "bytes", 2000000, false},
        {"tcp_retransmitted_bytes", "bytes", 500000, false},
        {"tcp_rtt_mean_ns", "ns", 40000, true},
    };
    double window_ps = (double) made.outcome.window_ps;

    (void) state;
    made.outcome.counters = counters;
    made.outcome.n_counters = VSW_N_ELEMS(counters);
    is("payload_bps", 1e7 * 1e12 / window_ps);
    is("transactions_per_s", 50e12 / window_ps);
    is("wakes_per_transaction", 2);
    is("jain_index", 0.975);
    is("retransmission_ratio", 0.25);
    is("rtt_mean_ns", 40000);
}

static void
every_listed_metric_has_a_value(void **state)
{
    const struct vsw_metric *metric;

    (void) state;
    for (uint32_t i = 0; (metric = vsw_metric_at(i)) != NULL; i++) {
        if (!metric->argument) {
            assert_ptr_equal(vsw_metric_find(metric->name), metric);
            /* This outcome is of flat mode, and of a trace. */
            assert_true(!isnan(vsw_metric_value(&made.outcome,
                                               metric->name))
                        != (metric->memory
                            || vsw_metric_of_sockets(metric->name)));
        } else {
            assert_false(vsw_metric_known(metric->name));
        }
    }
    assert_true(vsw_metric_at(0) != NULL);
}

static void
refused(const char *name, const char *why)
{
    struct vsw_error err = {0};

    assert_true(vsw_metric_check(name, &err) < 0);
    assert_int_equal(err.kind, VSW_ERROR_USAGE);
    if (!strstr(err.text, why)) {
        fail_msg("%s: \"%s\" lacks \"%s\"", name, err.text, why);
    }
    assert_false(vsw_metric_known(name));
    assert_true(isnan(vsw_metric_value(&made.outcome, name))
                || !strncmp(name, "share", 5));
}

static void
mistakes_are_explained(void **state)
{
    (void) state;
    refused("deliverd_pps", "try \"delivered_pps\"");
    refused("", "unknown metric");
    refused("delivered_pps(x)", "takes no argument");
    refused("cost_ns", "needs an argument: \"cost_ns(LINES)\"");
    refused("cost_ns()", "needs an argument");
    refused("cost_ns(role=switch", "needs an argument");
    refused("cost_ns(account=copi)", "try \"copy\"");
    refused("cost_ns(role=host)", "unknown role");
    refused("cost_ns(stage=recieve)", "try \"receive\"");
    refused("cost_ns(acount=copy)", "the keys are");
    refused("cost_ns(account=)", "an empty account");
    refused("cost_ns(account=copy,account=ept)", "join alternatives");
    refused("cost_ns(account=copy+)", "an empty account");
    refused("host_cycles(filters)", "no part \"filters\"");
    refused("host_cycles", "needs an argument: \"host_cycles(PART)\"");
    refused("class_loss_ratio(8)", "a class from 0 to 7, not \"8\"");
    refused("class_loss_ratio(high)", "a class from 0 to 7");
    refused("share(account=poll)", "switch_poll_share");
    refused("llc_misses(account=copy)", "not counted by account");
}

static void
merged_latency_is_that_of_all_packets(void **state)
{
    struct vsw_histogram both;
    double value = 0;

    (void) state;
    vsw_histogram_init(&both);
    vsw_histogram_merge(&both, made.outcome.latency_ps);
    vsw_histogram_add(&both, 1000000);

    assert_true(vsw_metric_merged(&both, "latency_max_ns", &value));
    assert_true(value == 1000);
    assert_false(vsw_metric_merged(&both, "delivered_pps", &value));
    assert_false(vsw_metric_merged(&both, "nonsense", &value));
}

static void
families_of_lines_narrow_to_an_account(void **state)
{
    char *narrow = vsw_metric_narrow("cost_ns(role=switch)", "copy");

    (void) state;
    assert_string_equal(narrow, "cost_ns(role=switch,account=copy)");
    is(narrow, 44);
    free(narrow);
    assert_null(vsw_metric_narrow("cost_ns(account=copy)", "ept"));
    assert_null(vsw_metric_narrow("llc_misses(role=switch)", "copy"));
    assert_null(vsw_metric_narrow("delivered_pps", "copy"));
    assert_null(vsw_metric_narrow("counter(copies)", "copy"));
    assert_string_equal(vsw_metric_account_at(0), "poll");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rates_are_per_second_of_the_window, set_up),
        cmocka_unit_test_setup(latency_comes_from_the_histogram, set_up),
        cmocka_unit_test_setup(units_are_busy_polling_or_idle, set_up),
        cmocka_unit_test_setup(ledger_lines_are_selected, set_up),
        cmocka_unit_test_setup(work_outside_of_guests_has_parts, set_up),
        cmocka_unit_test_setup(devices_are_no_cpus, set_up),
        cmocka_unit_test_setup(classes_have_metrics, set_up),
        cmocka_unit_test_setup(polling_counts_only_on_request, set_up),
        cmocka_unit_test_setup(named_things_are_found, set_up),
        cmocka_unit_test_setup(memory_is_counted_by_level_and_place, set_up),
        cmocka_unit_test_setup(nothing_delivered_has_no_cost, set_up),
        cmocka_unit_test_setup(sockets_have_their_metrics, set_up),
        cmocka_unit_test_setup(every_listed_metric_has_a_value, set_up),
        cmocka_unit_test_setup(mistakes_are_explained, set_up),
        cmocka_unit_test_setup(families_of_lines_narrow_to_an_account,
                               set_up),
        cmocka_unit_test_setup(merged_latency_is_that_of_all_packets,
                               set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
