/* What ports delivered and what was dropped, as captures. */
#include "io/run/observe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/l4.h>
#include <vswsim/pkt.h>

#include "io/result/atomic_file.h"
#include "io/trace/trace_write.h"

#define PS_PER_NS UINT64_C(1000)

/* Places in an Ethernet frame with IPv4. */
#define ETH_BYTES 14u
#define IP_PROTO_UDP 17

struct capture {
    struct vsw_trace_out *ports;
    char (*paths)[512];         /* Of the ports, then of what is dropped. */
    struct vsw_trace_out dropped;
    uint32_t n_open;            /* Ports that are. */
    bool dropped_open;
};

static void
put_be16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

/* Corrects the lengths in the header of a trace's flow, whose packets differ
 * in size. */
static void
put_lengths(uint8_t *header, uint32_t data)
{
    uint32_t ip_bytes = (header[ETH_BYTES] & 15u) * 4;
    uint32_t length = data - ETH_BYTES;

    /* A length that does not fit is 0, as for segments that are cut later. */
    put_be16(header + ETH_BYTES + 2, length < 65536 ? length : 0);
    if (header[ETH_BYTES + 9] == IP_PROTO_UDP) {
        put_be16(header + ETH_BYTES + ip_bytes + 4, length - ip_bytes);
    }
}

/* The headers of 'pkt' in 'header'; returns how many bytes there are. */
static uint32_t
make_header(const struct vsw_pkts *pkts, const struct vsw_pkt *pkt,
            uint8_t header[VSW_HEADER_BYTES])
{
    const struct vsw_workload_flow *flow =
        &pkts->workload->flows[pkt->flow_id];
    uint32_t data = vsw_pkt_data_bytes(pkt);
    uint32_t n = vsw_l4_write(header, pkt, flow);
    bool is_ipv4 = flow->header[12] == 8 && flow->header[13] == 0;

    if (n == 0) {
        n = flow->header_bytes < VSW_HEADER_BYTES ? flow->header_bytes
                                                  : VSW_HEADER_BYTES;
        memcpy(header, flow->header, VSW_HEADER_BYTES);
        if (is_ipv4 && n >= ETH_BYTES + 20) {
            put_lengths(header, data);
        }
    }
    return n < data ? n : data;
}

static void
capture_delivered(void *aux, const struct vsw_pkts *pkts,
                  const struct vsw_unit *unit, uint32_t id, uint32_t port)
{
    struct capture *c = aux;
    uint8_t header[VSW_HEADER_BYTES];
    const struct vsw_pkt *pkt = &pkts->pkts[id];

    if (port < c->n_open && vsw_unit_in_window(unit)) {
        uint32_t n = make_header(pkts, pkt, header);

        vsw_trace_write_packet(&c->ports[port], VSW_TRACE_PCAPNG,
                               unit->local_ps / PS_PER_NS, header, n,
                               vsw_pkt_data_bytes(pkt));
    }
}

static void
capture_refused(void *aux, const struct vsw_pkts *pkts,
                const struct vsw_unit *unit, const struct vsw_pkt *pkt,
                enum vsw_drop drop)
{
    struct capture *c = aux;
    uint8_t header[VSW_HEADER_BYTES];
    char comment[96];

    if (vsw_unit_in_window(unit)) {
        uint32_t n = make_header(pkts, pkt, header);

        snprintf(comment, sizeof comment, "dropped: %s, from port %" PRIu32,
                 vsw_drop_name(drop), pkt->in_port);
        vsw_trace_write_commented(&c->dropped, unit->local_ps / PS_PER_NS,
                                  header, n, vsw_pkt_data_bytes(pkt),
                                  comment);
    }
}

static void
capture_dropped(void *aux, const struct vsw_pkts *pkts,
                const struct vsw_unit *unit, uint32_t id, enum vsw_drop drop)
{
    capture_refused(aux, pkts, unit, &pkts->pkts[id], drop);
}

/* A design's label as part of a file name. */
static void
make_path(char path[512], const char *dir, const char *design,
          const char *rest)
{
    size_t used;

    snprintf(path, 512, "%.350s/", dir);
    used = strlen(path);
    snprintf(path + used, 512 - used, "%.80s-%s.pcapng", design, rest);
    for (char *at = path + used; *at; at++) {
        *at = *at == '/' || (unsigned char) *at <= ' ' ? '_' : *at;
    }
}

static int
open_one(struct vsw_trace_out *out, const char *path, struct vsw_error *err)
{
    int rc = vsw_trace_out_open(out, path, err);

    if (!rc) {
        vsw_trace_write_header(out, VSW_TRACE_PCAPNG, VSW_HEADER_BYTES);
    }
    return rc;
}

static int
open_all(struct capture *c, const char *dir, const char *design,
         uint32_t n_ports, struct vsw_error *err)
{
    int rc = 0;

    for (uint32_t i = 0; i < n_ports && !rc; i++) {
        char name[32];

        snprintf(name, sizeof name, "port%" PRIu32, i);
        make_path(c->paths[i], dir, design, name);
        rc = open_one(&c->ports[i], c->paths[i], err);
        c->n_open += rc == 0;
    }
    if (!rc) {
        make_path(c->paths[n_ports], dir, design, "dropped");
        rc = open_one(&c->dropped, c->paths[n_ports], err);
        c->dropped_open = rc == 0;
    }
    return rc;
}

/* Finishes all files, or with 'rc' takes them back. */
static int
close_all(struct capture *c, int rc, struct vsw_error *err)
{
    for (uint32_t i = 0; i < c->n_open; i++) {
        c->ports[i].code = rc ? rc : c->ports[i].code;
        rc = vsw_trace_out_finish(&c->ports[i], rc ? NULL : err);
    }
    if (c->dropped_open) {
        c->dropped.code = rc ? rc : c->dropped.code;
        rc = vsw_trace_out_finish(&c->dropped, rc ? NULL : err);
    }
    return rc;
}

static int
capture_design(const struct vsw_plan *plan, uint32_t d, const char *dir,
               struct vsw_error *err)
{
    const struct vsw_point *point = vsw_observe_first(plan, d);
    uint32_t n = point->config.guests.n + point->config.wires.n;
    struct capture c = {.ports = calloc(n + 1, sizeof *c.ports),
                        .paths = calloc(n + 1, sizeof *c.paths)};
    const struct vsw_observer observer = {
        .aux = &c,
        .delivered = capture_delivered,
        .dropped = capture_dropped,
        .refused = capture_refused,
    };
    int rc = c.ports && c.paths ? open_all(&c, dir, plan->designs[d], n, err)
             : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");

    rc = rc ? rc : vsw_observe_point(point, &observer, 0, err);
    rc = close_all(&c, rc, err);
    free(c.ports);
    free(c.paths);
    return rc;
}

int
vsw_capture_write(const struct vsw_plan *plan, const char *dir,
                  struct vsw_error *err)
{
    int rc = vsw_atomic_mkdir(dir, err);

    for (uint32_t d = 0; d < plan->n_designs && !rc; d++) {
        rc = capture_design(plan, d, dir, err);
    }
    return rc;
}
