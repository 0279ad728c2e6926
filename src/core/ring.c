#include <vswsim/ring.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
log_init(struct vsw_ring_log *log, uint32_t n_slots)
{
    log->stamp_ps = calloc(n_slots, sizeof *log->stamp_ps);
    log->upto = calloc(n_slots, sizeof *log->upto);
    return log->stamp_ps && log->upto ? 0 : -ENOMEM;
}

static void
log_fini(struct vsw_ring_log *log)
{
    free(log->stamp_ps);
    free(log->upto);
}

int
vsw_ring_init(struct vsw_ring *ring, uint32_t n_slots)
{
    assert(n_slots > 0 && (n_slots & (n_slots - 1)) == 0);
    memset(ring, 0, sizeof *ring);
    ring->mask = n_slots - 1;
    ring->slots = calloc(n_slots, sizeof *ring->slots);
    if (!ring->slots || log_init(&ring->fills, n_slots)
        || log_init(&ring->frees, n_slots)) {
        vsw_ring_fini(ring);
        return -ENOMEM;
    }
    return 0;
}

void
vsw_ring_fini(struct vsw_ring *ring)
{
    free(ring->slots);
    log_fini(&ring->fills);
    log_fini(&ring->frees);
    memset(ring, 0, sizeof *ring);
}

/* Lets the other side see what is stamped at or before 'sync_ps'. */
static void
log_look(struct vsw_ring_log *log, uint32_t mask, uint64_t sync_ps)
{
    while (log->head != log->tail
           && log->stamp_ps[log->head & mask] <= sync_ps) {
        log->seen = log->upto[log->head & mask];
        log->head++;
    }
}

/* An entry covers at least one slot that the other side has not seen, so
 * there are never more entries than slots. */
static void
log_publish(struct vsw_ring_log *log, uint32_t mask, uint32_t upto,
            uint64_t stamp_ps)
{
    uint32_t last = (log->tail - 1) & mask;
    struct vsw_unit *watcher = log->watcher;

    if (upto == log->done) {
        return;
    }
    assert(log->head == log->tail || log->stamp_ps[last] <= stamp_ps);
    if (log->head != log->tail && log->stamp_ps[last] == stamp_ps) {
        log->upto[last] = upto;
    } else {
        assert(log->tail - log->head <= mask);
        log->stamp_ps[log->tail & mask] = stamp_ps;
        log->upto[log->tail & mask] = upto;
        log->tail++;
    }
    log->done = upto;
    if (watcher && vsw_unit_next_ps(watcher) >= stamp_ps) {
        vsw_unit_reschedule(watcher);
    }
}

/* Stamp from which at least 'n' slots past 'from' are seen. */
static uint64_t
log_ready_ps(const struct vsw_ring_log *log, uint32_t mask, uint32_t from,
             uint32_t n)
{
    if ((int32_t) (log->seen - from) >= (int32_t) n) {
        return 0;
    }
    for (uint32_t i = log->head; i != log->tail; i++) {
        if ((int32_t) (log->upto[i & mask] - from) >= (int32_t) n) {
            return log->stamp_ps[i & mask];
        }
    }
    return VSW_NEVER;
}

uint32_t
vsw_ring_credits(struct vsw_ring *ring, uint64_t sync_ps)
{
    log_look(&ring->frees, ring->mask, sync_ps);
    return ring->mask + 1 - (ring->filled - ring->frees.seen);
}

void
vsw_ring_publish(struct vsw_ring *ring, uint64_t stamp_ps)
{
    log_publish(&ring->fills, ring->mask, ring->filled, stamp_ps);
}

void
vsw_ring_publish_upto(struct vsw_ring *ring, uint32_t upto, uint64_t stamp_ps)
{
    assert(upto - ring->fills.done <= ring->filled - ring->fills.done);
    log_publish(&ring->fills, ring->mask, upto, stamp_ps);
}

uint32_t
vsw_ring_visible(struct vsw_ring *ring, uint64_t sync_ps)
{
    log_look(&ring->fills, ring->mask, sync_ps);
    return ring->fills.seen - ring->popped;
}

void
vsw_ring_free(struct vsw_ring *ring, uint64_t stamp_ps)
{
    log_publish(&ring->frees, ring->mask, ring->popped, stamp_ps);
}

void
vsw_ring_free_some(struct vsw_ring *ring, uint32_t n, uint64_t stamp_ps)
{
    assert(n <= ring->popped - ring->frees.done);
    log_publish(&ring->frees, ring->mask, ring->frees.done + n, stamp_ps);
}

void
vsw_ring_withhold(struct vsw_ring *ring, uint32_t n)
{
    assert(ring->filled == 0 && ring->frees.done == 0 && n <= ring->mask + 1);
    ring->frees.done = 0u - n;
    ring->frees.seen = 0u - n;
}

uint64_t
vsw_ring_ready_ps(const struct vsw_ring *ring, bool frees, uint32_t n)
{
    if (frees) {
        /* Slot number 'filled + n' is free once 'filled + n - size' is. */
        return log_ready_ps(&ring->frees, ring->mask,
                            ring->filled - (ring->mask + 1), n);
    }
    return log_ready_ps(&ring->fills, ring->mask, ring->popped, n);
}

static bool
log_is_sound(const struct vsw_ring_log *log, uint32_t mask)
{
    uint32_t upto = log->seen;
    uint64_t stamp_ps = 0;

    for (uint32_t i = log->head; i != log->tail; i++) {
        uint32_t n = log->upto[i & mask] - upto;

        if (n == 0 || n > mask + 1 || log->stamp_ps[i & mask] < stamp_ps) {
            return false;
        }
        upto = log->upto[i & mask];
        stamp_ps = log->stamp_ps[i & mask];
    }
    return upto == log->done;
}

const char *
vsw_ring_audit(const struct vsw_ring *ring)
{
    /* From the oldest count to the newest, each at or past the one before. */
    const uint32_t counts[] = {
        ring->frees.seen, ring->frees.done, ring->popped,
        ring->fills.seen, ring->fills.done, ring->filled,
    };
    uint32_t before = 0;

    for (size_t i = 0; i < VSW_N_ELEMS(counts); i++) {
        uint32_t past = counts[i] - ring->frees.seen;

        if (past < before || past > ring->mask + 1) {
            return "slots are filled, published, popped and freed in this "
                   "order, and only when there is credit";
        }
        before = past;
    }
    if (!log_is_sound(&ring->fills, ring->mask)
        || !log_is_sound(&ring->frees, ring->mask)) {
        return "stamps of a ring do not run backward";
    }
    return NULL;
}
