/* What the parts of uncertainty.h share. */
#ifndef REPORT_UNCERTAINTY_IMPL_H
#define REPORT_UNCERTAINTY_IMPL_H

#include <vswsim/uncertainty.h>

/* Costs of machines drawn from their ranges. */
struct hypercube {
    const char **names;         /* Of the costs that vary. */
    uint32_t n_costs;
    uint32_t n_samples;
    double *quantiles;          /* [cost * n_samples + sample], in (0, 1). */
    const struct vsw_machine **machines;    /* Of the plan, each once. */
    uint32_t n_machines;
};

/* Draws the costs of all machines of 'plan'.  Returns 0 or -ENOMEM. */
int hypercube_init(struct hypercube *cube, const struct vsw_plan *plan,
                   uint32_t n_samples);
void hypercube_fini(struct hypercube *cube);

/* A copy of 'machine' with the costs of 'sample', to give to
 * hypercube_free_machine(); NULL if memory ran out. */
struct vsw_machine *hypercube_machine(const struct hypercube *cube,
                                      const struct vsw_machine *machine,
                                      uint32_t sample);
void hypercube_free_machine(struct vsw_machine *machine);

/* Spearman's rank correlation of the 'n' pairs; 0 if either is constant.
 * 'scratch' has room for 2 * n numbers. */
double rank_correlation(const double *x, const double *y, uint32_t n,
                        double *scratch);

#endif
