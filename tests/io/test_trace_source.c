/* Where traces come from: pipes, compressed files, and the ones that are part
 * of the project. */
#include "vsw_test.h"

#include <unistd.h>

#include <vswsim/trace.h>

#include "capture.h"

static struct vsw_error err;

#define N_MANY 3000

static uint8_t data[400 * 1024];

/* Fills 'data' with a capture of 'n_pkts'; returns its size. */
static size_t
capture_in_memory(int n_pkts)
{
    struct capture c;
    size_t n;

    capture_begin(&c, true, true, false, 1);
    for (int i = 0; i < n_pkts; i++) {
        capture_udp(&c, 5 * (uint64_t) i, 1, 2);
    }
    capture_close(&c);
    c.file = fopen(c.path, "rb");
    assert_non_null(c.file);
    n = fread(data, 1, sizeof data, c.file);
    assert_true(n < sizeof data);
    fclose(c.file);
    unlink(c.path);
    return n;
}

static void
standard_input_is_read_once_and_walked_as_a_file(void **state)
{
    struct vsw_config_traffic traffic = {.trace = "-"};
    struct vsw_trace *trace;
    size_t n = capture_in_memory(2);
    int saved = dup(STDIN_FILENO);
    int ends[2];

    (void) state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], data, n), n);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(vsw_trace_open(&trace, &traffic, 2, &err), 0);
    assert_int_equal(vsw_trace_workload(trace)->recs[1].time_ns, 5);
    vsw_trace_close(trace);

    assert_true(vsw_trace_open(&trace, &traffic, 2, &err) < 0);
    assert_non_null(strstr(err.text, "standard input: is empty"));
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static uint32_t
crc32_of(const uint8_t *text, size_t n)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        crc ^= text[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

/* A gzip file of stored blocks (RFC 1951, 1952) with the 'n' bytes at 'text',
 * of which the last 'n_missing' bytes are not there. */
static void
write_gzip(struct capture *c, const uint8_t *text, size_t n, long n_missing)
{
    capture_new(c);
    put_bytes(c, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    for (size_t at = 0; at < n; at += 65535) {
        size_t n_block = n - at < 65535 ? n - at : 65535;

        put8(c, at + n_block == n);
        put16(c, (uint16_t) n_block);
        put16(c, (uint16_t) ~n_block);
        put_bytes(c, text + at, n_block);
    }
    put32(c, crc32_of(text, n));
    put32(c, (uint32_t) n);
    assert_int_equal(fflush(c->file), 0);
    assert_int_equal(ftruncate(fileno(c->file), ftell(c->file) - n_missing),
                     0);
    capture_close(c);
}

static int
open_file(struct vsw_trace **trace, const struct capture *c)
{
    struct vsw_config_traffic traffic = {.trace = c->path};

    return vsw_trace_open(trace, &traffic, 2, &err);
}

#ifdef VSW_HAVE_ARCHIVE

static void
compressed_traces_are_expanded(void **state)
{
    struct vsw_trace *trace;
    size_t n = capture_in_memory(N_MANY);
    struct capture c;

    (void) state;
    write_gzip(&c, data, n, 0);
    if (open_file(&trace, &c)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(vsw_trace_summary(trace)->n_pkts, N_MANY);
    assert_false(vsw_trace_summary(trace)->cut);
    vsw_trace_close(trace);
    unlink(c.path);
}

static void
a_cut_compressed_trace_keeps_what_is_there(void **state)
{
    struct vsw_trace *trace;
    size_t n = capture_in_memory(N_MANY);
    struct capture c;

    (void) state;
    write_gzip(&c, data, n, 20);
    if (open_file(&trace, &c)) {
        fail_msg("%s", err.text);
    }
    assert_in_range(vsw_trace_summary(trace)->n_pkts, N_MANY / 2, N_MANY - 1);
    assert_true(vsw_trace_summary(trace)->cut);
    vsw_trace_close(trace);
    unlink(c.path);

    write_gzip(&c, data, 1000, 20);     /* Too little to expand any. */
    assert_true(open_file(&trace, &c) < 0);
    assert_non_null(strstr(err.text, "truncated"));
    unlink(c.path);
}

static void
compressed_files_without_a_capture_are_refused(void **state)
{
    struct vsw_trace *trace;
    struct capture c;

    (void) state;
    write_gzip(&c, (const uint8_t *) "hello, world", 12, 0);
    assert_true(open_file(&trace, &c) < 0);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    assert_non_null(strstr(err.text, "without a pcap"));
    unlink(c.path);

    capture_new(&c);
    put_bytes(&c, "\x1f\x8b\x08\0\0\0\0\0\0\xff\x07\x07\x07", 13);
    capture_close(&c);
    assert_true(open_file(&trace, &c) < 0);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    assert_non_null(strstr(err.text, "gzip"));
    unlink(c.path);
}

#else

static void
without_libarchive_the_tool_to_use_is_named(void **state)
{
    struct vsw_trace *trace;
    size_t n = capture_in_memory(N_MANY);
    struct capture c;

    (void) state;
    write_gzip(&c, data, n, 0);
    assert_true(open_file(&trace, &c) < 0);
    assert_int_equal(err.kind, VSW_ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "gzip -dc"));
    unlink(c.path);
}

#endif

/* All of traces/README.md. */
static char *
read_readme(void)
{
    FILE *file = fopen(VSW_SOURCE_DIR "/traces/README.md", "rb");
    char *text = calloc(1, 65536);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static void
the_traces_of_the_project_are_as_described(void **state)
{
    static const struct {
        const char *path;
        uint64_t n_pkts;
        uint32_t n_flows;
        uint32_t n_hosts;
        uint32_t min_frame_bytes;
        uint32_t max_frame_bytes;
    } want[] = {
        {"tcp-stream.pcap", 3000, 4, 2, 70, 65230},
        {"kv-set.pcap", 3200, 108, 4, 70, 1139},
        {"udp-small.pcap", 5000, 16, 8, 64, 64},
    };
    char *readme = read_readme();

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(want); i++) {
        struct vsw_config_traffic traffic = {0};
        const struct vsw_trace_summary *s;
        struct vsw_trace *trace;
        char path[4096];

        snprintf(path, sizeof path, "%s/traces/%s", VSW_SOURCE_DIR,
                 want[i].path);
        traffic.trace = path;
        if (vsw_trace_open(&trace, &traffic, want[i].n_hosts, &err)) {
            fail_msg("%s", err.text);
        }
        s = vsw_trace_summary(trace);
        assert_int_equal(s->n_pkts, want[i].n_pkts);
        assert_int_equal(s->n_flows, want[i].n_flows);
        assert_int_equal(s->n_mac_addrs, want[i].n_hosts);
        assert_int_equal(s->n_ip_addrs, want[i].n_hosts);
        assert_int_equal(s->min_frame_bytes, want[i].min_frame_bytes);
        assert_int_equal(s->max_frame_bytes, want[i].max_frame_bytes);
        assert_int_equal(s->n_unmapped, 0);
        assert_false(s->cut);
        assert_non_null(strstr(readme, s->digest));
        vsw_trace_close(trace);
    }
    free(readme);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_input_is_read_once_and_walked_as_a_file),
#ifdef VSW_HAVE_ARCHIVE
        cmocka_unit_test(compressed_traces_are_expanded),
        cmocka_unit_test(a_cut_compressed_trace_keeps_what_is_there),
        cmocka_unit_test(compressed_files_without_a_capture_are_refused),
#else
        cmocka_unit_test(without_libarchive_the_tool_to_use_is_named),
#endif
        cmocka_unit_test(the_traces_of_the_project_are_as_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
