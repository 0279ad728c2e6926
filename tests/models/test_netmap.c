/* Processes on netmap ports: VALE and pipes. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/metric.h>
#include <vswsim/netmap_vm.h>
#include <vswsim/param.h>

#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

static struct vsw_machine *machine;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    return made_machine_load(&machine, "netmap-host-netmap");
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

/* A flow from each of ports 0 to 'n_senders' - 1 to port 'to' (or, with
 * VSW_NONE, to an address that nobody has). */
static void
make_flows(uint32_t n_ports, uint32_t n_senders, uint32_t to)
{
    made_init(&made, n_ports, n_senders);
    for (uint32_t i = 0; i < n_senders; i++) {
        made.flows[i].in_port = i;
        made.flows[i].out_port = to;
        made.flows[i].header[5] = to == VSW_NONE ? 77 : (uint8_t) to;
        made.flows[i].header[11] = (uint8_t) i;
    }
    made_fill(&made, 512, 0, 100, 64);
}

static struct vsw_config
config_of(const char *model, uint32_t n_ports)
{
    struct vsw_config config = made_config(machine, vsw_model_find(model),
                                           params, n_ports);

    config.guests.ring_slots = 1024;
    config.guests.burst_pkts = 512;
    config.cpus.max_exit_latency_ns = 1000;
    return config;
}

static struct vsw_outcome *
run(const struct vsw_config *config)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome;
    struct vsw_error err = {0};

    if (vsw_simulate(&outcome, config, &made.workload, &how, &err)) {
        fail_msg("%s: %s", config->model->name, err.text);
    }
    return outcome;
}

static uint64_t
n_lost(const struct vsw_outcome *outcome)
{
    uint64_t n = 0;

    for (int i = 0; i < VSW_N_DROPS; i++) {
        n += outcome->dropped[i].n_pkts;
    }
    return n;
}

/* --- VALE ---------------------------------------------------------------- */

static void
a_sender_does_all_the_work_of_a_vale_switch(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(2, 1, 1);
    config = config_of("vale", 2);
    out = run(&config);
    assert_int_equal(n_lost(out), 0);
    assert_in_range(out->window_delivered.n_pkts, 10000, 40000);
    assert_true(vsw_metric_value(out, "cost_ns(unit=cpu0,account=copy)") > 5);
    assert_true(vsw_metric_value(out, "cost_ns(unit=cpu1,domain=host)") < 1);
    vsw_outcome_free(out);
}

static double
wakeups_per_pkt(uint32_t burst_pkts)
{
    struct vsw_config config;
    struct vsw_outcome *out;
    double value;

    make_flows(2, 1, 1);
    config = config_of("vale", 2);
    config.guests.burst_pkts = burst_pkts;
    out = run(&config);
    value = vsw_metric_value(out, "charges(unit=cpu0,account=ipi)");
    vsw_outcome_free(out);
    return value;
}

static void
a_receiver_is_woken_at_most_once_per_batch(void **state)
{
    double small = wakeups_per_pkt(32), large = wakeups_per_pkt(512);

    (void) state;
    assert_true(large > 0 && large <= 1.01 / 512);
    assert_true(small > large && small <= 1.01 / 32);
}

/* Two clones and the packet itself, and nothing back to the sender. */
static void
unknown_addresses_are_flooded(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(4, 1, VSW_NONE);
    config = config_of("vale", 4);
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    out = run(&config);
    assert_int_equal(out->created.n_pkts, 512);
    assert_int_equal(out->cloned.n_pkts, 2 * 512);
    assert_int_equal(out->port_delivered[0].n_pkts, 0);
    for (uint32_t port = 1; port < 4; port++) {
        assert_int_equal(out->port_delivered[port].n_pkts, 512);
    }
    vsw_outcome_free(out);
}

static double
rate_of(uint32_t n_senders, const char *metric)
{
    struct vsw_config config;
    struct vsw_outcome *out;
    double value;

    make_flows(5, n_senders, 4);
    config = config_of("vale", 5);
    config.guests.ring_slots = 4096;
    out = run(&config);
    value = vsw_metric_value(out, metric);
    vsw_outcome_free(out);
    return value;
}

/* They copy at the same time; only reserving and publishing are serial. */
static void
senders_to_one_ring_copy_side_by_side(void **state)
{
    (void) state;
    assert_true(rate_of(2, "offered_pps") > 1.8 * rate_of(1, "offered_pps"));
    assert_true(rate_of(2, "delivered_pps")
                > 1.5 * rate_of(1, "delivered_pps"));
}

/* Four senders bring more than a receiver takes in 20 ns each. */
static void
a_full_receive_ring_loses_and_stops_nobody(void **state)
{
    (void) state;
    assert_true(rate_of(4, "loss_ratio") > 0.1);
    assert_true(rate_of(4, "offered_pps") > 3.5 * rate_of(1, "offered_pps"));
}

/* Buffers are 2048 bytes apart: the first lines of a ring's do not fit the few
 * sets of the L1 that they map to, and a small copy waits for them. */
static void
small_copies_wait_for_lines_that_compete_for_sets(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(2, 1, 1);
    config = config_of("vale", 2);
    config.run.memory = VSW_MEMORY_HIERARCHY;
    out = run(&config);
    assert_true(vsw_metric_value(out, "l1_misses(unit=cpu0)") > 1.5);
    assert_true(vsw_metric_value(out, "cost_ns(unit=cpu0,account=copy)")
                > 15);
    vsw_outcome_free(out);
}

/* --- Pipes --------------------------------------------------------------- */

/* Both ends send as much as they can, and so wait for each other. */
static void
a_pipe_loses_and_copies_nothing(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    made_init(&made, 2, 2);
    made_fill(&made, 512, 0, 100, 64);
    config = config_of("netmap_pipe", 2);
    out = run(&config);
    assert_int_equal(n_lost(out), 0);
    assert_true(out->port_delivered[0].n_pkts > 10000);
    assert_true(out->port_delivered[1].n_pkts > 10000);
    assert_true(vsw_metric_value(out, "charges(account=copy)") == 0);
    vsw_outcome_free(out);
}

/* Frames of several slots change hands whole (checked by their receiver). */
static void
a_pipe_moves_frames_of_several_slots(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(2, 1, 1);
    config = config_of("netmap_pipe", 2);
    config.traffic.frame_bytes = 9018;
    out = run(&config);
    assert_int_equal(n_lost(out), 0);
    assert_true(out->port_delivered[1].n_pkts > 10000);
    vsw_outcome_free(out);
}

/* --- Guests over VALE ---------------------------------------------------- */

static void
set_param(const char *name, uint64_t value)
{
    const struct vsw_param *list = vsw_model_find("vale_guests")->params;
    const struct vsw_param *p = vsw_param_find(list, name);

    assert_non_null(p);
    params[p - list] = value;
}

/* From port 0 to port 1: single packets at 'rate_pps' or, if that is 0, as
 * many as go. */
static struct vsw_outcome *
run_guests(uint32_t hypervisor, uint32_t front, uint32_t exits,
           uint64_t rate_pps)
{
    struct vsw_config config;

    make_flows(2, 1, 1);
    config = config_of("vale_guests", 2);
    set_param("hypervisor", hypervisor);
    set_param("front_end", front);
    set_param("exits", exits);
    if (rate_pps > 0) {
        config.traffic.pacing = VSW_PACING_FIXED;
        config.traffic.rate_pps = 2 * rate_pps;
        config.guests.burst_pkts = 1;
    }
    return run(&config);
}

static void
guests_reach_each_other_whatever_the_backend(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < 3 * 2 * 3; i++) {
        struct vsw_outcome *out = run_guests(i / 6, i / 3 % 2, i % 3, 200000);

        assert_int_equal(n_lost(out), 0);
        assert_true(out->port_delivered[1].n_pkts > 80);
        vsw_outcome_free(out);
    }
}

static double
kicks_per_pkt(uint32_t exits, uint64_t rate_pps)
{
    struct vsw_outcome *out = run_guests(VSW_NETMAP_VM_QEMU,
                                         VSW_NETMAP_VM_E1000, exits,
                                         rate_pps);
    double value = vsw_metric_value(out, "counter_per_pkt(kicks)");

    vsw_outcome_free(out);
    return value;
}

/* Slow sources let the thread fall asleep, and each packet wakes it. */
static void
removing_exits_takes_sides_of_one_speed(void **state)
{
    (void) state;
    assert_true(kicks_per_pkt(VSW_NETMAP_VM_REMOVED, 0) < 0.001);
    assert_true(kicks_per_pkt(VSW_NETMAP_VM_REMOVED, 10000) > 0.9);
    assert_true(kicks_per_pkt(VSW_NETMAP_VM_AS_IS, 0)
                > 2 * kicks_per_pkt(VSW_NETMAP_VM_COMBINED, 0));
}

static void
interrupts_are_moderated_when_combined(void **state)
{
    struct vsw_outcome *as_is = run_guests(VSW_NETMAP_VM_QEMU,
                                           VSW_NETMAP_VM_E1000,
                                           VSW_NETMAP_VM_AS_IS, 250000);
    struct vsw_outcome *combined = run_guests(VSW_NETMAP_VM_QEMU,
                                              VSW_NETMAP_VM_E1000,
                                              VSW_NETMAP_VM_COMBINED, 250000);

    (void) state;
    /* Each 20 us, of packets that come each 4 us. */
    assert_true(vsw_metric_value(combined, "counter_per_pkt(interrupts)")
                < 0.25);
    assert_true(vsw_metric_value(as_is, "counter_per_pkt(interrupts)") > 0.4);
    vsw_outcome_free(as_is);
    vsw_outcome_free(combined);
}

/* Three copies between guests; none at the port of a process but VALE's. */
static void
a_process_on_the_host_needs_no_backend(void **state)
{
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(2, 1, 1);
    config = config_of("vale_guests", 2);
    out = run(&config);
    assert_in_range(100 * vsw_metric_value(out, "charges(account=copy)"), 295,
                    310);
    vsw_outcome_free(out);
    set_param("n_host_ports", 1);
    out = run(&config);
    assert_in_range(100 * vsw_metric_value(out, "charges(account=copy)"), 195,
                    210);
    assert_true(vsw_metric_value(out, "cost_ns(unit=cpu3,account=vm_exit)")
                == 0);
    vsw_outcome_free(out);
}

/* --- Kernel switches on the same ports ----------------------------------- */

static struct vsw_outcome *
run_slowly(const char *model)
{
    struct vsw_config config;

    make_flows(4, 3, 3);
    config = config_of(model, 4);
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 3000;
    return run(&config);
}

/* The daemon sees one packet or a few of each flow, and sends them on. */
static void
first_packets_come_by_the_daemon(void **state)
{
    struct vsw_outcome *out = run_slowly("vale_ovs");

    (void) state;
    assert_int_equal(out->port_delivered[3].n_pkts, 512);
    assert_true(vsw_metric_value(out, "counter(upcalls_handled)") >= 3);
    vsw_outcome_free(out);
}

/* A write() and a read() each, and system calls to wait. */
static void
a_tap_device_takes_a_system_call_per_packet_and_side(void **state)
{
    struct vsw_outcome *out = run_slowly("tap");

    (void) state;
    assert_int_equal(out->port_delivered[3].n_pkts, 512);
    assert_true(vsw_metric_value(out, "charges(account=syscall)") >= 2);
    assert_true(vsw_metric_value(out, "charges(account=copy)") == 2);
    vsw_outcome_free(out);
}

/* --- Open vSwitch with libpcap on netmap --------------------------------- */

static struct vsw_outcome *
run_ovs(bool io_thread)
{
    const struct vsw_param *list = vsw_model_find("netmap_ovs")->params;
    struct vsw_config config;

    make_flows(4, 3, 3);
    config = config_of("netmap_ovs", 4);
    params[vsw_param_find(list, "io_thread") - list] = io_thread;
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 3000;
    return run(&config);
}

/* The loop never does the 30 us of a translation itself. */
static void
the_main_thread_gets_what_has_no_flow(void **state)
{
    struct vsw_outcome *two = run_ovs(true);
    struct vsw_outcome *one = run_ovs(false);

    (void) state;
    assert_int_equal(two->port_delivered[3].n_pkts, 512);
    assert_int_equal(one->port_delivered[3].n_pkts, 512);
    assert_true(vsw_metric_value(two, "cost_ns(unit=cpu0,account=upcall)")
                == 0);
    assert_true(vsw_metric_value(two, "cost_ns(unit=cpu1,account=upcall)")
                > 0);
    assert_true(vsw_metric_value(one, "cost_ns(unit=cpu0,account=upcall)")
                > 0);
    /* What was in the way before a flow was there is translated, too. */
    assert_true(vsw_metric_value(two, "counter(upcalls_handled)")
                > vsw_metric_value(one, "counter(upcalls)"));
    vsw_outcome_free(two);
    vsw_outcome_free(one);
}

static void
what_does_not_fit_the_main_threads_queue_is_lost(void **state)
{
    const struct vsw_param *list = vsw_model_find("netmap_ovs")->params;
    struct vsw_config config;
    struct vsw_outcome *out;

    (void) state;
    make_flows(4, 3, 3);
    config = config_of("netmap_ovs", 4);
    params[vsw_param_find(list, "upcall_pkts") - list] = 2;
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 3000;
    out = run(&config);
    assert_true(out->dropped[VSW_DROP_UPCALL_FULL].n_pkts > 0);
    assert_int_equal(out->port_delivered[3].n_pkts
                         + out->dropped[VSW_DROP_UPCALL_FULL].n_pkts,
                     512);
    vsw_outcome_free(out);
}

static void
levels_are_what_tables_hold(void **state)
{
    struct vsw_outcome *out = run_ovs(true);
    struct vsw_config config;

    (void) state;
    assert_true(vsw_metric_value(out, "counter(masks)") == 1);
    assert_true(vsw_metric_value(out, "counter(megaflows)") >= 1);
    vsw_outcome_free(out);
    make_flows(2, 1, 1);
    config = config_of("vale", 2);
    out = run(&config);
    assert_true(vsw_metric_value(out, "counter(mac_lookups)") > 10000);
    assert_true(vsw_metric_value(out, "counter(mac_hits)")
                == vsw_metric_value(out, "counter(mac_lookups)"));
    vsw_outcome_free(out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_does_all_the_work_of_a_vale_switch),
        cmocka_unit_test(a_receiver_is_woken_at_most_once_per_batch),
        cmocka_unit_test(unknown_addresses_are_flooded),
        cmocka_unit_test(senders_to_one_ring_copy_side_by_side),
        cmocka_unit_test(a_full_receive_ring_loses_and_stops_nobody),
        cmocka_unit_test(small_copies_wait_for_lines_that_compete_for_sets),
        cmocka_unit_test(a_pipe_loses_and_copies_nothing),
        cmocka_unit_test(a_pipe_moves_frames_of_several_slots),
        cmocka_unit_test(guests_reach_each_other_whatever_the_backend),
        cmocka_unit_test(removing_exits_takes_sides_of_one_speed),
        cmocka_unit_test(interrupts_are_moderated_when_combined),
        cmocka_unit_test(a_process_on_the_host_needs_no_backend),
        cmocka_unit_test(first_packets_come_by_the_daemon),
        cmocka_unit_test(
            a_tap_device_takes_a_system_call_per_packet_and_side),
        cmocka_unit_test(the_main_thread_gets_what_has_no_flow),
        cmocka_unit_test(what_does_not_fit_the_main_threads_queue_is_lost),
        cmocka_unit_test(levels_are_what_tables_hold),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
