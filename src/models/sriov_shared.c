/* SR-IOV with fewer functions than guests: the last function is the driver
 * domain's, which relays for all guests that have none of their own.
 *
 * Source: as sriov and vmdq.
 *
 * Modelled: guests with a function as in sriov; for the others the thread of
 * vmdq (vmdq/relay.h) with one queue, so that what arrives for them is told
 * apart by address and copied.  If each guest has a function there is no
 * thread to do anything.  Guests of driver "vf" without a function have
 * a paravirtual driver, which enters the hypervisor as virtio does and whose
 * stack costs the same.
 * Left out: as in sriov and vmdq. */
#include <vswsim/model.h>

#include "models/nic_ports.h"
#include "models/vmdq/relay.h"

struct sriov_shared {
    struct nic_model common;    /* First. */
    uint32_t n_functions;
    uint32_t burst_pkts;
    struct vmdq_relay relay;
};

static const struct vsw_param sriov_shared_params[] = {
    NIC_MODEL_PARAMS,
    VSW_PARAM_U32(struct sriov_shared, n_functions, 64, 1, 1024,
                  "virtual functions of the NIC; if there are more guests, "
                  "those that find none share the last",
                  "Intel 82599: 64; devices of 2010 had from 7 to 128"),
    VMDQ_BURST_PARAM(struct sriov_shared),
    VSW_PARAM_END,
};

static const char *const drivers[] = {"vf", "virtio_poll", NULL};

/* Guests that drive a function. */
static uint32_t
n_direct(const struct sriov_shared *s, const struct vsw_switch *sw)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);

    return n_guests <= s->n_functions ? n_guests : s->n_functions - 1;
}

static bool
has_relay(const struct sriov_shared *s, const struct vsw_switch *sw)
{
    return n_direct(s, sw) < vsw_switch_n_guests(sw);
}

static int
start_relay(struct sriov_shared *s, struct vsw_switch *sw,
            struct vsw_error *err)
{
    const struct vmdq_setup setup = {
        .first = n_direct(s, sw) * sw->n_queues,
        .n_queues = 1,
        .burst_pkts = s->burst_pkts,
        .buf_bytes = s->common.buf_bytes,
        .irq_gap_ns = s->common.irq_gap_ns,
        .macs = s->common.macs,
    };
    int error = vmdq_relay_init(&s->relay, sw, &setup, err);

    error = error ? error
                  : vmdq_relay_attach(&s->relay, &s->common.nic, setup.first,
                                      err);
    return error ? error : vmdq_relay_start(&s->relay, err);
}

static int
sriov_shared_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct sriov_shared *s = vsw_switch_state(sw);
    const struct nic_counter counter = {
        "shared_queue_pkts", "1", &s->relay.n_shared,
    };
    uint32_t first = n_direct(s, sw) * sw->n_queues;
    uint32_t n_bufs = has_relay(s, sw) ? vmdq_relay_n_bufs(sw, first, 1) : 0;
    int error = nic_model_init(&s->common, sw, n_bufs, err);

    error = error ? error
                  : nic_make_functions(&s->common, sw, n_direct(s, sw),
                                       has_relay(s, sw), err);
    error = error ? error : nic_add_counters(sw, &counter, 1, err);
    if (error) {
        return error;
    }
    if (has_relay(s, sw)) {
        return start_relay(s, sw, err);
    }
    vsw_eswitch_start(&s->common.nic);
    return 0;
}

static void
sriov_shared_fini(struct vsw_switch *sw)
{
    struct sriov_shared *s = vsw_switch_state(sw);

    vsw_eswitch_fini(&s->common.nic);
    vmdq_relay_fini(&s->relay);
}

const struct vsw_model_ops vsw_model_sriov_shared = {
    .name = "sriov_shared",
    .title = "SR-IOV with fewer functions than guests; the rest share one",
    .citation = "Ram, PhD thesis, Rice University, 2012, section 2.3; Santos "
                "et al., USENIX ATC 2008",
    .modelled = "guests with a function as in sriov; a polling thread of the "
                "driver domain, with one queue, for the others, whose "
                "packets are copied when they receive",
    .left_out = "VLANs, access lists, limits of rates, grants",
    .params = sriov_shared_params,
    .state_size_bytes = sizeof(struct sriov_shared),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .init = sriov_shared_init,
    .fini = sriov_shared_fini,
};
