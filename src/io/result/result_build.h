/* The tree that result.json holds; see result.h. */
#ifndef IO_RESULT_BUILD_H
#define IO_RESULT_BUILD_H

#include <jansson.h>

#include <vswsim/experiment.h>

/* Significant digits of floating-point numbers: few enough that the last bit
 * of a sum cannot show. */
#define RESULT_DIGITS 12

#define RESULT_SCHEMA "vswsim-result"

/* A new tree for 'experiment'.  'config' is its resolved config as JSON
 * text.  Members that memory did not suffice for are missing. */
json_t *result_build(const struct vsw_experiment_result *experiment,
                     const char *config);

/* A member of the tree for point 'i', from its outcomes that are there. */
json_t *result_build_point(const struct vsw_experiment_result *experiment,
                           uint32_t i, const json_t *metrics);

/* What outcomes counted, added up: a member of a point each. */
json_t *result_build_packets(const struct vsw_outcome *const *outcomes,
                             uint32_t n);
json_t *result_build_window(const struct vsw_outcome *const *outcomes,
                            uint32_t n);
json_t *result_build_ports(const struct vsw_outcome *const *outcomes,
                           uint32_t n);
json_t *result_build_units(const struct vsw_outcome *const *outcomes,
                           uint32_t n);
json_t *result_build_ledger(const struct vsw_outcome *const *outcomes,
                            uint32_t n);
json_t *result_build_batches(const struct vsw_outcome *const *outcomes,
                             uint32_t n);
json_t *result_build_counters(const struct vsw_outcome *const *outcomes,
                              uint32_t n);
json_t *result_build_lines(const struct vsw_outcome *const *outcomes,
                           uint32_t n);
json_t *result_build_traffic(const struct vsw_outcome *const *outcomes,
                             uint32_t n);
json_t *result_build_memory(const struct vsw_outcome *const *outcomes,
                            uint32_t n);

/* Whether a steady state was reached before the window, by MSER-5 over the
 * deliveries in parts of the run. */
struct result_warmup {
    const char *verdict;        /* "over", "too short", "not settled" */
    double settled_us;          /* When the steady state began. */
    double bias;                /* Of the window's rate, relatively. */
};

/* Returns false if the outcomes do not say. */
bool result_warmup_find(struct result_warmup *warmup,
                        const struct vsw_outcome *const *outcomes, uint32_t n,
                        const struct vsw_config_run *run);

json_t *result_build_warmup(const struct vsw_outcome *const *outcomes,
                            uint32_t n, const struct vsw_config_run *run);

/* A JSON integer; a JSON number, or null if 'x' is not finite. */
json_t *result_count(uint64_t n);
json_t *result_number(double x);

#endif
