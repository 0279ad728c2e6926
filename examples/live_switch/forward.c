#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/emc.h>
#include <vswsim/jhash.h>
#include <vswsim/mactable.h>
#include <vswsim/megaflow.h>
#include <vswsim/synth.h>

#define MEMORY_BYTES  (16u << 20)
#define MAX_FLOWS     8192
#define MAX_SUBTABLES 64
#define MAX_MACS      4096
#define MAC_AGE_NS    UINT64_C(300000000000)

struct decision {
    uint32_t port;
    bool denied;                /* By the access list. */
};

struct forward {
    void *memory;               /* Owned; holds all tables. */
    struct vsw_mactable *macs;
    struct vsw_emc *exact;
    struct vsw_megaflow *megaflows;
    struct vsw_fib no_fib;      /* Ports are learned, not configured. */
    struct vsw_synth synth;
    struct vsw_flowkey exact_mask;
    struct decision decisions[MAX_FLOWS];       /* By flow. */
    uint32_t n_flows;
    struct forward_stats stats;
};

static int
make_tables(struct forward *f, struct vsw_arena *arena)
{
    static const struct vsw_emc_shape shape = {
        VSW_EMC_OVS_ENTRIES, VSW_EMC_OVS_POSITIONS, VSW_EMC_MIN_ENTRY_BYTES,
    };
    static const struct vsw_fib_params no_fib = { 0, 0 };

    f->macs = vsw_mactable_new(arena, MAX_MACS, MAC_AGE_NS);
    f->exact = vsw_emc_new(arena, &shape);
    f->megaflows = vsw_megaflow_new(arena, MAX_FLOWS, MAX_SUBTABLES);
    return f->macs && f->exact && f->megaflows
           && vsw_fib_init(&f->no_fib, arena, &no_fib) == 0 ? 0 : -1;
}

/* What decisions depend on: the 9-tuple, whether a fragment has ports, and
 * the port that a packet must not go back to. */
static void
make_mask(struct vsw_flowkey *mask)
{
    vsw_flowkey_mask_nine_tuple(mask);
    mask->ip_frag = UINT8_MAX;
    mask->in_port = vsw_be16_make(UINT16_MAX);
}

struct forward *
forward_new(const struct vsw_acl *acl)
{
    struct forward *f = calloc(1, sizeof *f);
    struct vsw_arena arena;

    if (!f) {
        return NULL;
    }
    f->memory = aligned_alloc(VSW_LINE_BYTES, MEMORY_BYTES);
    if (!f->memory) {
        free(f);
        return NULL;
    }
    memset(f->memory, 0, MEMORY_BYTES);
    vsw_arena_init(&arena, f->memory, MEMORY_BYTES);
    if (make_tables(f, &arena)) {
        forward_free(f);
        return NULL;
    }
    f->synth = (struct vsw_synth) { .fib = &f->no_fib, .acl = acl };
    make_mask(&f->exact_mask);
    return f;
}

void
forward_free(struct forward *f)
{
    if (f) {
        free(f->memory);
        free(f);
    }
}

static void
flush(struct forward *f)
{
    vsw_emc_clear(f->exact, NULL);
    vsw_megaflow_clear(f->megaflows, NULL);
    f->n_flows = 0;
    f->stats.n_flushes++;
}

/* Cached decisions name ports, so they go when an address moves. */
static void
learn(struct forward *f, const struct vsw_mac *src, uint16_t in_port,
      uint64_t now_ns)
{
    bool moved = vsw_mactable_lookup(f->macs, src, now_ns, NULL) != in_port;

    if (vsw_mactable_learn(f->macs, src, in_port, now_ns, NULL) == 0
        && moved) {
        flush(f);
    }
}

static uint32_t
port_for(const struct forward *f, const struct vsw_flowkey *key,
         uint64_t now_ns)
{
    uint32_t port = vsw_mactable_lookup(f->macs, &key->eth_dst, now_ns, NULL);

    return port == vsw_be16_get(key->in_port) ? FORWARD_DROP : port;
}

/* Decides by the tables, and installs the decision as a megaflow. */
static struct decision
slow_path(struct forward *f, const struct vsw_flowkey *key, uint64_t now_ns)
{
    struct decision *decision;
    struct vsw_flow_rule rule;

    if (f->n_flows == MAX_FLOWS) {
        flush(f);
    }
    decision = &f->decisions[f->n_flows];
    vsw_synth_rule(&f->synth, key, &rule, NULL);
    decision->denied = rule.negative;
    decision->port = rule.negative ? FORWARD_DROP : port_for(f, key, now_ns);
    if (!rule.negative) {
        rule.mask = f->exact_mask;
    }
    /* With no room for another mask the next packet asks again. */
    if (vsw_megaflow_insert(f->megaflows, key, &rule.mask, f->n_flows, NULL)
        == 0) {
        f->n_flows++;
    }
    f->stats.n_misses++;
    return *decision;
}

/* The flow of 'key' in one of the caches, or VSW_FLOW_NONE. */
static uint32_t
fast_path(struct forward *f, const struct vsw_flowkey *key)
{
    uint32_t hash = vsw_jhash(key, sizeof *key, 0);
    uint32_t flow = vsw_emc_lookup(f->exact, key, hash, NULL);

    if (flow != VSW_FLOW_NONE) {
        f->stats.n_exact_hits++;
        return flow;
    }
    flow = vsw_megaflow_lookup(f->megaflows, key, NULL);
    if (flow != VSW_FLOW_NONE) {
        f->stats.n_megaflow_hits++;
        vsw_emc_insert(f->exact, key, hash, flow, NULL);
    }
    return flow;
}

uint32_t
forward_decide(struct forward *f, const void *frame, size_t n_bytes,
               uint16_t in_port, uint64_t now_ns)
{
    struct decision decision;
    struct vsw_flowkey key;
    uint32_t flow;

    f->stats.n_pkts++;
    if (vsw_flowkey_extract(&key, frame, n_bytes, in_port, NULL)
        == VSW_LAYER_NONE) {
        f->stats.n_runts++;
        return FORWARD_DROP;
    }
    vsw_flowkey_project(&key, &key, &f->exact_mask);
    learn(f, &key.eth_src, in_port, now_ns);
    flow = fast_path(f, &key);
    decision = flow != VSW_FLOW_NONE ? f->decisions[flow]
                                     : slow_path(f, &key, now_ns);
    f->stats.n_acl_drops += decision.denied;
    return decision.port;
}

void
forward_expire(struct forward *f, uint64_t now_ns)
{
    if (vsw_mactable_expire(f->macs, now_ns, NULL) > 0) {
        flush(f);
    }
}

struct forward_stats
forward_stats(const struct forward *f)
{
    return f->stats;
}
