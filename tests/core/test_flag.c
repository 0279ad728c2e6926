/* Flags that one unit writes ahead of time and others read at sync. */
#include "vsw_test.h"

#include <vswsim/flag.h>

#include "rig.h"

static struct vsw_unit writer;
static struct vsw_unit reader;

static void
write_at(struct vsw_flag *flag, uint64_t sync_ps, uint64_t local_ps,
         bool value)
{
    writer.sync_ps = sync_ps;
    writer.local_ps = local_ps;
    vsw_flag_set(flag, &writer, value);
}

static bool
read_at(const struct vsw_flag *flag, uint64_t sync_ps)
{
    reader.sync_ps = reader.local_ps = sync_ps;
    return vsw_flag_read(flag, &reader);
}

static void
a_write_is_seen_from_its_stamp_on(void **state)
{
    struct vsw_flag flag;

    (void) state;
    vsw_flag_init(&flag, false);
    write_at(&flag, 100, 500, true);
    assert_false(read_at(&flag, 499));
    assert_true(read_at(&flag, 500));
}

static void
each_of_several_writes_of_a_call_has_its_time(void **state)
{
    struct vsw_flag flag;

    (void) state;
    vsw_flag_init(&flag, true);
    write_at(&flag, 100, 200, false);
    write_at(&flag, 100, 300, true);
    write_at(&flag, 100, 500, false);
    assert_true(read_at(&flag, 199));
    assert_false(read_at(&flag, 200));
    assert_true(read_at(&flag, 300));
    assert_false(read_at(&flag, 600));
}

static void
the_last_of_two_writes_at_one_time_counts(void **state)
{
    struct vsw_flag flag;

    (void) state;
    vsw_flag_init(&flag, false);
    write_at(&flag, 100, 200, true);
    write_at(&flag, 100, 200, false);
    assert_int_equal(flag.n_writes, 1);
    assert_false(read_at(&flag, 200));
}

/* Calls follow each other; what is past makes room and is not lost. */
static void
writes_of_many_calls_need_no_room(void **state)
{
    struct vsw_flag flag;
    bool value = false;

    (void) state;
    vsw_flag_init(&flag, false);
    for (uint64_t t = 0; t < 10000; t += 10) {
        bool before = value;

        value = !value;
        write_at(&flag, t, t + 10, value);
        assert_int_equal(read_at(&flag, t + 9), before);
        assert_int_equal(read_at(&flag, t + 10), value);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_is_seen_from_its_stamp_on),
        cmocka_unit_test(each_of_several_writes_of_a_call_has_its_time),
        cmocka_unit_test(the_last_of_two_writes_at_one_time_counts),
        cmocka_unit_test(writes_of_many_calls_need_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
