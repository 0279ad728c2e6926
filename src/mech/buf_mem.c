#include <vswsim/buf_mem.h>

#include <errno.h>
#include <stdlib.h>

#define PAGE_BYTES 4096u

/* Of packet memory before the data: RTE_PKTMBUF_HEADROOM. */
#define HEADROOM_BYTES 128u

static uint32_t
headroom_of(const struct vsw_bufs *bufs, uint32_t n_bytes)
{
    return bufs->is_plain || n_bytes >= PAGE_BYTES ? 0 : HEADROOM_BYTES;
}

/* Bytes from one buffer to the next.  A pool of DPDK makes that an odd number
 * of lines, so that not all headers lie in few sets of the caches.  Those of
 * netmap do: they are 2048 bytes in one piece of memory. */
static uint64_t
stride_of(const struct vsw_bufs *bufs, uint32_t n_bytes)
{
    uint64_t n_lines;

    if (bufs->is_plain) {
        return (n_bytes + UINT64_C(63)) / VSW_LINE_BYTES * VSW_LINE_BYTES;
    }
    if (n_bytes >= PAGE_BYTES) {
        return (n_bytes + UINT64_C(4095)) / PAGE_BYTES * PAGE_BYTES;
    }
    n_lines = (n_bytes + HEADROOM_BYTES + VSW_LINE_BYTES - 1)
              / VSW_LINE_BYTES;
    return (n_lines | 1) * VSW_LINE_BYTES;
}

int
vsw_bufs_place(struct vsw_bufs *bufs, struct vsw_sim *sim, uint32_t first,
               uint32_t n, uint32_t n_bytes, uint32_t node)
{
    uint64_t stride = stride_of(bufs, n_bytes);
    uint32_t headroom = headroom_of(bufs, n_bytes);
    uint64_t addr, meta;

    if (!sim->mem || n == 0) {
        return 0;
    }
    if (!bufs->places) {
        bufs->places = calloc(bufs->n_bufs, sizeof *bufs->places);
    }
    if (!bufs->places) {
        return -ENOMEM;
    }
    addr = vsw_mem_alloc(sim, n * stride, node);
    meta = vsw_mem_alloc(sim, (uint64_t) n * VSW_BUF_META_BYTES, node);
    for (uint32_t i = 0; i < n; i++) {
        bufs->places[first + i] = (struct vsw_buf_place) {
            .addr = addr + i * stride + headroom,
            .meta = meta + (uint64_t) i * VSW_BUF_META_BYTES,
            .n_bytes = n_bytes,
        };
    }
    return vsw_mem_note_used(sim, addr, n * stride, node) ? -ENOMEM
           : vsw_mem_note_used(sim, meta, (uint64_t) n * VSW_BUF_META_BYTES,
                               node);
}

void
vsw_bufs_lend(struct vsw_bufs *bufs, struct vsw_pages *pages, uint32_t cpu,
              uint32_t node, uint32_t buf)
{
    for (; vsw_pages_exist(pages) && buf != VSW_NONE; buf = bufs->next[buf]) {
        struct vsw_buf_place *place = &bufs->places[buf];
        uint64_t addr = place->own ? 0 : vsw_pages_get(pages, cpu, node);

        if (addr) {
            place->own = place->addr;
            place->addr = addr;
        }
    }
}

void
vsw_bufs_return(struct vsw_bufs *bufs, struct vsw_pages *pages, uint32_t cpu,
                uint32_t buf)
{
    for (; vsw_pages_exist(pages) && buf != VSW_NONE; buf = bufs->next[buf]) {
        struct vsw_buf_place *place = &bufs->places[buf];

        if (place->own) {
            vsw_pages_put(pages, cpu, place->addr);
            place->addr = place->own;
            place->own = 0;
        }
    }
}

/* Whether it matters where 'bufs' lie: they lie somewhere, and 'unit' has
 * caches. */
static inline bool
has_places(const struct vsw_unit *unit, const struct vsw_bufs *bufs)
{
    return !vsw_mem_is_flat(unit) && bufs->places;
}

/* A place in a chain of buffers. */
struct cursor {
    const struct vsw_bufs *bufs;
    uint32_t buf;
    uint32_t offset;
};

/* Moves on to the buffer that the offset lies in, and returns how many bytes
 * lie there from it on.  The last one takes all that is left. */
static uint32_t
settle(struct cursor *c)
{
    uint32_t next = c->bufs->next[c->buf];

    while (next != VSW_NONE
           && c->offset >= c->bufs->places[c->buf].n_bytes) {
        c->offset -= c->bufs->places[c->buf].n_bytes;
        c->buf = next;
        next = c->bufs->next[next];
    }
    return next == VSW_NONE ? UINT32_MAX
           : c->bufs->places[c->buf].n_bytes - c->offset;
}

static uint64_t
addr_of(const struct cursor *c)
{
    return c->bufs->places[c->buf].addr + c->offset;
}

static uint32_t
min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void
vsw_buf_access(struct vsw_unit *unit, uint32_t account,
               const struct vsw_bufs *bufs, uint32_t buf, uint32_t offset,
               uint32_t n_bytes, enum vsw_mem_kind kind)
{
    struct cursor at = {bufs, buf, offset};

    while (has_places(unit, bufs) && n_bytes > 0) {
        uint32_t n = min_u32(n_bytes, settle(&at));

        vsw_mem_do_access(unit, account, addr_of(&at), n, kind);
        at.offset += n;
        n_bytes -= n;
    }
}

void
vsw_buf_header(struct vsw_unit *unit, uint32_t account,
               const struct vsw_bufs *bufs, uint32_t buf)
{
    if (has_places(unit, bufs)) {
        vsw_mem_do_prefetch(unit, account, bufs->places[buf].addr,
                            VSW_LINE_BYTES);
    }
}

void
vsw_buf_meta(struct vsw_unit *unit, uint32_t account,
             const struct vsw_bufs *bufs, uint32_t buf,
             enum vsw_mem_kind kind)
{
    if (!has_places(unit, bufs)) {
        return;
    }
    if (kind == VSW_MEM_WRITE) {
        vsw_mem_do_access(unit, account, bufs->places[buf].meta,
                          VSW_BUF_META_BYTES, VSW_MEM_WRITE);
    } else {
        vsw_mem_do_prefetch(unit, account, bufs->places[buf].meta,
                            VSW_BUF_META_BYTES);
    }
}

void
vsw_buf_copy(struct vsw_unit *unit, uint32_t account,
             const struct vsw_bufs *bufs, uint32_t to, uint32_t from,
             uint32_t offset, uint32_t n_bytes)
{
    vsw_buf_copy_at(unit, account, bufs, to, offset, from, offset, n_bytes);
}

void
vsw_buf_copy_at(struct vsw_unit *unit, uint32_t account,
                const struct vsw_bufs *bufs, uint32_t to, uint32_t to_offset,
                uint32_t from, uint32_t from_offset, uint32_t n_bytes)
{
    struct cursor src = {bufs, from, from_offset};
    struct cursor dst = {bufs, to, to_offset};

    while (has_places(unit, bufs) && n_bytes > 0) {
        uint32_t n = min_u32(settle(&src), settle(&dst));

        n = min_u32(n, n_bytes);
        vsw_mem_do_copy(unit, account, addr_of(&dst), addr_of(&src), n);
        src.offset += n;
        dst.offset += n;
        n_bytes -= n;
    }
}

void
vsw_buf_dma_write(struct vsw_unit *device, uint32_t node,
                  const struct vsw_bufs *bufs, uint32_t buf,
                  uint32_t n_bytes)
{
    struct cursor at = {bufs, buf, 0};

    while (bufs->places && n_bytes > 0) {
        uint32_t n = min_u32(n_bytes, settle(&at));

        vsw_mem_do_dma_write(device, node, addr_of(&at), n);
        at.offset += n;
        n_bytes -= n;
    }
}

void
vsw_slots_dma_write(struct vsw_unit *device, uint32_t node,
                    const struct vsw_bufs *bufs, const uint32_t *slots,
                    uint32_t mask, uint32_t slot, uint32_t n_bytes)
{
    while (bufs->places && n_bytes > 0) {
        uint32_t buf = slots[slot++ & mask];
        uint32_t n = min_u32(n_bytes, bufs->places[buf].n_bytes);

        n = n > 0 ? n : n_bytes;
        vsw_mem_do_dma_write(device, node, bufs->places[buf].addr, n);
        n_bytes -= n;
    }
}

void
vsw_buf_dma_read(struct vsw_unit *device, const struct vsw_bufs *bufs,
                 uint32_t buf, uint32_t n_bytes)
{
    vsw_buf_dma_read_at(device, bufs, buf, 0, n_bytes);
}

void
vsw_buf_dma_read_at(struct vsw_unit *device, const struct vsw_bufs *bufs,
                    uint32_t buf, uint32_t offset, uint32_t n_bytes)
{
    struct cursor at = {bufs, buf, offset};

    while (bufs->places && n_bytes > 0) {
        uint32_t n = min_u32(n_bytes, settle(&at));

        vsw_mem_do_dma_read(device, addr_of(&at), n);
        at.offset += n;
        n_bytes -= n;
    }
}
