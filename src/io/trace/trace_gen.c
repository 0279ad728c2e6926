#include <vswsim/trace_gen.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/random.h>
#include <vswsim/trace.h>
#include <vswsim/zipf.h>

#include "io/trace/trace_gen_frame.h"
#include "io/trace/trace_link.h"
#include "io/trace/trace_out.h"
#include "io/trace/trace_write.h"

#define NS_PER_S        UINT64_C(1000000000)
#define PS_PER_S        UINT64_C(1000000000000)
#define PS_PER_NS       UINT64_C(1000)

/* The longest trace on average, which keeps its times in 64 bits. */
#define MAX_SPAN_NS     (UINT64_C(86400) * NS_PER_S)

/* Ports of flows: of the source, 60000 from 1024 on; then of the
 * destination, which needs few of them, from 9000 on. */
#define FIRST_FROM_PORT 1024
#define N_FROM_PORTS    60000
#define FIRST_TO_PORT   9000

/* Streams of random numbers, by what they decide. */
enum stream_index {
    INDEX_DRAW,
    INDEX_PEER,
};

struct generator {
    const struct vsw_trace_gen *gen;
    const struct vsw_trace_gen_size *sizes;
    uint32_t n_sizes;
    uint64_t sum_weights;
    uint32_t snaplen_bytes;
    uint64_t now_ps;            /* Poisson only. */
    struct vsw_zipf popularity;
    struct vsw_random flow_random;
    struct vsw_random size_random;
    struct vsw_random gap_random;
    uint32_t *peers;            /* Owned: destination port of each flow. */
    uint32_t *tcp_seqs;         /* Owned: of each flow. */
    uint8_t *packet;            /* Owned: header, then zeros. */
};

const struct vsw_trace_gen_size *
vsw_trace_gen_imix(uint32_t *n)
{
    static const struct vsw_trace_gen_size imix[] = {
        {64, 7}, {594, 4}, {1518, 1},
    };

    *n = 3;
    return imix;
}

static int
check_range(const char *what, uint64_t value, uint64_t min, uint64_t max,
            struct vsw_error *err)
{
    if (value >= min && value <= max) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                         "trace generator: %s must be from %" PRIu64 " to %"
                         PRIu64 ", not %" PRIu64,
                         what, min, max, value);
}

static int
check_sizes(struct generator *g, struct vsw_error *err)
{
    int code = 0;

    for (uint32_t i = 0; !code && i < g->n_sizes; i++) {
        g->sum_weights += g->sizes[i].weight;
        code = check_range("a frame size in bytes", g->sizes[i].frame_bytes,
                           VSW_TRACE_GEN_MIN_FRAME_BYTES,
                           VSW_TRACE_GEN_MAX_FRAME_BYTES, err);
    }
    return code ? code
                : check_range("the sum of all size weights", g->sum_weights,
                              1, UINT32_MAX, err);
}

static int
check_times(const struct vsw_trace_gen *gen, struct vsw_error *err)
{
    uint64_t max_gap_ns = MAX_SPAN_NS / gen->n_pkts;
    uint64_t min_pps = gen->n_pkts / (MAX_SPAN_NS / NS_PER_S) + 1;

    if (gen->rate_pps > 0) {
        return check_range("the rate in packets/s", gen->rate_pps, min_pps,
                           PS_PER_S, err);
    }
    return check_range("the mean gap in ns", gen->gap_ns, 0, max_gap_ns, err);
}

static int
check(struct generator *g, struct vsw_error *err)
{
    const struct vsw_trace_gen *gen = g->gen;
    int code = check_range("the number of packets", gen->n_pkts, 1,
                           VSW_NONE - 1, err);

    if (!code) {
        code = check_range("the number of flows", gen->n_flows, 1,
                           VSW_TRACE_MAX_FLOWS, err);
    }
    if (!code) {
        code = check_range("the number of ports", gen->n_ports, 2,
                           VSW_TRACE_GEN_MAX_PORTS, err);
    }
    if (!code) {
        code = check_range("the skew in thousandths", gen->skew_milli, 0,
                           VSW_ZIPF_MAX_SKEW_MILLI, err);
    }
    if (!code) {
        code = check_sizes(g, err);
    }
    return code ? code : check_times(gen, err);
}

static uint32_t
port_of(const struct generator *g, uint32_t flow)
{
    return flow % g->gen->n_ports;
}

static void
draw_peers(struct generator *g)
{
    uint32_t n_ports = g->gen->n_ports;
    struct vsw_random r;

    vsw_random_init(&r, g->gen->seed, VSW_RANDOM_FLOW, INDEX_PEER, 0);
    for (uint32_t i = 0; i < g->gen->n_flows; i++) {
        uint32_t step = 1 + (uint32_t) vsw_random_below(&r, n_ports - 1);

        g->peers[i] = (port_of(g, i) + step) % n_ports;
        g->tcp_seqs[i] = 1;
    }
}

static int
prepare(struct generator *g, struct vsw_error *err)
{
    const struct vsw_trace_gen *gen = g->gen;

    g->snaplen_bytes = gen->snaplen_bytes ? gen->snaplen_bytes
                                          : VSW_TRACE_GEN_MAX_FRAME_BYTES;
    g->peers = calloc(gen->n_flows, sizeof *g->peers);
    g->tcp_seqs = calloc(gen->n_flows, sizeof *g->tcp_seqs);
    g->packet = calloc(1, VSW_TRACE_GEN_MAX_FRAME_BYTES);
    if (!g->peers || !g->tcp_seqs || !g->packet
        || vsw_zipf_init(&g->popularity, gen->n_flows, gen->skew_milli)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    vsw_random_init(&g->flow_random, gen->seed, VSW_RANDOM_FLOW, INDEX_DRAW,
                    0);
    vsw_random_init(&g->size_random, gen->seed, VSW_RANDOM_SIZE, INDEX_DRAW,
                    0);
    vsw_random_init(&g->gap_random, gen->seed, VSW_RANDOM_ARRIVAL,
                    INDEX_DRAW, 0);
    draw_peers(g);
    return 0;
}

static uint32_t
draw_frame_bytes(struct generator *g)
{
    uint64_t x = vsw_random_below(&g->size_random, g->sum_weights);
    uint32_t i = 0;

    while (x >= g->sizes[i].weight) {
        x -= g->sizes[i].weight;
        i++;
    }
    return g->sizes[i].frame_bytes;
}

/* Time of packet 'i', asked for once for each. */
static uint64_t
next_time_ns(struct generator *g, uint32_t i)
{
    const struct vsw_trace_gen *gen = g->gen;
    uint64_t mean_ps = gen->rate_pps ? PS_PER_S / gen->rate_pps
                                     : gen->gap_ns * PS_PER_NS;

    if (gen->poisson) {
        if (i > 0) {
            g->now_ps += vsw_random_exponential(&g->gap_random, mean_ps);
        }
        return g->now_ps / PS_PER_NS;
    }
    return gen->rate_pps ? i * NS_PER_S / gen->rate_pps : i * gen->gap_ns;
}

static void
write_packet(struct generator *g, struct vsw_trace_out *out, uint32_t i)
{
    uint32_t flow = vsw_zipf_draw(&g->popularity, &g->flow_random);
    struct vsw_gen_packet p = {
        .proto = g->gen->proto,
        .from = port_of(g, flow) + 1,
        .to = g->peers[flow] + 1,
        .from_port = (uint16_t) (FIRST_FROM_PORT + flow % N_FROM_PORTS),
        .to_port = (uint16_t) (FIRST_TO_PORT + flow / N_FROM_PORTS),
        .tcp_seq = g->tcp_seqs[flow],
        .n_bytes = draw_frame_bytes(g) - VSW_FCS_BYTES,
    };
    uint32_t n_captured = p.n_bytes < g->snaplen_bytes ? p.n_bytes
                                                       : g->snaplen_bytes;

    vsw_gen_make_header(g->packet, &p);
    vsw_trace_write_packet(out, g->gen->format, next_time_ns(g, i),
                           g->packet, n_captured, p.n_bytes);
    g->tcp_seqs[flow] += vsw_gen_payload_bytes(p.proto, p.n_bytes);
}

static int
write_all(struct generator *g, const char *path, struct vsw_error *err)
{
    struct vsw_trace_out out;
    int code = vsw_trace_out_open(&out, path, err);

    if (code) {
        return code;
    }
    vsw_trace_write_header(&out, g->gen->format, g->snaplen_bytes);
    /* Once the disk is full there is no use in going on. */
    for (uint32_t i = 0; i < g->gen->n_pkts && !out.code; i++) {
        write_packet(g, &out, i);
    }
    return vsw_trace_out_finish(&out, err);
}

int
vsw_trace_generate(const struct vsw_trace_gen *gen, const char *path,
                   struct vsw_error *err)
{
    struct generator g = {.gen = gen, .sizes = gen->sizes,
                          .n_sizes = gen->n_sizes};
    int code;

    if (g.n_sizes == 0) {
        g.sizes = vsw_trace_gen_imix(&g.n_sizes);
    }
    code = check(&g, err);
    if (!code) {
        code = prepare(&g, err);
    }
    if (!code) {
        code = write_all(&g, path, err);
    }
    vsw_zipf_fini(&g.popularity);
    free(g.peers);
    free(g.tcp_seqs);
    free(g.packet);
    return code;
}
