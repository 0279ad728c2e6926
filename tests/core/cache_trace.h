/* Random traces through the memory system and its reference, side by side. */
#ifndef TESTS_CORE_CACHE_TRACE_H
#define TESTS_CORE_CACHE_TRACE_H

#include "core/cache_impl.h"

/* Runs 'n_configs' random configurations for 'n_steps' accesses each; with
 * 'ops', in that form, or else in one that this CPU has.  Fails the test at
 * the first difference. */
void cache_trace_compare(const struct vsw_memsys_ops *ops, uint64_t seed,
                         uint32_t n_configs, uint32_t n_steps);

#endif
