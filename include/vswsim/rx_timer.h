/* Receive batching timer of a Hyper-Switch vNIC.
 *
 * Packets that were switched to a guest wait on its internal queue, to be
 * copied by an idle core or, in batches, by the guest's own cpu when it is
 * notified.  Three exceptions notify at once: the guest is blocked; the queue
 * is long; or nothing was sent to it for a while.
 *
 * Source: Ram, PhD thesis, Rice University, §4.3-4.4.  Where the thesis
 * leaves a point open, the rule has a member for it.
 *
 * Thread-safety: none; a timer belongs to its vNIC. */
#ifndef VSWSIM_RX_TIMER_H
#define VSWSIM_RX_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Open point: which immediate notifications bound the preemptive copy. */
enum vsw_rx_bound {
    VSW_RX_BOUND_BLOCKED,       /* To a guest that was blocked (default). */
    VSW_RX_BOUND_IMMEDIATE,     /* All. */
};

struct vsw_rx_timer_rule {
    uint64_t hold_ns;           /* Longest wait of a packet. */
    uint64_t quiet_ns;          /* Time without a notification after which a
                                 * packet is notified at once. */
    uint32_t max_queued_pkts;   /* Queue length that ends the wait, >= 1. */
    uint32_t max_copies;        /* Packets that the guest copies itself after
                                 * a bounded notification ("K", which the
                                 * thesis does not give). */
    enum vsw_rx_bound bound;
    bool quiet_leaves_on;       /* Open point: whether the notification after
                                 * a quiet time starts the timer. */
};

#define VSW_RX_TIMER_RULE_DEFAULT                                            \
    { .hold_ns = 125000, .quiet_ns = 125000, .max_queued_pkts = 64,          \
      .max_copies = 16, .bound = VSW_RX_BOUND_BLOCKED,                       \
      .quiet_leaves_on = true }

struct vsw_rx_timer {
    const struct vsw_rx_timer_rule *rule;   /* Borrowed. */
    uint64_t deadline_ns;                   /* Meaningful while on. */
    uint64_t last_note_ns;                  /* Meaningful if 'has_noted'. */
    bool is_on;
    bool has_noted;
};

enum vsw_rx_reason {
    VSW_RX_WAIT,            /* None: the packet stays queued. */
    VSW_RX_BLOCKED,         /* The guest is blocked (exception 2). */
    VSW_RX_LONG_QUEUE,      /* The queue is long (exception 1). */
    VSW_RX_QUIET,           /* No back-to-back notifications (exception 3). */
};

/* What to do after a packet was put on the queue. */
struct vsw_rx_decision {
    enum vsw_rx_reason reason;
    bool notify;            /* Notify the guest now. */
    bool offload;           /* Now ask an idle core to copy. */
    bool arm;               /* Call vsw_rx_timer_expire() at 'deadline_ns'. */
    uint32_t max_copies;    /* If 'notify': most packets that the guest's cpu
                             * copies on delivery; the rest is for an idle
                             * core.  UINT32_MAX: all, as always when the timer
                             * stays off. */
};

enum vsw_rx_expiry {
    VSW_RX_STALE,           /* Nothing: too early, or the timer is off. */
    VSW_RX_OFF,             /* Nothing to tell the guest; it is off. */
    VSW_RX_NOTIFY,          /* Notify; the guest's cpu copies all; off. */
};

/* Makes 't' off, with no notification yet; 'rule' must outlive it. */
VSW_API void vsw_rx_timer_init(struct vsw_rx_timer *t,
                               const struct vsw_rx_timer_rule *rule);

/* A packet was put on the queue, which now holds 'n_queued' (>= 1), at
 * 'now_ns', which must not run backward between calls. */
VSW_API struct vsw_rx_decision vsw_rx_timer_put(struct vsw_rx_timer *t,
                                                uint32_t n_queued,
                                                bool guest_is_blocked,
                                                uint64_t now_ns);

/* The timer fires at 'now_ns'.  'n_unseen' is the number of packets in the
 * receive ring that were copied there since the last notification.  A stale
 * call does no harm, so a timer that was restarted needs no cancelling. */
VSW_API enum vsw_rx_expiry vsw_rx_timer_expire(struct vsw_rx_timer *t,
                                               uint32_t n_queued,
                                               uint32_t n_unseen,
                                               uint64_t now_ns);

/* Packets were left that nobody has told the guest of, because a ring was
 * locked or full: turns the timer on if it is off.  Returns true if it did:
 * call vsw_rx_timer_expire() at 'deadline_ns'. */
VSW_API bool vsw_rx_timer_leave(struct vsw_rx_timer *t, uint64_t now_ns);

VSW_EXTERN_C_END

#endif
