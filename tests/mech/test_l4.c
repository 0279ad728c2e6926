#include <vswsim/l4.h>

#include <string.h>

#include "vsw_test.h"

static uint8_t bytes[VSW_L4_MAX_HEADER_BYTES];

/* 10.0.0.1:10000 to 10.0.0.2:5001. */
static const struct vsw_workload_flow flow = {
    .header = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
               0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1,
               10, 0, 0, 2, 0x27, 0x10, 0x13, 0x89},
    .header_bytes = 54,
};

static uint32_t
at(uint32_t offset, uint32_t n_bytes)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < n_bytes; i++) {
        value = value << 8 | bytes[offset + i];
    }
    return value;
}

/* One's complement sum of the words of 'n_bytes', which is 0xffff with a right
 * checksum. */
static uint32_t
sum(uint32_t offset, uint32_t n_bytes, uint32_t start)
{
    for (uint32_t i = 0; i < n_bytes; i += 2) {
        start += at(offset + i, 2);
    }
    while (start >> 16) {
        start = (start & 0xffff) + (start >> 16);
    }
    return start;
}

static struct vsw_pkt
packet(struct vsw_l4 l4)
{
    return (struct vsw_pkt) {.frame_bytes = 70 + l4.payload_bytes, .l4 = l4};
}

static void
a_data_segment_has_all_its_fields(void **state)
{
    const struct vsw_pkt pkt = packet((struct vsw_l4) {
        .proto = VSW_L4_TCP, .flags = VSW_TCP_ACK | VSW_TCP_PSH,
        .seq = 0x01020304, .ack = 0x0a0b0c0d, .window_bytes = 65536,
        .payload_bytes = 1448, .ts_val = 77, .ts_ecr = 66,
    });

    (void) state;
    assert_int_equal(vsw_l4_write(bytes, &pkt, &flow), 66);
    assert_memory_equal(bytes, flow.header, 14);
    assert_int_equal(at(16, 2), 1500);
    assert_int_equal(at(34, 2), 10000);
    assert_int_equal(at(36, 2), 5001);
    assert_int_equal(at(38, 4), 0x01020304);
    assert_int_equal(at(42, 4), 0x0a0b0c0d);
    assert_int_equal(at(46, 2), 0x8018);
    assert_int_equal(at(48, 2), 512);
    assert_int_equal(at(58, 4), 77);
    assert_int_equal(at(62, 4), 66);
    assert_int_equal(sum(14, 20, 0), 0xffff);
    assert_int_equal(sum(34, 32, sum(26, 8, 6 + 1480)), 0xffff);
}

static void
a_syn_offers_its_options_and_no_scaled_window(void **state)
{
    const struct vsw_pkt pkt = packet((struct vsw_l4) {
        .proto = VSW_L4_TCP, .flags = VSW_TCP_SYN, .seq = 5,
        .window_bytes = 1 << 20, .seg_bytes = 1448,
    });

    (void) state;
    assert_int_equal(vsw_l4_write(bytes, &pkt, &flow), 74);
    assert_int_equal(at(46, 2), 0xa002);
    assert_int_equal(at(48, 2), 0xffff);
    assert_int_equal(at(54, 4), 0x020405b4);        /* MSS 1460. */
    assert_int_equal(at(58, 4), 0x01030307);        /* Scale 7. */
    assert_int_equal(sum(34, 40, sum(26, 8, 6 + 40)), 0xffff);
}

static void
a_datagram_has_length_and_checksum(void **state)
{
    const struct vsw_pkt pkt = packet((struct vsw_l4) {
        .proto = VSW_L4_UDP, .seq = 9, .payload_bytes = 100,
    });

    (void) state;
    assert_int_equal(vsw_l4_write(bytes, &pkt, &flow), 42);
    assert_int_equal(at(16, 2), 128);
    assert_int_equal(bytes[23], 17);
    assert_int_equal(at(38, 2), 108);
    assert_int_equal(sum(34, 8, sum(26, 8, 17 + 108)), 0xffff);
}

static void
packets_of_a_trace_have_the_header_of_their_flow(void **state)
{
    const struct vsw_pkt pkt = {.frame_bytes = 64};
    struct vsw_workload_flow ipv6 = flow;
    const struct vsw_pkt tcp = packet((struct vsw_l4) {
        .proto = VSW_L4_TCP,
    });

    (void) state;
    ipv6.header[12] = 0x86;
    ipv6.header[13] = 0xdd;
    assert_int_equal(vsw_l4_write(bytes, &pkt, &flow), 0);
    assert_int_equal(vsw_l4_write(bytes, &tcp, &ipv6), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_data_segment_has_all_its_fields),
        cmocka_unit_test(a_syn_offers_its_options_and_no_scaled_window),
        cmocka_unit_test(a_datagram_has_length_and_checksum),
        cmocka_unit_test(packets_of_a_trace_have_the_header_of_their_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
