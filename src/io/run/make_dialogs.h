/* Dialogs of one simulation, from a config. */
#ifndef IO_RUN_MAKE_DIALOGS_H
#define IO_RUN_MAKE_DIALOGS_H

#include <vswsim/config.h>
#include <vswsim/dialog.h>
#include <vswsim/outcome.h>
#include <vswsim/switch.h>

/* Makes 'dialogs' as 'config' says: the talks of 'workload', or, without any
 * (or NULL), what "workload" describes, with the flow numbers of the trace
 * that vsw_trace_make() gives for it.  Returns 0 or -ENOMEM. */
int vsw_make_dialogs(struct vsw_dialogs *dialogs,
                     const struct vsw_config *config,
                     const struct vsw_workload *workload);

/* Lets 'sw' count what the dialogs do. */
int vsw_count_dialogs(struct vsw_dialogs *dialogs, struct vsw_switch *sw);

/* Adds to 'outcome', which is full otherwise, what has no value before the
 * end.  Returns 0 or -ENOMEM. */
int vsw_report_dialogs(const struct vsw_dialogs *dialogs,
                       struct vsw_outcome *outcome);

#endif
