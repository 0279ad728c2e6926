/* What must hold for every model whose guests can run sockets. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/guest.h>
#include <vswsim/machine.h>
#include <vswsim/metric.h>

#include "core/cost.h"
#include "io/run/open_workload.h"
#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

static struct vsw_machine *machine;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    if (made_machine_load_whole(&machine, "xeon-e5-2690v3-dpdk")) {
        return -1;
    }
    made_machine_add_nic(machine, UINT64_C(1000000000));
    return 0;
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

/* Names of drivers that 'model' serves and that may run sockets. */
static const char *const *
drivers_of(const struct vsw_model_ops *model)
{
    static const char *const polling[] = {"fstack", NULL};

    return model->drivers ? model->drivers : polling;
}

static bool
has_guests(const struct vsw_model_ops *model)
{
    return !model->port_kinds || model->port_kinds & VSW_PORTS_GUEST;
}

static struct vsw_config
config_of(const struct vsw_model_ops *model, const char *driver,
          enum vsw_workload_kind kind)
{
    struct vsw_config config = made_config(machine, model, params, 4);

    config.guests.driver = driver;
    config.guests.ring_slots = 256;
    config.guests.pages_shared = 28;
    config.guests.pages_direction = 15;
    config.run.duration_us = 12000;
    config.run.warmup_us = 4000;
    config.workload = (struct vsw_config_workload) {
        .kind = kind,
        .n_connections = 2,
        .payload_bytes = kind == VSW_WORKLOAD_UDP ? 1000 : 65536,
        .request_bytes = 100,
        .response_bytes = 200,
        .rate_pps = kind == VSW_WORKLOAD_UDP ? 20000 : 0,
        /* Enough to fill what the Hyper-Switch waits for: its timers would
         * decide on each smaller window's round trip. */
        .window_bytes = 524288,
        .send_buf_bytes = 524288,
        .max_seg_bytes = 65160,
        .nagle = true,
        .rto_min_us = 1000,
        .delack_us = 1000,
    };
    return config;
}

static struct vsw_outcome *
simulate(const struct vsw_config *config, uint32_t replication)
{
    const struct vsw_simulate_how how = {
        .check = true,
        .replication = replication,
    };
    struct vsw_outcome *outcome = NULL;
    struct vsw_trace *trace;
    struct vsw_error err = {0};

    if (vsw_open_workload(&trace, config, &err)
        || vsw_simulate(&outcome, config, vsw_trace_workload(trace), &how,
                        &err)) {
        fail_msg("%s: %s", config->design, err.text);
    }
    vsw_trace_close(trace);
    return outcome;
}

static double
value(const struct vsw_outcome *outcome, const char *metric)
{
    return vsw_metric_value(outcome, metric);
}

typedef void (*check_fn)(const struct vsw_config *,
                         const struct vsw_outcome *);

static void
check_one(const struct vsw_model_ops *model, const char *driver,
          enum vsw_workload_kind kind, check_fn check)
{
    struct vsw_config config = config_of(model, driver, kind);
    struct vsw_outcome *outcome;

    print_message("%s with %s\n", model->name, driver);
    outcome = simulate(&config, 0);
    check(&config, outcome);
    vsw_outcome_free(outcome);
}

/* Calls 'check' with the outcome of 'kind' for each model with each driver
 * that it serves. */
static void
for_each_model(enum vsw_workload_kind kind, check_fn check)
{
    const struct vsw_model_ops *model;

    for (uint32_t i = 0; (model = vsw_model_at(i)) != NULL; i++) {
        const char *const *names = drivers_of(model);

        for (; has_guests(model) && *names; names++) {
            if (vsw_guest_find(*names)->has_dialogs) {
                check_one(model, *names, kind, check);
            }
        }
    }
}

static bool
is_served(const struct vsw_guest_ops *driver)
{
    const struct vsw_model_ops *model;

    for (uint32_t i = 0; (model = vsw_model_at(i)) != NULL; i++) {
        const char *const *names = drivers_of(model);

        for (; has_guests(model) && *names; names++) {
            if (vsw_guest_find(*names) == driver) {
                return true;
            }
        }
    }
    return false;
}

/* A driver that no architecture serves is of no use to anybody. */
static void
each_driver_is_served(void **state)
{
    const struct vsw_guest_ops *driver;

    (void) state;
    for (uint32_t i = 0; (driver = vsw_guest_at(i)) != NULL; i++) {
        print_message("%s\n", driver->name);
        assert_true(is_served(driver));
    }
}

/* What streams of pairs got: payload by the port that receives. */
static void
add_payload(const struct vsw_outcome *outcome, double bytes[2])
{
    for (uint32_t i = 0; i < outcome->n_batches; i++) {
        const struct vsw_outcome_batch *batch = &outcome->batches[i];

        if (!strcmp(batch->name, "payload_bytes_of_port")) {
            bytes[0] += (double) batch->counts[1];
            bytes[1] += (double) batch->counts[3];
        }
    }
}

/* One run says little: how long a window takes there and back depends on how
 * the phases of moderated interrupts and of sleeping CPUs fall together, and
 * stays so for many windows. */
static bool
streams_are_fair(const struct vsw_config *config)
{
    double bytes[2] = {0, 0};
    double sum;

    for (uint32_t i = 0; i < 4; i++) {
        struct vsw_outcome *outcome = simulate(config, i);

        add_payload(outcome, bytes);
        vsw_outcome_free(outcome);
    }
    sum = bytes[0] + bytes[1];
    print_message("%g and %g bytes\n", bytes[0], bytes[1]);
    return sum * sum
           > 0.95 * 2 * (bytes[0] * bytes[0] + bytes[1] * bytes[1]);
}

static void
check_stream(const struct vsw_config *config,
             const struct vsw_outcome *outcome)
{
    double bytes = value(outcome, "counter(payload_bytes)");
    double sent = value(outcome, "counter(tcp_bytes)")
                  - value(outcome, "counter(tcp_retransmitted_bytes)");
    double n_dialogs = config->guests.n / 2 * config->workload.n_connections;
    double under_way = n_dialogs * config->workload.window_bytes;

    /* Nothing arrives that was not sent, in the window or, up to the windows
     * of TCP, before it. */
    assert_true(bytes > 2 * under_way);
    assert_true(bytes <= sent + under_way);
    /* What was dropped was sent again, or will be. */
    if (outcome->window_dropped.n_pkts == 0) {
        assert_true(streams_are_fair(config));
    }
}

static void
streams_move_bytes_once_and_fairly(void **state)
{
    (void) state;
    for_each_model(VSW_WORKLOAD_STREAM, check_stream);
}

/* One transaction at a time per connection: their times fill the window. */
static void
check_requests(const struct vsw_config *config,
               const struct vsw_outcome *outcome)
{
    double n = value(outcome, "counter(transactions)");
    double busy_ns = n * value(outcome, "counter(transaction_mean_ns)");
    double window_ns = 8e6 * 2 * config->workload.n_connections;

    assert_true(n > 0);
    assert_true(value(outcome, "counter(tcp_retransmitted_segs)") == 0);
    assert_true(busy_ns > 0.7 * window_ns && busy_ns < 1.1 * window_ns);
}

static void
transactions_follow_one_another(void **state)
{
    (void) state;
    for_each_model(VSW_WORKLOAD_REQUEST, check_requests);
}

static void
check_datagrams(const struct vsw_config *config,
                const struct vsw_outcome *outcome)
{
    double received = value(outcome, "counter(udp_received_pkts)");

    /* 2 pairs of 2 connections for 8 ms. */
    assert_true(received
                <= (double) config->workload.rate_pps * 4 * 0.008 + 16);
    assert_true(received + (double) outcome->window_dropped.n_pkts
                    + value(outcome, "counter(udp_overflow_pkts)")
                >= (double) config->workload.rate_pps * 4 * 0.008 * 0.95);
}

static void
datagrams_come_at_their_rate(void **state)
{
    (void) state;
    for_each_model(VSW_WORKLOAD_UDP, check_datagrams);
}

/* Datagrams of three guests to the fourth: nobody else gets any. */
static void
all_may_send_to_the_last_guest(void **state)
{
    struct vsw_config config = config_of(vsw_model_find("linux_bridge"),
                                         "virtio", VSW_WORKLOAD_UDP);
    const struct vsw_outcome_batch *got = NULL;
    struct vsw_outcome *outcome;

    (void) state;
    config.workload.pattern = VSW_PATTERN_TO_LAST;
    config.workload.n_connections = 1;
    outcome = simulate(&config, 0);
    for (uint32_t i = 0; i < outcome->n_batches; i++) {
        if (!strcmp(outcome->batches[i].name, "payload_bytes_of_port")) {
            got = &outcome->batches[i];
        }
    }
    assert_non_null(got);
    assert_int_equal(got->counts[0] + got->counts[1] + got->counts[2], 0);
    /* 20 000 a second of each for 8 ms, 1000 bytes of payload. */
    assert_in_range(got->counts[3], 3 * 155 * 1000, 3 * 165 * 1000);
    vsw_outcome_free(outcome);
}

/* The prototype of sNICh, its default form, forwards between guests only. */
static bool
has_guests_and_wires(const struct vsw_model_ops *model)
{
    const uint32_t both = VSW_PORTS_GUEST | VSW_PORTS_WIRE;

    return (model->port_kinds & both) == both
           && strcmp(model->name, "snich") != 0;
}

/* Four guests send over a wire that is far slower than they are, each in
 * windows that have room in every queue. */
static void
share_a_wire(const struct vsw_model_ops *model, const char *driver)
{
    struct vsw_config config = config_of(model, driver,
                                         VSW_WORKLOAD_STREAM);
    struct vsw_outcome *outcome;
    double jain;

    config.wires.n = 1;
    config.wires.rate_bps = UINT64_C(1000000000);
    config.workload.pattern = VSW_PATTERN_TO_WIRE;
    config.workload.n_connections = 1;
    config.workload.window_bytes = 65536;
    config.run.duration_us = 60000;
    config.run.warmup_us = 10000;
    outcome = simulate(&config, 0);
    jain = value(outcome, "jain_index");
    print_message("%s with %s: %g, %g bit/s\n", model->name, driver, jain,
                  value(outcome, "payload_bps"));
    assert_true(outcome->window_dropped.n_pkts > 0 || jain > 0.95);
    /* 1448 bytes of payload take 1538 of the line. */
    assert_true(value(outcome, "payload_bps") < 942.5e6);
    assert_true(value(outcome, "payload_bps") > 930e6);
    vsw_outcome_free(outcome);
}

static void
guests_share_a_wire_fairly(void **state)
{
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t i = 0; (model = vsw_model_at(i)) != NULL; i++) {
        const char *const *names = drivers_of(model);

        for (; has_guests_and_wires(model) && *names; names++) {
            if (vsw_guest_find(*names)->has_dialogs) {
                share_a_wire(model, *names);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_driver_is_served),
        cmocka_unit_test(streams_move_bytes_once_and_fairly),
        cmocka_unit_test(guests_share_a_wire_fairly),
        cmocka_unit_test(transactions_follow_one_another),
        cmocka_unit_test(all_may_send_to_the_last_guest),
        cmocka_unit_test(datagrams_come_at_their_rate),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
