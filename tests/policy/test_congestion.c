#include "vsw_test.h"

#include <string.h>

#include <vswsim/congestion.h>

#include "policy/rng.h"

#define N_VNICS 70

static _Alignas(64) unsigned char memory[4096];

static struct vsw_congestion *
new_congestion(const struct vsw_congestion_rule *rule, uint32_t n_vnics)
{
    struct vsw_arena arena;
    struct vsw_congestion *c;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    c = vsw_congestion_new(&arena, rule, n_vnics);
    assert_true(c || arena.used_bytes == 0);
    return c;
}

static void
at_the_cap_a_vnic_stops_until_a_packet_has_gone(void **state)
{
    const struct vsw_congestion_rule rule = VSW_CONGESTION_RULE_DEFAULT(2);
    struct vsw_congestion *c = new_congestion(&rule, N_VNICS);

    (void) state;
    assert_int_equal(vsw_congestion_admit(c, 5, NULL), VSW_CONGESTION_ADMIT);
    assert_int_equal(vsw_congestion_admit(c, 5, NULL), VSW_CONGESTION_ADMIT);
    assert_int_equal(vsw_congestion_admit(c, 5, NULL),
                     VSW_CONGESTION_REFUSE);
    assert_int_equal(vsw_congestion_admit(c, 6, NULL), VSW_CONGESTION_ADMIT);
    vsw_congestion_release(c, 5, NULL);
    assert_int_equal(vsw_congestion_admit(c, 5, NULL), VSW_CONGESTION_ADMIT);
}

static void
a_stopped_vnic_resumes_only_at_the_lower_mark(void **state)
{
    struct vsw_congestion_rule rule = VSW_CONGESTION_RULE_DEFAULT(3);
    struct vsw_congestion *c;

    (void) state;
    rule.resume_at = 1;
    c = new_congestion(&rule, 1);
    for (int i = 0; i < 3; i++) {
        vsw_congestion_admit(c, 0, NULL);
    }
    vsw_congestion_release(c, 0, NULL);
    assert_int_equal(vsw_congestion_admit(c, 0, NULL),
                     VSW_CONGESTION_REFUSE);
    vsw_congestion_release(c, 0, NULL);
    assert_int_equal(vsw_congestion_admit(c, 0, NULL), VSW_CONGESTION_ADMIT);
}

static void
dropping_the_oldest_keeps_the_count_at_the_cap(void **state)
{
    struct vsw_congestion_rule rule = VSW_CONGESTION_RULE_DEFAULT(2);
    struct vsw_congestion *c;

    (void) state;
    rule.at_cap = VSW_CONGESTION_DROP_OLDEST;
    c = new_congestion(&rule, 1);
    vsw_congestion_admit(c, 0, NULL);
    vsw_congestion_admit(c, 0, NULL);
    assert_int_equal(vsw_congestion_admit(c, 0, NULL),
                     VSW_CONGESTION_REPLACE);
    assert_int_equal(vsw_congestion_in_flight(c, 0, NULL), 2);
    /* Such a vNIC is not stopped, so nobody passes over it. */
    assert_int_equal(vsw_congestion_next(c, 0, NULL), 0);
    vsw_congestion_release(c, 0, NULL);
    assert_int_equal(vsw_congestion_admit(c, 0, NULL), VSW_CONGESTION_ADMIT);
}

static void
idle_cores_pass_over_stopped_vnics(void **state)
{
    struct vsw_congestion_rule rule = VSW_CONGESTION_RULE_DEFAULT(1);
    struct vsw_congestion *c = new_congestion(&rule, N_VNICS);

    (void) state;
    for (uint32_t vnic = 3; vnic < N_VNICS - 1; vnic++) {
        vsw_congestion_admit(c, vnic, NULL);
    }
    assert_int_equal(vsw_congestion_next(c, 2, NULL), 2);
    assert_int_equal(vsw_congestion_next(c, 3, NULL), N_VNICS - 1);
    vsw_congestion_admit(c, N_VNICS - 1, NULL);
    assert_int_equal(vsw_congestion_next(c, 3, NULL),
                     VSW_CONGESTION_NO_VNIC);
    assert_int_equal(vsw_congestion_next(c, N_VNICS, NULL),
                     VSW_CONGESTION_NO_VNIC);
    rule.masks = false;
    c = new_congestion(&rule, N_VNICS);
    vsw_congestion_admit(c, 3, NULL);
    assert_int_equal(vsw_congestion_next(c, 3, NULL), 3);
}

static void
senseless_rules_and_small_arenas_are_refused(void **state)
{
    struct vsw_congestion_rule rule = VSW_CONGESTION_RULE_DEFAULT(4);

    (void) state;
    assert_null(new_congestion(&rule, 0));
    assert_null(new_congestion(&rule, 100000));
    rule.resume_at = 4;
    assert_null(new_congestion(&rule, 1));
    rule.max_in_flight = rule.resume_at = 0;
    assert_null(new_congestion(&rule, 1));
}

/* The reference counts packets and remembers who hit the cap. */
static void
random_events_equal_a_plain_reference(void **state)
{
    const struct vsw_congestion_rule rule
        = { .max_in_flight = 5, .resume_at = 2,
            .at_cap = VSW_CONGESTION_STOP, .masks = true };
    struct vsw_congestion *c = new_congestion(&rule, N_VNICS);
    uint32_t n[N_VNICS] = { 0 };
    bool stopped[N_VNICS] = { false };
    uint64_t rng = rng_seed(17);

    (void) state;
    for (int i = 0; i < 100000; i++) {
        uint32_t vnic = rng_below(&rng, N_VNICS);
        uint32_t next = vnic;

        if (rng_below(&rng, 9) < 5) {
            assert_int_equal(vsw_congestion_admit(c, vnic, NULL),
                             stopped[vnic] ? VSW_CONGESTION_REFUSE
                                           : VSW_CONGESTION_ADMIT);
            n[vnic] += !stopped[vnic];
            stopped[vnic] |= n[vnic] == 5;
        } else if (n[vnic] > 0) {
            vsw_congestion_release(c, vnic, NULL);
            n[vnic]--;
            stopped[vnic] &= n[vnic] > 2;
        }
        while (next < N_VNICS && stopped[next]) {
            next++;
        }
        assert_int_equal(vsw_congestion_next(c, vnic, NULL),
                         next < N_VNICS ? next : VSW_CONGESTION_NO_VNIC);
        assert_int_equal(vsw_congestion_in_flight(c, vnic, NULL), n[vnic]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_cap_a_vnic_stops_until_a_packet_has_gone),
        cmocka_unit_test(a_stopped_vnic_resumes_only_at_the_lower_mark),
        cmocka_unit_test(dropping_the_oldest_keeps_the_count_at_the_cap),
        cmocka_unit_test(idle_cores_pass_over_stopped_vnics),
        cmocka_unit_test(senseless_rules_and_small_arenas_are_refused),
        cmocka_unit_test(random_events_equal_a_plain_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
