/* Open vSwitch between guests, tap devices and physical ports, all ways. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/metric.h>

#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

#define N_PKTS 400      /* A hundred each way. */

static struct vsw_machine *machine;
static struct vsw_machine *netmap_machine;  /* Has costs of SKBs, too. */
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    return made_machine_load(&machine, "xeon-e5-2630v2-dpdk")
           || made_machine_load(&netmap_machine, "netmap-host-netmap");
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    made_machine_free(netmap_machine);
    return 0;
}

/* Guest 0 sends to guest 1, that to the first wire, that to the second, and
 * that to guest 0.  With 'n_taps', guest 1 is a process behind a tap device.
 */
static struct vsw_outcome *
run_taps(const char *model, uint32_t frame_bytes, uint32_t n_taps)
{
    const struct vsw_param *list = vsw_model_find(model)->params;
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome;
    struct vsw_config config;
    struct vsw_error err = {0};

    made_init(&made, 4, 4);
    made_fill(&made, N_PKTS, 2000, 3000, frame_bytes);
    config = made_config(n_taps ? netmap_machine : machine,
                         vsw_model_find(model), params, 2);
    params[vsw_param_find(list, "n_tap_ports") - list] = n_taps;
    config.wires.n = 2;
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 2000;
    if (vsw_simulate(&outcome, &config, &made.workload, &how, &err)) {
        fail_msg("%s: %s", model, err.text);
    }
    return outcome;
}

static struct vsw_outcome *
run(const char *model, uint32_t frame_bytes)
{
    return run_taps(model, frame_bytes, 0);
}

static void
packets_cross_between_all_kinds_of_ports(void **state)
{
    static const char *const models[] = {"dpdk_ovs", "zcopy_ovs"};
    static const uint32_t sizes[] = {64, 1518, 9018};

    (void) state;
    for (size_t m = 0; m < 2 * VSW_N_ELEMS(models); m++) {
        for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
            struct vsw_outcome *outcome
                = run_taps(models[m / 2], sizes[i], m % 2);

            for (uint32_t port = 0; port < 4; port++) {
                assert_int_equal(outcome->port_delivered[port].n_pkts,
                                 N_PKTS / 4);
            }
            vsw_outcome_free(outcome);
        }
    }
}

/* Four ways: two copies for one, one for two, none from wire to wire. */
static void
vhost_copies_at_each_guest(void **state)
{
    struct vsw_outcome *outcome = run("dpdk_ovs", 64);

    (void) state;
    assert_true(vsw_metric_value(outcome, "charges(account=copy)") == 1);
    vsw_outcome_free(outcome);
}

/* Only where remapped pages meet a physical port. */
static void
remapping_copies_what_crosses_kinds(void **state)
{
    struct vsw_outcome *outcome = run("zcopy_ovs", 64);

    (void) state;
    assert_true(vsw_metric_value(outcome, "charges(account=copy)") == 0.5);
    vsw_outcome_free(outcome);
}

/* To the device: in from the guest, out by write(), and the process's read();
 * from it: its write() and a read().  A guest's port that remaps spares one.
 */
static void
a_tap_device_copies_on_both_sides(void **state)
{
    struct vsw_outcome *copy = run_taps("dpdk_ovs", 64, 1);
    struct vsw_outcome *remap = run_taps("zcopy_ovs", 64, 1);

    (void) state;
    assert_true(vsw_metric_value(copy, "charges(account=copy)") == 6.0 / 4);
    assert_true(vsw_metric_value(remap, "charges(account=copy)") == 5.0 / 4);
    assert_true(vsw_metric_value(copy, "charges(unit=cpu0,account=syscall)")
                == 2.0 / 4);
    assert_true(vsw_metric_value(copy, "charges(unit=cpu0,account=skb_alloc)")
                > 0);
    vsw_outcome_free(copy);
    vsw_outcome_free(remap);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_cross_between_all_kinds_of_ports),
        cmocka_unit_test(vhost_copies_at_each_guest),
        cmocka_unit_test(remapping_copies_what_crosses_kinds),
        cmocka_unit_test(a_tap_device_copies_on_both_sides),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
