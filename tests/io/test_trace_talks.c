/* Talks of a closed loop: who says what, in which order, and what takes no
 * part. */
#include "vsw_test.h"

#include <unistd.h>

#include <vswsim/trace.h>

#include "capture.h"
#include "io/trace/trace_talks.h"

#define HEADER_BYTES 66         /* Ethernet, IPv4, TCP with timestamps. */

static struct vsw_error err;

/* A segment with 'payload' bytes, of which the capture has the headers; short
 * frames are padded. */
static void
put_tcp(struct capture *c, uint8_t from, uint8_t to, uint16_t from_port,
        uint16_t to_port, uint32_t payload)
{
    uint8_t frame[HEADER_BYTES] = {0};
    uint32_t n_ip = HEADER_BYTES - 14 + payload;

    make_udp(frame, from, to, from_port, to_port);
    frame[16] = (uint8_t) (n_ip >> 8);
    frame[17] = (uint8_t) n_ip;
    frame[23] = 6;
    memset(frame + 38, 0, HEADER_BYTES - 38);
    frame[46] = 8 << 4;
    capture_packet(c, 0, frame, sizeof frame, HEADER_BYTES + payload);
}

static void
begin(struct capture *c)
{
    capture_begin(c, false, true, false, 1);
}

/* Opens what was captured for two ports; the result may be NULL. */
static struct vsw_trace *
open_talks(struct capture *c)
{
    const struct vsw_config_traffic traffic = {
        .trace = c->path, .map_by = VSW_PORTMAP_IP,
    };
    struct vsw_trace *trace;

    capture_close(c);
    if (vsw_trace_open(&trace, &traffic, 2, &err)) {
        fail_msg("%s", err.text);
    }
    unlink(c->path);
    if (vsw_trace_find_talks(trace, &err)) {
        vsw_trace_close(trace);
        return NULL;
    }
    return trace;
}

static void
assert_msg(const struct vsw_workload *w, uint32_t talk, uint32_t i,
           uint32_t side, uint32_t n_bytes)
{
    const struct vsw_workload_talk *t = &w->talks[talk];

    assert_true(i < t->n_msgs);
    assert_int_equal(w->msgs[t->first_msg + i].side, side);
    assert_int_equal(w->msgs[t->first_msg + i].n_bytes, n_bytes);
}

static void
a_talk_has_the_payload_of_both_ends_in_order(void **state)
{
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    begin(&c);
    put_tcp(&c, 1, 2, 1000, 80, 0);
    put_tcp(&c, 2, 1, 80, 1001, 7);
    put_tcp(&c, 1, 2, 1000, 80, 100);
    put_tcp(&c, 2, 1, 80, 1000, 0);
    put_tcp(&c, 2, 1, 80, 1000, 60000);
    put_tcp(&c, 1, 2, 1000, 80, 1);
    trace = open_talks(&c);
    assert_non_null(trace);
    w = vsw_trace_workload(trace);
    assert_int_equal(w->n_talks, 2);
    assert_int_equal(w->talks[0].n_msgs, 3);
    assert_msg(w, 0, 0, 0, 100);
    assert_msg(w, 0, 1, 1, 60000);
    assert_msg(w, 0, 2, 0, 1);
    assert_int_equal(w->talks[1].n_msgs, 1);
    assert_msg(w, 1, 0, 0, 7);
    assert_int_equal(w->flows[w->talks[0].flows[0]].in_port, 0);
    assert_int_equal(w->flows[w->talks[1].flows[0]].in_port, 1);
    assert_int_equal(vsw_trace_summary(trace)->n_no_talk, 0);
    vsw_trace_close(trace);
}

/* A capture of one direction: the other's addresses are those of the first,
 * turned round. */
static void
a_flow_back_is_made(void **state)
{
    const struct vsw_workload_flow *forth, *back;
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    begin(&c);
    put_tcp(&c, 1, 2, 1000, 80, 100);
    trace = open_talks(&c);
    assert_non_null(trace);
    w = vsw_trace_workload(trace);
    assert_int_equal(w->n_talks, 1);
    assert_int_equal(w->n_flows, 2);
    forth = &w->flows[w->talks[0].flows[0]];
    back = &w->flows[w->talks[0].flows[1]];
    assert_int_equal(back->in_port, forth->out_port);
    assert_int_equal(back->out_port, forth->in_port);
    assert_memory_equal(back->header, forth->header + 6, 6);
    assert_memory_equal(back->header + 6, forth->header, 6);
    assert_memory_equal(back->header + 26, forth->header + 30, 4);
    assert_memory_equal(back->header + 34, forth->header + 36, 2);
    assert_int_not_equal(back->rss_hash, 0);
    assert_int_not_equal(back->rss_hash, forth->rss_hash);
    vsw_trace_close(trace);
}

/* Datagrams, fragments and connections that say nothing are counted. */
static void
what_is_no_talk_is_left_out(void **state)
{
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    begin(&c);
    put_tcp(&c, 1, 2, 1000, 80, 100);
    capture_udp(&c, 0, 1, 2);
    put_tcp(&c, 1, 2, 1001, 80, 0);
    put_tcp(&c, 2, 1, 80, 1001, 0);
    trace = open_talks(&c);
    assert_non_null(trace);
    assert_int_equal(vsw_trace_workload(trace)->n_talks, 1);
    assert_int_equal(vsw_trace_summary(trace)->n_no_talk, 3);
    vsw_trace_close(trace);

    begin(&c);
    capture_udp(&c, 0, 1, 2);
    assert_null(open_talks(&c));
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    assert_non_null(strstr(err.text, "no TCP connection"));
}

/* More than half of the flows that a trace may have, all in one direction. */
static void
half_of_all_flows_may_be_one_sided(void **state)
{
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    begin(&c);
    put_tcp(&c, 1, 2, 1, 1, 100);
    for (uint32_t i = 0; i < VSW_TRACE_MAX_FLOWS / 2; i++) {
        put_tcp(&c, 1, 2, (uint16_t) (1000 + i % 1024),
                (uint16_t) (2000 + i / 1024), 0);
    }
    trace = open_talks(&c);
    if (!trace) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(vsw_trace_workload(trace)->n_talks, 1);
    vsw_trace_close(trace);
}

/* The payload of one segment with these changes. */
static uint32_t
payload_with(uint32_t place, uint8_t value, uint32_t n_captured)
{
    struct vsw_frame frame = {.header_bytes = n_captured,
                              .frame_bytes = 200 + VSW_FCS_BYTES};

    make_udp(frame.header, 1, 2, 1000, 80);
    frame.header[17] = 120;             /* 20 + 20 and 80 bytes. */
    frame.header[23] = 6;
    frame.header[46] = 5 << 4;
    frame.header[place] = value;
    return vsw_talk_payload_bytes(&frame);
}

static void
payload_is_what_headers_leave(void **state)
{
    (void) state;
    assert_int_equal(payload_with(0, 2, 66), 80);
    assert_int_equal(payload_with(46, 8 << 4, 66), 68);
    assert_int_equal(payload_with(46, 15 << 4, 66), 40);
    assert_int_equal(payload_with(0, 2, 53), 0);        /* Cut. */
    assert_int_equal(payload_with(23, 17, 66), 0);      /* UDP. */
    assert_int_equal(payload_with(14, 0x46, 66), 0);    /* Options. */
    assert_int_equal(payload_with(20, 0x20, 66), 0);    /* A fragment. */
    assert_int_equal(payload_with(21, 1, 66), 0);
    assert_int_equal(payload_with(17, 30, 66), 0);      /* Too short. */
    /* Longer than the frame, or no length: the frame's. */
    assert_int_equal(payload_with(16, 2, 66), 200 - 54);
    assert_int_equal(payload_with(17, 0, 66), 200 - 54);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_has_the_payload_of_both_ends_in_order),
        cmocka_unit_test(a_flow_back_is_made),
        cmocka_unit_test(what_is_no_talk_is_left_out),
        cmocka_unit_test(half_of_all_flows_may_be_one_sided),
        cmocka_unit_test(payload_is_what_headers_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
