/* What things cost on a machine, and whence. */
#include "machine_print.h"

#include <stdio.h>

#include "cli.h"

/* The first line of a cost or of its compute part. */
static void
print_value(const struct vsw_cost *cost, const char *name)
{
    char value[40], range[64];

    snprintf(value, sizeof value, "%.9g %s", cost->value, cost->unit);
    snprintf(range, sizeof range, "%.9g to %.9g", cost->min, cost->max);
    printf("  %-16s %-16s %-16s %-10s %s\n", name, value, range,
           vsw_cost_kind_name(cost->kind), cost->includes);
}

static void
print_origin(const struct vsw_cost *cost)
{
    fputs("      Source: ", stdout);
    cli_print_wrapped(stdout, cost->source, 14, 14);
    if (*cost->calibrated_from) {
        fputs("      Calibrated from: ", stdout);
        cli_print_wrapped(stdout, cost->calibrated_from, 23, 23);
    }
}

static void
print_cost(const struct vsw_cost *cost)
{
    int column;

    print_value(cost, cost->name);
    column = printf("      Per %s: ", cost->per);
    cli_print_wrapped(stdout, cost->meaning, column, column);
    print_origin(cost);
    if (cost->compute) {
        print_value(cost->compute, "  compute part");
        print_origin(cost->compute);
    }
}

/* Costs of models that cannot run here. */
static void
print_absent(const struct vsw_machine *machine)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < machine->n_costs; i++) {
        if (machine->costs[i].kind == VSW_COST_ABSENT) {
            printf("%s%s\n", n++ ? "           " : "\nNot given: ",
                   machine->costs[i].name);
        }
    }
}

void
cli_print_costs(const struct vsw_machine *machine)
{
    bool any = false;

    for (uint32_t i = 0; i < machine->n_costs; i++) {
        any |= machine->costs[i].kind != VSW_COST_ABSENT;
    }
    if (!any) {
        puts("\nNo costs: hardware, which stack files extend.");
        return;
    }
    printf("\n%-18s %-16s %-16s %-10s %s\n", "costs", "value", "range",
           "kind", "includes");
    for (uint32_t i = 0; i < machine->n_costs; i++) {
        if (machine->costs[i].kind != VSW_COST_ABSENT) {
            print_cost(&machine->costs[i]);
        }
    }
    print_absent(machine);
}
