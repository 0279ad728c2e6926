#include <vswsim/audit.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
vsw_audit_start(struct vsw_audit *audit, struct vsw_switch *sw)
{
    uint32_t n_pkts = sw->pkts->n_pkts;

    audit->sw = sw;
    audit->n_marks = n_pkts > sw->bufs.n_bufs ? n_pkts : sw->bufs.n_bufs;
    audit->marks = calloc(audit->n_marks, 1);
    if (!audit->marks) {
        return -ENOMEM;
    }
    sw->sim->audit = vsw_audit_look;
    sw->sim->audit_aux = audit;
    return 0;
}

void
vsw_audit_fini(struct vsw_audit *audit)
{
    free(audit->marks);
    audit->marks = NULL;
}

/* Marks number 'i'; false if it was marked already, or is none of 'n'. */
static bool
mark(const struct vsw_audit *audit, uint32_t i, uint32_t n)
{
    if (i >= n || audit->marks[i]) {
        return false;
    }
    audit->marks[i] = 1;
    return true;
}

static uint32_t
n_rings(const struct vsw_switch *sw)
{
    return 2 * sw->n_all_queues;
}

static const struct vsw_ring *
ring_at(const struct vsw_switch *sw, uint32_t i)
{
    const struct vsw_queue *queue = &sw->queues[i / 2];

    return i % 2 == 0 ? &queue->tx : &queue->rx;
}

/* Marks the packets in 'ring'; false if one has another place too. */
static bool
mark_ring(const struct vsw_audit *audit, const struct vsw_ring *ring)
{
    for (uint32_t at = ring->popped; at != ring->filled; at++) {
        uint32_t pkt = ring->slots[at & ring->mask];

        if (pkt != VSW_NONE && !mark(audit, pkt, audit->sw->pkts->n_pkts)) {
            return false;
        }
    }
    return true;
}

static const char *
look_at_pkts(const struct vsw_audit *audit)
{
    const struct vsw_pkts *pkts = audit->sw->pkts;
    uint32_t n_free = 0;

    memset(audit->marks, 0, audit->n_marks);
    for (uint32_t pkt = pkts->free; pkt != VSW_NONE; n_free++) {
        if (!mark(audit, pkt, pkts->n_pkts)) {
            return "a packet is free once";
        }
        pkt = pkts->pkts[pkt].next_free;
    }
    if (n_free + pkts->n_in_flight != pkts->n_pkts) {
        return "a packet is free or in flight";
    }
    for (uint32_t i = 0; i < n_rings(audit->sw); i++) {
        if (!mark_ring(audit, ring_at(audit->sw, i))) {
            return "a packet is in one slot of one ring, or free";
        }
    }
    return NULL;
}

static const char *
look_at_bufs(const struct vsw_audit *audit)
{
    const struct vsw_switch *sw = audit->sw;

    memset(audit->marks, 0, audit->n_marks);
    for (uint32_t i = 0; i < sw->n_all_queues; i++) {
        const struct vsw_queue *queue = &sw->queues[i];

        for (uint32_t slot = 0; slot <= queue->tx.mask; slot++) {
            if (!mark(audit, queue->tx_bufs[slot], sw->bufs.n_bufs)
                || !mark(audit, queue->rx_bufs[slot], sw->bufs.n_bufs)) {
                return "a buffer is behind one slot";
            }
        }
    }
    return NULL;
}

const char *
vsw_audit_look(const void *aux)
{
    const struct vsw_audit *audit = aux;
    const char *rule = look_at_pkts(audit);

    if (!rule) {
        rule = look_at_bufs(audit);
    }
    for (uint32_t i = 0; !rule && i < n_rings(audit->sw); i++) {
        rule = vsw_ring_audit(ring_at(audit->sw, i));
    }
    return rule;
}
