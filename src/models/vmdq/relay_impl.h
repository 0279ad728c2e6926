/* What the files of vmdq's relay share. */
#ifndef MODELS_VMDQ_RELAY_IMPL_H
#define MODELS_VMDQ_RELAY_IMPL_H

#include "core/account.h"
#include "core/cost.h"
#include "models/vmdq/relay.h"

static inline struct vsw_unit *
vmdq_unit(const struct vmdq_relay *r)
{
    return r->worker.unit;
}

static inline struct vsw_pkt *
vmdq_pkt(const struct vmdq_relay *r, uint32_t pkt)
{
    return &r->sw->pkts->pkts[pkt];
}

static inline bool
vmdq_is_shared(const struct vmdq_queue *nic)
{
    return nic->n_guests > 1;
}

static inline void
vmdq_charge(const struct vmdq_relay *r, uint32_t account, uint32_t cost,
            uint32_t n)
{
    vsw_unit_charge(vmdq_unit(r), account, cost, n);
}

/* Looks, at sync, what has gathered in 'ring', to take the bursts of
 * 'n_guests'. */
static inline void
vmdq_visit(struct vmdq_relay *r, struct vsw_ring *ring, uint32_t n_guests)
{
    vsw_ring_visible(ring, vmdq_unit(r)->sync_ps);
    r->visiting = true;
    r->n_taken = 0;
    r->max_taken = n_guests * r->setup.burst_pkts;
}

/* Whether the visit has something left to take. */
static inline bool
vmdq_has_more(const struct vmdq_relay *r, const struct vsw_ring *ring)
{
    return r->n_taken < r->max_taken && ring->fills.seen != ring->popped;
}

/* Passes on what a guest sends.  False: goes on in the next call. */
bool vmdq_serve_guest(struct vmdq_relay *r, struct vmdq_guest *g);

/* Gives back the slots of what the NIC has read. */
void vmdq_reap(struct vmdq_relay *r, struct vmdq_queue *nic);

/* Hands over what the NIC received, to 'owner', or NULL if the queue is
 * shared.  False: goes on in the next call. */
bool vmdq_serve_nic(struct vmdq_relay *r, struct vmdq_queue *nic,
                    struct vmdq_guest *owner);

#endif
