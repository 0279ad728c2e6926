#include "models/hyper_switch/hyper.h"

/* Names of counters outlive the model.  Ports beyond these have none. */
static const char *const causes[] = {
    "caused_by_port0", "caused_by_port1", "caused_by_port2",
    "caused_by_port3", "caused_by_port4", "caused_by_port5",
    "caused_by_port6", "caused_by_port7", "caused_by_port8",
    "caused_by_port9", "caused_by_port10", "caused_by_port11",
    "caused_by_port12", "caused_by_port13", "caused_by_port14",
    "caused_by_port15", "caused_by_port16", "caused_by_port17",
    "caused_by_port18", "caused_by_port19", "caused_by_port20",
    "caused_by_port21", "caused_by_port22", "caused_by_port23",
    "caused_by_port24", "caused_by_port25", "caused_by_port26",
    "caused_by_port27", "caused_by_port28", "caused_by_port29",
    "caused_by_port30", "caused_by_port31", "caused_by_port32",
    "caused_by_port33", "caused_by_port34", "caused_by_port35",
};

static int
add_causes(struct hyper *h)
{
    int error = 0;

    for (uint32_t i = 0; !error && i < h->n_vnics && i < VSW_N_ELEMS(causes);
         i++) {
        error = vsw_switch_add_counter(h->sw, causes[i], "ps",
                                       &h->vnics[i].caused_ps);
    }
    return error;
}

int
hyper_add_counters(struct hyper *h)
{
    const struct hyper_counters *n = &h->n;
    const struct {
        const char *name;
        const char *unit;
        const uint64_t *value;
    } all[] = {
        {"copies_by_receiver", "1", &n->copies[HYPER_RECEIVER]},
        {"copies_in_module", "1", &n->copies[HYPER_MODULE]},
        {"copies_in_node", "1", &n->copies[HYPER_NODE]},
        {"copies_remote", "1", &n->copies[HYPER_REMOTE]},
        {"copies_by_dma", "1", &n->copies[HYPER_DMA]},
        {"copied_bytes_by_receiver", "bytes",
         &n->copied_bytes[HYPER_RECEIVER]},
        {"copied_bytes_in_module", "bytes", &n->copied_bytes[HYPER_MODULE]},
        {"copied_bytes_in_node", "bytes", &n->copied_bytes[HYPER_NODE]},
        {"copied_bytes_remote", "bytes", &n->copied_bytes[HYPER_REMOTE]},
        {"copied_bytes_by_dma", "bytes", &n->copied_bytes[HYPER_DMA]},
        {"dma_polls", "1", &n->dma_polls},
        {"dma_polls_in_vain", "1", &n->dma_polls_in_vain},
        {"dma_refused", "1", &n->dma_refused},
        {"offloads_in_module", "1", &n->requests[HYPER_MODULE]},
        {"offloads_in_node", "1", &n->requests[HYPER_NODE]},
        {"offloads_remote", "1", &n->requests[HYPER_REMOTE]},
        {"offloads_to_receiver", "1", &n->requests[HYPER_RECEIVER]},
        {"offloads_refused", "1", &n->requests_refused},
        {"idle_wakeups", "1", &n->idle_wakeups},
        {"notifications", "1", &n->notifications},
        {"notifications_merged", "1", &n->notifications_merged},
        {"notifications_blocked", "1", &n->notes_blocked},
        {"notifications_long_queue", "1", &n->notes_long_queue},
        {"notifications_quiet", "1", &n->notes_quiet},
        {"notifications_timer", "1", &n->notes_timer},
        {"stays_before_block", "1", &n->stays},
        {"tx_entries", "1", &n->tx_entries},
        {"tx_entries_saved", "1", &n->tx_left},
        {"tx_timer_switches", "1", &n->tx_timer_switches},
        {"switched", "1", &n->switched},
        {"switched_idly", "1", &n->switched_idly},
        {"tx_lock_failures", "1", &n->tx_lock_failures},
        {"rx_lock_failures", "1", &n->rx_lock_failures},
        {"rx_ring_full", "1", &n->rx_ring_full},
        {"copies_aborted", "1", &n->aborted},
        {"congested", "1", &n->congested},
        {"lent_pkts", "1", &n->lent},
        {"pages_lent", "1", &n->pages_lent},
        {"pages_returned", "1", &n->pages_returned},
        {"page_return_calls", "1", &n->return_calls},
    };
    int error = 0;

    for (size_t i = 0; !error && i < VSW_N_ELEMS(all); i++) {
        error = vsw_switch_add_counter(h->sw, all[i].name, all[i].unit,
                                       all[i].value);
    }
    return error ? error : add_causes(h);
}
