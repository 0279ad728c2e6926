/* Reading captures: every format, and what is made of a packet. */
#include "vsw_test.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <vswsim/trace.h>

#include "capture.h"

#define LINK_NULL   0
#define LINK_EN10MB 1
#define LINK_RAW    101
#define LINK_LOOP   108
#define LINK_SLL    113
#define LINK_IPV4   228
#define LINK_SLL2   276

static struct vsw_error err;

static struct vsw_trace *
open_mapped(const char *path, enum vsw_portmap_by by, uint32_t n_ports)
{
    struct vsw_config_traffic traffic = {.trace = path, .map_by = by};
    struct vsw_trace *trace;

    if (vsw_trace_open(&trace, &traffic, n_ports, &err)) {
        fail_msg("%s", err.text);
    }
    return trace;
}

static void
check_two_packets(const struct vsw_trace *trace, uint64_t gap_ns)
{
    const struct vsw_trace_summary *s = vsw_trace_summary(trace);
    const struct vsw_workload *w = vsw_trace_workload(trace);

    assert_int_equal(s->n_pkts, 2);
    assert_int_equal(s->n_flows, 2);
    assert_int_equal(s->n_bytes, 64 + 1518);
    assert_int_equal(s->n_truncated, 2);
    assert_false(s->cut);
    assert_string_equal(s->link_type, "EN10MB");
    assert_int_equal(w->recs[0].time_ns, 0);
    assert_int_equal(w->recs[1].time_ns, gap_ns);
    assert_int_equal(w->recs[0].frame_bytes, 64);
    assert_int_equal(w->recs[1].frame_bytes, 1518);
    assert_int_equal(w->span_ns, 2 * gap_ns);
}

static void
every_format_and_byte_order_reads_the_same(void **state)
{
    (void) state;
    for (int i = 0; i < 8; i++) {
        bool nano = i & 2;
        uint8_t frame[UDP_FRAME_BYTES];
        struct vsw_trace *trace;
        struct capture c;

        capture_begin(&c, i & 1, nano, i & 4, LINK_EN10MB);
        make_udp(frame, 1, 2, 1000, 2000);
        capture_packet(&c, 5000000123, frame, sizeof frame, 60);
        make_udp(frame, 2, 1, 2000, 1000);
        capture_packet(&c, 5000002456, frame, sizeof frame, 1514);
        capture_close(&c);

        trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);
        check_two_packets(trace, nano ? 2333 : 2000);
        vsw_trace_close(trace);
        unlink(c.path);
    }
}

static void
headers_and_ports_come_from_the_first_packet_of_a_flow(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 7, 9);
    capture_udp(&c, 10, 9, 7);
    capture_udp(&c, 20, 7, 9);
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 3);
    w = vsw_trace_workload(trace);

    make_udp(frame, 7, 9, 1000, 2000);
    assert_memory_equal(w->flows[0].header, frame, sizeof frame);
    assert_int_equal(w->flows[0].header_bytes, sizeof frame);
    assert_int_equal(w->flows[0].header[sizeof frame], 0);
    assert_int_equal(w->flows[0].in_port, 0);
    assert_int_equal(w->flows[0].out_port, 1);
    assert_int_equal(w->flows[0].n_pkts, 2);
    assert_int_equal(w->flows[1].in_port, 1);
    assert_int_equal(w->recs[2].flow_id, 0);

    assert_int_equal(w->ports[0].first_rec, 0);
    assert_int_equal(w->recs[0].next_on_port, 2);
    assert_int_equal(w->recs[2].next_on_port, VSW_NONE);
    assert_int_equal(w->ports[0].n_recs, 2);
    assert_int_equal(w->ports[1].first_rec, 1);
    assert_int_equal(w->ports[2].first_rec, VSW_NONE);
    assert_int_equal(w->ports[1].mac[5], 9);
    vsw_trace_close(trace);
    unlink(c.path);
}

/* The suite of Microsoft's "Verifying the RSS Hash Calculation". */
static void
rss_hash_is_that_of_the_published_suite(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    make_udp(frame, 1, 2, 2794, 1766);
    memcpy(frame + 26, (uint8_t[]) {66, 9, 149, 187}, 4);
    memcpy(frame + 30, (uint8_t[]) {161, 142, 100, 80}, 4);
    capture_packet(&c, 0, frame, sizeof frame, 60);
    frame[23] = 47;
    capture_packet(&c, 0, frame, sizeof frame, 60);
    frame[12] = 0x12;
    capture_packet(&c, 0, frame, sizeof frame, 60);
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);

    assert_int_equal(vsw_trace_workload(trace)->flows[0].rss_hash, 0x51ccc178);
    assert_int_equal(vsw_trace_workload(trace)->flows[1].rss_hash, 0x323e8fc2);
    assert_int_equal(vsw_trace_workload(trace)->flows[2].rss_hash, 0);
    vsw_trace_close(trace);
    unlink(c.path);
}

struct link_case {
    const char *name;
    uint32_t link_type;
    bool swapped;
    uint32_t n;
    uint8_t header[20];
    uint8_t source[6];
};

static const struct link_case link_cases[] = {
    {"RAW", LINK_RAW, false, 0, {0}, {0}},
    {"IPV4", LINK_IPV4, false, 0, {0}, {0}},
    {"NULL", LINK_NULL, false, 4, {2, 0, 0, 0}, {0}},
    {"NULL", LINK_NULL, true, 4, {0, 0, 0, 2}, {0}},
    {"LOOP", LINK_LOOP, false, 4, {0, 0, 0, 2}, {0}},
    {"LINUX_SLL", LINK_SLL, false, 16,
     {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0},
     {2, 0, 0, 0, 0, 9}},
    {"LINUX_SLL2", LINK_SLL2, false, 20,
     {8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 8, 0, 0},
     {2, 0, 0, 0, 0, 8}},
};

static void
check_link(const struct link_case *lc)
{
    uint8_t packet[20 + UDP_FRAME_BYTES];
    uint8_t frame[UDP_FRAME_BYTES];
    struct vsw_trace *trace;
    const struct vsw_workload *w;
    struct capture c;

    make_udp(frame, 1, 2, 1000, 2000);
    memcpy(packet, lc->header, lc->n);
    memcpy(packet + lc->n, frame + 14, sizeof frame - 14);
    capture_begin(&c, false, true, lc->swapped, lc->link_type);
    capture_packet(&c, 0, packet, lc->n + (uint32_t) sizeof frame - 14,
                   lc->n + 1000);
    capture_close(&c);

    trace = open_mapped(c.path, VSW_PORTMAP_IP, 0);
    w = vsw_trace_workload(trace);
    assert_string_equal(vsw_trace_summary(trace)->link_type, lc->name);
    assert_int_equal(w->recs[0].frame_bytes, 14 + 1000 + 4);
    assert_int_equal(w->flows[0].header_bytes, sizeof frame);
    assert_memory_equal(w->flows[0].header + 6, lc->source, 6);
    assert_memory_equal(w->flows[0].header + 12, frame + 12,
                        sizeof frame - 12);
    vsw_trace_close(trace);

    trace = open_mapped(c.path, VSW_PORTMAP_IP, 2);
    w = vsw_trace_workload(trace);
    assert_memory_equal(w->flows[0].header, w->ports[1].mac, 6);
    assert_memory_equal(w->flows[0].header + 6, w->ports[0].mac, 6);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
other_link_types_get_an_ethernet_header(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(link_cases); i++) {
        check_link(&link_cases[i]);
    }
}

static void
fragments_of_a_datagram_are_one_flow(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    make_udp(frame, 1, 2, 1000, 2000);
    frame[20] = 0x20;                           /* More fragments. */
    capture_packet(&c, 0, frame, sizeof frame, 1514);
    frame[20] = 0x00;
    frame[21] = 185;                            /* The last one. */
    capture_packet(&c, 0, frame, sizeof frame, 100);
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);

    assert_int_equal(vsw_trace_summary(trace)->n_flows, 1);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
vlans_and_directions_tell_flows_apart(void **state)
{
    uint8_t tagged[UDP_FRAME_BYTES + 4];
    uint8_t frame[UDP_FRAME_BYTES];
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    make_udp(frame, 1, 2, 1000, 2000);
    memcpy(tagged, frame, 12);
    memcpy(tagged + 12, (uint8_t[]) {0x81, 0, 0, 5}, 4);
    memcpy(tagged + 16, frame + 12, sizeof frame - 12);
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_packet(&c, 0, frame, sizeof frame, 60);
    capture_packet(&c, 0, tagged, sizeof tagged, 64);
    tagged[15] = 6;
    capture_packet(&c, 0, tagged, sizeof tagged, 64);
    tagged[14] = 0xe0;                          /* Another priority. */
    capture_packet(&c, 0, tagged, sizeof tagged, 64);
    capture_udp(&c, 0, 2, 1);
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);

    assert_int_equal(vsw_trace_summary(trace)->n_flows, 4);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
a_packet_with_hardly_any_header_is_counted_and_not_mapped(void **state)
{
    const struct vsw_trace_summary *s;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_packet(&c, 0, "", 0, 60);
    capture_packet(&c, 0, "12345", 5, 5);
    capture_udp(&c, 0, 1, 2);
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);
    s = vsw_trace_summary(trace);

    assert_int_equal(s->n_pkts, 3);
    assert_int_equal(s->n_unmapped, 2);
    assert_int_equal(s->min_frame_bytes, 64);
    vsw_trace_close(trace);

    trace = open_mapped(c.path, VSW_PORTMAP_PAIRS, 2);
    assert_int_equal(vsw_trace_summary(trace)->n_unmapped, 0);
    assert_int_equal(vsw_trace_workload(trace)->flows[0].header_bytes, 14);
    vsw_trace_close(trace);
    unlink(c.path);
}

/* The first flows stay, also when they come again behind others. */
static void
flows_beyond_the_limit_are_left_out(void **state)
{
    struct vsw_config_traffic traffic = {.max_flows = 2};
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 1, 2);
    capture_udp(&c, 5, 2, 1);
    capture_udp(&c, 7, 3, 1);
    capture_udp(&c, 9, 1, 2);
    capture_close(&c);
    traffic.trace = c.path;

    assert_int_equal(vsw_trace_open(&trace, &traffic, 2, &err), 0);
    assert_int_equal(vsw_trace_summary(trace)->n_pkts, 3);
    assert_int_equal(vsw_trace_summary(trace)->n_flows, 2);
    assert_int_equal(vsw_trace_summary(trace)->n_filtered, 1);
    assert_int_equal(vsw_trace_workload(trace)->recs[2].time_ns, 9);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
a_filter_counts_what_it_refuses(void **state)
{
    struct vsw_config_traffic traffic = {.filter = "src host 10.0.0.1"};
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 1, 2);
    capture_udp(&c, 5, 2, 1);
    capture_udp(&c, 9, 1, 2);
    capture_close(&c);
    traffic.trace = c.path;

    assert_int_equal(vsw_trace_open(&trace, &traffic, 2, &err), 0);
    assert_int_equal(vsw_trace_summary(trace)->n_pkts, 2);
    assert_int_equal(vsw_trace_summary(trace)->n_filtered, 1);
    assert_int_equal(vsw_trace_workload(trace)->recs[1].time_ns, 9);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
sizes_and_ports_add_up(void **state)
{
    static const uint32_t lens[] = {60, 61, 123, 124, 1514, 1515, 65226};
    const struct vsw_trace_size *sizes;
    uint8_t frame[UDP_FRAME_BYTES];
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    make_udp(frame, 1, 2, 1000, 2000);
    for (size_t i = 0; i < VSW_N_ELEMS(lens); i++) {
        capture_packet(&c, i, frame, sizeof frame, lens[i]);
    }
    capture_close(&c);
    trace = open_mapped(c.path, VSW_PORTMAP_MAC, 2);
    sizes = vsw_trace_sizes(trace);

    assert_int_equal(sizes[0].n_pkts, 1);       /* 64 */
    assert_int_equal(sizes[1].n_pkts, 2);       /* 65, 127 */
    assert_int_equal(sizes[2].n_pkts, 1);       /* 128 */
    assert_int_equal(sizes[5].n_pkts, 1);       /* 1518 */
    assert_int_equal(sizes[6].n_pkts, 1);       /* 1519 */
    assert_int_equal(sizes[10].n_pkts, 1);      /* 65230 */
    assert_int_equal(sizes[10].max_frame_bytes, 65535);
    assert_int_equal(vsw_trace_ports(trace)[0].n_pkts_in, 7);
    assert_int_equal(vsw_trace_ports(trace)[1].n_flows_out, 1);
    assert_int_equal(vsw_trace_ports(trace)[1].n_bytes_out,
                     vsw_trace_summary(trace)->n_bytes);
    vsw_trace_close(trace);
    unlink(c.path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_and_byte_order_reads_the_same),
        cmocka_unit_test(
            headers_and_ports_come_from_the_first_packet_of_a_flow),
        cmocka_unit_test(rss_hash_is_that_of_the_published_suite),
        cmocka_unit_test(other_link_types_get_an_ethernet_header),
        cmocka_unit_test(fragments_of_a_datagram_are_one_flow),
        cmocka_unit_test(vlans_and_directions_tell_flows_apart),
        cmocka_unit_test(
            a_packet_with_hardly_any_header_is_counted_and_not_mapped),
        cmocka_unit_test(flows_beyond_the_limit_are_left_out),
        cmocka_unit_test(a_filter_counts_what_it_refuses),
        cmocka_unit_test(sizes_and_ports_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
