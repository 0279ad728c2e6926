/* Where results go. */
#ifndef CLI_OUT_DIR_H
#define CLI_OUT_DIR_H

#include <stddef.h>

#include <vswsim/error.h>

/* "out/quickstart" for "configs/experiments/quickstart.json".  Returns a
 * string to free, or NULL if memory ran out. */
char *cli_out_dir_for(const char *config);

/* Sees to it that a long run does not end in "cannot write": fails with 'err'
 * filled if 'dir', or where it would be created, cannot be written to now. */
int cli_out_dir_check(const char *dir, struct vsw_error *err);

#endif
