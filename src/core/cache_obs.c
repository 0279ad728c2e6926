#include <vswsim/cache_obs.h>

#include <errno.h>
#include <string.h>

/* Whether [at, at + n) lies in the range; sets '*offset'. */
static bool
is_inside(const struct vsw_cache_obs_range *range, const void *p, size_t n,
          uint64_t *offset)
{
    *offset = (uintptr_t) p - (uintptr_t) range->mem;
    return *offset < range->size_bytes && n <= range->size_bytes - *offset;
}

static void
observe(struct vsw_memobs *obs, const void *p, size_t n_bytes,
        enum vsw_mem_kind kind)
{
    struct vsw_cache_obs *o = VSW_CONTAINER_OF(obs, struct vsw_cache_obs,
                                               obs);

    for (uint32_t i = 0; i < o->n_ranges; i++) {
        uint64_t offset;

        if (is_inside(&o->ranges[i], p, n_bytes, &offset)) {
            o->latency_ps += vsw_memsys_access(o->ms, o->cpu,
                                               o->ranges[i].addr + offset,
                                               n_bytes,
                                               (enum vsw_line_kind) kind,
                                               o->r);
            return;
        }
    }
    o->n_unknown++;
}

void
vsw_cache_obs_init(struct vsw_cache_obs *o, struct vsw_memsys *ms,
                   uint32_t cpu, struct vsw_mem_result *r)
{
    memset(o, 0, sizeof *o);
    o->obs.access = observe;
    o->ms = ms;
    o->cpu = cpu;
    o->r = r;
}

static bool
overlaps(uint64_t a, uint64_t n_a, uint64_t b, uint64_t n_b)
{
    return a < b + n_b && b < a + n_a;
}

int
vsw_cache_obs_map(struct vsw_cache_obs *o, const void *mem,
                  size_t size_bytes, uint64_t addr)
{
    uint64_t end = vsw_memsys_addr_end(o->ms);

    if ((uintptr_t) mem % VSW_LINE_BYTES || addr % VSW_LINE_BYTES
        || size_bytes == 0 || addr >= end || size_bytes > end - addr) {
        return -EINVAL;
    }
    for (uint32_t i = 0; i < o->n_ranges; i++) {
        const struct vsw_cache_obs_range *other = &o->ranges[i];

        if (overlaps((uintptr_t) mem, size_bytes, (uintptr_t) other->mem,
                     other->size_bytes)
            || overlaps(addr, size_bytes, other->addr, other->size_bytes)) {
            return -EINVAL;
        }
    }
    if (o->n_ranges == VSW_CACHE_OBS_MAX_RANGES) {
        return -ENOSPC;
    }
    o->ranges[o->n_ranges++] = (struct vsw_cache_obs_range) {
        .mem = mem, .size_bytes = size_bytes, .addr = addr,
    };
    return 0;
}
