/* Open vSwitch with DPDK: a poll-mode loop over physical and vhost
 * ports.
 *
 * Sources: lib/dpif-netdev.c and lib/netdev-dpdk.c of Open vSwitch 2.x; Pfaff
 * et al., "The Design and Implementation of Open vSwitch", NSDI 2015; Choi et
 * al., KVS, SoCC 2017, section 2, where it is a baseline.
 *
 * Modelled: one core that polls all ports in turn; bursts; a copy in and a
 * copy out at vhost ports, none at physical ones; flow keys, exact-match
 * cache, megaflows and OpenFlow rules, which are real tables; upcalls in the
 * polling thread; groups of packets by flow and by port; memory in huge pages,
 * reserved whatever the load.
 * Left out: several polling threads, notifications, offloads, flows that
 * expire, tunnels, meters. */
#include <vswsim/model.h>
#include <vswsim/nic_port.h>
#include <vswsim/ovs_pmd.h>
#include <vswsim/vhost.h>

#define MIB_BYTES (UINT64_C(1) << 20)

struct dpdk_ovs {
    struct vsw_pmd pmd;
    struct vsw_ovs_pmd ovs;
    uint32_t burst_pkts;
    uint32_t n_mbufs;
    uint32_t mbuf_bytes;
    uint32_t emc_entries;
    uint32_t emc_inv_prob;
    uint32_t max_flows;
    uint32_t rules;
    uint32_t huge_pages_mib;
};

static const struct vsw_param dpdk_ovs_params[] = {
    VSW_PARAM_U32(struct dpdk_ovs, burst_pkts, 32, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "Open vSwitch, NETDEV_MAX_BURST"),
    VSW_PARAM_U32(struct dpdk_ovs, n_mbufs, 16384, 64, 1 << 20,
                  "mbufs in the pool of the switch",
                  "Open vSwitch, MIN_NB_MBUF"),
    VSW_PARAM_U32(struct dpdk_ovs, mbuf_bytes, 2048, 512, 65536,
                  "packet bytes that an mbuf and a guest descriptor hold",
                  "RTE_MBUF_DEFAULT_DATAROOM"),
    VSW_PARAM_U32(struct dpdk_ovs, emc_entries, VSW_EMC_OVS_ENTRIES, 2,
                  65536, "entries of the exact-match cache, a power of two",
                  "Open vSwitch, EM_FLOW_HASH_SHIFT"),
    VSW_PARAM_U32(struct dpdk_ovs, emc_inv_prob, VSW_EMC_OVS_INV_PROB, 0,
                  1000000,
                  "one flow in so many enters the exact-match cache; 0: there "
                  "is no cache",
                  "Open vSwitch, emc-insert-inv-prob"),
    VSW_PARAM_U32(struct dpdk_ovs, max_flows, 65536, 1, 1 << 20,
                  "megaflows that fit", "Open vSwitch, MAX_FLOWS"),
    VSW_PARAM_ENUM(struct dpdk_ovs, rules, VSW_FLOW_RULES_MAC,
                   vsw_flow_rules_kinds, 2,
                   "OpenFlow rules: one per address, or one per flow of the "
                   "trace",
                   "design choice"),
    VSW_PARAM_U32(struct dpdk_ovs, huge_pages_mib, 1024, 64, 1 << 20,
                  "memory that DPDK reserves in huge pages",
                  "Open vSwitch, dpdk-socket-mem: 1024 for a node"),
    VSW_PARAM_END,
};

static int
dpdk_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct dpdk_ovs *dpdk = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &dpdk->pmd;
    const struct vsw_ovs_pmd_setup setup = {
        .emc_entries = dpdk->emc_inv_prob ? dpdk->emc_entries : 0,
        .emc_inv_prob = dpdk->emc_inv_prob,
        .max_flows = dpdk->max_flows,
        .rules = (enum vsw_flow_rules_kind) dpdk->rules,
    };
    int error = vsw_switch_make_ports(sw, dpdk->mbuf_bytes, dpdk->n_mbufs,
                                      err);

    if (!error) {
        error = vsw_ovs_pmd_init(&dpdk->ovs, sw, &setup, err);
    }
    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, dpdk->n_mbufs,
                      dpdk->mbuf_bytes);
    pmd->burst_pkts = dpdk->burst_pkts;
    pmd->ops_by_kind[VSW_PORT_GUEST] = &vsw_vhost_copy_ops;
    pmd->ops_by_kind[VSW_PORT_WIRE] = &vsw_nic_port_ops;
    pmd->decider = &vsw_ovs_pmd_decider;
    pmd->decider_aux = &dpdk->ovs;
    error = vsw_switch_add_memory(sw, "huge_pages",
                                  dpdk->huge_pages_mib * MIB_BYTES);
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
dpdk_ovs_fini(struct vsw_switch *sw)
{
    struct dpdk_ovs *dpdk = vsw_switch_state(sw);

    vsw_pmd_fini(&dpdk->pmd);
    vsw_ovs_pmd_fini(&dpdk->ovs);
}

const struct vsw_model_ops vsw_model_dpdk_ovs = {
    .name = "dpdk_ovs",
    .title = "Open vSwitch with DPDK: polling, two copies at vhost ports",
    .citation = "Open vSwitch, lib/dpif-netdev.c; Choi et al., KVS, SoCC "
                "2017, section 2",
    .modelled = "one polling core, bursts, exact-match cache, megaflows, "
                "OpenFlow rules, upcalls in the polling thread, groups by "
                "flow and port, huge pages reserved whatever the load",
    .left_out = "several polling threads, notifications, offloads, expiry of "
                "flows, tunnels, meters",
    .params = dpdk_ovs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .state_size_bytes = sizeof(struct dpdk_ovs),
    .init = dpdk_ovs_init,
    .fini = dpdk_ovs_fini,
};
