/* Execution rules 3, 5 and 6 together: a source, a ring and a polling server
 * make an M/D/1/K queue, with either side running ahead of the other. */
#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/ring.h>

#include "queue_theory.h"
#include "rig.h"

#define MAX_CAPACITY 8
#define SERVICE_PS   100000
#define MAX_PKTS     400000

static struct rig rig;
static struct vsw_ring ring;

struct queue {
    struct vsw_worker source;
    struct vsw_worker server;
    struct vsw_source polled;
    struct vsw_random gaps;
    uint64_t mean_gap_ps;
    uint32_t burst;             /* Most that one call of the server takes. */
    uint32_t n_in_hand;
    uint32_t n_offered;
    uint32_t n_dropped;
    uint64_t sum_sojourn_ps;
    uint32_t n_served;
    uint64_t digest;            /* Of who was served when, and who not. */
};

static uint64_t born_ps[MAX_PKTS];

/* Adds what 'unit' did to packet 'id' by the end of the run, in an order that
 * does not matter: a larger quantum runs the same calls in another one. */
static void
digest(struct queue *q, const struct vsw_unit *unit, uint32_t id)
{
    uint64_t value = (unit->local_ps << 20) + id;

    if (unit->local_ps < unit->window_end_ps) {
        value = (value ^ value >> 31) * UINT64_C(0x9e3779b97f4a7c15);
        q->digest += value ^ value >> 29;
    }
}

/* An arrival: decided at sync, since it depends on what is free. */
static void
arrive(void *owner, struct vsw_worker *worker)
{
    struct queue *q = owner;
    struct vsw_unit *unit = worker->unit;
    uint32_t id = q->n_offered++;

    assert_true(id < MAX_PKTS);
    born_ps[id] = unit->sync_ps;
    if (vsw_ring_credits(&ring, unit->sync_ps) > 0) {
        vsw_ring_fill(&ring, id, 1);
        vsw_ring_publish(&ring, unit->local_ps);
    } else {
        q->n_dropped++;
        digest(q, unit, id);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER,
                   1 + vsw_random_exponential(&q->gaps, q->mean_gap_ps));
    vsw_worker_go_on(worker);
}

/* Takes a burst at sync and serves it one by one, each leaving at the end of
 * its own service; pauses when the quantum is over. */
static void
serve(void *owner, struct vsw_worker *worker)
{
    struct queue *q = owner;
    struct vsw_unit *unit = worker->unit;

    if (q->n_in_hand == 0) {
        uint32_t n = vsw_ring_visible(&ring, unit->sync_ps);

        q->n_in_hand = n < q->burst ? n : q->burst;
    }
    for (; q->n_in_hand > 0; q->n_in_hand--) {
        uint32_t slot;
        uint32_t n_slots;
        uint32_t id;

        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        id = vsw_ring_pop(&ring, &slot, &n_slots);
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, SERVICE_PS);
        vsw_ring_free(&ring, unit->local_ps);
        q->sum_sojourn_ps += unit->local_ps - born_ps[id];
        q->n_served++;
        digest(q, unit, id);
    }
}

static void
run(struct queue *q, double rho, uint32_t capacity, uint32_t burst,
    uint64_t quantum_ps, uint64_t duration_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .duration_ps = duration_ps,
        .seed = 5,
    };

    *q = (struct queue) {
        .mean_gap_ps = (uint64_t) (SERVICE_PS / rho),
        .burst = burst,
        .polled = {.ring = &ring, .kind = VSW_SOURCE_FILLED, .n_needed = 1},
    };
    rig_init(&rig, 2, &options);
    vsw_sim_random(&rig.sim, &q->gaps, VSW_RANDOM_ARRIVAL, 0);
    assert_int_equal(vsw_ring_init(&ring, capacity), 0);
    rig_add_worker(&rig, 0, 1, &q->source, arrive, q);
    rig_add_worker(&rig, 1, 1, &q->server, serve, q);
    vsw_worker_poll(&q->server, &q->polled, 1, VSW_COST_VRING_EMPTY, 0);
    vsw_worker_wake(&q->source, 0);
    rig_run(&rig);
    vsw_ring_fini(&ring);
    rig_fini(&rig);
}

/* The same queue in a few lines, without engine, ring or quantum: who finds
 * 'capacity' in the system is lost. */
static void
reference(struct queue *q, double rho, uint32_t capacity,
          uint64_t duration_ps)
{
    uint64_t leave_ps[MAX_CAPACITY] = {0};
    uint64_t now_ps = 0;
    uint32_t n = 0;

    *q = (struct queue) {.mean_gap_ps = (uint64_t) (SERVICE_PS / rho)};
    vsw_random_init(&q->gaps, 5, VSW_RANDOM_ARRIVAL, 0, 0);
    while (now_ps < duration_ps) {
        uint64_t last_ps = n ? leave_ps[(n - 1) % capacity] : 0;

        q->n_offered++;
        if (n >= capacity && leave_ps[n % capacity] > now_ps) {
            q->n_dropped++;
        } else {
            last_ps = last_ps > now_ps ? last_ps : now_ps;
            leave_ps[n++ % capacity] = last_ps + SERVICE_PS;
        }
        now_ps += 1 + vsw_random_exponential(&q->gaps, q->mean_gap_ps);
    }
}

static void
losses_are_those_of_a_queue_simulated_without_an_engine(void **state)
{
    (void) state;
    for (uint32_t capacity = 1; capacity <= MAX_CAPACITY; capacity *= 2) {
        struct queue q;
        struct queue expected;

        run(&q, 0.9, capacity, 32, US, 2000 * US);
        reference(&expected, 0.9, capacity, 2000 * US);
        assert_int_equal(q.n_offered, expected.n_offered);
        assert_int_equal(q.n_dropped, expected.n_dropped);
        assert_true(q.n_dropped > 100);
    }
}

static void
the_quantum_and_the_burst_change_no_service_and_no_loss(void **state)
{
    static const uint64_t quanta_ps[] = {1, 30 * NS, 250 * NS, 10 * US};
    struct queue q;
    struct queue again;

    (void) state;
    run(&q, 0.95, 8, 32, US, 2000 * US);
    for (size_t i = 0; i < VSW_N_ELEMS(quanta_ps); i++) {
        run(&again, 0.95, 8, i % 2 ? 3 : 32, quanta_ps[i], 2000 * US);
        assert_int_equal(again.digest, q.digest);
        assert_int_equal(again.n_dropped, q.n_dropped);
    }
}

static void
assert_near(const char *what, double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance * expected) {
        fail_msg("%s is %g and not %g", what, value, expected);
    }
}

/* About 200 000 packets each. */
static void
an_m_d_1_k_queue_agrees_with_the_closed_form(void **state)
{
    static const struct {
        double rho;
        uint32_t capacity;
    } cases[] = {{0.7, 2}, {0.9, 4}, {1.0, 8}, {1.3, 8}};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        double rho = cases[i].rho;
        int k = (int) cases[i].capacity;
        struct queue q;

        run(&q, rho, cases[i].capacity, 32, US,
            (uint64_t) (20000 * US / rho));
        assert_near("the loss", (double) q.n_dropped / q.n_offered,
                    md1k_loss(rho, k), 0.02);
        assert_near("the mean time in the system",
                    (double) q.sum_sojourn_ps / q.n_served / SERVICE_PS,
                    md1k_sojourn(rho, k), 0.01);
    }
}

/* --- Several rings, and time to go from one to the next ----------------- */

#define N_RINGS    4
#define RING_SLOTS 1024

struct stop {
    struct vsw_ring ring;
    struct vsw_worker source;
    struct vsw_random gaps;
    uint64_t born_ps[RING_SLOTS];   /* By slot. */
};

static struct round {
    struct vsw_worker server;
    struct vsw_source polled[N_RINGS];
    struct stop stops[N_RINGS];
    struct vsw_random services;
    uint64_t mean_gap_ps;
    uint64_t move_ps;
    bool fixed_service;
    bool in_visit;
    uint32_t n_in_hand;
    uint64_t sum_waiting_ps;
    uint32_t n_served;
} round_trip;

static void
arrive_at_stop(void *owner, struct vsw_worker *worker)
{
    struct stop *stop = owner;
    struct vsw_unit *unit = worker->unit;

    assert_true(vsw_ring_credits(&stop->ring, unit->sync_ps) > 0);
    stop->born_ps[vsw_ring_fill(&stop->ring, 0, 1)] = unit->sync_ps;
    vsw_ring_publish(&stop->ring, unit->local_ps);
    vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER,
                   1 + vsw_random_exponential(&stop->gaps,
                                              round_trip.mean_gap_ps));
    vsw_worker_go_on(worker);
}

/* Serves what is there when the server comes (gated), and moves on; the poller
 * takes the same time from an empty ring to the next. */
static void
visit(void *owner, struct vsw_worker *worker)
{
    struct round *r = owner;
    struct vsw_unit *unit = worker->unit;
    struct stop *stop = &r->stops[worker->source];

    if (!r->in_visit) {
        r->n_in_hand = vsw_ring_visible(&stop->ring, unit->sync_ps);
        r->in_visit = true;
    }
    for (; r->n_in_hand > 0; r->n_in_hand--) {
        uint32_t slot, n_slots;

        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        vsw_ring_pop(&stop->ring, &slot, &n_slots);
        r->sum_waiting_ps += unit->local_ps - stop->born_ps[slot];
        r->n_served++;
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, r->fixed_service ? SERVICE_PS
                       : 1 + vsw_random_exponential(&r->services,
                                                    SERVICE_PS));
        vsw_ring_free(&stop->ring, unit->local_ps);
    }
    r->in_visit = false;
    vsw_unit_spend(unit, VSW_ACCOUNT_POLL, r->move_ps);
}

static double
mean_waiting(double rho, uint64_t move_ps, bool fixed_service)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = (uint64_t) (30000 * US / rho),
        .seed = 7,
    };
    struct round *r = &round_trip;

    memset(r, 0, sizeof *r);
    r->mean_gap_ps = (uint64_t) (SERVICE_PS * N_RINGS / rho);
    r->move_ps = move_ps;
    r->fixed_service = fixed_service;
    rig_init(&rig, 1 + N_RINGS, &options);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, move_ps);
    vsw_sim_random(&rig.sim, &r->services, VSW_RANDOM_SERVICE, 0);
    for (uint32_t i = 0; i < N_RINGS; i++) {
        struct stop *stop = &r->stops[i];

        vsw_sim_random(&rig.sim, &stop->gaps, VSW_RANDOM_ARRIVAL, i);
        assert_int_equal(vsw_ring_init(&stop->ring, RING_SLOTS), 0);
        rig_add_worker(&rig, 1 + i, 1, &stop->source, arrive_at_stop, stop);
        vsw_worker_wake(&stop->source, 0);
        r->polled[i] = (struct vsw_source) {
            .ring = &stop->ring, .kind = VSW_SOURCE_FILLED, .n_needed = 1,
        };
    }
    rig_add_worker(&rig, 0, 1, &r->server, visit, r);
    vsw_worker_poll(&r->server, r->polled, N_RINGS, VSW_COST_VRING_EMPTY, 0);
    rig_run(&rig);
    for (uint32_t i = 0; i < N_RINGS; i++) {
        vsw_ring_fini(&r->stops[i].ring);
    }
    rig_fini(&rig);
    return (double) r->sum_waiting_ps / r->n_served / SERVICE_PS;
}

static void
polling_with_moves_agrees_with_the_closed_form(void **state)
{
    static const struct {
        double rho;
        double move;            /* In services. */
        bool fixed_service;
    } cases[] = {
        {0.3, 0.1, true}, {0.6, 0.5, true}, {0.6, 0.05, false},
        {0.8, 0.2, false},
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        double scv = cases[i].fixed_service ? 0 : 1;

        assert_near("the mean waiting",
                    mean_waiting(cases[i].rho,
                                 (uint64_t) (cases[i].move * SERVICE_PS),
                                 cases[i].fixed_service),
                    polling_waiting(cases[i].rho, scv, N_RINGS,
                                    cases[i].move), 0.02);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            losses_are_those_of_a_queue_simulated_without_an_engine),
        cmocka_unit_test(
            the_quantum_and_the_burst_change_no_service_and_no_loss),
        cmocka_unit_test(an_m_d_1_k_queue_agrees_with_the_closed_form),
        cmocka_unit_test(polling_with_moves_agrees_with_the_closed_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
