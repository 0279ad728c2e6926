#include <vswsim/grantor.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/workload.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"

/* Where a batch stands. */
enum {
    IDLE,
    REVOKING,
    ISSUING,
};

int
vsw_grantor_check_costs(const struct vsw_sim *sim,
                        enum vsw_grant_scheme scheme, struct vsw_error *err)
{
    static const uint16_t original[] = {
        VSW_COST_GRANT_ENTRY, VSW_COST_PAGE_ALLOC,
    };
    static const uint16_t new[] = {
        VSW_COST_PAGE_ALLOC, VSW_COST_GRANT_HASH, VSW_COST_COPY_BYTE,
        VSW_COST_SLAB_ALLOC,
    };

    if (scheme == VSW_GRANT_ORIGINAL) {
        return vsw_sim_require_costs(sim, "grant entries", original,
                                     VSW_N_ELEMS(original), err);
    }
    /* Only a slab needs the last, only a table the two before. */
    return vsw_sim_require_costs(sim, "grants by guests", new,
                                 scheme == VSW_GRANT_SLAB     ? 4
                                 : scheme == VSW_GRANT_REUSED ? 3
                                                              : 1,
                                 err);
}

/* Twice those of the ring, so that a drain has some to take. */
uint32_t
vsw_grantor_n_pages(enum vsw_grant_scheme scheme, uint32_t n_slots)
{
    return scheme == VSW_GRANT_SLAB ? 2 * n_slots : 0;
}

static uint32_t
n_slots_of(const struct vsw_grantor *g)
{
    return g->queue->tx.mask + 1;
}

/* The place of a slot's reference without a table. */
static uint32_t
fixed_ref(const struct vsw_grantor *g, enum vsw_grant_side side,
          uint32_t slot)
{
    return (side == VSW_GRANT_RX ? g->setup.n_refs / 2 : 0)
           + (slot & g->queue->tx.mask);
}

static bool
has_table(const struct vsw_grantor *g, enum vsw_grant_side side)
{
    return g->setup.scheme == VSW_GRANT_REUSED
           || (g->setup.scheme == VSW_GRANT_SLAB && side == VSW_GRANT_TX);
}

static bool
has_slab(const struct vsw_grantor *g, enum vsw_grant_side side)
{
    return g->setup.scheme == VSW_GRANT_SLAB && side == VSW_GRANT_RX;
}

static void
add_item(const struct vsw_grantor *g, struct vsw_grant_item *items,
         uint32_t *n, uint32_t page, uint32_t ref)
{
    items[(*n)++] = (struct vsw_grant_item) {
        .page = page,
        .ref = g->setup.first_ref + ref,
    };
}

/* --- What each scheme wants for a slot ----------------------------------- */

static uint32_t
get_from_table(struct vsw_grantor *g, enum vsw_grant_side side, uint32_t slot)
{
    struct vsw_grant_way *way = &g->ways[side];
    uint32_t page = vsw_grantor_page(g, side, slot);
    struct vsw_grant grant;

    switch (vsw_grants_get(g->grants, page,
                           side == VSW_GRANT_TX ? VSW_GRANT_READ_ONLY
                                                : VSW_GRANT_READ_WRITE,
                           &grant, NULL)) {
    case VSW_GRANT_REUSE:
        g->n_reused++;
        break;
    case VSW_GRANT_REPLACE:
        add_item(g, way->revokes, &way->n_revokes, grant.revoked_pfn,
                 grant.ref);
        add_item(g, way->issues, &way->n_issues, page, grant.ref);
        break;
    case VSW_GRANT_ISSUE:
        add_item(g, way->issues, &way->n_issues, page, grant.ref);
        break;
    case VSW_GRANT_ABORT:
        g->n_bounced++;
        return VSW_NONE;
    }
    return grant.ref;
}

/* The slab is larger than the ring, so there is a buffer. */
static uint32_t
get_from_slab(struct vsw_grantor *g, uint32_t slot)
{
    struct vsw_grant_way *way = &g->ways[VSW_GRANT_RX];
    uint32_t ref;
    enum vsw_grant_outcome outcome = vsw_grant_slab_get(g->slab, &ref, NULL);
    uint32_t page;

    assert(outcome != VSW_GRANT_ABORT);
    page = g->slab_pages[ref];
    g->queue->rx_bufs[slot & g->queue->rx.mask] = page;
    if (outcome == VSW_GRANT_REUSE) {
        g->n_reused++;
    } else {
        add_item(g, way->issues, &way->n_issues, page,
                 g->setup.n_refs / 2 + ref);
    }
    return ref;
}

static void
get_slot(struct vsw_grantor *g, enum vsw_grant_side side, uint32_t slot)
{
    struct vsw_grant_way *way = &g->ways[side];
    uint32_t *ref = &way->refs[slot & g->queue->tx.mask];

    g->n_gets++;
    if (has_slab(g, side)) {
        *ref = get_from_slab(g, slot);
    } else if (has_table(g, side)) {
        *ref = get_from_table(g, side, slot);
    } else {
        *ref = fixed_ref(g, side, slot);
        if (g->setup.scheme == VSW_GRANT_NO_REUSE) {
            add_item(g, way->issues, &way->n_issues,
                     vsw_grantor_page(g, side, slot), *ref);
        }
    }
}

static void
put_slot(struct vsw_grantor *g, enum vsw_grant_side side, uint32_t slot)
{
    struct vsw_grant_way *way = &g->ways[side];
    uint32_t ref = way->refs[slot & g->queue->tx.mask];

    if (has_slab(g, side)) {
        vsw_grant_slab_put(g->slab, ref, NULL);
        g->n_puts++;
    } else if (has_table(g, side)) {
        if (ref != VSW_NONE) {
            vsw_grants_put(g->grants, ref, NULL);
        }
    } else if (g->setup.scheme == VSW_GRANT_NO_REUSE) {
        add_item(g, way->revokes, &way->n_revokes,
                 vsw_grantor_page(g, side, slot), ref);
    }
}

/* Takes unused buffers out of the slab cache when it is time. */
static void
drain_slab(struct vsw_grantor *g)
{
    struct vsw_grant_way *way = &g->ways[VSW_GRANT_RX];
    uint32_t *refs = g->slab_pages + 2 * n_slots_of(g);
    uint32_t n;

    if (g->n_puts < g->setup.drain_after) {
        return;
    }
    g->n_puts = 0;
    n = vsw_grant_slab_drain(g->slab, g->setup.n_keep, refs, n_slots_of(g),
                             NULL);
    for (uint32_t i = 0; i < n; i++) {
        add_item(g, way->revokes, &way->n_revokes, g->slab_pages[refs[i]],
                 g->setup.n_refs / 2 + refs[i]);
    }
}

/* --- Charges of the guest itself ----------------------------------------- */

static void
charge_look_ups(struct vsw_grantor *g, enum vsw_grant_side side,
                struct vsw_unit *unit, uint32_t n)
{
    if (g->setup.scheme == VSW_GRANT_ORIGINAL) {
        vsw_unit_charge(unit, VSW_ACCOUNT_GRANT, VSW_COST_GRANT_ENTRY, n);
    } else if (has_table(g, side)) {
        vsw_unit_charge(unit, VSW_ACCOUNT_GRANT, VSW_COST_GRANT_HASH, n);
    }
}

static void
charge_get(struct vsw_grantor *g, enum vsw_grant_side side,
           struct vsw_unit *unit, uint32_t n)
{
    if (side == VSW_GRANT_RX) {
        vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER,
                        has_slab(g, side) ? VSW_COST_SLAB_ALLOC
                                          : VSW_COST_PAGE_ALLOC,
                        n);
    }
    charge_look_ups(g, side, unit, n);
}

/* Copies what went by pages that are not granted: on transmission before, on
 * reception afterwards. */
static void
charge_bounces(struct vsw_grantor *g, enum vsw_grant_side side,
               struct vsw_unit *unit, uint32_t slot, uint32_t n)
{
    uint32_t n_bounced = 0;

    for (uint32_t i = 0; has_table(g, side) && i < n; i++) {
        n_bounced += g->ways[side].refs[(slot + i) & g->queue->tx.mask]
                     == VSW_NONE;
    }
    if (n_bounced > 0) {
        vsw_mem_charge_flat(unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_BYTE,
                            (uint64_t) n_bounced * g->queue->buf_bytes);
    }
}

/* --- Batches ------------------------------------------------------------- */

static void
begin(struct vsw_grantor *g, struct vsw_grant_way *way, uint32_t phase)
{
    way->phase = phase;
    if (phase == REVOKING && way->n_revokes > 0) {
        vsw_grant_call_begin(&way->call, g->foreign, &way->shootdown,
                             VSW_GRANT_OP_REVOKE, way->revokes,
                             way->n_revokes);
    } else if (phase == ISSUING && way->n_issues > 0) {
        vsw_grant_call_begin(&way->call, g->foreign, NULL,
                             VSW_GRANT_OP_ISSUE, way->issues, way->n_issues);
    }
}

/* Runs the hypercalls of the batch at hand: what gives way goes first. */
static bool
run(struct vsw_grantor *g, struct vsw_grant_way *way,
    struct vsw_worker *worker)
{
    if (way->phase == REVOKING) {
        if (way->n_revokes > 0 && !vsw_grant_call_run(&way->call, worker)) {
            return false;
        }
        begin(g, way, ISSUING);
    }
    if (way->n_issues > 0 && !vsw_grant_call_run(&way->call, worker)) {
        return false;
    }
    way->phase = IDLE;
    way->n_revokes = 0;
    way->n_issues = 0;
    return true;
}

bool
vsw_grantor_get(struct vsw_grantor *g, enum vsw_grant_side side,
                struct vsw_worker *worker, uint32_t slot, uint32_t n)
{
    struct vsw_grant_way *way = &g->ways[side];

    if (way->phase == IDLE) {
        charge_get(g, side, worker->unit, n);
        for (uint32_t i = 0; i < n; i++) {
            get_slot(g, side, slot + i);
        }
        if (side == VSW_GRANT_TX) {
            charge_bounces(g, side, worker->unit, slot, n);
        }
        begin(g, way, REVOKING);
    }
    return run(g, way, worker);
}

bool
vsw_grantor_put(struct vsw_grantor *g, enum vsw_grant_side side,
                struct vsw_worker *worker, uint32_t slot, uint32_t n)
{
    struct vsw_grant_way *way = &g->ways[side];

    if (way->phase == IDLE) {
        if (g->setup.scheme == VSW_GRANT_ORIGINAL) {
            charge_look_ups(g, side, worker->unit, n);
        }
        if (side == VSW_GRANT_RX) {
            charge_bounces(g, side, worker->unit, slot, n);
        }
        for (uint32_t i = 0; i < n; i++) {
            put_slot(g, side, slot + i);
        }
        if (has_slab(g, side)) {
            drain_slab(g);
        }
        begin(g, way, REVOKING);
    }
    return run(g, way, worker);
}

/* --- Making one ---------------------------------------------------------- */

static int
init_way(struct vsw_grantor *g, enum vsw_grant_side side,
         struct vsw_unit *const *targets, uint32_t n_targets,
         uint32_t hypervisor)
{
    struct vsw_grant_way *way = &g->ways[side];
    uint32_t n_slots = n_slots_of(g);

    way->revokes = calloc(n_slots, sizeof *way->revokes);
    way->issues = calloc(n_slots, sizeof *way->issues);
    way->refs = calloc(n_slots, sizeof *way->refs);
    if (!way->revokes || !way->issues || !way->refs) {
        return -ENOMEM;
    }
    return vsw_shootdown_init(&way->shootdown, targets, n_targets,
                              hypervisor);
}

static int
init_slab(struct vsw_grantor *g, struct vsw_bufs *bufs,
          struct vsw_arena *arena)
{
    uint32_t n_pages = vsw_grantor_n_pages(g->setup.scheme, n_slots_of(g));

    /* Behind the pages there is room for what a drain takes. */
    g->slab_pages = calloc(n_pages + n_slots_of(g), sizeof *g->slab_pages);
    g->slab = vsw_grant_slab_new(arena, n_pages);
    for (uint32_t i = 0; g->slab_pages && i < n_pages; i++) {
        g->slab_pages[i] = vsw_bufs_take(bufs);
    }
    return g->slab_pages && g->slab ? 0 : -ENOMEM;
}

static int
init_tables(struct vsw_grantor *g, struct vsw_bufs *bufs,
            struct vsw_arena *arena)
{
    if (has_table(g, VSW_GRANT_TX)) {
        g->grants = vsw_grants_new(arena, g->setup.n_refs / 2,
                                   g->setup.n_ways);
        if (!g->grants) {
            return -ENOMEM;
        }
    }
    return has_slab(g, VSW_GRANT_RX) ? init_slab(g, bufs, arena) : 0;
}

/* The receive ring begins with buffers posted; coarse protection has granted
 * everything by then. */
static void
grant_at_start(struct vsw_grantor *g)
{
    struct vsw_grant_way *rx = &g->ways[VSW_GRANT_RX];
    uint32_t n_posted = g->setup.scheme == VSW_GRANT_COARSE
                        ? n_slots_of(g)
                        : vsw_ring_credits(&g->queue->rx, 0);

    if (g->setup.scheme == VSW_GRANT_ORIGINAL) {
        return;
    }
    for (uint32_t slot = 0; slot < n_posted; slot++) {
        get_slot(g, VSW_GRANT_RX, slot);
        if (g->setup.scheme == VSW_GRANT_COARSE) {
            add_item(g, rx->issues, &rx->n_issues,
                     vsw_grantor_page(g, VSW_GRANT_RX, slot),
                     fixed_ref(g, VSW_GRANT_RX, slot));
            vsw_foreign_place(g->foreign,
                              g->setup.first_ref
                                  + fixed_ref(g, VSW_GRANT_TX, slot),
                              vsw_grantor_page(g, VSW_GRANT_TX, slot));
        }
    }
    for (uint32_t i = 0; i < rx->n_issues; i++) {
        vsw_foreign_place(g->foreign, rx->issues[i].ref, rx->issues[i].page);
    }
    rx->n_issues = 0;
    g->n_gets = 0;
    g->n_reused = 0;
    g->n_bounced = 0;
}

int
vsw_grantor_init(struct vsw_grantor *g, struct vsw_foreign *foreign,
                 struct vsw_queue *queue,
                 const struct vsw_grantor_setup *setup,
                 struct vsw_unit *const *targets, uint32_t n_targets,
                 uint32_t hypervisor, struct vsw_bufs *bufs,
                 struct vsw_arena *arena, struct vsw_error *err)
{
    int error = 0;

    memset(g, 0, sizeof *g);
    g->setup = *setup;
    g->foreign = foreign;
    g->queue = queue;
    for (int side = 0; !error && side < VSW_GRANT_N_SIDES; side++) {
        error = init_way(g, (enum vsw_grant_side) side, targets, n_targets,
                         hypervisor);
    }
    error = error ? error : init_tables(g, bufs, arena);
    if (error) {
        vsw_grantor_fini(g);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                             "out of memory for the grants of a vNIC");
    }
    grant_at_start(g);
    return 0;
}

void
vsw_grantor_fini(struct vsw_grantor *g)
{
    for (int side = 0; side < VSW_GRANT_N_SIDES; side++) {
        struct vsw_grant_way *way = &g->ways[side];

        vsw_shootdown_fini(&way->shootdown);
        free(way->revokes);
        free(way->issues);
        free(way->refs);
    }
    free(g->slab_pages);
    memset(g, 0, sizeof *g);
}
