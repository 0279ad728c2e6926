#include "io/run/make_classes.h"

#include <stdlib.h>

#include <vswsim/fivetuple.h>

/* What is not IPv4 is of class 0, as in the rules of switches. */
static uint8_t
class_of(const struct vsw_acl *rules, const struct vsw_workload_flow *flow)
{
    struct vsw_flowkey key;
    struct vsw_fivetuple tuple;

    vsw_flowkey_extract(&key, flow->header, flow->header_bytes, 0, NULL);
    return vsw_fivetuple_from_key(&tuple, &key)
               ? vsw_acl_search(rules, &tuple, NULL).verdict
               : 0;
}

static uint32_t
n_classes(const struct vsw_acl *rules)
{
    uint32_t n = 1;

    for (uint32_t i = 0; i < rules->n_rules; i++) {
        uint32_t class_ = vsw_acl_rule_at(rules, i)->verdict;

        n = class_ + 1 > n ? class_ + 1 : n;
    }
    return n;
}

uint8_t *
vsw_make_classes(struct vsw_outcome *outcome, const struct vsw_acl *rules,
                 const struct vsw_workload *workload)
{
    uint32_t n = n_classes(rules);
    uint8_t *classes = calloc((size_t) workload->n_flows + 1,
                              sizeof *classes);

    outcome->classes = calloc(n, sizeof *outcome->classes);
    if (!classes || !outcome->classes) {
        free(classes);
        return NULL;
    }
    outcome->n_classes = n;
    for (uint32_t i = 0; i < n; i++) {
        vsw_histogram_init(&outcome->classes[i].latency_ps);
    }
    for (uint32_t i = 0; i < workload->n_flows; i++) {
        classes[i] = class_of(rules, &workload->flows[i]);
    }
    return classes;
}
