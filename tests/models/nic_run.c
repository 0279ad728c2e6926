#include "models/nic_run.h"

#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/param.h>

#include "io/run/simulate.h"
#include "made_machine.h"

static struct vsw_machine *machine;

int
nic_run_load(const char *name)
{
    return made_machine_load(&machine, name);
}

int
nic_run_setup(void **state)
{
    (void) state;
    return nic_run_load("xeon-w3520-xen-classic");
}

int
nic_run_teardown(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

/* UDP over IPv4 behind the MAC addresses. */
static void
make_header(uint8_t *h, uint32_t flow)
{
    const uint8_t ip[28] = {
        0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,
        10, 0, 0, (uint8_t) flow, 11, 0, 0, (uint8_t) flow,
        0x10, (uint8_t) flow, 0, 53, 0, 26, 0, 0,
    };

    h[12] = 8;
    h[13] = 0;
    memcpy(h + 14, ip, sizeof ip);
}

void
nic_run_init(struct nic_run *r, const char *model, uint32_t n_guests,
             uint32_t n_wires, uint32_t n_flows, uint32_t n_pkts,
             uint32_t frame_bytes, uint64_t gap_ns)
{
    const struct vsw_model_ops *ops = vsw_model_find(model);

    assert_non_null(ops);
    made_init(&r->made, n_guests + n_wires, n_flows);
    for (uint32_t i = 0; i < n_flows; i++) {
        make_header(r->made.flows[i].header, i);
    }
    made_fill(&r->made, n_pkts, 2000, gap_ns, frame_bytes);
    r->config = made_config(machine, ops, r->params, n_guests);
    r->config.wires.n = n_wires;
    r->config.traffic.pacing = VSW_PACING_RECORDED;
    r->config.traffic.n_loops = 1;
    r->config.run.warmup_us = 0;
    r->config.run.duration_us = 4000;
}

void
nic_run_set(struct nic_run *r, const char *name, uint64_t value)
{
    const struct vsw_param *params = r->config.model->params;

    for (uint32_t i = 0; params[i].name; i++) {
        if (!strcmp(params[i].name, name)) {
            r->params[i] = value;
            return;
        }
    }
    fail_msg("no parameter %s", name);
}

struct vsw_outcome *
nic_run(struct nic_run *r)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome = NULL;
    struct vsw_error err = {0};

    if (vsw_simulate(&outcome, &r->config, &r->made.workload, &how, &err)) {
        fail_msg("%s", err.text);
    }
    return outcome;
}

void
nic_run_refused(struct nic_run *r, const char *text)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_outcome *outcome = NULL;
    struct vsw_error err = {0};

    assert_int_not_equal(vsw_simulate(&outcome, &r->config, &r->made.workload,
                                      &how, &err), 0);
    if (!strstr(err.text, text)) {
        fail_msg("expected \"%s\" in: %s", text, err.text);
    }
}

uint64_t
nic_run_counter(const struct vsw_outcome *o, const char *name)
{
    for (size_t i = 0; i < o->n_counters; i++) {
        if (!strcmp(o->counters[i].name, name)) {
            return o->counters[i].value;
        }
    }
    fail_msg("no counter %s", name);
    return 0;
}
