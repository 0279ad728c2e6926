#include <vswsim/cache_flat.h>

#include <errno.h>
#include <string.h>

#include <vswsim/machine.h>

#define PAGE_BYTES 4096

struct bench {
    struct vsw_memsys *ms;
    uint64_t n_bytes;
    uint64_t other;         /* Addresses from here on are free. */
    struct vsw_mem_result ignored;
};

/* Reads so much else that what was in caches of 'size_bytes' is not, also if
 * they are not strictly LRU. */
static void
displace(struct bench *b, uint64_t size_bytes)
{
    vsw_memsys_range(b->ms, 0, b->other, 2 * size_bytes, VSW_LINE_READ,
                     &b->ignored);
    b->other += 2 * size_bytes;
}

/* Brings the buffer at 'addr' to where 'place' says, or nearer. */
static void
load(struct bench *b, uint64_t addr, enum vsw_mem_source place)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(b->ms);

    switch (place) {
    case VSW_FROM_L1:
    case VSW_FROM_L2:
    case VSW_FROM_L3:
        vsw_memsys_range(b->ms, 0, addr, b->n_bytes, VSW_LINE_READ,
                         &b->ignored);
        break;
    case VSW_FROM_L3_PEER_DIRTY:
        vsw_memsys_range(b->ms, c->l2.n_cpus, addr, b->n_bytes,
                         VSW_LINE_WRITE, &b->ignored);
        break;
    case VSW_FROM_NODE_DIRTY:
        vsw_memsys_range(b->ms, c->l3.n_cpus, addr, b->n_bytes,
                         VSW_LINE_WRITE, &b->ignored);
        break;
    default:
        break;
    }
}

/* Takes loaded buffers from nearer caches than 'place' says. */
static void
settle(struct bench *b, enum vsw_mem_source place)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(b->ms);

    if (place == VSW_FROM_L2) {
        displace(b, c->l1d.size_bytes);
    } else if (place == VSW_FROM_L3) {
        displace(b, c->l2.size_bytes);
    }
}

/* Places both buffers, the one farther away first, since settling it displaces
 * what is near; then copies.  Returns the latency. */
static uint64_t
run(struct vsw_memsys *ms, enum vsw_mem_source src, enum vsw_mem_source dst,
    uint64_t n_bytes, struct vsw_mem_result *r)
{
    /* Each starts a page of its own. */
    uint64_t room = (n_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    struct bench b = { .ms = ms, .n_bytes = n_bytes, .other = 2 * room };

    load(&b, src >= dst ? 0 : room, src >= dst ? src : dst);
    if (src != dst) {
        settle(&b, src >= dst ? src : dst);
    }
    load(&b, src >= dst ? room : 0, src >= dst ? dst : src);
    settle(&b, src >= dst ? dst : src);
    return vsw_memsys_copy(ms, 0, room, 0, n_bytes, r);
}

static int
check_place(const struct vsw_memsys_config *c, enum vsw_mem_source place,
            struct vsw_error *err)
{
    bool exists;

    switch (place) {
    case VSW_FROM_L1:
    case VSW_FROM_L2:
    case VSW_FROM_DRAM:
        exists = true;
        break;
    case VSW_FROM_L3:
        exists = c->l3.size_bytes > 0;
        break;
    case VSW_FROM_L3_PEER_DIRTY:
        exists = c->l2.n_cpus < c->l3.n_cpus;
        break;
    case VSW_FROM_NODE_DIRTY:
        exists = c->l3.n_cpus < c->n_cpus;
        break;
    default:
        exists = false;
    }
    return exists ? 0
           : vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                           "flat costs: this machine cannot have a buffer in"
                           " %s", vsw_mem_source_name(place));
}

/* With nothing that moves lines by itself, every line of the copy must come
 * from where it was put. */
static int
check_run(const struct vsw_memsys_config *config, enum vsw_mem_source src,
          enum vsw_mem_source dst, uint64_t n_bytes, struct vsw_error *err)
{
    uint64_t n_lines = (n_bytes + VSW_LINE_BYTES - 1) / VSW_LINE_BYTES;
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys_config plain = *config;
    struct vsw_memsys *ms;

    plain.n_prefetch = 0;
    plain.tlb.n_l1_entries = 0;
    ms = vsw_memsys_new(&plain, err);
    if (!ms) {
        return -EINVAL;
    }
    run(ms, src, dst, n_bytes, &r);
    vsw_memsys_free(ms);
    if (r.n_from[VSW_LINE_READ][src] != n_lines
        || r.n_from[VSW_LINE_WRITE][dst] != n_lines) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -ERANGE,
                             "flat costs: %llu bytes do not stay in %s and"
                             " %s; use a shorter copy",
                             (unsigned long long) n_bytes,
                             vsw_mem_source_name(src),
                             vsw_mem_source_name(dst));
    }
    return 0;
}

int
vsw_cache_flat_copy(const struct vsw_memsys_config *config,
                    enum vsw_mem_source src, enum vsw_mem_source dst,
                    uint64_t n_bytes, uint64_t *cost, struct vsw_error *err)
{
    struct vsw_mem_result r = { .latency_ps = 0 };
    struct vsw_memsys *ms;
    int error = check_place(config, src, err);

    if (!error) {
        error = check_place(config, dst, err);
    }
    if (!error && (n_bytes == 0 || n_bytes > UINT64_C(1) << 30)) {
        error = vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                              "flat costs: a copy must have 1 byte to 1 GiB");
    }
    if (!error) {
        error = check_run(config, src, dst, n_bytes, err);
    }
    if (error) {
        return error;
    }
    ms = vsw_memsys_new(config, err);
    if (!ms) {
        return -ENOMEM;
    }
    *cost = (run(ms, src, dst, n_bytes, &r) << VSW_COST_FRACTION_BITS)
            / n_bytes;
    vsw_memsys_free(ms);
    return 0;
}
