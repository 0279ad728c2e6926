#include <vswsim/rx_batch.h>

#include <vswsim/sim.h>

#define PS_PER_NS UINT64_C(1000)

void
vsw_rx_batch_init(struct vsw_rx_batch *batch, struct vsw_unit *unit,
                  uint32_t domain, const struct vsw_rx_timer_rule *rule,
                  vsw_timer_fn expired, void *aux)
{
    vsw_rx_timer_init(&batch->policy, rule);
    vsw_timer_init(&batch->timer, unit, domain, expired, aux);
}

static void
arm(struct vsw_rx_batch *batch)
{
    vsw_timer_restart(&batch->timer, batch->policy.deadline_ns * PS_PER_NS);
}

struct vsw_rx_decision
vsw_rx_batch_put(struct vsw_rx_batch *batch, const struct vsw_unit *unit,
                 uint32_t n_queued, bool guest_is_blocked)
{
    struct vsw_rx_decision decision;

    vsw_sim_expect_sync(unit);
    if (batch->policy.rule->hold_ns == 0) {
        return (struct vsw_rx_decision) {
            .reason = VSW_RX_QUIET, .notify = true, .max_copies = UINT32_MAX,
        };
    }
    decision = vsw_rx_timer_put(&batch->policy, n_queued, guest_is_blocked,
                                unit->sync_ps / PS_PER_NS);
    if (decision.arm) {
        arm(batch);
    }
    return decision;
}

enum vsw_rx_expiry
vsw_rx_batch_expire(struct vsw_rx_batch *batch, uint32_t n_queued,
                    uint32_t n_unseen)
{
    return vsw_rx_timer_expire(&batch->policy, n_queued, n_unseen,
                               batch->timer.irq.unit->sync_ps / PS_PER_NS);
}

void
vsw_rx_batch_leave(struct vsw_rx_batch *batch, const struct vsw_unit *unit)
{
    vsw_sim_expect_sync(unit);
    if (vsw_rx_timer_leave(&batch->policy, unit->sync_ps / PS_PER_NS)) {
        arm(batch);
    }
}
