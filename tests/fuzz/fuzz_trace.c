/* Decoding of hostile captures: no crash, and what is accepted keeps the
 * promises of the workload.
 *
 * The first byte chooses the port map, and whether the rest is a file or, so
 * that it gets past the headers, packets of a well-formed one: the link type,
 * then for each its time, length, captured length and content. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/trace/trace_impl.h"

#define N_PORTS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

/* Each chain goes forward and visits what enters at its port, all of it. */
static void
check_chains(const struct vsw_workload *w, uint64_t n_unmapped)
{
    uint64_t n = 0;

    for (uint32_t port = 0; port < w->n_ports; port++) {
        uint32_t rec = w->ports[port].first_rec;

        n += w->ports[port].n_recs;
        for (uint32_t i = 0; i < w->ports[port].n_recs; i++) {
            require(rec < w->n_recs);
            require(w->flows[w->recs[rec].flow_id].in_port == port);
            require(w->recs[rec].next_on_port > rec);
            rec = w->recs[rec].next_on_port;
        }
        require(rec == VSW_NONE);
    }
    require(w->n_ports == 0 || n + n_unmapped == w->n_recs);
}

static void
check(const struct vsw_trace *trace)
{
    const struct vsw_workload *w = vsw_trace_workload(trace);
    uint64_t time_ns = 0;

    require(w->n_recs > 0 && w->n_flows > 0 && w->recs[0].time_ns == 0);
    for (uint32_t i = 0; i < w->n_recs; i++) {
        require(w->recs[i].flow_id < w->n_flows);
        require(w->recs[i].frame_bytes >= 64);
        require(w->recs[i].time_ns >= time_ns);
        time_ns = w->recs[i].time_ns;
    }
    require(w->span_ns > time_ns);
    for (uint32_t i = 0; i < w->n_flows; i++) {
        require(w->flows[i].header_bytes <= VSW_HEADER_BYTES);
        require(w->flows[i].n_pkts > 0);
    }
    check_chains(w, vsw_trace_summary(trace)->n_unmapped);
}

#define N_FILE 4096

static const uint8_t file_header[20] = {
    0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0,
};

/* LINKTYPE_*: Ethernet, raw, null, loop, cooked 1 and 2. */
static const uint8_t link_types[][4] = {
    {1}, {101}, {0}, {108}, {113}, {20, 1},
};

/* Makes a capture of 'data' in 'file'; returns its size. */
static size_t
wrap(uint8_t *file, const uint8_t *data, size_t n_bytes)
{
    size_t n = sizeof file_header + 4;

    memcpy(file, file_header, sizeof file_header);
    memcpy(file + sizeof file_header, link_types[data[0] % 6], 4);
    data++, n_bytes--;
    while (n_bytes >= 8) {
        size_t n_captured = data[7];

        n_captured = n_captured < n_bytes - 8 ? n_captured : n_bytes - 8;
        if (n + 16 + n_captured > N_FILE) {
            break;
        }
        memset(file + n, 0, 16);
        memcpy(file + n, data, 1);              /* Seconds. */
        memcpy(file + n + 4, data + 1, 3);      /* Nanoseconds. */
        file[n + 8] = (uint8_t) n_captured;
        memcpy(file + n + 12, data + 4, 3);     /* Original length. */
        memcpy(file + n + 16, data + 8, n_captured);
        n += 16 + n_captured;
        data += 8 + n_captured;
        n_bytes -= 8 + n_captured;
    }
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static uint8_t wrapped[N_FILE];
    static struct vsw_config_map_entry map[] = {{"0.0.0.0/1", 0}, {"::/0", 1},
                                                {"128.0.0.0/1", 2}};
    struct vsw_config_traffic traffic = {.map = map, .n_map = 3};
    static struct vsw_error err;
    struct vsw_trace *trace;
    uint8_t mode;
    FILE *file;

    if (n_bytes < 2) {
        return 0;
    }
    mode = data[0];
    data++, n_bytes--;
    if (!(mode & 0x20)) {
        n_bytes = wrap(wrapped, data, n_bytes);
        data = wrapped;
    }
    traffic.map_by = (enum vsw_portmap_by) ((mode & 0x1f) % 5);
    traffic.max_jump_ns = mode & 0x40 ? 1000000000 : 0;
    file = fmemopen((void *) (uintptr_t) data, n_bytes, "rb");
    require(file != NULL);
    if (!vsw_trace_open_file(&trace, file, "fuzz", &traffic,
                             mode & 0x80 ? 0 : N_PORTS, &err)) {
        check(trace);
        vsw_trace_close(trace);
    } else {
        require(err.text[0] != '\0' && trace == NULL);
    }
    return 0;
}
