/* Linux bridge with netfilter, on the host.
 *
 * Sources: Ram, PhD thesis (Rice University, 2013), section 5.4, where it runs
 * in a driver domain (see xen_netback); Linux net/bridge and
 * net/ipv4/netfilter.
 *
 * Modelled: NAPI and SKBs as in linux_ovs; the learning bridge's MAC table;
 * the hooks of br_netfilter; the FORWARD chain, every rule compared in order
 * for each packet; vhost threads for guests.
 * Left out: spanning tree, ebtables, connection tracking, flooding to more
 * than one port. */
#include <vswsim/khost.h>
#include <vswsim/model.h>

#include "models/khost_params.h"

static const struct vsw_param linux_bridge_params[] = {
    KHOST_PARAMS(struct khost_model),
    VSW_PARAM_END,
};

static int
linux_bridge_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct khost_model *model = vsw_switch_state(sw);
    struct vsw_khost_setup setup = khost_setup(model);

    setup.kswitch.kind = VSW_KSWITCH_BRIDGE;
    setup.kswitch.netfilter = true;
    setup.kswitch.daemon.limit_pkts = 1;
    setup.skbs = VSW_SKB_SLAB;
    return vsw_khost_init(&model->host, sw, &setup, err);
}

const struct vsw_model_ops vsw_model_linux_bridge = {
    .name = "linux_bridge",
    .title = "Linux bridge with netfilter rules",
    .citation = "Ram, PhD thesis, Rice University, 2013, section 5.4; Linux "
                "3.x, net/bridge",
    .modelled = "NAPI, an SKB and a buffer per packet, MAC learning, every "
                "rule of the FORWARD chain compared in order, queueing "
                "discipline, doorbells, vhost threads",
    .left_out = "spanning tree, ebtables, connection tracking, flooding to "
                "more than one port",
    .params = linux_bridge_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = khost_drivers,
    .n_cpus = vsw_khost_n_cpus,
    .threads_block = true,
    .state_size_bytes = sizeof(struct khost_model),
    .init = linux_bridge_init,
    .fini = khost_model_fini,
};
