#include <vswsim/ovs_pmd.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/jhash.h>
#include <vswsim/mactable.h>
#include <vswsim/ovs_main.h>

#include "core/account.h"
#include "core/cost.h"

/* Masks that the rules of one kind can make, with room to spare. */
#define MAX_SUBTABLES 64

/* In place of a port: the packet has gone to the main thread. */
#define PORT_MAIN_THREAD (UINT32_MAX - 1)

static int
add_counters(struct vsw_ovs_pmd *ovs, struct vsw_switch *sw)
{
    const struct {
        const char *name;
        const uint64_t *value;
    } counters[] = {
        {"emc_hits", &ovs->counts.n_emc_hits},
        {"megaflow_hits", &ovs->counts.n_megaflow_hits},
        {"upcalls", &ovs->counts.n_upcalls},
        {"subtables_visited", &ovs->counts.n_subtables},
        {"flow_limit_hits", &ovs->counts.n_flow_limit},
    };
    int error = 0;

    for (size_t i = 0; !error && i < VSW_N_ELEMS(counters); i++) {
        error = vsw_switch_add_counter(sw, counters[i].name, "1",
                                       counters[i].value);
    }
    if (!error) {
        error = vsw_switch_add_level(sw, "megaflows", "1",
                                     &ovs->counts.n_flows)
                || vsw_switch_add_level(sw, "masks", "1",
                                        &ovs->counts.n_masks);
    }
    return error ? -ENOMEM : 0;
}

/* Tables grow with their flows there; here they are made for as many as the
 * trace can bring. */
static int
make_tables(struct vsw_ovs_pmd *ovs, struct vsw_switch *sw)
{
    const struct vsw_ovs_pmd_setup *setup = &ovs->setup;
    uint32_t n_flows = sw->pkts->workload->n_flows;
    const struct vsw_emc_shape shape = {
        .n_entries = setup->emc_entries,
        .n_positions = VSW_EMC_OVS_POSITIONS,
        .entry_bytes = VSW_EMC_MIN_ENTRY_BYTES,
    };

    if (setup->emc_entries) {
        ovs->emc = vsw_emc_new(&sw->arena, &shape);
    }
    ovs->max_flows = n_flows < setup->max_flows ? n_flows : setup->max_flows;
    ovs->megaflows = vsw_megaflow_new(&sw->arena, ovs->max_flows,
                                      MAX_SUBTABLES);
    ovs->ports = calloc(ovs->max_flows, sizeof *ovs->ports);
    ovs->bursts = calloc(ovs->max_flows, sizeof *ovs->bursts);
    return (setup->emc_entries && !ovs->emc) || !ovs->megaflows
                   || !ovs->ports || !ovs->bursts
               ? -ENOMEM
               : 0;
}

int
vsw_ovs_pmd_init(struct vsw_ovs_pmd *ovs, struct vsw_switch *sw,
                 const struct vsw_ovs_pmd_setup *setup, struct vsw_error *err)
{
    int error;

    if (setup->emc_entries & (setup->emc_entries - 1)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: emc_entries is %u; use a power of two, such "
                             "as 8192", sw->ops->name, setup->emc_entries);
    }
    error = vsw_flow_rules_init(&ovs->rules, sw, setup->rules, err);
    if (error) {
        return error;
    }
    ovs->setup = *setup;
    vsw_sim_random(sw->sim, &ovs->admit, VSW_RANDOM_EMC_INSERT, 0);
    error = make_tables(ovs, sw);
    error = error ? error : add_counters(ovs, sw);
    if (error) {
        vsw_error_set(err, VSW_ERROR_DATA, error,
                      "%s: no room for a cache of %u entries and %u "
                      "megaflows; use a smaller max_flows or emc_entries",
                      sw->ops->name, setup->emc_entries, setup->max_flows);
    }
    return error;
}

void
vsw_ovs_pmd_fini(struct vsw_ovs_pmd *ovs)
{
    free(ovs->ports);
    free(ovs->bursts);
}

/* --- Extraction and exact-match cache ------------------------------------ */

static void
begin_burst(struct vsw_pmd *pmd)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;

    ovs->burst++;
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_SWITCH,
                    VSW_COST_MAC_SWITCH_BATCH, 1);
}

/* The NIC supplies a hash with what it receives; what comes from a guest is
 * hashed over addresses and ports. */
static uint32_t
hash_of(struct vsw_pmd *pmd, const struct vsw_pkt *pkt,
        const struct vsw_flowkey *key)
{
    if (pmd->queue->bus) {
        return pmd->sw->pkts->workload->flows[pkt->flow_id].rss_hash;
    }
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT,
                    1);
    return vsw_jhash(key, offsetof(struct vsw_flowkey, eth_dst),
                     key->ip_proto);
}

/* As much of the flow key as lies in the headers that exist. */
static void
extract_key(const struct vsw_switch *sw, const struct vsw_pkt *pkt,
            struct vsw_flowkey *key, struct vsw_memobs *obs)
{
    uint32_t n_bytes = vsw_pkt_data_bytes(pkt);

    vsw_flowkey_extract(key, sw->bufs.headers[pkt->buf],
                        n_bytes < VSW_HEADER_BYTES ? n_bytes
                                                   : VSW_HEADER_BYTES,
                        (uint16_t) pkt->in_port, obs);
}

static bool
extract(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    const struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    struct vsw_flowkey *key = &ovs->keys[pmd->at];

    ovs->flows[pmd->at] = VSW_FLOW_NONE;
    if (vsw_pmd_from_extra(pmd)) {
        /* Back from the main thread, which has decided. */
        ovs->out_ports[pmd->at] = ovs->main->ports[p->slot];
        return true;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_EXTRACT, VSW_COST_FLOW_EXTRACT, 1);
    extract_key(pmd->sw, pkt, key, &unit->memobs);
    if (!ovs->emc) {
        return true;
    }
    ovs->hashes[pmd->at] = hash_of(pmd, pkt, key);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
    ovs->flows[pmd->at] = vsw_emc_lookup(ovs->emc, key, ovs->hashes[pmd->at],
                                         &unit->memobs);
    ovs->counts.n_emc_hits += ovs->flows[pmd->at] != VSW_FLOW_NONE;
    return true;
}

static bool
extract_all(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, extract);
}

/* --- Megaflows ----------------------------------------------------------- */

static void
enter_into_emc(struct vsw_pmd *pmd, uint32_t i, uint32_t flow)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    if (!ovs->emc
        || !vsw_emc_admits(vsw_random_u32(&ovs->admit),
                           ovs->setup.emc_inv_prob)) {
        return;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_INSERT, 1);
    vsw_emc_insert(ovs->emc, &ovs->keys[i], ovs->hashes[i], flow,
                   &unit->memobs);
}

static bool
search(struct vsw_pmd *pmd, uint32_t i)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    uint32_t n_visited;

    ovs->flows[i] = vsw_megaflow_search(ovs->megaflows, &ovs->keys[i],
                                        &n_visited, &unit->memobs);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_SUBTABLE,
                    n_visited);
    ovs->counts.n_subtables += n_visited;
    if (ovs->flows[i] == VSW_FLOW_NONE) {
        return false;
    }
    ovs->counts.n_megaflow_hits++;
    enter_into_emc(pmd, i, ovs->flows[i]);
    return true;
}

static bool
classify(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    const struct vsw_ovs_pmd *ovs = pmd->decider_aux;

    (void) p;
    if (ovs->flows[pmd->at] == VSW_FLOW_NONE && !vsw_pmd_from_extra(pmd)) {
        search(pmd, pmd->at);
    }
    return true;
}

static bool
classify_all(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, classify);
}

/* --- Upcalls ------------------------------------------------------------- */

/* Installs a megaflow to 'port' and returns it, unless the tables are full:
 * then the next packet comes here again. */
static uint32_t
install(struct vsw_ovs_pmd *ovs, const struct vsw_flowkey *key,
        const struct vsw_flowkey *mask, uint32_t port,
        struct vsw_memobs *obs)
{
    uint32_t flow = ovs->n_flows;

    if (flow == ovs->max_flows
        || vsw_megaflow_insert(ovs->megaflows, key, mask, flow, obs)) {
        ovs->counts.n_flow_limit++;
        return VSW_FLOW_NONE;
    }
    ovs->n_flows++;
    ovs->ports[flow] = port;
    ovs->counts.n_flows = ovs->n_flows;
    ovs->counts.n_masks = vsw_megaflow_n_subtables(ovs->megaflows);
    return flow;
}

uint32_t
vsw_ovs_pmd_translate(struct vsw_ovs_pmd *ovs, const struct vsw_switch *sw,
                      uint32_t pkt, struct vsw_memobs *obs)
{
    struct vsw_flowkey key, mask;
    uint32_t flow, port;

    extract_key(sw, &sw->pkts->pkts[pkt], &key, obs);
    /* Several packets of a flow may come before it is installed. */
    flow = vsw_megaflow_lookup(ovs->megaflows, &key, obs);
    if (flow != VSW_FLOW_NONE) {
        return ovs->ports[flow];
    }
    port = vsw_flow_rules_decide(&ovs->rules, &key, &mask, obs);
    install(ovs, &key, &mask, port, obs);
    return port;
}

/* In this thread. */
static void
translate(struct vsw_pmd *pmd)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    const struct vsw_flowkey *key = &ovs->keys[pmd->at];
    struct vsw_flowkey mask;
    uint32_t port, flow;

    vsw_unit_charge(unit, VSW_ACCOUNT_UPCALL, VSW_COST_UPCALL_INLINE, 1);
    port = vsw_flow_rules_decide(&ovs->rules, key, &mask, &unit->memobs);
    ovs->out_ports[pmd->at] = port;
    flow = install(ovs, key, &mask, port, &unit->memobs);
    if (flow != VSW_FLOW_NONE) {
        ovs->flows[pmd->at] = flow;
        enter_into_emc(pmd, pmd->at, flow);
    }
}

/* Looks again first, as Open vSwitch does: an upcall for an earlier packet of
 * the burst may have installed the flow. */
static bool
upcall(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;

    if (vsw_pmd_from_extra(pmd)) {
        return true;
    }
    if (ovs->flows[pmd->at] != VSW_FLOW_NONE || search(pmd, pmd->at)) {
        ovs->out_ports[pmd->at] = ovs->ports[ovs->flows[pmd->at]];
        return true;
    }
    ovs->counts.n_upcalls++;
    if (!ovs->main) {
        translate(pmd);
        return true;
    }
    ovs->out_ports[pmd->at] = PORT_MAIN_THREAD;
    if (!vsw_ovs_main_send(ovs->main, vsw_pmd_unit(pmd), p->pkt)) {
        vsw_pmd_drop(pmd, pmd->at, VSW_DROP_UPCALL_FULL);
    }
    return true;
}

static bool
upcall_all(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, upcall);
}

/* --- Actions --------------------------------------------------------------*/

/* Charges the packet's place in its group, and the group with its first
 * packet.  A packet without a flow is a group of its own. */
static bool
act(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_ovs_pmd *ovs = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    uint32_t flow = ovs->flows[pmd->at];
    uint32_t port = ovs->out_ports[pmd->at];

    (void) p;
    if (port == PORT_MAIN_THREAD) {
        return true;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_ACTION, VSW_COST_FLOW_PKT, 1);
    if (flow == VSW_FLOW_NONE || ovs->bursts[flow] != ovs->burst) {
        vsw_unit_charge(unit, VSW_ACCOUNT_ACTION, VSW_COST_FLOW_BATCH, 1);
    }
    if (flow != VSW_FLOW_NONE) {
        ovs->bursts[flow] = ovs->burst;
    }
    if (port == VSW_PORT_FLOOD) {
        vsw_pmd_drop(pmd, pmd->at, VSW_DROP_NO_ROUTE);
    } else {
        vsw_pmd_route(pmd, pmd->at, port);
    }
    return true;
}

static bool
act_all(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, act);
}

static const struct vsw_pmd_phase phases[] = {
    {begin_burst, extract_all, NULL},
    {NULL, classify_all, NULL},
    {NULL, upcall_all, NULL},
    {NULL, act_all, NULL},
};

static const uint16_t costs[] = {
    VSW_COST_FLOW_EXTRACT, VSW_COST_HASH_SOFT,     VSW_COST_EMC_LOOKUP,
    VSW_COST_EMC_INSERT,   VSW_COST_SUBTABLE,      VSW_COST_UPCALL_INLINE,
    VSW_COST_FLOW_BATCH,   VSW_COST_FLOW_PKT,      VSW_COST_MAC_SWITCH_BATCH,
};

const struct vsw_pmd_decider vsw_ovs_pmd_decider = {
    .phases = phases,
    .n_phases = VSW_N_ELEMS(phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
};
