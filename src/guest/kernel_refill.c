/* How a guest's kernel posts receive buffers again.
 *
 * Without a target, buffers go back and others are posted when 64 slots have
 * been taken out, and at the end of a poll.
 *
 * With a target, as netfront has: the driver takes what was there when it
 * began to look, then considers posting, and then looks again.  It posts as
 * many buffers as the target lacks, but not before that is half of it.  The
 * target doubles if less than a quarter of it is left for the other side at
 * that time, and shrinks by one whenever more than three quarters are.  So a
 * driver that grants buffers does it in batches.  What it took out it gives
 * back at once, a batch for each look: the stack is not to get a page that the
 * other side can still write to, and an application may free it before the
 * target lacks enough.
 *
 * Source: xennet_alloc_rx_buffers() and the end of xennet_poll() in
 * drivers/net/xen-netfront.c, Linux 2.6.23 to 3.17; the same in 2.6.18-xen.
 *
 * Left out: buffers that are allocated ahead of the batch, and allocations
 * that fail. */
#include "guest/kernel_impl.h"

/* Slots that are posted again together without a target. */
#define POST_SLOTS 64

void
vsw_kernel_init_refill(struct vsw_kernel *k)
{
    if (k->sw->rx_min_bufs > 0) {
        k->refill.target = vsw_ring_credits(&k->queue->rx, 0);
    }
}

void
vsw_kernel_note_pass(struct vsw_kernel *k)
{
    if (!k->refill.in_pass) {
        k->refill.in_pass = true;
        k->refill.pass_end = k->queue->rx.fills.seen;
    }
}

bool
vsw_kernel_must_refill(const struct vsw_kernel *k)
{
    if (k->refill.target == 0) {
        return k->refill.n_taken >= POST_SLOTS;
    }
    return k->refill.in_pass && k->queue->rx.popped == k->refill.pass_end;
}

/* Slots without a buffer. */
static uint32_t
n_empty(const struct vsw_kernel *k)
{
    return k->queue->rx.popped - k->queue->rx.frees.done;
}

/* Buffers that the driver has posted and not taken out. */
static uint32_t
n_posted(const struct vsw_kernel *k)
{
    return k->queue->rx.mask + 1 - n_empty(k);
}

/* Of these, those that the other side had not filled at the last look. */
static uint32_t
n_unfilled(const struct vsw_kernel *k)
{
    const struct vsw_ring *ring = &k->queue->rx;

    return n_posted(k) - (ring->fills.seen - ring->popped);
}

static uint32_t
min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The other side has plenty. */
static void
shrink_target(struct vsw_kernel *k)
{
    uint32_t least = min(k->sw->rx_min_bufs, k->queue->rx.mask + 1);
    uint32_t *target = &k->refill.target;

    if (n_unfilled(k) > *target * 3 / 4 && *target > least) {
        (*target)--;
    }
}

/* The other side risked running out. */
static void
grow_target(struct vsw_kernel *k)
{
    uint32_t most = min(k->sw->rx_max_bufs, k->queue->rx.mask + 1);
    uint32_t *target = &k->refill.target;

    if (n_unfilled(k) < *target / 4) {
        *target = min(*target * 2, most);
    }
}

/* How many buffers the driver that has a target posts now. */
static uint32_t
n_wanted(struct vsw_kernel *k)
{
    uint32_t target, n;

    shrink_target(k);
    target = k->refill.target;
    n = target > n_posted(k) ? target - n_posted(k) : 0;
    if (n < target / 2) {
        return 0;
    }
    grow_target(k);
    return n;
}

void
vsw_kernel_refill(struct vsw_kernel *k)
{
    struct kernel_refill *r = &k->refill;
    const struct vsw_ring *ring = &k->queue->rx;

    if (r->target > 0 && !r->in_pass) {
        return;                 /* Nothing has changed since the last time. */
    }
    r->in_pass = false;
    r->n_to_post = r->target > 0 ? n_wanted(k) : n_empty(k);
    if (r->n_taken > 0) {
        vsw_kernel_ask(k, KERNEL_OP_RX_DONE,
                       (ring->popped - r->n_taken) & ring->mask, r->n_taken);
    }
}

void
vsw_kernel_refill_next(struct vsw_kernel *k)
{
    k->refill.n_taken = 0;
    if (k->refill.n_to_post > 0) {
        k->op = KERNEL_OP_RX_GRANT;
        k->op_slot = k->queue->rx.frees.done & k->queue->rx.mask;
        k->op_n_slots = k->refill.n_to_post;
    }
}

void
vsw_kernel_refill_done(struct vsw_kernel *k)
{
    vsw_ring_free_some(&k->queue->rx, k->refill.n_to_post, k->unit->local_ps);
}
