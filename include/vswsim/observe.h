/* Observe: runs a simulation once more and writes down what it does.
 *
 * The first point of each design is run again, its first replication, which
 * gives the same outcome as in the experiment.
 *
 * Timelines are trace events as Chrome and Perfetto read them: a process per
 * design, a track per unit.  Each call of a unit is cut into slices by
 * account, one after the other in the order of the ledger, since a call posts
 * its charges as sums; arrows lead from a packet's source to its receiver.
 *
 * Captures are pcapng files with nanoseconds of simulated time: one per port
 * and design with what was delivered there in the window, and one with what
 * was dropped, the reason as the packet's comment.  Headers are real, payload
 * is left out.
 *
 * Thread-safety: as vsw_experiment_run(). */
#ifndef VSWSIM_OBSERVE_H
#define VSWSIM_OBSERVE_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/config.h>
#include <vswsim/error.h>

VSW_EXTERN_C_BEGIN

/* Events that a timeline has at most; it ends there. */
#define VSW_TIMELINE_MAX_EVENTS 400000u

/* Writes the timeline of the first 'length_us' behind the warm-up to 'path'.
 * Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_timeline_write(const struct vsw_plan *plan, const char *path,
                               uint64_t length_us, struct vsw_error *err);

/* Writes DESIGN-portN.pcapng and DESIGN-dropped.pcapng to 'dir', which is
 * created if need be.  Returns 0, or a negative errno value with 'err'
 * filled. */
VSW_API int vsw_capture_write(const struct vsw_plan *plan, const char *dir,
                              struct vsw_error *err);

VSW_EXTERN_C_END

#endif
