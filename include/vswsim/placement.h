/* Placement: which CPU is where, and which CPUs to use first.
 *
 * CPUs are numbered as machine.h says: those of a module are neighbours, and
 * so are the modules of a node and the nodes of a package.
 *
 * Thread-safety: pure functions. */
#ifndef VSWSIM_PLACEMENT_H
#define VSWSIM_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/machine.h>

VSW_EXTERN_C_BEGIN

static inline uint32_t
vsw_cpu_module(const struct vsw_machine *machine, uint32_t cpu)
{
    return cpu / machine->n_cpus_per_module;
}

static inline uint32_t
vsw_cpu_node(const struct vsw_machine *machine, uint32_t cpu)
{
    return cpu / machine->n_cpus_per_node;
}

/* How far apart two CPUs are. */
enum vsw_distance {
    VSW_DISTANCE_SAME,      /* One CPU. */
    VSW_DISTANCE_MODULE,    /* They share L1i and L2. */
    VSW_DISTANCE_NODE,      /* They share L3 and memory. */
    VSW_DISTANCE_REMOTE,
};

VSW_API enum vsw_distance vsw_cpu_distance(const struct vsw_machine *machine,
                                           uint32_t a, uint32_t b);

/* The CPU that runs the 'i'-th of several vCPUs which are not pinned, as
 * Xen's credit scheduler spreads them: the first CPU of each module, module
 * after module through all nodes, then the second of each, and so on.  With
 * more vCPUs than CPUs it begins again.
 *
 * Source: Ram, PhD thesis, Rice University, chapter 4, which says so in one
 * sentence; that it begins with CPU 0 is assumed. */
VSW_API uint32_t vsw_placement_unpinned(const struct vsw_machine *machine,
                                        uint32_t i);

/* Chooses 'n' CPUs: the 'n_pinned' of 'pinned', and then the lowest that are
 * neither among these nor among the 'n_taken' of 'taken'.  Returns how many
 * it found. */
VSW_API uint32_t vsw_placement_fill(const struct vsw_machine *machine,
                                    const uint32_t *pinned, uint32_t n_pinned,
                                    const uint32_t *taken, uint32_t n_taken,
                                    uint32_t *cpus, uint32_t n);

VSW_EXTERN_C_END

#endif
