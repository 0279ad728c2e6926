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
#include <errno.h>

#include <vswsim/model.h>

#include "models/nic_ports.h"
#include "models/vepa/uplink.h"
#include "models/vmdq/relay.h"

struct vepa_agent {
    uint32_t buf_bytes;
    uint32_t nic_pkts;
    uint32_t burst_pkts;
    uint64_t irq_gap_ns;
    uint64_t link_rate_bps;
    uint64_t link_delay_ns;
    uint64_t ext_switch_ns;

    struct nic_bus bus;
    struct vsw_mactable *macs;
    struct vsw_eswitch nic;
    struct vmdq_relay relay;
    struct vepa_uplink uplink;
};

static const struct vsw_param vepa_agent_params[] = {
    VSW_PARAM_U32(struct vepa_agent, buf_bytes, 4096, 512, 65536,
                  "packet bytes that a guest's descriptor holds",
                  "design choice: a page"),
    VSW_PARAM_U32(struct vepa_agent, nic_pkts, 512, 2, 65536,
                  "packets that the NIC holds",
                  "Intel 82599: 512 KB of packet memory"),
    VSW_PARAM_U32(struct vepa_agent, burst_pkts, 32, 1, 1024,
                  "most packets taken from a ring at once",
                  "design choice: as poll-mode drivers do"),
    VSW_PARAM_U64(struct vepa_agent, irq_gap_ns, 100000, 0, 10000000,
                  "least time between two interrupts of a guest",
                  "Ram, section 5.2.3: 100 us or more"),
    VEPA_UPLINK_PARAMS(struct vepa_agent),
    VSW_PARAM_END,
};

static const char *const drivers[] = {
    "netfront", "virtio", "virtio_poll", NULL,
};

static int
make_relay(struct vepa_agent *agent, struct vsw_switch *sw,
           struct vsw_error *err)
{
    const struct vmdq_setup setup = {
        .n_queues = 1,
        .burst_pkts = agent->burst_pkts,
        .buf_bytes = agent->buf_bytes,
        .irq_gap_ns = agent->irq_gap_ns,
        .macs = agent->macs,
    };

    return vmdq_relay_init(&agent->relay, sw, &setup, err);
}

static int
make_nic(struct vepa_agent *agent, struct vsw_switch *sw,
         struct vsw_error *err)
{
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_guest_ports = vsw_switch_n_guests(sw),
        .n_links = 1,
        .decide = vepa_decide,
        .aux = agent->macs,
        .bus = agent->bus.bus,
    };

    setup.n_places = agent->nic_pkts;
    setup.links[0] = &agent->uplink.link.ends[0];
    return vmdq_relay_make_nic(&agent->relay, &agent->nic, &setup, err);
}

static int
vepa_agent_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vepa_agent *agent = vsw_switch_state(sw);
    const struct vepa_uplink_setup uplink = {
        .link_rate_bps = agent->link_rate_bps,
        .link_delay_ns = agent->link_delay_ns,
        .ext_switch_ns = agent->ext_switch_ns,
    };
    int error = vsw_switch_make_bare_ports(
        sw, agent->buf_bytes, vmdq_relay_n_bufs(sw, 1), err);

    error = error ? error : nic_bus_init(&agent->bus, sw, err);
    if (error) {
        return error;
    }
    agent->macs = nic_macs_new(sw);
    if (!agent->macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    error = vepa_uplink_init(&agent->uplink, sw, &uplink, err);
    error = error ? error : make_relay(agent, sw, err);
    error = error ? error : make_nic(agent, sw, err);
    if (error) {
        return error;
    }
    vsw_eswitch_start(&agent->nic);
    return vmdq_relay_start(&agent->relay);
}

static void
vepa_agent_fini(struct vsw_switch *sw)
{
    struct vepa_agent *agent = vsw_switch_state(sw);

    vsw_eswitch_fini(&agent->nic);
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
