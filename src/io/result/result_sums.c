/* Sums over the replications of a point. */
#include "io/result/result_build.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PS_PER_S 1e12

json_t *
result_count(uint64_t n)
{
    return json_integer((json_int_t) n);
}

json_t *
result_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *
tally_json(struct vsw_tally tally)
{
    json_t *json = json_object();

    json_object_set_new(json, "pkts", result_count(tally.n_pkts));
    json_object_set_new(json, "bytes", result_count(tally.n_bytes));
    return json;
}

static void
add_tally(struct vsw_tally *sum, const struct vsw_tally *tally)
{
    sum->n_pkts += tally->n_pkts;
    sum->n_bytes += tally->n_bytes;
}

/* Adds up the tally at 'offset' of each outcome. */
static json_t *
sum_at(const struct vsw_outcome *const *outcomes, uint32_t n, size_t offset)
{
    struct vsw_tally sum = {0, 0};

    for (uint32_t i = 0; i < n; i++) {
        const char *outcome = (const char *) outcomes[i];

        add_tally(&sum, (const void *) (outcome + offset));
    }
    return tally_json(sum);
}

static json_t *
drops_json(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();

    for (size_t drop = 0; drop < VSW_N_DROPS; drop++) {
        json_object_set_new(json, vsw_drop_name((enum vsw_drop) drop),
                            sum_at(outcomes, n,
                                   offsetof(struct vsw_outcome, dropped)
                                   + drop * sizeof(struct vsw_tally)));
    }
    return json;
}

#define SUM(member) sum_at(outcomes, n, offsetof(struct vsw_outcome, member))

json_t *
result_build_packets(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();

    json_object_set_new(json, "created", SUM(created));
    json_object_set_new(json, "cloned", SUM(cloned));
    json_object_set_new(json, "delivered", SUM(delivered));
    json_object_set_new(json, "absorbed", SUM(absorbed));
    json_object_set_new(json, "dropped", drops_json(outcomes, n));
    json_object_set_new(json, "in_flight", SUM(in_flight));
    return json;
}

json_t *
result_build_window(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();
    uint64_t window_ps = 0;

    for (uint32_t i = 0; i < n; i++) {
        window_ps += outcomes[i]->window_ps;
    }
    json_object_set_new(json, "length_ps", result_count(window_ps));
    json_object_set_new(json, "offered", SUM(window_offered));
    json_object_set_new(json, "delivered", SUM(window_delivered));
    json_object_set_new(json, "dropped", SUM(window_dropped));
    return json;
}

json_t *
result_build_ports(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_array();

    for (uint32_t port = 0; port < outcomes[0]->n_ports; port++) {
        struct vsw_tally offered = {0, 0}, delivered = {0, 0};
        json_t *entry = json_object();

        for (uint32_t i = 0; i < n; i++) {
            add_tally(&offered, &outcomes[i]->port_offered[port]);
            add_tally(&delivered, &outcomes[i]->port_delivered[port]);
        }
        json_object_set_new(entry, "offered", tally_json(offered));
        json_object_set_new(entry, "delivered", tally_json(delivered));
        json_array_append_new(json, entry);
    }
    return json;
}

json_t *
result_build_units(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_array();

    for (uint32_t u = 0; u < outcomes[0]->n_units; u++) {
        const struct vsw_outcome_unit *unit = &outcomes[0]->units[u];
        uint64_t busy_ps = 0, poll_ps = 0, idle_ps = 0;

        for (uint32_t i = 0; i < n; i++) {
            busy_ps += outcomes[i]->units[u].busy_ps;
            poll_ps += outcomes[i]->units[u].poll_ps;
            idle_ps += outcomes[i]->units[u].idle_ps;
        }
        json_array_append_new(json, json_pack(
            "{s:s, s:s, s:I, s:I, s:I}", "name", unit->name,
            "role", unit->role, "busy_ps", (json_int_t) busy_ps,
            "poll_ps", (json_int_t) poll_ps,
            "idle_ps", (json_int_t) idle_ps));
    }
    return json;
}

static bool
same_line(const struct vsw_outcome_charge *a,
          const struct vsw_outcome_charge *b)
{
    return a->unit == b->unit && !strcmp(a->domain, b->domain)
           && !strcmp(a->stage, b->stage) && !strcmp(a->account, b->account);
}

/* Adds 'charge' to the lines, of which there are '*n_lines'. */
static void
add_charge(struct vsw_outcome_charge *lines, uint32_t *n_lines,
           const struct vsw_outcome_charge *charge)
{
    for (uint32_t i = 0; i < *n_lines; i++) {
        if (same_line(&lines[i], charge)) {
            lines[i].busy_ps += charge->busy_ps;
            lines[i].n_charges += charge->n_charges;
            lines[i].memory_ps += charge->memory_ps;
            return;
        }
    }
    lines[(*n_lines)++] = *charge;
}

static json_t *
line_json(const struct vsw_outcome *outcome,
          const struct vsw_outcome_charge *line, uint64_t n_pkts)
{
    const struct vsw_outcome_unit *unit = &outcome->units[line->unit];
    double cycles = (double) line->busy_ps * (double) outcome->tsc_hz
                    / PS_PER_S / (double) n_pkts;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "unit", unit->name,
        "role", unit->role, "domain", line->domain, "stage", line->stage,
        "account", line->account, "busy_ps", (json_int_t) line->busy_ps,
        "charges", (json_int_t) line->n_charges);

    if (line->memory_ps > 0) {
        json_object_set_new(json, "memory_ps",
                            json_integer((json_int_t) line->memory_ps));
    }
    json_object_set_new(json, "cycles_per_pkt", result_number(cycles));
    return json;
}

json_t *
result_build_ledger(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_array();
    struct vsw_outcome_charge *lines;
    uint32_t n_lines = 0, n_charges = 1;
    uint64_t n_pkts = 0;

    for (uint32_t i = 0; i < n; i++) {
        n_charges += outcomes[i]->n_charges;
        n_pkts += outcomes[i]->window_delivered.n_pkts;
    }
    lines = calloc(n_charges, sizeof *lines);
    for (uint32_t i = 0; i < n && lines; i++) {
        for (uint32_t c = 0; c < outcomes[i]->n_charges; c++) {
            add_charge(lines, &n_lines, &outcomes[i]->charges[c]);
        }
    }
    for (uint32_t i = 0; i < n_lines; i++) {
        json_array_append_new(json, line_json(outcomes[0], &lines[i],
                                              n_pkts));
    }
    free(lines);
    return json;
}

/* Batches of 'size' called as the 'b'-th of the first outcome. */
static uint64_t
count_batches(const struct vsw_outcome *const *outcomes, uint32_t n,
              uint32_t b, uint32_t size)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_outcome_batch *batch = &outcomes[i]->batches[b];

        sum += size < batch->n_counts ? batch->counts[size] : 0;
    }
    return sum;
}

/* Sizes that any replication lists of its 'b'-th batch. */
static uint32_t
n_sizes(const struct vsw_outcome *const *outcomes, uint32_t n, uint32_t b)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_counts = outcomes[i]->batches[b].n_counts;

        most = n_counts > most ? n_counts : most;
    }
    return most;
}

json_t *
result_build_batches(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();

    for (uint32_t b = 0; b < outcomes[0]->n_batches; b++) {
        json_t *counts = json_object();
        uint32_t sizes = n_sizes(outcomes, n, b);

        for (uint32_t size = 0; size < sizes; size++) {
            uint64_t count = count_batches(outcomes, n, b, size);
            char key[16];

            snprintf(key, sizeof key, "%u", (unsigned int) size);
            if (count > 0) {
                json_object_set_new(counts, key, result_count(count));
            }
        }
        json_object_set_new(json, outcomes[0]->batches[b].name, counts);
    }
    return json;
}

json_t *
result_build_counters(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();

    for (uint32_t c = 0; c < outcomes[0]->n_counters; c++) {
        const struct vsw_outcome_counter *counter =
            &outcomes[0]->counters[c];
        uint64_t sum = 0;

        for (uint32_t i = 0; i < n; i++) {
            sum += outcomes[i]->counters[c].value;
        }
        if (counter->is_level) {
            sum = (sum + n / 2) / n;
        }
        json_object_set_new(json, counter->name, json_pack(
            "{s:I, s:s}", "value", (json_int_t) sum, "unit",
            counter->unit));
    }
    return json;
}

/* Memory does not add up: each replication has it all again. */
json_t *
result_build_memory(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_object();

    for (uint32_t m = 0; m < outcomes[0]->n_memory; m++) {
        uint64_t most = 0;

        for (uint32_t i = 0; i < n; i++) {
            uint64_t n_bytes = outcomes[i]->memory[m].n_bytes;

            most = n_bytes > most ? n_bytes : most;
        }
        json_object_set_new(json, outcomes[0]->memory[m].name,
                            result_count(most));
    }
    return json;
}
