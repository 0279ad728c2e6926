#include "measure.h"

#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define CHUNK  (N_QUERIES / 64)
#define N_RUNS 192

static uint64_t
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

uint64_t
measure(measure_fn answer, void *aux)
{
    static volatile uint64_t sink;
    uint64_t best_ns = UINT64_MAX;

    for (int run = 0; run < N_RUNS; run++) {
        uint32_t first = (uint32_t) run % (N_QUERIES / CHUNK) * CHUNK;
        uint64_t start_ns = now_ns(), taken_ns;

        sink += answer(aux, first, CHUNK);
        taken_ns = now_ns() - start_ns;
        if (taken_ns < best_ns) {
            best_ns = taken_ns;
        }
    }
    return best_ns * 1000 / CHUNK;
}

void
measure_print(uint64_t ps)
{
    printf(" %5" PRIu64 ".%02" PRIu64, ps / 1000, ps % 1000 / 10);
}
