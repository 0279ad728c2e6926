/* NAPI: how long a softirq polls receive rings before it lets others run.
 *
 * A round polls each scheduled ring for at most 'weight_pkts'.  A ring that
 * gives fewer is done, and its interrupt is enabled again; one that gives all
 * of them goes to the end of the list.  The round ends when the list is
 * empty, or 'budget_pkts' packets or 'budget_ns' are used up: then what is
 * left waits for the next softirq ("time squeeze").
 *
 * Source: Linux net/core/dev.c, net_rx_action() and napi_poll(); defaults
 * NAPI_POLL_WEIGHT, net.core.netdev_budget and netdev_budget_usecs.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NAPI_H
#define VSWSIM_NAPI_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

struct vsw_napi_rule {
    uint32_t weight_pkts;       /* Most packets of one poll, >= 1. */
    uint32_t budget_pkts;       /* Packets that end a round, >= 1. */
    uint64_t budget_ns;         /* Time that ends a round. */
};

#define VSW_NAPI_RULE_DEFAULT \
    { .weight_pkts = 64, .budget_pkts = 300, .budget_ns = 2000000 }

/* What becomes of a ring that has been polled. */
enum vsw_napi_verdict {
    VSW_NAPI_COMPLETE,      /* Enable its interrupt; drop it from the list. */
    VSW_NAPI_REPOLL,        /* Put it at the end of the list. */
};

/* One round; in place. */
struct vsw_napi_round {
    const struct vsw_napi_rule *rule;   /* Borrowed. */
    uint32_t left_pkts;
    uint64_t end_ns;
};

/* Starts a round at 'now_ns'; 'rule' must outlive it. */
VSW_API void vsw_napi_begin(struct vsw_napi_round *round,
                            const struct vsw_napi_rule *rule,
                            uint64_t now_ns);

/* A poll took 'n_pkts' (at most the weight) from a ring. */
VSW_API enum vsw_napi_verdict vsw_napi_polled(struct vsw_napi_round *round,
                                              uint32_t n_pkts);

/* Whether the round must end at 'now_ns' although rings are left; to be asked
 * after each poll. */
VSW_API bool vsw_napi_is_exhausted(const struct vsw_napi_round *round,
                                   uint64_t now_ns);

VSW_EXTERN_C_END

#endif
