#include "vsw_test.h"

#include "hash/cpu.h"
#include "hash/hash_forms.h"

#include <string.h>

/* Microsoft, "Verifying the RSS Hash Calculation". */
static const struct {
    struct vsw_rss_ipv4 tuple;
    uint32_t hash;
    uint32_t ports_hash;
} ipv4_suite[] = {
    { { { 66, 9, 149, 187 }, { 161, 142, 100, 80 },
        { 2794 >> 8, 2794 & 255 }, { 1766 >> 8, 1766 & 255 } },
      0x323e8fc2, 0x51ccc178 },
    { { { 199, 92, 111, 2 }, { 65, 69, 140, 83 },
        { 14230 >> 8, 14230 & 255 }, { 4739 >> 8, 4739 & 255 } },
      0xd718262a, 0xc626b0ea },
    { { { 24, 19, 198, 95 }, { 12, 22, 207, 184 },
        { 12898 >> 8, 12898 & 255 }, { 38024 >> 8, 38024 & 255 } },
      0xd2d0a5de, 0x5c2b394a },
    { { { 38, 27, 205, 30 }, { 209, 142, 163, 6 },
        { 48228 >> 8, 48228 & 255 }, { 2217 >> 8, 2217 & 255 } },
      0x82989176, 0xafc7327f },
    { { { 153, 39, 163, 191 }, { 202, 188, 127, 2 },
        { 44251 >> 8, 44251 & 255 }, { 1303 >> 8, 1303 & 255 } },
      0x5d1809c5, 0x10e828a2 },
};

static const struct {
    struct vsw_rss_ipv6 tuple;
    uint32_t hash;
    uint32_t ports_hash;
} ipv6_suite[] = {
    { { { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, [15] = 7 },
        { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0, 3, [15] = 1 },
        { 2794 >> 8, 2794 & 255 }, { 1766 >> 8, 1766 & 255 } },
      0x2cc18cd5, 0x40207d3d },
    { { { 0x3f, 0xfe, 0x05, 0x01, 0, 8, 0, 0, 0x02, 0x60, 0x97, 0xff, 0xfe,
          0x40, 0xef, 0xab },
        { 0xff, 0x02, [15] = 1 },
        { 14230 >> 8, 14230 & 255 }, { 4739 >> 8, 4739 & 255 } },
      0x0f0c461c, 0xdde51bbf },
    { { { 0x3f, 0xfe, 0x19, 0x00, 0x45, 0x45, 0, 3, 0x02, 0x00, 0xf8, 0xff,
          0xfe, 0x21, 0x67, 0xcf },
        { 0xfe, 0x80, [8] = 0x02, 0x00, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
        { 44251 >> 8, 44251 & 255 }, { 38024 >> 8, 38024 & 255 } },
      0x4b61e985, 0x02d1feef },
};

static _Alignas(64) unsigned char memory[ARENA_BYTES];

static struct vsw_toeplitz *
new_toeplitz(const uint8_t *key, size_t n_key_bytes,
             enum vsw_toeplitz_form form)
{
    struct vsw_arena arena;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    return vsw_toeplitz_new(&arena, key, n_key_bytes, form);
}

static void
check_suite(const struct vsw_toeplitz *t)
{
    for (size_t i = 0; i < VSW_N_ELEMS(ipv4_suite); i++) {
        const void *input = &ipv4_suite[i].tuple;

        assert_int_equal(vsw_toeplitz_hash(t, input, VSW_RSS_IPV4_BYTES,
                                           NULL),
                         ipv4_suite[i].hash);
        assert_int_equal(vsw_toeplitz_hash(t, input,
                                           VSW_RSS_IPV4_PORTS_BYTES, NULL),
                         ipv4_suite[i].ports_hash);
    }
    for (size_t i = 0; i < VSW_N_ELEMS(ipv6_suite); i++) {
        const void *input = &ipv6_suite[i].tuple;

        assert_int_equal(vsw_toeplitz_hash(t, input, VSW_RSS_IPV6_BYTES,
                                           NULL),
                         ipv6_suite[i].hash);
        assert_int_equal(vsw_toeplitz_hash(t, input,
                                           VSW_RSS_IPV6_PORTS_BYTES, NULL),
                         ipv6_suite[i].ports_hash);
    }
}

static void
each_form_passes_the_rss_verification_suite(void **state)
{
    (void) state;
    for (int form = 0; form < VSW_TOEPLITZ_N_FORMS; form++) {
        struct vsw_toeplitz *t;

        if (!vsw_toeplitz_has_form((enum vsw_toeplitz_form) form)) {
            print_message("not on this CPU: %s\n",
                          vsw_toeplitz_form_name(
                              (enum vsw_toeplitz_form) form));
            continue;
        }
        t = new_toeplitz(vsw_toeplitz_default_key, VSW_TOEPLITZ_KEY_BYTES,
                         (enum vsw_toeplitz_form) form);
        assert_non_null(t);
        check_suite(t);
    }
}

static void
bulk_passes_the_rss_verification_suite(void **state)
{
    const struct vsw_toeplitz *t
        = new_toeplitz(vsw_toeplitz_default_key, VSW_TOEPLITZ_KEY_BYTES,
                       VSW_TOEPLITZ_AUTO);
    uint32_t hashes[VSW_N_ELEMS(ipv4_suite)];

    (void) state;
    vsw_toeplitz_hash_bulk(t, &ipv4_suite[0].tuple, sizeof ipv4_suite[0],
                           VSW_RSS_IPV4_PORTS_BYTES, hashes,
                           VSW_N_ELEMS(ipv4_suite), NULL);
    for (size_t i = 0; i < VSW_N_ELEMS(ipv4_suite); i++) {
        assert_int_equal(hashes[i], ipv4_suite[i].ports_hash);
    }
}

static void
each_form_equals_the_reference_at_every_length(void **state)
{
    uint64_t seed = 20170924;

    (void) state;
    print_message("seed %llu\n", (unsigned long long) seed);
    for (int form = VSW_TOEPLITZ_TABLE; form < VSW_TOEPLITZ_N_FORMS; form++) {
        const struct vsw_toeplitz_ops *ops
            = vsw_toeplitz_ops_of((enum vsw_toeplitz_form) form,
                                  vsw_cpu_features());

        if (ops) {
            assert_equals_reference(ops, seed);
        }
    }
}

/* The table form, but wrong for inputs that end in 0xff. */
static uint32_t
broken_hash(const struct vsw_toeplitz *t, const uint8_t *input,
            size_t n_bytes)
{
    return vsw_toeplitz_table.hash(t, input, n_bytes)
           ^ (input[n_bytes - 1] == 0xff);
}

static void
broken_bulk(const struct vsw_toeplitz *t, const uint8_t *inputs,
            size_t stride_bytes, size_t n_bytes, uint32_t *hashes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hashes[i] = broken_hash(t, inputs + i * stride_bytes, n_bytes);
    }
}

static void
the_autovalidator_sees_one_wrong_hash_in_many(void **state)
{
    const struct vsw_toeplitz_ops single
        = { .hash = broken_hash, .bulk = vsw_toeplitz_table.bulk };
    const struct vsw_toeplitz_ops bulk
        = { .hash = vsw_toeplitz_table.hash, .bulk = broken_bulk };
    const struct vsw_toeplitz *t;
    uint8_t inputs[100][12] = { { 0 } };
    uint32_t hashes[100];
    uint64_t seed = 1;

    (void) state;
    t = random_toeplitz(&seed, VSW_TOEPLITZ_KEY_BYTES);
    vsw_toeplitz_bitwise.bulk(t, inputs[0], 12, 12, hashes, 100);
    assert_true(vsw_toeplitz_agrees(t, &single, inputs[0], 12, 12, hashes,
                                    100));
    assert_true(vsw_toeplitz_agrees(t, &bulk, inputs[0], 12, 12, hashes,
                                    100));

    inputs[99][11] = 0xff;
    vsw_toeplitz_bitwise.bulk(t, inputs[0], 12, 12, hashes, 100);
    assert_false(vsw_toeplitz_agrees(t, &single, inputs[0], 12, 12, hashes,
                                     100));
    assert_false(vsw_toeplitz_agrees(t, &bulk, inputs[0], 12, 12, hashes,
                                     100));
}

static void
an_updated_hash_equals_a_new_one(void **state)
{
    uint64_t seed = 42;
    const struct vsw_toeplitz *t
        = random_toeplitz(&seed, VSW_TOEPLITZ_LONG_KEY_BYTES);

    (void) state;
    for (size_t i = 0; i < 1000; i++) {
        uint8_t before[48], after[48], place[2];
        size_t at, n;
        uint32_t hash;

        random_bytes(&seed, place, sizeof place);
        random_bytes(&seed, before, sizeof before);
        memcpy(after, before, sizeof before);
        at = place[0] % 48u;
        n = place[1] % (49 - at);
        random_bytes(&seed, after + at, n);
        hash = vsw_toeplitz_hash(t, before, 48, NULL);
        hash = vsw_toeplitz_update(t, hash, at, before + at, after + at, n,
                                   NULL);
        assert_int_equal(hash, vsw_toeplitz_hash(t, after, 48, NULL));
    }
}

static void
a_symmetric_key_hashes_both_directions_alike(void **state)
{
    uint8_t key[VSW_TOEPLITZ_KEY_BYTES];
    const struct vsw_toeplitz *t;
    struct vsw_rss_ipv4 a = ipv4_suite[0].tuple, b = a;
    struct vsw_rss_ipv6 c = ipv6_suite[1].tuple, d = c;

    (void) state;
    memcpy(b.src, a.dst, 4);
    memcpy(b.dst, a.src, 4);
    memcpy(b.src_port, a.dst_port, 2);
    memcpy(b.dst_port, a.src_port, 2);
    memcpy(d.src, c.dst, 16);
    memcpy(d.dst, c.src, 16);
    memcpy(d.src_port, c.dst_port, 2);
    memcpy(d.dst_port, c.src_port, 2);
    vsw_toeplitz_symmetric_key(key, sizeof key);
    t = new_toeplitz(key, sizeof key, VSW_TOEPLITZ_TABLE);

    assert_int_equal(vsw_toeplitz_hash(t, &a, sizeof a, NULL),
                     vsw_toeplitz_hash(t, &b, sizeof b, NULL));
    assert_int_equal(vsw_toeplitz_hash(t, &c, sizeof c, NULL),
                     vsw_toeplitz_hash(t, &d, sizeof d, NULL));
    t = new_toeplitz(vsw_toeplitz_default_key, VSW_TOEPLITZ_KEY_BYTES,
                     VSW_TOEPLITZ_TABLE);
    assert_int_not_equal(vsw_toeplitz_hash(t, &a, sizeof a, NULL),
                         vsw_toeplitz_hash(t, &b, sizeof b, NULL));
}

static void
what_is_not_possible_leaves_the_arena_as_it_was(void **state)
{
    struct vsw_arena arena;
    const uint8_t *key = vsw_toeplitz_default_key;

    (void) state;
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_null(vsw_toeplitz_new(&arena, key, 39, VSW_TOEPLITZ_AUTO));
    assert_null(vsw_toeplitz_new(&arena, key, 0, VSW_TOEPLITZ_AUTO));
    assert_null(vsw_toeplitz_new(&arena, key, 40, VSW_TOEPLITZ_N_FORMS));
    assert_int_equal(arena.used_bytes, 0);
    vsw_arena_init(&arena, memory, 36 * 1024);
    assert_null(vsw_toeplitz_new(&arena, key, 40, VSW_TOEPLITZ_AUTO));
    assert_int_equal(arena.used_bytes, 0);
}

static void
touches_do_not_depend_on_the_form(void **state)
{
    (void) state;
    for (int form = VSW_TOEPLITZ_BITWISE; form < VSW_TOEPLITZ_N_FORMS;
         form++) {
        struct vsw_memobs obs = { .n_lines = { 0 } };
        struct vsw_toeplitz *t;

        if (!vsw_toeplitz_has_form((enum vsw_toeplitz_form) form)) {
            continue;
        }
        t = new_toeplitz(vsw_toeplitz_default_key, VSW_TOEPLITZ_KEY_BYTES,
                         (enum vsw_toeplitz_form) form);
        vsw_toeplitz_hash(t, &ipv4_suite[0].tuple, VSW_RSS_IPV4_PORTS_BYTES,
                          &obs);
        assert_int_equal(obs.n_lines[VSW_MEM_READ], 1 + 12);
        assert_int_equal(obs.n_lines[VSW_MEM_WRITE], 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_passes_the_rss_verification_suite),
        cmocka_unit_test(bulk_passes_the_rss_verification_suite),
        cmocka_unit_test(each_form_equals_the_reference_at_every_length),
        cmocka_unit_test(the_autovalidator_sees_one_wrong_hash_in_many),
        cmocka_unit_test(an_updated_hash_equals_a_new_one),
        cmocka_unit_test(a_symmetric_key_hashes_both_directions_alike),
        cmocka_unit_test(what_is_not_possible_leaves_the_arena_as_it_was),
        cmocka_unit_test(touches_do_not_depend_on_the_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
