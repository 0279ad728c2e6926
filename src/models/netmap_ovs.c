/* Open vSwitch in user space whose ports are libpcap over netmap.
 *
 * Source: Rizzo, netmap and VALE slides (2014), "OVS userspace": up to three
 * million packets a second from NIC to NIC.
 *
 * Modelled: packets handed over one by one and copied on both sides; flow keys
 * and a flow table (no exact-match cache: later versions have one); rules and
 * upcalls in the same thread; one system call per burst and direction.
 * Left out: the thread of its own that does the input and output there, guests
 * and tap devices as ports. */
#include <vswsim/model.h>
#include <vswsim/netmap_port.h>
#include <vswsim/ovs_pmd.h>

#include "core/cost.h"

struct netmap_ovs {
    struct vsw_pmd pmd;
    struct vsw_ovs_pmd ovs;
    uint32_t burst_pkts;
    uint32_t n_bufs;
    uint32_t buf_bytes;
    uint32_t max_flows;
    uint32_t rules;
};

static const struct vsw_param netmap_ovs_params[] = {
    VSW_PARAM_U32(struct netmap_ovs, burst_pkts, 50, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "Open vSwitch 1.x, DP_NETDEV_MAX_BATCH; design choice"),
    VSW_PARAM_U32(struct netmap_ovs, n_bufs, 4096, VSW_MAX_BURST, 1 << 20,
                  "packet buffers of the switch", "design choice"),
    VSW_PARAM_U32(struct netmap_ovs, buf_bytes, 2048, 512, 65536,
                  "bytes of a buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_U32(struct netmap_ovs, max_flows, 65536, 1, 1 << 20,
                  "flows that fit", "Open vSwitch, MAX_FLOWS"),
    VSW_PARAM_ENUM(struct netmap_ovs, rules, VSW_FLOW_RULES_MAC,
                   vsw_flow_rules_kinds, 2,
                   "OpenFlow rules: one per address, or one per flow of the "
                   "trace",
                   "design choice"),
    VSW_PARAM_END,
};

static int
netmap_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct netmap_ovs *no = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &no->pmd;
    const struct vsw_ovs_pmd_setup setup = {
        .max_flows = no->max_flows,
        .rules = (enum vsw_flow_rules_kind) no->rules,
    };
    int error = vsw_switch_make_ports(sw, no->buf_bytes, no->n_bufs, err);

    if (!error) {
        error = vsw_ovs_pmd_init(&no->ovs, sw, &setup, err);
    }
    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, no->n_bufs,
                      no->buf_bytes);
    pmd->burst_pkts = no->burst_pkts;
    pmd->empty_cost = VSW_COST_SYSCALL;
    pmd->ops = &vsw_netmap_pcap_ops;
    pmd->decider = &vsw_ovs_pmd_decider;
    pmd->decider_aux = &no->ovs;
    return vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
netmap_ovs_fini(struct vsw_switch *sw)
{
    struct netmap_ovs *no = vsw_switch_state(sw);

    vsw_pmd_fini(&no->pmd);
    vsw_ovs_pmd_fini(&no->ovs);
}

const struct vsw_model_ops vsw_model_netmap_ovs = {
    .name = "netmap_ovs",
    .title = "Open vSwitch in user space with libpcap over netmap",
    .citation = "Rizzo, netmap and VALE slides, 2014",
    .modelled = "packets handed over one by one and copied on both sides, "
                "flow keys, flow table, rules, upcalls, one system call per "
                "burst and direction",
    .left_out = "the extra thread for input and output, an exact-match "
                "cache, guests and tap devices as ports",
    .params = netmap_ovs_params,
    .state_size_bytes = sizeof(struct netmap_ovs),
    .port_kinds = VSW_PORTS_WIRE,
    .init = netmap_ovs_init,
    .fini = netmap_ovs_fini,
};
