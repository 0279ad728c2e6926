#include <vswsim/pkt_fifo.h>

#include <vswsim/sim.h>

void
vsw_pkt_fifo_init(struct vsw_pkt_fifo *fifo, struct vsw_pkts *pkts)
{
    *fifo = (struct vsw_pkt_fifo) {
        .pkts = pkts, .first = VSW_NONE, .last = VSW_NONE,
    };
}

static uint32_t *
next_of(const struct vsw_pkt_fifo *fifo, uint32_t pkt)
{
    return &fifo->pkts->pkts[pkt].next_free;
}

static void
count_one(struct vsw_pkt_fifo *fifo)
{
    fifo->n_pkts++;
    if (fifo->n_pkts > fifo->max_held_pkts) {
        fifo->max_held_pkts = fifo->n_pkts;
    }
}

void
vsw_pkt_fifo_put(struct vsw_pkt_fifo *fifo, const struct vsw_unit *unit,
                 uint32_t pkt)
{
    vsw_sim_expect_sync(unit);
    *next_of(fifo, pkt) = VSW_NONE;
    if (fifo->last == VSW_NONE) {
        fifo->first = pkt;
    } else {
        *next_of(fifo, fifo->last) = pkt;
    }
    fifo->last = pkt;
    count_one(fifo);
}

void
vsw_pkt_fifo_put_back(struct vsw_pkt_fifo *fifo, const struct vsw_unit *unit,
                      uint32_t pkt)
{
    vsw_sim_expect_sync(unit);
    *next_of(fifo, pkt) = fifo->first;
    fifo->first = pkt;
    if (fifo->last == VSW_NONE) {
        fifo->last = pkt;
    }
    count_one(fifo);
}

uint32_t
vsw_pkt_fifo_take(struct vsw_pkt_fifo *fifo, const struct vsw_unit *unit)
{
    uint32_t pkt = fifo->first;

    vsw_sim_expect_sync(unit);
    if (pkt == VSW_NONE) {
        return VSW_NONE;
    }
    fifo->first = *next_of(fifo, pkt);
    if (fifo->first == VSW_NONE) {
        fifo->last = VSW_NONE;
    }
    fifo->n_pkts--;
    return pkt;
}

/* The link to the first packet of 'in_port'; that one may be VSW_NONE. */
static uint32_t *
find(struct vsw_pkt_fifo *fifo, uint32_t in_port, uint32_t *before)
{
    uint32_t *link = &fifo->first;

    *before = VSW_NONE;
    while (*link != VSW_NONE
           && fifo->pkts->pkts[*link].in_port != in_port) {
        *before = *link;
        link = next_of(fifo, *link);
    }
    return link;
}

uint32_t
vsw_pkt_fifo_take_of(struct vsw_pkt_fifo *fifo, const struct vsw_unit *unit,
                     uint32_t in_port)
{
    uint32_t before;
    uint32_t *link = find(fifo, in_port, &before);
    uint32_t pkt = *link;

    vsw_sim_expect_sync(unit);
    if (pkt == VSW_NONE) {
        return VSW_NONE;
    }
    *link = *next_of(fifo, pkt);
    if (fifo->last == pkt) {
        fifo->last = before;
    }
    fifo->n_pkts--;
    return pkt;
}

uint64_t
vsw_pkt_fifo_born_ps(const struct vsw_pkt_fifo *fifo, uint32_t in_port)
{
    for (uint32_t pkt = fifo->first; pkt != VSW_NONE;
         pkt = *next_of(fifo, pkt)) {
        if (fifo->pkts->pkts[pkt].in_port == in_port) {
            return fifo->pkts->pkts[pkt].born_ps;
        }
    }
    return VSW_NEVER;
}
