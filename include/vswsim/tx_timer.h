/* Transmit batching timer of a Hyper-Switch vNIC.
 *
 * While the timer is on, the guest leaves packets in its transmit ring and
 * does not enter the hypervisor, unless the ring holds 'max_pending_pkts'.
 * How many are pending is the ring's occupancy, since an idle core may have
 * taken some: the caller passes it in.
 *
 * Source: Ram, PhD thesis, Rice University, §4.3-4.4.  Where the thesis
 * leaves a point open, the rule has a member for it.
 *
 * Thread-safety: none; a timer belongs to its vNIC. */
#ifndef VSWSIM_TX_TIMER_H
#define VSWSIM_TX_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* Open point: the timer fires while another guest runs on the sender's cpu. */
enum vsw_tx_late {
    VSW_TX_LATE_WAIT,       /* Served when the sender next runs (default;
                             * §4.3.5 names the delay that follows). */
    VSW_TX_LATE_AT_ONCE,    /* Served on that cpu, at that guest's expense. */
};

/* Open point: the timer fires with nothing pending. */
enum vsw_tx_empty {
    VSW_TX_EMPTY_OFF,       /* It goes off (default). */
    VSW_TX_EMPTY_RESTART,   /* It runs on for another period. */
};

struct vsw_tx_timer_rule {
    uint64_t hold_ns;               /* Longest wait of a packet. */
    uint32_t max_pending_pkts;      /* Occupancy that ends the wait, >= 1. */
    enum vsw_tx_late late;
    enum vsw_tx_empty empty;
};

#define VSW_TX_TIMER_RULE_DEFAULT                                            \
    { .hold_ns = 125000, .max_pending_pkts = 64,                             \
      .late = VSW_TX_LATE_WAIT, .empty = VSW_TX_EMPTY_OFF }

struct vsw_tx_timer {
    const struct vsw_tx_timer_rule *rule;   /* Borrowed. */
    uint64_t deadline_ns;                   /* Meaningful while on. */
    bool is_on;
    bool is_due;            /* Has fired; waits for the sender to run. */
};

enum vsw_tx_enqueue {
    VSW_TX_LEAVE,           /* Return to the guest. */
    VSW_TX_ENTER,           /* Enter the hypervisor: vsw_tx_timer_start(),
                             * then switch all that is pending. */
};

enum vsw_tx_expiry {
    VSW_TX_STALE,           /* Nothing: too early, or the timer is off. */
    VSW_TX_OFF,             /* Nothing was pending; the timer is off. */
    VSW_TX_RESTART,         /* Nothing was pending; call vsw_tx_timer_expire()
                             * again at 'deadline_ns'. */
    VSW_TX_SWITCH,          /* Switch all that is pending; it is off. */
    VSW_TX_WAIT,            /* Call vsw_tx_timer_sender_runs() before the
                             * sender runs again. */
};

/* Makes 't' off; 'rule' must outlive it. */
VSW_API void vsw_tx_timer_init(struct vsw_tx_timer *t,
                               const struct vsw_tx_timer_rule *rule);

/* The guest has put a packet into its ring, which now holds 'n_pending'. */
VSW_API enum vsw_tx_enqueue vsw_tx_timer_enqueue(const struct vsw_tx_timer *t,
                                                 uint32_t n_pending);

/* Turns the timer on, or restarts it; to be called in the hypervisor just
 * before it switches.  Returns when to call vsw_tx_timer_expire(). */
VSW_API uint64_t vsw_tx_timer_start(struct vsw_tx_timer *t, uint64_t now_ns);

/* The timer fires at 'now_ns', with 'n_pending' packets in the ring.
 * 'other_guest_runs' tells whether another guest than the sender runs on the
 * sender's cpu.  A stale call does no harm, so a timer that was restarted
 * needs no cancelling. */
VSW_API enum vsw_tx_expiry vsw_tx_timer_expire(struct vsw_tx_timer *t,
                                               uint32_t n_pending,
                                               bool other_guest_runs,
                                               uint64_t now_ns);

/* The sender's vCPU is about to run.  Answers as vsw_tx_timer_expire() if the
 * timer fired meanwhile, else VSW_TX_STALE. */
VSW_API enum vsw_tx_expiry vsw_tx_timer_sender_runs(struct vsw_tx_timer *t,
                                                    uint32_t n_pending,
                                                    uint64_t now_ns);

VSW_EXTERN_C_END

#endif
