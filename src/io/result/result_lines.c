/* What a point did to memory, in hierarchy mode. */
#include "io/result/result_build.h"

#include <stdlib.h>
#include <string.h>

static bool
same_place(const struct vsw_outcome_lines *a,
           const struct vsw_outcome_lines *b)
{
    return a->unit == b->unit && !strcmp(a->domain, b->domain)
           && !strcmp(a->stage, b->stage);
}

/* Adds 'from' to the 'lines', of which there are '*n'. */
static void
add_lines(struct vsw_outcome_lines *lines, uint32_t *n,
          const struct vsw_outcome_lines *from)
{
    struct vsw_outcome_lines *to = lines;

    while (to < lines + *n && !same_place(to, from)) {
        to++;
    }
    if (to == lines + *n) {
        *to = *from;
        *n += 1;
        return;
    }
    for (uint32_t s = 0; s < VSW_N_MEM_SOURCES; s++) {
        to->n_data[s] += from->n_data[s];
        to->n_code[s] += from->n_code[s];
    }
}

/* Counts by name of the source; those that are 0 are left out. */
static json_t *
sources_json(const uint64_t *counts)
{
    json_t *json = json_object();

    for (int s = 0; s < VSW_N_MEM_SOURCES; s++) {
        if (counts[s] > 0) {
            json_object_set_new(json,
                                vsw_mem_source_name((enum vsw_mem_source) s),
                                result_count(counts[s]));
        }
    }
    return json;
}

static json_t *
place_json(const struct vsw_outcome *outcome,
           const struct vsw_outcome_lines *lines)
{
    const struct vsw_outcome_unit *unit = &outcome->units[lines->unit];
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "unit", unit->name,
                             "role", unit->role, "domain", lines->domain,
                             "stage", lines->stage);

    json_object_set_new(json, "data", sources_json(lines->n_data));
    json_object_set_new(json, "code", sources_json(lines->n_code));
    return json;
}

json_t *
result_build_lines(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    json_t *json = json_array();
    struct vsw_outcome_lines *lines;
    uint32_t n_lines = 0, n_most = 1;

    for (uint32_t i = 0; i < n; i++) {
        n_most += outcomes[i]->n_lines;
    }
    lines = calloc(n_most, sizeof *lines);
    for (uint32_t i = 0; i < n && lines; i++) {
        for (uint32_t l = 0; l < outcomes[i]->n_lines; l++) {
            add_lines(lines, &n_lines, &outcomes[i]->lines[l]);
        }
    }
    for (uint32_t l = 0; l < n_lines; l++) {
        json_array_append_new(json, place_json(outcomes[0], &lines[l]));
    }
    free(lines);
    return json;
}

json_t *
result_build_traffic(const struct vsw_outcome *const *outcomes, uint32_t n)
{
    struct vsw_outcome_traffic sum = {0};
    json_t *json = json_object();

    for (uint32_t i = 0; i < n; i++) {
        const struct vsw_outcome_traffic *from = &outcomes[i]->traffic;

        sum.n_dram_read_bytes += from->n_dram_read_bytes;
        sum.n_dram_write_bytes += from->n_dram_write_bytes;
        sum.n_cross_bytes += from->n_cross_bytes;
        sum.n_dma_bytes += from->n_dma_bytes;
    }
    json_object_set_new(json, "dram_read_bytes",
                        result_count(sum.n_dram_read_bytes));
    json_object_set_new(json, "dram_write_bytes",
                        result_count(sum.n_dram_write_bytes));
    json_object_set_new(json, "cross_node_bytes",
                        result_count(sum.n_cross_bytes));
    json_object_set_new(json, "dma_bytes", result_count(sum.n_dma_bytes));
    return json;
}
