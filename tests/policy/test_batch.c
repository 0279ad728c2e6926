#include "vsw_test.h"

#include <vswsim/batch.h>

#include "policy/rng.h"

/* A timer armed for a batch that filled up must not close the next one. */
static void
stale_timer_is_harmless(void **state)
{
    struct vsw_batch b;

    (void) state;
    vsw_batch_init(&b, 2, 100);
    vsw_batch_add(&b, 0);                       /* Arms a timer for t=100. */
    vsw_batch_add(&b, 10);                      /* Fills the batch. */

    assert_int_equal(vsw_batch_add(&b, 90), VSW_BATCH_ARM);
    assert_int_equal(vsw_batch_expire(&b, 100), 0);
    assert_int_equal(vsw_batch_expire(&b, 190), 1);
}

static void
a_batch_of_one_is_never_held(void **state)
{
    struct vsw_batch b;

    (void) state;
    vsw_batch_init(&b, 1, 100);
    assert_int_equal(vsw_batch_add(&b, 5), VSW_BATCH_FLUSH);
    assert_int_equal(vsw_batch_add(&b, 5), VSW_BATCH_FLUSH);
    assert_int_equal(vsw_batch_expire(&b, UINT64_MAX), 0);
}

static void
a_deadline_near_the_end_of_time_does_not_wrap(void **state)
{
    struct vsw_batch b;

    (void) state;
    vsw_batch_init(&b, 9, 100);
    assert_int_equal(vsw_batch_add(&b, UINT64_MAX - 50), VSW_BATCH_ARM);
    assert_int_equal(vsw_batch_expire(&b, UINT64_MAX - 49), 0);
    assert_int_equal(vsw_batch_expire(&b, UINT64_MAX), 1);
}

static void
closing_returns_what_waited(void **state)
{
    struct vsw_batch b;

    (void) state;
    vsw_batch_init(&b, 9, 100);
    assert_int_equal(vsw_batch_close(&b), 0);
    vsw_batch_add(&b, 0);
    vsw_batch_add(&b, 0);
    assert_int_equal(vsw_batch_close(&b), 2);
    assert_int_equal(vsw_batch_expire(&b, 1000), 0);
    assert_int_equal(vsw_batch_add(&b, 1000), VSW_BATCH_ARM);
}

/* The reference keeps when each waiting packet came. */
struct reference {
    uint64_t came_ns[64];
    uint32_t n;
};

static void
add_both(struct vsw_batch *b, struct reference *r, uint64_t now_ns)
{
    enum vsw_batch_verdict verdict = vsw_batch_add(b, now_ns);

    r->came_ns[r->n++] = now_ns;
    if (r->n == b->max_pkts) {
        assert_int_equal(verdict, VSW_BATCH_FLUSH);
        r->n = 0;
    } else {
        assert_int_equal(verdict, r->n == 1 ? VSW_BATCH_ARM
                                            : VSW_BATCH_HOLD);
        assert_int_equal(b->deadline_ns, r->came_ns[0] + b->hold_ns);
    }
}

static void
expire_both(struct vsw_batch *b, struct reference *r, uint64_t now_ns)
{
    uint32_t expected = 0;

    if (r->n > 0 && now_ns - r->came_ns[0] >= b->hold_ns) {
        expected = r->n;
        r->n = 0;
    }
    assert_int_equal(vsw_batch_expire(b, now_ns), expected);
}

/* Timers fire early, late, and for batches that are gone. */
static void
random_events_equal_a_plain_reference(void **state)
{
    uint64_t rng = rng_seed(7);

    (void) state;
    for (int round = 0; round < 200; round++) {
        struct reference r = { .n = 0 };
        struct vsw_batch b;
        uint64_t now_ns = 0;

        vsw_batch_init(&b, 1 + rng_below(&rng, 64), rng_below(&rng, 300));
        for (int i = 0; i < 500; i++) {
            now_ns += rng_below(&rng, 40);
            if (rng_below(&rng, 3) > 0) {
                add_both(&b, &r, now_ns);
            } else {
                expire_both(&b, &r, now_ns);
            }
            assert_int_equal(b.n_pkts, r.n);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_timer_is_harmless),
        cmocka_unit_test(a_batch_of_one_is_never_held),
        cmocka_unit_test(a_deadline_near_the_end_of_time_does_not_wrap),
        cmocka_unit_test(closing_returns_what_waited),
        cmocka_unit_test(random_events_equal_a_plain_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
