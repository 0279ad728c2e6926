#include "vsw_test.h"

#include <vswsim/irqmod.h>

#include "policy/rng.h"

static void
the_first_event_after_a_quiet_time_interrupts_at_once(void **state)
{
    struct vsw_irqmod m;

    (void) state;
    vsw_irqmod_init(&m, 100);
    assert_int_equal(vsw_irqmod_event(&m, 0), VSW_IRQMOD_RAISE);
    assert_int_equal(vsw_irqmod_event(&m, 100), VSW_IRQMOD_RAISE);
    assert_int_equal(vsw_irqmod_event(&m, 5000), VSW_IRQMOD_RAISE);
}

static void
events_within_the_gap_share_one_interrupt(void **state)
{
    struct vsw_irqmod m;

    (void) state;
    vsw_irqmod_init(&m, 100);
    vsw_irqmod_event(&m, 0);
    assert_int_equal(vsw_irqmod_event(&m, 1), VSW_IRQMOD_ARM);
    assert_int_equal(m.next_ns, 100);
    assert_int_equal(vsw_irqmod_event(&m, 2), VSW_IRQMOD_HOLD);
    assert_false(vsw_irqmod_expire(&m, 99));
    assert_true(vsw_irqmod_expire(&m, 130));
    assert_false(vsw_irqmod_expire(&m, 131));
    assert_int_equal(vsw_irqmod_event(&m, 229), VSW_IRQMOD_ARM);
    assert_int_equal(m.next_ns, 230);
}

static void
without_a_gap_every_event_interrupts(void **state)
{
    struct vsw_irqmod m;

    (void) state;
    vsw_irqmod_init(&m, 0);
    assert_int_equal(vsw_irqmod_event(&m, 3), VSW_IRQMOD_RAISE);
    assert_int_equal(vsw_irqmod_event(&m, 3), VSW_IRQMOD_RAISE);
}

/* What must hold, checked from outside: interrupts are 'gap' apart, and an
 * event that was not reported is waiting with a deadline. */
static void
random_events_are_all_reported_and_never_too_often(void **state)
{
    uint64_t rng = rng_seed(11);
    const uint64_t gap_ns = 100;
    struct vsw_irqmod m;
    uint64_t now_ns = 0, last_ns = 0;
    uint32_t n_unreported = 0;
    int n_irqs = 0;

    (void) state;
    vsw_irqmod_init(&m, gap_ns);
    for (int i = 0; i < 100000; i++) {
        bool irq;

        now_ns += rng_below(&rng, 60);
        if (rng_below(&rng, 2)) {
            n_unreported++;
            irq = vsw_irqmod_event(&m, now_ns) == VSW_IRQMOD_RAISE;
        } else {
            irq = vsw_irqmod_expire(&m, now_ns);
            assert_true(irq || n_unreported == 0 || now_ns < m.next_ns);
        }
        if (irq) {
            assert_true(n_unreported > 0);
            assert_true(n_irqs == 0 || now_ns - last_ns >= gap_ns);
            last_ns = now_ns;
            n_unreported = 0;
            n_irqs++;
        }
        assert_int_equal(m.is_pending, n_unreported > 0);
    }
    assert_true(n_irqs > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_first_event_after_a_quiet_time_interrupts_at_once),
        cmocka_unit_test(events_within_the_gap_share_one_interrupt),
        cmocka_unit_test(without_a_gap_every_event_interrupts),
        cmocka_unit_test(random_events_are_all_reported_and_never_too_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
