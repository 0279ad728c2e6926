/* Foreign mappings: what a driver domain may use of the guests' memory, as
 * the hypervisor keeps account of it.
 *
 * Pages are those of vsw_bufs: a number each.  In the original mechanism the
 * driver domain maps a page that a guest has granted, and the maptrack table
 * has an entry for each mapping that is live; how often a page is mapped
 * matters because its first mapping adds it to the IOMMU's table and its last
 * unmapping removes it.  In the new mechanism the guest itself puts a page
 * into a range of the driver domain's addresses, and the reference is the
 * offset in that range.
 *
 * A page is pinned while it is mapped, issued or copied: a guest cannot free
 * it.
 *
 * Costs and steps are in grant_call.h; here is only the state.
 *
 * Source: Ram, PhD thesis, Rice University, chapter 3.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_FOREIGN_H
#define VSWSIM_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/iommu.h>
#include <vswsim/pkt.h>
#include <vswsim/sim.h>

VSW_EXTERN_C_BEGIN

/* How the hypervisor finds out how often a page is mapped. */
enum vsw_mapcount {
    VSW_MAPCOUNT_SCAN,          /* It scans the maptrack table. */
    VSW_MAPCOUNT_COUNTER,       /* Each page has a counter. */
};

struct vsw_foreign_setup {
    uint32_t n_pages;           /* Page numbers are below that. */
    uint32_t n_refs;            /* Of the range of addresses that guests fill
                                 * themselves; 0 in the original mechanism. */
    bool has_iommu;
    bool flush_iotlb_each;      /* At each page removed, else once per call. */
    bool flush_tlb_each;        /* The same for the local TLB. */
    bool dummy_pages;           /* Revoking leads a reference to a dummy page
                                 * instead of leaving a hole. */
    enum vsw_mapcount mapcount;
};

enum vsw_grant_op {
    VSW_GRANT_OP_MAP,           /* By the driver domain. */
    VSW_GRANT_OP_UNMAP,
    VSW_GRANT_OP_COPY,
    VSW_GRANT_OP_ISSUE,         /* By a guest; the new mechanism. */
    VSW_GRANT_OP_REVOKE,
    VSW_GRANT_N_OPS,
};

struct vsw_foreign {
    struct vsw_foreign_setup setup;
    const struct vsw_bufs *bufs;        /* Borrowed; NULL: where pages lie is
                                         * not known. */
    uint32_t *n_pins;           /* By page. */
    uint32_t *n_maps;
    uint32_t *maptrack;         /* Pages mapped now, in no order. */
    uint32_t n_live;
    uint32_t *refs;             /* Page of each reference, or VSW_NONE. */
    uint32_t *n_uses;           /* Of each, by the driver domain, now. */
    uint32_t n_issued;
    uint32_t max_live;          /* The whole run. */
    uint64_t n_calls[VSW_GRANT_N_OPS];
    uint64_t n_ops[VSW_GRANT_N_OPS];
    uint64_t n_scanned;         /* Maptrack entries. */
    struct vsw_iommu iommu;     /* If it has one. */
};

/* Makes accounts with nothing mapped.  Returns 0, or a negative errno value
 * with 'err' filled. */
VSW_API int vsw_foreign_init(struct vsw_foreign *foreign,
                             const struct vsw_sim *sim,
                             const struct vsw_foreign_setup *setup,
                             struct vsw_error *err);
VSW_API void vsw_foreign_fini(struct vsw_foreign *foreign);

/* Puts 'page' at 'ref' before the run begins, at no cost. */
VSW_API void vsw_foreign_place(struct vsw_foreign *foreign, uint32_t ref,
                               uint32_t page);

/* The driver domain begins or ends to use the page at 'ref', by address
 * arithmetic alone; returns the page.  It is a defect of ours if nothing is
 * there: 'check' reports it. */
VSW_API uint32_t vsw_foreign_use(struct vsw_foreign *foreign,
                                 struct vsw_sim *sim, uint32_t ref);
VSW_API void vsw_foreign_end_use(struct vsw_foreign *foreign, uint32_t ref);

/* The rule that 'foreign' breaks (static text), or NULL: each page is pinned
 * as often as it is mapped and issued, its counter equals its entries in the
 * maptrack table, what is mapped is in the IOMMU's table and nothing else
 * is.  Between calls only. */
VSW_API const char *vsw_foreign_audit(const struct vsw_foreign *foreign);

VSW_EXTERN_C_END

#endif
