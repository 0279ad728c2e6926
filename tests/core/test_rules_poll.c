/* Execution rule 6: a poller that parks visits its rings when, and charges
 * for empty looks what, a poller would that really looks at every ring. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/ring.h>

#include "rig.h"
#include "vsw_random.h"

#define MAX_RINGS  6
#define MAX_EVENTS 400
#define MAX_IRQS   20
#define EMPTY_PS   7001
#define END_PS     (40 * US)

/* What a run is made of: publications, interrupts, services. */
struct script {
    uint32_t n_rings;
    uint32_t burst;
    uint64_t start_ps;
    uint32_t n_needed[MAX_RINGS];
    uint64_t not_before_ps[MAX_RINGS];
    struct {
        uint64_t gap_ps;
        uint32_t ring;
        uint32_t n_slots;
    } events[MAX_EVENTS];
    uint32_t n_events;
    struct {
        uint64_t arrival_ps;
        uint64_t spend_ps;
    } irqs[MAX_IRQS];
    uint32_t n_irqs;
    uint64_t pkt_ps;
};

/* What was seen: one line per visit that found something. */
struct visit {
    uint64_t sync_ps;
    uint32_t ring;
    uint32_t n_pkts;
};

struct log {
    struct visit visits[2 * MAX_EVENTS];
    uint32_t n_visits;
    uint64_t poll_ps;
    uint64_t irq_ps[MAX_IRQS];
    uint32_t n_irqs;
};

static struct rig rig;
static struct vsw_ring rings[MAX_RINGS];
static struct vsw_source sources[MAX_RINGS];
static struct vsw_irq irqs[MAX_IRQS];
static const struct script *script;
static struct log *current;

/* --- The publisher, on unit 0 -------------------------------------------- */

static uint32_t next_event;

/* Runs ahead of now for as long as the quantum allows. */
static void
publish_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    (void) owner;
    while (next_event < script->n_events) {
        uint64_t gap_ps = script->events[next_event].gap_ps;
        struct vsw_ring *ring = &rings[script->events[next_event].ring];

        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        vsw_unit_spend(unit, VSW_ACCOUNT_DRIVER, gap_ps);
        vsw_ring_fill(ring, next_event, script->events[next_event].n_slots);
        vsw_ring_publish(ring, unit->local_ps);
        next_event++;
    }
}

/* --- The two pollers, on unit 1 ------------------------------------------ */

/* Takes up to a burst from 'ring' and notes the visit. */
static void
serve(struct vsw_worker *worker, uint32_t ring)
{
    struct vsw_unit *unit = worker->unit;
    struct visit *visit = &current->visits[current->n_visits++];

    assert_true(current->n_visits <= 2 * MAX_EVENTS);
    *visit = (struct visit) {unit->sync_ps, ring, 0};
    while (visit->n_pkts < script->burst
           && vsw_ring_visible(&rings[ring], unit->sync_ps) > 0) {
        uint32_t slot;
        uint32_t n_slots;

        vsw_ring_pop(&rings[ring], &slot, &n_slots);
        vsw_unit_spend(unit, VSW_ACCOUNT_COPY, script->pkt_ps);
        visit->n_pkts++;
    }
    assert_true(visit->n_pkts > 0);
    vsw_ring_free(&rings[ring], unit->local_ps);
}

static void
parked_work(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    serve(worker, worker->source);
}

static struct {
    uint32_t at;            /* Ring to look at next. */
    uint64_t look_left_ps;  /* Of a look that an interrupt cut. */
} naive;

/* Spends the rest of an empty look, up to the next interrupt. */
static void
look_on(struct vsw_unit *unit)
{
    uint64_t ps = naive.look_left_ps;

    if (unit->irqs && unit->irqs->arrival_ps < unit->local_ps + ps) {
        ps = unit->irqs->arrival_ps - unit->local_ps;
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_POLL, ps);
    naive.look_left_ps -= ps;
}

/* Looks at one ring in each call, for ever. */
static void
naive_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    uint32_t ring = naive.at;

    (void) owner;
    vsw_worker_go_on(worker);
    if (naive.look_left_ps > 0) {
        look_on(unit);
        return;
    }
    naive.at = ring + 1 < script->n_rings ? ring + 1 : 0;
    if (unit->sync_ps >= script->not_before_ps[ring]
        && vsw_ring_visible(&rings[ring], unit->sync_ps)
               >= script->n_needed[ring]) {
        serve(worker, ring);
    } else {
        naive.look_left_ps = EMPTY_PS;
        look_on(unit);
    }
}

static void
handle_irq(struct vsw_unit *unit, struct vsw_irq *irq)
{
    const uint64_t *spend_ps = irq->aux;

    current->irq_ps[current->n_irqs++] = unit->sync_ps;
    vsw_unit_spend(unit, VSW_ACCOUNT_VM_EXIT, *spend_ps);
}

/* --- Runs ---------------------------------------------------------------- */

static void
set_up(struct log *log, uint64_t quantum_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .warmup_ps = END_PS / 10,
        .duration_ps = END_PS,
        .check = true,
    };

    memset(log, 0, sizeof *log);
    memset(&naive, 0, sizeof naive);
    current = log;
    next_event = 0;
    rig_init(&rig, 2, &options);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, EMPTY_PS);
    for (uint32_t i = 0; i < script->n_rings; i++) {
        assert_int_equal(vsw_ring_init(&rings[i], 1024), 0);
        sources[i] = (struct vsw_source) {
            .ring = &rings[i],
            .kind = VSW_SOURCE_FILLED,
            .n_needed = script->n_needed[i],
            .not_before_ps = script->not_before_ps[i],
        };
    }
}

static void
send_irqs(void)
{
    for (uint32_t i = 0; i < script->n_irqs; i++) {
        vsw_irq_init(&irqs[i], &rig.units[1], 0, handle_irq,
                     (void *) (uintptr_t) &script->irqs[i].spend_ps);
        vsw_irq_send(&irqs[i], 0, script->irqs[i].arrival_ps);
    }
}

static void
run(struct log *log, bool really, uint64_t quantum_ps)
{
    struct vsw_worker publisher;
    struct vsw_worker poller;

    set_up(log, quantum_ps);
    rig_add_worker(&rig, 0, 1, &publisher, publish_work, NULL);
    rig_add_worker(&rig, 1, 1, &poller, really ? naive_work : parked_work,
                   NULL);
    if (really) {
        vsw_worker_wake(&poller, script->start_ps);
    } else {
        vsw_worker_poll(&poller, sources, script->n_rings,
                        VSW_COST_VRING_EMPTY, script->start_ps);
    }
    vsw_worker_wake(&publisher, 0);
    send_irqs();
    rig_run(&rig);
    log->poll_ps = rig_busy_ps(&rig.units[1], VSW_ACCOUNT_POLL);
    for (uint32_t i = 0; i < script->n_rings; i++) {
        vsw_ring_fini(&rings[i]);
    }
    rig_fini(&rig);
}

static void
make_script(struct script *s, struct rnd *rnd, bool with_irqs)
{
    memset(s, 0, sizeof *s);
    s->n_rings = 1 + rnd_below(rnd, MAX_RINGS);
    s->burst = 1 + rnd_below(rnd, 8);
    s->start_ps = rnd_below(rnd, 3 * (uint32_t) US);
    s->pkt_ps = 1000 + rnd_below(rnd, 60000);
    for (uint32_t i = 0; i < s->n_rings; i++) {
        s->n_needed[i] = 1 + rnd_below(rnd, 2) * rnd_below(rnd, 2);
        if (rnd_below(rnd, 4) == 0) {
            s->not_before_ps[i] = rnd_below(rnd, 20 * (uint32_t) US);
        }
    }
    s->n_events = 1 + rnd_below(rnd, MAX_EVENTS);
    for (uint32_t i = 0; i < s->n_events; i++) {
        uint32_t spread = rnd_below(rnd, 5) ? 150000 : 2000000;

        s->events[i].gap_ps = 1 + rnd_below(rnd, spread);
        s->events[i].ring = rnd_below(rnd, s->n_rings);
        s->events[i].n_slots = 1 + rnd_below(rnd, 2);
    }
    s->n_irqs = with_irqs ? rnd_below(rnd, MAX_IRQS + 1) : 0;
    for (uint32_t i = 0; i < s->n_irqs; i++) {
        s->irqs[i].arrival_ps = 1 + rnd_below(rnd, (uint32_t) END_PS);
        s->irqs[i].spend_ps = rnd_below(rnd, 400000);
    }
}

static void
assert_same(const struct log *a, const struct log *b)
{
    uint32_t n = a->n_visits < b->n_visits ? a->n_visits : b->n_visits;

    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(a->visits[i].sync_ps, b->visits[i].sync_ps);
        assert_int_equal(a->visits[i].ring, b->visits[i].ring);
        assert_int_equal(a->visits[i].n_pkts, b->visits[i].n_pkts);
    }
    assert_int_equal(a->n_visits, b->n_visits);
    assert_int_equal(a->poll_ps, b->poll_ps);
    assert_int_equal(a->n_irqs, b->n_irqs);
}

static struct log parked;
static struct log really;
static struct script made;

static void
compare_pollers(const char *test, uint64_t seed, bool with_irqs)
{
    struct rnd rnd = rnd_from_environment(test, seed);
    uint32_t n_visits = 0;

    script = &made;
    for (int i = 0; i < 60; i++) {
        make_script(&made, &rnd, with_irqs);
        run(&really, true, 300 * NS);
        run(&parked, false, 300 * NS);
        assert_same(&really, &parked);
        n_visits += parked.n_visits;
    }
    assert_true(n_visits > 1000);
}

static void
parking_visits_and_charges_as_real_polling_does(void **state)
{
    (void) state;
    compare_pollers("parking", 11, false);
}

/* An interrupt stops a scan where it is and delays the rest of it. */
static void
parking_equals_real_polling_between_interrupts(void **state)
{
    (void) state;
    compare_pollers("parking with interrupts", 12, true);
}

static void
parking_does_not_depend_on_the_quantum(void **state)
{
    struct rnd rnd = rnd_from_environment("quantum", 13);

    (void) state;
    script = &made;
    for (int i = 0; i < 20; i++) {
        make_script(&made, &rnd, true);
        run(&parked, false, US);
        run(&really, false, 1);
        assert_same(&parked, &really);
    }
}

/* Two rings, looks every 7001 ps from 5000 on: ring 0 at 5000, 19002, ...;
 * ring 1 at 12001, 26003. */
static void
a_poller_resumes_at_the_first_look_after_the_stamp(void **state)
{
    static const struct script s = {
        .n_rings = 2,
        .burst = 8,
        .start_ps = 5000,
        .n_needed = {1, 1},
        .events = {{12002, 1, 1}, {7000, 0, 1}},
        .n_events = 2,
        .pkt_ps = 100,
    };

    (void) state;
    script = &s;
    run(&parked, false, US);
    assert_int_equal(parked.n_visits, 2);
    assert_int_equal(parked.visits[0].ring, 0);
    assert_int_equal(parked.visits[0].sync_ps, 19002);
    assert_int_equal(parked.visits[1].ring, 1);
    assert_int_equal(parked.visits[1].sync_ps, 19102);
}

static uint64_t
idle_ps_of_poller(uint64_t empty_ps, uint64_t start_ps, uint64_t at_ps,
                  uint64_t *visit_ps)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = END_PS,
    };
    struct vsw_worker publisher;
    struct vsw_worker poller;
    uint64_t idle_ps;

    made = (struct script) {
        .n_rings = 1,
        .burst = 1,
        .n_needed = {1},
        .events = {{at_ps, 0, 1}},
        .n_events = 1,
        .pkt_ps = 100,
    };
    script = &made;
    set_up(&parked, US);
    rig_fini(&rig);
    rig_init(&rig, 2, &options);
    rig_set_cost(&rig, VSW_COST_VRING_EMPTY, empty_ps);
    rig_add_worker(&rig, 0, 1, &publisher, publish_work, NULL);
    rig_add_worker(&rig, 1, 1, &poller, parked_work, NULL);
    vsw_worker_poll(&poller, sources, 1, VSW_COST_VRING_EMPTY, start_ps);
    vsw_worker_wake(&publisher, 0);
    rig_run(&rig);
    idle_ps = rig.units[1].idle_ps;
    *visit_ps = parked.visits[0].sync_ps;
    vsw_ring_fini(&rings[0]);
    rig_fini(&rig);
    return idle_ps;
}

static void
a_poller_without_a_period_resumes_at_the_stamp(void **state)
{
    uint64_t visit_ps;

    (void) state;
    assert_int_equal(idle_ps_of_poller(0, 0, 123457, &visit_ps), 0);
    assert_int_equal(visit_ps, 123457);
}

static void
before_it_starts_a_poller_idles(void **state)
{
    uint64_t visit_ps;

    (void) state;
    assert_int_equal(idle_ps_of_poller(EMPTY_PS, 50000, 10, &visit_ps),
                     50000);
    assert_int_equal(visit_ps, 50000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parking_visits_and_charges_as_real_polling_does),
        cmocka_unit_test(parking_equals_real_polling_between_interrupts),
        cmocka_unit_test(parking_does_not_depend_on_the_quantum),
        cmocka_unit_test(a_poller_resumes_at_the_first_look_after_the_stamp),
        cmocka_unit_test(a_poller_without_a_period_resumes_at_the_stamp),
        cmocka_unit_test(before_it_starts_a_poller_idles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
