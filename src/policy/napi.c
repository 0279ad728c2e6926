#include <vswsim/napi.h>

#include <assert.h>

#include "policy/deadline.h"

void
vsw_napi_begin(struct vsw_napi_round *round,
               const struct vsw_napi_rule *rule, uint64_t now_ns)
{
    assert(rule->weight_pkts >= 1 && rule->budget_pkts >= 1);
    round->rule = rule;
    round->left_pkts = rule->budget_pkts;
    round->end_ns = vsw_deadline_ns(now_ns, rule->budget_ns);
}

enum vsw_napi_verdict
vsw_napi_polled(struct vsw_napi_round *round, uint32_t n_pkts)
{
    uint32_t weight_pkts = round->rule->weight_pkts;

    assert(n_pkts <= weight_pkts);
    /* As in Linux, the last poll may overdraw the budget. */
    round->left_pkts -= n_pkts < round->left_pkts ? n_pkts
                                                  : round->left_pkts;
    return n_pkts < weight_pkts ? VSW_NAPI_COMPLETE : VSW_NAPI_REPOLL;
}

bool
vsw_napi_is_exhausted(const struct vsw_napi_round *round, uint64_t now_ns)
{
    return round->left_pkts == 0 || now_ns >= round->end_ns;
}
