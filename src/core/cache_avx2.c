/* The memory system for CPUs with AVX2. */
#include "core/cache_set_avx2.h"

#define set_find set_find_avx2
#define set_push set_push_avx2
#include "core/cache_walk.h"

const struct vsw_memsys_ops vsw_memsys_avx2 =
    VSW_MEMSYS_OPS(VSW_CACHE_AVX2);
