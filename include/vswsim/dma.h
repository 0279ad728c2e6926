/* DMA engine of the host: copies from memory to memory, as I/OAT does.
 *
 * Each channel is a unit with a ring of descriptors.  A CPU writes descriptors
 * and rings the doorbell once for several; the channel copies one after
 * another at its rate; the CPU finds out by polling which are done.  They
 * complete in order within a channel, and in any order among channels.
 *
 * Costs: DMA_DESC, DOORBELL and DMA_POLL on the CPU, DMA_BYTE on the channel.
 *
 * Left out: the use of memory bandwidth, scatter lists in one descriptor,
 * interrupts on completion.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_DMA_H
#define VSWSIM_DMA_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/pkt.h>
#include <vswsim/ring.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_DMA_MAX_CHANNELS 64

/* One copy. */
struct vsw_dma_copy {
    uint32_t from;              /* Buffers; headers are really copied. */
    uint32_t to;
    uint32_t n_bytes;
    uint32_t cookie;            /* For the caller, who gets it back. */
};

struct vsw_dma_channel {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_source source;
    struct vsw_bufs *bufs;      /* Borrowed. */
    struct vsw_ring ring;
    struct vsw_dma_copy *copies;    /* By slot. */
    uint32_t n_reaped;          /* Copies returned by polling. */
    uint64_t doorbell_ps;       /* Last rung by a CPU. */
    uint64_t n_copies;          /* Done, the whole run. */
    uint64_t n_bytes;
};

struct vsw_dma {
    struct vsw_dma_channel *channels;
    uint32_t n_channels;
};

/* Makes an engine of 'n_channels' with 'n_descs' (a power of two) each, which
 * copies between buffers of 'bufs'.  Returns 0, or a negative errno value with
 * 'err' filled: -ENOMEM, or -EINVAL if an argument is out of range or the
 * machine lacks a cost. */
VSW_API int vsw_dma_init(struct vsw_dma *dma, struct vsw_sim *sim,
                         struct vsw_bufs *bufs, uint32_t n_channels,
                         uint32_t n_descs, struct vsw_error *err);
VSW_API void vsw_dma_fini(struct vsw_dma *dma);

/* Free descriptors of 'channel' as its CPU knows: a descriptor is free again
 * once polling has returned its copy. */
VSW_API uint32_t vsw_dma_n_free(const struct vsw_dma_channel *channel);

/* Writes a descriptor, of which one must be free, on 'cpu'. */
VSW_API void vsw_dma_submit(struct vsw_dma_channel *channel,
                            struct vsw_unit *cpu,
                            const struct vsw_dma_copy *copy);

/* Lets the channel begin with what was submitted.  CPUs may share a channel if
 * each submits and rings within one call, at sync at its begin; a later one
 * waits for the doorbell of the one before it. */
VSW_API void vsw_dma_doorbell(struct vsw_dma_channel *channel,
                              struct vsw_unit *cpu);

/* The same for a device that programs the engine over its bus: descriptors and
 * doorbell are there at 'stamp_ps', which must not run backward. */
VSW_API void vsw_dma_start_at(struct vsw_dma_channel *channel,
                              uint64_t stamp_ps);

/* Looks, at sync, which copies are done since the last look, and writes up to
 * 'n_max' of them to 'done', in order.  Returns how many. */
VSW_API uint32_t vsw_dma_poll(struct vsw_dma_channel *channel,
                              struct vsw_unit *cpu, struct vsw_dma_copy *done,
                              uint32_t n_max);

VSW_EXTERN_C_END

#endif
