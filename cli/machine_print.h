/* Parts of "vswsim machine show". */
#ifndef CLI_MACHINE_PRINT_H
#define CLI_MACHINE_PRINT_H

#include <vswsim/machine.h>

/* Packages, nodes, modules and CPUs as a tree. */
void cli_print_topology(const struct vsw_machine *machine);

/* The facts of the hardware by section, each with its source. */
void cli_print_facts(const struct vsw_machine *machine);

/* The costs with their sources, and the names of those not given. */
void cli_print_costs(const struct vsw_machine *machine);

/* Writes 'value' and its unit to 'text', as "2.6 GHz" or "32 KiB". */
void cli_format_quantity(uint64_t value, const char *unit, char *text,
                         size_t n_bytes);

#endif
