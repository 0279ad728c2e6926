/* What the files of the emulation core share. */
#ifndef MODELS_SNICH_EMULATION_IMPL_H
#define MODELS_SNICH_EMULATION_IMPL_H

#include "models/snich/emulation.h"

static inline struct vsw_unit *
snich_unit(const struct snich_emulation *e)
{
    return e->worker.unit;
}

static inline struct vsw_pkt *
snich_pkt(const struct snich_emulation *e, uint32_t pkt)
{
    return &e->sw->pkts->pkts[pkt];
}

/* The packet that was taken leaves its place: a slot of the sender's, or
 * 'buf' of the control plane. */
void snich_leave(struct snich_emulation *e, const struct snich_taken *t,
                 uint32_t buf);

/* The packet is lost. */
void snich_lose(struct snich_emulation *e, const struct snich_taken *t,
                enum vsw_drop drop);

/* Takes from the sources of the round.  False: goes on in the next call. */
bool snich_take(struct snich_emulation *e);

/* The class that goes first, NULL if nothing was taken. */
struct snich_class *snich_highest(struct snich_emulation *e);

/* Copies packets, highest class first.  False: goes on in the next call. */
bool snich_move(struct snich_emulation *e);

#endif
