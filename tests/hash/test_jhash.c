#include "vsw_test.h"

#include <vswsim/jhash.h>

#include <string.h>

/* driver5() of lookup3.c prints these. */
static void
jhash_gives_the_values_that_lookup3_prints(void **state)
{
    const char *text = "Four score and seven years ago";

    (void) state;
    assert_int_equal(vsw_jhash("", 0, 0), 0xdeadbeef);
    assert_int_equal(vsw_jhash("", 0, 0xdeadbeef), 0xbd5b7dde);
    assert_int_equal(vsw_jhash(text, strlen(text), 0), 0x17770551);
    assert_int_equal(vsw_jhash(text, strlen(text), 1), 0xcd628161);
}

static void
words_hash_as_their_little_endian_bytes(void **state)
{
    uint32_t words[8];
    uint8_t bytes[32];

    (void) state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t) (37 * i + 11);
    }
    for (size_t i = 0; i < 8; i++) {
        words[i] = (uint32_t) bytes[4 * i] | (uint32_t) bytes[4 * i + 1] << 8
                   | (uint32_t) bytes[4 * i + 2] << 16
                   | (uint32_t) bytes[4 * i + 3] << 24;
    }
    for (size_t n = 0; n <= 8; n++) {
        assert_int_equal(vsw_jhash2(words, n, 5),
                         vsw_jhash(bytes, 4 * n, 5));
    }
}

/* As Linux 3.14 on a little-endian machine: dst, src, ports. */
static void
a_flow_hash_is_jhash_of_dst_src_and_ports(void **state)
{
    struct vsw_rss_ipv4 tuple
        = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 }, { 1, 2 }, { 3, 4 } };
    uint32_t words[] = { 0x0200000a, 0x0100000a, 0x04030201 };

    (void) state;
    assert_int_equal(vsw_jhash_ipv4(&tuple, 7), vsw_jhash2(words, 3, 7));
}

static void
both_directions_of_a_flow_hash_alike(void **state)
{
    struct vsw_rss_ipv4 a
        = { { 10, 0, 0, 9 }, { 10, 0, 0, 2 }, { 1, 2 }, { 3, 4 } };
    struct vsw_rss_ipv4 b
        = { { 10, 0, 0, 2 }, { 10, 0, 0, 9 }, { 3, 4 }, { 1, 2 } };
    struct vsw_rss_ipv6 c = { { 1, [15] = 3 }, { 2 }, { 0, 1 }, { 9, 9 } };
    struct vsw_rss_ipv6 d = { { 2 }, { 1, [15] = 3 }, { 9, 9 }, { 0, 1 } };

    (void) state;
    assert_int_equal(vsw_jhash_ipv4(&a, 1), vsw_jhash_ipv4(&b, 1));
    assert_int_equal(vsw_jhash_ipv6(&c, 1), vsw_jhash_ipv6(&d, 1));
    memcpy(b.dst, b.src, 4);
    a = b;
    memcpy(a.src_port, b.dst_port, 2);
    memcpy(a.dst_port, b.src_port, 2);
    assert_int_equal(vsw_jhash_ipv4(&a, 1), vsw_jhash_ipv4(&b, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jhash_gives_the_values_that_lookup3_prints),
        cmocka_unit_test(words_hash_as_their_little_endian_bytes),
        cmocka_unit_test(a_flow_hash_is_jhash_of_dst_src_and_ports),
        cmocka_unit_test(both_directions_of_a_flow_hash_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
