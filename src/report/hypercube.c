/* Latin hypercube over costs; ranks. */
#include "report/uncertainty_impl.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/random.h>

/* Parts of a stratum that a draw can be in. */
#define JITTER 1024

static bool
varies(const struct vsw_cost *cost)
{
    return cost->kind != VSW_COST_MEASURED && cost->kind != VSW_COST_ABSENT
           && cost->max > cost->min;
}

static bool
add_machine(struct hypercube *cube, const struct vsw_machine *machine)
{
    for (uint32_t i = 0; i < cube->n_machines; i++) {
        if (cube->machines[i] == machine) {
            return false;
        }
    }
    cube->machines[cube->n_machines++] = machine;
    return true;
}

static int
index_of(const struct hypercube *cube, const char *name)
{
    for (uint32_t i = 0; i < cube->n_costs; i++) {
        if (!strcmp(cube->names[i], name)) {
            return (int) i;
        }
    }
    return -1;
}

/* Machines have the same costs, listed in the same order. */
static void
add_costs(struct hypercube *cube, const struct vsw_machine *machine)
{
    for (uint32_t i = 0; i < machine->n_costs; i++) {
        const struct vsw_cost *cost = &machine->costs[i];

        if (varies(cost) && index_of(cube, cost->name) < 0) {
            cube->names[cube->n_costs++] = cost->name;
        }
    }
}

/* A quantile in each stratum, in random order. */
static void
draw(double *quantiles, uint32_t n, uint64_t seed, uint32_t cost)
{
    struct vsw_random r;

    vsw_random_init(&r, seed, VSW_RANDOM_UNCERTAINTY, cost, 0);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = (uint32_t) vsw_random_below(&r, i + 1);

        quantiles[i] = quantiles[j];
        quantiles[j] = (i + ((double) vsw_random_below(&r, JITTER) + 0.5)
                        / JITTER) / n;
    }
}

int
hypercube_init(struct hypercube *cube, const struct vsw_plan *plan,
               uint32_t n_samples)
{
    uint32_t max_costs = 0;

    memset(cube, 0, sizeof *cube);
    cube->n_samples = n_samples;
    cube->machines = calloc(plan->n_points + 1, sizeof *cube->machines);
    for (uint32_t i = 0; i < plan->n_points; i++) {
        uint32_t n = plan->points[i].config.machine->n_costs;

        max_costs = n > max_costs ? n : max_costs;
    }
    cube->names = calloc(max_costs + 1, sizeof *cube->names);
    if (!cube->machines || !cube->names) {
        hypercube_fini(cube);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < plan->n_points; i++) {
        if (add_machine(cube, plan->points[i].config.machine)) {
            add_costs(cube, plan->points[i].config.machine);
        }
    }
    cube->quantiles = calloc((size_t) cube->n_costs * n_samples + 1,
                             sizeof *cube->quantiles);
    if (!cube->quantiles) {
        hypercube_fini(cube);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < cube->n_costs; i++) {
        draw(cube->quantiles + (size_t) i * n_samples, n_samples,
             plan->points[0].config.run.seed, i);
    }
    return 0;
}

void
hypercube_fini(struct hypercube *cube)
{
    free(cube->machines);
    free(cube->names);
    free(cube->quantiles);
    memset(cube, 0, sizeof *cube);
}

/* One 'unit' in 2^-10 ps. */
static double
fixed_per_unit(const struct vsw_machine *machine, const char *unit)
{
    double one = (double) (1 << VSW_COST_FRACTION_BITS);

    if (!strcmp(unit, "us")) {
        return 1e6 * one;
    }
    if (!strcmp(unit, "cycles")) {
        return 1e12 / (double) machine->clock_hz * one;
    }
    if (!strcmp(unit, "tsc_cycles")) {
        return 1e12 / (double) machine->tsc_hz * one;
    }
    return 1e3 * one;
}

struct vsw_machine *
hypercube_machine(const struct hypercube *cube,
                  const struct vsw_machine *machine, uint32_t sample)
{
    struct vsw_machine *copy = malloc(sizeof *copy);
    struct vsw_cost *costs = malloc(machine->n_costs * sizeof *costs);

    if (!copy || !costs) {
        free(copy);
        free(costs);
        return NULL;
    }
    *copy = *machine;
    memcpy(costs, machine->costs, machine->n_costs * sizeof *costs);
    for (uint32_t i = 0; i < machine->n_costs; i++) {
        struct vsw_cost *cost = &costs[i];
        int k = varies(cost) ? index_of(cube, cost->name) : -1;

        if (k >= 0) {
            double q = cube->quantiles[(size_t) k * cube->n_samples + sample];

            cost->value = cost->min + q * (cost->max - cost->min);
            cost->fixed = (uint64_t) (cost->value
                                      * fixed_per_unit(machine, cost->unit)
                                      + 0.5);
        }
    }
    copy->costs = costs;
    return copy;
}

void
hypercube_free_machine(struct vsw_machine *machine)
{
    if (machine) {
        free((void *) machine->costs);
        free(machine);
    }
}

/* Ranks from 0; equals share the mean of theirs. */
static void
rank(const double *x, uint32_t n, double *ranks)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t below = 0, equal = 0;

        for (uint32_t k = 0; k < n; k++) {
            below += x[k] < x[i];
            equal += !(x[k] < x[i]) && !(x[k] > x[i]);
        }
        ranks[i] = below + (equal - 1) / 2.0;
    }
}

double
rank_correlation(const double *x, const double *y, uint32_t n,
                 double *scratch)
{
    double *a = scratch, *b = scratch + n, mean = (n - 1) / 2.0;
    double ab = 0, aa = 0, bb = 0;

    rank(x, n, a);
    rank(y, n, b);
    for (uint32_t i = 0; i < n; i++) {
        ab += (a[i] - mean) * (b[i] - mean);
        aa += (a[i] - mean) * (a[i] - mean);
        bb += (b[i] - mean) * (b[i] - mean);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}
