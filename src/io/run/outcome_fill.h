/* Collects what a finished simulation measured. */
#ifndef IO_OUTCOME_FILL_H
#define IO_OUTCOME_FILL_H

#include <vswsim/outcome.h>
#include <vswsim/switch.h>

/* Fills 'outcome' with units, ledger, batches and counters.  Returns 0 or
 * -ENOMEM. */
int vsw_outcome_fill(struct vsw_outcome *outcome,
                     const struct vsw_switch *sw);

#endif
