#include "io/trace/trace_talks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/trace/trace_impl.h"
#include "io/trace/trace_rss.h"

/* Places in a frame of plain IPv4. */
#define IP_AT   VSW_ETH_HEADER_BYTES
#define IP_SRC  (IP_AT + 12)
#define IP_DST  (IP_AT + 16)
#define TCP_AT  (IP_AT + 20)
#define END     (TCP_AT + 20)   /* Without options. */
#define LENGTH  (TCP_AT + 12)   /* Of TCP's header, in the upper bits. */

#define PROTO_TCP 6

static uint32_t
get16(const uint8_t *at)
{
    return (uint32_t) at[0] << 8 | at[1];
}

/* --- Packets ------------------------------------------------------------- */

/* IPv4 without options, not a fragment, with TCP in it. */
static bool
is_plain_tcp(const uint8_t *header, uint32_t n_bytes)
{
    return n_bytes >= END && get16(header + 12) == 0x0800
           && header[IP_AT] == 0x45 && header[IP_AT + 9] == PROTO_TCP
           && (get16(header + IP_AT + 6) & 0x3fff) == 0;
}

uint32_t
vsw_talk_payload_bytes(const struct vsw_frame *frame)
{
    const uint8_t *header = frame->header;
    uint32_t n_present = frame->frame_bytes - VSW_FCS_BYTES - IP_AT;
    uint32_t n_headers, n_ip;

    if (!is_plain_tcp(header, frame->header_bytes)) {
        return 0;
    }
    n_headers = 20 + (uint32_t) (header[LENGTH] >> 4) * 4;
    n_ip = get16(header + IP_AT + 2);
    /* 0: a segment that the NIC was to cut, too long for the field. */
    if (n_ip == 0 || n_ip > n_present) {
        n_ip = n_present;
    }
    return n_ip > n_headers ? n_ip - n_headers : 0;
}

/* --- Connections --------------------------------------------------------- */

/* A direction of a connection has number 2 * talk + side. */
struct finder {
    struct vsw_flow_set *flows;     /* Of the trace. */
    struct vsw_flow_set directions;
    uint32_t *direction_of;         /* By flow; or VSW_NONE. */
    struct vsw_workload_talk *talks;
    uint32_t n;
    struct vsw_workload_msg *msgs;
};

static bool
can_talk(const struct vsw_workload_flow *flow)
{
    return flow->in_port != VSW_NONE && flow->out_port != VSW_NONE
           && flow->in_port != flow->out_port
           && is_plain_tcp(flow->header, flow->header_bytes);
}

/* Addresses and ports of a direction, and of the other one. */
static void
make_keys(const struct vsw_flowkey *key, struct vsw_flowkey *forth,
          struct vsw_flowkey *back)
{
    memset(forth, 0, sizeof *forth);
    forth->ip_src = key->ip_src;
    forth->ip_dst = key->ip_dst;
    forth->tp_src = key->tp_src;
    forth->tp_dst = key->tp_dst;
    *back = *forth;
    back->ip_src = key->ip_dst;
    back->ip_dst = key->ip_src;
    back->tp_src = key->tp_dst;
    back->tp_dst = key->tp_src;
}

/* Notes flow 'i' as a direction of a talk; false: out of memory. */
static bool
add_flow(struct finder *f, uint32_t i)
{
    static const struct vsw_frame none;
    struct vsw_flowkey forth, back;
    struct vsw_workload_talk *talk;
    uint32_t direction;

    make_keys(&f->flows->keys[i], &forth, &back);
    if (!can_talk(&f->flows->flows[i])
        || vsw_flowkey_equal(&forth, &back)) {
        return true;
    }
    direction = vsw_flow_set_put(&f->directions, &forth, &none);
    if (direction == 2 * f->n) {
        f->talks[f->n] = (struct vsw_workload_talk) {
            .flows = {VSW_NONE, VSW_NONE},
        };
        direction = 2 * f->n++;
        if (vsw_flow_set_put(&f->directions, &back, &none)
            != direction + 1) {
            return false;
        }
    }
    if (direction == VSW_NONE) {
        return false;
    }
    talk = &f->talks[direction / 2];
    if (talk->flows[direction % 2] == VSW_NONE) {
        talk->flows[direction % 2] = i;
    }
    f->direction_of[i] = direction;
    return true;
}

static bool
find_connections(struct finder *f)
{
    uint32_t n = f->flows->n;

    f->direction_of = malloc(((size_t) n + 1) * sizeof *f->direction_of);
    f->talks = calloc((size_t) n + 1, sizeof *f->talks);
    if (!f->direction_of || !f->talks
        || vsw_flow_set_init(&f->directions)) {
        return false;
    }
    /* A flow may have nothing come back, and then brings two directions. */
    f->directions.limit = 2 * n;
    memset(f->direction_of, 0xff, n * sizeof *f->direction_of);
    for (uint32_t i = 0; i < n; i++) {
        if (!add_flow(f, i)) {
            return false;
        }
    }
    return true;
}

/* --- Messages ------------------------------------------------------------ */

/* The direction in which 'rec' has a message, or VSW_NONE. */
static uint32_t
direction_of(const struct finder *f, const struct vsw_workload_rec *rec)
{
    return rec->payload_bytes > 0 ? f->direction_of[rec->flow_id] : VSW_NONE;
}

static bool
find_messages(struct finder *f, const struct vsw_workload *w)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->n_recs; i++) {
        uint32_t direction = direction_of(f, &w->recs[i]);

        if (direction != VSW_NONE) {
            f->talks[direction / 2].n_msgs++;
        }
    }
    for (uint32_t i = 0; i < f->n; i++) {
        f->talks[i].first_msg = n;
        n += f->talks[i].n_msgs;
        f->talks[i].n_msgs = 0;
    }
    f->msgs = calloc((size_t) n + 1, sizeof *f->msgs);
    for (uint32_t i = 0; f->msgs && i < w->n_recs; i++) {
        uint32_t direction = direction_of(f, &w->recs[i]);

        if (direction != VSW_NONE) {
            struct vsw_workload_talk *talk = &f->talks[direction / 2];

            f->msgs[talk->first_msg + talk->n_msgs++]
                = (struct vsw_workload_msg) {
                    .n_bytes = w->recs[i].payload_bytes,
                    .side = direction % 2,
                };
        }
    }
    return f->msgs != NULL;
}

/* Connections in which nobody says anything do not count. */
static void
drop_silent(struct finder *f)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n; i++) {
        if (f->talks[i].n_msgs > 0) {
            f->talks[n++] = f->talks[i];
        }
    }
    f->n = n;
}

/* --- Flows back ---------------------------------------------------------- */

static void
swap(uint8_t *header, uint32_t a, uint32_t b, uint32_t n_bytes)
{
    uint8_t kept[6];

    memcpy(kept, header + a, n_bytes);
    memcpy(header + a, header + b, n_bytes);
    memcpy(header + b, kept, n_bytes);
}

static void
turn_round(const struct vsw_workload_flow *forth, struct vsw_frame *frame)
{
    memset(frame, 0, sizeof *frame);
    memcpy(frame->header, forth->header, END);
    frame->header[LENGTH] = 5 << 4;
    frame->header_bytes = END;
    frame->frame_bytes = VSW_MIN_FRAME_BYTES;
    swap(frame->header, 0, 6, 6);
    swap(frame->header, IP_SRC, IP_DST, 4);
    swap(frame->header, TCP_AT, TCP_AT + 2, 2);
}

static bool
mirrors(const struct vsw_workload_flow *back, const struct vsw_frame *frame)
{
    return memcmp(back->header, frame->header, 12) == 0;
}

/* Sees to the two flows of 'talk'; false: out of memory. */
static bool
complete(struct vsw_flow_set *set, struct vsw_workload_talk *talk)
{
    uint32_t active = talk->flows[0] == VSW_NONE;
    const struct vsw_workload_flow *forth = &set->flows[talk->flows[active]];
    uint32_t in_port = forth->in_port, out_port = forth->out_port;
    struct vsw_frame frame;
    struct vsw_flowkey key;
    struct vsw_workload_flow *back;

    turn_round(forth, &frame);
    if (talk->flows[!active] == VSW_NONE) {
        vsw_flow_set_key(&frame, &key);
        talk->flows[!active] = vsw_flow_set_put(set, &key, &frame);
    }
    if (talk->flows[!active] == VSW_NONE) {
        return false;
    }
    back = &set->flows[talk->flows[!active]];
    if (!mirrors(back, &frame)) {
        memcpy(back->header, frame.header, VSW_HEADER_BYTES);
        back->header_bytes = frame.header_bytes;
    }
    back->in_port = out_port;
    back->out_port = in_port;
    return true;
}

static bool
complete_all(struct finder *f)
{
    /* The trace may have as many flows as one can have; those back add. */
    f->flows->limit += f->n;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!complete(f->flows, &f->talks[i])) {
            return false;
        }
    }
    return vsw_trace_rss(f->flows) == 0;
}

/* --- A trace ------------------------------------------------------------- */

static int
check_number(uint32_t n, struct vsw_error *err)
{
    if (n == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -ENODATA,
                             "traffic.pacing \"closed_loop\": the trace has "
                             "no TCP connection over IPv4 that carries "
                             "payload from one port to another");
    }
    if (n > VSW_TRACE_MAX_TALKS) {
        return vsw_error_set(err, VSW_ERROR_DATA, -E2BIG,
                             "traffic.pacing \"closed_loop\": %" PRIu32
                             " connections are too many, at most %u; choose "
                             "some with traffic.filter",
                             n, VSW_TRACE_MAX_TALKS);
    }
    return 0;
}

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
}

static int
find_all(struct finder *f, const struct vsw_workload *w,
         struct vsw_error *err)
{
    int error;

    if (!find_connections(f) || !find_messages(f, w)) {
        return out_of_memory(err);
    }
    drop_silent(f);
    error = check_number(f->n, err);
    return error || complete_all(f) ? error : out_of_memory(err);
}

/* Mapped packets that are of no talk. */
static uint64_t
n_left_out(const struct finder *f, const struct vsw_trace_summary *s)
{
    uint64_t n = s->n_pkts - s->n_unmapped;

    for (uint32_t i = 0; i < f->n; i++) {
        for (uint32_t side = 0; side < 2; side++) {
            n -= f->flows->flows[f->talks[i].flows[side]].n_pkts;
        }
    }
    return n;
}

int
vsw_trace_find_talks(struct vsw_trace *trace, struct vsw_error *err)
{
    struct vsw_workload *w = &trace->workload;
    struct finder f = {.flows = &trace->decoded.flows};
    int error = find_all(&f, w, err);

    if (!error) {
        trace->decoded.summary.n_no_talk
            = n_left_out(&f, &trace->decoded.summary);
    }
    free(f.direction_of);
    vsw_flow_set_fini(&f.directions);
    trace->talks = f.talks;
    trace->msgs = f.msgs;
    w->talks = trace->talks;
    w->msgs = trace->msgs;
    w->n_talks = f.n;
    /* There may be more, and elsewhere. */
    w->flows = trace->decoded.flows.flows;
    w->n_flows = trace->decoded.flows.n;
    return error;
}
