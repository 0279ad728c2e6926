/* The access list of one simulation. */
#ifndef IO_RUN_MAKE_ACL_H
#define IO_RUN_MAKE_ACL_H

#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/switch.h>
#include <vswsim/workload.h>

/* Gives 'sw' the lists that 'config' asks for, in its arena.  Returns 0, or a
 * negative errno value with 'err' filled. */
int vsw_make_acl(struct vsw_switch *sw, const struct vsw_config *config,
                 const struct vsw_workload *workload, struct vsw_error *err);

#endif
