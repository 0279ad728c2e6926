/* A trace without packets: the flows of a workload of sockets. */
#ifndef VSW_IO_TRACE_MAKE_H
#define VSW_IO_TRACE_MAKE_H

#include <vswsim/config.h>
#include <vswsim/dialog.h>
#include <vswsim/trace.h>

/* Makes a trace of no packets whose flows are those of 'dialogs', with headers
 * for 'n_ports'.  Returns 0, or -ENOMEM with 'err' filled and '*trace' NULL.
 */
int vsw_trace_make(struct vsw_trace **trace, const struct vsw_dialogs *dialogs,
                   uint32_t n_ports, struct vsw_error *err);

#endif
