/* Transmission to a wire without a copy: the hypervisor maps the sender's
 * pages into the driver domain, which has the NIC send them, and then gives
 * them back by a hypercall.  Only then are they the sender's again.
 *
 * Source: Ram, PhD thesis, Rice University, section 4.6; mapping as in section
 * 3.4, but by the hypervisor, so that the sender makes no hypercall for it.
 *
 * A packet lies in the relay's ring and then in the NIC's, so no more pages
 * are lent than both have slots, and the relay's own lie aside.
 *
 * Left out: an IOMMU, which the machine of the thesis does not use either; of
 * its NIC's reading the pages, nothing is checked. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"
#include "models/hyper_switch/hyper.h"

/* Pages between the two rings. */
#define MORE_PAGES 64

struct hyper_lend {
    struct hyper *hyper;
    struct vsw_nic_relay_lender lender;
    struct vsw_foreign foreign;
    struct vsw_shootdown shootdown;     /* Of the driver domain's TLB. */
    struct vsw_grant_call call;
    bool calling;                       /* A hypercall is under way, ... */
    bool called;                        /* ... but for the completions. */
    uint32_t n_refs;
    uint32_t *free_refs;
    uint32_t n_free;
    uint32_t *ref_of;                   /* By buffer; VSW_NONE: not lent. */
    uint32_t *owner_of;                 /* Port that has lent it. */
    struct vsw_bufpool aside;           /* The driver domain's own. */
    struct vsw_grant_item *items;       /* To be given back, ... */
    uint32_t n_items;
    uint32_t *chains;                   /* ... and their chains. */
    uint32_t n_chains;
};

/* --- Lending ------------------------------------------------------------- */

bool
hyper_lends(const struct hyper_vnic *to, uint32_t pkt)
{
    const struct hyper *h = to->hyper;
    uint32_t n_guests = vsw_switch_n_guests(h->sw);

    return h->lends && to->index >= n_guests
           && h->sw->pkts->pkts[pkt].in_port < n_guests;
}

void
hyper_charge_lend(struct vsw_unit *unit, uint32_t n_pages)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_GRANT, VSW_COST_GRANT_ISSUE, n_pages);
}

static struct hyper_lend *
lend_of(const struct hyper_vnic *to)
{
    return &to->hyper->lends[to->index
                             - vsw_switch_n_guests(to->hyper->sw)];
}

void
hyper_lend(struct hyper_vnic *to, uint32_t pkt)
{
    struct hyper *h = to->hyper;
    struct hyper_lend *l = lend_of(to);
    const struct vsw_pkt *p = &h->sw->pkts->pkts[pkt];

    for (uint32_t b = p->buf; b != VSW_NONE; b = h->sw->bufs.next[b]) {
        assert(l->n_free > 0);
        l->ref_of[b] = l->free_refs[--l->n_free];
        l->owner_of[b] = p->in_port;
        vsw_foreign_place(&l->foreign, l->ref_of[b], b);
        h->n.pages_lent++;
    }
    h->n.lent++;
}

void
hyper_set_aside(struct hyper_vnic *to, uint32_t bufs)
{
    vsw_bufpool_put(&lend_of(to)->aside, bufs);
}

/* --- Giving back --------------------------------------------------------- */

static bool
is_lent(void *aux, uint32_t buf)
{
    const struct hyper_lend *l = aux;

    return l->ref_of[buf] != VSW_NONE;
}

static uint32_t
own(void *aux, uint32_t n)
{
    struct hyper_lend *l = aux;

    return vsw_bufpool_get(&l->aside, n);
}

static void
take_back(void *aux, uint32_t bufs)
{
    struct hyper_lend *l = aux;

    for (uint32_t b = bufs; b != VSW_NONE; b = l->hyper->sw->bufs.next[b]) {
        l->items[l->n_items++] = (struct vsw_grant_item) {
            .page = b, .ref = l->ref_of[b],
        };
    }
    l->chains[l->n_chains++] = bufs;
}

/* At sync, with nobody mapping them any more: the transmit completions. */
static void
complete(struct hyper_lend *l)
{
    struct vsw_sim *sim = l->hyper->sw->sim;

    vsw_sim_expect(sim, !sim->check || !vsw_foreign_audit(&l->foreign),
                   "pages lent to the driver domain are pinned, once");
    vsw_sim_expect(sim, l->foreign.n_issued + l->n_items
                            == l->n_refs - l->n_free,
                   "what is lent is mapped, until it is given back");
    for (uint32_t i = 0; i < l->n_items; i++) {
        uint32_t page = l->items[i].page;

        l->free_refs[l->n_free++] = l->ref_of[page];
        l->ref_of[page] = VSW_NONE;
    }
    for (uint32_t i = 0; i < l->n_chains; i++) {
        hyper_complete(l->hyper, l->owner_of[l->chains[i]], l->chains[i]);
    }
    l->hyper->n.pages_returned += l->n_items;
    l->hyper->n.return_calls++;
    l->n_items = 0;
    l->n_chains = 0;
}

static bool
give_back(void *aux, struct vsw_worker *worker)
{
    struct hyper_lend *l = aux;

    if (l->n_items == 0) {
        return true;
    }
    if (!l->calling) {
        l->calling = true;
        l->called = false;
        vsw_grant_call_begin(&l->call, &l->foreign, &l->shootdown,
                             VSW_GRANT_OP_REVOKE, l->items, l->n_items);
    }
    if (!l->called && !vsw_grant_call_run(&l->call, worker)) {
        return false;
    }
    l->called = true;
    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    l->calling = false;
    complete(l);
    return true;
}

/* --- Start --------------------------------------------------------------- */

static int
allocate(struct hyper_lend *l)
{
    uint32_t n_bufs = l->hyper->sw->bufs.n_bufs;

    l->free_refs = calloc(l->n_refs, sizeof *l->free_refs);
    l->items = calloc(l->n_refs, sizeof *l->items);
    l->chains = calloc(l->n_refs, sizeof *l->chains);
    l->ref_of = calloc(n_bufs, sizeof *l->ref_of);
    l->owner_of = calloc(n_bufs, sizeof *l->owner_of);
    if (!l->free_refs || !l->items || !l->chains || !l->ref_of
        || !l->owner_of) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_bufs; i++) {
        l->ref_of[i] = VSW_NONE;
    }
    while (l->n_free < l->n_refs) {
        l->free_refs[l->n_free] = l->n_free;
        l->n_free++;
    }
    return 0;
}

static int
init(struct hyper_lend *l, struct hyper *h, uint32_t wire,
     struct vsw_error *err)
{
    struct vsw_switch *sw = h->sw;
    const struct vsw_port *port = &sw->ports[vsw_switch_n_guests(sw) + wire];
    struct vsw_foreign_setup setup = {.n_pages = sw->bufs.n_bufs};
    int error;

    l->hyper = h;
    l->n_refs = sw->n_slots + vsw_nic_tx_ring(&port->queues[0])->mask + 1
                + MORE_PAGES;
    l->lender = (struct vsw_nic_relay_lender) {
        .is_lent = is_lent, .own = own, .take_back = take_back,
        .give_back = give_back, .aux = l,
    };
    l->aside = (struct vsw_bufpool) {.bufs = &sw->bufs, .free = VSW_NONE};
    setup.n_refs = l->n_refs;
    error = vsw_foreign_init(&l->foreign, sw->sim, &setup, err);
    if (error) {
        return error;
    }
    if (allocate(l)
        || vsw_shootdown_init(&l->shootdown, &sw->units[0], 1, sw->domain)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for lent pages");
    }
    return 0;
}

int
hyper_start_lending(struct hyper *h, struct vsw_error *err)
{
    uint32_t n = h->sw->n_wires;
    int error;

    if (!h->p.zero_copy_tx || n == 0) {
        return 0;
    }
    error = vsw_grant_check_costs(h->sw->sim, true, false, err);
    if (error) {
        return error;
    }
    h->lends = calloc(n, sizeof *h->lends);
    if (!h->lends) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for lent pages");
    }
    for (uint32_t i = 0; !error && i < n; i++) {
        error = init(&h->lends[i], h, i, err);
    }
    return error;
}

const struct vsw_nic_relay_lender *
hyper_lender(const struct hyper *h, uint32_t wire)
{
    return h->lends ? &h->lends[wire].lender : NULL;
}

void
hyper_stop_lending(struct hyper *h)
{
    for (uint32_t i = 0; h->lends && i < h->sw->n_wires; i++) {
        struct hyper_lend *l = &h->lends[i];

        vsw_foreign_fini(&l->foreign);
        vsw_shootdown_fini(&l->shootdown);
        free(l->free_refs);
        free(l->items);
        free(l->chains);
        free(l->ref_of);
        free(l->owner_of);
    }
    free(h->lends);
    h->lends = NULL;
}
