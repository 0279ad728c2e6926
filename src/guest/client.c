#include <vswsim/client.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool
is_saturating(const struct vsw_client *client)
{
    return client->traffic.setup.pacing == VSW_PACING_SATURATE;
}

/* Says when sending is worth a call.  A saturating client waits for half of
 * its ring, which keeps the wire busy with few calls. */
static void
aim_source(struct vsw_client *client)
{
    const struct vsw_traffic *traffic = &client->traffic;
    struct vsw_source *source = &client->tx_source;

    if (!vsw_traffic_pending(traffic)) {
        source->kind = VSW_SOURCE_NEVER;
    } else if (is_saturating(client)) {
        source->not_before_ps = traffic->start_ps;
        source->n_needed = (client->end->tx.mask + 1) / 2;
    } else {
        source->not_before_ps = traffic->due_ps;
        source->n_needed = 0;
    }
}

static void
send_one(struct vsw_client *client)
{
    const struct vsw_traffic *traffic = &client->traffic;
    const struct vsw_workload *workload = client->frames->pkts->workload;
    struct vsw_unit *unit = &client->tx_unit;
    uint32_t pkt = vsw_pkt_create(client->frames->pkts, unit,
                                  traffic->due_flow_id, client->port,
                                  traffic->due_frame_bytes, unit->local_ps);

    memcpy(client->frames->headers[pkt],
           workload->flows[traffic->due_flow_id].header, VSW_HEADER_BYTES);
    vsw_ring_fill(&client->end->tx, pkt, 1);
    vsw_ring_publish(&client->end->tx, unit->local_ps);
}

static void
saturate(struct vsw_client *client)
{
    struct vsw_traffic *traffic = &client->traffic;
    uint32_t n = vsw_ring_credits(&client->end->tx,
                                  client->tx_unit.local_ps);

    for (; n > 0 && vsw_traffic_pending(traffic); n--) {
        send_one(client);
        vsw_traffic_next(traffic);
    }
}

/* Sends what is due, or gives it up; ahead of time as far as a quantum. */
static void
send_by_time(struct vsw_client *client)
{
    struct vsw_traffic *traffic = &client->traffic;
    struct vsw_unit *unit = &client->tx_unit;

    while (vsw_traffic_pending(traffic)
           && vsw_unit_may_reach(unit, traffic->due_ps)) {
        vsw_unit_idle_until(unit, traffic->due_ps);
        if (vsw_ring_credits(&client->end->tx, unit->local_ps) > 0) {
            send_one(client);
        } else if (vsw_unit_at_sync(unit)) {
            vsw_pkt_refuse(client->frames->pkts, unit, traffic->due_flow_id,
                           client->port, traffic->due_frame_bytes,
                           VSW_DROP_TX_RING_FULL);
        } else {
            return;
        }
        vsw_traffic_next(traffic);
    }
}

static void
tx_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_client *client = owner;

    (void) worker;
    if (is_saturating(client)) {
        saturate(client);
    } else {
        send_by_time(client);
    }
    aim_source(client);
}

static void
receive_one(struct vsw_client *client)
{
    const struct vsw_frames *frames = client->frames;
    uint32_t slot, n_slots;
    uint32_t pkt = vsw_ring_pop(&client->end->rx, &slot, &n_slots);
    uint32_t flow = frames->pkts->pkts[pkt].flow_id;

    if (frames->sim->check) {
        vsw_sim_expect(frames->sim,
                       memcmp(frames->headers[pkt],
                              frames->pkts->workload->flows[flow].header,
                              VSW_HEADER_BYTES) == 0,
                       "what arrives at a client is what was sent");
    }
    vsw_pkt_deliver(frames->pkts, &client->rx_unit, pkt, client->port);
}

static void
rx_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_client *client = owner;
    struct vsw_unit *unit = &client->rx_unit;
    struct vsw_ring *ring = &client->end->rx;

    (void) worker;
    for (;;) {
        uint64_t next_ps = vsw_ring_ready_ps(ring, false, 1);

        if (!vsw_unit_may_reach(unit, next_ps)) {
            return;
        }
        vsw_unit_idle_until(unit, next_ps);
        vsw_ring_visible(ring, unit->local_ps);
        receive_one(client);
        vsw_ring_free(ring, unit->local_ps);
    }
}

static int
init_side(struct vsw_client *client, struct vsw_unit *unit,
          struct vsw_worker *worker, vsw_work_fn work, const char *name,
          const char *side)
{
    char unit_name[16];

    snprintf(unit_name, sizeof unit_name, "%.8s.%s", name, side);
    worker->unit = unit;
    worker->work = work;
    worker->owner = client;
    worker->priority = 1;
    if (vsw_unit_init(unit, client->frames->sim, "device", unit_name)) {
        return -ENOMEM;
    }
    return vsw_worker_add(worker);
}

int
vsw_client_init(struct vsw_client *client, struct vsw_frames *frames,
                const char *name, struct vsw_link_end *end, uint32_t port,
                struct vsw_error *err)
{
    client->frames = frames;
    client->end = end;
    client->port = port;
    client->tx_source = (struct vsw_source) {
        .ring = &end->tx,
        .kind = VSW_SOURCE_FREED,
    };
    client->rx_source = (struct vsw_source) {
        .ring = &end->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    if (init_side(client, &client->tx_unit, &client->tx_worker, tx_work, name,
                  "tx")
        || init_side(client, &client->rx_unit, &client->rx_worker, rx_work,
                     name, "rx")) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a client");
    }
    aim_source(client);
    vsw_worker_serve(&client->tx_worker, &client->tx_source, 1);
    vsw_worker_serve(&client->rx_worker, &client->rx_source, 1);
    return 0;
}

void
vsw_client_fini(struct vsw_client *client)
{
    vsw_unit_fini(&client->tx_unit);
    vsw_unit_fini(&client->rx_unit);
}
