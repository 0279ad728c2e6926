/* The memory system for CPUs with AVX-512.  A test compiles this file with
 * its instructions emulated. */
#include "core/cache_set_avx512.h"

#include "core/cache_walk.h"

const struct vsw_memsys_ops vsw_memsys_avx512 =
    VSW_MEMSYS_OPS(VSW_CACHE_AVX512);
