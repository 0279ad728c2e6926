#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/trace/trace_write.h"

static uint8_t file_bytes[4096];
static size_t n_file_bytes;

static uint32_t
u32(size_t at)
{
    uint32_t x = 0;

    for (size_t i = 0; i < 4; i++) {
        x |= (uint32_t) file_bytes[at + i] << 8 * i;
    }
    return x;
}

/* Writes one packet with 'comment' and reads the file back. */
static void
write_one(uint32_t n_captured, const char *comment)
{
    static const uint8_t data[64] = {1, 2, 3};
    char path[64] = "/tmp/vswsim-test-XXXXXX";
    struct vsw_trace_out out;
    FILE *file;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(vsw_trace_out_open(&out, path, NULL), 0);
    vsw_trace_write_header(&out, VSW_TRACE_PCAPNG, 64);
    vsw_trace_write_commented(&out, 7000000001, data, n_captured, 60,
                              comment);
    assert_int_equal(vsw_trace_out_finish(&out, NULL), 0);
    file = fopen(path, "rb");
    assert_non_null(file);
    n_file_bytes = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    unlink(path);
}

/* The start of the third block, after walking all: each block has its length
 * at both ends. */
static size_t
packet_block(void)
{
    size_t at = 0, third = 0;

    for (uint32_t i = 0; at < n_file_bytes; i++) {
        uint32_t len = u32(at + 4);

        assert_true(len >= 12 && len % 4 == 0 && at + len <= n_file_bytes);
        assert_int_equal(u32(at + len - 4), len);
        third = i == 2 ? at : third;
        at += len;
    }
    assert_int_equal(u32(third), 6);
    return third;
}

static void
comments_follow_the_packet_at_any_padding(void **state)
{
    static const char *const comments[] = {"a", "ab", "abc", "abcd",
                                           "dropped: rx_ring_full"};

    (void) state;
    for (uint32_t n = 40; n < 44; n++) {
        for (size_t i = 0; i < VSW_N_ELEMS(comments); i++) {
            size_t at, len = strlen(comments[i]);

            write_one(n, comments[i]);
            at = packet_block();
            assert_int_equal(u32(at + 20), n);
            assert_int_equal(u32(at + 24), 60);
            at += 28 + (n + 3) / 4 * 4;
            assert_int_equal(u32(at), 1 | len << 16);
            assert_memory_equal(file_bytes + at + 4, comments[i], len);
            assert_int_equal(u32(at + 4 + (len + 3) / 4 * 4), 0);
        }
    }
}

static void
without_a_comment_there_are_no_options(void **state)
{
    size_t at;

    (void) state;
    write_one(60, "");
    at = packet_block();
    assert_int_equal(u32(at + 4), 32 + 60);
    assert_int_equal(u32(at + 12), 7000000001 >> 32);
    assert_int_equal(u32(at + 16), 7000000001 & UINT32_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_follow_the_packet_at_any_padding),
        cmocka_unit_test(without_a_comment_there_are_no_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
