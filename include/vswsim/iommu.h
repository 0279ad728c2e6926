/* IOMMU: which pages of memory a device may reach, and its IOTLB.
 *
 * A CPU maps and unmaps pages of the device's address space.  The IOTLB keeps
 * entries that devices have used, and goes on answering for a page that was
 * unmapped until it is flushed.  A flush drops all entries: the CPU requests
 * it and polls a register until it is done.
 *
 *   strict    Each unmap flushes.
 *   batched   Unmaps gather; one flush, by vsw_iommu_flush() or when the batch
 *             is full, ends them.  Until then a device can still reach pages
 *             that are no longer its own, which is counted.
 *
 * An address is free for another page once its unmapping was flushed.  Two
 * locks serialise CPUs where the hypervisor has them: around the table and
 * around the flush; callers take them.
 *
 * Costs: IOMMU_MAP, IOMMU_UNMAP, IOTLB_FLUSH, all on the CPU.
 * Source: Ram, PhD thesis, Rice University, chapter 3; Intel, Virtualization
 * Technology for Directed I/O, section 6.
 *
 * Left out: the levels of the table, the time of a walk after a miss, page-
 * selective flushes (they cost the CPU as much).
 *
 * Thread-safety: none. */
#ifndef VSWSIM_IOMMU_H
#define VSWSIM_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/sim.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

/* How the IOTLB is organised. */
#define VSW_IOTLB_N_WAYS 4

struct vsw_iommu_setup {
    uint32_t n_pages;           /* Of the device's address space. */
    uint32_t n_iotlb_entries;   /* A power of two, >= VSW_IOTLB_N_WAYS. */
    uint32_t batch_pages;       /* Unmaps per flush; 1: strict. */
};

/* What a device's access met. */
enum vsw_iommu_access {
    VSW_IOMMU_HIT,              /* In the IOTLB. */
    VSW_IOMMU_MISS,             /* In the table; now in the IOTLB. */
    VSW_IOMMU_STALE,            /* In the IOTLB only: unmapped, not flushed. */
    VSW_IOMMU_FAULT,            /* Nowhere: refused. */
    VSW_IOMMU_N_ACCESSES,
};

struct vsw_iommu {
    struct vsw_iommu_setup setup;
    uint32_t *frames;           /* By device page; VSW_NONE: not mapped. */
    bool *is_pending;           /* Unmapped and not flushed. */
    uint32_t *pending;          /* Such pages, in order. */
    uint32_t n_pending;
    uint32_t *tags;             /* Of the IOTLB: pages, newest first in each
                                 * set, or VSW_NONE. */
    uint32_t *cached;           /* Their frames. */
    struct vsw_lock table_lock; /* For callers. */
    struct vsw_lock flush_lock;
    uint32_t n_mapped;          /* Now. */
    uint64_t n_maps;            /* The whole run. */
    uint64_t n_unmaps;
    uint64_t n_flushes;
    uint64_t n_accesses[VSW_IOMMU_N_ACCESSES];
};

/* Makes an IOMMU with nothing mapped.  Returns 0, or a negative errno value
 * with 'err' filled: -ENOMEM, or -EINVAL if a setup is out of range or the
 * machine of 'sim' lacks a cost. */
VSW_API int vsw_iommu_init(struct vsw_iommu *iommu, const struct vsw_sim *sim,
                           const struct vsw_iommu_setup *setup,
                           struct vsw_error *err);
VSW_API void vsw_iommu_fini(struct vsw_iommu *iommu);

/* Maps device page 'page' to 'frame', on 'cpu'.  Returns 0; -EEXIST if it is
 * mapped; -EBUSY if it was unmapped and that is not flushed yet.  What fails
 * costs nothing. */
VSW_API int vsw_iommu_map(struct vsw_iommu *iommu, struct vsw_unit *cpu,
                          uint32_t page, uint32_t frame);

/* Unmaps 'page' and flushes if the batch is full.  Returns 0, or -ENOENT if it
 * is not mapped. */
VSW_API int vsw_iommu_unmap(struct vsw_iommu *iommu, struct vsw_unit *cpu,
                            uint32_t page);

/* Leads 'page', which is mapped, to 'frame' instead, in one write: to or from
 * a dummy page.  What a device has used before may go on to answer until the
 * next flush, which the caller sees to if it matters. */
VSW_API void vsw_iommu_replace(struct vsw_iommu *iommu, struct vsw_unit *cpu,
                               uint32_t page, uint32_t frame);

/* Ends a batch: flushes if anything was unmapped since the last flush.
 * Returns how many pages that were. */
VSW_API uint32_t vsw_iommu_flush(struct vsw_iommu *iommu,
                                 struct vsw_unit *cpu);

/* Flushes, whether or not anything was unmapped: other CPUs may have flushed
 * for this one meanwhile, which it does not know. */
VSW_API void vsw_iommu_flush_now(struct vsw_iommu *iommu,
                                 struct vsw_unit *cpu);

/* A device touches 'page' (below n_pages); '*frame' is where that leads,
 * unless it is refused. */
VSW_API enum vsw_iommu_access vsw_iommu_access(struct vsw_iommu *iommu,
                                               uint32_t page,
                                               uint32_t *frame);

VSW_EXTERN_C_END

#endif
