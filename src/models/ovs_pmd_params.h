/* What the models of Open vSwitch with DPDK have in common. */
#ifndef MODELS_OVS_PMD_PARAMS_H
#define MODELS_OVS_PMD_PARAMS_H

#include <vswsim/ovs_pmd.h>
#include <vswsim/param.h>
#include <vswsim/switch.h>

/* The first member of each model's state. */
struct ovs_pmd_model {
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
    uint32_t n_tap_ports;
};

#define OVS_PMD_BURST_PARAM                                                  \
    VSW_PARAM_U32(struct ovs_pmd_model, burst_pkts, 32, 1, VSW_MAX_BURST,    \
                  "most packets taken from a port at once",                  \
                  "Open vSwitch, NETDEV_MAX_BURST")

/* With what mbufs are for, and what lies in one. */
#define OVS_PMD_PARAMS(MBUFS, MBUF)                                          \
    VSW_PARAM_U32(struct ovs_pmd_model, n_mbufs, 16384, 64, 1 << 20, MBUFS,  \
                  "Open vSwitch, MIN_NB_MBUF"),                              \
    VSW_PARAM_U32(struct ovs_pmd_model, mbuf_bytes, 2048, 512, 65536, MBUF,  \
                  "RTE_MBUF_DEFAULT_DATAROOM"),                              \
    VSW_PARAM_U32(struct ovs_pmd_model, emc_entries, VSW_EMC_OVS_ENTRIES, 2, \
                  65536, "entries of the exact-match cache, a power of two", \
                  "Open vSwitch, EM_FLOW_HASH_SHIFT"),                       \
    VSW_PARAM_U32(struct ovs_pmd_model, emc_inv_prob, VSW_EMC_OVS_INV_PROB,  \
                  0, 1000000,                                                \
                  "one flow in so many enters the exact-match cache; 0: "    \
                  "there is no cache",                                       \
                  "Open vSwitch, emc-insert-inv-prob"),                      \
    VSW_PARAM_U32(struct ovs_pmd_model, max_flows, 65536, 1, 1 << 20,        \
                  "megaflows that fit", "Open vSwitch, MAX_FLOWS"),          \
    VSW_PARAM_ENUM(struct ovs_pmd_model, rules, VSW_FLOW_RULES_MAC,          \
                   vsw_flow_rules_kinds, 2,                                  \
                   "OpenFlow rules: one per address, or one per flow of the "\
                   "trace",                                                  \
                   "design choice"),                                         \
    VSW_PARAM_U32(struct ovs_pmd_model, huge_pages_mib, 1024, 64, 1 << 20,   \
                  "memory that DPDK reserves in huge pages",                 \
                  "Open vSwitch, dpdk-socket-mem: 1024 for a node"),         \
    VSW_PARAM_U32(struct ovs_pmd_model, n_tap_ports, 0, 0, 64,               \
                  "of the guests, the last so many are processes on the "    \
                  "host behind tap devices",                                 \
                  "design choice")

/* What comes after the ports: tables, the pool of mbufs, and the loop, with
 * physical ports and tap devices.  Returns 0, or a negative errno value with
 * 'err' filled. */
int ovs_pmd_model_init(struct ovs_pmd_model *model, struct vsw_switch *sw,
                       struct vsw_error *err);

void ovs_pmd_model_fini(struct vsw_switch *sw);

#endif
