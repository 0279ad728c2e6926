/* The memory system for any CPU. */
#include "core/cache_set_portable.h"

#include "core/cache_walk.h"

const struct vsw_memsys_ops vsw_memsys_portable =
    VSW_MEMSYS_OPS(VSW_CACHE_PORTABLE);
