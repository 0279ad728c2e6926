#include <vswsim/tx_batch.h>

#define PS_PER_NS UINT64_C(1000)

static uint64_t
now_ns(const struct vsw_tx_batch *batch)
{
    return batch->timer.irq.unit->local_ps / PS_PER_NS;
}

void
vsw_tx_batch_init(struct vsw_tx_batch *batch, struct vsw_unit *unit,
                  uint32_t domain, const struct vsw_tx_timer_rule *rule,
                  vsw_timer_fn expired, void *aux)
{
    vsw_tx_timer_init(&batch->policy, rule);
    vsw_timer_init(&batch->timer, unit, domain, expired, aux);
}

bool
vsw_tx_batch_enqueue(const struct vsw_tx_batch *batch, uint32_t n_pending)
{
    return vsw_tx_timer_enqueue(&batch->policy, n_pending) == VSW_TX_ENTER;
}

void
vsw_tx_batch_start(struct vsw_tx_batch *batch)
{
    if (batch->policy.rule->hold_ns > 0) {
        vsw_timer_restart(&batch->timer,
                          vsw_tx_timer_start(&batch->policy, now_ns(batch))
                              * PS_PER_NS);
    }
}

static enum vsw_tx_expiry
arm_again(struct vsw_tx_batch *batch, enum vsw_tx_expiry expiry)
{
    if (expiry == VSW_TX_RESTART) {
        vsw_timer_restart(&batch->timer,
                          batch->policy.deadline_ns * PS_PER_NS);
    }
    return expiry;
}

enum vsw_tx_expiry
vsw_tx_batch_expire(struct vsw_tx_batch *batch, uint32_t n_pending,
                    bool other_guest_runs)
{
    return arm_again(batch, vsw_tx_timer_expire(&batch->policy, n_pending,
                                                other_guest_runs,
                                                now_ns(batch)));
}

enum vsw_tx_expiry
vsw_tx_batch_sender_runs(struct vsw_tx_batch *batch, uint32_t n_pending)
{
    return arm_again(batch, vsw_tx_timer_sender_runs(&batch->policy,
                                                     n_pending,
                                                     now_ns(batch)));
}
