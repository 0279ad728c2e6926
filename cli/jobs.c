#include "jobs.h"

#include <unistd.h>

/* Each simulation takes tens of megabytes, so that hundreds on a few CPUs are
 * no faster and may exhaust the memory. */
#define MAX_JOBS_PER_CPU 8

uint32_t
cli_count_jobs(uint32_t n_wanted)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t n_cpus = n < 1 ? 1 : n > 1024 ? 1024 : (uint32_t) n;
    uint32_t max = n_cpus * MAX_JOBS_PER_CPU;

    return n_wanted == 0 ? n_cpus : n_wanted < max ? n_wanted : max;
}
