#include <vswsim/iommu.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/workload.h>

#include "core/account.h"
#include "core/cost.h"

static int
check(const struct vsw_sim *sim, const struct vsw_iommu_setup *setup,
      struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_IOMMU_MAP, VSW_COST_IOMMU_UNMAP, VSW_COST_IOTLB_FLUSH,
    };
    uint32_t n = setup->n_iotlb_entries;

    if (setup->n_pages == 0 || setup->n_pages == VSW_NONE
        || setup->batch_pages == 0 || n < VSW_IOTLB_N_WAYS
        || (n & (n - 1))) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "an IOMMU needs pages, a batch of at least one, "
                             "and a power of two of IOTLB entries, at least "
                             "%d", VSW_IOTLB_N_WAYS);
    }
    return vsw_sim_require_costs(sim, "an IOMMU", costs, VSW_N_ELEMS(costs),
                                 err);
}

static uint32_t *
new_empty(uint32_t n)
{
    uint32_t *array = malloc(n * sizeof *array);

    if (array) {
        memset(array, 0xff, n * sizeof *array);     /* VSW_NONE */
    }
    return array;
}

int
vsw_iommu_init(struct vsw_iommu *iommu, const struct vsw_sim *sim,
               const struct vsw_iommu_setup *setup, struct vsw_error *err)
{
    int error = check(sim, setup, err);

    memset(iommu, 0, sizeof *iommu);
    if (error) {
        return error;
    }
    iommu->setup = *setup;
    if (iommu->setup.batch_pages > setup->n_pages) {
        iommu->setup.batch_pages = setup->n_pages;
    }
    iommu->frames = new_empty(setup->n_pages);
    iommu->is_pending = calloc(setup->n_pages, sizeof *iommu->is_pending);
    iommu->pending = new_empty(iommu->setup.batch_pages);
    iommu->tags = new_empty(setup->n_iotlb_entries);
    iommu->cached = new_empty(setup->n_iotlb_entries);
    if (!iommu->frames || !iommu->is_pending || !iommu->pending
        || !iommu->tags || !iommu->cached) {
        vsw_iommu_fini(iommu);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for an IOMMU of %u pages",
                             setup->n_pages);
    }
    return 0;
}

void
vsw_iommu_fini(struct vsw_iommu *iommu)
{
    free(iommu->frames);
    free(iommu->is_pending);
    free(iommu->pending);
    free(iommu->tags);
    free(iommu->cached);
    memset(iommu, 0, sizeof *iommu);
}

int
vsw_iommu_map(struct vsw_iommu *iommu, struct vsw_unit *cpu, uint32_t page,
              uint32_t frame)
{
    assert(page < iommu->setup.n_pages && frame != VSW_NONE);
    if (iommu->frames[page] != VSW_NONE) {
        return -EEXIST;
    }
    if (iommu->is_pending[page]) {
        return -EBUSY;
    }
    vsw_unit_charge(cpu, VSW_ACCOUNT_IOMMU, VSW_COST_IOMMU_MAP, 1);
    iommu->frames[page] = frame;
    iommu->n_mapped++;
    iommu->n_maps++;
    return 0;
}

int
vsw_iommu_unmap(struct vsw_iommu *iommu, struct vsw_unit *cpu, uint32_t page)
{
    assert(page < iommu->setup.n_pages);
    if (iommu->frames[page] == VSW_NONE) {
        return -ENOENT;
    }
    vsw_unit_charge(cpu, VSW_ACCOUNT_IOMMU, VSW_COST_IOMMU_UNMAP, 1);
    iommu->frames[page] = VSW_NONE;
    iommu->is_pending[page] = true;
    iommu->pending[iommu->n_pending++] = page;
    iommu->n_mapped--;
    iommu->n_unmaps++;
    if (iommu->n_pending == iommu->setup.batch_pages) {
        vsw_iommu_flush(iommu, cpu);
    }
    return 0;
}

void
vsw_iommu_replace(struct vsw_iommu *iommu, struct vsw_unit *cpu,
                  uint32_t page, uint32_t frame)
{
    assert(iommu->frames[page] != VSW_NONE && frame != VSW_NONE);
    vsw_unit_charge(cpu, VSW_ACCOUNT_IOMMU, VSW_COST_IOMMU_MAP, 1);
    iommu->frames[page] = frame;
}

void
vsw_iommu_flush_now(struct vsw_iommu *iommu, struct vsw_unit *cpu)
{
    vsw_unit_charge(cpu, VSW_ACCOUNT_IOTLB, VSW_COST_IOTLB_FLUSH, 1);
    for (uint32_t i = 0; i < iommu->n_pending; i++) {
        iommu->is_pending[iommu->pending[i]] = false;
    }
    iommu->n_pending = 0;
    iommu->n_flushes++;
    memset(iommu->tags, 0xff,
           iommu->setup.n_iotlb_entries * sizeof *iommu->tags);
}

uint32_t
vsw_iommu_flush(struct vsw_iommu *iommu, struct vsw_unit *cpu)
{
    uint32_t n = iommu->n_pending;

    if (n > 0) {
        vsw_iommu_flush_now(iommu, cpu);
    }
    return n;
}

/* Makes 'page' the newest of the set at 'tags', where it was at place 'way'
 * or, at VSW_IOTLB_N_WAYS, was not. */
static void
put_first(uint32_t *tags, uint32_t *cached, uint32_t way, uint32_t page,
          uint32_t frame)
{
    if (way == VSW_IOTLB_N_WAYS) {
        way--;
    }
    memmove(&tags[1], &tags[0], way * sizeof *tags);
    memmove(&cached[1], &cached[0], way * sizeof *cached);
    tags[0] = page;
    cached[0] = frame;
}

enum vsw_iommu_access
vsw_iommu_access(struct vsw_iommu *iommu, uint32_t page, uint32_t *frame)
{
    uint32_t n_sets = iommu->setup.n_iotlb_entries / VSW_IOTLB_N_WAYS;
    uint32_t set = (page & (n_sets - 1)) * VSW_IOTLB_N_WAYS;
    uint32_t *tags = &iommu->tags[set];
    uint32_t *cached = &iommu->cached[set];
    enum vsw_iommu_access met;
    uint32_t way = 0;

    assert(page < iommu->setup.n_pages);
    while (way < VSW_IOTLB_N_WAYS && tags[way] != page) {
        way++;
    }
    if (way < VSW_IOTLB_N_WAYS) {
        *frame = cached[way];
        met = iommu->is_pending[page] ? VSW_IOMMU_STALE : VSW_IOMMU_HIT;
    } else {
        *frame = iommu->frames[page];
        met = *frame == VSW_NONE ? VSW_IOMMU_FAULT : VSW_IOMMU_MISS;
    }
    if (met != VSW_IOMMU_FAULT) {
        put_first(tags, cached, way, page, *frame);
    }
    iommu->n_accesses[met]++;
    return met;
}
