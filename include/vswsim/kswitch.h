/* Kernel switch: the datapath of Open vSwitch in the Linux kernel, or a Linux
 * bridge with netfilter, as code that runs in whatever context calls it: a
 * softirq, a vhost thread, a netback thread.
 *
 * Open vSwitch.  The headers are parsed into a flow key (the real parser, on
 * the packet's first buffer), which is hashed (jhash) and looked up in the
 * flow table: of exact flows, or of megaflows, where each mask that is tried
 * hashes the key again.  A miss goes to the daemon (upcall.h).  That learns
 * the source address, looks for a rule that denies (setup.acl), takes the
 * destination's port from its MAC table, and installs a flow.  If the table is
 * full, each packet goes to the daemon.
 *
 * With 'nic_hash', exact flows are also entered into an exact-match cache
 * (emc.h) by the Toeplitz hash that the NIC gives with the packet, and found
 * there without hashing in software: the third step of KVS (Choi et al., SoCC
 * 2017).
 *
 * Bridge.  The source address is learned and the destination looked up.  With
 * 'netfilter' or rules the packet then passes the hooks that a bridge has for
 * netfilter (br_netfilter), one of which compares it with the rules of the
 * FORWARD chain one after another (setup.acl, IPv4 only).  The chain is a copy
 * of the list, laid out as ip_tables does: a rule every 192 bytes.
 *
 * All tables are in simulated memory and declare their accesses.  They are
 * relaxed state, shared by the CPUs that call.
 *
 * Costs: FLOW_EXTRACT, and of Open vSwitch HASH_SOFT, KFLOW_LOOKUP,
 * KFLOW_ACTION, with 'nic_hash' EMC_LOOKUP, and those of upcall.h; of the
 * bridge BRIDGE_FORWARD, and BRIDGE_NETFILTER for the hooks; with rules
 * NETFILTER_RULE.
 *
 * Sources: Linux net/openvswitch (flow.c, flow_table.c, datapath.c),
 * net/bridge (br_input.c, br_fdb.c, br_netfilter), net/ipv4/netfilter.
 * Left out: expiry of flows, groups, tunnels, connection tracking, spanning
 * trees; statistics are one counter per flow.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_KSWITCH_H
#define VSWSIM_KSWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/emc.h>
#include <vswsim/error.h>
#include <vswsim/exact.h>
#include <vswsim/mactable.h>
#include <vswsim/megaflow.h>
#include <vswsim/switch.h>
#include <vswsim/toeplitz.h>
#include <vswsim/upcall.h>

VSW_EXTERN_C_BEGIN

enum vsw_kswitch_kind {
    VSW_KSWITCH_OVS,
    VSW_KSWITCH_BRIDGE,
};

enum vsw_kswitch_table {
    VSW_KSWITCH_EXACT,
    VSW_KSWITCH_MEGAFLOW,
};

/* What vsw_kswitch_forward() returns if not a port; VSW_PORT_FLOOD, of
 * mactable.h, is all ports but the one of entry. */
#define VSW_KSWITCH_HELD   (VSW_PORT_FLOOD - 1) /* The daemon has it. */
#define VSW_KSWITCH_DENIED (VSW_PORT_FLOOD - 2) /* Drop it: a rule. */
#define VSW_KSWITCH_LOST   (VSW_PORT_FLOOD - 3) /* Drop it: the daemon's queue
                                                 * is full. */

/* The daemon has decided on a packet it held.  'port' is what
 * vsw_kswitch_forward() would return, never HELD or LOST. */
typedef void (*vsw_kswitch_resume_fn)(void *aux, struct vsw_worker *daemon,
                                      uint32_t pkt, uint32_t port);

struct vsw_kswitch_setup {
    enum vsw_kswitch_kind kind;
    enum vsw_kswitch_table table;
    bool warm;                  /* The flows of the trace are installed before
                                 * the run, as far as they fit. */
    bool nic_hash;
    uint32_t first_nic_port;    /* With 'nic_hash': lower ports are guests',
                                 * whose packets come without a hash. */
    uint32_t max_flows;         /* 1 to 2^20. */
    uint32_t max_masks;         /* Of megaflows, 1 to 4096. */
    uint32_t emc_entries;       /* With 'nic_hash'; a power of two. */
    bool netfilter;             /* A bridge calls netfilter, rules or none. */
    const struct vsw_acl *acl;  /* Borrowed; NULL: no rules. */
    struct vsw_upcall_setup daemon; /* Of Open vSwitch; 'handle', 'is_known'
                                     * and their 'aux' are not used. */
    bool knows_flows;           /* The daemon remembers its flows, and sends
                                 * further packets of one on for less than it
                                 * takes to decide: Open vSwitch 1.x, whose
                                 * handle_flow_miss() finds the facet.  Later
                                 * ones translate each packet. */
    vsw_kswitch_resume_fn resume;
    void *aux;                  /* Of 'resume'. */
};

#define VSW_KSWITCH_SETUP_DEFAULT                                         \
    {.max_flows = 8192, .max_masks = 64,                                  \
     .emc_entries = VSW_EMC_OVS_ENTRIES,                                  \
     .daemon = {.priority = 250, .limit_pkts = 512}}

/* A flow that is installed: a line of memory. */
struct vsw_kflow {
    uint64_t n_pkts;
    uint64_t n_bytes;
    uint32_t port;              /* Or VSW_PORT_FLOOD, VSW_KSWITCH_DENIED. */
    uint8_t pad[44];
};

struct vsw_kswitch {
    struct vsw_kswitch_setup setup;
    struct vsw_switch *sw;
    struct vsw_arena arena;     /* Of its own. */
    void *arena_mem;
    struct vsw_mactable *macs;
    struct vsw_acl chain;       /* Of a bridge with rules. */
    struct vsw_exact *exact;
    struct vsw_megaflow *megaflows;
    struct vsw_emc *emc;
    struct vsw_toeplitz *toeplitz;
    struct vsw_kflow *flows;
    uint32_t n_flows;
    struct vsw_upcall upcall;

    /* In the window. */
    uint64_t n_lookups;
    uint64_t n_emc_hits;
    uint64_t n_hits;            /* Of the flow table. */
    uint64_t n_flows_held;
    uint64_t n_masks;           /* Of masked flows. */
    uint64_t n_masks_tried;
    uint64_t n_rules_compared;
};

/* Makes a kernel switch for the ports of 'sw', whose addresses it knows, as if
 * each had answered to ARP before the run.  Adds its counters and its memory
 * to those of 'sw'.  Returns 0, or a negative errno value with 'err'
 * filled. */
VSW_API int vsw_kswitch_init(struct vsw_kswitch *ks, struct vsw_switch *sw,
                             const struct vsw_kswitch_setup *setup,
                             struct vsw_error *err);
VSW_API void vsw_kswitch_fini(struct vsw_kswitch *ks);

/* Decides to which port 'pkt' goes, and charges 'unit' for it.  The headers
 * are in the packet's first buffer.  Returns a port, VSW_PORT_FLOOD, or one of
 * VSW_KSWITCH_*; with HELD, the packet and its buffers are the daemon's until
 * 'resume' hands them back. */
VSW_API uint32_t vsw_kswitch_forward(struct vsw_kswitch *ks,
                                     struct vsw_unit *unit, uint32_t pkt);

/* The reason to drop a packet for which vsw_kswitch_forward() returned DENIED
 * or LOST. */
static inline enum vsw_drop
vsw_kswitch_drop(uint32_t verdict)
{
    return verdict == VSW_KSWITCH_DENIED ? VSW_DROP_DENIED
                                         : VSW_DROP_UPCALL_FULL;
}

VSW_EXTERN_C_END

#endif
