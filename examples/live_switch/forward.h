/* Forwarding decisions of the live switch, on the datapath library alone.
 *
 * A packet's flow is looked for in the exact-match cache, then among the
 * megaflows; if neither knows it, the slow path asks access list and MAC table
 * and installs what it finds.  When an address moves to another port, all
 * cached decisions go. */
#ifndef LIVE_SWITCH_FORWARD_H
#define LIVE_SWITCH_FORWARD_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/mactable.h>

/* Decisions that are no port. */
#define FORWARD_FLOOD VSW_PORT_FLOOD
#define FORWARD_DROP  (VSW_PORT_FLOOD - 1)

struct forward_stats {
    uint64_t n_pkts;
    uint64_t n_exact_hits;
    uint64_t n_megaflow_hits;
    uint64_t n_misses;          /* Decided by the slow path. */
    uint64_t n_acl_drops;
    uint64_t n_runts;           /* Shorter than an Ethernet header. */
    uint64_t n_flushes;         /* Of all cached decisions. */
};

struct forward;

/* Makes a switch whose packets 'acl' filters (borrowed).  Returns NULL if
 * memory is short. */
struct forward *forward_new(const struct vsw_acl *acl);

void forward_free(struct forward *f);

/* Decides where the 'n_bytes' at 'frame', which came in on 'in_port' at
 * 'now_ns', go: to a port, to all others (FORWARD_FLOOD) or nowhere
 * (FORWARD_DROP). */
uint32_t forward_decide(struct forward *f, const void *frame, size_t n_bytes,
                        uint16_t in_port, uint64_t now_ns);

/* Forgets addresses not seen for long; to be called now and then. */
void forward_expire(struct forward *f, uint64_t now_ns);

struct forward_stats forward_stats(const struct forward *f);

#endif
