#include "io/run/outcome_fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mem.h>

#include "core/account.h"
#include "core/ledger.h"

/* Place of a row in a unit's ledger. */
struct place {
    uint32_t domain;
    uint32_t stage;
    uint32_t account;
};

static struct place
place_of(uint32_t row)
{
    return (struct place) {
        .domain = row / (VSW_N_STAGES * VSW_N_ACCOUNTS),
        .stage = row / VSW_N_ACCOUNTS % VSW_N_STAGES,
        .account = row % VSW_N_ACCOUNTS,
    };
}

static uint32_t
n_rows(const struct vsw_sim *sim)
{
    return sim->n_domains * VSW_N_STAGES * VSW_N_ACCOUNTS;
}

/* A charge that began before the window has time in it and counts as none. */
static bool
is_empty(const struct vsw_ledger_row *row)
{
    return row->n_charges == 0 && row->busy_ps == 0;
}

static uint32_t
count_charges(const struct vsw_sim *sim)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < sim->n_units; i++) {
        for (uint32_t row = 0; row < n_rows(sim); row++) {
            n += !is_empty(&sim->units[i]->ledger[row]);
        }
    }
    return n;
}

static void
fill_charges_of(struct vsw_outcome *outcome, const struct vsw_unit *unit)
{
    struct vsw_outcome_unit *out = &outcome->units[unit->id];

    for (uint32_t row = 0; row < n_rows(unit->sim); row++) {
        const struct vsw_ledger_row *from = &unit->ledger[row];
        struct place place = place_of(row);
        struct vsw_outcome_charge *to;

        if (is_empty(from)) {
            continue;
        }
        if (place.account == VSW_ACCOUNT_POLL) {
            out->poll_ps += from->busy_ps;
        }
        to = &outcome->charges[outcome->n_charges];
        to->unit = unit->id;
        memcpy(to->domain, unit->sim->domains[place.domain],
               sizeof to->domain);
        to->stage = vsw_stage_name((enum vsw_stage) place.stage);
        to->account = vsw_account_name(place.account);
        to->busy_ps = from->busy_ps;
        to->n_charges = from->n_charges;
        to->memory_ps = vsw_mem_wait_ps(unit, place.domain,
                                        (enum vsw_stage) place.stage,
                                        place.account);
        outcome->n_charges++;
    }
}

static int
fill_units(struct vsw_outcome *outcome, const struct vsw_sim *sim)
{
    outcome->units = calloc(sim->n_units, sizeof *outcome->units);
    outcome->charges = calloc((size_t) count_charges(sim) + 1,
                              sizeof *outcome->charges);
    if (!outcome->units || !outcome->charges) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < sim->n_units; i++) {
        const struct vsw_unit *unit = sim->units[i];
        struct vsw_outcome_unit *out = &outcome->units[i];

        memcpy(out->name, unit->name, sizeof out->name);
        out->role = unit->role;
        out->busy_ps = vsw_ledger_busy_ps(unit);
        out->idle_ps = unit->idle_ps;
        outcome->n_units++;
        outcome->n_calls += unit->n_calls;
        if (unit->lateness_max_ps > outcome->lateness_max_ps) {
            outcome->lateness_max_ps = unit->lateness_max_ps;
        }
        fill_charges_of(outcome, unit);
    }
    return 0;
}

static void
add_traffic(struct vsw_outcome_traffic *traffic,
            const struct vsw_mem_result *r)
{
    for (uint32_t i = 0; i < VSW_MEMSYS_MAX_NODES; i++) {
        traffic->n_dram_read_bytes += r->n_dram_reads[i] * VSW_LINE_BYTES;
        traffic->n_dram_write_bytes += r->n_dram_writes[i] * VSW_LINE_BYTES;
    }
    traffic->n_cross_bytes += r->n_cross_lines * VSW_LINE_BYTES;
    for (uint32_t i = 0; i < 2; i++) {
        traffic->n_dma_bytes += (r->n_dma_reads[i] + r->n_dma_writes[i])
                                * VSW_LINE_BYTES;
    }
}

/* Adds what 'unit' used in 'domain' and 'stage', if that is anything. */
static void
add_lines(struct vsw_outcome *outcome, const struct vsw_unit *unit,
          uint32_t domain, enum vsw_stage stage)
{
    const struct vsw_mem_result *r = vsw_mem_result(unit, domain, stage);
    struct vsw_outcome_lines *to = &outcome->lines[outcome->n_lines];
    uint64_t n = 0;

    if (!r) {
        return;
    }
    add_traffic(&outcome->traffic, r);
    for (uint32_t s = 0; s < VSW_N_MEM_SOURCES; s++) {
        to->n_data[s] = r->n_from[VSW_LINE_READ][s]
                        + r->n_from[VSW_LINE_WRITE][s];
        to->n_code[s] = r->n_from[VSW_LINE_FETCH][s];
        n += to->n_data[s] + to->n_code[s];
    }
    to->unit = unit->id;
    memcpy(to->domain, unit->sim->domains[domain], sizeof to->domain);
    to->stage = vsw_stage_name(stage);
    outcome->n_lines += n > 0;
}

static int
fill_lines(struct vsw_outcome *outcome, const struct vsw_sim *sim)
{
    size_t n_most = (size_t) sim->n_units * sim->n_domains * VSW_N_STAGES;

    if (!sim->mem) {
        return 0;
    }
    /* The one after the last is written before it is known to be empty. */
    outcome->lines = calloc(n_most + 1, sizeof *outcome->lines);
    if (!outcome->lines) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < sim->n_units; i++) {
        for (uint32_t domain = 0; domain < sim->n_domains; domain++) {
            for (int stage = 0; stage < VSW_N_STAGES; stage++) {
                add_lines(outcome, sim->units[i], domain,
                          (enum vsw_stage) stage);
            }
        }
    }
    add_traffic(&outcome->traffic, vsw_mem_dma_result(sim));
    return 0;
}

static int
add_batch(struct vsw_outcome *outcome, const struct vsw_batch_sizes *sizes)
{
    struct vsw_outcome_batch *batch = &outcome->batches[outcome->n_batches];
    uint32_t n = VSW_N_ELEMS(sizes->counts);

    while (n > 1 && sizes->counts[n - 1] == 0) {
        n--;
    }
    batch->name = sizes->name;
    batch->counts = calloc(n, sizeof *batch->counts);
    if (!batch->counts) {
        return -ENOMEM;
    }
    memcpy(batch->counts, sizes->counts, n * sizeof *batch->counts);
    batch->n_counts = n;
    outcome->n_batches++;
    return 0;
}

static int
fill_batches(struct vsw_outcome *outcome, const struct vsw_switch *sw)
{
    outcome->batches = calloc(2, sizeof *outcome->batches);
    if (!outcome->batches) {
        return -ENOMEM;
    }
    return add_batch(outcome, &sw->receive) ? -ENOMEM
                                            : add_batch(outcome, &sw->send);
}

/* Adds a counter, or its value to that of the same name; there is room. */
static void
add_counter(struct vsw_outcome *outcome,
            const struct vsw_outcome_counter *counter)
{
    for (uint32_t i = 0; i < outcome->n_counters; i++) {
        if (!strcmp(outcome->counters[i].name, counter->name)) {
            outcome->counters[i].value += counter->value;
            return;
        }
    }
    outcome->counters[outcome->n_counters++] = *counter;
}

static int
fill_counters(struct vsw_outcome *outcome, const struct vsw_switch *sw)
{
    outcome->counters = calloc((size_t) sw->n_counters + 1,
                               sizeof *outcome->counters);
    if (!outcome->counters) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < sw->n_counters; i++) {
        const struct vsw_switch_counter *from = &sw->counters[i];
        const struct vsw_outcome_counter counter = {
            .name = from->name,
            .unit = from->unit,
            .value = *from->value - from->before,
            .is_level = from->is_level,
        };

        add_counter(outcome, &counter);
    }
    return 0;
}

int
vsw_outcome_fill(struct vsw_outcome *outcome, const struct vsw_switch *sw)
{
    outcome->window_ps = sw->sim->window_end_ps - sw->sim->window_start_ps;
    outcome->tsc_hz = sw->sim->machine->tsc_hz;
    if (fill_units(outcome, sw->sim) || fill_lines(outcome, sw->sim)
        || fill_batches(outcome, sw)
        || fill_counters(outcome, sw)) {
        return -ENOMEM;
    }
    return 0;
}
