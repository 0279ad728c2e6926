/* How machine files are found and read; see vswsim/machine.h. */
#ifndef IO_MACHINE_LOAD_H
#define IO_MACHINE_LOAD_H

#include <vswsim/machine.h>

#include "io/json/json_keys.h"
#include "io/json/pool.h"

/* The keys of machine files; offsets are into struct vsw_machine. */
extern const struct vsw_key vsw_machine_key_table[];

/* The keys of a fact that is written as an object. */
extern const struct vsw_key vsw_fact_key_table[];

/* Loads machine 'name', which byte 'at' of 'doc' asks for ('doc' may be NULL),
 * looking for names and relative paths from 'dir' ("" or ending in a slash).
 * Returns it, or NULL with the reason reported. */
struct vsw_machine *vsw_machine_load_at(const char *name, const char *dir,
                                        const struct vsw_json_doc *doc,
                                        size_t at,
                                        struct vsw_json_errors *errors);

/* Path of the file of machine 'name' as seen from 'dir', from 'pool'; NULL
 * with the reason reported if there is none. */
char *vsw_machine_find(const char *name, const char *dir,
                       const struct vsw_json_doc *doc, size_t at,
                       struct vsw_pool *pool,
                       struct vsw_json_errors *errors);

/* Folders to look in for machines, nearest first; NULL-terminated. */
extern const char *const vsw_machine_folders[];

/* Path of the i-th of them for a file in 'dir'; NULL without memory. */
char *vsw_machine_folder(const char *dir, uint32_t i, struct vsw_pool *pool);

/* True for "name.json". */
bool vsw_machine_is_file_name(const char *name);

/* Names of the stacks seen from 'dir', and of the hardware if 'hardware', in
 * memory of 'pool'.  Returns 0 or -ENOMEM. */
int vsw_machine_collect(struct vsw_machine_names *names, const char *dir,
                        bool hardware, struct vsw_pool *pool);

/* Reads the costs of 'root' into 'machine', whose clocks are set; memory
 * comes from 'pool'.  Returns 0 or -ENOMEM; bad costs are reported. */
int vsw_machine_load_costs(struct vsw_machine *machine,
                           const struct vsw_json_node *root,
                           struct vsw_pool *pool,
                           struct vsw_json_errors *errors);

/* Collects the facts of 'root', checks each against its range, and fills the
 * idle states and NICs; the rest of 'machine' is filled already.  Returns 0
 * or -ENOMEM; bad facts are reported. */
int vsw_machine_load_facts(struct vsw_machine *machine,
                           const struct vsw_json_node *root,
                           struct vsw_pool *pool,
                           struct vsw_json_errors *errors);

/* Reports facts that cannot be true together. */
void vsw_machine_check(const struct vsw_machine *machine,
                       const struct vsw_json_node *root,
                       struct vsw_json_errors *errors);

/* Compiles the decimal number 'text' of 'n' bytes in 'unit' to 2^-10 ps: the
 * exact product, rounded once to the nearest integer, ties upward.  Never a
 * floating-point number in between, so every host gets the same integer.
 * Returns 0; -EINVAL if it is no number, is negative or has more than 9
 * digits or 7 decimals; -ERANGE if the result is too large. */
int vsw_cost_compile(const char *text, size_t n, const char *unit,
                     const struct vsw_machine *machine, uint64_t *fixed);

#endif
