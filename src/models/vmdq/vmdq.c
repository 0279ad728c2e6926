/* VMDq: a NIC with a queue for each guest, which the driver domain owns.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, section 2.3; Santos,
 * Turner, Janakiraman and Pratt, Bridging the gap between software and
 * hardware techniques for I/O virtualization, USENIX ATC 2008.
 *
 * Modelled: a polling thread of the driver domain between guests and queues;
 * the NIC tells packets apart by address and writes them into buffers of the
 * guest, which saves the copy on reception; what goes from guest to guest
 * crosses the bus twice; more guests than queues share the last one, whose
 * packets are copied.
 * Left out: grants (buffers are mapped once and kept), VLANs, access lists,
 * broadcasts. */
#include <vswsim/model.h>

#include "models/nic_ports.h"
#include "models/vmdq/relay.h"

struct vmdq {
    struct nic_model common;    /* First. */
    uint32_t n_queues;
    uint32_t burst_pkts;
    struct vmdq_relay relay;
};

static const struct vsw_param vmdq_params[] = {
    NIC_MODEL_PARAMS,
    VSW_PARAM_U32(struct vmdq, n_queues, 64, 1, 1024,
                  "queue pairs of the NIC; guests beyond them share the last",
                  "Intel 82599: 64 pools; 82598: 16"),
    VMDQ_BURST_PARAM(struct vmdq),
    VSW_PARAM_END,
};

static const char *const drivers[] = {
    "netfront", "virtio", "virtio_poll", NULL,
};

static int
make_relay(struct vmdq *vmdq, struct vsw_switch *sw, struct vsw_error *err)
{
    const struct vmdq_setup setup = {
        .n_queues = vmdq->n_queues,
        .burst_pkts = vmdq->burst_pkts,
        .buf_bytes = vmdq->common.buf_bytes,
        .irq_gap_ns = vmdq->common.irq_gap_ns,
        .macs = vmdq->common.macs,
    };
    const struct nic_counter counter = {
        "shared_queue_pkts", "1", &vmdq->relay.n_shared,
    };
    int error = vmdq_relay_init(&vmdq->relay, sw, &setup, err);

    return error ? error : nic_add_counters(sw, &counter, 1, err);
}

static int
make_nic(struct vmdq *vmdq, struct vsw_switch *sw, struct vsw_error *err)
{
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_guest_ports = vsw_switch_n_guests(sw),
        .decide = nic_decide_by_mac,
        .aux = vmdq->common.macs,
        .bus = vmdq->common.bus.bus,
    };

    setup.n_places = vmdq->common.nic_pkts;
    nic_use_wires(sw, &setup);
    return vmdq_relay_make_nic(&vmdq->relay, &vmdq->common.nic, &setup, err);
}

static int
vmdq_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vmdq *vmdq = vsw_switch_state(sw);
    uint32_t n_pairs = vsw_switch_n_guests(sw) * sw->n_queues;
    uint32_t n_queues = vmdq->n_queues < n_pairs ? vmdq->n_queues : n_pairs;
    int error = nic_model_init(&vmdq->common, sw,
                               vmdq_relay_n_bufs(sw, 0, n_queues), err);

    error = error ? error : make_relay(vmdq, sw, err);
    error = error ? error : make_nic(vmdq, sw, err);
    return error ? error : vmdq_relay_start(&vmdq->relay, err);
}

static void
vmdq_fini(struct vsw_switch *sw)
{
    struct vmdq *vmdq = vsw_switch_state(sw);

    vsw_eswitch_fini(&vmdq->common.nic);
    vmdq_relay_fini(&vmdq->relay);
}

const struct vsw_model_ops vsw_model_vmdq = {
    .name = "vmdq",
    .title = "VMDq: the driver domain gives each guest a queue of a NIC",
    .citation = "Ram, PhD thesis, Rice University, 2012, section 2.3; Santos "
                "et al., USENIX ATC 2008",
    .modelled = "a polling thread of the driver domain; demultiplexing by "
                "address in the NIC, into buffers of guests; data over the "
                "bus twice from guest to guest; a shared last queue, whose "
                "packets are copied",
    .left_out = "grants, VLANs, access lists, broadcasts",
    .params = vmdq_params,
    .state_size_bytes = sizeof(struct vmdq),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .init = vmdq_init,
    .fini = vmdq_fini,
};
