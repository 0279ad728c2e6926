#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vswsim/published.h>
#include <vswsim/result.h>

#include "jobs.h"
#include "out_dir.h"
#include "progress.h"

static const char *out_dir;
static const char *records;
static const char *store;
static bool quick;
static bool figures;
static uint32_t n_jobs;

static const struct cli_option options[] = {
    {'o', "output", CLI_TEXT, "DIR", "Also write reproduce.json, "
     "reproduce.csv and reproduce.md to DIR.", &out_dir, 0, 0, NULL},
    {'q', "quick", CLI_FLAG, NULL, "Shorter runs and fewer replications: "
     "wider intervals, the same tolerances.", &quick, 0, 0, NULL},
    {0, "figures", CLI_FLAG, NULL, "With --output, also draw figures of the "
     "papers, with the published numbers as marks.", &figures, 0, 0, NULL},
    {0, "records", CLI_TEXT, "FILE", "Compare with the records of this file "
     "instead, which has the form of results.json.", &records, 0, 0, NULL},
    {0, "store", CLI_TEXT, "DIR", "Folder of results.json, vocabulary.json "
     "and expected-misses.json; by default configs/published below or above "
     "the working directory, or the one that is installed.", &store, 0, 0,
     NULL},
    {'j', "jobs", CLI_U32, "N", "Simulations that run side by side; by "
     "default one for each CPU, and at most eight. The result is the same.",
     &n_jobs, 1, 1024, NULL},
    CLI_OPTION_END,
};

/* Where the store is, or NULL. */
static const char *
find_store(void)
{
    static const char *const places[] = {
        "configs/published", "../configs/published",
        "../../configs/published", VSW_DATA_DIR "/configs/published",
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!access(places[i], F_OK)) {
            return places[i];
        }
    }
    return NULL;
}

/* Whether any record belongs to 'family'. */
static bool
is_family(const struct vsw_published *p, const char *family)
{
    size_t len = strlen(family);

    for (uint32_t i = 0; i < p->n_records; i++) {
        if (!strcmp(p->records[i].family, family)
            || !strncmp(p->records[i].id, family, len)) {
            return true;
        }
    }
    return !strcmp(family, "all");
}

/* "DIR/CONFIG" without what is before and behind the config's name. */
static void
figure_dir(char *path, size_t size, const char *config)
{
    const char *slash = strrchr(config, '/');
    const char *name = slash ? slash + 1 : config;

    snprintf(path, size, "%s/%.*s", out_dir, (int) strcspn(name, "."), name);
}

static int
draw_figure(const struct vsw_published *p,
            const struct vsw_published_figure *figure, struct vsw_error *err)
{
    const char *sets[] = {"run.replications=2"};
    struct vsw_run_options run_options = {
        .n_jobs = cli_count_jobs(n_jobs),
        .cancel = &cli_stop_signal,
    };
    struct vsw_experiment_result *experiment = NULL;
    struct vsw_result *result = NULL;
    struct vsw_plan *plan = NULL;
    char path[1024];
    int rc;

    snprintf(path, sizeof path, "%s%s", p->dir, figure->config);
    rc = vsw_plan_load(&plan, path, sets, quick ? 1 : 0, err);
    rc = rc ? rc : vsw_experiment_run(&experiment, plan, &run_options, err);
    rc = rc ? rc : vsw_result_new(&result, experiment, err);
    figure_dir(path, sizeof path, figure->config);
    rc = rc ? rc : vsw_result_write(result, path, err);
    rc = rc ? rc : vsw_published_plots(p, result, figure->records, path, err);
    vsw_result_free(result);
    vsw_experiment_result_free(experiment);
    vsw_plan_free(plan);
    return rc;
}

/* The figures of 'family'; one that cannot be drawn does not stop others. */
static enum cli_exit
draw_figures(const struct cli_command *command,
             const struct vsw_published *p, const char *family)
{
    static struct vsw_error err;
    enum cli_exit status = CLI_OK;
    size_t len = strcmp(family, "all") ? strlen(family) : 0;

    for (uint32_t i = 0; i < vsw_published_n_figures(p); i++) {
        struct vsw_published_figure f = vsw_published_figure(p, i);

        if (strncmp(f.records, family, len) == 0
            && draw_figure(p, &f, &err)) {
            status = cli_fail(command, &err);
        }
        if (cli_stop_signal) {
            return cli_stop_status();
        }
    }
    return status;
}

static enum cli_exit
compare(const struct cli_command *command, const struct vsw_published *p,
        const char *family)
{
    static struct vsw_error err;
    struct cli_progress progress;
    struct vsw_compare_options compare_options = {
        .family = family,
        .quick = quick,
        .run = vsw_experiment_run,
        .run_options = {
            .n_jobs = cli_count_jobs(n_jobs),
            .progress = cli_progress_update,
            .progress_aux = &progress,
            .cancel = &cli_stop_signal,
        },
    };
    struct vsw_comparison_list *list;
    enum cli_exit status = CLI_OK;
    int rc;

    cli_progress_init(&progress);
    cli_catch_signals();
    rc = vsw_published_compare(&list, p, &compare_options, &err);
    cli_progress_clear(&progress);
    if (rc == -ECANCELED) {
        return cli_stop_status();
    }
    if (rc) {
        return cli_fail(command, &err);
    }
    vsw_comparison_print(list, stdout);
    if (out_dir && vsw_comparison_write(list, out_dir, &err)) {
        status = cli_fail(command, &err);
    } else if (vsw_comparison_n_unexpected(list) > 0) {
        status = CLI_MISSES;
    }
    vsw_comparison_list_free(list);
    return status;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    const char *family = n_operands > 0 ? operands[0] : "all";
    const char *dir = store ? store : find_store();
    struct vsw_published *p = NULL;
    enum cli_exit status;

    if (!dir) {
        cli_complain(command, "no configs/published here, above or "
                     "installed; name it with --store");
        return CLI_NO_INPUT;
    }
    if ((out_dir && cli_out_dir_check(out_dir, &err))
        || vsw_published_load(&p, dir, records, &err)) {
        return cli_fail(command, &err);
    }
    if (is_family(p, family)) {
        status = compare(command, p, family);
        if (figures && out_dir && (status == CLI_OK
                                   || status == CLI_MISSES)) {
            enum cli_exit drawn = draw_figures(command, p, family);

            status = drawn == CLI_OK ? status : drawn;
        }
    } else {
        cli_complain(command, "no record of \"%s\"; families are those of "
                     "results.json, and \"all\"", family);
        status = CLI_USAGE;
    }
    vsw_published_free(p);
    return status;
}

const struct cli_command cli_cmd_reproduce = {
    .name = "reproduce",
    .operands = "[FAMILY]",
    .min_operands = 0,
    .max_operands = 1,
    .summary = "Compare the simulator with published results",
    .details = "Runs what the published records of FAMILY (or the record of "
        "that id, or the records whose ids begin with it) were measured on, "
        "or of all families, and prints for each what was published and what "
        "is simulated, the error, whether the record helped to calibrate a "
        "cost or is predicted, and a verdict: it holds within its tolerance, "
        "misses, or is unmapped, that is, its words mean nothing for a "
        "run.\n"
        "Exit status 1 if a record misses that is not listed in "
        "expected-misses.json, unless its interval reaches what would hold.",
    .example = "vswsim reproduce zcopy --quick -o out/reproduce",
    .options = options,
    .run = run,
};
