#include <vswsim/grant_call.h>

#include <assert.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/workload.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"

/* One step of a page or of the end of a call; false: go on with this step when
 * called again. */
typedef bool (*step_fn)(struct vsw_grant_call *call,
                        struct vsw_worker *worker);

#define MAX_STEPS 5

struct steps {
    step_fn page[MAX_STEPS];    /* Up to a NULL. */
    step_fn end[MAX_STEPS];
};

int
vsw_grant_check_costs(const struct vsw_sim *sim, bool by_guest,
                      bool has_iommu, struct vsw_error *err)
{
    static const uint16_t by_backend[] = {
        VSW_COST_HYPERCALL,  VSW_COST_GRANT_ENTRY, VSW_COST_GRANT_MAP,
        VSW_COST_GRANT_UNMAP, VSW_COST_GRANT_COPY, VSW_COST_COPY_BYTE,
        VSW_COST_TLB_FLUSH,
    };
    static const uint16_t by_guests[] = {
        VSW_COST_HYPERCALL, VSW_COST_GRANT_ISSUE, VSW_COST_GRANT_REVOKE,
        VSW_COST_IPI_SEND,  VSW_COST_IPI_LATENCY, VSW_COST_IPI_HANDLER,
        VSW_COST_TLB_FLUSH,
    };
    static const uint16_t with_iommu[] = {
        VSW_COST_LOCK,           VSW_COST_IOMMU_MAP,   VSW_COST_IOMMU_UNMAP,
        VSW_COST_MAPTRACK_ENTRY, VSW_COST_IOTLB_FLUSH, VSW_COST_MAPCOUNT,
    };
    int error = by_guest ? vsw_sim_require_costs(sim, "grants by guests",
                                                 by_guests,
                                                 VSW_N_ELEMS(by_guests), err)
                         : vsw_sim_require_costs(sim, "grants", by_backend,
                                                 VSW_N_ELEMS(by_backend),
                                                 err);

    return error || !has_iommu
           ? error
           : vsw_sim_require_costs(sim, "grants with an IOMMU", with_iommu,
                                   VSW_N_ELEMS(with_iommu), err);
}

static void
charge(const struct vsw_worker *worker, uint32_t cost, uint64_t n)
{
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GRANT, cost, n);
}

static const struct vsw_grant_item *
item_of(const struct vsw_grant_call *call)
{
    return &call->items[call->at];
}

/* Takes 'lock', for one of the IOMMU's two. */
static bool
lock(struct vsw_lock *lock, struct vsw_worker *worker)
{
    if (!vsw_lock_acquire(lock, worker)) {
        return false;
    }
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    return true;
}

/* --- Steps of a page ----------------------------------------------------- */

static bool
map_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_foreign *f = call->foreign;
    uint32_t page = item_of(call)->page;

    charge(worker, VSW_COST_GRANT_MAP, 1);
    call->at_edge = f->n_maps[page] == 0;
    f->n_pins[page]++;
    return true;
}

/* Enters the mapping, which is counted from now on. */
static bool
track_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_foreign *f = call->foreign;
    uint32_t page = item_of(call)->page;

    (void) worker;
    assert(f->n_live < f->setup.n_pages);
    f->maptrack[f->n_live++] = page;
    f->n_maps[page]++;
    if (f->n_live > f->max_live) {
        f->max_live = f->n_live;
    }
    return true;
}

/* Finds out how often the page is mapped, in the way that the hypervisor has;
 * only the IOMMU asks for it. */
static bool
count_mappings(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_foreign *f = call->foreign;
    struct vsw_unit *unit = worker->unit;

    if (!f->setup.has_iommu) {
        return true;
    }
    if (f->setup.mapcount == VSW_MAPCOUNT_SCAN) {
        vsw_unit_charge(unit, VSW_ACCOUNT_MAPCOUNT, VSW_COST_MAPTRACK_ENTRY,
                        f->n_live);
        f->n_scanned += f->n_live;
    } else {
        vsw_unit_charge(unit, VSW_ACCOUNT_MAPCOUNT, VSW_COST_MAPCOUNT, 1);
    }
    return true;
}

/* Device address of the page at hand. */
static uint32_t
device_page(const struct vsw_grant_call *call)
{
    const struct vsw_grant_item *item = item_of(call);

    return call->foreign->setup.n_refs ? item->ref : item->page;
}

static void
add_to_table(struct vsw_iommu *iommu, struct vsw_unit *unit, uint32_t page,
             uint32_t frame)
{
    int error;

    if (iommu->frames[page] != VSW_NONE) {
        vsw_iommu_replace(iommu, unit, page, frame);
        return;
    }
    error = vsw_iommu_map(iommu, unit, page, frame);
    if (error) {
        /* Unmapped by another call that has yet to flush. */
        vsw_iommu_flush(iommu, unit);
        error = vsw_iommu_map(iommu, unit, page, frame);
        assert(!error);
    }
}

static bool
add_to_iommu(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_iommu *iommu = &call->foreign->iommu;

    if (!call->foreign->setup.has_iommu || !call->at_edge) {
        return true;
    }
    if (!lock(&iommu->table_lock, worker)) {
        return false;
    }
    add_to_table(iommu, worker->unit, device_page(call), item_of(call)->page);
    vsw_lock_release(&iommu->table_lock, worker);
    return true;
}

/* Whether this unmapping is the last of the page. */
static bool
find_last(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    (void) worker;
    call->at_edge = call->foreign->n_maps[item_of(call)->page] == 1;
    return true;
}

static bool
remove_from_iommu(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_foreign *f = call->foreign;
    struct vsw_iommu *iommu = &f->iommu;

    if (!f->setup.has_iommu || !call->at_edge) {
        return true;
    }
    if (!lock(&iommu->table_lock, worker)) {
        return false;
    }
    if (f->setup.dummy_pages) {
        /* The dummy page is the one after all others. */
        vsw_iommu_replace(iommu, worker->unit, device_page(call),
                          f->setup.n_pages);
    } else {
        vsw_iommu_unmap(iommu, worker->unit, device_page(call));
    }
    vsw_lock_release(&iommu->table_lock, worker);
    call->must_flush = true;
    return true;
}

static bool
flush_iotlb(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    struct vsw_iommu *iommu = &call->foreign->iommu;

    if (!call->must_flush) {
        return true;
    }
    if (!lock(&iommu->flush_lock, worker)) {
        return false;
    }
    vsw_iommu_flush_now(iommu, worker->unit);
    vsw_lock_release(&iommu->flush_lock, worker);
    call->must_flush = false;
    return true;
}

static bool
flush_iotlb_each(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    return !call->foreign->setup.flush_iotlb_each || flush_iotlb(call, worker);
}

static void
forget_mapping(struct vsw_foreign *f, uint32_t page)
{
    uint32_t i = 0;

    while (f->maptrack[i] != page) {
        i++;
        assert(i < f->n_live);
    }
    f->maptrack[i] = f->maptrack[--f->n_live];
    f->n_maps[page]--;
    f->n_pins[page]--;
}

static bool
unmap_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    charge(worker, VSW_COST_GRANT_UNMAP, 1);
    if (call->foreign->setup.flush_tlb_each) {
        vsw_unit_charge(worker->unit, VSW_ACCOUNT_GRANT, VSW_COST_TLB_FLUSH,
                        1);
    }
    forget_mapping(call->foreign, item_of(call)->page);
    return true;
}

static bool
flush_tlb_once(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    if (!call->foreign->setup.flush_tlb_each) {
        charge(worker, VSW_COST_TLB_FLUSH, 1);
    }
    return true;
}

void
vsw_grant_copy_bytes(const struct vsw_foreign *f, struct vsw_unit *unit,
                     uint32_t account, const struct vsw_grant_item *item)
{
    if (vsw_mem_is_flat(unit) || !f->bufs) {
        vsw_mem_charge_flat(unit, account, VSW_COST_COPY_BYTE, item->n_bytes);
        return;
    }
    vsw_unit_charge(unit, account, VSW_COST_COPY_BYTE, item->n_bytes);
    vsw_mem_copy(unit, account, vsw_buf_addr(f->bufs, item->to),
                 vsw_buf_addr(f->bufs, item->from), item->n_bytes);
}

/* The pin lasts as long as this call of the worker, and nobody sees it. */
static bool
copy_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    charge(worker, VSW_COST_GRANT_COPY, 1);
    vsw_grant_copy_bytes(call->foreign, worker->unit, VSW_ACCOUNT_GRANT_COPY,
                         item_of(call));
    return true;
}

static bool
issue_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    const struct vsw_grant_item *item = item_of(call);
    struct vsw_foreign *f = call->foreign;

    vsw_sim_expect(worker->unit->sim, f->refs[item->ref] == VSW_NONE,
                   "a reference holds one page at a time");
    charge(worker, VSW_COST_GRANT_ISSUE, 1);
    f->refs[item->ref] = item->page;
    f->n_pins[item->page]++;
    f->n_issued++;
    call->at_edge = true;
    return true;
}

static bool
revoke_page(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    const struct vsw_grant_item *item = item_of(call);
    struct vsw_foreign *f = call->foreign;

    vsw_sim_expect(worker->unit->sim,
                   f->refs[item->ref] == item->page
                       && f->n_uses[item->ref] == 0,
                   "a page is not revoked while it is in use");
    charge(worker, VSW_COST_GRANT_REVOKE, 1);
    f->refs[item->ref] = VSW_NONE;
    f->n_issued--;
    call->at_edge = true;
    return true;
}

/* --- Steps of the end ---------------------------------------------------- */

static bool
shoot_down(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    return vsw_shootdown_run(call->shootdown, worker);
}

/* Only now can nobody reach the pages any more. */
static bool
unpin_all(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    (void) worker;
    for (uint32_t i = 0; i < call->n_items; i++) {
        call->foreign->n_pins[call->items[i].page]--;
    }
    return true;
}

static const struct steps steps_of[VSW_GRANT_N_OPS] = {
    [VSW_GRANT_OP_MAP] = {
        {map_page, count_mappings, add_to_iommu, track_page, NULL},
        {NULL},
    },
    [VSW_GRANT_OP_UNMAP] = {
        {count_mappings, find_last, remove_from_iommu, flush_iotlb_each,
         unmap_page},
        {flush_iotlb, flush_tlb_once, NULL},
    },
    [VSW_GRANT_OP_COPY] = {{copy_page, NULL}, {NULL}},
    [VSW_GRANT_OP_ISSUE] = {{issue_page, add_to_iommu, NULL}, {NULL}},
    [VSW_GRANT_OP_REVOKE] = {
        {revoke_page, remove_from_iommu, flush_iotlb_each, NULL},
        {flush_iotlb, shoot_down, unpin_all, NULL},
    },
};

/* --- A call -------------------------------------------------------------- */

void
vsw_grant_call_begin(struct vsw_grant_call *call, struct vsw_foreign *foreign,
                     struct vsw_shootdown *shootdown, enum vsw_grant_op op,
                     const struct vsw_grant_item *items, uint32_t n)
{
    assert(n > 0);
    *call = (struct vsw_grant_call) {
        .foreign = foreign,
        .shootdown = shootdown,
        .items = items,
        .n_items = n,
        .op = op,
    };
    foreign->n_calls[op]++;
    foreign->n_ops[op] += n;
}

static bool
run_steps(struct vsw_grant_call *call, struct vsw_worker *worker,
          const step_fn *steps)
{
    while (call->step < MAX_STEPS && steps[call->step]) {
        if (!steps[call->step](call, worker)) {
            return false;
        }
        call->step++;
    }
    return true;
}

bool
vsw_grant_call_run(struct vsw_grant_call *call, struct vsw_worker *worker)
{
    const struct steps *steps = &steps_of[call->op];

    if (!call->entered) {
        call->entered = true;
        charge(worker, VSW_COST_HYPERCALL, 1);
    }
    while (call->at < call->n_items) {
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return false;
        }
        if (!run_steps(call, worker, steps->page)) {
            return false;
        }
        call->step = 0;
        call->at++;
    }
    return run_steps(call, worker, steps->end);
}
