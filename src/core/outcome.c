#include <vswsim/outcome.h>

#include <assert.h>
#include <stdlib.h>

static const char *const drop_names[VSW_N_DROPS] = {
    [VSW_DROP_RX_RING_FULL] = "rx_ring_full",
    [VSW_DROP_TX_RING_FULL] = "tx_ring_full",
    [VSW_DROP_NO_BUFFER] = "no_buffer",
    [VSW_DROP_NO_ROUTE] = "no_route",
    [VSW_DROP_TOO_LARGE] = "too_large",
    [VSW_DROP_FIFO_FULL] = "fifo_full",
    [VSW_DROP_QUEUE_FULL] = "queue_full",
    [VSW_DROP_UPCALL_FULL] = "upcall_full",
    [VSW_DROP_DENIED] = "denied",
};

const char *
vsw_drop_name(enum vsw_drop drop)
{
    assert(drop < VSW_N_DROPS);
    return drop_names[drop];
}

struct vsw_outcome *
vsw_outcome_new(uint32_t n_ports)
{
    struct vsw_outcome *outcome = calloc(1, sizeof *outcome);

    if (!outcome) {
        return NULL;
    }
    outcome->n_ports = n_ports;
    outcome->port_delivered = calloc(n_ports,
                                     sizeof *outcome->port_delivered);
    outcome->port_offered = calloc(n_ports, sizeof *outcome->port_offered);
    outcome->latency_ps = malloc(sizeof *outcome->latency_ps);
    if (!outcome->port_delivered || !outcome->port_offered
        || !outcome->latency_ps) {
        vsw_outcome_free(outcome);
        return NULL;
    }
    vsw_histogram_init(outcome->latency_ps);
    return outcome;
}

void
vsw_outcome_free(struct vsw_outcome *outcome)
{
    if (!outcome) {
        return;
    }
    for (uint32_t i = 0; i < outcome->n_batches; i++) {
        free(outcome->batches[i].counts);
    }
    free(outcome->port_delivered);
    free(outcome->port_offered);
    free(outcome->latency_ps);
    free(outcome->classes);
    free(outcome->parts);
    free(outcome->units);
    free(outcome->charges);
    free(outcome->lines);
    free(outcome->batches);
    free(outcome->counters);
    free(outcome->memory);
    free(outcome);
}
