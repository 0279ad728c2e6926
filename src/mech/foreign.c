#include <vswsim/foreign.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/workload.h>

/* Of the IOTLB; a device of that time had as few. */
#define N_IOTLB_ENTRIES 64

static int
init_iommu(struct vsw_foreign *foreign, const struct vsw_sim *sim,
           struct vsw_error *err)
{
    const struct vsw_foreign_setup *setup = &foreign->setup;
    uint32_t n_pages = setup->n_refs ? setup->n_refs : setup->n_pages;
    const struct vsw_iommu_setup iommu = {
        .n_pages = n_pages,
        .n_iotlb_entries = N_IOTLB_ENTRIES,
        .batch_pages = n_pages,     /* Hypercalls flush when it is time. */
    };

    return setup->has_iommu ? vsw_iommu_init(&foreign->iommu, sim, &iommu,
                                             err)
                            : 0;
}

int
vsw_foreign_init(struct vsw_foreign *foreign, const struct vsw_sim *sim,
                 const struct vsw_foreign_setup *setup, struct vsw_error *err)
{
    size_t n_pages = setup->n_pages;
    size_t n_refs = setup->n_refs;
    int error;

    memset(foreign, 0, sizeof *foreign);
    foreign->setup = *setup;
    foreign->n_pins = calloc(n_pages + 1, sizeof *foreign->n_pins);
    foreign->n_maps = calloc(n_pages + 1, sizeof *foreign->n_maps);
    foreign->maptrack = calloc(n_pages + 1, sizeof *foreign->maptrack);
    foreign->refs = malloc((n_refs + 1) * sizeof *foreign->refs);
    foreign->n_uses = calloc(n_refs + 1, sizeof *foreign->n_uses);
    if (!foreign->n_pins || !foreign->n_maps || !foreign->maptrack
        || !foreign->refs || !foreign->n_uses) {
        vsw_foreign_fini(foreign);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for the grants of %u pages",
                             setup->n_pages);
    }
    memset(foreign->refs, 0xff, (n_refs + 1) * sizeof *foreign->refs);
    error = init_iommu(foreign, sim, err);
    if (error) {
        vsw_foreign_fini(foreign);
    }
    return error;
}

void
vsw_foreign_fini(struct vsw_foreign *foreign)
{
    free(foreign->n_pins);
    free(foreign->n_maps);
    free(foreign->maptrack);
    free(foreign->refs);
    free(foreign->n_uses);
    vsw_iommu_fini(&foreign->iommu);
    memset(foreign, 0, sizeof *foreign);
}

void
vsw_foreign_place(struct vsw_foreign *foreign, uint32_t ref, uint32_t page)
{
    assert(ref < foreign->setup.n_refs && foreign->refs[ref] == VSW_NONE);
    foreign->refs[ref] = page;
    foreign->n_pins[page]++;
    foreign->n_issued++;
    if (foreign->setup.has_iommu) {
        foreign->iommu.frames[ref] = page;
        foreign->iommu.n_mapped++;
    }
}

uint32_t
vsw_foreign_use(struct vsw_foreign *foreign, struct vsw_sim *sim,
                uint32_t ref)
{
    assert(ref < foreign->setup.n_refs);
    vsw_sim_expect(sim, foreign->refs[ref] != VSW_NONE,
                   "a driver domain uses granted pages only");
    foreign->n_uses[ref]++;
    return foreign->refs[ref];
}

void
vsw_foreign_end_use(struct vsw_foreign *foreign, uint32_t ref)
{
    assert(foreign->n_uses[ref] > 0);
    foreign->n_uses[ref]--;
}

/* Entries of 'page' in the maptrack table. */
static uint32_t
count_entries(const struct vsw_foreign *foreign, uint32_t page)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < foreign->n_live; i++) {
        n += foreign->maptrack[i] == page;
    }
    return n;
}

static uint32_t
count_refs(const struct vsw_foreign *foreign, uint32_t page)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < foreign->setup.n_refs; i++) {
        n += foreign->refs[i] == page;
    }
    return n;
}

static bool
iommu_agrees(const struct vsw_foreign *foreign)
{
    const uint32_t *frames = foreign->iommu.frames;

    if (!foreign->setup.has_iommu) {
        return true;
    }
    for (uint32_t i = 0; i < foreign->setup.n_refs; i++) {
        bool is_dummy = frames[i] == foreign->setup.n_pages;

        if (is_dummy ? foreign->refs[i] != VSW_NONE
                     : foreign->refs[i] != frames[i]) {
            return false;
        }
    }
    for (uint32_t i = 0; !foreign->setup.n_refs && i < foreign->setup.n_pages;
         i++) {
        if ((frames[i] != VSW_NONE) != (foreign->n_maps[i] > 0)) {
            return false;
        }
    }
    return true;
}

const char *
vsw_foreign_audit(const struct vsw_foreign *foreign)
{
    for (uint32_t i = 0; i < foreign->setup.n_pages; i++) {
        uint32_t n_entries = count_entries(foreign, i);

        if (foreign->n_maps[i] != n_entries) {
            return "the counter of a page equals its live mappings";
        }
        if (foreign->n_pins[i] != n_entries + count_refs(foreign, i)) {
            return "a page is pinned as often as it is mapped and issued";
        }
    }
    return iommu_agrees(foreign)
           ? NULL
           : "the IOMMU's table holds what is mapped or issued";
}
