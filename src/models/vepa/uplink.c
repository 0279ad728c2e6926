#include "models/vepa/uplink.h"

#include <errno.h>
#include <string.h>

#define PS_PER_NS UINT64_C(1000)

/* Frames that an end of the link holds. */
#define LINK_FRAMES 512

static int
add_macs(struct vepa_uplink *uplink, struct vsw_switch *sw)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);
    int error = 0;

    uplink->macs = vsw_mactable_new(&sw->arena, sw->n_ports, 0);
    for (uint32_t i = 0; uplink->macs && !error && i < sw->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, sw->pkts->workload->ports[i].mac, sizeof mac);
        error = vsw_mactable_add_static(uplink->macs, &mac,
                                        i < n_guests ? 0 : 1 + i - n_guests,
                                        0, NULL);
    }
    return uplink->macs ? error : -ENOMEM;
}

/* The external switch has our link at port 0, and those of clients behind. */
static int
make_ext_switch(struct vepa_uplink *uplink, struct vsw_switch *sw,
                struct vsw_error *err)
{
    const struct vsw_ext_switch_setup setup = {
        .latency_ps = uplink->ext_switch_ns * PS_PER_NS,
        .returns = true,
    };
    struct vsw_link_end *ends[VSW_EXT_SWITCH_MAX_PORTS];

    ends[0] = &uplink->link.ends[1];
    for (uint32_t i = 0; i < sw->n_wires; i++) {
        ends[1 + i] = &sw->wires[i].link->ends[0];
    }
    if (add_macs(uplink, sw)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    return vsw_ext_switch_init(&uplink->ext, &sw->frames, "extswitch", ends,
                               1 + sw->n_wires, uplink->macs, &setup, err);
}

static int
make_link(struct vepa_uplink *uplink, struct vsw_switch *sw,
          struct vsw_error *err)
{
    const struct vsw_wire_setup wire = {
        .rate_bps = uplink->link_rate_bps,
        .delay_ps = uplink->link_delay_ns * PS_PER_NS,
    };
    struct vsw_link *link = &uplink->link;
    const struct nic_counter counters[] = {
        {"link_frames_out", "1", &link->wires[0].n_frames},
        {"link_frames_in", "1", &link->wires[1].n_frames},
    };
    int error = vsw_link_init(link, &sw->frames, "uplink", LINK_FRAMES, &wire,
                              err);

    return error ? error
                 : nic_add_counters(sw, counters, VSW_N_ELEMS(counters),
                                    err);
}

int
vepa_uplink_init(struct vepa_uplink *uplink, struct vsw_switch *sw,
                 uint32_t n_bufs, struct vsw_error *err)
{
    int error = nic_model_init(&uplink->common, sw, n_bufs, err);

    error = error ? error : make_link(uplink, sw, err);
    return error ? error : make_ext_switch(uplink, sw, err);
}

void
vepa_uplink_fini(struct vepa_uplink *uplink)
{
    vsw_eswitch_fini(&uplink->common.nic);
    vsw_ext_switch_fini(&uplink->ext);
    vsw_link_fini(&uplink->link);
}

/* --- The NIC ------------------------------------------------------------- */

static bool
decide(void *aux, struct vsw_eswitch *es, struct vsw_eswitch_job *job,
       struct vsw_rule *rule)
{
    const struct vsw_mactable *macs = aux;
    uint32_t n_guests = es->setup.n_guest_ports;
    uint32_t port;

    if (job->n_tx_slots > 0) {
        rule->port = n_guests;
        return true;
    }
    port = nic_macs_find(macs, es, job);
    rule->port = port < n_guests ? port : VSW_PORT_FLOOD;
    return true;
}

struct vsw_eswitch_setup
vepa_nic_setup(struct vepa_uplink *uplink, const struct vsw_switch *sw)
{
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_guest_ports = vsw_switch_n_guests(sw),
        .n_links = 1,
        .decide = decide,
        .aux = uplink->common.macs,
        .bus = uplink->common.bus.bus,
    };

    setup.n_places = uplink->common.nic_pkts;
    setup.links[0] = &uplink->link.ends[0];
    return setup;
}
