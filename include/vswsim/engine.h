/* Engine: simulated time and the events in it.
 *
 * Time is in integer picoseconds.  Events are objects of their owners: one is
 * scheduled, rescheduled or cancelled in place, found without a search, and
 * nothing is allocated per event.  Events fire in the order of (time,
 * priority, unit, sequence number); an engine made with 'reverse_ties' takes
 * equal (time, priority) the other way round, which shows how far results
 * depend on the order of ties.
 *
 * Source of the heap: 4-ary implicit heap, as in D. H. Larkin, S. Sen and
 * R. E. Tarjan, "A Back-to-Basics Empirical Study of Priority Queues", 2014.
 *
 * Thread-safety: none; one engine per thread, any number per process. */
#ifndef VSWSIM_ENGINE_H
#define VSWSIM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Later than any event. */
#define VSW_NEVER UINT64_MAX

struct vsw_event;
struct vsw_engine;

typedef void (*vsw_event_fn)(struct vsw_engine *engine,
                             struct vsw_event *event);

/* An event; embed it in its owner and use VSW_CONTAINER_OF. */
struct vsw_event {
    vsw_event_fn fire;
    uint64_t order;         /* At equal times: priority, unit, sequence. */
    uint32_t unit;          /* Breaks ties. */
    uint32_t n_scheduled;   /* Sequence number of the unit. */
    uint32_t heap_pos;      /* Place in the heap, from 1; 0: not scheduled. */
};

struct vsw_engine_slot {
    uint64_t at_ps;
    struct vsw_event *event;
};

struct vsw_engine {
    uint64_t now_ps;
    uint64_t tie_mask;      /* Flips units and sequence numbers. */
    uint64_t n_fired;
    uint32_t n;             /* Slots of the heap in use. */
    uint32_t capacity;      /* Events added. */
    uint32_t n_room;        /* Events that there is room for. */
    bool first_fires;       /* heap[1] has no event while it fires. */
    struct vsw_engine_slot *heap;   /* heap[1] is the next to fire. */
    struct vsw_event nobody;        /* The event of a slot without. */
};

VSW_API void vsw_engine_init(struct vsw_engine *engine, bool reverse_ties);
VSW_API void vsw_engine_fini(struct vsw_engine *engine);

/* Prepares 'event' and makes room for it, so that scheduling cannot fail.
 * Returns 0 or -ENOMEM. */
VSW_API int vsw_engine_add(struct vsw_engine *engine, struct vsw_event *event,
                           vsw_event_fn fire, uint32_t unit);

/* Lets 'event' fire at 'at_ps', not before now; an event that was scheduled
 * already moves.  Lower values of 'priority' (0..255) fire first. */
VSW_API void vsw_engine_schedule(struct vsw_engine *engine,
                                 struct vsw_event *event, uint64_t at_ps,
                                 uint32_t priority);

/* Unschedules 'event'; does nothing if it is not scheduled. */
VSW_API void vsw_engine_cancel(struct vsw_engine *engine,
                               struct vsw_event *event);

/* Time for which 'event' is scheduled, or VSW_NEVER. */
static inline uint64_t
vsw_engine_event_at(const struct vsw_engine *engine,
                    const struct vsw_event *event)
{
    return event->heap_pos ? engine->heap[event->heap_pos].at_ps : VSW_NEVER;
}

/* Whether 'event' is scheduled for 'at_ps' with 'priority'. */
VSW_API bool vsw_engine_is_scheduled(const struct vsw_engine *engine,
                                     const struct vsw_event *event,
                                     uint64_t at_ps, uint32_t priority);

/* Fires all events before 'end_ps', at most 'n_max', and returns how many
 * fired.  With none left before 'end_ps', now becomes 'end_ps'.  Not to be
 * called by an event that fires. */
VSW_API uint64_t vsw_engine_run(struct vsw_engine *engine, uint64_t end_ps,
                                uint64_t n_max);

VSW_EXTERN_C_END

#endif
