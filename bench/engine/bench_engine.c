/* What an event costs on one thread.
 *
 * Hold model (D. W. Jones, "An Empirical Comparison of Priority-Queue and
 * Event-Set Implementations", CACM 1986): with n events pending, the next one
 * fires and is scheduled again after an exponential gap, so that n stays.
 * The gaps are drawn beforehand.  Each line is the least of several runs,
 * since whatever else runs here can only add.
 *
 * M/M/1 at a load of 0.8 adds what a small simulation adds: its variates, the
 * queue and the histograms. */
#include <vswsim/engine.h>
#include <vswsim/random.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/queue_model.h"

#define N_GAPS      65536
#define N_RUNS      5
#define N_HOLDS     1000000
#define N_CUSTOMERS 1000000
#define GAP_MEAN_PS 1000000000

static uint64_t gaps_ps[N_GAPS];
static uint32_t next_gap;

static uint64_t
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

static void
draw_gaps(void)
{
    struct vsw_random r;

    vsw_random_init(&r, 1, VSW_RANDOM_ARRIVAL, 0, 0);
    for (uint32_t i = 0; i < N_GAPS; i++) {
        gaps_ps[i] = vsw_random_exponential(&r, GAP_MEAN_PS);
    }
}

static void
hold(struct vsw_engine *engine, struct vsw_event *event)
{
    uint64_t gap_ps = gaps_ps[next_gap++ % N_GAPS];

    vsw_engine_schedule(engine, event, engine->now_ps + gap_ps, 0);
}

static int
fill(struct vsw_engine *engine, struct vsw_event *events, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int error = vsw_engine_add(engine, &events[i], hold, i);

        if (error) {
            return error;
        }
        hold(engine, &events[i]);
    }
    return 0;
}

/* As many holds before as there are events, so that the pending ones have
 * the distribution that they keep. */
static int
bench_hold(uint32_t n)
{
    struct vsw_event *events = calloc(n, sizeof *events);
    struct vsw_engine engine;
    uint64_t best_ns = UINT64_MAX;

    vsw_engine_init(&engine, false);
    if (!events || fill(&engine, events, n)) {
        vsw_engine_fini(&engine);
        free(events);
        return -1;
    }
    vsw_engine_run(&engine, VSW_NEVER, n);
    for (int run = 0; run < N_RUNS; run++) {
        uint64_t start_ns = now_ns();
        uint64_t taken_ns;

        vsw_engine_run(&engine, VSW_NEVER, N_HOLDS);
        taken_ns = now_ns() - start_ns;
        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
    }
    printf("hold %8" PRIu32 " pending  %8.1f ns/hold\n", n,
           (double) best_ns / N_HOLDS);
    vsw_engine_fini(&engine);
    free(events);
    return 0;
}

static void
bench_mm1(void)
{
    static struct queue_outcome outcome;
    const struct queue_params params = {
        .gap_ps = 1250000,
        .service_ps = 1000000,
        .max_batch = 1,
        .n_counted = N_CUSTOMERS,
    };
    uint64_t best_ns = UINT64_MAX;

    for (uint32_t run = 0; run < N_RUNS; run++) {
        uint64_t start_ns = now_ns();
        uint64_t taken_ns;

        queue_run(&params, 1, 0, &outcome);
        taken_ns = now_ns() - start_ns;
        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
    }
    printf("mm1  %8" PRIu64 " events   %8.1f ns/event  %.1f M events/s\n",
           outcome.n_fired, (double) best_ns / (double) outcome.n_fired,
           (double) outcome.n_fired * 1e3 / (double) best_ns);
}

int
main(void)
{
    static const uint32_t n_pending[] = { 100, 10000, 1000000 };

    draw_gaps();
    for (size_t i = 0; i < VSW_N_ELEMS(n_pending); i++) {
        if (bench_hold(n_pending[i])) {
            fprintf(stderr, "bench_engine: out of memory\n");
            return EXIT_FAILURE;
        }
    }
    bench_mm1();
    return EXIT_SUCCESS;
}
