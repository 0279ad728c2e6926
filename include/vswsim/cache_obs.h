/* Observer that walks a memory system: turns the memory that real code
 * declares with vsw_touch() into line accesses of a simulated CPU.
 *
 * Code uses host memory; the caches see simulated addresses.  Each range of
 * host memory (an arena) is given a simulated address, so that only offsets
 * into it matter and not where the host put it.
 *
 * Latencies add up until the owner takes them, to charge them to a unit.
 *
 * Thread-safety: none; one observer per simulated CPU. */
#ifndef VSWSIM_CACHE_OBS_H
#define VSWSIM_CACHE_OBS_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/cache.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_CACHE_OBS_MAX_RANGES 16

struct vsw_cache_obs_range {
    const void *mem;
    size_t size_bytes;
    uint64_t addr;
};

struct vsw_cache_obs {
    struct vsw_memobs obs;      /* What datapath code is handed. */
    struct vsw_memsys *ms;      /* Borrowed. */
    struct vsw_mem_result *r;   /* Borrowed; counts what accesses did. */
    uint64_t latency_ps;        /* Not yet taken. */
    uint64_t n_unknown;         /* Accesses not inside one range, ignored. */
    struct vsw_cache_obs_range ranges[VSW_CACHE_OBS_MAX_RANGES];
    uint32_t n_ranges;
    uint32_t cpu;
};

/* Makes 'o' access 'ms' as 'cpu' and count in 'r'; both must outlive it. */
VSW_API void vsw_cache_obs_init(struct vsw_cache_obs *o,
                                struct vsw_memsys *ms, uint32_t cpu,
                                struct vsw_mem_result *r);

/* Gives the 'size_bytes' at 'mem' the simulated addresses from 'addr' on;
 * both must be aligned to lines.  Returns 0; -EINVAL if they are not, if the
 * range overlaps another one, or if 'ms' has no such addresses; -ENOSPC if
 * there are too many ranges. */
VSW_API int vsw_cache_obs_map(struct vsw_cache_obs *o, const void *mem,
                              size_t size_bytes, uint64_t addr);

/* Returns the latency since the last call, in ps. */
static inline uint64_t
vsw_cache_obs_take(struct vsw_cache_obs *o)
{
    uint64_t latency_ps = o->latency_ps;

    o->latency_ps = 0;
    return latency_ps;
}

VSW_EXTERN_C_END

#endif
