#include "io/trace/trace_chain.h"

#define N_PIECE 4096

static void
chain_piece(struct vsw_workload_rec *recs, uint32_t first, uint32_t n,
            const struct vsw_workload_flow *flows,
            struct vsw_workload_port *ports)
{
    for (uint32_t i = n; i-- > 0;) {
        uint32_t in_port = flows[recs[i].flow_id].in_port;

        if (in_port != VSW_NONE) {
            recs[i].next_on_port = ports[in_port].first_rec;
            ports[in_port].first_rec = first + i;
            ports[in_port].n_recs++;
        }
    }
}

int
vsw_trace_chain(struct vsw_spool *spool, uint64_t n_recs,
                const struct vsw_workload_flow *flows,
                struct vsw_workload_port *ports, uint32_t n_ports,
                struct vsw_error *err)
{
    struct vsw_workload_rec recs[N_PIECE];
    uint64_t end = n_ports ? n_recs : 0;

    for (uint32_t i = 0; i < n_ports; i++) {
        ports[i].first_rec = VSW_NONE;
        ports[i].n_recs = 0;
    }
    while (end > 0) {
        uint32_t n = end < N_PIECE ? (uint32_t) end : N_PIECE;
        uint64_t first = end - n;
        size_t n_bytes = n * sizeof *recs;
        int code = vsw_spool_read_at(spool, recs, n_bytes,
                                     first * sizeof *recs, err);

        if (!code) {
            chain_piece(recs, (uint32_t) first, n, flows, ports);
            code = vsw_spool_write_at(spool, recs, n_bytes,
                                      first * sizeof *recs, err);
        }
        if (code) {
            return code;
        }
        end = first;
    }
    return 0;
}
