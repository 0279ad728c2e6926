/* Congestion cap: a limit to the packets that a vNIC has in flight.
 *
 * At the cap, a vNIC either is not served any more, and idle cores pass over
 * it, until its packets have gone; or, against receivers that hold packets
 * on purpose, each new packet takes the place of the oldest.
 *
 * Source: Ram, PhD thesis, Rice University, §4.6 (future work).
 *
 * Thread-safety: none. */
#ifndef VSWSIM_CONGESTION_H
#define VSWSIM_CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_CONGESTION_NO_VNIC UINT32_MAX

enum vsw_congestion_at_cap {
    VSW_CONGESTION_STOP,            /* Consume no more descriptors. */
    VSW_CONGESTION_DROP_OLDEST,     /* Drop the oldest packet in flight. */
};

struct vsw_congestion_rule {
    uint32_t max_in_flight;     /* Cap of each vNIC, >= 1. */
    uint32_t resume_at;         /* A stopped vNIC goes on when it has no more
                                 * than these in flight; below the cap. */
    enum vsw_congestion_at_cap at_cap;
    bool masks;                 /* Whether idle cores pass over stopped
                                 * vNICs. */
};

/* For a cap of 'n', which the thesis does not give. */
#define VSW_CONGESTION_RULE_DEFAULT(n)                                       \
    { .max_in_flight = (n), .resume_at = (n) - 1,                            \
      .at_cap = VSW_CONGESTION_STOP, .masks = true }

enum vsw_congestion_verdict {
    VSW_CONGESTION_ADMIT,       /* Take the packet: it is counted. */
    VSW_CONGESTION_REFUSE,      /* Leave it in the ring. */
    VSW_CONGESTION_REPLACE,     /* Drop the vNIC's oldest, take this one: the
                                 * count stays, no release for the oldest. */
};

struct vsw_congestion;

/* Makes a state for 'n_vnics' (>= 1) with nothing in flight; 'rule' is
 * copied.  Returns NULL, with 'arena' unchanged, if it does not fit or
 * 'rule' has a cap of 0 or 'resume_at' not below it. */
VSW_API struct vsw_congestion *
vsw_congestion_new(struct vsw_arena *arena,
                   const struct vsw_congestion_rule *rule, uint32_t n_vnics);

/* Asks to take one packet of 'vnic'. */
VSW_API enum vsw_congestion_verdict
vsw_congestion_admit(struct vsw_congestion *c, uint32_t vnic,
                     struct vsw_memobs *obs);

/* A packet of 'vnic' that was admitted is delivered or dropped. */
VSW_API void vsw_congestion_release(struct vsw_congestion *c, uint32_t vnic,
                                    struct vsw_memobs *obs);

/* Packets of 'vnic' in flight. */
VSW_API uint32_t vsw_congestion_in_flight(const struct vsw_congestion *c,
                                          uint32_t vnic,
                                          struct vsw_memobs *obs);

/* The first vNIC from 'vnic' on that an idle core should look at, or
 * VSW_CONGESTION_NO_VNIC if there is none up to the last. */
VSW_API uint32_t vsw_congestion_next(const struct vsw_congestion *c,
                                     uint32_t vnic, struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
