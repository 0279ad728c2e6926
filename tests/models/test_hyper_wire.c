/* Hyper-Switch with its driver domain: guests, a wire, and both ways. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>

#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

#define N_PKTS 300      /* A hundred each way. */

static struct vsw_machine *machine;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    return made_machine_load(&machine, "opteron-6274-2s-xen42");
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

static void
set_param(const char *name, uint64_t value)
{
    const struct vsw_param *list = vsw_model_find("hyper_switch")->params;
    uint32_t i = 0;

    while (strcmp(list[i].name, name) != 0) {
        i++;
        assert_non_null(list[i].name);
    }
    params[i] = value;
}

static uint64_t
counter(const struct vsw_outcome *o, const char *name)
{
    uint32_t i = 0;

    while (strcmp(o->counters[i].name, name) != 0) {
        i++;
        assert_true(i < o->n_counters);
    }
    return o->counters[i].value;
}

/* Guest 0 sends to guest 1, that to the wire, and the client to guest 0; or
 * all as fast as they can. */
static struct vsw_outcome *
run(uint32_t frame_bytes, uint64_t gap_ns, bool zero_copy)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome;
    struct vsw_config config;
    struct vsw_error err = {0};

    made_init(&made, 3, 3);
    made_fill(&made, N_PKTS, 2000, gap_ns, frame_bytes);
    config = made_config(machine, vsw_model_find("hyper_switch"), params, 2);
    set_param("zero_copy_tx", zero_copy);
    config.guests.driver = "hyper";
    config.wires.n = 1;
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 20000;
    if (vsw_simulate(&outcome, &config, &made.workload, &how, &err)) {
        fail_msg("%s", err.text);
    }
    return outcome;
}

static void
packets_pass_through_the_driver_domain_both_ways(void **state)
{
    static const uint32_t sizes[] = {64, 1518, 9018};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        struct vsw_outcome *outcome = run(sizes[i], 30000, false);

        for (uint32_t port = 0; port < 3; port++) {
            assert_int_equal(outcome->port_delivered[port].n_pkts,
                             N_PKTS / 3);
        }
        vsw_outcome_free(outcome);
    }
}

/* Bursts that overrun rings: what is lost is counted, and nothing stays. */
static void
bursts_leave_nothing_behind(void **state)
{
    struct vsw_outcome *outcome = run(1518, 300, false);

    (void) state;
    assert_int_equal(outcome->in_flight.n_pkts, 0);
    assert_true(outcome->delivered.n_pkts > N_PKTS / 2);
    vsw_outcome_free(outcome);
}

static uint64_t
copied_bytes(const struct vsw_outcome *o)
{
    return counter(o, "copied_bytes_by_receiver")
           + counter(o, "copied_bytes_in_module")
           + counter(o, "copied_bytes_in_node")
           + counter(o, "copied_bytes_remote");
}

/* What goes to the wire is not copied, and nothing else is lent; each page
 * comes back.  The third of the packets that goes out is saved. */
static void
what_is_lent_is_not_copied_and_comes_back(void **state)
{
    static const struct {
        uint32_t frame_bytes;
        uint32_t n_pages;
    } sizes[] = {{64, 1}, {1518, 1}, {9018, 3}};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        struct vsw_outcome *copied = run(sizes[i].frame_bytes, 30000, false);
        struct vsw_outcome *lent = run(sizes[i].frame_bytes, 30000, true);

        for (uint32_t port = 0; port < 3; port++) {
            assert_int_equal(lent->port_delivered[port].n_pkts, N_PKTS / 3);
        }
        assert_int_equal(counter(copied, "lent_pkts"), 0);
        assert_int_equal(counter(lent, "lent_pkts"), N_PKTS / 3);
        assert_int_equal(counter(lent, "pages_lent"),
                         N_PKTS / 3 * sizes[i].n_pages);
        assert_int_equal(counter(lent, "pages_returned"),
                         counter(lent, "pages_lent"));
        assert_int_equal(copied_bytes(copied) * 2, copied_bytes(lent) * 3);
        vsw_outcome_free(copied);
        vsw_outcome_free(lent);
    }
}

/* More packets than the rings hold: pages go round many times, in hypercalls
 * of several packets. */
static void
lent_pages_go_round_under_load(void **state)
{
    struct vsw_outcome *o = run(9018, 300, true);

    (void) state;
    assert_int_equal(o->in_flight.n_pkts, 0);
    /* The run ends with the last arrival, before the NIC's last interrupt. */
    assert_in_range(counter(o, "pages_returned"),
                    counter(o, "pages_lent") * 3 / 4,
                    counter(o, "pages_lent"));
    assert_int_equal(counter(o, "pages_lent"), counter(o, "lent_pkts") * 3);
    assert_true(counter(o, "page_return_calls") * 2
                < counter(o, "lent_pkts"));
    vsw_outcome_free(o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_pass_through_the_driver_domain_both_ways),
        cmocka_unit_test(bursts_leave_nothing_behind),
        cmocka_unit_test(what_is_lent_is_not_copied_and_comes_back),
        cmocka_unit_test(lent_pages_go_round_under_load),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
