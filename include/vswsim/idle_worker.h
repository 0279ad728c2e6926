/* Idle worker: an idle CPU that does packet work for others.
 *
 * The wrapper of idle_loop.h for simulated CPUs: it looks at a ring of
 * requests and at the transmit rings, does one packet per call, and between
 * two packets everything else on the CPU goes first, so give it the largest
 * priority number of its unit.  Having found nothing, it polls until the
 * hysteresis is over and then blocks; it blocks through a doze (notify.h), so
 * whoever publishes to one of its rings kicks it if 'doze.wanted' says so.
 * While it polls, vsw_idle_worker_look() does for rings that others watch.
 *
 * A step that finds its ring locked says so, and the ring is left alone for
 * the rest of the pass; the next pass begins a nanosecond later or more.
 *
 * Policies count in nanoseconds: deadlines are rounded to whole ones.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_IDLE_WORKER_H
#define VSWSIM_IDLE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/idle_loop.h>
#include <vswsim/notify.h>
#include <vswsim/ring.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_IDLE_WORKER_MAX_SOURCES 513

enum vsw_idle_result {
    VSW_IDLE_LOCKED,        /* The ring is in the hands of another. */
    VSW_IDLE_NOTHING,       /* There was nothing to do after all; what said so
                             * is taken off the ring. */
    VSW_IDLE_MORE,          /* Not finished: call again at local time, for the
                             * same packet, before anything else on the CPU
                             * but interrupts. */
    VSW_IDLE_DONE,          /* One packet is done. */
};

/* Does one packet of 'ring', which holds something: of the request at its
 * head, or of a transmit ring.  Called at sync. */
typedef enum vsw_idle_result (*vsw_idle_packet_fn)(void *owner,
                                                   struct vsw_worker *worker,
                                                   struct vsw_ring *ring);

struct vsw_idle_worker {
    struct vsw_worker worker;       /* Its 'owner' is this object. */
    struct vsw_idle_loop loop;
    struct vsw_doze doze;
    struct vsw_source *sources;     /* Borrowed; the first holds requests. */
    uint32_t n_sources;
    uint32_t next;                  /* Transmit ring to look at next. */
    vsw_idle_packet_fn copy;
    vsw_idle_packet_fn switch_packet;
    void *owner;
    vsw_idle_packet_fn in_hand;     /* Of the packet that is not finished, or
                                     * NULL; ... */
    uint32_t in_hand_source;        /* ... and its source. */
    bool worked;                    /* In this pass. */
    bool asleep;
    bool is_locked[VSW_IDLE_WORKER_MAX_SOURCES];    /* Found so in it. */
    uint64_t n_packets;             /* The whole run. */
};

/* Starts 'iw' on 'unit' in 'domain'.  All 'n_sources' are filled rings; an
 * empty look costs one 'empty_cost'.  Returns 0 or -ENOMEM. */
VSW_API int vsw_idle_worker_start(struct vsw_idle_worker *iw,
                                  struct vsw_unit *unit, uint32_t domain,
                                  uint32_t priority,
                                  struct vsw_source *sources,
                                  uint32_t n_sources, uint32_t empty_cost,
                                  uint64_t hysteresis_ns,
                                  vsw_idle_packet_fn copy,
                                  vsw_idle_packet_fn switch_packet,
                                  void *owner);

/* Something was published to a transmit ring.  A ring knows of one watcher
 * only, and many idle CPUs may poll it: this tells another of them. */
VSW_API void vsw_idle_worker_look(const struct vsw_idle_worker *iw);

VSW_EXTERN_C_END

#endif
