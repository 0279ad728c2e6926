/* Machines for tests, from the stack files of the project. */
#ifndef MADE_MACHINE_H
#define MADE_MACHINE_H

#include <vswsim/machine.h>

/* Loads the stack 'name'.  Returns 0, or -1 after saying why. */
int made_machine_load(struct vsw_machine **machine, const char *name);

/* The same with all costs, since laws hold for any: what the stack lacks takes
 * 60 ns, or 200 ps a byte.  One machine at a time. */
int made_machine_load_whole(struct vsw_machine **machine, const char *name);

/* Frees a machine of either. */
void made_machine_free(struct vsw_machine *machine);

/* Gives the machine a NIC of two ports. */
void made_machine_add_nic(struct vsw_machine *machine, uint64_t rate_bps);

#endif
