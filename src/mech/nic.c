#include <vswsim/nic.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cost.h"
#include "mech/nic_impl.h"

/* The hash of each flow's packets, by the real parser and Toeplitz code. */
static int
hash_flows(struct vsw_nic *nic, struct vsw_arena *arena)
{
    const struct vsw_workload *workload = nic->frames->pkts->workload;
    struct vsw_toeplitz *t = vsw_toeplitz_new(arena, nic->setup.rss_key,
                                              VSW_TOEPLITZ_KEY_BYTES,
                                              VSW_TOEPLITZ_AUTO);

    nic->hashes = calloc(workload->n_flows + 1, sizeof *nic->hashes);
    if (!t || !nic->hashes) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < workload->n_flows; i++) {
        const struct vsw_workload_flow *flow = &workload->flows[i];
        struct vsw_flowkey key;

        vsw_flowkey_extract(&key, flow->header, flow->header_bytes, 0, NULL);
        nic->hashes[i] = vsw_rss_hash(t, &key, nic->setup.rss_protos, NULL);
    }
    return 0;
}

static int
make_queues(struct vsw_nic *nic, struct vsw_queue *queues, uint32_t n)
{
    nic->queues = calloc(n, sizeof *nic->queues);
    nic->tx_sources = calloc((size_t) n + 1, sizeof *nic->tx_sources);
    if (!nic->queues || !nic->tx_sources) {
        return -ENOMEM;
    }
    nic->n_queues = n;
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_nic_queue *nq = &nic->queues[i];

        nq->nic = nic;
        nq->queue = &queues[i];
        queues[i].bus = nic->bus;
        vsw_nic_init_irq(nq);
    }
    return 0;
}

static int
make_unit(struct vsw_nic *nic, struct vsw_unit *unit,
          struct vsw_worker *worker, vsw_work_fn work, const char *name,
          const char *side)
{
    char unit_name[16];

    snprintf(unit_name, sizeof unit_name, "%.8s.%s", name, side);
    worker->unit = unit;
    worker->work = work;
    worker->owner = nic;
    worker->priority = 1;
    if (vsw_unit_init(unit, nic->frames->sim, "device", unit_name)) {
        return -ENOMEM;
    }
    return vsw_worker_add(worker);
}

static int
make(struct vsw_nic *nic, const char *name, struct vsw_queue *queues,
     uint32_t n_queues, struct vsw_arena *arena)
{
    uint32_t n_rx = nic->setup.n_rx_queues ? nic->setup.n_rx_queues
                                           : n_queues;

    nic->reta = vsw_reta_new(arena, nic->setup.n_reta_slots, n_rx);
    if (!nic->reta || hash_flows(nic, arena)
        || make_unit(nic, &nic->rx_unit, &nic->rx_worker, vsw_nic_rx_work,
                     name, "rx")
        || make_unit(nic, &nic->tx_unit, &nic->tx_worker, vsw_nic_tx_work,
                     name, "tx")) {
        return -ENOMEM;
    }
    return make_queues(nic, queues, n_queues);
}

static bool
is_valid(const struct vsw_nic_setup *setup, uint32_t n_queues)
{
    uint32_t n = setup->n_reta_slots;

    return n_queues >= 1 && n_queues <= VSW_NIC_MAX_QUEUES
           && setup->n_rx_queues <= n_queues && n >= 1
           && n <= VSW_RETA_MAX_SLOTS && (n & (n - 1)) == 0
           && setup->desc_bytes > 0 && setup->rx_fetch_descs > 0
           && setup->tx_fetch_descs > 0;
}

static int
check(const struct vsw_nic *nic, uint32_t n_queues, struct vsw_error *err)
{
    const uint16_t cost = VSW_COST_NIC_IRQ_LATENCY;

    if (!is_valid(&nic->setup, n_queues)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "a NIC needs 1 to %u queues, a redirection "
                             "table of a power of two up to %u slots, and "
                             "descriptors of at least 1 byte, read at least "
                             "1 at a time",
                             VSW_NIC_MAX_QUEUES, VSW_RETA_MAX_SLOTS);
    }
    return vsw_sim_require_costs(nic->frames->sim, "a NIC", &cost, 1, err);
}

int
vsw_nic_init(struct vsw_nic *nic, struct vsw_frames *frames,
             const char *name, struct vsw_bus *bus, struct vsw_link_end *end,
             struct vsw_queue *queues, uint32_t n_queues,
             const struct vsw_nic_setup *setup, struct vsw_arena *arena,
             struct vsw_error *err)
{
    int error;

    memset(nic, 0, sizeof *nic);
    nic->frames = frames;
    nic->bus = bus;
    nic->end = end;
    nic->setup = *setup;
    error = check(nic, n_queues, err);
    if (error) {
        return error;
    }
    if (make(nic, name, queues, n_queues, arena)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a NIC of %u queues",
                             n_queues);
    }
    vsw_nic_rx_start(nic);
    vsw_nic_tx_start(nic);
    return 0;
}

void
vsw_nic_fini(struct vsw_nic *nic)
{
    vsw_unit_fini(&nic->rx_unit);
    vsw_unit_fini(&nic->tx_unit);
    free(nic->tx_sources);
    free(nic->queues);
    free(nic->hashes);
}
