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
#include <vswsim/model.h>

#include "models/vepa/uplink.h"

struct vepa {
    struct vepa_uplink uplink;  /* First. */
    uint32_t n_functions;
};

static const struct vsw_param vepa_params[] = {
    NIC_MODEL_PARAMS,
    NIC_FUNCTIONS_PARAM(struct vepa),
    VEPA_UPLINK_PARAMS,
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
make_nic(struct vepa_uplink *uplink, struct vsw_switch *sw,
         struct vsw_error *err)
{
    struct vsw_eswitch *nic = &uplink->common.nic;
    struct vsw_eswitch_setup setup = vepa_nic_setup(uplink, sw);
    int error;

    setup.n_contexts = vsw_switch_n_guests(sw) * sw->n_queues;
    setup.irq_gap_ns = uplink->common.irq_gap_ns;
    error = vsw_eswitch_init(nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(nic, sw, setup.n_guest_ports,
                                              err);
    if (!error) {
        vsw_eswitch_start(nic);
    }
    return error;
}

static int
vepa_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vepa *vepa = vsw_switch_state(sw);
    int error = vepa_uplink_init(&vepa->uplink, sw, 0, err);

    return error ? error : make_nic(&vepa->uplink, sw, err);
}

static void
vepa_fini(struct vsw_switch *sw)
{
    struct vepa *vepa = vsw_switch_state(sw);

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
