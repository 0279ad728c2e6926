/* SR-IOV: each guest drives a virtual function of the NIC, which switches
 * between them by address.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, sections 2.3 and 5.2.3; PCI-
 * SIG, Single Root I/O Virtualization 1.1; Intel 82599 datasheet, 7.10.
 *
 * Modelled: descriptors and data over the bus, twice for what goes from guest
 * to guest; a table of addresses; moderated interrupts through the hypervisor.
 * Left out: VLANs, access lists (such NICs have none), limits of rates. */
#include <vswsim/model.h>

#include "models/nic_ports.h"

struct sriov {
    struct nic_model common;    /* First. */
    uint32_t n_functions;
};

static const struct vsw_param sriov_params[] = {
    NIC_MODEL_PARAMS,
    NIC_FUNCTIONS_PARAM(struct sriov),
    VSW_PARAM_END,
};

static const char *const drivers[] = {"vf", "virtio_poll", NULL};

static const char *
sriov_check(const void *state, const struct vsw_model_facts *facts,
            char reason[VSW_MODEL_REASON_BYTES])
{
    const struct sriov *sriov = state;

    return nic_check_functions(sriov->n_functions, facts, reason);
}

static bool
decide(void *aux, struct vsw_eswitch *es, struct vsw_eswitch_job *job,
       struct vsw_rule *rule)
{
    rule->port = nic_macs_find(aux, es, job);
    return true;
}

static int
make_nic(struct nic_model *nm, struct vsw_switch *sw, struct vsw_error *err)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_contexts = n_guests * sw->n_queues,
        .n_guest_ports = n_guests,
        .decide = decide,
        .aux = nm->macs,
        .irq_gap_ns = nm->irq_gap_ns,
        .bus = nm->bus.bus,
    };
    int error;

    setup.n_places = nm->nic_pkts;
    nic_use_wires(sw, &setup);
    error = vsw_eswitch_init(&nm->nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(&nm->nic, sw, n_guests, err);
    if (!error) {
        vsw_eswitch_start(&nm->nic);
    }
    return error;
}

static int
sriov_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct sriov *sriov = vsw_switch_state(sw);
    int error = nic_model_init(&sriov->common, sw, 0, err);

    return error ? error : make_nic(&sriov->common, sw, err);
}

static void
sriov_fini(struct vsw_switch *sw)
{
    struct sriov *sriov = vsw_switch_state(sw);

    vsw_eswitch_fini(&sriov->common.nic);
}

const struct vsw_model_ops vsw_model_sriov = {
    .name = "sriov",
    .title = "SR-IOV: guests drive functions of a NIC that switches",
    .citation = "Ram, PhD thesis, Rice University, 2012, section 2.3; PCI-SIG "
                "SR-IOV 1.1",
    .modelled = "data over the bus, twice from guest to guest; a table of "
                "addresses; moderated interrupts through the hypervisor",
    .left_out = "VLANs, access lists, limits of rates",
    .params = sriov_params,
    .state_size_bytes = sizeof(struct sriov),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .n_cpus = nic_no_cpus,
    .check = sriov_check,
    .init = sriov_init,
    .fini = sriov_fini,
};
