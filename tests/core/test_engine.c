#include "vsw_test.h"

#include <stdbool.h>

#include <vswsim/engine.h>

#include "vsw_random.h"

#define N_EVENTS 300
#define N_STEPS  200000

static struct vsw_engine engine;
static struct vsw_event events[N_EVENTS];

/* What fired, by unit, which is the index of the event. */
static uint32_t fired[2 * N_EVENTS];
static uint32_t n_fired;

static void
note(struct vsw_engine *e, struct vsw_event *event)
{
    assert_ptr_equal(e, &engine);
    assert_true(n_fired < VSW_N_ELEMS(fired));
    fired[n_fired++] = event->unit;
}

static void
set_up_to(vsw_event_fn fire, uint32_t n, bool reverse_ties)
{
    n_fired = 0;
    vsw_engine_init(&engine, reverse_ties);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(vsw_engine_add(&engine, &events[i], fire, i), 0);
    }
}

static void
set_up(uint32_t n, bool reverse_ties)
{
    set_up_to(note, n, reverse_ties);
}

static void
assert_fired(const uint32_t *units, uint32_t n)
{
    assert_int_equal(n_fired, n);
    assert_memory_equal(fired, units, n * sizeof *units);
}

static void
events_fire_by_time_then_priority_then_unit(void **state)
{
    (void) state;
    set_up(5, false);
    vsw_engine_schedule(&engine, &events[4], 20, 0);
    vsw_engine_schedule(&engine, &events[3], 10, 7);
    vsw_engine_schedule(&engine, &events[2], 10, 7);
    vsw_engine_schedule(&engine, &events[1], 10, 255);
    vsw_engine_schedule(&engine, &events[0], 30, 0);

    assert_int_equal(vsw_engine_run(&engine, VSW_NEVER, UINT64_MAX), 5);
    assert_fired((uint32_t[]) { 2, 3, 1, 4, 0 }, 5);
    assert_int_equal(engine.now_ps, 30);
    vsw_engine_fini(&engine);
}

static void
reversed_ties_reverse_units_and_nothing_else(void **state)
{
    (void) state;
    set_up(4, true);
    vsw_engine_schedule(&engine, &events[0], 10, 3);
    vsw_engine_schedule(&engine, &events[1], 10, 3);
    vsw_engine_schedule(&engine, &events[2], 10, 4);
    vsw_engine_schedule(&engine, &events[3], 9, 4);

    vsw_engine_run(&engine, VSW_NEVER, UINT64_MAX);
    assert_fired((uint32_t[]) { 3, 1, 0, 2 }, 4);
    vsw_engine_fini(&engine);
}

static void
a_run_ends_before_its_end_or_after_its_number(void **state)
{
    (void) state;
    set_up(3, false);
    vsw_engine_schedule(&engine, &events[0], 10, 0);
    vsw_engine_schedule(&engine, &events[1], 20, 0);
    vsw_engine_schedule(&engine, &events[2], 30, 0);

    assert_int_equal(vsw_engine_run(&engine, 30, 1), 1);
    assert_int_equal(engine.now_ps, 10);
    assert_int_equal(vsw_engine_run(&engine, 30, 9), 1);
    assert_int_equal(engine.now_ps, 30);
    assert_int_equal(vsw_engine_run(&engine, 31, 9), 1);
    assert_fired((uint32_t[]) { 0, 1, 2 }, 3);
    assert_int_equal(vsw_engine_run(&engine, VSW_NEVER, 9), 0);
    assert_int_equal(engine.now_ps, 31);
    assert_int_equal(engine.n_fired, 3);
    vsw_engine_fini(&engine);
}

static void
an_event_moves_and_is_cancelled_in_place(void **state)
{
    (void) state;
    set_up(2, false);
    vsw_engine_cancel(&engine, &events[0]);
    assert_true(vsw_engine_event_at(&engine, &events[0]) == VSW_NEVER);

    vsw_engine_schedule(&engine, &events[0], 10, 0);
    vsw_engine_schedule(&engine, &events[1], 15, 0);
    vsw_engine_schedule(&engine, &events[0], 20, 0);
    assert_int_equal(vsw_engine_event_at(&engine, &events[0]), 20);
    vsw_engine_schedule(&engine, &events[0], 12, 0);
    vsw_engine_cancel(&engine, &events[1]);

    assert_int_equal(vsw_engine_run(&engine, VSW_NEVER, UINT64_MAX), 1);
    assert_fired((uint32_t[]) { 0 }, 1);
    assert_true(vsw_engine_event_at(&engine, &events[0]) == VSW_NEVER);
    vsw_engine_fini(&engine);
}

/* What the heap must agree with: a list that is searched from end to end. */
struct listed {
    uint64_t at_ps;
    uint32_t priority;
    bool scheduled;
};

static struct listed list[N_EVENTS];

static bool
listed_before(uint32_t a, uint32_t b)
{
    if (list[a].at_ps != list[b].at_ps) {
        return list[a].at_ps < list[b].at_ps;
    }
    if (list[a].priority != list[b].priority) {
        return list[a].priority < list[b].priority;
    }
    return a < b;
}

static uint32_t
first_listed(void)
{
    uint32_t first = N_EVENTS;

    for (uint32_t i = 0; i < N_EVENTS; i++) {
        if (list[i].scheduled
            && (first == N_EVENTS || listed_before(i, first))) {
            first = i;
        }
    }
    return first;
}

/* Few distinct times, so that ties are common. */
static void
schedule(uint32_t i, struct rnd *r)
{
    list[i].at_ps = engine.now_ps + rnd_below(r, 50);
    list[i].priority = rnd_below(r, 3);
    list[i].scheduled = true;
    vsw_engine_schedule(&engine, &events[i], list[i].at_ps,
                        list[i].priority);
}

static void
schedule_one(struct rnd *r)
{
    schedule(rnd_below(r, N_EVENTS), r);
}

static void
cancel_one(struct rnd *r)
{
    uint32_t i = rnd_below(r, N_EVENTS);

    list[i].scheduled = false;
    vsw_engine_cancel(&engine, &events[i]);
}

/* From which events that fire draw what they do to others and themselves. */
static struct rnd *firing;

static void
note_and_act(struct vsw_engine *e, struct vsw_event *event)
{
    note(e, event);
    list[event->unit].scheduled = false;
    for (uint32_t n = rnd_below(firing, 4); n > 0; n--) {
        if (rnd_below(firing, 3)) {
            schedule_one(firing);
        } else {
            cancel_one(firing);
        }
    }
    if (rnd_below(firing, 2)) {
        schedule(event->unit, firing);
    }
}

static void
fire_one(void)
{
    uint32_t first = first_listed();
    uint64_t at_ps = first < N_EVENTS ? list[first].at_ps : 0;

    n_fired = 0;
    vsw_engine_run(&engine, VSW_NEVER, 1);
    if (first == N_EVENTS) {
        assert_int_equal(n_fired, 0);
    } else {
        assert_fired(&first, 1);
        assert_int_equal(engine.now_ps, at_ps);
    }
}

/* The share of each action swings, so that the heap fills and empties. */
static void
the_heap_agrees_with_a_list_that_is_searched(void **state)
{
    struct rnd r = rnd_from_environment("engine", 5);

    (void) state;
    firing = &r;
    set_up_to(note_and_act, N_EVENTS, false);
    for (uint32_t step = 0; step < N_STEPS; step++) {
        uint32_t schedules = step / 1000 % 2 ? 10 : 50;
        uint32_t action = rnd_below(&r, 100);

        if (action < schedules) {
            schedule_one(&r);
        } else if (action < schedules + 10) {
            cancel_one(&r);
        } else {
            fire_one();
        }
    }
    vsw_engine_fini(&engine);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_fire_by_time_then_priority_then_unit),
        cmocka_unit_test(reversed_ties_reverse_units_and_nothing_else),
        cmocka_unit_test(a_run_ends_before_its_end_or_after_its_number),
        cmocka_unit_test(an_event_moves_and_is_cancelled_in_place),
        cmocka_unit_test(the_heap_agrees_with_a_list_that_is_searched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
