#include "vsw_test.h"
#include "vsw_random.h"
#include "packets.h"

#include <stdlib.h>

#include <vswsim/flowkey.h>

#define IPV4(total, frag, proto)                                             \
    "45b8" total "1234" frag "40" proto "0000 0a000001 c0a80102"
#define IPV6(len, next)                                                      \
    "6ab00000" len next "3f 20010db8000000000000000000000001"                \
    " 20010db8000000000000000000000002"
#define TCP "04d20050 00000001 00000002 5012 ffff 0000 0000"
#define UDP "04d20035 0008 0000"

/* Extracts from a copy that ends where the frame does, so that the address
 * sanitizer sees a read past it. */
static enum vsw_layer
extract(struct vsw_flowkey *key, const struct frame *f)
{
    uint8_t *copy = malloc(f->n_bytes ? f->n_bytes : 1);
    enum vsw_layer layer;

    assert_non_null(copy);
    memcpy(copy, f->bytes, f->n_bytes);
    layer = vsw_flowkey_extract(key, copy, f->n_bytes, 7, NULL);
    free(copy);
    return layer;
}

/* Extracts from a frame that begins with the EtherType 'hex'. */
static enum vsw_layer
extract_hex(struct vsw_flowkey *key, const char *hex)
{
    struct frame f;

    frame_begin(&f, hex);
    return extract(key, &f);
}

static void
assert_ports(const struct vsw_flowkey *key, uint16_t src, uint16_t dst)
{
    assert_int_equal(vsw_be16_get(key->tp_src), src);
    assert_int_equal(vsw_be16_get(key->tp_dst), dst);
}

static void
tcp_over_ipv4_fills_every_field(void **state)
{
    struct vsw_flowkey key, want = {0};
    enum vsw_layer layer = extract_hex(&key, "0800" IPV4("0028", "0000", "06")
                                             TCP);

    (void) state;
    want.in_port = vsw_be16_make(7);
    want.eth_dst = (struct vsw_mac) {{10, 11, 12, 13, 14, 15}};
    want.eth_src = (struct vsw_mac) {{2, 3, 4, 5, 6, 7}};
    want.eth_type = vsw_be16_make(0x0800);
    want.ip_src = vsw_ip_addr_from_v4(0x0a000001);
    want.ip_dst = vsw_ip_addr_from_v4(0xc0a80102);
    want.ip_proto = 6;
    want.ip_tos = 0xb8;
    want.ip_ttl = 0x40;
    want.tp_src = vsw_be16_make(1234);
    want.tp_dst = vsw_be16_make(80);
    want.tcp_flags = vsw_be16_make(0x012);
    assert_int_equal(layer, VSW_LAYER_TRANSPORT);
    assert_memory_equal(&key, &want, sizeof key);
    assert_int_equal(vsw_ip_addr_to_v4(&key.ip_dst), 0xc0a80102);
}

static void
two_vlan_tags_are_read_and_a_third_is_not(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "88a8 6064 8100 0065 0800"
                                       IPV4("001c", "0000", "11") UDP),
                     VSW_LAYER_TRANSPORT);
    assert_int_equal(key.vlan_kind[0], VSW_VLAN_SERVICE);
    assert_int_equal(key.vlan_kind[1], VSW_VLAN_CUSTOMER);
    assert_int_equal(vsw_be16_get(key.vlan_tci[0]), 0x6064);
    assert_int_equal(vsw_be16_get(key.vlan_tci[1]), 0x0065);
    assert_ports(&key, 1234, 53);

    assert_int_equal(extract_hex(&key, "8100 0001 8100 0002 8100 0003 0800"
                                       IPV4("001c", "0000", "11") UDP),
                     VSW_LAYER_LINK);
    assert_int_equal(vsw_be16_get(key.eth_type), 0x8100);
}

static void
length_field_without_snap_is_no_eth_type(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    extract_hex(&key, "0026 424203 0000000000");
    assert_int_equal(vsw_be16_get(key.eth_type), VSW_ETH_TYPE_NONE);
    assert_int_equal(extract_hex(&key, "0024 aaaa03 000000 0800"
                                       IPV4("001c", "0000", "11") UDP),
                     VSW_LAYER_TRANSPORT);
    assert_int_equal(vsw_be16_get(key.eth_type), 0x0800);
}

static void
arp_holds_opcode_and_both_address_pairs(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "0806 0001 0800 06 04 0002 "
                                       "020304050607 0a000001 "
                                       "0a0b0c0d0e0f 0a000002"),
                     VSW_LAYER_NETWORK);
    assert_int_equal(key.ip_proto, 2);
    assert_int_equal(vsw_ip_addr_to_v4(&key.ip_src), 0x0a000001);
    assert_int_equal(vsw_ip_addr_to_v4(&key.ip_dst), 0x0a000002);
    assert_memory_equal(key.ip_src.octets + 4, &key.eth_src, 6);
    assert_memory_equal(key.ip_dst.octets + 4, &key.eth_dst, 6);
}

static void
ipv4_options_are_skipped(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "0800 47000024 00000000 4011 0000 "
                                       "0a000001 0a000002 0102030405060708"
                                       UDP), VSW_LAYER_TRANSPORT);
    assert_ports(&key, 1234, 53);
}

static void
only_the_first_fragment_has_ports(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    extract_hex(&key, "0800" IPV4("001c", "2000", "11") UDP);
    assert_int_equal(key.ip_frag, VSW_FRAG_FIRST);
    assert_ports(&key, 1234, 53);

    assert_int_equal(extract_hex(&key, "0800" IPV4("001c", "2001", "11") UDP),
                     VSW_LAYER_NETWORK);
    assert_int_equal(key.ip_frag, VSW_FRAG_LATER);
    assert_ports(&key, 0, 0);
}

static void
padding_is_not_taken_for_a_transport_header(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "0800" IPV4("0014", "0000", "11") UDP),
                     VSW_LAYER_NETWORK);
    assert_ports(&key, 0, 0);
}

static void
ipv4_header_that_contradicts_itself_is_opaque(void **state)
{
    struct vsw_flowkey key;
    static const char *const bad[] = {
        "0800 55000014 00000000 4011 0000 0a000001 0a000002",   /* Version. */
        "0800 44000014 00000000 4011 0000 0a000001 0a000002",   /* IHL. */
        "0800 46000014 00000000 4011 0000 0a000001 0a000002",   /* Length. */
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        assert_int_equal(extract_hex(&key, bad[i]), VSW_LAYER_LINK);
        assert_int_equal(vsw_ip_addr_to_v4(&key.ip_src), 0);
        assert_int_equal(key.ip_proto, 0);
    }
}

/* What follows the headers of a packet is often not captured, and never
 * simulated. */
static void
packet_longer_than_what_is_there_keeps_its_headers(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "0800" IPV4("05dc", "0000", "06") TCP),
                     VSW_LAYER_TRANSPORT);
    assert_ports(&key, 1234, 80);
    assert_int_equal(extract_hex(&key, "86dd" IPV6("05b4", "06") TCP),
                     VSW_LAYER_TRANSPORT);
    assert_ports(&key, 1234, 80);
}

static void
udp_behind_ipv6_extension_headers_is_found(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "86dd" IPV6("0020", "00")
                                       "2b00000000000000"   /* Hop-by-hop. */
                                       "3c00000000000000"   /* Routing. */
                                       "1100000000000000"   /* Options. */
                                       UDP), VSW_LAYER_TRANSPORT);
    assert_int_equal(key.ip_proto, 17);
    assert_int_equal(key.ip_tos, 0xab);
    assert_int_equal(key.ip_ttl, 0x3f);
    assert_int_equal(key.ip_dst.octets[15], 2);
    assert_ports(&key, 1234, 53);
}

static void
ipv6_fragments_are_told_apart(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    extract_hex(&key, "86dd" IPV6("0010", "2c") "1100000100000001" UDP);
    assert_int_equal(key.ip_frag, VSW_FRAG_FIRST);
    assert_ports(&key, 1234, 53);
    extract_hex(&key, "86dd" IPV6("0010", "2c") "1100000800000001" UDP);
    assert_int_equal(key.ip_frag, VSW_FRAG_LATER);
    assert_int_equal(key.ip_proto, 44);
    assert_ports(&key, 0, 0);
    extract_hex(&key, "86dd" IPV6("0010", "2c") "1100000000000001" UDP);
    assert_int_equal(key.ip_frag, VSW_FRAG_NONE);
    assert_ports(&key, 1234, 53);
}

static void
broken_extension_header_leaves_the_addresses(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    assert_int_equal(extract_hex(&key, "86dd" IPV6("0010", "00")
                                       "1102000000000000" UDP),
                     VSW_LAYER_NETWORK);
    assert_int_equal(key.ip_src.octets[15], 1);
    assert_int_equal(key.ip_proto, 0);
}

static void
sctp_and_icmp_have_ports_or_type_and_code(void **state)
{
    struct vsw_flowkey key;

    (void) state;
    extract_hex(&key, "0800" IPV4("0020", "0000", "84")
                      "04d20b59 00000000 00000000");
    assert_ports(&key, 1234, 2905);
    extract_hex(&key, "0800" IPV4("001c", "0000", "01") "0301000000000000");
    assert_ports(&key, 3, 1);
    extract_hex(&key, "86dd" IPV6("0008", "3a") "8000000000000000");
    assert_ports(&key, 128, 0);
    extract_hex(&key, "86dd" IPV6("0008", "01") "0800000000000000");
    assert_ports(&key, 0, 0);
}

/* Each cut may lose a layer, but nothing that was in front of the cut. */
static void
every_cut_of_a_frame_gives_a_prefix_of_its_layers(void **state)
{
    struct frame f;
    struct vsw_flowkey key;
    enum vsw_layer last = VSW_LAYER_NONE;

    (void) state;
    frame_begin(&f, "8100 0064 86dd" IPV6("001c", "3c") "0600000000000000"
                    TCP);
    for (size_t n_bytes = 0, full = f.n_bytes; n_bytes <= full; n_bytes++) {
        struct frame cut = f;
        enum vsw_layer layer;

        cut.n_bytes = n_bytes;
        if (n_bytes >= 58) {
            frame_put16(&cut, 22, n_bytes - 58);
        }
        layer = extract(&key, &cut);
        assert_true(layer >= last);
        last = layer;
    }
    assert_int_equal(last, VSW_LAYER_TRANSPORT);
    assert_ports(&key, 1234, 80);
}

static void
random_bytes_do_no_harm(void **state)
{
    struct rnd r = rnd_from_environment("flowkey", 1);

    (void) state;
    for (int i = 0; i < 100000; i++) {
        static const char *const starts[] = {
            "0800 45", "86dd 6", "8100 0001 0800 45", "0806", "0001", "",
        };
        struct vsw_flowkey key;
        struct frame f;
        size_t n_bytes = rnd_below(&r, 120);

        frame_begin(&f, starts[rnd_below(&r, VSW_N_ELEMS(starts))]);
        while (f.n_bytes < n_bytes) {
            f.bytes[f.n_bytes++] = (uint8_t) (rnd_below(&r, 4)
                                              ? rnd_below(&r, 61)
                                              : rnd_next(&r));
        }
        f.n_bytes = n_bytes;
        extract(&key, &f);
    }
}

static void
declared_lines_end_with_the_last_header_read(void **state)
{
    static _Alignas(64) uint8_t aligned[256];
    struct vsw_memobs obs = {{0, 0}, NULL};
    struct vsw_flowkey key;
    struct frame f;

    (void) state;
    frame_begin(&f, "0800" IPV4("0028", "0000", "06") TCP);
    memcpy(aligned, f.bytes, f.n_bytes);
    vsw_flowkey_extract(&key, aligned, 200, 0, &obs);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 1);

    frame_begin(&f, "86dd" IPV6("0014", "06") TCP);
    memcpy(aligned, f.bytes, f.n_bytes);
    vsw_flowkey_extract(&key, aligned, 200, 0, &obs);
    assert_int_equal(obs.n_lines[VSW_MEM_READ], 1 + 2);
}

static void
nine_tuple_leaves_out_what_varies_within_a_flow(void **state)
{
    struct vsw_flowkey mask, a, b;

    (void) state;
    vsw_flowkey_mask_nine_tuple(&mask);
    extract_hex(&a, "0800" IPV4("0028", "0000", "06") TCP);
    b = a;
    b.ip_ttl--;
    b.ip_tos = 0;
    b.tcp_flags = vsw_be16_make(1);
    assert_false(vsw_flowkey_equal(&a, &b));
    assert_true(vsw_flowkey_equal_masked(&a, &b, &mask));
    vsw_flowkey_project(&a, &a, &mask);
    vsw_flowkey_project(&b, &b, &mask);
    assert_true(vsw_flowkey_equal(&a, &b));
    b.tp_dst = vsw_be16_make(81);
    assert_false(vsw_flowkey_equal_masked(&a, &b, &mask));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_over_ipv4_fills_every_field),
        cmocka_unit_test(two_vlan_tags_are_read_and_a_third_is_not),
        cmocka_unit_test(length_field_without_snap_is_no_eth_type),
        cmocka_unit_test(arp_holds_opcode_and_both_address_pairs),
        cmocka_unit_test(ipv4_options_are_skipped),
        cmocka_unit_test(only_the_first_fragment_has_ports),
        cmocka_unit_test(padding_is_not_taken_for_a_transport_header),
        cmocka_unit_test(ipv4_header_that_contradicts_itself_is_opaque),
        cmocka_unit_test(packet_longer_than_what_is_there_keeps_its_headers),
        cmocka_unit_test(udp_behind_ipv6_extension_headers_is_found),
        cmocka_unit_test(ipv6_fragments_are_told_apart),
        cmocka_unit_test(broken_extension_header_leaves_the_addresses),
        cmocka_unit_test(sctp_and_icmp_have_ports_or_type_and_code),
        cmocka_unit_test(every_cut_of_a_frame_gives_a_prefix_of_its_layers),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(declared_lines_end_with_the_last_header_read),
        cmocka_unit_test(nine_tuple_leaves_out_what_varies_within_a_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
