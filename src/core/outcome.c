#include <vswsim/outcome.h>

#include <stdlib.h>

const char *
vsw_drop_name(enum vsw_drop drop)
{
    static const char *const names[VSW_N_DROPS] = {
        [VSW_DROP_RX_RING_FULL] = "rx_ring_full",
        [VSW_DROP_TX_RING_FULL] = "tx_ring_full",
        [VSW_DROP_NO_BUFFER] = "no_buffer",
        [VSW_DROP_NO_ROUTE] = "no_route",
        [VSW_DROP_TOO_LARGE] = "too_large",
    };

    return names[drop];
}

static void
free_name(const char *name)
{
    free((void *) (uintptr_t) name);
}

static void
free_lists(struct vsw_outcome *outcome)
{
    for (uint32_t i = 0; i < outcome->n_units; i++) {
        free_name(outcome->units[i].name);
    }
    for (uint32_t i = 0; i < outcome->n_charges; i++) {
        free_name(outcome->charges[i].domain);
    }
    for (uint32_t i = 0; i < outcome->n_batches; i++) {
        free(outcome->batches[i].counts);
    }
    free(outcome->units);
    free(outcome->charges);
    free(outcome->batches);
    free(outcome->counters);
    free(outcome->memory);
}

void
vsw_outcome_free(struct vsw_outcome *outcome)
{
    if (outcome) {
        free_lists(outcome);
        free(outcome->port_delivered);
        free(outcome->port_offered);
        free(outcome->latency_ps);
        free(outcome);
    }
}
