#include "core/queue_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/engine.h>
#include <vswsim/random.h>

/* Customers that wait; far more than a stable queue ever holds. */
#define MAX_WAITING 4096

struct customer {
    uint64_t arrived_ps;
    bool counts;
};

struct station {
    const struct queue_params *params;
    struct queue_outcome *outcome;
    struct vsw_engine engine;
    struct vsw_event arrival;
    struct vsw_event departure;
    struct vsw_random gaps;
    struct vsw_random services;
    struct customer customers[MAX_WAITING];
    uint32_t head;              /* Arrivals so far, lost ones not. */
    uint32_t served;            /* The part of these whose service began. */
    uint32_t departed;
    uint32_t n_arrivals;
    uint32_t n_counted_left;  /* Counted ones that are not gone yet. */
};

static struct customer *
customer(struct station *s, uint32_t i)
{
    return &s->customers[i % MAX_WAITING];
}

static uint64_t
draw_service(struct station *s)
{
    const struct queue_params *p = s->params;

    if (!p->fixed_service) {
        return vsw_random_exponential(&s->services, p->service_ps);
    }
    return p->one_in_long
           && vsw_random_below(&s->services, p->one_in_long) == 0
           ? p->long_ps : p->service_ps;
}

static void
begin_service(struct station *s)
{
    const struct queue_params *p = s->params;
    uint64_t now_ps = s->engine.now_ps;
    uint64_t service_ps = draw_service(s);

    s->outcome->n_batches += customer(s, s->served)->counts;
    for (uint32_t i = 0; i < p->max_batch && s->served != s->head; i++) {
        const struct customer *c = customer(s, s->served++);

        if (c->counts) {
            vsw_histogram_add(&s->outcome->waiting_ps,
                              now_ps - c->arrived_ps);
        }
    }
    vsw_engine_schedule(&s->engine, &s->departure, now_ps + service_ps, 0);
}

static void
depart(struct vsw_engine *engine, struct vsw_event *event)
{
    struct station *s = VSW_CONTAINER_OF(event, struct station, departure);

    while (s->departed != s->served) {
        const struct customer *c = customer(s, s->departed++);

        if (c->counts) {
            vsw_histogram_add(&s->outcome->sojourn_ps,
                              engine->now_ps - c->arrived_ps);
            s->n_counted_left--;
        }
    }
    if (s->served != s->head) {
        begin_service(s);
    }
}

static bool
is_full(const struct station *s)
{
    uint32_t n = s->head - s->departed;

    if (n == MAX_WAITING) {
        fprintf(stderr, "queue_model: the queue is not stable\n");
        abort();
    }
    return s->params->capacity && n >= s->params->capacity;
}

/* Arrivals go on until all that count are gone, so that the last of these
 * leave a station as busy as the first. */
static void
arrive(struct vsw_engine *engine, struct vsw_event *event)
{
    struct station *s = VSW_CONTAINER_OF(event, struct station, arrival);
    uint32_t i = s->n_arrivals++ - s->params->n_warm_up;
    bool counts = i < s->params->n_counted;

    if (is_full(s)) {
        s->outcome->n_lost += counts;
        s->n_counted_left -= counts;
    } else {
        *customer(s, s->head++) = (struct customer) {
            .arrived_ps = engine->now_ps,
            .counts = counts,
        };
        if (!s->departure.heap_pos) {
            begin_service(s);
        }
    }
    if (s->n_counted_left) {
        uint64_t gap_ps = vsw_random_exponential(&s->gaps,
                                                 s->params->gap_ps);

        vsw_engine_schedule(engine, event, engine->now_ps + gap_ps, 0);
    }
}

static void
init(struct station *s, const struct queue_params *params, uint64_t seed,
     uint32_t replication, struct queue_outcome *outcome)
{
    s->params = params;
    s->outcome = outcome;
    s->n_counted_left = params->n_counted;
    memset(outcome, 0, sizeof *outcome);
    vsw_histogram_init(&outcome->waiting_ps);
    vsw_histogram_init(&outcome->sojourn_ps);
    vsw_random_init(&s->gaps, seed, VSW_RANDOM_ARRIVAL, 0, replication);
    vsw_random_init(&s->services, seed, VSW_RANDOM_SERVICE, 0, replication);
    vsw_engine_init(&s->engine, false);
    if (vsw_engine_add(&s->engine, &s->arrival, arrive, 0)
        || vsw_engine_add(&s->engine, &s->departure, depart, 1)) {
        abort();
    }
}

void
queue_run(const struct queue_params *params, uint64_t seed,
          uint32_t replication, struct queue_outcome *outcome)
{
    struct station *s = calloc(1, sizeof *s);

    if (!s) {
        abort();
    }
    init(s, params, seed, replication, outcome);
    vsw_engine_schedule(&s->engine, &s->arrival, 0, 0);
    vsw_engine_run(&s->engine, VSW_NEVER, UINT64_MAX);
    outcome->n_fired = s->engine.n_fired;
    vsw_engine_fini(&s->engine);
    free(s);
}

double
queue_loss(const struct queue_outcome *outcome)
{
    return (double) outcome->n_lost
           / (double) (outcome->n_lost + outcome->sojourn_ps.n);
}

double
queue_mean_batch(const struct queue_outcome *outcome)
{
    return (double) outcome->sojourn_ps.n / (double) outcome->n_batches;
}
