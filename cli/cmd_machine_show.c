#include "cli.h"

#include <vswsim/machine.h>

#include "machine_print.h"

static const struct cli_option options[] = {
    CLI_OPTION_END,
};

static enum cli_exit
run(const struct cli_command *command, const char *const *operands,
    int n_operands)
{
    static struct vsw_error err;
    struct vsw_machine *machine;

    (void) n_operands;
    if (vsw_machine_load(&machine, operands[0], ".", &err)) {
        return cli_fail(command, &err);
    }
    printf("%s: %s\n", machine->name, machine->title);
    cli_print_wrapped(stdout, machine->source, 0, 2);
    cli_print_topology(machine);
    cli_print_facts(machine);
    cli_print_costs(machine);
    vsw_machine_free(machine);
    return CLI_OK;
}

const struct cli_command cli_cmd_machine_show = {
    .name = "machine show",
    .operands = "NAME",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Show the hardware and the costs of a machine, with sources",
    .details = "Prints the topology as a tree, then each fact of the hardware "
        "and each cost with its value, range, kind and source. NAME is that "
        "of a machine, or the path of its file.",
    .example = "vswsim machine show generic-server-dpdk",
    .options = options,
    .run = run,
};
