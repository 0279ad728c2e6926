#include "rig_switch.h"

#include <stdlib.h>
#include <string.h>

#include "vsw_test.h"

static void
make_switch(struct rig_switch *rs, const struct vsw_model_ops *ops,
            uint32_t n_ports, uint32_t n_slots, void (*set)(void *state))
{
    struct vsw_switch *sw = &rs->sw;
    struct vsw_error err;

    memset(sw, 0, sizeof *sw);
    memset(rs->arena, 0, sizeof rs->arena);
    vsw_arena_init(&sw->arena, rs->arena, sizeof rs->arena);
    rs->unit = &rs->rig.units[0];
    sw->sim = &rs->rig.sim;
    sw->ops = ops;
    sw->units = &rs->unit;
    sw->n_units = 1;
    sw->n_ports = n_ports;
    sw->n_queues = 1;
    sw->n_slots = n_slots;
    sw->guest_burst_pkts = 32;
    sw->pkts = &rs->pkts;
    sw->outcome = rs->outcome;
    vsw_sim_random(sw->sim, &sw->start, VSW_RANDOM_START_PHASE, 0);
    sw->state = calloc(1, ops->state_size_bytes);
    assert_non_null(sw->state);
    vsw_param_set_defaults(ops->params, sw->state);
    if (set) {
        set(sw->state);
    }
    if (ops->init(sw, &err)) {
        fail_msg("%s", err.text);
    }
}

void
rig_switch_init(struct rig_switch *rs, const char *name, uint32_t n_ports,
                uint32_t n_slots, void (*set)(void *state))
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS,
        .duration_ps = 500 * US,
        .seed = 3,
        .check = true,
    };

    rig_init(&rs->rig, 1 + n_ports, &options);
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        rig_set_cost(&rs->rig, i, 50 * NS);
    }
    rig_set_cost(&rs->rig, VSW_COST_COPY_BYTE, 100);
    rs->outcome = vsw_outcome_new(n_ports);
    assert_non_null(rs->outcome);
    assert_int_equal(
        vsw_pkts_init(&rs->pkts, n_ports * 2 * n_slots + 2048,
                      &rs->made.workload, rs->outcome), 0);
    make_switch(rs, vsw_model_find(name), n_ports, n_slots, set);
}

void
rig_switch_start(struct rig_switch *rs, const struct vsw_traffic_setup *setup)
{
    for (uint32_t i = 0; i < rs->sw.n_ports; i++) {
        struct vsw_traffic_setup s = *setup;
        struct vsw_random offset;

        s.workload = &rs->made.workload;
        s.port = i;
        s.n_queues = 1;
        vsw_sim_random(&rs->rig.sim, &offset, VSW_RANDOM_TRACE_OFFSET, i);
        memset(&rs->drivers[i], 0, sizeof rs->drivers[i]);
        vsw_traffic_init(&rs->drivers[i].traffic, &s, 0, &offset);
        assert_int_equal(
            vsw_virtio_poll_start(&rs->drivers[i], &rs->sw,
                                  &rs->sw.queues[i], &rs->rig.units[1 + i],
                                  0, 1000 * i), 0);
    }
}

void
rig_switch_fini(struct rig_switch *rs)
{
    for (uint32_t i = 0; i < rs->sw.n_ports; i++) {
        vsw_virtio_poll_fini(&rs->drivers[i]);
    }
    rs->sw.ops->fini(&rs->sw);
    vsw_switch_free_ports(&rs->sw);
    vsw_pkts_fini(&rs->pkts);
    vsw_outcome_free(rs->outcome);
    free(rs->sw.state);
    rig_fini(&rs->rig);
}
