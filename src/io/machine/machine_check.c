/* Facts of a machine that cannot be true together. */
#include "io/machine/machine_load.h"

#include <inttypes.h>
#include <string.h>

struct checker {
    const struct vsw_machine *machine;
    const struct vsw_json_node *root;
    struct vsw_json_errors *errors;
};

/* A number of CPUs and what it counts. */
struct cpus {
    const char *path;
    const char *what;
    uint32_t n;
};

/* The place of the fact 'path', or of the file if it is not written. */
static const struct vsw_json_node *
place_of(const struct checker *c, const char *path)
{
    const struct vsw_json_node *node = vsw_json_find(c->root, path);
    const struct vsw_json_node *value = vsw_json_member(node, "value");

    return value ? value : node ? node : c->root;
}

static void
check_topology(const struct checker *c)
{
    const struct vsw_machine *m = c->machine;
    const struct cpus levels[] = {
        {"topology.n_cpus", "machine", m->n_cpus},
        {"topology.n_cpus_per_package", "package", m->n_cpus_per_package},
        {"topology.n_cpus_per_node", "node", m->n_cpus_per_node},
        {"topology.n_cpus_per_module", "module", m->n_cpus_per_module},
    };

    for (size_t i = 1; i < VSW_N_ELEMS(levels); i++) {
        if (levels[i - 1].n % levels[i].n) {
            const struct vsw_json_node *at = place_of(c, levels[i].path);

            vsw_json_report(c->errors, at->doc, at->at,
                            "a %s of %" PRIu32 " CPUs cannot be made of "
                            "%ss of %" PRIu32, levels[i - 1].what,
                            levels[i - 1].n, levels[i].what, levels[i].n);
            return;
        }
    }
}

/* Sets are a whole number, but any: indices of an L3 are hashed. */
static void
check_cache(const struct checker *c, const char *name,
            const struct vsw_hw_cache *cache)
{
    uint64_t row_bytes = (uint64_t) cache->n_ways * cache->line_bytes;
    const struct vsw_json_node *at = place_of(c, name);

    if ((cache->size_bytes == 0) != (cache->n_ways == 0)) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "\"%s\" needs both \"size_bytes\" and \"n_ways\"",
                        name);
    } else if (row_bytes && cache->size_bytes % row_bytes) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "\"%s\": %" PRIu64 " bytes cannot be made of sets "
                        "of %" PRIu32 " lines of %" PRIu32 " bytes", name,
                        cache->size_bytes, cache->n_ways, cache->line_bytes);
    }
    if (c->machine->n_cpus_per_package % cache->n_sharing_cpus) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "\"%s\": %" PRIu32 " CPUs cannot share one in a "
                        "package of %" PRIu32, name, cache->n_sharing_cpus,
                        c->machine->n_cpus_per_package);
    }
}

/* A cache serves whole caches of the level above. */
static void
check_above(const struct checker *c, const char *name,
            const struct vsw_hw_cache *cache, const char *above_name,
            const struct vsw_hw_cache *above)
{
    const struct vsw_json_node *at = place_of(c, name);

    if (cache->size_bytes == 0 || above->size_bytes == 0) {
        return;
    }
    if (cache->n_sharing_cpus % above->n_sharing_cpus) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "\"%s\" serves %" PRIu32 " CPUs, but \"%s\" %" PRIu32,
                        name, cache->n_sharing_cpus, above_name,
                        above->n_sharing_cpus);
    }
    if (cache->line_bytes != above->line_bytes) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "\"%s\" has lines of %" PRIu32 " bytes, but \"%s\" "
                        "of %" PRIu32, name, cache->line_bytes, above_name,
                        above->line_bytes);
    }
}

/* A module is defined by what its CPUs share. */
static void
check_module(const struct checker *c)
{
    const struct vsw_hw_cache *l2 = &c->machine->hw.caches.l2;
    const struct vsw_json_node *at = place_of(c, "caches.l2.n_sharing_cpus");
    uint32_t n = c->machine->n_cpus_per_module;

    if (l2->size_bytes && l2->n_sharing_cpus != n) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "%" PRIu32 " CPUs share an L2, but %" PRIu32 " are "
                        "in a module", l2->n_sharing_cpus, n);
    }
}

static void
check_caches(const struct checker *c)
{
    const struct vsw_hw_caches *caches = &c->machine->hw.caches;
    const struct vsw_json_node *at = place_of(c, "caches.n_ddio_ways");

    check_cache(c, "caches.l1d", &caches->l1d);
    check_cache(c, "caches.l1i", &caches->l1i);
    check_cache(c, "caches.l2", &caches->l2);
    check_cache(c, "caches.l3", &caches->l3);
    check_above(c, "caches.l2", &caches->l2, "caches.l1d", &caches->l1d);
    check_above(c, "caches.l2", &caches->l2, "caches.l1i", &caches->l1i);
    check_above(c, "caches.l3", &caches->l3, "caches.l2", &caches->l2);
    check_module(c);
    if (caches->n_ddio_ways > caches->l3.n_ways) {
        vsw_json_report(c->errors, at->doc, at->at,
                        "DMA cannot allocate into %" PRIu32 " ways of an L3 "
                        "of %" PRIu32, caches->n_ddio_ways,
                        caches->l3.n_ways);
    }
}

void
vsw_machine_check(const struct vsw_machine *machine,
                  const struct vsw_json_node *root,
                  struct vsw_json_errors *errors)
{
    const struct checker c = {machine, root, errors};

    check_topology(&c);
    check_caches(&c);
}
