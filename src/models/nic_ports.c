#include "models/nic_ports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/vnic.h>

int
nic_bus_init(struct nic_bus *nb, struct vsw_switch *sw,
             struct vsw_error *err)
{
    static const struct vsw_bus_setup setup = VSW_BUS_SETUP_DEFAULT;
    int error;

    if (sw->n_wires > 0) {
        nb->bus = sw->wires[0].bus;
        return 0;
    }
    nb->bus = &nb->own;
    error = vsw_bus_init(&nb->own, sw->sim, &setup, err);
    if (!error && vsw_bus_add_counters(&nb->own, sw)) {
        error = vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                              "out of memory for the counters of a bus");
    }
    return error;
}

int
nic_add_counters(struct vsw_switch *sw, const struct nic_counter *counters,
                 uint32_t n, struct vsw_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (vsw_switch_add_counter(sw, counters[i].name, counters[i].unit,
                                   counters[i].value)) {
            return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                 "out of memory for counter %s",
                                 counters[i].name);
        }
    }
    return 0;
}

/* A table of the addresses behind the ports of 'sw', in its arena; NULL if
 * that has no room. */
static struct vsw_mactable *
make_macs(struct vsw_switch *sw)
{
    struct vsw_mactable *macs = vsw_mactable_new(&sw->arena, sw->n_ports, 0);

    for (uint32_t i = 0; macs && i < sw->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, sw->pkts->workload->ports[i].mac, sizeof mac);
        if (vsw_mactable_add_static(macs, &mac, i, 0, NULL)) {
            return NULL;
        }
    }
    return macs;
}

int
nic_model_init(struct nic_model *nm, struct vsw_switch *sw, uint32_t n_bufs,
               struct vsw_error *err)
{
    int error = vsw_switch_make_bare_ports(sw, nm->buf_bytes, n_bufs, err);

    error = error ? error : nic_bus_init(&nm->bus, sw, err);
    if (error) {
        return error;
    }
    nm->macs = make_macs(sw);
    if (!nm->macs) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "no room for the addresses of %u ports",
                             sw->n_ports);
    }
    return 0;
}

uint32_t
nic_macs_find(const struct vsw_mactable *macs, struct vsw_eswitch *es,
              const struct vsw_eswitch_job *job)
{
    struct vsw_mac dst;

    memcpy(&dst, vsw_eswitch_header(es, job), sizeof dst);
    return vsw_mactable_lookup(macs, &dst, 0, NULL);
}

bool
nic_decide_by_mac(void *aux, struct vsw_eswitch *es,
                  struct vsw_eswitch_job *job, struct vsw_rule *rule)
{
    rule->port = nic_macs_find(aux, es, job);
    return true;
}

void
nic_use_wires(const struct vsw_switch *sw, struct vsw_eswitch_setup *setup)
{
    for (uint32_t i = 0; i < sw->n_wires; i++) {
        setup->links[i] = &sw->wires[i].link->ends[0];
    }
    setup->n_links = sw->n_wires;
}

int
nic_attach_guests(struct vsw_eswitch *es, struct vsw_switch *sw,
                  uint32_t n_guests, struct vsw_error *err)
{
    for (uint32_t i = 0; i < n_guests; i++) {
        struct vsw_port *port = &sw->ports[i];

        for (uint32_t q = 0; q < port->n_queues; q++) {
            if (vsw_eswitch_attach(es, port->first_queue + q,
                                   &port->queues[q], &port->vnics[q])) {
                return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                     "out of memory for a NIC's contexts");
            }
        }
    }
    return 0;
}

int
nic_make_functions(struct nic_model *nm, struct vsw_switch *sw,
                   uint32_t n_direct, uint32_t n_more, struct vsw_error *err)
{
    struct vsw_eswitch_setup setup = {
        NIC_SETUP_DEFAULT,
        .n_contexts = n_direct * sw->n_queues + n_more,
        .n_guest_ports = vsw_switch_n_guests(sw),
        .decide = nic_decide_by_mac,
        .aux = nm->macs,
        .irq_gap_ns = nm->irq_gap_ns,
        .bus = nm->bus.bus,
    };
    int error;

    setup.n_places = nm->nic_pkts;
    nic_use_wires(sw, &setup);
    error = vsw_eswitch_init(&nm->nic, sw, &setup, err);
    return error ? error : nic_attach_guests(&nm->nic, sw, n_direct, err);
}

const char *
nic_check_functions(uint32_t n_functions,
                    const struct vsw_model_facts *facts,
                    char reason[VSW_MODEL_REASON_BYTES])
{
    if (facts->n_guests <= n_functions) {
        return NULL;
    }
    snprintf(reason, VSW_MODEL_REASON_BYTES,
             "more guests than contexts: the NIC has %u virtual functions, "
             "but there are %u guests, which need one each; model "
             "\"sriov_shared\" lets some share one",
             n_functions, facts->n_guests);
    return "n_functions";
}

uint32_t
nic_no_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 0;
}
