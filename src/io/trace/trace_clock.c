#include "io/trace/trace_clock.h"

#include <string.h>

#define NS_PER_S     INT64_C(1000000000)
#define MAX_SECONDS  INT64_C(9000000000)

/* Where simulated time stops to grow: 146 years. */
#define MAX_NOW_NS   (UINT64_C(1) << 62)

void
vsw_trace_clock_init(struct vsw_trace_clock *clock, uint64_t max_jump_ns)
{
    memset(clock, 0, sizeof *clock);
    clock->max_jump_ns = max_jump_ns;
}

static void
advance(struct vsw_trace_clock *clock, uint64_t gap_ns)
{
    clock->now_ns = gap_ns > MAX_NOW_NS - clock->now_ns
                        ? MAX_NOW_NS
                        : clock->now_ns + gap_ns;
}

static bool
is_absurd(const struct vsw_trace_clock *clock, uint64_t gap_ns)
{
    return clock->max_jump_ns && gap_ns > clock->max_jump_ns;
}

uint64_t
vsw_trace_clock_tell(struct vsw_trace_clock *clock, uint64_t time_ns)
{
    if (!clock->started) {
        clock->started = true;
        clock->latest_ns = time_ns;
    } else if (time_ns == clock->latest_ns) {
        clock->n_equal++;
    } else if (time_ns < clock->latest_ns) {
        clock->n_backward++;
        if (is_absurd(clock, clock->latest_ns - time_ns)) {
            clock->latest_ns = time_ns;
        }
    } else {
        uint64_t gap_ns = time_ns - clock->latest_ns;

        if (is_absurd(clock, gap_ns)) {
            clock->n_absurd++;
            gap_ns = clock->max_jump_ns;
        }
        advance(clock, gap_ns);
        clock->latest_ns = time_ns;
    }
    return clock->now_ns;
}

uint64_t
vsw_trace_clock_join(int64_t seconds, int64_t nanoseconds)
{
    int64_t total_ns;

    if (seconds < 0) {
        return 0;
    }
    /* A damaged fraction may be anything. */
    if (nanoseconds < 0 || nanoseconds >= NS_PER_S) {
        nanoseconds = NS_PER_S - 1;
    }
    total_ns = seconds > MAX_SECONDS ? MAX_SECONDS * NS_PER_S
                                     : seconds * NS_PER_S + nanoseconds;
    return (uint64_t) total_ns;
}
