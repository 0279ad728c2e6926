/* Packets simulated per wall second: runs an experiment on one thread and
 * prints, for each point, what it cost this host.
 *
 * Usage: bench_packets CONFIG [key.path=value]...
 *
 * Under callgrind, instructions per packet are the difference between two
 * durations; see instructions.sh. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <vswsim/config.h>
#include <vswsim/experiment.h>

static double
now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static void
print_total(const struct vsw_experiment_result *result, double wall_s)
{
    const struct vsw_plan *plan = result->plan;
    uint64_t n_pkts = 0;
    uint64_t n_calls = 0;
    double simulated_s = 0;

    for (uint32_t i = 0; i < plan->n_points * result->n_replications; i++) {
        n_pkts += result->outcomes[i]->delivered.n_pkts;
        n_calls += result->outcomes[i]->n_calls;
        simulated_s += (double) plan->points[i / result->n_replications]
                           .config.run.duration_us
                       * 1e-6;
    }
    printf("%" PRIu64 " packets in %.3f CPU seconds: %.2f million/s, "
           "%.1f ns each, %.2f calls each; one simulated second costs "
           "%.2f\n",
           n_pkts, wall_s, (double) n_pkts / wall_s * 1e-6,
           wall_s / (double) n_pkts * 1e9,
           (double) n_calls / (double) n_pkts, wall_s / simulated_s);
}

int
main(int argc, char *argv[])
{
    static struct vsw_error err;
    struct vsw_experiment_result *result;
    struct vsw_run_options options = {.n_jobs = 1};
    struct vsw_plan *plan;
    double start_s;

    if (argc < 2) {
        fprintf(stderr, "usage: bench_packets CONFIG [key.path=value]...\n");
        return 64;
    }
    if (vsw_plan_load(&plan, argv[1], (const char *const *) argv + 2,
                      (size_t) argc - 2, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 65;
    }
    start_s = now_s();
    if (vsw_experiment_run(&result, plan, &options, &err)) {
        fprintf(stderr, "%s\n", err.text);
        vsw_plan_free(plan);
        return 65;
    }
    print_total(result, now_s() - start_s);
    vsw_experiment_result_free(result);
    vsw_plan_free(plan);
    return 0;
}
