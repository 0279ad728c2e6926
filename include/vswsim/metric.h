/* Metric: a named number computed from an outcome.
 *
 * Plain metrics are listed by vsw_metric_at(): "delivered_pps",
 * "latency_p99_ns", "loss_ratio", ...  The unit ends the name.
 *
 * Families take an argument in parentheses:
 *
 *   cost_ps(LINES)      time of the ledger's matching lines per packet that
 *   cost_ns(LINES)      was delivered: in picoseconds, in nanoseconds, or in
 *   cost_cycles(LINES)  cycles of the machine's time-stamp counter
 *   charges(LINES)      how often these lines were charged, per packet
 *   share(LINES)        their part of the time that the units of that role
 *                       were busy with anything but polling, from 0 to 1
 *   busiest(LINES)      of all units, the largest part of its time that one
 *                       spends on these lines, from 0 to 1: a utilisation
 *   batch_pkts(NAME)    mean size of the batches called NAME
 *   counter(NAME)       a counter of the architecture, over the window
 *   counter_per_pkt(NAME)   the same per packet that was delivered
 *   memory_bytes(NAME)  memory of the design called NAME
 *   host_cycles(PART)   the part "switching", "filtering", "copying" or
 *                       "other" of host_cycles_per_pkt
 *   class_delivered_pps(CLASS)      of the packets that "qos.file" puts into
 *   class_loss_ratio(CLASS)         class 0 to 7, whether the architecture
 *   class_latency_mean_ns(CLASS)    heeds classes or not
 *   class_latency_p99_ns(CLASS)
 *
 * In runs that simulate caches ("run.memory": "hierarchy"), per packet that
 * was delivered, and selected by LINES without accounts:
 *
 *   mem_lines(LINES)    lines of memory that CPUs used, code included
 *   l1_misses(LINES)    those that were not in the L1 ...
 *   l2_misses(LINES)    ... nor in another cache of the module ...
 *   llc_misses(LINES)   ... nor in any of the node
 *   mem_wait_ns(LINES)  time that CPUs waited for memory, accounts allowed
 *
 * LINES selects by any of unit, role, domain, stage and account, joined by
 * commas:
 *
 *   cost_cycles(role=switch,stage=receive,account=vring_avail)
 *   share(role=switch,account=copy)
 *   cost_ns(role=guest,domain=host,account=vm_exit+tlb_walk)
 *
 * '+' joins alternatives and a final '*' stands for any ending:
 * "domain=guest*".  What is left out matches everything, except that lines of
 * the account "poll" are never counted unless "account=poll" asks for them.
 *
 * A metric without a value (a latency when nothing was delivered, a counter
 * that the architecture lacks) is NAN.
 *
 * Thread-safety: pure functions. */
#ifndef VSWSIM_METRIC_H
#define VSWSIM_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/outcome.h>

VSW_EXTERN_C_BEGIN

enum vsw_better {
    VSW_BETTER_HIGHER,
    VSW_BETTER_LOWER,
    VSW_BETTER_NEITHER,         /* Describes; does not rank. */
};

struct vsw_metric {
    const char *name;           /* Of a family: up to its parenthesis. */
    const char *argument;       /* "LINES", "NAME", "PART", "CLASS", or NULL if
                                 * plain. */
    const char *unit;           /* "packets/s", "ns", "1" for a ratio. */
    const char *meaning;
    enum vsw_better better;
    bool memory;                /* Of hierarchy mode only. */
};

/* The 'i'-th metric or family, in the order of the reference page, or NULL
 * past the last. */
VSW_API const struct vsw_metric *vsw_metric_at(uint32_t i);

/* The metric, or the family, that 'name' (with its argument) belongs to, or
 * NULL if vsw_metric_check() refuses it. */
VSW_API const struct vsw_metric *vsw_metric_find(const char *name);

/* Whether only workloads of sockets have the plain metric 'name'. */
VSW_API bool vsw_metric_of_sockets(const char *name);

/* Whether 'name' is a metric, its argument included. */
VSW_API bool vsw_metric_known(const char *name);

/* The same, as 0 or -EINVAL with 'err' saying what is wrong and naming the
 * nearest metric, key or account.  Names of batches, counters and memory
 * belong to the architecture and are not checked. */
VSW_API int vsw_metric_check(const char *name, struct vsw_error *err);

/* Value of metric 'name' for 'outcome'; NAN if it has none or if 'name' is
 * unknown. */
VSW_API double vsw_metric_value(const struct vsw_outcome *outcome,
                                const char *name);

/* The value that replications share: quantiles, means and extremes of the
 * latency come from 'latency_ps', their merged histogram.  Returns false, and
 * leaves 'value' alone, if 'name' is no such metric. */
VSW_API bool vsw_metric_merged(const struct vsw_histogram *latency_ps,
                               const char *name, double *value);

/* Metric 'name' in each part of the window: its value there is that of 'sums'
 * by that of 'weights', for rates up to a factor that all parts share.  Both
 * have room for 'outcome->n_parts' numbers.  Returns how many were written: 0
 * unless parts are recorded and 'name' is a rate of packets or bits, the
 * number of packets, the loss or the mean latency.  They are made for
 * vsw_stats_batches(). */
VSW_API uint32_t vsw_metric_parts(const struct vsw_outcome *outcome,
                                  const char *name, double *sums,
                                  double *weights);

/* The 'i'-th account of the ledger, or NULL past the last. */
VSW_API const char *vsw_metric_account_at(uint32_t i);

/* Narrows 'name', a family of LINES that names no account, to 'account':
 * "cost_ns(role=switch)" becomes "cost_ns(role=switch,account=copy)".
 * Returns a text to free, or NULL if 'name' is nothing of the kind. */
VSW_API char *vsw_metric_narrow(const char *name, const char *account);

VSW_EXTERN_C_END

#endif
