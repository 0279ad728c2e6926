/* Flat constants: what a copied byte costs in memory time, by where source
 * and destination are when the copy starts.
 *
 * Nothing is estimated: a fresh memory system is made, the two buffers are
 * brought to their places, and one copy is run in it.  So the constant holds
 * for copies of that length, and includes prefetch, overlap, translation and
 * upgrades as the configuration has them, but no time of the CPU's own.
 *
 * Thread-safety: yes; nothing is shared. */
#ifndef VSWSIM_CACHE_FLAT_H
#define VSWSIM_CACHE_FLAT_H

#include <stdint.h>

#include <vswsim/cache.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>

VSW_EXTERN_C_BEGIN

/* Sets '*cost' to the ps per byte, in units of 2^-10 ps as costs of a machine
 * are, of a copy of 'n_bytes' by CPU 0.
 *
 * 'src' and 'dst' are each VSW_FROM_L1, _L2, _L3, _DRAM, _L3_PEER_DIRTY
 * (just written in the next module) or _NODE_DIRTY (in the next node).
 *
 * Returns 0, or a negative errno value with 'err' filled: the machine has no
 * such place, the buffers do not stay where they were put because caches are
 * too small or hold them elsewhere (the L1d is write-through, for one), or
 * the configuration is senseless. */
VSW_API int vsw_cache_flat_copy(const struct vsw_memsys_config *config,
                                enum vsw_mem_source src,
                                enum vsw_mem_source dst, uint64_t n_bytes,
                                uint64_t *cost, struct vsw_error *err);

VSW_EXTERN_C_END

#endif
