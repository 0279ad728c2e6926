/* Open vSwitch with DPDK: a poll-mode loop over physical and vhost ports and
 * tap devices.
 *
 * Sources: lib/dpif-netdev.c and lib/netdev-dpdk.c of Open vSwitch 2.x; Pfaff
 * et al., "The Design and Implementation of Open vSwitch", NSDI 2015; Choi et
 * al., KVS, SoCC 2017, section 2, where it is a baseline.
 *
 * Modelled: one core that polls all ports in turn; bursts; a copy in and a
 * copy out at vhost ports, none at physical ones; tap devices with processes
 * behind them; flow keys, exact-match cache, megaflows and OpenFlow rules,
 * which are real tables; upcalls in the polling thread; groups of packets by
 * flow and by port; memory in huge pages, reserved whatever the load.
 * Left out: several polling threads, notifications, offloads, flows that
 * expire, tunnels, meters. */
#include <vswsim/model.h>
#include <vswsim/vhost.h>

#include "models/ovs_pmd_params.h"

static const struct vsw_param dpdk_ovs_params[] = {
    OVS_PMD_BURST_PARAM,
    OVS_PMD_PARAMS("mbufs in the pool of the switch",
                   "packet bytes that an mbuf and a guest descriptor hold"),
    VSW_PARAM_END,
};

static int
dpdk_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct ovs_pmd_model *model = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &model->pmd;
    int error = vsw_switch_make_ports(sw, model->mbuf_bytes, model->n_mbufs,
                                      err);

    error = error ? error : ovs_pmd_model_init(model, sw, err);
    pmd->ops_by_kind[VSW_PORT_GUEST] = &vsw_vhost_copy_ops;
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

const struct vsw_model_ops vsw_model_dpdk_ovs = {
    .name = "dpdk_ovs",
    .title = "Open vSwitch with DPDK: polling, two copies at vhost ports",
    .citation = "Open vSwitch, lib/dpif-netdev.c; Choi et al., KVS, SoCC "
                "2017, section 2",
    .modelled = "one polling core, bursts, vhost and physical ports, tap "
                "devices, exact-match cache, megaflows, OpenFlow rules, "
                "upcalls in the polling thread, groups by flow and port, huge "
                "pages reserved whatever the load",
    .left_out = "several polling threads, notifications, offloads, expiry of "
                "flows, tunnels, meters",
    .params = dpdk_ovs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .state_size_bytes = sizeof(struct ovs_pmd_model),
    .init = dpdk_ovs_init,
    .fini = ovs_pmd_model_fini,
};
