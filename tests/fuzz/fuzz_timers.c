/* Timers under any order of events: no packet is lost or left without a
 * timer, and nothing fires too early or too often.
 *
 * The first bytes are parameters; then each pair of bytes is an event and
 * the time since the one before. */
#include <stdlib.h>

#include <vswsim/batch.h>
#include <vswsim/irqmod.h>
#include <vswsim/rx_timer.h>
#include <vswsim/tx_timer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

struct input {
    const uint8_t *p;
    const uint8_t *end;
    uint64_t now_ns;
};

struct event {
    unsigned what;
    unsigned n;
};

static void
check(int claim)
{
    if (!claim) {
        abort();
    }
}

static unsigned
next_byte(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

/* Time steps from nothing to centuries, up to the end of time. */
static struct event
next_event(struct input *in)
{
    unsigned what = next_byte(in);
    uint64_t step_ns = (uint64_t) next_byte(in) << (what >> 5) * 8;

    in->now_ns = step_ns > UINT64_MAX - in->now_ns ? UINT64_MAX
                                                   : in->now_ns + step_ns;
    return (struct event) { what & 3, what >> 2 & 7 };
}

static void
fuzz_batch(struct input *in)
{
    struct vsw_batch b;
    uint32_t n_waiting = 0;

    vsw_batch_init(&b, 1 + next_byte(in) % 16, next_byte(in));
    while (in->p < in->end) {
        struct event e = next_event(in);

        if (e.what < 3) {
            enum vsw_batch_verdict verdict = vsw_batch_add(&b, in->now_ns);

            n_waiting++;
            check((verdict == VSW_BATCH_FLUSH)
                  == (n_waiting == b.max_pkts));
            check((verdict == VSW_BATCH_ARM)
                  == (n_waiting == 1 && b.max_pkts > 1));
            check(verdict != VSW_BATCH_ARM || b.deadline_ns >= in->now_ns);
            n_waiting %= b.max_pkts;
        } else {
            uint32_t n = vsw_batch_expire(&b, in->now_ns);

            check(n == (in->now_ns >= b.deadline_ns ? n_waiting : 0));
            n_waiting -= n;
        }
        check(b.n_pkts == n_waiting);
    }
}

static void
fuzz_irqmod(struct input *in)
{
    struct vsw_irqmod m;
    uint64_t last_ns = 0;
    int has_raised = 0;
    int n_unreported = 0;

    vsw_irqmod_init(&m, next_byte(in));
    while (in->p < in->end) {
        int raised;

        if (next_event(in).what < 2) {
            n_unreported++;
            raised = vsw_irqmod_event(&m, in->now_ns) == VSW_IRQMOD_RAISE;
        } else {
            raised = vsw_irqmod_expire(&m, in->now_ns);
        }
        if (raised) {
            /* At the end of time, deadlines stand still. */
            check(!has_raised || in->now_ns - last_ns >= m.min_gap_ns
                  || in->now_ns == UINT64_MAX);
            check(n_unreported > 0);
            has_raised = 1;
            last_ns = in->now_ns;
            n_unreported = 0;
        }
        check(m.is_pending == (n_unreported > 0));
    }
}

/* What may be taken from a transmit ring, and what then must be so. */
static void
tx_expired(const struct vsw_tx_timer *t, enum vsw_tx_expiry expiry,
           uint32_t *n_pending)
{
    check((expiry == VSW_TX_SWITCH) <= (*n_pending > 0));
    check(expiry != VSW_TX_OFF || (*n_pending == 0 && !t->is_on));
    check((expiry == VSW_TX_WAIT) <= t->is_due);
    if (expiry == VSW_TX_SWITCH) {
        check(!t->is_on);
        *n_pending = 0;
    }
}

static void
fuzz_tx(struct input *in)
{
    unsigned options = next_byte(in);
    const struct vsw_tx_timer_rule rule = {
        .hold_ns = next_byte(in), .max_pending_pkts = 1 + next_byte(in) % 8,
        .late = (enum vsw_tx_late) (options & 1),
        .empty = (enum vsw_tx_empty) (options >> 1 & 1) };
    struct vsw_tx_timer t;
    uint32_t n_pending = 0;

    vsw_tx_timer_init(&t, &rule);
    while (in->p < in->end) {
        struct event e = next_event(in);

        if (e.what == 0) {
            n_pending++;
            if (vsw_tx_timer_enqueue(&t, n_pending) == VSW_TX_ENTER) {
                check(vsw_tx_timer_start(&t, in->now_ns) >= in->now_ns);
                n_pending = 0;
            }
        } else if (e.what == 1) {
            tx_expired(&t, vsw_tx_timer_expire(&t, n_pending, e.n & 1,
                                               in->now_ns), &n_pending);
        } else if (e.what == 2) {
            tx_expired(&t, vsw_tx_timer_sender_runs(&t, n_pending,
                                                    in->now_ns), &n_pending);
        } else {
            n_pending -= e.n < n_pending ? e.n : n_pending;
        }
        check(n_pending == 0 || t.is_on);
        check(n_pending < rule.max_pending_pkts);
        check(t.is_on || !t.is_due);
    }
}

static void
fuzz_rx(struct input *in)
{
    unsigned options = next_byte(in);
    const struct vsw_rx_timer_rule rule = {
        .hold_ns = next_byte(in), .quiet_ns = next_byte(in),
        .max_queued_pkts = 1 + next_byte(in) % 8,
        .max_copies = next_byte(in) % 4,
        .bound = (enum vsw_rx_bound) (options & 1),
        .quiet_leaves_on = options >> 1 & 1 };
    struct vsw_rx_timer t;
    uint32_t n_queued = 0, n_unseen = 0;

    vsw_rx_timer_init(&t, &rule);
    while (in->p < in->end) {
        struct event e = next_event(in);
        uint32_t n = e.n < n_queued ? e.n : n_queued;

        if (e.what < 2) {
            struct vsw_rx_decision d = vsw_rx_timer_put(
                &t, ++n_queued, e.n == 0, in->now_ns);

            check(d.notify != d.offload);
            check(!d.arm || (t.is_on && t.deadline_ns >= in->now_ns));
            if (d.notify) {
                n_queued -= d.max_copies < n_queued ? d.max_copies
                                                    : n_queued;
                n_unseen = 0;
            }
        } else if (e.what == 2) {
            enum vsw_rx_expiry expiry = vsw_rx_timer_expire(
                &t, n_queued, n_unseen, in->now_ns);

            check((expiry == VSW_RX_NOTIFY) <= (n_queued || n_unseen));
            if (expiry == VSW_RX_NOTIFY) {
                n_queued = n_unseen = 0;
            }
        } else {                            /* An idle core copies some. */
            n_queued -= n;
            n_unseen += n;
        }
        check((n_queued == 0 && n_unseen == 0) || t.is_on);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    struct input in = { data, data + n_bytes, 0 };

    switch (next_byte(&in) & 3) {
    case 0:
        fuzz_batch(&in);
        break;
    case 1:
        fuzz_irqmod(&in);
        break;
    case 2:
        fuzz_tx(&in);
        break;
    default:
        fuzz_rx(&in);
    }
    return 0;
}
