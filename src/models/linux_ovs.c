/* Open vSwitch with its datapath in the Linux kernel: softirqs that poll NICs,
 * vhost threads that serve guests, one switch in the context of either.
 *
 * Sources: Choi et al., KVS, SoCC 2017, where it is the baseline; Linux 3.x,
 * net/core/dev.c, net/openvswitch, drivers/vhost/net.c, ixgbe.
 *
 * Modelled: NAPI, an SKB and a data buffer per packet from slab caches, flow
 * key, software hash, flow table, upcalls to a daemon with a bounded queue,
 * queueing discipline, a doorbell per packet, cleaning up, loss at full
 * transmit rings and queues.
 * Left out: receive and segmentation offloads, several handler threads of the
 * daemon, expiry of flows, ksoftirqd. */
#include <vswsim/khost.h>
#include <vswsim/model.h>

#include "models/khost_params.h"

static const struct vsw_param linux_ovs_params[] = {
    KHOST_PARAMS(struct khost_model),
    KHOST_OVS_PARAMS(struct khost_model),
    VSW_PARAM_END,
};

static int
linux_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct khost_model *model = vsw_switch_state(sw);
    struct vsw_khost_setup setup = khost_setup(model);

    setup.kswitch.kind = VSW_KSWITCH_OVS;
    setup.skbs = VSW_SKB_SLAB;
    return vsw_khost_init(&model->host, sw, &setup, err);
}

const struct vsw_model_ops vsw_model_linux_ovs = {
    .name = "linux_ovs",
    .title = "Open vSwitch with its datapath in the Linux kernel",
    .citation = "Choi et al., KVS, SoCC 2017, section 2; Linux 3.x, "
                "net/openvswitch",
    .modelled = "NAPI, an SKB and a buffer per packet, flow key, software "
                "hash, flow table, upcalls to a daemon, queueing discipline, "
                "doorbells, vhost threads, loss at full rings and queues",
    .left_out = "offloads, several handler threads of the daemon, expiry of "
                "flows, ksoftirqd",
    .params = linux_ovs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = khost_drivers,
    .n_cpus = vsw_khost_n_cpus,
    .threads_block = true,
    .state_size_bytes = sizeof(struct khost_model),
    .init = linux_ovs_init,
    .fini = khost_model_fini,
};
