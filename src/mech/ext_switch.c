#include <vswsim/ext_switch.h>

#include <errno.h>
#include <string.h>

static uint32_t
look_up(struct vsw_ext_switch *sw, uint32_t pkt, uint32_t in)
{
    struct vsw_mac dst;
    uint32_t out;

    memcpy(&dst, sw->frames->headers[pkt], sizeof dst);
    out = vsw_mactable_lookup(sw->macs, &dst, 0, NULL);
    if (out >= sw->n_ports || (out == in && !sw->setup.returns)) {
        return VSW_PORT_FLOOD;
    }
    return out;
}

/* Nothing here takes the switch any time: a frame is stored, and leaves a
 * latency later. */
static void
forward(struct vsw_ext_switch *sw, uint32_t pkt, uint32_t in)
{
    struct vsw_unit *unit = &sw->unit;
    uint32_t out = look_up(sw, pkt, in);
    struct vsw_ring *ring;

    if (out == VSW_PORT_FLOOD) {
        vsw_pkt_drop(sw->frames->pkts, unit, pkt, VSW_DROP_NO_ROUTE);
        return;
    }
    ring = &sw->ends[out]->tx;
    if (vsw_ring_credits(ring, unit->sync_ps) == 0) {
        vsw_pkt_drop(sw->frames->pkts, unit, pkt, VSW_DROP_FIFO_FULL);
        return;
    }
    vsw_ring_fill(ring, pkt, 1);
    vsw_ring_publish(ring, unit->sync_ps + sw->setup.latency_ps);
    sw->n_forwarded++;
    sw->n_returned += out == in;
}

/* It has several inputs, so it does not work ahead of time. */
static void
switch_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_ext_switch *sw = owner;
    uint32_t in = worker->source;
    struct vsw_ring *ring = &sw->ends[in]->rx;
    uint32_t n = vsw_ring_visible(ring, sw->unit.sync_ps);

    for (; n > 0; n--) {
        uint32_t slot, n_slots;

        forward(sw, vsw_ring_pop(ring, &slot, &n_slots), in);
    }
    vsw_ring_free(ring, sw->unit.sync_ps);
}

int
vsw_ext_switch_init(struct vsw_ext_switch *sw, struct vsw_frames *frames,
                    const char *name, struct vsw_link_end *const *ends,
                    uint32_t n_ports, struct vsw_mactable *macs,
                    const struct vsw_ext_switch_setup *setup,
                    struct vsw_error *err)
{
    memset(sw, 0, sizeof *sw);
    if (n_ports < 1 || n_ports > VSW_EXT_SWITCH_MAX_PORTS) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "an external switch has 1 to %d ports, not %u",
                             VSW_EXT_SWITCH_MAX_PORTS, n_ports);
    }
    sw->frames = frames;
    sw->n_ports = n_ports;
    sw->macs = macs;
    sw->setup = *setup;
    for (uint32_t i = 0; i < n_ports; i++) {
        sw->ends[i] = ends[i];
        sw->sources[i] = (struct vsw_source) {
            .ring = &ends[i]->rx,
            .kind = VSW_SOURCE_FILLED,
            .n_needed = 1,
        };
    }
    sw->worker.unit = &sw->unit;
    sw->worker.work = switch_work;
    sw->worker.owner = sw;
    sw->worker.priority = 1;
    if (vsw_unit_init(&sw->unit, frames->sim, "device", name)
        || vsw_worker_add(&sw->worker)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for an external switch");
    }
    vsw_worker_serve(&sw->worker, sw->sources, n_ports);
    return 0;
}

void
vsw_ext_switch_fini(struct vsw_ext_switch *sw)
{
    vsw_unit_fini(&sw->unit);
}
