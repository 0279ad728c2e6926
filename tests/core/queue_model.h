/* A queueing station on the engine's events: Poisson arrivals, one server
 * that takes up to 'max_batch' customers at once, first come first served.
 *
 * It is made of nothing but the engine, the random streams and the histogram,
 * so when its means are those of queueing theory, these three are right
 * together. */
#ifndef QUEUE_MODEL_H
#define QUEUE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/histogram.h>

struct queue_params {
    uint64_t gap_ps;            /* Mean time between arrivals. */
    uint64_t service_ps;        /* Mean time of a service. */
    bool fixed_service;         /* Always that time; else exponential. */
    uint32_t one_in_long;       /* With 'fixed_service': one of so many takes
                                 * 'long_ps' instead; 0: none does. */
    uint64_t long_ps;
    uint32_t max_batch;         /* Customers per service, >= 1. */
    uint32_t capacity;          /* Most in the system, served ones included;
                                 * 0: no limit. */
    uint32_t n_warm_up;         /* Arrivals before those that count. */
    uint32_t n_counted;
};

struct queue_outcome {
    struct vsw_histogram waiting_ps;    /* Of those who count: until served. */
    struct vsw_histogram sojourn_ps;    /* The same, until gone. */
    uint64_t n_lost;                    /* Counted arrivals turned away. */
    uint64_t n_batches;                 /* Services begun by a counted one. */
    uint64_t n_fired;                   /* Events of the whole run. */
};

/* Simulates one replication into 'outcome'. */
void queue_run(const struct queue_params *params, uint64_t seed,
               uint32_t replication, struct queue_outcome *outcome);

double queue_loss(const struct queue_outcome *outcome);
double queue_mean_batch(const struct queue_outcome *outcome);

#endif
