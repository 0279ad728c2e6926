/* Physical ports: links, the buses of their NICs, and external clients. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/run/scene.h"

/* Frames that an end of a link holds in each direction. */
#define LINK_FRAMES 512

/* The NIC of the machine that wires use: the first of its file. */
static int
find_nic(const struct scene *s, const struct vsw_hw_nic **nic,
         struct vsw_error *err)
{
    const struct vsw_hardware *hw = &s->config->machine->hw;

    if (hw->n_nics == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: machine %s has no NIC, but wires.n is %"
                             PRIu32, s->config->design,
                             s->config->machine->name, s->config->wires.n);
    }
    *nic = &hw->nics[0];
    return 0;
}

/* Ports of one NIC share its bus. */
static int
make_buses(struct scene *s, const struct vsw_hw_nic *nic,
           struct vsw_error *err)
{
    const struct vsw_hw_pcie *pcie = &s->config->machine->hw.pcie;
    struct vsw_bus_setup setup = VSW_BUS_SETUP_DEFAULT;
    uint32_t n_ports = nic->n_ports ? nic->n_ports : 1;
    uint32_t n = (s->config->wires.n + n_ports - 1) / n_ports;

    if (pcie->max_payload_bytes) {
        setup.tlp_bytes = pcie->tlp_overhead_bytes;
        setup.max_payload_bytes = pcie->max_payload_bytes;
    }
    s->buses = calloc(n, sizeof *s->buses);
    if (!s->buses) {
        return scene_nomem(err);
    }
    for (; s->n_buses < n; s->n_buses++) {
        struct vsw_bus *bus = &s->buses[s->n_buses];
        int error = vsw_bus_init(bus, &s->sim, &setup, err);

        if (error) {
            return error;
        }
        if (vsw_bus_add_counters(bus, &s->sw)) {
            return scene_nomem(err);
        }
    }
    for (uint32_t i = 0; i < s->config->wires.n; i++) {
        s->switch_wires[i].bus = &s->buses[i / n_ports];
    }
    return 0;
}

static int
make_links(struct scene *s, const struct vsw_hw_nic *nic,
           struct vsw_error *err)
{
    const struct vsw_config_wires *wires = &s->config->wires;
    const struct vsw_wire_setup setup = {
        .rate_bps = wires->rate_bps ? wires->rate_bps : nic->rate_bps,
        .delay_ps = wires->delay_ns * PS_PER_NS,
    };

    for (uint32_t i = 0; i < wires->n; i++) {
        struct scene_wire *wire = &s->wires[i];
        char name[16];
        int error;

        snprintf(name, sizeof name, "link%" PRIu32, i);
        error = vsw_link_init(&wire->link, &s->sw.frames, name, LINK_FRAMES,
                              &setup, err);
        if (error) {
            return error;
        }
        wire->has_link = true;
        s->switch_wires[i].link = &wire->link;
    }
    return 0;
}

int
scene_make_wires(struct scene *s, struct vsw_error *err)
{
    uint32_t n = s->config->wires.n;
    const struct vsw_hw_nic *nic = NULL;
    int error;

    if (n == 0) {
        return 0;
    }
    s->wires = calloc(n, sizeof *s->wires);
    s->switch_wires = calloc(n, sizeof *s->switch_wires);
    if (!s->wires || !s->switch_wires) {
        return scene_nomem(err);
    }
    error = find_nic(s, &nic, err);
    error = error ? error : make_buses(s, nic, err);
    error = error ? error : make_links(s, nic, err);
    s->sw.wires = s->switch_wires;
    return error;
}

static int
start_client(struct scene *s, uint32_t i, const char *name,
             struct vsw_error *err)
{
    uint32_t port = s->config->guests.n + i;
    struct scene_wire *wire = &s->wires[i];
    const struct vsw_traffic_setup setup = scene_traffic(s, port, 1);
    struct vsw_random offset;
    int error;

    vsw_sim_random(&s->sim, &offset, VSW_RANDOM_TRACE_OFFSET,
                   port * s->config->guests.n_cpus);
    vsw_traffic_init(&wire->client.traffic, &setup,
                     scene_start_ps(s, s->n_threads + i), &offset);
    error = vsw_client_init(&wire->client, &s->sw.frames, name,
                            &wire->link.ends[1], port, err);
    wire->has_client = error == 0;
    return error;
}

static int
start_peer(struct scene *s, uint32_t i, const char *name,
           struct vsw_error *err)
{
    struct scene_wire *wire = &s->wires[i];
    const struct vsw_peer_setup setup = {
        .port = s->config->guests.n + i,
        .hold_ns = s->config->workload.hold_ns,
        .react_ns = s->config->workload.react_ns,
        .start_ps = scene_start_ps(s, s->n_threads + i),
    };
    int error = vsw_peer_init(&wire->peer, &s->sw.frames, name,
                              &wire->link.ends[1], &s->dialogs, &setup, err);

    wire->has_peer = error == 0;
    return error;
}

int
scene_start_clients(struct scene *s, struct vsw_error *err)
{
    int error = 0;

    for (uint32_t i = 0; !error && i < s->config->wires.n; i++) {
        char name[24];

        snprintf(name, sizeof name, "client%" PRIu32, i);
        error = s->has_dialogs ? start_peer(s, i, name, err)
                               : start_client(s, i, name, err);
    }
    return error;
}

void
scene_free_wires(struct scene *s)
{
    for (uint32_t i = 0; s->wires && i < s->config->wires.n; i++) {
        if (s->wires[i].has_client) {
            vsw_client_fini(&s->wires[i].client);
        }
        if (s->wires[i].has_peer) {
            vsw_peer_fini(&s->wires[i].peer);
        }
        if (s->wires[i].has_link) {
            vsw_link_fini(&s->wires[i].link);
        }
    }
    free(s->wires);
    free(s->switch_wires);
    free(s->buses);
}
