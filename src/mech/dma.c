#include <vswsim/dma.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

/* Copies the next one; the channel may work ahead, for all that it needs is
 * its own. */
static void
copy_one(struct vsw_dma_channel *channel)
{
    struct vsw_unit *unit = &channel->unit;
    struct vsw_bufs *bufs = channel->bufs;
    const struct vsw_dma_copy *copy;
    uint32_t slot, n_slots;

    vsw_ring_pop(&channel->ring, &slot, &n_slots);
    copy = &channel->copies[slot];
    vsw_unit_charge(unit, VSW_ACCOUNT_DMA, VSW_COST_DMA_BYTE, copy->n_bytes);
    vsw_buf_dma_read(unit, bufs, copy->from, copy->n_bytes);
    vsw_buf_dma_write(unit, 0, bufs, copy->to, copy->n_bytes);
    memcpy(bufs->headers[copy->to], bufs->headers[copy->from],
           VSW_HEADER_BYTES);
    vsw_ring_free(&channel->ring, unit->local_ps);
    channel->n_copies++;
    channel->n_bytes += copy->n_bytes;
}

static void
channel_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_dma_channel *channel = owner;
    struct vsw_unit *unit = &channel->unit;

    for (;;) {
        uint64_t next_ps = vsw_ring_ready_ps(&channel->ring, false, 1);

        if (!vsw_unit_may_reach(unit, next_ps)
            || vsw_worker_quantum_over(worker)) {
            return;
        }
        vsw_unit_idle_until(unit, next_ps);
        vsw_ring_visible(&channel->ring, unit->local_ps);
        copy_one(channel);
    }
}

static int
init_channel(struct vsw_dma_channel *channel, struct vsw_sim *sim,
             struct vsw_bufs *bufs, uint32_t number, uint32_t n_descs)
{
    char name[16];

    snprintf(name, sizeof name, "dma%u", number);
    channel->bufs = bufs;
    channel->copies = calloc(n_descs, sizeof *channel->copies);
    channel->source = (struct vsw_source) {
        .ring = &channel->ring,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    channel->worker.unit = &channel->unit;
    channel->worker.work = channel_work;
    channel->worker.owner = channel;
    channel->worker.priority = 1;
    if (!channel->copies || vsw_ring_init(&channel->ring, n_descs)
        || vsw_unit_init(&channel->unit, sim, "device", name)
        || vsw_worker_add(&channel->worker)) {
        return -ENOMEM;
    }
    vsw_worker_serve(&channel->worker, &channel->source, 1);
    return 0;
}

static int
check(const struct vsw_sim *sim, uint32_t n_channels, uint32_t n_descs,
      struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_DMA_DESC, VSW_COST_DOORBELL, VSW_COST_DMA_POLL,
        VSW_COST_DMA_BYTE,
    };

    if (n_channels < 1 || n_channels > VSW_DMA_MAX_CHANNELS || n_descs < 1
        || (n_descs & (n_descs - 1))) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "a DMA engine needs 1 to %d channels and a power "
                             "of two of descriptors, not %u and %u",
                             VSW_DMA_MAX_CHANNELS, n_channels, n_descs);
    }
    return vsw_sim_require_costs(sim, "a DMA engine", costs,
                                 VSW_N_ELEMS(costs), err);
}

int
vsw_dma_init(struct vsw_dma *dma, struct vsw_sim *sim, struct vsw_bufs *bufs,
             uint32_t n_channels, uint32_t n_descs, struct vsw_error *err)
{
    int error = check(sim, n_channels, n_descs, err);

    memset(dma, 0, sizeof *dma);
    if (error) {
        return error;
    }
    dma->channels = calloc(n_channels, sizeof *dma->channels);
    dma->n_channels = dma->channels ? n_channels : 0;
    error = dma->channels ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < n_channels; i++) {
        error = init_channel(&dma->channels[i], sim, bufs, i, n_descs);
    }
    if (error) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                      "out of memory for a DMA engine of %u channels",
                      n_channels);
    }
    return error;
}

void
vsw_dma_fini(struct vsw_dma *dma)
{
    for (uint32_t i = 0; dma->channels && i < dma->n_channels; i++) {
        vsw_unit_fini(&dma->channels[i].unit);
        vsw_ring_fini(&dma->channels[i].ring);
        free(dma->channels[i].copies);
    }
    free(dma->channels);
    memset(dma, 0, sizeof *dma);
}

uint32_t
vsw_dma_n_free(const struct vsw_dma_channel *channel)
{
    return channel->ring.mask + 1
           - (channel->ring.filled - channel->n_reaped);
}

void
vsw_dma_submit(struct vsw_dma_channel *channel, struct vsw_unit *cpu,
               const struct vsw_dma_copy *copy)
{
    assert(vsw_dma_n_free(channel) > 0);
    vsw_unit_charge(cpu, VSW_ACCOUNT_DMA, VSW_COST_DMA_DESC, 1);
    channel->copies[vsw_ring_fill(&channel->ring, 0, 1)] = *copy;
}

void
vsw_dma_doorbell(struct vsw_dma_channel *channel, struct vsw_unit *cpu)
{
    vsw_unit_charge(cpu, VSW_ACCOUNT_DOORBELL, VSW_COST_DOORBELL, 1);
    if (cpu->local_ps > channel->doorbell_ps) {
        channel->doorbell_ps = cpu->local_ps;
    }
    vsw_ring_publish(&channel->ring, channel->doorbell_ps);
}

void
vsw_dma_start_at(struct vsw_dma_channel *channel, uint64_t stamp_ps)
{
    vsw_ring_publish(&channel->ring, stamp_ps);
}

uint32_t
vsw_dma_poll(struct vsw_dma_channel *channel, struct vsw_unit *cpu,
             struct vsw_dma_copy *done, uint32_t n_max)
{
    struct vsw_ring *ring = &channel->ring;
    uint32_t n_done;
    uint32_t n = 0;

    vsw_ring_credits(ring, cpu->sync_ps);
    n_done = ring->frees.seen;
    vsw_unit_charge(cpu, VSW_ACCOUNT_DMA, VSW_COST_DMA_POLL, 1);
    for (; n < n_max && channel->n_reaped != n_done; n++) {
        done[n] = channel->copies[channel->n_reaped++ & ring->mask];
    }
    return n;
}
