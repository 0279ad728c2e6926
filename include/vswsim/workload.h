/* Workload: the packets of a trace, decoded once and shared read-only.
 *
 * A trace is a sequence of records in the order of the capture.  A record has
 * a time, a size and a flow; what packets of one flow share (their headers,
 * the ports between which they travel) is kept once per flow.  Payload and
 * per-packet fields such as sequence numbers are not kept: no switch here
 * looks at them.
 *
 * For a closed loop there are talks: of each TCP connection, what its ends
 * told each other, in the order of the capture.  When they do is theirs.
 *
 * Sizes follow the convention of the field: 'frame_bytes' includes the four
 * bytes of the frame check sequence, so the smallest Ethernet frame has 64.
 *
 * Thread-safety: read-only after it is built; any number of threads. */
#ifndef VSWSIM_WORKLOAD_H
#define VSWSIM_WORKLOAD_H

#include <stdint.h>

/* Bytes at the start of a packet that really exist in the simulator. */
#define VSW_HEADER_BYTES 128

/* No port, no record. */
#define VSW_NONE UINT32_MAX

/* When a guest offers its next packet. */
enum vsw_pacing {
    VSW_PACING_SATURATE,    /* As soon as there is a free slot. */
    VSW_PACING_RECORDED,    /* At the times of the trace. */
    VSW_PACING_SCALED,      /* The same, faster or slower by 'time_scale'. */
    VSW_PACING_FIXED,       /* At 'rate_pps', evenly, in bursts. */
    VSW_PACING_CLOSED,      /* When TCP lets it: talks, and no packets. */
};

struct vsw_workload_rec {
    uint64_t time_ns;       /* Since the first record; never decreases. */
    uint32_t frame_bytes;   /* On the wire, check sequence included. */
    uint32_t flow_id;       /* Index into the flows. */
    uint32_t next_on_port;  /* Next record that enters at the same port, or
                             * VSW_NONE. */
    uint32_t payload_bytes; /* Of TCP over IPv4; 0 of anything else. */
};

struct vsw_workload_flow {
    uint8_t header[VSW_HEADER_BYTES];   /* Of the flow's first packet, from
                                         * the Ethernet header on, with
                                         * addresses as the switch sees them;
                                         * zero beyond 'header_bytes'. */
    uint32_t header_bytes;  /* Captured of them. */
    uint32_t in_port;       /* Where its packets enter, or VSW_NONE: they are
                             * not simulated. */
    uint32_t out_port;      /* Where the addresses lead; VSW_NONE: to all
                             * ports (a group address). */
    uint32_t rss_hash;      /* Toeplitz hash a NIC would supply. */
    uint64_t n_pkts;        /* Records of this flow. */
};

struct vsw_workload_port {
    uint32_t first_rec;     /* First record that enters here, or VSW_NONE. */
    uint32_t n_recs;
    uint8_t mac[6];         /* Address of the guest behind the port. */
    uint8_t reserved[2];    /* Zero. */
};

/* Payload that one end of a talk sends in one piece. */
struct vsw_workload_msg {
    uint32_t n_bytes;
    uint32_t side;          /* 0: the active end. */
};

struct vsw_workload_talk {
    uint32_t flows[2];      /* From the end that the capture has first, the
                             * active one, and back. */
    uint32_t first_msg;
    uint32_t n_msgs;
};

struct vsw_workload {
    const struct vsw_workload_rec *recs;
    const struct vsw_workload_flow *flows;
    const struct vsw_workload_port *ports;
    uint32_t n_recs;
    uint32_t n_flows;
    uint32_t n_ports;
    uint64_t span_ns;       /* Time of the last record, plus one mean gap: the
                             * period when the trace is repeated. */
    const struct vsw_workload_talk *talks;  /* Of a closed loop, or NULL. */
    const struct vsw_workload_msg *msgs;
    uint32_t n_talks;
};

#endif
