/* The Open vSwitch part of the kernel switch, and what its daemon decides. */
#include <errno.h>
#include <string.h>

#include <vswsim/jhash.h>
#include <vswsim/nic.h>
#include <vswsim/port.h>
#include <vswsim/rss.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/kswitch_impl.h"

/* KVS looks at one position; source: its paper, section 3. */
#define EMC_POSITIONS   1
#define EMC_ENTRY_BYTES 128

#define RSS_PROTOS (VSW_RSS_TCP | VSW_RSS_UDP | VSW_RSS_SCTP)

static int
make_tables(struct vsw_kswitch *ks)
{
    const struct vsw_kswitch_setup *setup = &ks->setup;
    const struct vsw_emc_shape shape = {
        .n_entries = setup->emc_entries,
        .n_positions = EMC_POSITIONS,
        .entry_bytes = EMC_ENTRY_BYTES,
    };

    ks->flows = vsw_arena_alloc(&ks->arena,
                                setup->max_flows * sizeof *ks->flows,
                                VSW_LINE_BYTES);
    if (setup->table == VSW_KSWITCH_EXACT) {
        ks->exact = vsw_exact_new(&ks->arena, VSW_FLOWKEY_BYTES,
                                  setup->max_flows);
    } else {
        ks->megaflows = vsw_megaflow_new(&ks->arena, setup->max_flows,
                                         setup->max_masks);
    }
    if (setup->nic_hash) {
        ks->emc = vsw_emc_new(&ks->arena, &shape);
        ks->toeplitz = vsw_toeplitz_new(&ks->arena, vsw_toeplitz_default_key,
                                        VSW_TOEPLITZ_KEY_BYTES,
                                        VSW_TOEPLITZ_AUTO);
    }
    return ks->flows && (ks->exact || ks->megaflows)
                   && (!setup->nic_hash || (ks->emc && ks->toeplitz))
               ? 0
               : -ENOMEM;
}

/* --- Quietly: what the daemon finds ------------------------------------- */

static uint32_t
jhash_of(const struct vsw_flowkey *key)
{
    return vsw_jhash(key, VSW_FLOWKEY_BYTES, 0);
}

static uint32_t
find_quietly(struct vsw_kswitch *ks, const struct vsw_flowkey *key,
             struct vsw_memobs *obs)
{
    return ks->exact ? vsw_exact_lookup(ks->exact, key, jhash_of(key), obs)
                     : vsw_megaflow_lookup(ks->megaflows, key, obs);
}

static void
extract_quietly(const struct vsw_kswitch *ks, uint32_t pkt,
                struct vsw_flowkey *key, struct vsw_memobs *obs)
{
    const struct vsw_pkt *p = &ks->sw->pkts->pkts[pkt];
    uint32_t n_bytes = vsw_pkt_data_bytes(p);

    vsw_flowkey_extract(key, ks->sw->bufs.headers[p->buf],
                        n_bytes < VSW_HEADER_BYTES ? n_bytes
                                                   : VSW_HEADER_BYTES,
                        (uint16_t) p->in_port, obs);
}

/* Whether its flow was installed while it waited. */
static bool
is_known(void *aux, uint32_t pkt)
{
    struct vsw_kswitch *ks = aux;
    struct vsw_flowkey key;

    extract_quietly(ks, pkt, &key, NULL);
    return find_quietly(ks, &key, NULL) != VSW_FLOW_NONE;
}

int
vsw_kswitch_ovs_init(struct vsw_kswitch *ks, struct vsw_error *err)
{
    struct vsw_upcall_setup daemon = ks->setup.daemon;
    int error = make_tables(ks);

    daemon.handle = vsw_kswitch_ovs_decide;
    daemon.is_known = ks->setup.knows_flows ? is_known : NULL;
    daemon.aux = ks;
    return error ? error
                 : vsw_upcall_start(&ks->upcall, &daemon, ks->sw->ops->name,
                                    err);
}

/* --- Finding a flow ------------------------------------------------------ */

static uint32_t
find_exact(struct vsw_kswitch *ks, struct vsw_unit *unit,
           const struct vsw_flowkey *key)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_KFLOW_LOOKUP, 1);
    return vsw_exact_lookup(ks->exact, key, jhash_of(key), &unit->memobs);
}

static uint32_t
find_megaflow(struct vsw_kswitch *ks, struct vsw_unit *unit,
              const struct vsw_flowkey *key)
{
    uint32_t n_masks;
    uint32_t flow = vsw_megaflow_search(ks->megaflows, key, &n_masks,
                                        &unit->memobs);

    vsw_unit_charge(unit, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, n_masks);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_KFLOW_LOOKUP,
                    n_masks);
    if (vsw_unit_in_window(unit)) {
        ks->n_masks_tried += n_masks;
    }
    return flow;
}

/* Packets of guests come without a hash. */
static bool
has_nic_hash(const struct vsw_kswitch *ks, uint32_t in_port)
{
    return ks->emc && in_port >= ks->setup.first_nic_port;
}

/* The hash in the packet's receive descriptor. */
static uint32_t
nic_hash_of(const struct vsw_kswitch *ks, const struct vsw_pkt *pkt)
{
    const struct vsw_port *ports = ks->sw->ports;

    return ports && ports[pkt->in_port].nic
               ? ports[pkt->in_port].nic->hashes[pkt->flow_id]
               : ks->sw->pkts->workload->flows[pkt->flow_id].rss_hash;
}

/* The flow of 'key' by the hash in the packet's receive descriptor, or else by
 * the flow table; what that finds is entered for the next one. */
static uint32_t
find_by_nic_hash(struct vsw_kswitch *ks, struct vsw_unit *unit,
                 const struct vsw_flowkey *key, const struct vsw_pkt *pkt)
{
    uint32_t hash = nic_hash_of(ks, pkt);
    uint32_t flow;

    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
    flow = vsw_emc_lookup(ks->emc, key, hash, &unit->memobs);
    if (flow != VSW_FLOW_NONE) {
        ks->n_emc_hits += vsw_unit_in_window(unit);
        return flow;
    }
    flow = ks->exact ? find_exact(ks, unit, key)
                     : find_megaflow(ks, unit, key);
    if (flow != VSW_FLOW_NONE) {
        vsw_emc_insert(ks->emc, key, hash, flow, &unit->memobs);
    }
    return flow;
}

static uint32_t
find(struct vsw_kswitch *ks, struct vsw_unit *unit,
     const struct vsw_flowkey *key, const struct vsw_pkt *pkt)
{
    if (has_nic_hash(ks, pkt->in_port)) {
        return find_by_nic_hash(ks, unit, key, pkt);
    }
    return ks->exact ? find_exact(ks, unit, key)
                     : find_megaflow(ks, unit, key);
}

static uint32_t
act(struct vsw_kswitch *ks, struct vsw_unit *unit, uint32_t flow_id,
    const struct vsw_pkt *pkt)
{
    struct vsw_kflow *flow = &ks->flows[flow_id];

    vsw_unit_charge(unit, VSW_ACCOUNT_ACTION, VSW_COST_KFLOW_ACTION, 1);
    vsw_touch(&unit->memobs, flow, sizeof *flow, VSW_MEM_WRITE);
    flow->n_pkts++;
    flow->n_bytes += pkt->frame_bytes;
    return flow->port;
}

uint32_t
vsw_kswitch_ovs_forward(struct vsw_kswitch *ks, struct vsw_unit *unit,
                        uint32_t pkt)
{
    const struct vsw_pkt *p = &ks->sw->pkts->pkts[pkt];
    bool in_window = vsw_unit_in_window(unit);
    struct vsw_flowkey key;
    uint32_t flow;

    vsw_kswitch_extract(ks, unit, pkt, &key);
    flow = find(ks, unit, &key, p);
    ks->n_lookups += in_window;
    if (flow != VSW_FLOW_NONE) {
        ks->n_hits += in_window;
        return act(ks, unit, flow, p);
    }
    return vsw_upcall_send(&ks->upcall, unit, pkt) ? VSW_KSWITCH_HELD
                                                   : VSW_KSWITCH_LOST;
}

/* --- The daemon ---------------------------------------------------------- */

static void
add_bits(struct vsw_flowkey *mask, const struct vsw_flowkey *more)
{
    unsigned char *m = (unsigned char *) mask;
    const unsigned char *b = (const unsigned char *) more;

    for (size_t i = 0; i < VSW_FLOWKEY_BYTES; i++) {
        m[i] |= b[i];
    }
}

/* The bits of a packet that a learning switch looks at, and those that access
 * rules do. */
static void
make_mask(const struct vsw_kswitch *ks, const struct vsw_flowkey *key,
          struct vsw_flowkey *mask)
{
    struct vsw_flowkey tuple;

    memset(mask, 0, sizeof *mask);
    memset(&mask->eth_dst, 0xff, sizeof mask->eth_dst);
    memset(&mask->eth_src, 0xff, sizeof mask->eth_src);
    memset(&mask->eth_type, 0xff, sizeof mask->eth_type);
    memset(&mask->vlan_tci[0], 0xff, sizeof mask->vlan_tci[0]);
    memset(&mask->in_port, 0xff, sizeof mask->in_port);
    if (ks->setup.acl
        && vsw_be16_get(key->eth_type) == VSW_ETH_TYPE_IPV4) {
        vsw_flowkey_mask_nine_tuple(&tuple);
        memset(&tuple.ip_frag, 0xff, sizeof tuple.ip_frag);
        add_bits(mask, &tuple);
    }
}

static int
insert(struct vsw_kswitch *ks, const struct vsw_flowkey *key, uint32_t flow,
       struct vsw_memobs *obs)
{
    struct vsw_flowkey mask;

    if (ks->exact) {
        return vsw_exact_insert(ks->exact, key, jhash_of(key), flow, obs);
    }
    make_mask(ks, key, &mask);
    return vsw_megaflow_insert(ks->megaflows, key, &mask, flow, obs);
}

/* Installs a flow.  One that does not fit is not installed. */
static void
install(struct vsw_kswitch *ks, const struct vsw_flowkey *key, uint32_t port,
        bool has_hash, struct vsw_memobs *obs)
{
    uint32_t flow = ks->n_flows;

    if (flow == ks->setup.max_flows || insert(ks, key, flow, obs)) {
        return;
    }
    ks->n_flows++;
    ks->n_flows_held = ks->n_flows;
    ks->n_masks = ks->megaflows ? vsw_megaflow_n_subtables(ks->megaflows) : 0;
    ks->flows[flow].port = port;
    vsw_touch(obs, &ks->flows[flow], sizeof ks->flows[flow], VSW_MEM_WRITE);
    if (has_hash) {
        /* As the NIC will give it: the same function with the same key. */
        vsw_emc_insert(ks->emc, key,
                       vsw_rss_hash(ks->toeplitz, key, RSS_PROTOS, obs),
                       flow, obs);
    }
}

/* A learning switch with access rules. */
static uint32_t
decide(struct vsw_kswitch *ks, const struct vsw_flowkey *key,
       uint32_t in_port, uint64_t now_ns, struct vsw_memobs *obs)
{
    vsw_mactable_learn(ks->macs, &key->eth_src, in_port, now_ns, obs);
    /* The classifier of the daemon is not linear; UPCALL_HANDLE has it. */
    if (ks->setup.acl
        && vsw_kswitch_search_rules(ks->setup.acl, key, obs).verdict
               == VSW_ACL_DENY) {
        return VSW_KSWITCH_DENIED;
    }
    return vsw_mactable_lookup(ks->macs, &key->eth_dst, now_ns, obs);
}

void
vsw_kswitch_ovs_decide(void *aux, struct vsw_worker *daemon, uint32_t pkt)
{
    struct vsw_kswitch *ks = aux;
    struct vsw_unit *unit = daemon->unit;
    const struct vsw_pkt *p = &ks->sw->pkts->pkts[pkt];
    struct vsw_memobs *obs = &unit->memobs;
    struct vsw_flowkey key;
    uint32_t flow, port;

    extract_quietly(ks, pkt, &key, obs);
    /* Several packets of a flow may come up before it is installed. */
    flow = find_quietly(ks, &key, obs);
    if (flow != VSW_FLOW_NONE) {
        port = ks->flows[flow].port;
    } else {
        port = decide(ks, &key, p->in_port, vsw_kswitch_now_ns(unit), obs);
        install(ks, &key, port, has_nic_hash(ks, p->in_port), obs);
    }
    ks->setup.resume(ks->setup.aux, daemon, pkt, port);
}

void
vsw_kswitch_ovs_install_all(struct vsw_kswitch *ks)
{
    const struct vsw_workload *workload = ks->sw->pkts->workload;

    for (uint32_t i = 0; i < workload->n_flows; i++) {
        const struct vsw_workload_flow *flow = &workload->flows[i];
        struct vsw_flowkey key;

        if (flow->in_port == VSW_NONE) {
            continue;
        }
        vsw_flowkey_extract(&key, flow->header,
                            flow->header_bytes < VSW_HEADER_BYTES
                                ? flow->header_bytes
                                : VSW_HEADER_BYTES,
                            (uint16_t) flow->in_port, NULL);
        if (find_quietly(ks, &key, NULL) == VSW_FLOW_NONE) {
            install(ks, &key, decide(ks, &key, flow->in_port, 0, NULL),
                    has_nic_hash(ks, flow->in_port), NULL);
        }
    }
}
