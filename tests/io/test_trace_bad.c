/* Bad traces: one clear message each, and what is kept of damaged ones. */
#include "vsw_test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vswsim/trace.h>

#include "capture.h"
#include "io/trace/trace_decode.h"

#define LINK_EN10MB 1

static struct vsw_error err;

static int
open_trace(struct vsw_trace **trace, const char *path, const char *filter)
{
    struct vsw_config_traffic traffic = {.trace = path, .filter = filter};

    memset(&err, 0, sizeof err);
    return vsw_trace_open(trace, &traffic, 2, &err);
}

/* Opening must fail with 'kind' and a message of one line that names the
 * trace and has each of the parts. */
static void
assert_refused(const char *path, const char *filter, enum vsw_error_kind kind,
               const char *part1, const char *part2)
{
    struct vsw_trace *trace = (struct vsw_trace *) &err;

    assert_true(open_trace(&trace, path, filter) < 0);
    assert_null(trace);
    assert_int_equal(err.kind, kind);
    assert_true(err.code < 0);
    assert_null(strchr(err.text, '\n'));
    if (!strstr(err.text, filter ? filter : path)
        || !strstr(err.text, part1) || !strstr(err.text, part2)) {
        fail_msg("message: %s", err.text);
    }
}

static void
write_file(struct capture *c, const void *data, size_t n)
{
    capture_new(c);
    put_bytes(c, data, n);
    capture_close(c);
}

static void
what_is_no_readable_file_is_refused(void **state)
{
    struct capture c;

    (void) state;
    assert_refused("no-such-file.pcap", NULL, VSW_ERROR_NO_INPUT,
                   "cannot open", "No such file");
    assert_refused("/", NULL, VSW_ERROR_NO_INPUT, "is a directory", "name a");
    assert_refused("/dev/null", NULL, VSW_ERROR_DATA, "is empty", "");
    assert_refused("/dev/zero", NULL, VSW_ERROR_DATA, "not a pcap",
                   "00 00 00 00 00 00 00 00");
    write_file(&c, "", 0);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "is empty", "file header");
    unlink(c.path);
}

static void
foreign_files_are_refused(void **state)
{
    static const char *const texts[] = {"{\"a\": 1}", "\n", "\xff\xfe",
                                        "PK\x03\x04zip"};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(texts); i++) {
        struct capture c;

        write_file(&c, texts[i], strlen(texts[i]));
        assert_refused(c.path, NULL, VSW_ERROR_DATA, "not a pcap or pcapng",
                       "editcap");
        unlink(c.path);
    }
}

static void
link_types_without_support_are_refused_by_name(void **state)
{
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, 105);
    capture_udp(&c, 0, 1, 2);
    capture_close(&c);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "IEEE802_11",
                   "supported are Ethernet");
    unlink(c.path);
}

static void
a_wrong_filter_is_refused_in_the_words_of_libpcap(void **state)
{
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 1, 2);
    capture_close(&c);
    assert_refused(c.path, "udp port or", VSW_ERROR_DATA, "traffic.filter",
                   "syntax error");
    assert_refused(c.path, "tcp", VSW_ERROR_DATA, "accepts none of its 1",
                   c.path);
    unlink(c.path);
}

static void
a_trace_without_packets_is_refused(void **state)
{
    (void) state;
    for (int ng = 0; ng < 2; ng++) {
        struct capture c;

        capture_begin(&c, ng, true, false, LINK_EN10MB);
        capture_close(&c);
        assert_refused(c.path, NULL, VSW_ERROR_DATA, "no packets", "");
        unlink(c.path);
    }
}

/* Size of a file of 'n' packets. */
static long
make_udp_file(struct capture *c, bool ng, int n)
{
    struct stat st;

    capture_begin(c, ng, true, false, LINK_EN10MB);
    for (int i = 0; i < n; i++) {
        capture_udp(c, (uint64_t) i, 1, 2);
    }
    capture_close(c);
    assert_int_equal(stat(c->path, &st), 0);
    return st.st_size;
}

/* Every length from none to all: a refusal up to the end of the first packet,
 * then what was read, marked as cut unless the cut is between packets. */
static void
check_every_cut(bool ng)
{
    struct capture c;
    long one = make_udp_file(&c, ng, 1);
    long two;

    unlink(c.path);
    two = make_udp_file(&c, ng, 2);
    for (long n = two; n >= 0; n--) {
        struct vsw_trace *trace;
        int code;

        assert_int_equal(truncate(c.path, n), 0);
        code = open_trace(&trace, c.path, NULL);
        if (n < one) {
            assert_true(code < 0);
            assert_int_equal(err.kind, VSW_ERROR_DATA);
            continue;
        }
        assert_int_equal(code, 0);
        assert_int_equal(vsw_trace_summary(trace)->n_pkts, n == two ? 2 : 1);
        assert_int_equal(vsw_trace_summary(trace)->cut,
                         n != one && n != two);
        vsw_trace_close(trace);
    }
    unlink(c.path);
}

static void
a_cut_trace_keeps_the_packets_before_the_cut(void **state)
{
    (void) state;
    check_every_cut(false);
    check_every_cut(true);
}

static void
an_end_inside_of_the_first_packet_is_told(void **state)
{
    struct capture c;
    long n = make_udp_file(&c, false, 1);

    (void) state;
    assert_int_equal(truncate(c.path, n - 1), 0);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "inside its first packet",
                   "");
    assert_int_equal(truncate(c.path, 20), 0);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "inside its file header",
                   "");
    unlink(c.path);
}

static void
damage_in_the_middle_is_refused_with_its_place(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    struct capture c;

    (void) state;
    make_udp(frame, 1, 2, 1, 2);
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 1, 2);
    capture_udp(&c, 0, 1, 2);
    put32(&c, 0);
    put32(&c, 0);
    put32(&c, 0x7fffffff);              /* Captured, beyond the limit. */
    put32(&c, 60);
    put_bytes(&c, frame, sizeof frame);
    capture_close(&c);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "damaged after 2 packets",
                   "1-2");
    unlink(c.path);

    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 0, 1, 2);
    capture_packet(&c, 0, frame, sizeof frame, 0xfffffff0);
    capture_close(&c);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "packet 2 claims",
                   "4294967280");
    unlink(c.path);
}

/* There is no part before it to keep. */
static void
damage_in_the_first_packet_is_refused(void **state)
{
    uint8_t frame[UDP_FRAME_BYTES];
    struct capture c;

    (void) state;
    make_udp(frame, 1, 2, 1, 2);
    capture_begin(&c, false, true, false, LINK_EN10MB);
    put32(&c, 0);
    put32(&c, 0);
    put32(&c, 0x7fffffff);
    put32(&c, 60);
    capture_close(&c);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "beyond its header", "");
    unlink(c.path);

    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_packet(&c, 0, frame, sizeof frame, 0xfffffff0);
    capture_close(&c);
    assert_refused(c.path, NULL, VSW_ERROR_DATA, "its first packet claims",
                   "4294967280");
    unlink(c.path);
}

struct jump_case {
    const char *what;
    uint64_t max_jump_ns;
    uint64_t times_ns[5];
    uint64_t want_ns[5];
    uint64_t n_equal;
    uint64_t n_backward;
    uint64_t n_absurd;
};

static const struct jump_case jumps[] = {
    {"none", 100, {7, 8, 20, 50, 60}, {0, 1, 13, 43, 53}, 0, 0, 0},
    {"equal", 100, {5, 5, 5, 6, 6}, {0, 0, 0, 1, 1}, 3, 0, 0},
    {"disorder", 100, {10, 20, 15, 30, 29}, {0, 10, 10, 20, 20}, 0, 2, 0},
    {"ahead", 100, {0, 100, 1000, 1010, 1110}, {0, 100, 200, 210, 310}, 0, 0,
     1},
    {"clock set back", 100, {5000, 5010, 10, 20, 30},
     {0, 10, 10, 20, 30}, 0, 1, 0},
    {"no limit", 0, {0, UINT64_C(4000000000000000000), 5, 6, 7},
     {0, UINT64_C(4000000000000000000), UINT64_C(4000000000000000000),
      UINT64_C(4000000000000000000), UINT64_C(4000000000000000000)},
     0, 3, 0},
};

static void
check_jump(const struct jump_case *jc)
{
    struct vsw_config_traffic traffic = {.max_jump_ns = jc->max_jump_ns};
    const struct vsw_trace_summary *s;
    struct vsw_trace *trace;
    struct capture c;

    capture_begin(&c, true, true, false, LINK_EN10MB);
    for (int i = 0; i < 5; i++) {
        capture_udp(&c, jc->times_ns[i], 1, 2);
    }
    capture_close(&c);
    traffic.trace = c.path;
    assert_int_equal(vsw_trace_open(&trace, &traffic, 2, &err), 0);
    s = vsw_trace_summary(trace);
    for (int i = 0; i < 5; i++) {
        uint64_t time_ns = vsw_trace_workload(trace)->recs[i].time_ns;

        if (time_ns != jc->want_ns[i]) {
            fail_msg("%s: packet %d at %llu ns", jc->what, i,
                     (unsigned long long) time_ns);
        }
    }
    assert_int_equal(s->n_equal_times, jc->n_equal);
    assert_int_equal(s->n_backward_times, jc->n_backward);
    assert_int_equal(s->n_absurd_jumps, jc->n_absurd);
    assert_int_equal(s->span_ns, jc->want_ns[4]);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
jumps_of_the_clock_are_policed_and_counted(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(jumps); i++) {
        check_jump(&jumps[i]);
    }
}

/* A trace is repeated with its span as the period. */
static void
the_period_of_a_trace_is_never_zero(void **state)
{
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    capture_udp(&c, 77, 1, 2);
    capture_close(&c);
    assert_int_equal(open_trace(&trace, c.path, NULL), 0);
    assert_int_equal(vsw_trace_workload(trace)->span_ns, 1);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
an_unwritable_place_for_temporary_files_is_told(void **state)
{
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    make_udp_file(&c, false, 1);
    setenv("TMPDIR", "/no/such/directory", 1);
    assert_true(open_trace(&trace, c.path, NULL) < 0);
    unsetenv("TMPDIR");
    assert_int_equal(err.kind, VSW_ERROR_CANNOT_CREATE);
    assert_non_null(strstr(err.text, "/no/such/directory"));
    assert_non_null(strstr(err.text, "TMPDIR"));
    unlink(c.path);
}

/* With a small limit, as the real one would take a quarter of a gigabyte. */
static void
too_many_flows_are_refused(void **state)
{
    struct vsw_decode_options options = {"flows.pcap", NULL, 0, 0};
    struct vsw_decoded decoded = {0};
    struct vsw_spool spool;
    struct capture c;

    (void) state;
    capture_begin(&c, false, true, false, LINK_EN10MB);
    for (uint8_t i = 1; i <= 4; i++) {
        capture_udp(&c, 0, i, 9);
        capture_udp(&c, 0, 1, 9);
    }
    capture_close(&c);
    for (uint32_t limit = 3; limit <= 4; limit++) {
        assert_int_equal(vsw_flow_set_init(&decoded.flows), 0);
        assert_int_equal(vsw_spool_open(&spool, &err), 0);
        decoded.flows.limit = limit;
        assert_int_equal(vsw_trace_decode(&decoded, fopen(c.path, "rb"),
                                          &options, &spool, &err),
                         limit == 3 ? -E2BIG : 0);
        vsw_flow_set_fini(&decoded.flows);
        vsw_spool_close(&spool);
        memset(&decoded, 0, sizeof decoded);
    }
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    assert_non_null(strstr(err.text, "more than 3 flows, after 6 packets"));
    unlink(c.path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_readable_file_is_refused),
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(link_types_without_support_are_refused_by_name),
        cmocka_unit_test(a_wrong_filter_is_refused_in_the_words_of_libpcap),
        cmocka_unit_test(a_trace_without_packets_is_refused),
        cmocka_unit_test(a_cut_trace_keeps_the_packets_before_the_cut),
        cmocka_unit_test(an_end_inside_of_the_first_packet_is_told),
        cmocka_unit_test(damage_in_the_middle_is_refused_with_its_place),
        cmocka_unit_test(damage_in_the_first_packet_is_refused),
        cmocka_unit_test(jumps_of_the_clock_are_policed_and_counted),
        cmocka_unit_test(the_period_of_a_trace_is_never_zero),
        cmocka_unit_test(too_many_flows_are_refused),
        cmocka_unit_test(an_unwritable_place_for_temporary_files_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
