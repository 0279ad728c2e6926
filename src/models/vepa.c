/* VEPA: every packet of a guest goes to the external switch, also those for
 * a neighbour, which that sends back (reflective relay).
 *
 * Source: IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, section
 * 2.3.3.
 *
 * Modelled: an agent in the NIC, whose contexts guests drive directly: out to
 * the link whatever it is, in by address; a link of its own to an external
 * switch, which stores and forwards; clients behind that switch.
 * Left out: an agent in host software, tags of 802.1Qbh (VN-tag), groups. */
#include <errno.h>
#include <string.h>

#include <vswsim/ext_switch.h>
#include <vswsim/model.h>

#include "models/nic_ports.h"

#define PS_PER_NS UINT64_C(1000)

/* Frames that an end of the link holds. */
#define LINK_FRAMES 512

struct vepa {
    uint32_t buf_bytes;
    uint32_t nic_pkts;
    uint64_t irq_gap_ns;
    uint32_t n_functions;
    uint64_t link_rate_bps;
    uint64_t link_delay_ns;
    uint64_t ext_switch_ns;

    struct nic_bus bus;
    struct vsw_mactable *macs;
    struct vsw_mactable *ext_macs;
    struct vsw_eswitch nic;
    struct vsw_link link;
    struct vsw_ext_switch ext;
};

static const struct vsw_param vepa_params[] = {
    VSW_PARAM_U32(struct vepa, buf_bytes, 4096, 512, 65536,
                  "packet bytes that a guest's descriptor holds",
                  "design choice: a page"),
    VSW_PARAM_U32(struct vepa, nic_pkts, 512, 2, 65536,
                  "packets that the NIC holds",
                  "Intel 82599: 512 KB of packet memory"),
    VSW_PARAM_U64(struct vepa, irq_gap_ns, 100000, 0, 10000000,
                  "least time between two interrupts of a guest",
                  "Ram, section 5.2.3: 100 us or more"),
    VSW_PARAM_U32(struct vepa, n_functions, 64, 1, 1024,
                  "virtual functions of the NIC; each guest needs one",
                  "Intel 82599: 64; devices of 2010 had from 7 to 128"),
    VSW_PARAM_U64(struct vepa, link_rate_bps, UINT64_C(10000000000),
                  0, UINT64_C(1000000000000),
                  "line rate of the link to the external switch; 0: infinite",
                  "one port of the NICs of the published machines"),
    VSW_PARAM_U64(struct vepa, link_delay_ns, 50, 0, 1000000,
                  "from one end of the link to the other", "10 m of cable"),
    VSW_PARAM_U64(struct vepa, ext_switch_ns, 2000, 0, 1000000,
                  "latency of the external switch, last bit in to first out",
                  "design choice; cut-through switches take less than 1 us, "
                  "others up to 10"),
    VSW_PARAM_END,
};

static const char *const drivers[] = {"vf", "virtio_poll", NULL};

static const char *
vepa_check(const void *state, const struct vsw_model_facts *facts,
           char reason[VSW_MODEL_REASON_BYTES])
{
    const struct vepa *vepa = state;

    return nic_check_functions(vepa->n_functions, facts, reason);
}

/* Where the agent sends what a guest sent: to its only link. */
static bool
decide(void *aux, struct vsw_eswitch *es, struct vsw_eswitch_job *job,
       struct vsw_rule *rule)
{
    const struct vepa *vepa = aux;
    uint32_t n_guests = es->setup.n_guest_ports;
    uint32_t port;

    if (job->n_tx_slots > 0) {
        rule->port = n_guests;
        return true;
    }
    port = nic_macs_find(vepa->macs, es, job);
    rule->port = port < n_guests ? port : VSW_PORT_FLOOD;
    return true;
}

/* The external switch has our link at port 0, and those of clients behind. */
static int
make_ext_switch(struct vepa *vepa, struct vsw_switch *sw,
                struct vsw_error *err)
{
    const struct vsw_ext_switch_setup setup = {
        .latency_ps = vepa->ext_switch_ns * PS_PER_NS,
        .returns = true,
    };
    struct vsw_link_end *ends[VSW_EXT_SWITCH_MAX_PORTS];
    uint32_t n_guests = vsw_switch_n_guests(sw);

    ends[0] = &vepa->link.ends[1];
    for (uint32_t i = 0; i < sw->n_wires; i++) {
        ends[1 + i] = &sw->wires[i].link->ends[0];
    }
    vepa->ext_macs = vsw_mactable_new(&sw->arena, sw->n_ports, 0);
    for (uint32_t i = 0; vepa->ext_macs && i < sw->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, sw->pkts->workload->ports[i].mac, sizeof mac);
        if (vsw_mactable_add_static(vepa->ext_macs, &mac,
                                    i < n_guests ? 0 : 1 + i - n_guests, 0,
                                    NULL)) {
            vepa->ext_macs = NULL;
        }
    }
    if (!vepa->ext_macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    return vsw_ext_switch_init(&vepa->ext, &sw->frames, "extswitch", ends,
                               1 + sw->n_wires, vepa->ext_macs, &setup, err);
}

static int
make_link(struct vepa *vepa, struct vsw_switch *sw, struct vsw_error *err)
{
    const struct vsw_wire_setup setup = {
        .rate_bps = vepa->link_rate_bps,
        .delay_ps = vepa->link_delay_ns * PS_PER_NS,
    };
    int error = vsw_link_init(&vepa->link, &sw->frames, "uplink",
                              LINK_FRAMES, &setup, err);

    error = error ? error
                  : vsw_switch_add_counter(sw, "link_frames_out", "1",
                                           &vepa->link.wires[0].n_frames);
    return error ? error
                 : vsw_switch_add_counter(sw, "link_frames_in", "1",
                                          &vepa->link.wires[1].n_frames);
}

static int
make_nic(struct vepa *vepa, struct vsw_switch *sw, struct vsw_error *err)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_contexts = n_guests * sw->n_queues,
        .n_guest_ports = n_guests,
        .n_links = 1,
        .decide = decide,
        .aux = vepa,
        .irq_gap_ns = vepa->irq_gap_ns,
        .bus = vepa->bus.bus,
    };
    int error;

    setup.n_places = vepa->nic_pkts;
    setup.links[0] = &vepa->link.ends[0];
    error = vsw_eswitch_init(&vepa->nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(&vepa->nic, sw, err);
    if (!error) {
        vsw_eswitch_start(&vepa->nic);
    }
    return error;
}

static int
vepa_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vepa *vepa = vsw_switch_state(sw);
    int error = vsw_switch_make_bare_ports(sw, vepa->buf_bytes, 0, err);

    error = error ? error : nic_bus_init(&vepa->bus, sw, err);
    if (error) {
        return error;
    }
    vepa->macs = nic_macs_new(sw);
    if (!vepa->macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    error = make_link(vepa, sw, err);
    error = error ? error : make_ext_switch(vepa, sw, err);
    return error ? error : make_nic(vepa, sw, err);
}

static void
vepa_fini(struct vsw_switch *sw)
{
    struct vepa *vepa = vsw_switch_state(sw);

    vsw_eswitch_fini(&vepa->nic);
    vsw_ext_switch_fini(&vepa->ext);
    vsw_link_fini(&vepa->link);
}

const struct vsw_model_ops vsw_model_vepa = {
    .name = "vepa",
    .title = "VEPA: all packets go to the external switch and back",
    .citation = "IEEE 802.1Qbg; Ram, PhD thesis, Rice University, 2012, "
                "section 2.3.3",
    .modelled = "an agent in the NIC; the link to an external switch, which "
                "returns what is for a neighbour; clients behind it",
    .left_out = "an agent in host software, tags, groups",
    .params = vepa_params,
    .state_size_bytes = sizeof(struct vepa),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .n_cpus = nic_no_cpus,
    .check = vepa_check,
    .init = vepa_init,
    .fini = vepa_fini,
};
