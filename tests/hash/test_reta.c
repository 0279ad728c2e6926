#include "vsw_test.h"

#include <vswsim/reta.h>

static _Alignas(64) unsigned char memory[8192];

static struct vsw_reta *
new_reta(size_t arena_bytes, uint32_t n_slots, uint32_t n_queues)
{
    struct vsw_arena arena;
    struct vsw_reta *reta;

    vsw_arena_init(&arena, memory, arena_bytes);
    reta = vsw_reta_new(&arena, n_slots, n_queues);
    assert_true(reta || arena.used_bytes == 0);
    return reta;
}

static void
the_low_bits_of_the_hash_choose_the_slot(void **state)
{
    struct vsw_reta *reta = new_reta(sizeof memory, 128, 3);

    (void) state;
    assert_int_equal(vsw_reta_queue(reta, 0x51ccc178, NULL), 0x78 % 3);
    vsw_reta_set(reta, 0x78, 77, NULL);
    assert_int_equal(vsw_reta_queue(reta, 0x51ccc178, NULL), 77);
    assert_int_equal(vsw_reta_queue(reta, 0xfffffff8, NULL), 77);
    assert_int_equal(vsw_reta_queue(reta, 0x79, NULL), 0x79 % 3);
}

static void
a_new_table_spreads_evenly(void **state)
{
    struct vsw_reta *reta = new_reta(sizeof memory, 512, 8);
    unsigned n[8] = { 0 };

    (void) state;
    for (uint32_t hash = 0; hash < 512; hash++) {
        n[vsw_reta_queue(reta, hash, NULL)]++;
    }
    for (size_t queue = 0; queue < 8; queue++) {
        assert_int_equal(n[queue], 64);
    }
}

static void
senseless_sizes_and_small_arenas_are_refused(void **state)
{
    (void) state;
    assert_null(new_reta(sizeof memory, 0, 1));
    assert_null(new_reta(sizeof memory, 100, 1));
    assert_null(new_reta(sizeof memory, 4096, 1));
    assert_null(new_reta(sizeof memory, 128, 0));
    assert_null(new_reta(sizeof memory, 128, 65537));
    assert_null(new_reta(256, 128, 1));
    assert_non_null(new_reta(sizeof memory, 1, 65536));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_low_bits_of_the_hash_choose_the_slot),
        cmocka_unit_test(a_new_table_spreads_evenly),
        cmocka_unit_test(senseless_sizes_and_small_arenas_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
