/* SR-IOV: each guest drives a virtual function of the NIC, which switches
 * between them by address.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, sections 2.3 and 5.2.3; PCI-
 * SIG, Single Root I/O Virtualization 1.1; Intel 82599 datasheet, 7.10.
 *
 * Modelled: descriptors and data over the bus, twice for what goes from guest
 * to guest; a table of addresses; moderated interrupts through the hypervisor.
 * Left out: VLANs, access lists (such NICs have none), limits of rates. */
#include <errno.h>

#include <vswsim/model.h>

#include "models/nic_ports.h"

struct sriov {
    uint32_t buf_bytes;
    uint32_t nic_pkts;
    uint64_t irq_gap_ns;
    uint32_t n_functions;

    struct nic_bus bus;
    struct vsw_mactable *macs;
    struct vsw_eswitch nic;
};

static const struct vsw_param sriov_params[] = {
    VSW_PARAM_U32(struct sriov, buf_bytes, 4096, 512, 65536,
                  "packet bytes that a guest's descriptor holds",
                  "design choice: a page"),
    VSW_PARAM_U32(struct sriov, nic_pkts, 512, 2, 65536,
                  "packets that the NIC holds",
                  "Intel 82599: 512 KB of packet memory"),
    VSW_PARAM_U64(struct sriov, irq_gap_ns, 100000, 0, 10000000,
                  "least time between two interrupts of a guest",
                  "Ram, section 5.2.3: 100 us or more"),
    VSW_PARAM_U32(struct sriov, n_functions, 64, 1, 1024,
                  "virtual functions of the NIC; each guest needs one",
                  "Intel 82599: 64; devices of 2010 had from 7 to 128"),
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
    const struct sriov *sriov = aux;

    rule->port = nic_macs_find(sriov->macs, es, job);
    return true;
}

static int
sriov_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct sriov *sriov = vsw_switch_state(sw);
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_contexts = n_guests * sw->n_queues,
        .n_guest_ports = n_guests,
        .decide = decide,
        .aux = sriov,
        .irq_gap_ns = sriov->irq_gap_ns,
    };
    int error = vsw_switch_make_bare_ports(sw, sriov->buf_bytes, 0, err);

    error = error ? error : nic_bus_init(&sriov->bus, sw, err);
    if (error) {
        return error;
    }
    setup.bus = sriov->bus.bus;
    setup.n_places = sriov->nic_pkts;
    nic_use_wires(sw, &setup);
    sriov->macs = nic_macs_new(sw);
    if (!sriov->macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    error = vsw_eswitch_init(&sriov->nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(&sriov->nic, sw, err);
    if (!error) {
        vsw_eswitch_start(&sriov->nic);
    }
    return error;
}

static void
sriov_fini(struct vsw_switch *sw)
{
    struct sriov *sriov = vsw_switch_state(sw);

    vsw_eswitch_fini(&sriov->nic);
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
