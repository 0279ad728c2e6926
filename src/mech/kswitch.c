#include <vswsim/kswitch.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/kswitch_impl.h"

/* Memory for tables: that of the arena's users per flow, with room to spare
 * since their sizes are rounded up; pages that are not used cost nothing. */
#define FLOW_BYTES   ((size_t) 768)
#define PAGE_BYTES 4096u
#define BASE_BYTES   ((size_t) 1 << 20)
#define MASK_BYTES   ((size_t) 256)
#define EMC_BYTES    ((size_t) 128)

/* Of a rule of ip_tables: 112 bytes of struct ipt_entry, 48 of a match of
 * ports, 40 of a target; to a multiple of VSW_ACL_RULE_BYTES.  The entry's
 * addresses are at its beginning, its "next_offset" is after 90 bytes: never
 * on the same line. */
#define CHAIN_RULE_BYTES 192
#define CHAIN_NEXT_BYTES 88

/* MAC addresses, and how long they are remembered without being seen. */
#define MAX_MACS     4096
#define MAC_AGE_NS   UINT64_C(300000000000)

static const uint16_t ovs_costs[] = {
    VSW_COST_FLOW_EXTRACT, VSW_COST_HASH_SOFT, VSW_COST_KFLOW_LOOKUP,
    VSW_COST_KFLOW_ACTION,
};

static const uint16_t bridge_costs[] = {
    VSW_COST_FLOW_EXTRACT,
    VSW_COST_BRIDGE_FORWARD,
};

/* The rules are a chain that each packet passes, rather than a list of the
 * daemon's that is looked at for a flow's first packet? */
static bool
has_chain(const struct vsw_kswitch *ks)
{
    return ks->setup.kind == VSW_KSWITCH_BRIDGE && ks->setup.acl;
}

static bool
has_netfilter(const struct vsw_kswitch *ks)
{
    return ks->setup.kind == VSW_KSWITCH_BRIDGE
           && (ks->setup.netfilter || ks->setup.acl);
}

static int
require_costs(const struct vsw_kswitch *ks, struct vsw_error *err)
{
    const uint16_t emc = VSW_COST_EMC_LOOKUP;
    const uint16_t hooks = VSW_COST_BRIDGE_NETFILTER;
    const uint16_t rule = VSW_COST_NETFILTER_RULE;
    const struct vsw_sim *sim = ks->sw->sim;
    const char *who = ks->sw->ops->name;
    bool is_ovs = ks->setup.kind == VSW_KSWITCH_OVS;
    int error = is_ovs ? vsw_sim_require_costs(sim, who, ovs_costs,
                                               VSW_N_ELEMS(ovs_costs), err)
                       : vsw_sim_require_costs(sim, who, bridge_costs,
                                               VSW_N_ELEMS(bridge_costs),
                                               err);

    if (!error && ks->setup.nic_hash) {
        error = vsw_sim_require_costs(sim, who, &emc, 1, err);
    }
    if (!error && has_netfilter(ks)) {
        error = vsw_sim_require_costs(sim, who, &hooks, 1, err);
    }
    if (!error && ks->setup.acl) {
        error = vsw_sim_require_costs(sim, who, &rule, 1, err);
    }
    return error;
}

static struct vsw_acl_params
chain_params(const struct vsw_kswitch *ks)
{
    return (struct vsw_acl_params) {
        .max_rules = ks->setup.acl->n_rules ? ks->setup.acl->n_rules : 1,
        .stride_bytes = CHAIN_RULE_BYTES,
        .next_at_bytes = CHAIN_NEXT_BYTES,
        .default_verdict = ks->setup.acl->default_verdict,
    };
}

static int
make_arena(struct vsw_kswitch *ks)
{
    const struct vsw_kswitch_setup *setup = &ks->setup;
    /* A switch without a CPU of its own still has a daemon. */
    const struct vsw_unit *unit = setup->daemon.unit ? setup->daemon.unit
                                                     : ks->sw->units[0];
    size_t n_bytes = BASE_BYTES;
    uintptr_t start;

    if (setup->kind == VSW_KSWITCH_OVS) {
        n_bytes += setup->max_flows * FLOW_BYTES
                   + setup->max_masks * MASK_BYTES;
    }
    if (setup->nic_hash) {
        n_bytes += setup->emc_entries * EMC_BYTES;
    }
    if (has_chain(ks)) {
        const struct vsw_acl_params params = chain_params(ks);

        n_bytes += vsw_acl_size_bytes(&params);
    }
    /* calloc() gives zeroed pages that need no memory before they are used;
     * aligned_alloc() would have to be cleared. */
    ks->arena_mem = calloc(1, n_bytes + PAGE_BYTES);
    if (!ks->arena_mem) {
        return -ENOMEM;
    }
    /* Some tables are aligned to more than a line, and what they take must
     * not depend on an address. */
    start = (uintptr_t) ks->arena_mem + PAGE_BYTES - 1;
    start -= start % PAGE_BYTES;
    vsw_arena_init(&ks->arena, (void *) start, n_bytes);
    vsw_mem_map(ks->sw->sim, ks->arena.base, n_bytes,
                vsw_mem_node(unit));
    return 0;
}

static int
learn_ports(struct vsw_kswitch *ks)
{
    const struct vsw_workload *workload = ks->sw->pkts->workload;

    ks->macs = vsw_mactable_new(&ks->arena, MAX_MACS, MAC_AGE_NS);
    if (!ks->macs) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < workload->n_ports && i < ks->sw->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, workload->ports[i].mac, sizeof mac);
        /* A group address belongs to nobody, and need not be known. */
        if (vsw_mactable_learn(ks->macs, &mac, i, 0, NULL) == -ENOSPC) {
            return -ENOSPC;
        }
    }
    return 0;
}

static int
make_chain(struct vsw_kswitch *ks)
{
    const struct vsw_acl_params params = chain_params(ks);
    int error = vsw_acl_init(&ks->chain, &ks->arena, &params);

    for (uint32_t i = 0; !error && i < ks->setup.acl->n_rules; i++) {
        error = vsw_acl_add(&ks->chain, vsw_acl_rule_at(ks->setup.acl, i));
    }
    return error;
}

static int
add_counters(struct vsw_kswitch *ks)
{
    struct vsw_switch *sw = ks->sw;
    int error = 0;

    if (ks->setup.kind == VSW_KSWITCH_OVS) {
        error = vsw_switch_add_counter(sw, "flow_lookups", "1",
                                       &ks->n_lookups)
                || vsw_switch_add_counter(sw, "flow_table_hits", "1",
                                          &ks->n_hits)
                || vsw_switch_add_counter(sw, "masks_tried", "1",
                                          &ks->n_masks_tried)
                || vsw_switch_add_level(sw, "flows", "1", &ks->n_flows_held)
                || vsw_switch_add_level(sw, "masks", "1", &ks->n_masks)
                || vsw_switch_add_counter(sw, "upcalls", "1",
                                          &ks->upcall.n_sent)
                || vsw_switch_add_counter(sw, "upcalls_refused", "1",
                                          &ks->upcall.n_refused)
                || vsw_switch_add_counter(sw, "upcalls_handled", "1",
                                          &ks->upcall.n_handled)
                || vsw_switch_add_counter(sw, "upcalls_known", "1",
                                          &ks->upcall.n_known);
    } else {
        error = vsw_switch_add_counter(sw, "mac_lookups", "1",
                                       &ks->n_lookups)
                || vsw_switch_add_counter(sw, "mac_hits", "1", &ks->n_hits);
    }
    if (!error && ks->setup.nic_hash) {
        error = vsw_switch_add_counter(sw, "emc_hits", "1",
                                       &ks->n_emc_hits);
    }
    if (!error && ks->setup.acl) {
        error = vsw_switch_add_counter(sw, "rules_compared", "1",
                                       &ks->n_rules_compared);
    }
    return error ? -ENOSPC : 0;
}

static int
make(struct vsw_kswitch *ks, struct vsw_error *err)
{
    int error = make_arena(ks);

    if (!error) {
        error = learn_ports(ks);
    }
    if (!error && has_chain(ks)) {
        error = make_chain(ks);
    }
    if (!error && ks->setup.kind == VSW_KSWITCH_OVS) {
        error = vsw_kswitch_ovs_init(ks, err);
    }
    if (!error && ks->setup.kind == VSW_KSWITCH_OVS && ks->setup.warm) {
        vsw_kswitch_ovs_install_all(ks);
    }
    if (!error) {
        error = vsw_switch_add_memory(ks->sw, "flow_tables",
                                      ks->arena.used_bytes);
    }
    return error ? error : add_counters(ks);
}

int
vsw_kswitch_init(struct vsw_kswitch *ks, struct vsw_switch *sw,
                 const struct vsw_kswitch_setup *setup,
                 struct vsw_error *err)
{
    int error;

    memset(ks, 0, sizeof *ks);
    ks->setup = *setup;
    ks->sw = sw;
    error = require_costs(ks, err);
    if (error) {
        return error;
    }
    error = make(ks, err);
    if (error == -ENOMEM || error == -ENOSPC) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                      "no memory for a kernel switch of %u flows",
                      setup->max_flows);
    }
    if (error) {
        vsw_kswitch_fini(ks);
    }
    return error;
}

void
vsw_kswitch_fini(struct vsw_kswitch *ks)
{
    vsw_upcall_fini(&ks->upcall);
    free(ks->arena_mem);
    ks->arena_mem = NULL;
}

void
vsw_kswitch_extract(const struct vsw_kswitch *ks, struct vsw_unit *unit,
                    uint32_t pkt, struct vsw_flowkey *key)
{
    const struct vsw_pkt *p = &ks->sw->pkts->pkts[pkt];
    uint32_t n_bytes = vsw_pkt_data_bytes(p);

    vsw_unit_charge(unit, VSW_ACCOUNT_EXTRACT, VSW_COST_FLOW_EXTRACT, 1);
    if (n_bytes > VSW_HEADER_BYTES) {
        n_bytes = VSW_HEADER_BYTES;
    }
    vsw_buf_access(unit, VSW_ACCOUNT_EXTRACT, &ks->sw->bufs, p->buf, 0,
                   n_bytes < VSW_LINE_BYTES ? n_bytes : VSW_LINE_BYTES,
                   VSW_MEM_READ);
    vsw_flowkey_extract(key, ks->sw->bufs.headers[p->buf], n_bytes,
                        (uint16_t) p->in_port, &unit->memobs);
}

struct vsw_acl_result
vsw_kswitch_search_rules(const struct vsw_acl *acl,
                         const struct vsw_flowkey *key,
                         struct vsw_memobs *obs)
{
    const struct vsw_acl_result permitted = {
        .verdict = VSW_ACL_PERMIT, .rule = VSW_ACL_NO_RULE,
    };
    struct vsw_fivetuple tuple;

    return vsw_fivetuple_from_key(&tuple, key)
               ? vsw_acl_search(acl, &tuple, obs)
               : permitted;
}

/* The FORWARD chain.  Returns false if it drops the packet. */
static bool
pass_rules(struct vsw_kswitch *ks, struct vsw_unit *unit,
           const struct vsw_flowkey *key)
{
    struct vsw_acl_result result
        = vsw_kswitch_search_rules(&ks->chain, key, &unit->memobs);

    ks->n_rules_compared += result.n_compared;
    vsw_unit_charge(unit, VSW_ACCOUNT_ACL, VSW_COST_NETFILTER_RULE,
                    result.n_compared);
    return result.verdict != VSW_ACL_DENY;
}

/* The hooks of br_netfilter, and the chain behind one of them.  What reading
 * the rules waits for is of the account that the hooks are charged on. */
static bool
pass_netfilter(struct vsw_kswitch *ks, struct vsw_unit *unit,
               const struct vsw_flowkey *key)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_ACL, VSW_COST_BRIDGE_NETFILTER, 1);
    return !has_chain(ks) || pass_rules(ks, unit, key);
}

/* Learns, looks up, filters: br_handle_frame_finish() and br_forward(), whose
 * hook leads to netfilter. */
static uint32_t
bridge_forward(struct vsw_kswitch *ks, struct vsw_unit *unit, uint32_t pkt)
{
    uint64_t now_ns = vsw_kswitch_now_ns(unit);
    uint32_t in_port = ks->sw->pkts->pkts[pkt].in_port;
    bool in_window = vsw_unit_in_window(unit);
    struct vsw_flowkey key;
    uint32_t port;

    vsw_kswitch_extract(ks, unit, pkt, &key);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_BRIDGE_FORWARD,
                    1);
    vsw_mactable_learn(ks->macs, &key.eth_src, in_port, now_ns,
                       &unit->memobs);
    port = vsw_mactable_lookup(ks->macs, &key.eth_dst, now_ns,
                               &unit->memobs);
    ks->n_lookups += in_window;
    ks->n_hits += in_window && port != VSW_PORT_FLOOD;
    return has_netfilter(ks) && !pass_netfilter(ks, unit, &key)
               ? VSW_KSWITCH_DENIED
               : port;
}

uint32_t
vsw_kswitch_forward(struct vsw_kswitch *ks, struct vsw_unit *unit,
                    uint32_t pkt)
{
    return ks->setup.kind == VSW_KSWITCH_OVS
               ? vsw_kswitch_ovs_forward(ks, unit, pkt)
               : bridge_forward(ks, unit, pkt);
}
