/* How much memory a stream between two kernel guests goes through. */
#include "vsw_test.h"

#include <stdio.h>

#include <vswsim/machine.h>

#include "io/run/open_workload.h"
#include "io/run/simulate.h"
#include "made_workload.h"

#define MIB (UINT32_C(1) << 20)

static struct vsw_machine *machine;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    struct vsw_error err;

    (void) state;
    if (vsw_machine_load(&machine, "opteron-6274-2s-kvm",
                         VSW_SOURCE_DIR "/configs/experiments", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static int
free_machine(void **state)
{
    (void) state;
    vsw_machine_free(machine);
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

/* Percent of the payload that goes between memory and caches. */
static uint64_t
dram_percent(const struct vsw_config *config)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome = NULL;
    struct vsw_trace *trace;
    struct vsw_error err = {0};
    uint64_t n_bytes, n_payload = 0;

    if (vsw_open_workload(&trace, config, &err)
        || vsw_simulate(&outcome, config, vsw_trace_workload(trace), &how,
                        &err)) {
        fail_msg("%s", err.text);
    }
    vsw_trace_close(trace);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_the_caches_stays_there),
        cmocka_unit_test(a_large_file_is_read_from_memory),
        cmocka_unit_test(a_long_ring_is_written_to_memory),
        cmocka_unit_test(a_copy_sends_from_the_send_buffer),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
