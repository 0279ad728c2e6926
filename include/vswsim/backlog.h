/* Backlog: a queue of packets that any number of units fill and one empties,
 * as a socket's receive queue or a softirq's backlog is.
 *
 * What is put in carries its unit's local time as a stamp; who takes out sees,
 * at sync, what is stamped by then, in the order of stamps.  The place of a
 * packet is free at once.
 *
 * The limit is relaxed state: a unit that puts sees what others did in calls
 * that ran earlier, which may be off by what happens within a quantum.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_BACKLOG_H
#define VSWSIM_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

struct vsw_backlog_item {
    uint64_t stamp_ps;
    uint32_t pkt;
    uint32_t tag;               /* For the owner's use. */
};

struct vsw_backlog {
    struct vsw_backlog_item *items;
    uint32_t mask;
    uint32_t head;              /* Free-running. */
    uint32_t tail;
    uint32_t limit_pkts;
    uint32_t max_held_pkts;     /* The whole run. */
};

/* Makes a queue for up to 'limit_pkts' (1 to 2^20).  Returns 0 or -ENOMEM. */
VSW_API int vsw_backlog_init(struct vsw_backlog *backlog,
                             uint32_t limit_pkts);
VSW_API void vsw_backlog_fini(struct vsw_backlog *backlog);

/* Puts 'pkt' in at the local time of 'unit'.  Returns false, and does nothing,
 * if the queue is full. */
VSW_API bool vsw_backlog_put(struct vsw_backlog *backlog,
                             const struct vsw_unit *unit, uint32_t pkt,
                             uint32_t tag);

/* The packets, whoever sees them. */
static inline uint32_t
vsw_backlog_n_held(const struct vsw_backlog *backlog)
{
    return backlog->tail - backlog->head;
}

/* When the first packet is seen; VSW_NEVER if there is none. */
static inline uint64_t
vsw_backlog_ready_ps(const struct vsw_backlog *backlog)
{
    return backlog->head == backlog->tail
               ? VSW_NEVER
               : backlog->items[backlog->head & backlog->mask].stamp_ps;
}

/* Takes the first packet out if it is seen at 'sync_ps'; false if not. */
static inline bool
vsw_backlog_take(struct vsw_backlog *backlog, uint64_t sync_ps,
                 struct vsw_backlog_item *item)
{
    if (vsw_backlog_ready_ps(backlog) > sync_ps) {
        return false;
    }
    *item = backlog->items[backlog->head & backlog->mask];
    backlog->head++;
    return true;
}

VSW_EXTERN_C_END

#endif
