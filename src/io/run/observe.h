/* One simulation run again under an observer. */
#ifndef IO_OBSERVE_H
#define IO_OBSERVE_H

#include <vswsim/observe.h>
#include <vswsim/observer.h>

/* Runs the first replication of 'point' for 'observer'.  'until_us' cuts the
 * run short; 0 runs all of it. */
int vsw_observe_point(const struct vsw_point *point,
                      const struct vsw_observer *observer, uint64_t until_us,
                      struct vsw_error *err);

/* The first point of design 'd'. */
const struct vsw_point *vsw_observe_first(const struct vsw_plan *plan,
                                          uint32_t d);

#endif
