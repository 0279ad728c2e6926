#include "core/cache_impl.h"

#include <errno.h>

#define MAX_SETS (UINT64_C(1) << 20)

static int
refuse(struct vsw_error *err, const char *what, const char *why)
{
    return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                         "memory system: %s %s", what, why);
}

static bool
is_power_of_two(uint64_t n)
{
    return n && !(n & (n - 1));
}

static int
check_ways(uint64_t n_lines, uint32_t n_ways, enum vsw_cache_policy policy,
           const char *name, struct vsw_error *err)
{
    if (n_ways == 0 || n_ways > VSW_CACHE_MAX_WAYS) {
        return refuse(err, name, "must have 1 to 32 ways");
    }
    if (n_lines == 0 || n_lines % n_ways || n_lines / n_ways > MAX_SETS) {
        return refuse(err, name, "must have 1 to 1048576 whole sets");
    }
    if (policy == VSW_CACHE_PLRU && !is_power_of_two(n_ways)) {
        return refuse(err, name,
                      "has PLRU, for which its ways must be a power of two");
    }
    return 0;
}

static int
check_cache(const struct vsw_cache_config *c, uint32_t n_cpus,
            const char *name, struct vsw_error *err)
{
    if (c->n_cpus == 0 || n_cpus % c->n_cpus) {
        return refuse(err, name, "must be shared by a number of CPUs that"
                      " divides those of the next level");
    }
    if (c->size_bytes % VSW_LINE_BYTES) {
        return refuse(err, name, "must consist of lines of 64 bytes");
    }
    return check_ways(c->size_bytes / VSW_LINE_BYTES, c->n_ways, c->policy,
                      name, err);
}

static int
check_topology(const struct vsw_memsys_config *c, struct vsw_error *err)
{
    if (c->n_cpus == 0 || c->n_cpus > VSW_MEMSYS_MAX_CPUS) {
        return refuse(err, "it", "must have 1 to 256 CPUs");
    }
    if (c->l3.n_cpus == 0 || c->n_cpus % c->l3.n_cpus) {
        return refuse(err, "nodes", "must have equal numbers of CPUs");
    }
    if (c->n_cpus / c->l3.n_cpus > VSW_MEMSYS_MAX_NODES) {
        return refuse(err, "nodes", "are more than 16");
    }
    if (c->l2.n_cpus && c->n_cpus / c->l2.n_cpus > VSW_MEMSYS_MAX_L2S) {
        return refuse(err, "L2s", "are more than 64");
    }
    if (c->node_shift < 12 || c->node_shift > 38) {
        return refuse(err, "node_shift", "must be from 12 to 38");
    }
    if (c->n_overlap == 0) {
        return refuse(err, "n_overlap", "must be at least 1");
    }
    return 0;
}

static int
check_l3(const struct vsw_memsys_config *c, struct vsw_error *err)
{
    if (!c->l3.size_bytes) {
        return c->n_ddio_ways
               ? refuse(err, "n_ddio_ways", "needs an L3") : 0;
    }
    if (c->n_ddio_ways > c->l3.n_ways) {
        return refuse(err, "n_ddio_ways", "is more than the L3 has");
    }
    return check_cache(&c->l3, c->n_cpus, "the L3", err);
}

static int
check_tlb(const struct vsw_tlb_config *t, struct vsw_error *err)
{
    int error;

    if (t->n_l1_entries == 0) {
        return 0;
    }
    error = check_ways(t->n_l1_entries, t->n_l1_ways, VSW_CACHE_LRU,
                       "the L1 TLB", err);
    if (!error) {
        error = check_ways(t->n_l1_huge, t->n_l1_huge_ways, VSW_CACHE_LRU,
                           "the L1 TLB of 2 MiB pages", err);
    }
    if (!error && t->n_l2_entries) {
        error = check_ways(t->n_l2_entries, t->n_l2_ways, VSW_CACHE_LRU,
                           "the L2 TLB", err);
    }
    if (!error) {
        error = check_ways(t->n_walk_entries, t->n_walk_entries,
                           VSW_CACHE_LRU, "the paging-structure cache", err);
    }
    if (!error && t->nested) {
        error = check_ways(t->n_nested_entries, t->n_nested_entries,
                           VSW_CACHE_LRU, "the nested TLB", err);
    }
    if (!error && (t->n_levels == 0 || t->n_levels > 4)) {
        error = refuse(err, "page tables", "must have 1 to 4 levels");
    }
    return error;
}

int
vsw_memsys_config_check(const struct vsw_memsys_config *c,
                        struct vsw_error *err)
{
    int error = check_topology(c, err);

    if (!error) {
        error = check_cache(&c->l2, c->l3.n_cpus, "the L2", err);
    }
    if (!error) {
        error = check_cache(&c->l1d, c->l2.n_cpus, "the L1d", err);
    }
    if (!error) {
        error = check_cache(&c->l1i, c->l2.n_cpus, "the L1i", err);
    }
    if (!error) {
        error = check_l3(c, err);
    }
    return error ? error : check_tlb(&c->tlb, err);
}
