/* VEPA with an agent in host software: a thread of the driver domain passes
 * what guests send to a NIC without a switch, and hands out what comes back
 * from the external switch.
 *
 * Source: IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, section
 * 2.3.3.
 *
 * Modelled: the thread of vmdq (vmdq/relay.h) with one queue of the NIC for
 * all guests, so that what arrives is told apart by address and copied; link
 * and external switch as with vepa.
 * Left out: as with vmdq and vepa. */
#include <vswsim/model.h>

#include "models/vepa/uplink.h"
#include "models/vmdq/relay.h"

struct vepa_agent {
    struct vepa_uplink uplink;  /* First. */
    uint32_t burst_pkts;
    struct vmdq_relay relay;
};

static const struct vsw_param vepa_agent_params[] = {
    NIC_MODEL_PARAMS,
    VMDQ_BURST_PARAM(struct vepa_agent),
    VEPA_UPLINK_PARAMS,
    VSW_PARAM_END,
};

static const char *const drivers[] = {
    "netfront", "virtio", "virtio_poll", NULL,
};

static int
make_relay(struct vepa_agent *agent, struct vsw_switch *sw,
           struct vsw_error *err)
{
    struct nic_model *common = &agent->uplink.common;
    const struct vmdq_setup relay = {
        .n_queues = 1,
        .burst_pkts = agent->burst_pkts,
        .buf_bytes = common->buf_bytes,
        .irq_gap_ns = common->irq_gap_ns,
        .macs = common->macs,
    };
    struct vsw_eswitch_setup nic = vepa_nic_setup(&agent->uplink, sw);
    int error = vmdq_relay_init(&agent->relay, sw, &relay, err);

    error = error ? error
                  : vmdq_relay_make_nic(&agent->relay, &common->nic, &nic,
                                        err);
    return error ? error : vmdq_relay_start(&agent->relay, err);
}

static int
vepa_agent_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vepa_agent *agent = vsw_switch_state(sw);
    int error = vepa_uplink_init(&agent->uplink, sw,
                                 vmdq_relay_n_bufs(sw, 0, 1), err);

    return error ? error : make_relay(agent, sw, err);
}

static void
vepa_agent_fini(struct vsw_switch *sw)
{
    struct vepa_agent *agent = vsw_switch_state(sw);

    vmdq_relay_fini(&agent->relay);
    vepa_uplink_fini(&agent->uplink);
}

const struct vsw_model_ops vsw_model_vepa_agent = {
    .name = "vepa_agent",
    .title = "VEPA with its agent in host software",
    .citation = "IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, "
                "section 2.3.3",
    .modelled = "a polling thread of the driver domain, which copies what "
                "comes back; a NIC that does not switch; the link to an "
                "external switch, which returns what is for a neighbour; "
                "clients behind it",
    .left_out = "grants, tags, groups",
    .params = vepa_agent_params,
    .state_size_bytes = sizeof(struct vepa_agent),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .init = vepa_agent_init,
    .fini = vepa_agent_fini,
};
