#include "cli.h"

#include <vswsim/machine.h>

static const struct cli_option options[] = {
    CLI_OPTION_END,
};

static bool
has_costs(const struct vsw_machine *machine)
{
    for (uint32_t i = 0; i < machine->n_costs; i++) {
        if (machine->costs[i].kind != VSW_COST_ABSENT) {
            return true;
        }
    }
    return false;
}

/* Prints the machines that have costs, or those that have none.  A file that
 * is wrong is reported in the first round and left out. */
static enum cli_exit
list(const struct cli_command *command, const struct vsw_machine_names *names,
     bool with_costs)
{
    static struct vsw_error err;
    enum cli_exit status = CLI_OK;
    struct vsw_machine *machine;

    for (uint32_t i = 0; i < names->n; i++) {
        if (!vsw_machine_load(&machine, names->names[i], ".", &err)) {
            if (has_costs(machine) == with_costs) {
                printf("  %-22s %s\n", names->names[i], machine->title);
            }
            vsw_machine_free(machine);
        } else if (with_costs) {
            status = cli_fail(command, &err);
        }
    }
    return status;
}

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_machine_names *names;
    enum cli_exit status;

    (void) operands;
    (void) n_operands;
    if (vsw_machine_names_find(&names, ".", &err)) {
        return cli_fail(command, &err);
    }
    puts("Machines with their software, for experiments to run on");
    status = list(command, names, true);
    puts("\nHardware alone, for stack files to extend");
    list(command, names, false);
    vsw_machine_names_free(names);
    return status;
}

const struct cli_command cli_cmd_machine_list = {
    .name = "machine list",
    .operands = "",
    .min_operands = 0,
    .max_operands = 0,
    .summary = "List the machines that can be simulated",
    .details = "Looks in configs/stacks/ and configs/machines/ below and "
        "above the working directory, and where vswsim is installed.",
    .example = "vswsim machine list",
    .options = options,
    .run = run,
};
