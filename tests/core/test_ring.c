/* Execution rule 5: a ring against a plain model of what each side may see. */
#include <vswsim/ring.h>

#include "vsw_test.h"

#include <vswsim/workload.h>

#include "vsw_random.h"

#define MAX_PKTS 4000
#define MAX_SIZE 64

static struct vsw_ring ring;

static void
set_up(uint32_t n_slots)
{
    assert_int_equal(vsw_ring_init(&ring, n_slots), 0);
}

static uint32_t
pop(uint32_t *n_slots)
{
    uint32_t slot;

    return vsw_ring_pop(&ring, &slot, n_slots);
}

static void
what_is_filled_is_private_until_it_is_published(void **state)
{
    (void) state;
    set_up(8);
    vsw_ring_fill(&ring, 7, 1);
    assert_int_equal(vsw_ring_visible(&ring, 1000), 0);
    vsw_ring_publish(&ring, 1000);
    assert_int_equal(vsw_ring_visible(&ring, 999), 0);
    assert_int_equal(vsw_ring_visible(&ring, 1000), 1);
    vsw_ring_fini(&ring);
}

static void
what_is_withheld_gives_no_credit_until_it_is_freed(void **state)
{
    uint32_t n_slots;

    (void) state;
    set_up(8);
    vsw_ring_withhold(&ring, 5);
    assert_int_equal(vsw_ring_credits(&ring, 0), 3);
    assert_null(vsw_ring_audit(&ring));
    vsw_ring_fill(&ring, 7, 3);
    vsw_ring_publish(&ring, 10);
    vsw_ring_free_some(&ring, 4, 20);
    assert_int_equal(vsw_ring_credits(&ring, 20), 4);
    assert_int_equal(vsw_ring_visible(&ring, 20), 3);
    assert_int_equal(pop(&n_slots), 7);
    vsw_ring_free(&ring, 30);
    assert_int_equal(vsw_ring_credits(&ring, 30), 8);
    assert_null(vsw_ring_audit(&ring));
    vsw_ring_fini(&ring);
}

static void
a_slot_is_free_from_the_stamp_of_its_freeing(void **state)
{
    uint32_t n_slots;

    (void) state;
    set_up(2);
    assert_int_equal(vsw_ring_credits(&ring, 0), 2);
    vsw_ring_fill(&ring, 7, 2);
    vsw_ring_publish(&ring, 10);
    assert_int_equal(vsw_ring_visible(&ring, 10), 2);
    assert_int_equal(pop(&n_slots), 7);
    assert_int_equal(n_slots, 2);
    assert_int_equal(vsw_ring_credits(&ring, 500), 0);
    vsw_ring_free(&ring, 300);
    assert_int_equal(vsw_ring_credits(&ring, 299), 0);
    assert_int_equal(vsw_ring_credits(&ring, 300), 2);
    vsw_ring_fini(&ring);
}

static void
a_poller_learns_when_enough_slots_are_ready(void **state)
{
    (void) state;
    set_up(4);
    assert_int_equal(vsw_ring_ready_ps(&ring, false, 1), VSW_NEVER);
    assert_int_equal(vsw_ring_ready_ps(&ring, true, 4), 0);
    assert_int_equal(vsw_ring_ready_ps(&ring, true, 5), VSW_NEVER);
    for (uint32_t i = 0; i < 3; i++) {
        vsw_ring_fill(&ring, i, 1);
        vsw_ring_publish(&ring, 100 * (i + 1));
    }
    assert_int_equal(vsw_ring_ready_ps(&ring, false, 1), 100);
    assert_int_equal(vsw_ring_ready_ps(&ring, false, 3), 300);
    assert_int_equal(vsw_ring_ready_ps(&ring, false, 4), VSW_NEVER);
    assert_int_equal(vsw_ring_ready_ps(&ring, true, 1), 0);
    assert_int_equal(vsw_ring_ready_ps(&ring, true, 2), VSW_NEVER);
    vsw_ring_fini(&ring);
}

/* The reference: every packet with its size and the stamps of its life. */
static struct {
    uint32_t n_slots;
    uint64_t published_ps;      /* VSW_NEVER until then. */
    uint64_t freed_ps;          /* The same. */
} pkts[MAX_PKTS];
static uint32_t n_filled;
static uint32_t n_popped;

/* Packets before this one were freed, and seen to be, long ago. */
static uint32_t
first_of_interest(void)
{
    return n_filled > MAX_SIZE ? n_filled - MAX_SIZE : 0;
}

static uint32_t
ref_credits(uint32_t size, uint64_t sync_ps)
{
    uint32_t n = size;

    for (uint32_t i = first_of_interest(); i < n_filled; i++) {
        if (pkts[i].freed_ps > sync_ps) {
            n -= pkts[i].n_slots;
        }
    }
    return n;
}

static uint32_t
ref_visible(uint64_t sync_ps)
{
    uint32_t n = 0;

    for (uint32_t i = n_popped; i < n_filled; i++) {
        if (pkts[i].published_ps <= sync_ps) {
            n += pkts[i].n_slots;
        }
    }
    return n;
}

/* First time from 'sync_ps' on at which a side sees 'n' slots. */
static uint64_t
ref_ready_ps(uint32_t size, bool frees, uint32_t n, uint64_t sync_ps)
{
    for (uint32_t i = first_of_interest(); i <= n_filled; i++) {
        uint64_t at_ps = sync_ps;

        if (i > first_of_interest()) {
            at_ps = frees ? pkts[i - 1].freed_ps : pkts[i - 1].published_ps;
        }
        if (at_ps == VSW_NEVER) {
            break;
        }
        if (at_ps >= sync_ps
            && (frees ? ref_credits(size, at_ps) : ref_visible(at_ps)) >= n) {
            return at_ps;
        }
    }
    return VSW_NEVER;
}

/* One side's turn: a call at 'sync_ps' that runs ahead and publishes once or
 * twice.  Returns its local time. */
static uint64_t
produce(struct rnd *rnd, uint32_t size, uint64_t sync_ps)
{
    uint32_t credits = vsw_ring_credits(&ring, sync_ps);
    uint64_t local_ps = sync_ps;
    uint32_t first = n_filled;

    assert_int_equal(credits, ref_credits(size, sync_ps));
    for (uint32_t n = rnd_below(rnd, 6); n > 0; n--) {
        uint32_t n_slots = 1 + rnd_below(rnd, size < 4 ? size : 4);

        if (n_slots > credits || n_filled == MAX_PKTS) {
            break;
        }
        credits -= n_slots;
        vsw_ring_fill(&ring, n_filled, n_slots);
        pkts[n_filled].n_slots = n_slots;
        pkts[n_filled].published_ps = VSW_NEVER;
        pkts[n_filled].freed_ps = VSW_NEVER;
        n_filled++;
        local_ps += rnd_below(rnd, 40);
        if (n == 1 || rnd_below(rnd, 3) == 0) {
            vsw_ring_publish(&ring, local_ps);
            for (; first < n_filled; first++) {
                pkts[first].published_ps = local_ps;
            }
        }
    }
    vsw_ring_publish(&ring, local_ps);
    for (; first < n_filled; first++) {
        pkts[first].published_ps = local_ps;
    }
    return local_ps;
}

static uint64_t
consume(struct rnd *rnd, uint64_t sync_ps)
{
    uint32_t n_visible = vsw_ring_visible(&ring, sync_ps);
    uint64_t local_ps = sync_ps;
    uint32_t first = n_popped;

    assert_int_equal(n_visible, ref_visible(sync_ps));
    for (uint32_t n = rnd_below(rnd, 6); n > 0 && n_visible > 0; n--) {
        uint32_t n_slots;

        assert_int_equal(pop(&n_slots), n_popped);
        assert_int_equal(n_slots, pkts[n_popped].n_slots);
        n_visible -= n_slots;
        n_popped++;
        local_ps += rnd_below(rnd, 60);
    }
    vsw_ring_free(&ring, local_ps);
    for (; first < n_popped; first++) {
        pkts[first].freed_ps = local_ps;
    }
    return local_ps;
}

static void
compare(uint32_t size, uint32_t n, const uint64_t *local_ps)
{
    for (int frees = 0; frees < 2; frees++) {
        uint64_t sync_ps = local_ps[!frees];
        uint64_t ready_ps = vsw_ring_ready_ps(&ring, frees, n);

        assert_int_equal(ready_ps > sync_ps ? ready_ps : sync_ps,
                         ref_ready_ps(size, frees, n, sync_ps));
    }
}

/* Two units take turns by local time, as the engine would call them; counters
 * start close to where they wrap. */
static void
run_against_reference(struct rnd *rnd, uint32_t size)
{
    uint64_t local_ps[2] = {0, 0};
    uint32_t start = UINT32_MAX - rnd_below(rnd, 200);

    set_up(size);
    ring.filled = ring.popped = start;
    ring.fills.seen = ring.fills.done = start;
    ring.frees.seen = ring.frees.done = start;
    n_filled = n_popped = 0;
    while (n_popped < MAX_PKTS) {
        uint32_t side = local_ps[1] < local_ps[0];

        local_ps[side] = 1 + (side ? consume(rnd, local_ps[1])
                                   : produce(rnd, size, local_ps[0]));
        compare(size, 1 + rnd_below(rnd, size), local_ps);
    }
    vsw_ring_fini(&ring);
}

static void
a_ring_shows_each_side_what_is_stamped_by_its_sync(void **state)
{
    struct rnd rnd = rnd_from_environment("ring", 31);

    (void) state;
    for (uint32_t size = 1; size <= MAX_SIZE; size *= 2) {
        run_against_reference(&rnd, size);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_filled_is_private_until_it_is_published),
        cmocka_unit_test(what_is_withheld_gives_no_credit_until_it_is_freed),
        cmocka_unit_test(a_slot_is_free_from_the_stamp_of_its_freeing),
        cmocka_unit_test(a_poller_learns_when_enough_slots_are_ready),
        cmocka_unit_test(a_ring_shows_each_side_what_is_stamped_by_its_sync),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
