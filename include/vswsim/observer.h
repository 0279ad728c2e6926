/* Observer: told what a simulation does, while it does it.
 *
 * For timelines and captures.  An observer changes nothing: with it and
 * without it a run has the same outcome.
 *
 * Thread-safety: called by the thread that runs the simulation. */
#ifndef VSWSIM_OBSERVER_H
#define VSWSIM_OBSERVER_H

#include <stdint.h>

#include <vswsim/outcome.h>

struct vsw_pkt;
struct vsw_pkts;
struct vsw_unit;

/* Any hook may be NULL. */
struct vsw_observer {
    void *aux;

    /* A call of 'unit' ended: it ran from 'sync_ps' to 'local_ps'. */
    void (*call)(void *aux, const struct vsw_unit *unit);

    /* Packet 'id' was created by 'unit', at its local time, ... */
    void (*created)(void *aux, const struct vsw_pkts *pkts,
                    const struct vsw_unit *unit, uint32_t id);

    /* ... delivered at 'port', ... */
    void (*delivered)(void *aux, const struct vsw_pkts *pkts,
                      const struct vsw_unit *unit, uint32_t id,
                      uint32_t port);

    /* ... or dropped. */
    void (*dropped)(void *aux, const struct vsw_pkts *pkts,
                    const struct vsw_unit *unit, uint32_t id,
                    enum vsw_drop drop);

    /* A source gave up a packet before it was created; it has no number, and
     * 'pkt' tells its flow, size, port and time only. */
    void (*refused)(void *aux, const struct vsw_pkts *pkts,
                    const struct vsw_unit *unit, const struct vsw_pkt *pkt,
                    enum vsw_drop drop);
};

#endif
