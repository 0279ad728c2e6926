#include "vsw_test.h"
#include "vsw_random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mactable.h>

#define MEM_BYTES (1 << 20)

static _Alignas(64) unsigned char memory[MEM_BYTES];

static struct vsw_mactable *
make(struct vsw_arena *arena, uint32_t max_entries, uint64_t max_age_ns)
{
    struct vsw_mactable *mt;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(arena, memory, sizeof memory);
    mt = vsw_mactable_new(arena, max_entries, max_age_ns);
    assert_non_null(mt);
    return mt;
}

static struct vsw_mac
mac_of(uint32_t n)
{
    struct vsw_mac mac = {{0x52, 0x54, (uint8_t) (n >> 24),
                           (uint8_t) (n >> 16), (uint8_t) (n >> 8),
                           (uint8_t) n}};

    return mac;
}

static void
unknown_address_is_flooded_until_learned(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 8, 1000);
    struct vsw_mac mac = mac_of(1);

    (void) state;
    assert_int_equal(vsw_mactable_lookup(mt, &mac, 0, NULL), VSW_PORT_FLOOD);
    assert_int_equal(vsw_mactable_learn(mt, &mac, 3, 0, NULL), 0);
    assert_int_equal(vsw_mactable_lookup(mt, &mac, 0, NULL), 3);
    assert_int_equal(vsw_mactable_learn(mt, &mac, 4, 1, NULL), 0);
    assert_int_equal(vsw_mactable_lookup(mt, &mac, 1, NULL), 4);
    assert_int_equal(vsw_mactable_n_entries(mt), 1);
}

static void
group_address_is_never_learned(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 8, 1000);
    struct vsw_mac all = {{255, 255, 255, 255, 255, 255}};

    (void) state;
    assert_int_equal(vsw_mactable_learn(mt, &all, 1, 0, NULL), -EINVAL);
    assert_int_equal(vsw_mactable_n_entries(mt), 0);
    assert_int_equal(vsw_mactable_add_static(mt, &all, 1, 0, NULL), 0);
    assert_int_equal(vsw_mactable_lookup(mt, &all, 0, NULL), 1);
}

static void
full_table_says_so_and_stays_intact(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 100, 1000);
    struct vsw_mac extra = mac_of(1000);

    (void) state;
    for (uint32_t i = 0; i < 100; i++) {
        struct vsw_mac mac = mac_of(i);

        assert_int_equal(vsw_mactable_learn(mt, &mac, i, 0, NULL), 0);
    }
    assert_int_equal(vsw_mactable_learn(mt, &extra, 7, 0, NULL), -ENOSPC);
    assert_int_equal(vsw_mactable_add_static(mt, &extra, 7, 0, NULL),
                     -ENOSPC);
    for (uint32_t i = 0; i < 100; i++) {
        struct vsw_mac mac = mac_of(i);

        assert_int_equal(vsw_mactable_lookup(mt, &mac, 0, NULL), i);
    }
    assert_int_equal(vsw_mactable_learn(mt, &extra, 7, 2000, NULL), 0);
    assert_int_equal(vsw_mactable_n_entries(mt), 100);
}

static void
static_entry_is_neither_moved_nor_aged_nor_flushed(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 8, 1000);
    struct vsw_mac mac = mac_of(1);

    (void) state;
    assert_int_equal(vsw_mactable_add_static(mt, &mac, 2, 0, NULL), 0);
    assert_int_equal(vsw_mactable_learn(mt, &mac, 5, 1, NULL), 0);
    assert_int_equal(vsw_mactable_flush_port(mt, 2, NULL), 0);
    assert_int_equal(vsw_mactable_expire(mt, UINT64_C(1) << 60, NULL), 0);
    assert_int_equal(vsw_mactable_lookup(mt, &mac, UINT64_C(1) << 60, NULL),
                     2);
    assert_true(vsw_mactable_remove(mt, &mac, NULL));
    assert_false(vsw_mactable_remove(mt, &mac, NULL));
}

static void
age_zero_stands_for_never(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 8, 0);
    struct vsw_mac mac = mac_of(1);

    (void) state;
    assert_int_equal(vsw_mactable_learn(mt, &mac, 2, 0, NULL), 0);
    assert_int_equal(vsw_mactable_lookup(mt, &mac, UINT64_C(1) << 62, NULL),
                     2);
}

static void
too_small_an_arena_is_left_unchanged(void **state)
{
    struct vsw_arena arena;

    (void) state;
    vsw_arena_init(&arena, memory, 4096);
    assert_null(vsw_mactable_new(&arena, 1000, 0));
    assert_null(vsw_mactable_new(&arena, 0, 0));
    assert_null(vsw_mactable_new(&arena, UINT32_MAX, 0));
    assert_int_equal(arena.used_bytes, 0);
}

/* Addresses learned in the same tick need no second write. */
static void
a_known_address_costs_one_or_two_lines_and_no_write(void **state)
{
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 1024, 1000);
    struct vsw_memobs obs = {{0, 0}, NULL};

    (void) state;
    for (uint32_t i = 0; i < 1024; i++) {
        struct vsw_mac mac = mac_of(i);

        assert_int_equal(vsw_mactable_learn(mt, &mac, 1, 0, NULL), 0);
    }
    for (uint32_t i = 0; i < 1024; i++) {
        struct vsw_mac mac = mac_of(i);

        assert_int_equal(vsw_mactable_learn(mt, &mac, 1, 0, &obs), 0);
    }
    assert_int_equal(obs.n_lines[VSW_MEM_WRITE], 0);
    assert_in_range(obs.n_lines[VSW_MEM_READ], 1024, 1024 * 3 / 2);
}

/* The plain reference: every address ever seen, in an array. */
#define N_ADDRESSES 200
#define MAX_AGE_NS  25600
#define GRAIN_NS    (MAX_AGE_NS / 256)

struct known {
    uint32_t port;
    uint64_t seen_ns;
    bool is_static;
    bool is_present;
};

/* Ageing may be late by the grain, so a port that is just out of date may
 * still be returned. */
static void
check_lookup(const struct vsw_mactable *mt, const struct known *known,
             uint32_t n, uint64_t now_ns)
{
    struct vsw_mac mac = mac_of(n);
    uint32_t port = vsw_mactable_lookup(mt, &mac, now_ns, NULL);
    uint64_t age_ns = now_ns - known->seen_ns;

    if (!known->is_present) {
        assert_int_equal(port, VSW_PORT_FLOOD);
    } else if (known->is_static || age_ns < MAX_AGE_NS) {
        assert_int_equal(port, known->port);
    } else if (age_ns >= MAX_AGE_NS + GRAIN_NS) {
        assert_int_equal(port, VSW_PORT_FLOOD);
    } else {
        assert_true(port == known->port || port == VSW_PORT_FLOOD);
    }
}

static uint32_t
count_present(const struct known *known, uint64_t now_ns, uint64_t age_ns)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < N_ADDRESSES; i++) {
        n += known[i].is_present
             && (known[i].is_static || now_ns - known[i].seen_ns < age_ns);
    }
    return n;
}

static void
random_write(struct rnd *r, struct vsw_mactable *mt, struct known *known,
             uint64_t now_ns)
{
    uint32_t n = rnd_below(r, N_ADDRESSES);
    struct vsw_mac mac = mac_of(n);
    uint32_t port = rnd_below(r, 4);
    bool is_static = rnd_below(r, 50) == 0;
    int error = is_static
                ? vsw_mactable_add_static(mt, &mac, port, now_ns, NULL)
                : vsw_mactable_learn(mt, &mac, port, now_ns, NULL);

    if (error) {
        assert_int_equal(error, -ENOSPC);
        assert_int_equal(vsw_mactable_n_entries(mt), 128);
    } else if (is_static || !known[n].is_present || !known[n].is_static) {
        known[n] = (struct known) {port, now_ns, is_static, true};
    }
}

static void
random_removal(struct rnd *r, struct vsw_mactable *mt, struct known *known,
               uint64_t now_ns)
{
    uint32_t n = rnd_below(r, N_ADDRESSES);
    struct vsw_mac mac = mac_of(n);
    uint32_t port = rnd_below(r, 4);

    if (rnd_below(r, 100) == 0) {
        vsw_mactable_flush_port(mt, port, NULL);
        for (uint32_t i = 0; i < N_ADDRESSES; i++) {
            known[i].is_present &= known[i].is_static
                                   || known[i].port != port;
        }
    } else if (rnd_below(r, 100) == 0) {
        vsw_mactable_expire(mt, now_ns, NULL);
        assert_in_range(vsw_mactable_n_entries(mt),
                        count_present(known, now_ns, MAX_AGE_NS),
                        count_present(known, now_ns,
                                      MAX_AGE_NS + GRAIN_NS));
    } else {
        vsw_mactable_remove(mt, &mac, NULL);
        known[n].is_present = false;
    }
}

static void
agrees_with_a_plain_list_under_random_operations(void **state)
{
    struct rnd r = rnd_from_environment("mactable", 1);
    struct vsw_arena arena;
    struct vsw_mactable *mt = make(&arena, 128, MAX_AGE_NS);
    struct known known[N_ADDRESSES] = {0};
    uint64_t now_ns = 0;

    (void) state;
    for (int step = 0; step < 200000; step++) {
        now_ns += rnd_below(&r, 300);
        if (rnd_below(&r, 8) == 0) {
            random_removal(&r, mt, known, now_ns);
        } else {
            random_write(&r, mt, known, now_ns);
        }
        for (int i = 0; i < 4; i++) {
            uint32_t n = rnd_below(&r, N_ADDRESSES);

            check_lookup(mt, &known[n], n, now_ns);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_address_is_flooded_until_learned),
        cmocka_unit_test(group_address_is_never_learned),
        cmocka_unit_test(full_table_says_so_and_stays_intact),
        cmocka_unit_test(static_entry_is_neither_moved_nor_aged_nor_flushed),
        cmocka_unit_test(age_zero_stands_for_never),
        cmocka_unit_test(too_small_an_arena_is_left_unchanged),
        cmocka_unit_test(a_known_address_costs_one_or_two_lines_and_no_write),
        cmocka_unit_test(agrees_with_a_plain_list_under_random_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
