#include <vswsim/placement.h>

enum vsw_distance
vsw_cpu_distance(const struct vsw_machine *machine, uint32_t a, uint32_t b)
{
    if (a == b) {
        return VSW_DISTANCE_SAME;
    }
    if (vsw_cpu_module(machine, a) == vsw_cpu_module(machine, b)) {
        return VSW_DISTANCE_MODULE;
    }
    return vsw_cpu_node(machine, a) == vsw_cpu_node(machine, b)
           ? VSW_DISTANCE_NODE
           : VSW_DISTANCE_REMOTE;
}

uint32_t
vsw_placement_unpinned(const struct vsw_machine *machine, uint32_t i)
{
    uint32_t n_per_module = machine->n_cpus_per_module;
    uint32_t n_modules = machine->n_cpus / n_per_module;
    uint32_t sibling = i / n_modules % n_per_module;

    return i % n_modules * n_per_module + sibling;
}

static bool
is_among(uint32_t cpu, const uint32_t *cpus, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (cpus[i] == cpu) {
            return true;
        }
    }
    return false;
}

uint32_t
vsw_placement_fill(const struct vsw_machine *machine, const uint32_t *pinned,
                   uint32_t n_pinned, const uint32_t *taken,
                   uint32_t n_taken, uint32_t *cpus, uint32_t n)
{
    uint32_t n_found = 0;

    for (uint32_t i = 0; i < n_pinned && n_found < n; i++) {
        cpus[n_found++] = pinned[i];
    }
    for (uint32_t cpu = 0; cpu < machine->n_cpus && n_found < n; cpu++) {
        if (!is_among(cpu, pinned, n_pinned)
            && !is_among(cpu, taken, n_taken)) {
            cpus[n_found++] = cpu;
        }
    }
    return n_found;
}
