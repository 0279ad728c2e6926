/* VEPA: every packet of a guest goes to the external switch, also those for
 * a neighbour, which that sends back (reflective relay).
 *
 * Source: IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, section
 * 2.3.3.
 *
 * Modelled: an agent in the NIC, whose contexts guests drive directly: out to
 * the link whatever it is, in by address; a link of its own to an external
 * switch, which stores and forwards; clients behind that switch.
 * Left out: tags of 802.1Qbh (VN-tag), groups; an agent in host software is
 * vepa_agent. */
#include <errno.h>

#include <vswsim/model.h>

#include "models/nic_ports.h"
#include "models/vepa/uplink.h"

struct vepa {
    uint32_t buf_bytes;
    uint32_t nic_pkts;
    uint64_t irq_gap_ns;
    uint32_t n_functions;
    uint64_t link_rate_bps;
    uint64_t link_delay_ns;
    uint64_t ext_switch_ns;

    struct nic_bus bus;
    struct vsw_mactable *macs;
    struct vsw_eswitch nic;
    struct vepa_uplink uplink;
};

static const struct vsw_param vepa_params[] = {
    VSW_PARAM_U32(struct vepa, buf_bytes, 4096, 512, 65536,
                  "packet bytes that a guest's descriptor holds",
                  "design choice: a page"),
    VSW_PARAM_U32(struct vepa, nic_pkts, 512, 2, 65536,
                  "packets that the NIC holds",
                  "Intel 82599: 512 KB of packet memory"),
    VSW_PARAM_U64(struct vepa, irq_gap_ns, 100000, 0, 10000000,
                  "least time between two interrupts of a guest",
                  "Ram, section 5.2.3: 100 us or more"),
    VSW_PARAM_U32(struct vepa, n_functions, 64, 1, 1024,
                  "virtual functions of the NIC; each guest needs one",
                  "Intel 82599: 64; devices of 2010 had from 7 to 128"),
    VEPA_UPLINK_PARAMS(struct vepa),
    VSW_PARAM_END,
};

static const char *const drivers[] = {"vf", "virtio_poll", NULL};

static const char *
vepa_check(const void *state, const struct vsw_model_facts *facts,
           char reason[VSW_MODEL_REASON_BYTES])
{
    const struct vepa *vepa = state;

    return nic_check_functions(vepa->n_functions, facts, reason);
}

static int
make_nic(struct vepa *vepa, struct vsw_switch *sw, struct vsw_error *err)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_contexts = n_guests * sw->n_queues,
        .n_guest_ports = n_guests,
        .n_links = 1,
        .decide = vepa_decide,
        .aux = vepa->macs,
        .irq_gap_ns = vepa->irq_gap_ns,
        .bus = vepa->bus.bus,
    };
    int error;

    setup.n_places = vepa->nic_pkts;
    setup.links[0] = &vepa->uplink.link.ends[0];
    error = vsw_eswitch_init(&vepa->nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(&vepa->nic, sw, err);
    if (!error) {
        vsw_eswitch_start(&vepa->nic);
    }
    return error;
}

static int
vepa_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vepa *vepa = vsw_switch_state(sw);
    const struct vepa_uplink_setup uplink = {
        .link_rate_bps = vepa->link_rate_bps,
        .link_delay_ns = vepa->link_delay_ns,
        .ext_switch_ns = vepa->ext_switch_ns,
    };
    int error = vsw_switch_make_bare_ports(sw, vepa->buf_bytes, 0, err);

    error = error ? error : nic_bus_init(&vepa->bus, sw, err);
    if (error) {
        return error;
    }
    vepa->macs = nic_macs_new(sw);
    if (!vepa->macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    error = vepa_uplink_init(&vepa->uplink, sw, &uplink, err);
    return error ? error : make_nic(vepa, sw, err);
}

static void
vepa_fini(struct vsw_switch *sw)
{
    struct vepa *vepa = vsw_switch_state(sw);

    vsw_eswitch_fini(&vepa->nic);
    vepa_uplink_fini(&vepa->uplink);
}

const struct vsw_model_ops vsw_model_vepa = {
    .name = "vepa",
    .title = "VEPA: all packets go to the external switch and back",
    .citation = "IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, "
                "section 2.3.3",
    .modelled = "an agent in the NIC; the link to an external switch, which "
                "returns what is for a neighbour; clients behind it",
    .left_out = "tags, groups",
    .params = vepa_params,
    .state_size_bytes = sizeof(struct vepa),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .n_cpus = nic_no_cpus,
    .check = vepa_check,
    .init = vepa_init,
    .fini = vepa_fini,
};
