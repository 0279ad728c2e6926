/* Golden results: what each registered model did the last time that somebody
 * looked.
 *
 *     golden_models FILE             compares, and says what moved
 *     golden_models FILE --update    writes FILE anew
 *
 * All numbers are integers, straight from the outcome of one replication. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/config.h>
#include <vswsim/trace.h>

#include "io/run/simulate.h"

#define DIRECTORY VSW_SOURCE_DIR "/tests/golden/"

/* Of poll-mode switches, and of those that live with a hypervisor. */
static const char *const experiments[] = {
    DIRECTORY "models-config.json",
    DIRECTORY "hypervisors-config.json",
};

#define N_EXPERIMENTS (sizeof experiments / sizeof experiments[0])

static void
put_tally(FILE *out, const char *name, const struct vsw_tally *tally)
{
    fprintf(out, "    \"%s\": [%" PRIu64 ", %" PRIu64 "],\n", name,
            tally->n_pkts, tally->n_bytes);
}

static void
put_fates(FILE *out, const struct vsw_outcome *o)
{
    put_tally(out, "created", &o->created);
    put_tally(out, "delivered", &o->delivered);
    for (int i = 0; i < VSW_N_DROPS; i++) {
        if (o->dropped[i].n_pkts > 0) {
            put_tally(out, vsw_drop_name((enum vsw_drop) i), &o->dropped[i]);
        }
    }
    put_tally(out, "in_flight", &o->in_flight);
    put_tally(out, "window_delivered", &o->window_delivered);
}

/* Time of the units of 'role' by account, over all domains and stages. */
static void
put_accounts(FILE *out, const struct vsw_outcome *o, const char *role)
{
    for (uint32_t i = 0; i < o->n_charges; i++) {
        const struct vsw_outcome_charge *c = &o->charges[i];

        if (strcmp(o->units[c->unit].role, role) == 0) {
            fprintf(out,
                    "    \"%s %s %s %s\": [%" PRIu64 ", %" PRIu64 "],\n",
                    o->units[c->unit].name, c->domain, c->stage, c->account,
                    c->busy_ps, c->n_charges);
        }
    }
}

static void
put_counters(FILE *out, const struct vsw_outcome *o)
{
    for (uint32_t i = 0; i < o->n_counters; i++) {
        fprintf(out, "    \"%s\": %" PRIu64 ",\n", o->counters[i].name,
                o->counters[i].value);
    }
    for (uint32_t i = 0; i < o->n_memory; i++) {
        fprintf(out, "    \"%s_bytes\": %" PRIu64 ",\n", o->memory[i].name,
                o->memory[i].n_bytes);
    }
}

static void
put_outcome(FILE *out, const struct vsw_config *config,
            const struct vsw_outcome *o)
{
    fprintf(out, "  \"%s %" PRIu32 "\": {\n", config->design,
            config->traffic.frame_bytes);
    put_fates(out, o);
    put_accounts(out, o, "switch");
    put_counters(out, o);
    fprintf(out,
            "    \"latency_ps\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]\n"
            "  }",
            o->latency_ps->min, o->latency_ps->sum_low, o->latency_ps->max);
}

static int
put_points(FILE *out, const struct vsw_plan *plan, bool is_first,
           const struct vsw_trace *trace, struct vsw_error *err)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        const struct vsw_simulate_how how = {.replication = 0};
        const struct vsw_config *config = &plan->points[i].config;
        struct vsw_outcome *outcome;
        int error = vsw_simulate(&outcome, config, vsw_trace_workload(trace),
                                 &how, err);

        if (error) {
            return error;
        }
        fputs(i == 0 && is_first ? "{\n" : ",\n", out);
        put_outcome(out, config, outcome);
        vsw_outcome_free(outcome);
    }
    return 0;
}

static bool
has_model(const struct vsw_plan *plan, const struct vsw_model_ops *model)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        if (plan->points[i].config.model == model) {
            return true;
        }
    }
    return false;
}

/* A model without a golden result is an error. */
static int
check_designs(struct vsw_plan *const *plans, struct vsw_error *err)
{
    const struct vsw_model_ops *model;

    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        bool found = false;

        for (size_t i = 0; i < N_EXPERIMENTS; i++) {
            found |= has_model(plans[i], model);
        }
        if (!found) {
            return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                                 "no experiment in " DIRECTORY " has a design "
                                 "of model %s; add one", model->name);
        }
    }
    return 0;
}

static int
put_plan(FILE *out, const struct vsw_plan *plan, bool is_first,
         struct vsw_error *err)
{
    const struct vsw_config *config = &plan->points[0].config;
    struct vsw_trace *trace;
    int error = vsw_trace_open(&trace, &config->traffic, config->guests.n,
                               err);

    if (!error) {
        error = put_points(out, plan, is_first, trace, err);
        vsw_trace_close(trace);
    }
    return error;
}

static int
put_all(FILE *out, struct vsw_error *err)
{
    struct vsw_plan *plans[N_EXPERIMENTS] = {NULL};
    int error = 0;

    for (size_t i = 0; !error && i < N_EXPERIMENTS; i++) {
        error = vsw_plan_load(&plans[i], experiments[i], NULL, 0, err);
    }
    error = error ? error : check_designs(plans, err);
    for (size_t i = 0; !error && i < N_EXPERIMENTS; i++) {
        error = put_plan(out, plans[i], i == 0, err);
    }
    fputs("\n}\n", out);
    for (size_t i = 0; i < N_EXPERIMENTS; i++) {
        vsw_plan_free(plans[i]);
    }
    return error;
}

/* Shows each line of 'now' that 'then' does not have in its place. */
static int
compare(FILE *then, FILE *now)
{
    char was[256];
    char is[256];
    char point[256] = "";
    int n_moved = 0;

    rewind(now);
    while (fgets(is, sizeof is, now)) {
        if (!fgets(was, sizeof was, then)) {
            strcpy(was, "(nothing)\n");
        }
        if (is[0] == ' ' && is[2] == '"') {
            strcpy(point, is);
        }
        if (strcmp(is, was) != 0 && n_moved++ < 20) {
            printf("in %s  was %s  is  %s", point, was, is);
        }
    }
    return n_moved;
}

int
main(int argc, char *argv[])
{
    int update = argc == 3 && strcmp(argv[2], "--update") == 0;
    FILE *golden = argc < 2 ? NULL : fopen(argv[1], update ? "w" : "r");
    FILE *now = update ? golden : tmpfile();
    struct vsw_error err;
    int n_moved;

    if (!golden || !now) {
        fprintf(stderr, "usage: golden_models FILE [--update]\n");
        return 2;
    }
    if (put_all(now, &err)) {
        fprintf(stderr, "golden_models: %s\n", err.text);
        return 1;
    }
    n_moved = update ? 0 : compare(golden, now);
    if (n_moved > 0) {
        printf("%d numbers moved.  If they had to, run\n"
               "    cmake --build BUILD --target golden\n"
               "and say in the commit message which moved and why.\n",
               n_moved);
    }
    fclose(golden);
    if (now != golden) {
        fclose(now);
    }
    return n_moved > 0;
}
