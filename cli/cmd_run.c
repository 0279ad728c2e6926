#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <vswsim/experiment.h>
#include <vswsim/observe.h>
#include <vswsim/report.h>
#include <vswsim/uncertainty.h>

#include "jobs.h"
#include "out_dir.h"
#include "progress.h"
#include "show.h"

#define NO_SEED UINT64_MAX

static const char *out_dir;
static struct cli_list sets;
static uint64_t seed = NO_SEED;
static uint32_t n_jobs;
static bool check;
static bool explain;
static uint32_t n_samples;
static const char *timeline;
static uint64_t timeline_us = 200;
static const char *pcap_dir;

static const struct cli_option options[] = {
    {'o', "output", CLI_TEXT, "DIR", "Where the results go; by default "
     "out/NAME for a CONFIG called NAME.json.", &out_dir, 0, 0, NULL},
    {'s', "set", CLI_LIST, "KEY=VALUE", "Replace what CONFIG says about a "
     "key, as \"guests.n=8\"; may be repeated.", &sets, 0, 0, NULL},
    {0, "seed", CLI_U64, "N", "The same as --set run.seed=N.", &seed, 0,
     NO_SEED - 1, NULL},
    {'j', "jobs", CLI_U32, "N", "Simulations that run side by side; by "
     "default one for each CPU, and at most eight. The result is the same.",
     &n_jobs, 1, 1024, NULL},
    {0, "check", CLI_FLAG, NULL, "Assert the execution rules after every "
     "step, and repeat the run with another quantum and order of ties to "
     "show how far that moves any metric. Slow.", &check, 0, 0, NULL},
    {0, "explain", CLI_FLAG, NULL, "Also print what limits each design: its "
     "busiest unit, the largest accounts there, and what would relieve it.",
     &explain, 0, 0, NULL},
    {0, "uncertainty", CLI_U32, "N", "Also run each point N times with costs "
     "that were not measured drawn from their ranges (Latin hypercube), and "
     "print the band beside the interval, the costs that matter most, and "
     "how often the ranking flips.", &n_samples, 2, 10000, NULL},
    {0, "timeline", CLI_TEXT, "FILE", "Also write what each unit does behind "
     "the warm-up, at the first point of each design, as trace events that "
     "Perfetto and Chrome open.", &timeline, 0, 0, NULL},
    {0, "timeline-us", CLI_U64, "N", "Simulated time that the timeline "
     "shows; by default 200.", &timeline_us, 1, 1000000, NULL},
    {0, "pcap-out", CLI_TEXT, "DIR", "Also write what each port delivered, "
     "and what was dropped with the reason as a comment, as captures with "
     "simulated times, at the first point of each design.", &pcap_dir, 0, 0,
     NULL},
    CLI_OPTION_END,
};

/* The plan of 'config' with what the options set. */
static int
load_plan(struct vsw_plan **plan, const char *config, struct vsw_error *err)
{
    const char **items;
    char seed_text[48];
    size_t n = 0;
    int ret;

    items = calloc(sets.n + 1, sizeof *items);
    if (!items) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    for (; n < sets.n; n++) {
        items[n] = sets.items[n];
    }
    if (seed != NO_SEED) {
        snprintf(seed_text, sizeof seed_text, "run.seed=%" PRIu64, seed);
        items[n++] = seed_text;
    }
    ret = vsw_plan_load(plan, config, items, n, err);
    free(items);
    return ret;
}

static void
show_sensitivity(const struct vsw_experiment_result *experiment)
{
    if (experiment->n_sensitivity > 0) {
        puts("\norder sensitivity (largest move of any metric, relative)");
    }
    for (uint32_t i = 0; i < experiment->n_sensitivity; i++) {
        const struct vsw_sensitivity *s = &experiment->sensitivity[i];

        printf("  point %-4" PRIu32 " %-24s %8.4f %%  (half width %.4f %%)\n",
               s->point, s->metric, 100 * s->moved, 100 * s->half_width);
    }
}

/* Runs the plan again and again with other costs, if that was asked for. */
static enum cli_exit
show_uncertainty(const struct cli_command *command,
                 const struct vsw_experiment_result *experiment)
{
    static struct vsw_error err;
    struct vsw_run_options run_options = {
        .n_jobs = cli_count_jobs(n_jobs),
        .cancel = &cli_stop_signal,
    };
    struct vsw_uncertainty *uncertainty;
    int rc;

    if (n_samples == 0) {
        return CLI_OK;
    }
    rc = vsw_uncertainty_new(&uncertainty, experiment, n_samples,
                             vsw_experiment_run, &run_options, &err);
    if (rc == -ECANCELED) {
        return cli_stop_status();
    }
    if (rc) {
        return cli_fail(command, &err);
    }
    vsw_uncertainty_print(uncertainty, stdout);
    vsw_uncertainty_free(uncertainty);
    return CLI_OK;
}

/* Runs the first point of each design again to write down what happens. */
static enum cli_exit
observe(const struct cli_command *command, const struct vsw_plan *plan)
{
    static struct vsw_error err;

    if ((timeline && vsw_timeline_write(plan, timeline, timeline_us, &err))
        || (pcap_dir && vsw_capture_write(plan, pcap_dir, &err))) {
        return cli_fail(command, &err);
    }
    return CLI_OK;
}

/* Saves and shows what there is, even if the run was stopped. */
static enum cli_exit
conclude(const struct cli_command *command,
         const struct vsw_experiment_result *experiment, const char *dir)
{
    static struct vsw_error err;
    struct vsw_result *result = NULL;
    enum cli_exit status;

    if (vsw_result_new(&result, experiment, &err)
        || vsw_result_write(result, dir, &err)) {
        vsw_result_free(result);
        return cli_fail(command, &err);
    }
    if (experiment->complete) {
        cli_show_table(result);
        if (explain) {
            vsw_report_explain(stdout, result);
        }
        show_sensitivity(experiment);
        status = show_uncertainty(command, experiment);
        if (status == CLI_OK) {
            status = observe(command, experiment->plan);
        }
        if (status == CLI_OK) {
            status = cli_draw_plots(command, result, dir);
        }
        printf("\nResults are in %s.\n", dir);
    } else {
        status = cli_stop_status();
        cli_note(command, "stopped; what was finished is in %s", dir);
    }
    vsw_result_free(result);
    return status;
}

static enum cli_exit
simulate(const struct cli_command *command, const struct vsw_plan *plan,
         const char *dir)
{
    static struct vsw_error err;
    struct cli_progress progress;
    struct vsw_run_options run_options = {
        .n_jobs = cli_count_jobs(n_jobs),
        .check = check,
        .progress = cli_progress_update,
        .progress_aux = &progress,
        .cancel = &cli_stop_signal,
    };
    struct vsw_experiment_result *experiment = NULL;
    enum cli_exit status;
    int ret;

    cli_progress_init(&progress);
    cli_catch_signals();
    ret = vsw_experiment_run(&experiment, plan, &run_options, &err);
    cli_progress_clear(&progress);
    if (ret && !experiment) {
        return cli_fail(command, &err);
    }
    status = conclude(command, experiment, dir);
    vsw_experiment_result_free(experiment);
    return status;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_plan *plan = NULL;
    char *own_dir = NULL;
    const char *dir = out_dir;
    enum cli_exit status;

    (void) n_operands;
    if (!dir) {
        dir = own_dir = cli_out_dir_for(operands[0]);
    }
    if (!dir) {
        cli_complain(command, "out of memory");
        return CLI_INTERNAL;
    }
    if (load_plan(&plan, operands[0], &err) || cli_out_dir_check(dir, &err)) {
        status = cli_fail(command, &err);
    } else {
        status = simulate(command, plan, dir);
    }
    vsw_plan_free(plan);
    free(own_dir);
    return status;
}

const struct cli_command cli_cmd_run = {
    .name = "run",
    .operands = "CONFIG",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Simulate an experiment and compare its designs",
    .details = "Runs every design of CONFIG at every combination of its axis "
        "values, prints a table, and writes result.json, summary.csv and "
        "the figures that CONFIG asks for. Equal inputs give equal bytes.\n"
        "Progress is shown on standard error if that is a terminal. Ctrl-C "
        "ends the run early and keeps what was finished.",
    .example = "vswsim run configs/experiments/quickstart.json --set "
        "run.replications=9",
    .options = options,
    .run = run,
};
