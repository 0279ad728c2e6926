#include <vswsim/wire.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/account.h"

#define PS_PER_S  UINT64_C(1000000000000)
#define PS_BITS_S (8 * PS_PER_S)

uint64_t
vsw_wire_frame_ps(const struct vsw_wire_setup *setup, uint32_t frame_bytes)
{
    uint64_t n_bytes = frame_bytes < VSW_WIRE_MIN_FRAME_BYTES
                       ? VSW_WIRE_MIN_FRAME_BYTES
                       : frame_bytes;

    if (setup->rate_bps == 0) {
        return 0;
    }
    n_bytes += VSW_WIRE_PREAMBLE_BYTES + VSW_WIRE_GAP_BYTES;
    return (n_bytes * PS_BITS_S + setup->rate_bps / 2) / setup->rate_bps;
}

static void
count(struct vsw_wire *wire, uint32_t frame_bytes)
{
    if (vsw_unit_in_window(&wire->unit)) {
        wire->n_frames++;
        wire->n_bytes += frame_bytes;
    }
}

/* Frees the place of the frame that has left, and finds it one at the far
 * end.  Returns false if this must be decided at sync. */
static bool
hand_over(struct vsw_wire *wire)
{
    struct vsw_unit *unit = &wire->unit;
    bool has_room = vsw_ring_credits(wire->out, unit->local_ps) > 0;
    uint32_t slot, n_slots;
    uint32_t pkt;

    if (!has_room && !vsw_unit_at_sync(unit)) {
        return false;
    }
    pkt = vsw_ring_pop(wire->in, &slot, &n_slots);
    vsw_ring_free(wire->in, unit->local_ps);
    wire->has_frame = false;
    count(wire, wire->frames->pkts->pkts[pkt].frame_bytes);
    if (has_room) {
        vsw_ring_fill(wire->out, pkt, 1);
        vsw_ring_publish(wire->out, unit->local_ps + wire->setup.delay_ps);
    } else {
        vsw_pkt_drop(wire->frames->pkts, unit, pkt, VSW_DROP_FIFO_FULL);
    }
    return true;
}

/* Sends the next frame, whose place 'slot' the sender has published. */
static void
carry(struct vsw_wire *wire)
{
    const struct vsw_ring *in = wire->in;
    uint32_t pkt = in->slots[in->popped & in->mask];
    uint32_t frame_bytes = wire->frames->pkts->pkts[pkt].frame_bytes;

    vsw_unit_spend(&wire->unit, VSW_ACCOUNT_WIRE,
                   vsw_wire_frame_ps(&wire->setup, frame_bytes));
    wire->has_frame = true;
}

static void
wire_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_wire *wire = owner;
    struct vsw_unit *unit = &wire->unit;

    for (;;) {
        uint64_t next_ps;

        if (wire->has_frame && !hand_over(wire)) {
            vsw_worker_go_on(worker);
            return;
        }
        next_ps = vsw_ring_ready_ps(wire->in, false, 1);
        if (!vsw_unit_may_reach(unit, next_ps)
            || vsw_worker_quantum_over(worker)) {
            return;
        }
        vsw_unit_idle_until(unit, next_ps);
        vsw_ring_visible(wire->in, unit->local_ps);
        carry(wire);
    }
}

int
vsw_wire_init(struct vsw_wire *wire, struct vsw_frames *frames,
              const char *name, struct vsw_ring *in, struct vsw_ring *out,
              const struct vsw_wire_setup *setup, struct vsw_error *err)
{
    memset(wire, 0, sizeof *wire);
    wire->frames = frames;
    wire->setup = *setup;
    wire->in = in;
    wire->out = out;
    wire->source = (struct vsw_source) {
        .ring = in,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    wire->worker.unit = &wire->unit;
    wire->worker.work = wire_work;
    wire->worker.owner = wire;
    wire->worker.priority = 1;
    if (vsw_unit_init(&wire->unit, frames->sim, "device", name)
        || vsw_worker_add(&wire->worker)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a wire");
    }
    vsw_worker_serve(&wire->worker, &wire->source, 1);
    return 0;
}

void
vsw_wire_fini(struct vsw_wire *wire)
{
    vsw_unit_fini(&wire->unit);
}
