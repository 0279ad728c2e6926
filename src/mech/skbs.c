#include <vswsim/skbs.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mem.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

/* What is written of an SKB when only its header fields are reset. */
#define RESET_BYTES 128

/* What is read of one that is freed: its end pointers and references. */
#define FREE_BYTES 64

/* The SKB, and its data. */
#define OBJECTS_PER_PKT 2

static const uint16_t costs[VSW_N_SKB_SCHEMES][2] = {
    [VSW_SKB_SLAB] = {VSW_COST_SKB_ALLOC, VSW_COST_SKB_INIT},
    [VSW_SKB_PREALLOC] = {VSW_COST_SKB_INIT, VSW_COST_SKB_INIT},
    [VSW_SKB_SINGLE] = {VSW_COST_SKB_RESET, VSW_COST_SKB_RESET},
};

int
vsw_skbs_init(struct vsw_skbs *skbs, struct vsw_unit *unit,
              enum vsw_skb_scheme scheme, uint32_t n_skbs, const char *who,
              struct vsw_error *err)
{
    int error = vsw_sim_require_costs(unit->sim, who, costs[scheme],
                                      VSW_N_ELEMS(costs[scheme]), err);

    assert(n_skbs > 0);
    memset(skbs, 0, sizeof *skbs);
    if (error) {
        return error;
    }
    skbs->scheme = scheme;
    skbs->n_skbs = scheme == VSW_SKB_SINGLE ? 1 : n_skbs;
    skbs->free = calloc(skbs->n_skbs, sizeof *skbs->free);
    if (!skbs->free) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for %u SKBs", n_skbs);
    }
    skbs->addr = vsw_mem_alloc(unit->sim,
                               (uint64_t) skbs->n_skbs * VSW_SKB_BYTES,
                               vsw_mem_node(unit));
    for (uint32_t i = 0; i < skbs->n_skbs; i++) {
        /* So that the lowest comes first, of a stack or a ring. */
        skbs->free[i] = scheme == VSW_SKB_SLAB ? skbs->n_skbs - 1 - i : i;
    }
    skbs->tail = scheme == VSW_SKB_SLAB ? skbs->n_skbs : 0;
    return 0;
}

void
vsw_skbs_fini(struct vsw_skbs *skbs)
{
    free(skbs->free);
    skbs->free = NULL;
}

static void
touch(const struct vsw_skbs *skbs, struct vsw_unit *unit, uint32_t skb,
      uint32_t n_bytes, enum vsw_mem_kind kind)
{
    vsw_mem_access(unit, VSW_ACCOUNT_SKB,
                   skbs->addr + (uint64_t) skb * VSW_SKB_BYTES, n_bytes,
                   kind);
}

uint32_t
vsw_skbs_get(struct vsw_skbs *skbs, struct vsw_unit *unit)
{
    uint32_t skb;

    if (skbs->scheme == VSW_SKB_SINGLE) {
        vsw_unit_charge(unit, VSW_ACCOUNT_SKB, VSW_COST_SKB_RESET, 1);
        touch(skbs, unit, 0, RESET_BYTES, VSW_MEM_WRITE);
        return 0;
    }
    assert(vsw_skbs_n_free(skbs) > 0);
    if (skbs->scheme == VSW_SKB_SLAB) {
        skb = skbs->free[--skbs->tail];
        skbs->n_taken++;
        vsw_unit_charge(unit, VSW_ACCOUNT_SKB_ALLOC, VSW_COST_SKB_ALLOC,
                        OBJECTS_PER_PKT);
    } else {
        skb = skbs->free[skbs->head];
        skbs->head = skbs->head + 1 < skbs->n_skbs ? skbs->head + 1 : 0;
        skbs->n_taken++;
    }
    if (skbs->n_taken > skbs->max_used) {
        skbs->max_used = skbs->n_taken;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_SKB, VSW_COST_SKB_INIT, 1);
    touch(skbs, unit, skb, VSW_SKB_BYTES, VSW_MEM_WRITE);
    return skb;
}

void
vsw_skbs_put(struct vsw_skbs *skbs, struct vsw_unit *unit, uint32_t skb)
{
    if (skbs->scheme == VSW_SKB_SINGLE) {
        return;
    }
    touch(skbs, unit, skb, FREE_BYTES, VSW_MEM_READ);
    if (skbs->scheme == VSW_SKB_SLAB) {
        skbs->free[skbs->tail++] = skb;
        skbs->n_taken--;
    } else {
        skbs->free[skbs->tail] = skb;
        skbs->tail = skbs->tail + 1 < skbs->n_skbs ? skbs->tail + 1 : 0;
        skbs->n_taken--;
    }
}

uint64_t
vsw_skbs_n_bytes(const struct vsw_skbs *skbs)
{
    /* Slabs grow as far as they were used; the others are all there. */
    uint64_t n = skbs->scheme == VSW_SKB_SLAB ? skbs->max_used
                                              : skbs->n_skbs;

    return n * VSW_SKB_BYTES;
}
