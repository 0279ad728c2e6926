#include "vsw_test.h"

#include <vswsim/tx_window.h>

#define N_SLOTS 8

static struct vsw_ring ring;
static struct vsw_tx_window window;

/* Fills the ring with packets of 'n_slots' each and takes them all. */
static void
set_up(uint32_t n_slots)
{
    uint32_t slot, n;

    assert_int_equal(vsw_ring_init(&ring, N_SLOTS), 0);
    assert_int_equal(vsw_tx_window_init(&window, &ring), 0);
    for (uint32_t i = 0; i < N_SLOTS / n_slots; i++) {
        vsw_ring_fill(&ring, i, n_slots);
    }
    vsw_ring_publish(&ring, 10);
    assert_int_equal(vsw_ring_visible(&ring, 10), N_SLOTS);
    for (uint32_t i = 0; i < N_SLOTS / n_slots; i++) {
        vsw_ring_pop(&ring, &slot, &n);
        assert_int_equal(slot, i * n_slots);
    }
}

static void
tear_down(void)
{
    assert_null(vsw_ring_audit(&ring));
    vsw_tx_window_fini(&window);
    vsw_ring_fini(&ring);
}

static void
what_is_done_waits_for_what_came_before(void **state)
{
    (void) state;
    set_up(1);
    vsw_tx_window_done(&window, 1, 1);
    vsw_tx_window_done(&window, 2, 1);
    assert_int_equal(vsw_tx_window_release(&window, 20), 0);
    vsw_tx_window_done(&window, 0, 1);
    assert_int_equal(vsw_tx_window_release(&window, 30), 3);
    assert_int_equal(vsw_ring_credits(&ring, 29), 0);
    assert_int_equal(vsw_ring_credits(&ring, 30), 3);
    assert_int_equal(vsw_tx_window_release(&window, 40), 0);
    tear_down();
}

static void
a_chain_is_freed_as_a_whole(void **state)
{
    (void) state;
    set_up(4);
    vsw_tx_window_done(&window, 4, 4);
    vsw_tx_window_done(&window, 0, 4);
    assert_int_equal(vsw_tx_window_release(&window, 20), N_SLOTS);
    tear_down();
}

static void
stamps_do_not_run_backward(void **state)
{
    (void) state;
    set_up(1);
    vsw_tx_window_done(&window, 0, 1);
    vsw_tx_window_release(&window, 50);
    vsw_tx_window_done(&window, 1, 1);
    vsw_tx_window_release(&window, 40);
    assert_int_equal(vsw_ring_credits(&ring, 49), 0);
    assert_int_equal(vsw_ring_credits(&ring, 50), 2);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_done_waits_for_what_came_before),
        cmocka_unit_test(a_chain_is_freed_as_a_whole),
        cmocka_unit_test(stamps_do_not_run_backward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
