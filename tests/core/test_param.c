#include <vswsim/param.h>

#include <errno.h>
#include <string.h>

#include "vsw_test.h"

struct state {
    uint32_t n_pkts;
    uint64_t hold_ns;
    bool locks;
    uint32_t mode;
    uint32_t after;
};

static const char *const modes[] = {"copy", "remap", NULL};

static const struct vsw_param params[] = {
    VSW_PARAM_U32(struct state, n_pkts, 32, 1, 64, "packets", "a choice"),
    VSW_PARAM_U64(struct state, hold_ns, 5, 0, UINT64_MAX, "hold", "a choice"),
    VSW_PARAM_BOOL(struct state, locks, 1, "locks", "a choice"),
    VSW_PARAM_ENUM(struct state, mode, 1, modes, 2, "mode", "a choice"),
    VSW_PARAM_END,
};

static void
defaults_reach_each_member(void **unused)
{
    struct state s;

    (void) unused;
    memset(&s, 0xff, sizeof s);
    vsw_param_set_defaults(params, &s);
    assert_int_equal(s.n_pkts, 32);
    assert_int_equal(s.hold_ns, 5);
    assert_true(s.locks);
    assert_int_equal(s.mode, 1);
    assert_int_equal(s.after, UINT32_MAX);
}

static void
what_is_set_can_be_got(void **unused)
{
    struct state s = {.after = 7};

    (void) unused;
    for (const struct vsw_param *p = params; p->name; p++) {
        assert_int_equal(vsw_param_set(p, p->max, &s), 0);
        assert_true(vsw_param_get(p, &s) == p->max);
        assert_int_equal(vsw_param_set(p, p->min, &s), 0);
        assert_true(vsw_param_get(p, &s) == p->min);
    }
    assert_int_equal(s.after, 7);
}

static void
a_value_out_of_range_changes_nothing(void **unused)
{
    struct state s = {.n_pkts = 3, .mode = 1};

    (void) unused;
    assert_int_equal(vsw_param_set(&params[0], 0, &s), -ERANGE);
    assert_int_equal(vsw_param_set(&params[0], 65, &s), -ERANGE);
    assert_int_equal(vsw_param_set(&params[3], 2, &s), -ERANGE);
    assert_int_equal(s.n_pkts, 3);
    assert_int_equal(s.mode, 1);
}

static void
parameters_are_found_by_name(void **unused)
{
    (void) unused;
    assert_ptr_equal(vsw_param_find(params, "locks"), &params[2]);
    assert_null(vsw_param_find(params, "lock"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_reach_each_member),
        cmocka_unit_test(what_is_set_can_be_got),
        cmocka_unit_test(a_value_out_of_range_changes_nothing),
        cmocka_unit_test(parameters_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
