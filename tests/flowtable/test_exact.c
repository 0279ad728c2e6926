#include "vsw_test.h"
#include "vsw_random.h"

#include <errno.h>
#include <string.h>

#include <vswsim/exact.h>

#define MEM_BYTES (1 << 20)
#define N_KEYS    300
#define KEY_BYTES VSW_EXACT_MAX_KEY_BYTES

static _Alignas(128) unsigned char memory[MEM_BYTES];

static struct vsw_exact *
make(uint32_t key_bytes, uint32_t max_entries)
{
    struct vsw_arena arena;
    struct vsw_exact *t;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    t = vsw_exact_new(&arena, key_bytes, max_entries);
    assert_non_null(t);
    return t;
}

/* Keys that differ in their first four bytes only; key 0 is all zero, as an
 * unused slot is. */
static void
make_key(unsigned char key[KEY_BYTES], uint32_t n)
{
    memset(key, 0, KEY_BYTES);
    memcpy(key, &n, sizeof n);
}

static void
zero_key_is_a_key_like_any_other(void **state)
{
    struct vsw_exact *t = make(16, 4);
    unsigned char key[KEY_BYTES];

    (void) state;
    make_key(key, 0);
    assert_int_equal(vsw_exact_lookup(t, key, 0, NULL), VSW_FLOW_NONE);
    assert_int_equal(vsw_exact_insert(t, key, 0, 7, NULL), 0);
    assert_int_equal(vsw_exact_lookup(t, key, 0, NULL), 7);
    assert_int_equal(vsw_exact_remove(t, key, 0, NULL), 7);
    assert_int_equal(vsw_exact_lookup(t, key, 0, NULL), VSW_FLOW_NONE);
}

static void
full_table_says_so_and_stays_intact(void **state)
{
    struct vsw_exact *t = make(16, 100);
    unsigned char key[KEY_BYTES];

    (void) state;
    for (uint32_t i = 0; i < 100; i++) {
        make_key(key, i);
        assert_int_equal(vsw_exact_insert(t, key, i * 77, i, NULL), 0);
    }
    make_key(key, 100);
    assert_int_equal(vsw_exact_insert(t, key, 5, 100, NULL), -ENOSPC);
    for (uint32_t i = 0; i < 100; i++) {
        make_key(key, i);
        assert_int_equal(vsw_exact_lookup(t, key, i * 77, NULL), i);
    }
    assert_true(vsw_exact_is_sound(t));
}

/* One hash for all keys is the worst that a sender can do. */
static void
keys_of_one_hash_are_bounded_in_time(void **state)
{
    struct vsw_exact *t = make(44, 1000);
    struct vsw_memobs obs = {{0, 0}, NULL};
    unsigned char key[KEY_BYTES];
    uint32_t n = 0;

    (void) state;
    for (make_key(key, n); vsw_exact_insert(t, key, 1, n, NULL) == 0;
         make_key(key, ++n)) {
        assert_true(n < 1000);
    }
    assert_int_equal(n, VSW_EXACT_MAX_STEPS);
    assert_true(vsw_exact_is_sound(t));
    assert_int_equal(vsw_exact_lookup(t, key, 1, &obs), VSW_FLOW_NONE);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], VSW_EXACT_MAX_STEPS);
}

static void
replace_makes_room_in_a_full_table(void **state)
{
    struct vsw_exact *t = make(16, 64);
    unsigned char key[KEY_BYTES];
    uint32_t n_there = 0, n_refused = 0;

    (void) state;
    for (uint32_t i = 0; i < 1000; i++) {
        make_key(key, i);
        if (vsw_exact_replace(t, key, i * 0x9e3779b9, i, NULL) == 0) {
            assert_int_equal(vsw_exact_lookup(t, key, i * 0x9e3779b9, NULL),
                             i);
        } else {
            n_refused++;
        }
        assert_true(vsw_exact_is_sound(t));
    }
    for (uint32_t i = 0; i < 1000; i++) {
        make_key(key, i);
        n_there += vsw_exact_lookup(t, key, i * 0x9e3779b9, NULL) == i;
    }
    assert_int_equal(n_there, 64);
    assert_in_range(n_refused, 0, 250);
}

static void
lookup_of_small_keys_declares_one_line(void **state)
{
    struct vsw_exact *t = make(16, 100);
    struct vsw_memobs obs = {{0, 0}, NULL};
    unsigned char key[KEY_BYTES];

    (void) state;
    make_key(key, 1);
    assert_int_equal(vsw_exact_insert(t, key, 1, 1, NULL), 0);
    vsw_exact_lookup(t, key, 1, &obs);
    vsw_exact_lookup(t, key, UINT32_MAX, &obs);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 2);
}

static void
senseless_sizes_are_refused(void **state)
{
    struct vsw_arena arena;

    (void) state;
    vsw_arena_init(&arena, memory, 4096);
    assert_null(vsw_exact_new(&arena, 0, 10));
    assert_null(vsw_exact_new(&arena, 18, 10));
    assert_null(vsw_exact_new(&arena, 68, 10));
    assert_null(vsw_exact_new(&arena, 16, 0));
    assert_null(vsw_exact_new(&arena, 16, 1000));
    assert_int_equal(arena.used_bytes, 0);
}

/* The plain reference: flows[n] of key n, or VSW_FLOW_NONE. */
static void
check_all(const struct vsw_exact *t, const uint32_t flows[N_KEYS],
          const uint32_t hashes[N_KEYS])
{
    static unsigned char keys[N_KEYS][KEY_BYTES];
    const void *pointers[N_KEYS];
    uint32_t found_flows[VSW_EXACT_MAX_BULK];

    for (uint32_t n = 0; n < N_KEYS; n++) {
        make_key(keys[n], n);
        pointers[n] = keys[n];
        assert_int_equal(vsw_exact_lookup(t, keys[n], hashes[n], NULL),
                         flows[n]);
    }
    for (uint32_t n = 0; n < N_KEYS; n += VSW_EXACT_MAX_BULK) {
        uint32_t n_bulk = N_KEYS - n < VSW_EXACT_MAX_BULK
                          ? N_KEYS - n : VSW_EXACT_MAX_BULK;
        uint64_t found = vsw_exact_lookup_bulk(t, pointers + n, hashes + n,
                                               n_bulk, found_flows, NULL);

        for (uint32_t i = 0; i < n_bulk; i++) {
            assert_int_equal(found_flows[i], flows[n + i]);
            assert_int_equal(found >> i & 1, flows[n + i] != VSW_FLOW_NONE);
        }
    }
    assert_true(vsw_exact_is_sound(t));
}

static void
random_operation(struct rnd *r, struct vsw_exact *t, uint32_t flows[N_KEYS],
                 const uint32_t hashes[N_KEYS])
{
    unsigned char key[KEY_BYTES];
    uint32_t n = rnd_below(r, N_KEYS);
    uint32_t flow = rnd_below(r, 1000);

    make_key(key, n);
    if (rnd_below(r, 5) < 2) {
        assert_int_equal(vsw_exact_remove(t, key, hashes[n], NULL),
                         flows[n]);
        flows[n] = VSW_FLOW_NONE;
    } else if (vsw_exact_insert(t, key, hashes[n], flow, NULL) == 0) {
        flows[n] = flow;
    } else {
        assert_int_equal(flows[n], VSW_FLOW_NONE);
    }
    if (rnd_below(r, 500) == 0) {
        vsw_exact_clear(t, NULL);
        memset(flows, 0xff, N_KEYS * sizeof flows[0]);
    }
}

/* From good hashes to one for all keys. */
static uint32_t
weak_hash(struct rnd *r, int weakness)
{
    static const uint32_t masks[] = {UINT32_MAX, 0xff000000, 0x3, 0};

    return (uint32_t) rnd_next(r) & masks[weakness];
}

static void
agrees_with_a_plain_array_under_random_operations(void **state)
{
    static const uint32_t sizes[] = {4, 8, 16, 24, 28, 44, 56, 60, 64};
    struct rnd r = rnd_from_environment("exact", 1);

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        for (int weakness = 0; weakness < 4; weakness++) {
            struct vsw_exact *t = make(sizes[i], 200);
            uint32_t flows[N_KEYS], hashes[N_KEYS];

            memset(flows, 0xff, sizeof flows);
            for (uint32_t n = 0; n < N_KEYS; n++) {
                hashes[n] = weak_hash(&r, weakness);
            }
            for (int step = 0; step < 2000; step++) {
                random_operation(&r, t, flows, hashes);
                if (step % 50 == 0) {
                    check_all(t, flows, hashes);
                }
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_key_is_a_key_like_any_other),
        cmocka_unit_test(full_table_says_so_and_stays_intact),
        cmocka_unit_test(keys_of_one_hash_are_bounded_in_time),
        cmocka_unit_test(replace_makes_room_in_a_full_table),
        cmocka_unit_test(lookup_of_small_keys_declares_one_line),
        cmocka_unit_test(senseless_sizes_are_refused),
        cmocka_unit_test(agrees_with_a_plain_array_under_random_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
