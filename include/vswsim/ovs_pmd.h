/* Open vSwitch in user space: how a poll-mode loop finds ports with it.
 *
 * Stages over a burst, as dp_netdev_input() has them: extract the flow key of
 * each packet and look it up in the exact-match cache, by the hash of the NIC
 * or, for a packet that came from a guest, one that is computed; search the
 * megaflows for those that missed, subtable after subtable; translate what is
 * left by the OpenFlow tables, at once and in this thread, and install a
 * megaflow for it (or leave that to another thread, ovs_main.h); gather the
 * packets of each flow and execute its actions once per group.
 *
 * Source: lib/dpif-netdev.c of Open vSwitch 2.x: dfc_processing(),
 * fast_path_processing(), packet_batch_per_flow_execute().
 *
 * Left out: subtables sorted by use once a second, the signature-match cache
 * of later versions, flows that expire, recirculation, meters.
 *
 * Costs: FLOW_EXTRACT, HASH_SOFT, EMC_LOOKUP, EMC_INSERT, SUBTABLE,
 * UPCALL_INLINE, FLOW_BATCH, FLOW_PKT, MAC_SWITCH_BATCH.
 *
 * Thread-safety: none; one per polling thread, as in Open vSwitch. */
#ifndef VSWSIM_OVS_PMD_H
#define VSWSIM_OVS_PMD_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/emc.h>
#include <vswsim/flow_rules.h>
#include <vswsim/megaflow.h>
#include <vswsim/pmd.h>
#include <vswsim/random.h>

VSW_EXTERN_C_BEGIN

struct vsw_ovs_pmd_setup {
    uint32_t emc_entries;       /* A power of two; 0: no cache. */
    uint32_t emc_inv_prob;      /* One flow in so many enters it. */
    uint32_t max_flows;         /* Megaflows. */
    enum vsw_flow_rules_kind rules;
};

/* What happened in the whole run. */
struct vsw_ovs_pmd_counts {
    uint64_t n_emc_hits;
    uint64_t n_megaflow_hits;
    uint64_t n_upcalls;
    uint64_t n_subtables;       /* Visited for packets that missed. */
    uint64_t n_flow_limit;      /* Upcalls that found no room for a flow. */
    uint64_t n_flows;           /* Megaflows held, and ... */
    uint64_t n_masks;           /* ... their subtables. */
};

struct vsw_ovs_main;

struct vsw_ovs_pmd {
    struct vsw_flow_rules rules;
    struct vsw_ovs_main *main;  /* Translates instead (ovs_main.h); NULL: the
                                 * loop itself.  Set before it starts. */
    struct vsw_emc *emc;        /* NULL: none.  In the switch's arena, as the
                                 * megaflows. */
    struct vsw_megaflow *megaflows;
    struct vsw_ovs_pmd_setup setup;
    struct vsw_random admit;    /* Which flows enter the cache. */
    uint32_t *ports;            /* By flow; owned, as the next. */
    uint32_t *bursts;           /* By flow: last burst that had it. */
    uint32_t n_flows;
    uint32_t max_flows;
    uint32_t burst;             /* Counts them. */
    struct vsw_ovs_pmd_counts counts;

    /* By packet of the burst. */
    struct vsw_flowkey keys[VSW_MAX_BURST];
    uint32_t hashes[VSW_MAX_BURST];
    uint32_t flows[VSW_MAX_BURST];
    uint32_t out_ports[VSW_MAX_BURST];
};

/* Makes tables and rules for 'sw', whose counters get those of 'ovs'.  Returns
 * 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_ovs_pmd_init(struct vsw_ovs_pmd *ovs, struct vsw_switch *sw,
                             const struct vsw_ovs_pmd_setup *setup,
                             struct vsw_error *err);
VSW_API void vsw_ovs_pmd_fini(struct vsw_ovs_pmd *ovs);

/* The port of 'pkt' by the megaflows or else, with one more of them if there
 * is room, by the OpenFlow tables; VSW_PORT_FLOOD: none.  Charges nothing: for
 * who has charged it as a whole. */
VSW_API uint32_t vsw_ovs_pmd_translate(struct vsw_ovs_pmd *ovs,
                                       const struct vsw_switch *sw,
                                       uint32_t pkt,
                                       struct vsw_memobs *obs);

/* Its 'decider_aux' is a struct vsw_ovs_pmd. */
VSW_API extern const struct vsw_pmd_decider vsw_ovs_pmd_decider;

VSW_EXTERN_C_END

#endif
