/* ZCopy-OVS: Open vSwitch with DPDK whose vhost ports remap pages.
 *
 * Source: Wang and Hua, "ZCopy-vhost", IEEE Access 2019, section VI, where it
 * is ZCopy-vhost's ports under Open vSwitch; lib/dpif-netdev.c.
 *
 * Modelled: what dpdk_ovs is made of, with the five phases of remapping at
 * vhost ports; pages and mbufs in pools of their own; a packet between a vhost
 * port and a physical one, either way, is copied.
 * Left out: what dpdk_ovs and zcopy_vhost leave out; ports of other types. */
#include <vswsim/model.h>
#include <vswsim/nic_port.h>
#include <vswsim/ovs_pmd.h>
#include <vswsim/vhost.h>

#define MIB_BYTES  (UINT64_C(1) << 20)
#define PAGE_BYTES 4096

struct zcopy_ovs {
    struct vsw_pmd pmd;
    struct vsw_ovs_pmd ovs;
    struct vsw_vhost_remap remap;
    uint32_t burst_pkts;
    uint32_t n_pages;
    uint32_t n_mbufs;
    uint32_t mbuf_bytes;
    uint32_t emc_entries;
    uint32_t emc_inv_prob;
    uint32_t max_flows;
    uint32_t rules;
    uint32_t huge_pages_mib;
};

static const struct vsw_param zcopy_ovs_params[] = {
    VSW_PARAM_U32(struct zcopy_ovs, burst_pkts, 32, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "Open vSwitch, NETDEV_MAX_BURST"),
    VSW_PARAM_U32(struct zcopy_ovs, n_pages, 8192, 64, 1 << 20,
                  "free pages in the shared area of the host",
                  "design choice"),
    VSW_PARAM_U32(struct zcopy_ovs, n_mbufs, 16384, 64, 1 << 20,
                  "mbufs for physical ports",
                  "Open vSwitch, MIN_NB_MBUF"),
    VSW_PARAM_U32(struct zcopy_ovs, mbuf_bytes, 2048, 512, 65536,
                  "packet bytes that an mbuf holds",
                  "RTE_MBUF_DEFAULT_DATAROOM"),
    VSW_PARAM_U32(struct zcopy_ovs, emc_entries, VSW_EMC_OVS_ENTRIES, 2,
                  65536, "entries of the exact-match cache, a power of two",
                  "Open vSwitch, EM_FLOW_HASH_SHIFT"),
    VSW_PARAM_U32(struct zcopy_ovs, emc_inv_prob, VSW_EMC_OVS_INV_PROB, 0,
                  1000000,
                  "one flow in so many enters the exact-match cache; 0: there "
                  "is no cache",
                  "Open vSwitch, emc-insert-inv-prob"),
    VSW_PARAM_U32(struct zcopy_ovs, max_flows, 65536, 1, 1 << 20,
                  "megaflows that fit", "Open vSwitch, MAX_FLOWS"),
    VSW_PARAM_ENUM(struct zcopy_ovs, rules, VSW_FLOW_RULES_MAC,
                   vsw_flow_rules_kinds, 2,
                   "OpenFlow rules: one per address, or one per flow of the "
                   "trace",
                   "design choice"),
    VSW_PARAM_U32(struct zcopy_ovs, huge_pages_mib, 1024, 64, 1 << 20,
                  "memory that DPDK reserves in huge pages",
                  "Open vSwitch, dpdk-socket-mem: 1024 for a node"),
    VSW_PARAM_END,
};

static int
zcopy_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct zcopy_ovs *zo = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &zo->pmd;
    const struct vsw_ovs_pmd_setup setup = {
        .emc_entries = zo->emc_inv_prob ? zo->emc_entries : 0,
        .emc_inv_prob = zo->emc_inv_prob,
        .max_flows = zo->max_flows,
        .rules = (enum vsw_flow_rules_kind) zo->rules,
    };
    int error;

    sw->wire_buf_bytes = zo->mbuf_bytes;
    error = vsw_switch_make_ports(sw, PAGE_BYTES, zo->n_pages + zo->n_mbufs,
                                  err);

    if (!error) {
        error = vsw_ovs_pmd_init(&zo->ovs, sw, &setup, err);
    }
    if (error) {
        return error;
    }
    zo->remap = (struct vsw_vhost_remap) {.reverse_map = true};
    vsw_pmd_make_pool(pmd, VSW_PMD_PAGES, &sw->bufs, zo->n_pages,
                      PAGE_BYTES);
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, zo->n_mbufs,
                      zo->mbuf_bytes);
    pmd->burst_pkts = zo->burst_pkts;
    pmd->ops_by_kind[VSW_PORT_GUEST] = &vsw_vhost_remap_ops;
    pmd->ops_by_kind[VSW_PORT_WIRE] = &vsw_nic_port_ops;
    pmd->mixed_ops[VSW_PORT_GUEST] = &vsw_vhost_copy_ops;
    pmd->mixed_ops[VSW_PORT_WIRE] = &vsw_nic_copy_ops;
    pmd->ops_aux = &zo->remap;
    pmd->decider = &vsw_ovs_pmd_decider;
    pmd->decider_aux = &zo->ovs;
    error = vsw_switch_add_memory(sw, "huge_pages",
                                  zo->huge_pages_mib * MIB_BYTES);
    error = error ? error
                  : vsw_vhost_remap_describe(&zo->remap, sw,
                                             vsw_switch_n_guests(sw),
                                             zo->n_pages);
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
zcopy_ovs_fini(struct vsw_switch *sw)
{
    struct zcopy_ovs *zo = vsw_switch_state(sw);

    vsw_pmd_fini(&zo->pmd);
    vsw_ovs_pmd_fini(&zo->ovs);
}

const struct vsw_model_ops vsw_model_zcopy_ovs = {
    .name = "zcopy_ovs",
    .title = "ZCopy-OVS: Open vSwitch with DPDK, pages remapped between "
             "guests",
    .citation = "Wang and Hua, ZCopy-vhost, IEEE Access 2019, section VI",
    .modelled = "one polling core, Open vSwitch's tables, five phases of "
                "remapping between vhost ports, a copy between a vhost port "
                "and a physical one",
    .left_out = "several polling threads, notifications, offloads, expiry of "
                "flows, ports of other types",
    .params = zcopy_ovs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .state_size_bytes = sizeof(struct zcopy_ovs),
    .init = zcopy_ovs_init,
    .fini = zcopy_ovs_fini,
};
