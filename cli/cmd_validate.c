#include "cli.h"

#include <inttypes.h>

#include <vswsim/config.h>

static struct cli_list sets;

static const struct cli_option options[] = {
    {'s', "set", CLI_LIST, "KEY=VALUE", "Replace what CONFIG says about a "
     "key, as \"run.seed=7\"; may be repeated.", &sets, 0, 0, NULL},
    CLI_OPTION_END,
};

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_plan *plan = NULL;
    uint32_t replications;

    (void) n_operands;
    if (vsw_plan_load(&plan, operands[0], sets.items, sets.n, &err)) {
        return cli_fail(command, &err);
    }
    replications = plan->points[0].config.run.replications;
    printf("%s: valid; %" PRIu32 " designs, %" PRIu32 " points, %" PRIu64
           " simulations\n",
           operands[0], plan->n_designs, plan->n_points,
           (uint64_t) plan->n_points * replications);
    vsw_plan_free(plan);
    return CLI_OK;
}

const struct cli_command cli_cmd_validate = {
    .name = "validate",
    .operands = "CONFIG",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Check an experiment file",
    .details = "Reads CONFIG and all that it refers to except the trace, and "
        "reports every error at once, each with its place, what is allowed, "
        "and the nearest name to one that is unknown. Nothing is run.",
    .example = "vswsim validate configs/experiments/quickstart.json",
    .options = options,
    .run = run,
};
