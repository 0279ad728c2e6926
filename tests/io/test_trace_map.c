/* Port maps: which port each flow enters and leaves, and what is refused. */
#include "vsw_test.h"

#include <unistd.h>

#include <vswsim/trace.h>

#include "capture.h"

static struct vsw_error err;

/* Packets between hosts, as pairs of their numbers that end with 0. */
static void
make_capture(struct capture *c, const uint8_t *pairs)
{
    capture_begin(c, false, true, false, 1);
    for (uint64_t t = 0; pairs[0]; pairs += 2, t++) {
        capture_udp(c, t, pairs[0], pairs[1]);
    }
    capture_close(c);
}

static struct vsw_trace *
open_or_fail(struct vsw_config_traffic traffic, const struct capture *c,
             uint32_t n_ports)
{
    struct vsw_trace *trace;

    traffic.trace = c->path;
    if (vsw_trace_open(&trace, &traffic, n_ports, &err)) {
        fail_msg("%s", err.text);
    }
    return trace;
}

static void
assert_refused(struct vsw_config_traffic traffic, const struct capture *c,
               uint32_t n_ports, const char *part)
{
    struct vsw_trace *trace;

    traffic.trace = c->path;
    assert_true(vsw_trace_open(&trace, &traffic, n_ports, &err) < 0);
    assert_null(trace);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    if (!strstr(err.text, part)) {
        fail_msg("message: %s", err.text);
    }
}

static void
assert_ports(const struct vsw_trace *trace, uint32_t flow, uint32_t in,
             uint32_t out)
{
    const struct vsw_workload *w = vsw_trace_workload(trace);

    assert_int_equal(w->flows[flow].in_port, in);
    assert_int_equal(w->flows[flow].out_port, out);
}

static void
addresses_that_send_come_before_those_that_only_receive(void **state)
{
    static const enum vsw_portmap_by kinds[] = {VSW_PORTMAP_MAC,
                                                VSW_PORTMAP_IP};
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {5, 9, 3, 5, 3, 7, 0});
    for (size_t i = 0; i < VSW_N_ELEMS(kinds); i++) {
        struct vsw_config_traffic traffic = {.map_by = kinds[i]};
        struct vsw_trace *trace = open_or_fail(traffic, &c, 4);

        assert_ports(trace, 0, 0, 2);
        assert_ports(trace, 1, 1, 0);
        assert_ports(trace, 2, 1, 3);
        vsw_trace_close(trace);
        assert_refused(traffic, &c, 3, "2 only receive");
        assert_non_null(strstr(err.text, "guests.n to 4"));
    }
    unlink(c.path);
}

static void
only_a_map_by_mac_keeps_the_addresses(void **state)
{
    struct vsw_config_traffic by_mac = {.map_by = VSW_PORTMAP_MAC};
    struct vsw_config_traffic by_ip = {.map_by = VSW_PORTMAP_IP};
    static const uint8_t port1[6] = {2, 0, 0, 0, 0, 1};
    static const uint8_t host5[6] = {2, 0, 0, 0, 0, 5};
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {5, 9, 0});
    trace = open_or_fail(by_mac, &c, 2);
    w = vsw_trace_workload(trace);
    assert_memory_equal(w->flows[0].header + 6, host5, 6);
    assert_memory_equal(w->ports[0].mac, host5, 6);
    vsw_trace_close(trace);

    trace = open_or_fail(by_ip, &c, 2);
    w = vsw_trace_workload(trace);
    assert_memory_equal(w->flows[0].header, port1, 6);
    assert_memory_equal(w->flows[0].header + 6, w->ports[0].mac, 6);
    assert_int_equal(w->ports[0].mac[5], 0);
    vsw_trace_close(trace);
    unlink(c.path);
}

/* Host 2 has the address that port 2 would be given. */
static void
no_two_ports_have_one_address(void **state)
{
    struct vsw_config_traffic traffic = {.map_by = VSW_PORTMAP_MAC};
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {2, 3, 0});
    trace = open_or_fail(traffic, &c, 8);
    w = vsw_trace_workload(trace);
    for (uint32_t i = 0; i < 8; i++) {
        for (uint32_t j = 0; j < i; j++) {
            assert_memory_not_equal(w->ports[i].mac, w->ports[j].mac, 6);
        }
    }
    vsw_trace_close(trace);
    unlink(c.path);
}

/* Connections of 'n' pairs of hosts, a packet in each direction. */
static void
make_connections(struct capture *c, int n)
{
    capture_begin(c, false, true, false, 1);
    for (int i = 0; i < n; i++) {
        uint8_t frame[UDP_FRAME_BYTES];

        make_udp(frame, (uint8_t) (1 + i), (uint8_t) (255 - i), 1000, 2000);
        capture_packet(c, 0, frame, sizeof frame, 60);
        make_udp(frame, (uint8_t) (255 - i), (uint8_t) (1 + i), 2000, 1000);
        capture_packet(c, 0, frame, sizeof frame, 60);
    }
    capture_close(c);
}

static void
both_directions_have_one_hash(void **state)
{
    static const enum vsw_portmap_by kinds[] = {VSW_PORTMAP_FLOW_HASH,
                                                VSW_PORTMAP_PAIRS};
    struct capture c;

    (void) state;
    make_connections(&c, 100);
    for (size_t i = 0; i < VSW_N_ELEMS(kinds); i++) {
        struct vsw_config_traffic traffic = {.map_by = kinds[i]};
        struct vsw_trace *trace = open_or_fail(traffic, &c, 6);
        const struct vsw_workload *w = vsw_trace_workload(trace);

        assert_int_equal(w->n_flows, 200);
        for (uint32_t j = 0; j < w->n_flows; j += 2) {
            uint32_t in = w->flows[j].in_port;
            uint32_t out = w->flows[j].out_port;

            assert_true(in < 6 && out < 6 && in != out);
            assert_ports(trace, j + 1, out, in);
            assert_true(kinds[i] != VSW_PORTMAP_PAIRS || out == (in ^ 1));
        }
        for (uint32_t j = 0; j < 6; j++) {
            assert_true(vsw_trace_ports(trace)[j].n_flows_in > 10);
        }
        vsw_trace_close(trace);
    }
    assert_refused((struct vsw_config_traffic) {.map_by = VSW_PORTMAP_PAIRS},
                   &c, 5, "even number");
    assert_refused((struct vsw_config_traffic) {
                       .map_by = VSW_PORTMAP_FLOW_HASH},
                   &c, 1, "at least 2");
    unlink(c.path);
}

static void
the_first_entry_that_matches_decides(void **state)
{
    struct vsw_config_map_entry map[] = {
        {"02:00:00:00:00:0A", 3},   {"10.0.0.4/31", 0},
        {"10.0.0.0/29", 1},         {"10.0.0.9", 2},
    };
    struct vsw_config_traffic traffic = {
        .map_by = VSW_PORTMAP_TABLE, .map = map, .n_map = 4,
    };
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {5, 6, 6, 9, 10, 5, 5, 4, 8, 5, 5, 8, 0});
    trace = open_or_fail(traffic, &c, 4);
    assert_ports(trace, 0, 0, 1);
    assert_ports(trace, 1, 1, 2);
    assert_ports(trace, 2, 3, 0);
    assert_ports(trace, 3, VSW_NONE, VSW_NONE);     /* Stays at its port. */
    assert_ports(trace, 4, VSW_NONE, VSW_NONE);     /* Nobody's source. */
    assert_ports(trace, 5, VSW_NONE, VSW_NONE);     /* Leads nowhere. */
    assert_int_equal(vsw_trace_summary(trace)->n_unmapped, 3);
    assert_int_equal(vsw_trace_summary(trace)->n_unmapped_flows, 3);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
wrong_entries_of_a_table_are_refused(void **state)
{
    static const char *const wrong[] = {
        "", "10.0.0.1/33", "10.0.0.1/", "10.0.0/8", "10.0.0.1/-1",
        "fd00::/129", "02:00:00:00:00", "02:00:00:00:00:0g",
        "02-00-00-00-00-01", "host1",
        "10.0.0.1/8888888888888888888888888888888888888888888888888888888888",
    };
    struct vsw_config_map_entry map[] = {{"10.0.0.0/8", 1}, {NULL, 1}};
    struct vsw_config_traffic traffic = {
        .map_by = VSW_PORTMAP_TABLE, .map = map, .n_map = 2,
    };
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {1, 2, 0});
    for (size_t i = 0; i < VSW_N_ELEMS(wrong); i++) {
        map[1].match = wrong[i];
        assert_refused(traffic, &c, 2, "traffic.map.table[1]");
    }
    map[1] = (struct vsw_config_map_entry) {"fd00::/64", 2};
    assert_refused(traffic, &c, 2, "no port 2");
    unlink(c.path);
}

static void
a_map_that_leads_nowhere_is_refused(void **state)
{
    struct vsw_config_map_entry map[] = {{"192.168.0.0/16", 1}};
    struct vsw_config_traffic traffic = {
        .map_by = VSW_PORTMAP_TABLE, .map = map, .n_map = 1,
    };
    struct capture c;

    (void) state;
    make_capture(&c, (uint8_t[]) {1, 2, 2, 3, 0});
    assert_refused(traffic, &c, 2, "by table leads none of its 2 flows");
    assert_non_null(strstr(err.text, "3 MAC and 3 IP"));
    unlink(c.path);
}

static void
without_mac_addresses_there_is_no_map_by_mac(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    struct capture c;

    (void) state;
    make_udp(frame, 1, 2, 1, 2);
    capture_begin(&c, false, true, false, 101);
    capture_packet(&c, 0, frame + 14, sizeof frame - 14, 46);
    capture_close(&c);
    assert_refused((struct vsw_config_traffic) {.map_by = VSW_PORTMAP_MAC},
                   &c, 2, "no MAC addresses");
    unlink(c.path);
}

static void
groups_are_entered_but_have_no_port(void **state)
{
    static const enum vsw_portmap_by kinds[] = {VSW_PORTMAP_MAC,
                                                VSW_PORTMAP_IP};
    uint8_t frame[UDP_FRAME_BYTES];
    struct capture c;

    (void) state;
    make_udp(frame, 1, 2, 1, 2);
    memcpy(frame, "\x01\x00\x5e\x00\x00\x01", 6);
    memcpy(frame + 30, "\xe0\x00\x00\x01", 4);
    capture_begin(&c, false, true, false, 1);
    capture_udp(&c, 0, 2, 1);
    capture_packet(&c, 0, frame, sizeof frame, 60);
    capture_close(&c);
    for (size_t i = 0; i < VSW_N_ELEMS(kinds); i++) {
        struct vsw_config_traffic traffic = {.map_by = kinds[i]};
        struct vsw_trace *trace = open_or_fail(traffic, &c, 2);

        assert_ports(trace, 1, 1, VSW_NONE);
        assert_memory_equal(vsw_trace_workload(trace)->flows[1].header, frame,
                            6);
        assert_int_equal(vsw_trace_summary(trace)->n_unmapped, 0);
        vsw_trace_close(trace);
    }
    unlink(c.path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            addresses_that_send_come_before_those_that_only_receive),
        cmocka_unit_test(only_a_map_by_mac_keeps_the_addresses),
        cmocka_unit_test(no_two_ports_have_one_address),
        cmocka_unit_test(both_directions_have_one_hash),
        cmocka_unit_test(the_first_entry_that_matches_decides),
        cmocka_unit_test(wrong_entries_of_a_table_are_refused),
        cmocka_unit_test(a_map_that_leads_nowhere_is_refused),
        cmocka_unit_test(without_mac_addresses_there_is_no_map_by_mac),
        cmocka_unit_test(groups_are_entered_but_have_no_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
