#include <vswsim/batch.h>

#include <assert.h>

#include "policy/deadline.h"

void
vsw_batch_init(struct vsw_batch *b, uint32_t max_pkts, uint64_t hold_ns)
{
    assert(max_pkts >= 1);
    b->max_pkts = max_pkts;
    b->hold_ns = hold_ns;
    b->n_pkts = 0;
    b->deadline_ns = 0;
}

enum vsw_batch_verdict
vsw_batch_add(struct vsw_batch *b, uint64_t now_ns)
{
    b->n_pkts++;
    if (b->n_pkts >= b->max_pkts) {
        b->n_pkts = 0;
        return VSW_BATCH_FLUSH;
    }
    if (b->n_pkts == 1) {
        b->deadline_ns = vsw_deadline_ns(now_ns, b->hold_ns);
        return VSW_BATCH_ARM;
    }
    return VSW_BATCH_HOLD;
}

uint32_t
vsw_batch_expire(struct vsw_batch *b, uint64_t now_ns)
{
    if (now_ns < b->deadline_ns) {
        return 0;
    }
    return vsw_batch_close(b);
}

uint32_t
vsw_batch_close(struct vsw_batch *b)
{
    uint32_t n_pkts = b->n_pkts;

    b->n_pkts = 0;
    return n_pkts;
}
