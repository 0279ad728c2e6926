/* SKBs: which is used next, and what each scheme pays. */
#include "vsw_test.h"

#include <vswsim/skbs.h>

#include "rig.h"

#define ALLOC_PS (40 * NS)
#define INIT_PS  (20 * NS)
#define RESET_PS (5 * NS)

static struct rig rig;
static struct vsw_skbs skbs;

static void
set_up(enum vsw_skb_scheme scheme, uint32_t n)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US, .duration_ps = 100 * US,
    };
    struct vsw_error err;

    rig_init(&rig, 1, &options);
    rig_set_cost(&rig, VSW_COST_SKB_ALLOC, ALLOC_PS);
    rig_set_cost(&rig, VSW_COST_SKB_INIT, INIT_PS);
    rig_set_cost(&rig, VSW_COST_SKB_RESET, RESET_PS);
    assert_int_equal(vsw_skbs_init(&skbs, &rig.units[0], scheme, n, "test",
                                   &err), 0);
}

static void
tear_down(void)
{
    vsw_skbs_fini(&skbs);
    rig_fini(&rig);
}

static uint32_t
get(void)
{
    return vsw_skbs_get(&skbs, &rig.units[0]);
}

static void
put(uint32_t skb)
{
    vsw_skbs_put(&skbs, &rig.units[0], skb);
}

static void
a_slab_gives_the_one_freed_last(void **state)
{
    (void) state;
    set_up(VSW_SKB_SLAB, 8);
    assert_int_equal(get(), 0);
    assert_int_equal(get(), 1);
    put(0);
    assert_int_equal(get(), 0);
    assert_int_equal(skbs.max_used, 2);
    /* Two objects each time. */
    assert_int_equal(rig.units[0].local_ps, 3 * (2 * ALLOC_PS + INIT_PS));
    tear_down();
}

static void
those_in_advance_are_used_in_turn(void **state)
{
    (void) state;
    set_up(VSW_SKB_PREALLOC, 3);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(get(), i % 3);
        put(i % 3);
    }
    assert_int_equal(rig.units[0].local_ps, 10 * INIT_PS);
    tear_down();
}

static void
there_are_as_many_as_were_asked_for(void **state)
{
    (void) state;
    for (int scheme = VSW_SKB_SLAB; scheme <= VSW_SKB_PREALLOC; scheme++) {
        set_up((enum vsw_skb_scheme) scheme, 5);
        for (uint32_t i = 0; i < 5; i++) {
            assert_int_equal(vsw_skbs_n_free(&skbs), 5 - i);
            assert_int_equal(get(), i);
        }
        assert_int_equal(vsw_skbs_n_free(&skbs), 0);
        put(3);
        assert_int_equal(vsw_skbs_n_free(&skbs), 1);
        assert_int_equal(get(), 3);
        tear_down();
    }
}

static void
a_single_one_is_reset(void **state)
{
    (void) state;
    set_up(VSW_SKB_SINGLE, 64);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vsw_skbs_n_free(&skbs), 1);
        assert_int_equal(get(), 0);
    }
    assert_int_equal(rig.units[0].local_ps, 4 * RESET_PS);
    assert_int_equal(vsw_skbs_n_bytes(&skbs), VSW_SKB_BYTES);
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slab_gives_the_one_freed_last),
        cmocka_unit_test(those_in_advance_are_used_in_turn),
        cmocka_unit_test(there_are_as_many_as_were_asked_for),
        cmocka_unit_test(a_single_one_is_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
