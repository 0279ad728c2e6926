/* Trace clock: from recorded times, which may jump, to times since the first
 * packet, which never decrease. */
#ifndef VSW_IO_TRACE_CLOCK_H
#define VSW_IO_TRACE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct vsw_trace_clock {
    uint64_t max_jump_ns;   /* 0: no limit. */
    uint64_t latest_ns;     /* Recorded time that 'now_ns' stands for. */
    uint64_t now_ns;
    bool started;
    uint64_t n_equal;
    uint64_t n_backward;
    uint64_t n_absurd;
};

void vsw_trace_clock_init(struct vsw_trace_clock *clock,
                          uint64_t max_jump_ns);

/* Returns the time of the packet recorded at 'time_ns'.  An earlier one than
 * before counts as the same time.  A jump of more than 'max_jump_ns' ahead is
 * cut to that, and behind one of more than that back, gaps are measured from
 * the new time on (a clock was set). */
uint64_t vsw_trace_clock_tell(struct vsw_trace_clock *clock,
                              uint64_t time_ns);

/* Nanoseconds since the epoch, kept inside of 0 to about 285 years. */
uint64_t vsw_trace_clock_join(int64_t seconds, int64_t nanoseconds);

#endif
