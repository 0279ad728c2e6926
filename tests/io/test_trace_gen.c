/* Generated traces: what was asked for, the same bytes each time, and memory
 * that does not grow with the trace. */
#include "vsw_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vswsim/trace.h>
#include <vswsim/trace_gen.h>

#define PATH "generated.pcap"

static struct vsw_error err;

static void
generate(const struct vsw_trace_gen *gen)
{
    if (vsw_trace_generate(gen, PATH, &err)) {
        fail_msg("%s", err.text);
    }
}

static struct vsw_trace *
open_generated(enum vsw_portmap_by by, uint32_t n_ports)
{
    struct vsw_config_traffic traffic = {.trace = PATH, .map_by = by};
    struct vsw_trace *trace;

    if (vsw_trace_open(&trace, &traffic, n_ports, &err)) {
        fail_msg("%s", err.text);
    }
    return trace;
}

static void
equal_arguments_give_the_bytes_on_record(void **state)
{
    static const struct {
        struct vsw_trace_gen gen;
        const char *digest;
    } cases[] = {
        {{.seed = 1, .n_pkts = 2000, .n_flows = 500, .n_ports = 8,
          .rate_pps = 3000000},
         "31b8bf17c8476f641ce10673f4929db2459a5708862cfc7c270d463b159cc065"},
        {{.seed = 2, .n_pkts = 2000, .n_flows = 100000, .n_ports = 300,
          .skew_milli = 1100, .proto = VSW_TRACE_TCP, .gap_ns = 777,
          .poisson = true, .snaplen_bytes = 96, .format = VSW_TRACE_PCAP},
         "a373b95f9c7c7279e0f2b1231ced83abdeae52e19e6573e0c199975b4777de4f"},
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(cases); i++) {
        struct vsw_trace *trace;

        generate(&cases[i].gen);
        trace = open_generated(VSW_PORTMAP_FLOW_HASH, 2);
        assert_string_equal(vsw_trace_summary(trace)->digest,
                            cases[i].digest);
        vsw_trace_close(trace);
    }
    unlink(PATH);
}

static void
a_trace_has_what_was_asked_for(void **state)
{
    struct vsw_trace_gen_size sizes[] = {{64, 1}, {65553, 3}, {1000, 0}};
    struct vsw_trace_gen gen = {
        .seed = 9, .n_pkts = 4000, .n_flows = 16, .n_ports = 4,
        .sizes = sizes, .n_sizes = 3, .rate_pps = 3000000,
        .snaplen_bytes = 60,
    };
    const struct vsw_trace_size *counts;
    const struct vsw_workload *w;
    struct vsw_trace *trace;

    (void) state;
    generate(&gen);
    trace = open_generated(VSW_PORTMAP_MAC, 4);
    w = vsw_trace_workload(trace);
    counts = vsw_trace_sizes(trace);

    assert_int_equal(w->n_recs, 4000);
    assert_int_equal(w->n_flows, 16);
    assert_int_equal(w->recs[3].time_ns, 1000);
    assert_int_equal(w->recs[3999].time_ns, 1333000);
    assert_int_equal(counts[0].n_pkts + counts[11].n_pkts, 4000);
    assert_in_range(counts[0].n_pkts, 900, 1100);
    for (uint32_t i = 0; i < 16; i++) {         /* About 250 each. */
        assert_in_range(w->flows[i].n_pkts, 180, 320);
        assert_int_equal(w->flows[i].header_bytes, 60);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(vsw_trace_ports(trace)[i].n_flows_in, 4);
    }
    vsw_trace_close(trace);
    unlink(PATH);
}

static void
a_skewed_trace_has_popular_flows(void **state)
{
    struct vsw_trace_gen gen = {.seed = 3, .n_pkts = 20000, .n_flows = 1000,
                                .n_ports = 2, .skew_milli = 1000};
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    uint64_t most = 0;

    (void) state;
    generate(&gen);
    trace = open_generated(VSW_PORTMAP_MAC, 2);
    w = vsw_trace_workload(trace);
    for (uint32_t i = 0; i < w->n_flows; i++) {
        most = w->flows[i].n_pkts > most ? w->flows[i].n_pkts : most;
    }

    /* 1 / H(1000) = 13.4 % of the packets, plus or minus 6 deviations. */
    assert_in_range(most, 2382, 2962);
    vsw_trace_close(trace);
    unlink(PATH);
}

static void
a_poisson_trace_has_the_mean_and_spread_of_one(void **state)
{
    struct vsw_trace_gen gen = {.seed = 4, .n_pkts = 20001, .n_flows = 1,
                                .n_ports = 2, .gap_ns = 1000,
                                .poisson = true};
    const struct vsw_workload *w;
    struct vsw_trace *trace;
    uint64_t n_above_mean = 0;

    (void) state;
    generate(&gen);
    trace = open_generated(VSW_PORTMAP_MAC, 2);
    w = vsw_trace_workload(trace);
    for (uint32_t i = 1; i < w->n_recs; i++) {
        n_above_mean += w->recs[i].time_ns - w->recs[i - 1].time_ns > 1000;
    }

    assert_in_range(w->recs[20000].time_ns, 19150000, 20850000);
    assert_in_range(n_above_mean, 6950, 7770);  /* 1 / e of them. */
    vsw_trace_close(trace);
    unlink(PATH);
}

static uint32_t
sum16(const uint8_t *data, uint32_t n)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        sum += (uint32_t) data[i] << (i % 2 ? 0 : 8);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* Checks the packet of 'n' bytes at 'packet' as a receiver does: the sum over
 * all that a checksum covers, itself included, is all ones. */
static void
check_checksums(const uint8_t *packet, uint32_t n)
{
    const uint8_t *ip = packet + 14;
    uint8_t pseudo[12] = {0};

    assert_int_equal(sum16(ip, 20), 0xffff);
    memcpy(pseudo, ip + 12, 8);
    pseudo[9] = ip[9];
    pseudo[10] = (uint8_t) ((n - 34) >> 8);
    pseudo[11] = (uint8_t) (n - 34);
    assert_int_equal((sum16(pseudo, 12) + sum16(ip + 20, n - 34)) % 0xffff,
                     0);
}

static void
checksums_are_right(void **state)
{
    struct vsw_trace_gen gen = {.n_pkts = 500, .n_flows = 70000,
                                .n_ports = 1000, .format = VSW_TRACE_PCAP};
    static uint8_t packet[2000];

    (void) state;
    for (int proto = 0; proto < 2; proto++) {
        uint8_t header[16];
        int n_pkts = 0;
        FILE *file;

        gen.proto = (enum vsw_trace_proto) proto;
        generate(&gen);
        file = fopen(PATH, "rb");
        assert_non_null(file);
        assert_int_equal(fseek(file, 24, SEEK_SET), 0);
        while (fread(header, sizeof header, 1, file) == 1) {
            uint32_t n = header[8] | (uint32_t) header[9] << 8;

            assert_true(n <= sizeof packet);
            assert_int_equal(fread(packet, n, 1, file), 1);
            check_checksums(packet, n);
            n_pkts++;
        }
        assert_int_equal(n_pkts, 500);
        fclose(file);
    }
    unlink(PATH);
}

static void
arguments_out_of_range_are_refused(void **state)
{
    struct vsw_trace_gen_size small = {63, 1}, large = {65554, 1};
    struct vsw_trace_gen_size weightless = {64, 0};
    const struct vsw_trace_gen good = {.n_pkts = 1, .n_flows = 1,
                                       .n_ports = 2};
    struct vsw_trace_gen bad[12];
    size_t n = 0;

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(bad); i++) {
        bad[i] = good;
    }
    bad[n++].n_pkts = 0;
    bad[n++].n_pkts = UINT32_MAX;
    bad[n++].n_flows = 0;
    bad[n++].n_flows = VSW_TRACE_MAX_FLOWS + 1;
    bad[n++].n_ports = 1;
    bad[n++].n_ports = VSW_TRACE_GEN_MAX_PORTS + 1;
    bad[n++].skew_milli = 10001;
    bad[n++].rate_pps = UINT64_C(1000000000001);
    bad[n++].gap_ns = UINT64_MAX;
    bad[n].n_sizes = 1;
    bad[n++].sizes = &small;
    bad[n].n_sizes = 1;
    bad[n++].sizes = &large;
    bad[n].n_sizes = 1;
    bad[n++].sizes = &weightless;
    assert_int_equal(n, VSW_N_ELEMS(bad));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(vsw_trace_generate(&bad[i], PATH, &err), -EINVAL);
        assert_int_equal(err.kind, VSW_ERROR_USAGE);
        assert_int_equal(access(PATH, F_OK), -1);
    }
}

static void
a_file_that_cannot_be_written_is_told(void **state)
{
    struct vsw_trace_gen gen = {.n_pkts = 1000, .n_flows = 1, .n_ports = 2};
    struct stat st;

    (void) state;
    assert_int_equal(vsw_trace_generate(&gen, "/no/such/file", &err),
                     -ENOENT);
    assert_int_equal(err.kind, VSW_ERROR_CANNOT_CREATE);
    if (access("/dev/full", W_OK)) {
        skip();
    }
    assert_int_equal(vsw_trace_generate(&gen, "/dev/full", &err), -ENOSPC);
    assert_int_equal(err.kind, VSW_ERROR_IO);
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));           /* Not replaced by a file. */
}

static long
max_rss_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Records of 2 million packets are 48 MB, their capture 182 MB. */
static void
memory_does_not_grow_with_the_trace(void **state)
{
    struct vsw_trace_gen gen = {.n_pkts = 20000, .n_flows = 1000,
                                .n_ports = 8, .snaplen_bytes = 60};
    struct vsw_trace *trace;
    long before_kib;

    (void) state;
    generate(&gen);
    vsw_trace_close(open_generated(VSW_PORTMAP_MAC, 8));
    before_kib = max_rss_kib();

    gen.n_pkts = 2000000;
    generate(&gen);
    trace = open_generated(VSW_PORTMAP_MAC, 8);
    assert_int_equal(vsw_trace_summary(trace)->n_pkts, 2000000);
    assert_true(max_rss_kib() - before_kib < 8 * 1024);
    vsw_trace_close(trace);
    unlink(PATH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_does_not_grow_with_the_trace),
        cmocka_unit_test(equal_arguments_give_the_bytes_on_record),
        cmocka_unit_test(a_trace_has_what_was_asked_for),
        cmocka_unit_test(a_skewed_trace_has_popular_flows),
        cmocka_unit_test(a_poisson_trace_has_the_mean_and_spread_of_one),
        cmocka_unit_test(checksums_are_right),
        cmocka_unit_test(arguments_out_of_range_are_refused),
        cmocka_unit_test(a_file_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
