#include <vswsim/switch.h>

#include <errno.h>
#include <stdlib.h>

int
vsw_switch_make_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                      uint32_t n_pool, struct vsw_error *err)
{
    uint32_t n_queues = sw->n_ports * sw->n_queues;
    uint32_t n_bufs = n_queues * 2 * sw->n_slots + n_pool;
    int error = vsw_bufs_init(&sw->bufs, n_bufs);

    if (!error) {
        sw->queues = calloc(n_queues, sizeof *sw->queues);
        error = sw->queues ? 0 : -ENOMEM;
    }
    for (uint32_t i = 0; !error && i < n_queues; i++) {
        error = vsw_queue_init(&sw->queues[i], &sw->bufs, i / sw->n_queues,
                               i % sw->n_queues, sw->n_slots, buf_bytes);
    }
    if (error) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                             "out of memory for %u queue pairs of %u slots",
                             n_queues, sw->n_slots);
    }
    return 0;
}

void
vsw_switch_count_batch(struct vsw_batch_sizes *sizes,
                       const struct vsw_unit *unit, uint32_t n)
{
    if (unit->local_ps >= unit->window_start_ps
        && unit->local_ps < unit->window_end_ps) {
        sizes->counts[n < VSW_MAX_BURST ? n : VSW_MAX_BURST]++;
    }
}

int
vsw_switch_add_memory(struct vsw_switch *sw, const char *name,
                      uint64_t n_bytes)
{
    struct vsw_outcome *outcome = sw->outcome;
    size_t n = outcome->n_memory + 1;
    struct vsw_outcome_memory *memory = realloc(outcome->memory,
                                                n * sizeof *memory);

    if (!memory) {
        return -ENOMEM;
    }
    memory[outcome->n_memory++] = (struct vsw_outcome_memory) {
        .name = name,
        .n_bytes = n_bytes,
    };
    outcome->memory = memory;
    return 0;
}

int
vsw_switch_add_counter(struct vsw_switch *sw, const char *name,
                       const char *unit, const uint64_t *value)
{
    if (sw->n_counters == VSW_SWITCH_MAX_COUNTERS) {
        return -ENOSPC;
    }
    sw->counters[sw->n_counters++] = (struct vsw_switch_counter) {
        .name = name,
        .unit = unit,
        .value = value,
    };
    return 0;
}
