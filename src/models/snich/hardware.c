/* sNICh in hardware: the NIC reads headers over the bus, looks flows up in
 * a TCAM, and has the host's copy engine move packets from guest to guest.
 *
 * A miss goes to the control plane, with all of the packet; or first to the
 * table of flows that this keeps in host memory, which the NIC reads by
 * itself, the extension that the thesis' conclusions name. */
#include "models/snich/snich.h"

#define LINE_BYTES 64

/* Reads in the control plane's table, one after another; the packets behind
 * do not wait for it. */
static bool
walk(struct snich *snich, struct vsw_eswitch *es,
     struct vsw_eswitch_job *job, const struct vsw_flowkey *key,
     struct vsw_rule *rule)
{
    bool in_window = vsw_unit_in_window(&es->unit);

    for (uint32_t i = 0; i < snich->host_table_reads; i++) {
        job->ready_ps = vsw_bus_read(es->setup.bus, &es->unit,
                                     job->ready_ps > es->unit.local_ps
                                         ? job->ready_ps
                                         : es->unit.local_ps,
                                     LINE_BYTES);
    }
    snich->n_walks += in_window;
    if (!vsw_rule_cache_lookup(snich->control.known, key, rule, NULL)) {
        return false;
    }
    snich->n_walk_hits += in_window;
    vsw_nic_rules_add_exact(&snich->rules, key, rule, NULL);
    return true;
}

static bool
decide(void *aux, struct vsw_eswitch *es, struct vsw_eswitch_job *job,
       struct vsw_rule *rule)
{
    struct snich *snich = aux;
    const struct vsw_pkt *pkt = &es->sw->pkts->pkts[job->pkt];
    uint32_t n_bytes = job->n_read < snich->header_bytes
                           ? job->n_read
                           : snich->header_bytes;
    struct vsw_flowkey key;

    vsw_flowkey_extract(&key, vsw_eswitch_header(es, job), n_bytes,
                        (uint16_t) pkt->in_port, NULL);
    if (vsw_nic_rules_lookup(&snich->rules, &key, rule, NULL)) {
        return true;
    }
    return snich->walks_host_table && walk(snich, es, job, &key, rule);
}

static uint32_t
power_of_2(uint32_t n)
{
    uint32_t power = 1;

    while (power < n) {
        power *= 2;
    }
    return power;
}

int
snich_hardware_start(struct snich *snich, struct vsw_switch *sw,
                     uint32_t n_classes, struct vsw_error *err)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);
    struct vsw_eswitch_setup setup = {
        .name = "nic",
        .n_contexts = n_guests * sw->n_queues,
        .n_guest_ports = n_guests,
        .decide = decide,
        .aux = snich,
        .control = &snich->control,
        .head_bytes = snich->header_bytes,
        .by_dma = true,
        .dma_min_bytes = snich->dma_min_bytes,
        .n_dma_channels = snich->dma_channels,
        .n_dma_descs = power_of_2(snich->dma_descs),
        .n_places = snich->nic_pkts,
        .n_classes = n_classes,
        .holds = snich->holds,
        .max_in_flight = snich->max_in_flight,
        .at_cap = snich->at_cap ? VSW_CONGESTION_DROP_OLDEST
                                : VSW_CONGESTION_STOP,
        .irq_gap_ns = snich->irq_gap_ns,
        .desc_bytes = 16,
        .fetch_descs = 32,
    };
    const struct nic_counter counters[] = {
        {"host_table_walks", "1", &snich->n_walks},
        {"host_table_hits", "1", &snich->n_walk_hits},
    };
    int error = nic_bus_init(&snich->bus, sw, err);

    if (error) {
        return error;
    }
    setup.bus = snich->bus.bus;
    nic_use_wires(sw, &setup);
    error = vsw_eswitch_init(&snich->nic, sw, &setup, err);
    error = error ? error : nic_attach_guests(&snich->nic, sw, n_guests, err);
    error = error ? error
                  : nic_add_counters(sw, counters, VSW_N_ELEMS(counters),
                                     err);
    if (!error) {
        vsw_eswitch_start(&snich->nic);
    }
    return error;
}
