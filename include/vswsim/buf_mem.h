/* Buffers and rings in simulated memory, for mechanisms that move packets.
 *
 * In flat mode (mem.h) nothing here has an address or charges anything.
 *
 * A buffer has two parts: its bytes, and two lines of metadata that its owner
 * keeps of it (an mbuf, or most of what is touched of an SKB).
 *
 * A ring has three parts, as a split virtqueue has: descriptors of 16 bytes,
 * the available ring (an index and 2 bytes per slot), and the used ring (an
 * index and 8 bytes per slot).  The descriptor ring of a NIC is the first
 * alone.  Source: Virtual I/O Device (VIRTIO) 1.0, section 2.4.
 *
 * Thread-safety: none; part of one simulation. */
#ifndef VSWSIM_BUF_MEM_H
#define VSWSIM_BUF_MEM_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/mem.h>
#include <vswsim/pages.h>
#include <vswsim/pkt.h>
#include <vswsim/queue.h>

VSW_EXTERN_C_BEGIN

#define VSW_BUF_META_BYTES 128

/* --- Buffers ------------------------------------------------------------- */

/* Gives the 'n' buffers from 'first' on simulated memory at 'node', each for
 * 'n_bytes': pages if they are that large, else what a pool of DPDK would
 * make of them.  Buffers that lie somewhere already move.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_bufs_place(struct vsw_bufs *bufs, struct vsw_sim *sim,
                           uint32_t first, uint32_t n, uint32_t n_bytes,
                           uint32_t node);

/* Lets each buffer of the chain 'buf' lie in a page that CPU number 'cpu' of
 * 'pages' takes of node number 'node', and gives those pages back.  A buffer
 * that has one keeps it, and it stays where it is if there is none.  In flat
 * mode nothing is done. */
VSW_API void vsw_bufs_lend(struct vsw_bufs *bufs, struct vsw_pages *pages,
                           uint32_t cpu, uint32_t node, uint32_t buf);
VSW_API void vsw_bufs_return(struct vsw_bufs *bufs, struct vsw_pages *pages,
                             uint32_t cpu, uint32_t buf);

/* Address of the first byte of 'buf'; for devices, and for hierarchy mode
 * only. */
static inline uint64_t
vsw_buf_addr(const struct vsw_bufs *bufs, uint32_t buf)
{
    return bufs->places[buf].addr;
}

/* 'unit' uses 'n_bytes' (> 0) of the chain 'buf' from 'offset' on. */
VSW_API void vsw_buf_access(struct vsw_unit *unit, uint32_t account,
                            const struct vsw_bufs *bufs, uint32_t buf,
                            uint32_t offset, uint32_t n_bytes,
                            enum vsw_mem_kind kind);

/* 'unit' reads the first line of 'buf', which it asked for when it handled
 * the packets before, as loops over bursts do. */
VSW_API void vsw_buf_header(struct vsw_unit *unit, uint32_t account,
                            const struct vsw_bufs *bufs, uint32_t buf);

/* 'unit' uses the metadata of 'buf': both lines, without waiting for reads,
 * which are asked for ahead of time. */
VSW_API void vsw_buf_meta(struct vsw_unit *unit, uint32_t account,
                          const struct vsw_bufs *bufs, uint32_t buf,
                          enum vsw_mem_kind kind);

/* 'unit' copies 'n_bytes' (> 0) from 'offset' on of the chain 'from' to the
 * same offset of the chain 'to'. */
VSW_API void vsw_buf_copy(struct vsw_unit *unit, uint32_t account,
                          const struct vsw_bufs *bufs, uint32_t to,
                          uint32_t from, uint32_t offset, uint32_t n_bytes);

/* The same from another offset of one than of the other. */
VSW_API void vsw_buf_copy_at(struct vsw_unit *unit, uint32_t account,
                             const struct vsw_bufs *bufs, uint32_t to,
                             uint32_t to_offset, uint32_t from,
                             uint32_t from_offset, uint32_t n_bytes);

/* 'device', at 'node', writes or reads the first 'n_bytes' (> 0) of the chain
 * 'buf'. */
VSW_API void vsw_buf_dma_write(struct vsw_unit *device, uint32_t node,
                               const struct vsw_bufs *bufs, uint32_t buf,
                               uint32_t n_bytes);

/* The same for what is written to the buffers behind slots of a ring, from
 * 'slot' on, before they are a chain. */
VSW_API void vsw_slots_dma_write(struct vsw_unit *device, uint32_t node,
                                 const struct vsw_bufs *bufs,
                                 const uint32_t *slots, uint32_t mask,
                                 uint32_t slot, uint32_t n_bytes);
VSW_API void vsw_buf_dma_read(struct vsw_unit *device,
                              const struct vsw_bufs *bufs, uint32_t buf,
                              uint32_t n_bytes);

/* 'device' reads 'n_bytes' (> 0) of the chain 'buf' from 'offset' on. */
VSW_API void vsw_buf_dma_read_at(struct vsw_unit *device,
                                 const struct vsw_bufs *bufs, uint32_t buf,
                                 uint32_t offset, uint32_t n_bytes);

/* --- Rings --------------------------------------------------------------- */

/* Gives both rings of 'queue' and the buffers behind their slots simulated
 * memory at 'node'; again, if they have some elsewhere.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_queue_place(struct vsw_queue *queue, struct vsw_bufs *bufs,
                            struct vsw_sim *sim, uint32_t node);

/* Gives a ring of 'n_slots' its place in the memory of 'node'; nothing if
 * memory is flat. */
VSW_API void vsw_ring_mem_place(struct vsw_ring_mem *ring,
                                struct vsw_sim *sim, uint32_t n_slots,
                                uint32_t node);

/* 'unit' reads the index of the available ring, for which it waits, and what
 * the ring says of the 'n' slots from 'slot' on, which it asks for ahead of
 * time as drivers do; or writes both. */
VSW_API void vsw_ring_mem_avail(struct vsw_unit *unit, uint32_t account,
                                const struct vsw_ring_mem *ring,
                                uint32_t slot, uint32_t n,
                                enum vsw_mem_kind kind);

/* The same for the used ring. */
VSW_API void vsw_ring_mem_used(struct vsw_unit *unit, uint32_t account,
                               const struct vsw_ring_mem *ring,
                               uint32_t slot, uint32_t n,
                               enum vsw_mem_kind kind);

/* 'unit' reads or writes the descriptors of the 'n' slots from 'slot' on;
 * reads are asked for ahead of time. */
VSW_API void vsw_ring_mem_desc(struct vsw_unit *unit, uint32_t account,
                               const struct vsw_ring_mem *ring,
                               uint32_t slot, uint32_t n,
                               enum vsw_mem_kind kind);

/* 'device', at 'node', writes or reads these descriptors. */
VSW_API void vsw_ring_mem_dma(struct vsw_unit *device, uint32_t node,
                              const struct vsw_ring_mem *ring, uint32_t slot,
                              uint32_t n, enum vsw_mem_kind kind);

VSW_EXTERN_C_END

#endif
