#include <vswsim/engine.h>

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/huge_mem.h"

#define ARITY         4
#define PRIORITY_BITS 8
#define UNIT_BITS     24
#define TIE_BITS      (64 - PRIORITY_BITS)

/* Slots before the first: the heap counts from 1, and with two more the
 * children of one slot share a cache line. */
#define N_BEFORE 2
#define MIN_ROOM 60

static size_t
heap_bytes(uint32_t n_room)
{
    return ((size_t) n_room + 1 + N_BEFORE) * sizeof(struct vsw_engine_slot);
}

void
vsw_engine_init(struct vsw_engine *engine, bool reverse_ties)
{
    memset(engine, 0, sizeof *engine);
    engine->tie_mask = reverse_ties ? (UINT64_C(1) << TIE_BITS) - 1 : 0;
}

static void
free_heap(struct vsw_engine *engine)
{
    if (engine->heap) {
        vsw_huge_mem_free(engine->heap - N_BEFORE, heap_bytes(engine->n_room));
    }
}

void
vsw_engine_fini(struct vsw_engine *engine)
{
    free_heap(engine);
    memset(engine, 0, sizeof *engine);
}

static int
grow(struct vsw_engine *engine)
{
    uint32_t n_room = engine->n_room ? 2 * engine->n_room : MIN_ROOM;
    struct vsw_engine_slot *slots = vsw_huge_mem_new(heap_bytes(n_room));

    if (!slots) {
        return -ENOMEM;
    }
    if (engine->heap) {
        memcpy(slots, engine->heap - N_BEFORE, heap_bytes(engine->n_room));
    }
    free_heap(engine);
    engine->heap = slots + N_BEFORE;
    engine->n_room = n_room;
    return 0;
}

int
vsw_engine_add(struct vsw_engine *engine, struct vsw_event *event,
               vsw_event_fn fire, uint32_t unit)
{
    assert(unit < 1u << UNIT_BITS);
    if (engine->capacity == engine->n_room && grow(engine)) {
        return -ENOMEM;
    }
    engine->capacity++;
    *event = (struct vsw_event) {.fire = fire, .unit = unit};
    return 0;
}

static inline bool
fires_before(const struct vsw_engine_slot *a, const struct vsw_engine_slot *b)
{
    return a->at_ps < b->at_ps
           || (VSW_UNLIKELY(a->at_ps == b->at_ps)
               && a->event->order < b->event->order);
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

static inline uint32_t
first_child_of(uint32_t pos)
{
    return ARITY * (pos - 1) + 2;
}

/* The one of the children at 'first' that fires first.  Which one it is cannot
 * be predicted, so this selects without branches, but for ties. */
static inline uint32_t
least_child(const struct vsw_engine *engine, uint32_t first)
{
    const struct vsw_engine_slot *heap = engine->heap;
    uint32_t left = engine->n + 1 - first;
    uint32_t end = first + (left < ARITY ? left : ARITY);
    uint32_t least = first;

    for (uint32_t child = first + 1; child < end; child++) {
        if (VSW_UNLIKELY(heap[child].at_ps == heap[least].at_ps)) {
            least = fires_before(&heap[child], &heap[least]) ? child : least;
        } else {
            least = heap[child].at_ps < heap[least].at_ps ? child : least;
        }
    }
    return least;
}

static void
sift_down(struct vsw_engine *engine, uint32_t pos,
          struct vsw_engine_slot slot)
{
    uint32_t first = first_child_of(pos);

    while (first <= engine->n) {
        uint32_t least = least_child(engine, first);

        if (!fires_before(&engine->heap[least], &slot)) {
            break;
        }
        put(engine, pos, &engine->heap[least]);
        pos = least;
        first = first_child_of(pos);
    }
    put(engine, pos, &slot);
}

void
vsw_engine_schedule(struct vsw_engine *engine, struct vsw_event *event,
                    uint64_t at_ps, uint32_t priority)
{
    uint64_t tie = (uint64_t) event->unit << (TIE_BITS - UNIT_BITS)
                   | event->n_scheduled++;
    struct vsw_engine_slot slot = {.at_ps = at_ps, .event = event};
    uint64_t old_order = event->order;
    uint32_t pos = event->heap_pos;

    assert(at_ps >= engine->now_ps && priority < 1u << PRIORITY_BITS);
    event->order = (uint64_t) priority << TIE_BITS | (tie ^ engine->tie_mask);
    if (!pos && engine->first_fires) {
        engine->first_fires = false;
        sift_down(engine, 1, slot);
    } else if (!pos) {
        assert(engine->n < engine->capacity);
        sift_up(engine, ++engine->n, slot);
    } else if (at_ps < engine->heap[pos].at_ps
               || (at_ps == engine->heap[pos].at_ps
                   && event->order < old_order)) {
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
    return event->heap_pos && vsw_engine_event_at(engine, event) == at_ps
           && event->order >> TIE_BITS == priority;
}

/* Fires the first event.  Its slot stays, as the least of all, for what is
 * scheduled next, which often is the same event: that takes one walk down the
 * heap where removing one and adding the other would take two. */
static void
fire_first(struct vsw_engine *engine)
{
    struct vsw_event *event = engine->heap[1].event;

    engine->now_ps = engine->heap[1].at_ps;
    event->heap_pos = 0;
    engine->heap[1] = (struct vsw_engine_slot) {0, &engine->nobody};
    engine->first_fires = true;
    event->fire(engine, event);
    if (engine->first_fires) {
        struct vsw_engine_slot last = engine->heap[engine->n--];

        engine->first_fires = false;
        if (engine->n > 0) {
            sift_down(engine, 1, last);
        }
    }
}

uint64_t
vsw_engine_run(struct vsw_engine *engine, uint64_t end_ps, uint64_t n_max)
{
    uint64_t n_fired = 0;

    assert(!engine->first_fires);
    while (n_fired < n_max && engine->n > 0
           && engine->heap[1].at_ps < end_ps) {
        fire_first(engine);
        n_fired++;
    }
    if (n_fired < n_max && engine->now_ps < end_ps && end_ps != VSW_NEVER) {
        engine->now_ps = end_ps;
    }
    engine->n_fired += n_fired;
    return n_fired;
}
