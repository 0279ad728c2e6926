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

static int
sriov_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct sriov *sriov = vsw_switch_state(sw);
    int error = nic_model_init(&sriov->common, sw, 0, err);

    error = error ? error
                  : nic_make_functions(&sriov->common, sw,
                                       vsw_switch_n_guests(sw), 0, err);
    if (!error) {
        vsw_eswitch_start(&sriov->common.nic);
    }
    return error;
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
