#include <vswsim/peer.h>

#include <errno.h>
#include <string.h>

#define PS_PER_NS UINT64_C(1000)

enum {
    RECEIVE,
    TRANSMIT,
};

/* --- Sending ------------------------------------------------------------- */

static void
send_frame(struct vsw_peer *peer, const struct vsw_l4 *l4, uint32_t flow)
{
    struct vsw_pkts *pkts = peer->frames->pkts;
    uint32_t id = vsw_pkt_create(pkts, &peer->unit, flow, peer->port,
                                 vsw_l4_frame_bytes(l4),
                                 peer->unit.local_ps);

    pkts->pkts[id].l4 = *l4;
    memcpy(peer->frames->headers[id], pkts->workload->flows[flow].header,
           VSW_HEADER_BYTES);
    vsw_ring_fill(&peer->end->tx, id, 1);
    vsw_ring_publish(&peer->end->tx, peer->unit.local_ps);
}

/* Sends the first frame of what is left of a segment. */
static void
cut_frame(struct vsw_peer *peer)
{
    struct vsw_l4 frame = peer->cut;
    uint32_t most = peer->cut.seg_bytes ? peer->cut.seg_bytes
                                        : peer->cut.payload_bytes;

    if (frame.payload_bytes > most) {
        frame.payload_bytes = most;
        frame.flags &= (uint8_t) ~VSW_TCP_PSH;
    }
    peer->cut.seq += frame.payload_bytes;
    peer->cut.payload_bytes -= frame.payload_bytes;
    peer->cuts = peer->cut.payload_bytes > 0;
    send_frame(peer, &frame, peer->cut_flow);
}

static bool
next_seg(struct vsw_peer *peer)
{
    struct vsw_dialogs *dialogs = peer->socks.dialogs;
    const struct vsw_sock *sock
        = vsw_sockset_output(&peer->socks, &peer->unit, &peer->cut);

    if (!sock) {
        return false;
    }
    peer->cut_flow = dialogs->list[sock->dialog].flows[sock->side];
    if (peer->cut.payload_bytes > 0) {
        vsw_dialogs_count_seg(dialogs, &peer->unit, peer->cut.payload_bytes);
    }
    return true;
}

/* Sends as much as there is room for. */
static void
send_all(struct vsw_peer *peer)
{
    struct vsw_source *source = &peer->sources[TRANSMIT];
    uint32_t n = vsw_ring_credits(&peer->end->tx, peer->unit.local_ps);

    for (; n > 0 && (peer->cuts || next_seg(peer)); n--) {
        cut_frame(peer);
    }
    source->kind = n == 0 ? VSW_SOURCE_FREED : VSW_SOURCE_NEVER;
    source->n_needed = (peer->end->tx.mask + 1) / 4;
}

/* --- Receiving ----------------------------------------------------------- */

static void
take_segs(struct vsw_peer *peer)
{
    struct vsw_gro_seg seg;

    while (vsw_gro_pop(&peer->gro, &seg)) {
        struct vsw_sock *sock = vsw_sockset_find(&peer->socks, seg.flow);

        if (sock) {
            vsw_sockset_input(&peer->socks, sock, &peer->unit, &seg.l4);
        }
    }
}

static void
take_frame(struct vsw_peer *peer)
{
    const struct vsw_frames *frames = peer->frames;
    uint32_t slot, n_slots;
    uint32_t id = vsw_ring_pop(&peer->end->rx, &slot, &n_slots);
    const struct vsw_pkt *pkt = &frames->pkts->pkts[id];

    vsw_sim_expect(frames->sim,
                   memcmp(frames->headers[id],
                          frames->pkts->workload->flows[pkt->flow_id].header,
                          VSW_HEADER_BYTES) == 0,
                   "what arrives at a client is what was sent");
    vsw_gro_add(&peer->gro, pkt->flow_id, &pkt->l4);
    vsw_pkt_deliver(frames->pkts, &peer->unit, id, peer->port);
    take_segs(peer);
}

static void
receive_all(struct vsw_peer *peer)
{
    uint64_t now_ps = peer->unit.local_ps;
    uint32_t n = vsw_ring_visible(&peer->end->rx, now_ps);

    for (; n > 0; n--) {
        take_frame(peer);
    }
    vsw_ring_free(&peer->end->rx, now_ps);
    if (peer->flush_ps <= now_ps) {
        vsw_gro_flush(&peer->gro);
        take_segs(peer);
    }
    if (peer->gro.n_held == 0) {
        peer->flush_ps = VSW_NEVER;
    } else if (peer->flush_ps == VSW_NEVER) {
        peer->flush_ps = now_ps + peer->hold_ns * PS_PER_NS;
    }
}

/* --- The whole ----------------------------------------------------------- */

/* Runs applications once they have had the time to react. */
static void
run_apps(struct vsw_peer *peer)
{
    if (!vsw_sockset_has_app(&peer->socks)) {
        return;
    }
    if (peer->react_ps == VSW_NEVER) {
        peer->react_ps = peer->unit.local_ps + peer->react_ns * PS_PER_NS;
    }
    if (peer->react_ps > peer->unit.local_ps) {
        return;
    }
    peer->react_ps = VSW_NEVER;
    while (vsw_sockset_has_app(&peer->socks)) {
        struct vsw_app_step plan = vsw_sockset_plan_app(&peer->socks,
                                                        &peer->unit);

        vsw_sockset_run_app(&peer->socks, &peer->unit, &plan);
    }
}

static void
arm_timer(struct vsw_peer *peer)
{
    uint64_t ps = peer->flush_ps < peer->react_ps ? peer->flush_ps
                                                  : peer->react_ps;

    if (peer->socks.deadline_ns < ps / PS_PER_NS) {
        ps = peer->socks.deadline_ns * PS_PER_NS;
    }
    if (ps < peer->armed_ps && ps > peer->unit.local_ps) {
        peer->armed_ps = ps;
        vsw_timer_restart(&peer->timer, ps);
    }
}

static void
step(struct vsw_peer *peer)
{
    receive_all(peer);
    vsw_sockset_expire(&peer->socks, &peer->unit);
    run_apps(peer);
    send_all(peer);
    run_apps(peer);
    arm_timer(peer);
}

static void
work(void *owner, struct vsw_worker *worker)
{
    (void) worker;
    step(owner);
}

static void
on_timer(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vsw_peer *peer = timer->aux;

    (void) unit;
    peer->armed_ps = VSW_NEVER;
    step(peer);
}

static int
start(struct vsw_peer *peer, const char *name, struct vsw_dialogs *dialogs,
      uint64_t start_ps)
{
    if (vsw_unit_init(&peer->unit, peer->frames->sim, "device", name)) {
        return -ENOMEM;
    }
    peer->worker.unit = &peer->unit;
    peer->worker.work = work;
    peer->worker.owner = peer;
    peer->worker.priority = 1;
    if (vsw_worker_add(&peer->worker)
        || vsw_sockset_init(&peer->socks, dialogs, peer->port, 0,
                            peer->port * 77777u)) {
        return -ENOMEM;
    }
    peer->sources[RECEIVE] = (struct vsw_source) {
        .ring = &peer->end->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    peer->sources[TRANSMIT] = (struct vsw_source) {
        .ring = &peer->end->tx,
        .kind = VSW_SOURCE_NEVER,
        .n_needed = 1,
    };
    vsw_worker_serve(&peer->worker, peer->sources, 2);
    vsw_timer_init(&peer->timer, &peer->unit, 0, on_timer, peer);
    peer->armed_ps = start_ps;
    vsw_timer_restart(&peer->timer, start_ps);
    return 0;
}

int
vsw_peer_init(struct vsw_peer *peer, struct vsw_frames *frames,
              const char *name, struct vsw_link_end *end,
              struct vsw_dialogs *dialogs, const struct vsw_peer_setup *setup,
              struct vsw_error *err)
{
    memset(peer, 0, sizeof *peer);
    peer->frames = frames;
    peer->end = end;
    peer->port = setup->port;
    peer->hold_ns = setup->hold_ns;
    peer->flush_ps = VSW_NEVER;
    peer->react_ns = setup->react_ns;
    peer->react_ps = VSW_NEVER;
    if (start(peer, name, dialogs, setup->start_ps)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a client");
    }
    return 0;
}

void
vsw_peer_fini(struct vsw_peer *peer)
{
    vsw_sockset_fini(&peer->socks);
    vsw_unit_fini(&peer->unit);
}
