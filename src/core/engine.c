#include <vswsim/engine.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARITY         4
#define PRIORITY_BITS 8
#define UNIT_BITS     24
#define TIE_BITS      (64 - PRIORITY_BITS)

void
vsw_engine_init(struct vsw_engine *engine, bool reverse_ties)
{
    memset(engine, 0, sizeof *engine);
    engine->tie_mask = reverse_ties ? (UINT64_C(1) << TIE_BITS) - 1 : 0;
}

void
vsw_engine_fini(struct vsw_engine *engine)
{
    free(engine->heap_memory);
    memset(engine, 0, sizeof *engine);
}

int
vsw_engine_add(struct vsw_engine *engine, struct vsw_event *event,
               vsw_event_fn fire, uint32_t unit)
{
    assert(unit < 1u << UNIT_BITS);
    /* Slot 0 is unused. */
    if ((engine->capacity & (engine->capacity + 1)) == 0) {
        size_t n_slots = 2 * ((size_t) engine->capacity + 1);
        void *memory = realloc(engine->heap_memory,
                               n_slots * sizeof *engine->heap);

        if (!memory) {
            return -ENOMEM;
        }
        engine->heap_memory = memory;
        engine->heap = memory;
    }
    engine->capacity++;
    event->fire = fire;
    event->unit = unit;
    event->n_scheduled = 0;
    event->heap_pos = 0;
    return 0;
}

static inline bool
fires_before(const struct vsw_engine_slot *a, const struct vsw_engine_slot *b)
{
    return a->at_ps < b->at_ps
           || (a->at_ps == b->at_ps && a->order < b->order);
}

static inline void
put(struct vsw_engine *engine, uint32_t pos,
    const struct vsw_engine_slot *slot)
{
    engine->heap[pos] = *slot;
    slot->event->heap_pos = pos;
}

static inline uint32_t
parent_of(uint32_t pos)
{
    return (pos + ARITY - 2) / ARITY;
}

static void
sift_up(struct vsw_engine *engine, uint32_t pos, struct vsw_engine_slot slot)
{
    while (pos > 1) {
        uint32_t parent = parent_of(pos);

        if (!fires_before(&slot, &engine->heap[parent])) {
            break;
        }
        put(engine, pos, &engine->heap[parent]);
        pos = parent;
    }
    put(engine, pos, &slot);
}

static void
sift_down(struct vsw_engine *engine, uint32_t pos,
          struct vsw_engine_slot slot)
{
    for (;;) {
        uint32_t first = ARITY * (pos - 1) + 2;
        uint32_t end = first + ARITY;
        uint32_t least = first;

        if (first > engine->n) {
            break;
        }
        if (end > engine->n + 1) {
            end = engine->n + 1;
        }
        for (uint32_t child = first + 1; child < end; child++) {
            if (fires_before(&engine->heap[child], &engine->heap[least])) {
                least = child;
            }
        }
        if (!fires_before(&engine->heap[least], &slot)) {
            break;
        }
        put(engine, pos, &engine->heap[least]);
        pos = least;
    }
    put(engine, pos, &slot);
}

void
vsw_engine_schedule(struct vsw_engine *engine, struct vsw_event *event,
                    uint64_t at_ps, uint32_t priority)
{
    uint64_t tie = (uint64_t) event->unit << (TIE_BITS - UNIT_BITS)
                   | event->n_scheduled++;
    struct vsw_engine_slot slot = {
        .at_ps = at_ps,
        .order = (uint64_t) priority << TIE_BITS | (tie ^ engine->tie_mask),
        .event = event,
    };
    uint32_t pos = event->heap_pos;

    assert(at_ps >= engine->now_ps && priority < 1u << PRIORITY_BITS);
    if (!pos) {
        assert(engine->n < engine->capacity);
        sift_up(engine, ++engine->n, slot);
    } else if (fires_before(&slot, &engine->heap[pos])) {
        sift_up(engine, pos, slot);
    } else {
        sift_down(engine, pos, slot);
    }
}

void
vsw_engine_cancel(struct vsw_engine *engine, struct vsw_event *event)
{
    uint32_t pos = event->heap_pos;
    struct vsw_engine_slot last;

    if (!pos) {
        return;
    }
    event->heap_pos = 0;
    last = engine->heap[engine->n--];
    if (last.event == event) {
        return;
    }
    if (pos > 1 && fires_before(&last, &engine->heap[parent_of(pos)])) {
        sift_up(engine, pos, last);
    } else {
        sift_down(engine, pos, last);
    }
}

bool
vsw_engine_is_scheduled(const struct vsw_engine *engine,
                        const struct vsw_event *event, uint64_t at_ps,
                        uint32_t priority)
{
    const struct vsw_engine_slot *slot = &engine->heap[event->heap_pos];

    return event->heap_pos && slot->at_ps == at_ps
           && slot->order >> TIE_BITS == priority;
}

uint64_t
vsw_engine_run(struct vsw_engine *engine, uint64_t end_ps, uint64_t n_max)
{
    uint64_t n_fired = 0;

    while (n_fired < n_max && engine->n > 0
           && engine->heap[1].at_ps < end_ps) {
        struct vsw_event *event = engine->heap[1].event;

        engine->now_ps = engine->heap[1].at_ps;
        vsw_engine_cancel(engine, event);
        event->fire(engine, event);
        n_fired++;
    }
    if (n_fired < n_max && engine->now_ps < end_ps && end_ps != VSW_NEVER) {
        engine->now_ps = end_ps;
    }
    engine->n_fired += n_fired;
    return n_fired;
}
