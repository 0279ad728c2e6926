/* Counts packets by class of service, whatever the switch makes of it. */
#ifndef IO_RUN_MAKE_CLASSES_H
#define IO_RUN_MAKE_CLASSES_H

#include <vswsim/acl.h>
#include <vswsim/outcome.h>
#include <vswsim/workload.h>

/* Gives 'outcome' the classes that 'rules' name, and returns the class of each
 * flow of 'workload', to free; NULL: out of memory. */
uint8_t *vsw_make_classes(struct vsw_outcome *outcome,
                          const struct vsw_acl *rules,
                          const struct vsw_workload *workload);

#endif
