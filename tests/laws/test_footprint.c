/* How much memory a stream between two kernel guests goes through. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>

#include "io/run/open_workload.h"
#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

#define MIB (UINT32_C(1) << 20)

static struct vsw_machine *machine;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    return made_machine_load(&machine, "opteron-6274-2s-kvm");
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

/* A pair with files and windows that caches hold. */
static struct vsw_config
one_pair(void)
{
    struct vsw_config config
        = made_config(machine, vsw_model_find("kvm_vhost_net"), params, 2);

    config.guests.driver = "virtio";
    config.guests.ring_slots = 256;
    config.run.memory = VSW_MEMORY_HIERARCHY;
    config.run.duration_us = 15000;
    config.run.warmup_us = 5000;
    config.workload = (struct vsw_config_workload) {
        .kind = VSW_WORKLOAD_STREAM,
        .n_connections = 1,
        .payload_bytes = 65536,
        .sendfile = true,
        .file_bytes = 65536,
        .window_bytes = MIB / 2,
        .send_buf_bytes = MIB,
        .max_seg_bytes = 65160,
        .nagle = true,
        .delack_us = 40000,
    };
    return config;
}

static struct vsw_outcome *
simulate(const struct vsw_config *config)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome = NULL;
    struct vsw_trace *trace;
    struct vsw_error err = {0};

    if (vsw_open_workload(&trace, config, &err)
        || vsw_simulate(&outcome, config, vsw_trace_workload(trace), &how,
                        &err)) {
        fail_msg("%s", err.text);
    }
    vsw_trace_close(trace);
    return outcome;
}

/* Percent of the payload that goes between memory and caches. */
static uint64_t
dram_percent(const struct vsw_config *config)
{
    struct vsw_outcome *outcome = simulate(config);
    uint64_t n_bytes, n_payload = 0;

    n_bytes = outcome->traffic.n_dram_read_bytes
              + outcome->traffic.n_dram_write_bytes;
    n_payload = outcome->port_delivered[1].n_bytes;
    vsw_outcome_free(outcome);
    assert_true(n_payload > 4 * MIB);
    return n_bytes * 100 / n_payload;
}

static void
what_fits_the_caches_stays_there(void **state)
{
    struct vsw_config config = one_pair();

    (void) state;
    assert_in_range(dram_percent(&config), 0, 40);
}

static void
a_large_file_is_read_from_memory(void **state)
{
    struct vsw_config config = one_pair();
    uint64_t small = dram_percent(&config);

    (void) state;
    config.workload.file_bytes = 64 * MIB;
    assert_in_range(dram_percent(&config), small + 80, 1000);
}

/* Each posted page is used once before any of them is used again. */
static void
a_long_ring_is_written_to_memory(void **state)
{
    struct vsw_config config = one_pair();
    uint64_t small = dram_percent(&config);

    (void) state;
    config.guests.ring_slots = 8192;
    assert_in_range(dram_percent(&config), small + 80, 1000);
}

/* A copy from user space goes through the whole send buffer. */
static void
a_copy_sends_from_the_send_buffer(void **state)
{
    struct vsw_config config = one_pair();
    uint64_t small;

    (void) state;
    config.workload.sendfile = false;
    small = dram_percent(&config);
    config.workload.send_buf_bytes = 8 * MIB - 128;
    assert_in_range(dram_percent(&config), small + 30, 1000);
}

/* What the first guest waits for memory on 'account', by charge of it. */
static uint64_t
wait_ps(const struct vsw_config *config, const char *account)
{
    struct vsw_outcome *outcome = simulate(config);
    uint64_t ps = 0, n = 0;

    for (uint32_t i = 0; i < outcome->n_charges; i++) {
        const struct vsw_outcome_charge *c = &outcome->charges[i];

        if (strcmp(c->domain, "guest0") == 0) {
            n += c->n_charges;
            ps += strcmp(c->account, account) == 0 ? c->memory_ps : 0;
        }
    }
    vsw_outcome_free(outcome);
    assert_true(n > 0);
    return ps / n;
}

/* Requests and answers of one byte over 'n' connections. */
static struct vsw_config
requests(uint32_t n)
{
    struct vsw_config config = one_pair();

    config.workload.kind = VSW_WORKLOAD_REQUEST;
    config.workload.request_bytes = config.workload.response_bytes = 1;
    config.workload.n_connections = n;
    return config;
}

/* The kernel comes back to a socket when all the others have had a turn: 8000
 * of them are 16 MB. */
static void
many_sockets_do_not_fit_the_caches(void **state)
{
    struct vsw_config few = requests(8), many = requests(8000);

    (void) state;
    assert_true(wait_ps(&many, "guest_rx") > 4 * wait_ps(&few, "guest_rx"));
}

/* Of the first guest on CPU 0, when the other one is on 'cpu'; vhost threads
 * are elsewhere. */
static uint64_t
code_wait_ps(uint32_t cpu)
{
    uint32_t guests[] = {0, cpu}, threads[] = {4, 6, 8};
    struct vsw_config config = one_pair();

    config.guests.pin = (struct vsw_config_pin) {guests, 2};
    config.switch_pin = (struct vsw_config_pin) {threads, 3};
    return wait_ps(&config, "code");
}

/* CPUs 0 and 1 are a module, with one L1i. */
static void
guests_of_one_module_displace_each_others_code(void **state)
{
    (void) state;
    assert_int_equal(code_wait_ps(2), 0);
    assert_true(code_wait_ps(1) > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_the_caches_stays_there),
        cmocka_unit_test(a_large_file_is_read_from_memory),
        cmocka_unit_test(a_long_ring_is_written_to_memory),
        cmocka_unit_test(a_copy_sends_from_the_send_buffer),
        cmocka_unit_test(many_sockets_do_not_fit_the_caches),
        cmocka_unit_test(guests_of_one_module_displace_each_others_code),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
