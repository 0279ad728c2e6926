#include "vsw_test.h"

#include <vswsim/arena.h>

static _Alignas(64) unsigned char memory[256];

static void
what_does_not_fit_leaves_the_arena_as_it_was(void **state)
{
    struct vsw_arena arena;

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_non_null(vsw_arena_alloc(&arena, 200, 1));

    assert_null(vsw_arena_alloc(&arena, 57, 1));
    assert_null(vsw_arena_alloc(&arena, 1, 1024));
    assert_null(vsw_arena_alloc(&arena, SIZE_MAX, 1));
    assert_int_equal(arena.used_bytes, 200);
    assert_non_null(vsw_arena_alloc(&arena, 56, 1));
}

static void
an_object_is_aligned_and_known_by_its_offset(void **state)
{
    struct vsw_arena arena;
    void *p;

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    vsw_arena_alloc(&arena, 1, 1);
    p = vsw_arena_alloc(&arena, 64, 64);

    assert_ptr_equal(p, memory + 64);
    assert_int_equal(vsw_arena_offset(&arena, p), 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_leaves_the_arena_as_it_was),
        cmocka_unit_test(an_object_is_aligned_and_known_by_its_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
