/* What models make of the largest frames of the traces. */
#ifndef IO_CHECK_FRAMES_H
#define IO_CHECK_FRAMES_H

#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/trace.h>

/* Checks the points of 'plan', whose traces are 'traces'.  Returns 0, or
 * a negative errno value with 'err' filled. */
int vsw_check_frames(const struct vsw_plan *plan,
                     struct vsw_trace *const *traces, struct vsw_error *err);

#endif
