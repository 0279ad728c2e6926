#include <vswsim/ovs_main.h>

#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mactable.h>

#include "core/account.h"
#include "core/cost.h"

/* The loop takes them out much faster than they come. */
#define BACK_SLOTS 256

#define PRIORITY 1

/* --- On the loop --------------------------------------------------------- */

static void
take_list(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    vsw_ring_mem_avail(unit, VSW_ACCOUNT_UPCALL, &pmd->queue->tx_mem,
                       vsw_pmd_at_hand(pmd)->slot,
                       vsw_pmd_n_slots_at_hand(pmd), VSW_MEM_READ);
}

static void
free_list(struct vsw_pmd *pmd)
{
    vsw_ring_free(&pmd->queue->tx, vsw_pmd_unit(pmd)->local_ps);
}

static void
discard(struct vsw_pmd *pmd, uint32_t pkt)
{
    vsw_bufpool_put(&pmd->pool->bufs, pmd->sw->pkts->pkts[pkt].buf);
}

static const struct vsw_pmd_phase receive_phases[] = {
    {take_list, NULL, free_list},
};

static const uint16_t costs[] = {
    VSW_COST_LOCK,
    VSW_COST_SYSCALL,
    VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

static const struct vsw_pmd_port_ops back_ops = {
    .receive = receive_phases,
    .n_receive = VSW_N_ELEMS(receive_phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
    .pool = VSW_PMD_MBUFS,
    .discard = discard,
};

bool
vsw_ovs_main_send(struct vsw_ovs_main *main, struct vsw_unit *unit,
                  uint32_t pkt)
{
    const struct vsw_pkt *p = &main->sw->pkts->pkts[pkt];

    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    if (!vsw_upcall_post(&main->upcall, unit, pkt)) {
        return false;
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY,
                   vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1)
                       + vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE,
                                          vsw_pkt_data_bytes(p)));
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    return true;
}

/* --- On the main thread -------------------------------------------------- */

static void
put_back(struct vsw_ovs_main *main, struct vsw_unit *unit, uint32_t pkt,
         uint32_t port)
{
    struct vsw_ring *ring = &main->back.tx;
    uint32_t slot;

    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    slot = vsw_ring_fill(ring, pkt, 1);
    main->ports[slot] = port;
    vsw_ring_mem_avail(unit, VSW_ACCOUNT_UPCALL, &main->back.tx_mem, slot, 1,
                       VSW_MEM_WRITE);
    vsw_ring_publish(ring, unit->local_ps);
}

static void
handle(void *aux, struct vsw_worker *worker, uint32_t pkt)
{
    struct vsw_ovs_main *main = aux;
    struct vsw_unit *unit = worker->unit;
    const struct vsw_pkt *p = &main->sw->pkts->pkts[pkt];
    uint32_t port = vsw_ovs_pmd_translate(main->ovs, main->sw, pkt,
                                          &unit->memobs);

    if (port != VSW_PORT_FLOOD
        && vsw_ring_credits(&main->back.tx, unit->sync_ps) > 0) {
        put_back(main, unit, pkt, port);
        return;
    }
    vsw_bufpool_put(main->pool, p->buf);
    vsw_pkt_drop(main->sw->pkts, unit, pkt,
                 port == VSW_PORT_FLOOD ? VSW_DROP_NO_ROUTE
                                        : VSW_DROP_QUEUE_FULL);
}

/* --- Start --------------------------------------------------------------- */

static int
make_list(struct vsw_ovs_main *main, struct vsw_unit *unit)
{
    struct vsw_queue *back = &main->back;

    back->port = VSW_NONE;
    vsw_ring_mem_place(&back->tx_mem, main->sw->sim, BACK_SLOTS,
                       vsw_mem_node(unit));
    main->ports = calloc(BACK_SLOTS, sizeof *main->ports);
    return main->ports && !vsw_ring_init(&back->tx, BACK_SLOTS) ? 0 : -ENOMEM;
}

int
vsw_ovs_main_start(struct vsw_ovs_main *main, struct vsw_switch *sw,
                   struct vsw_pmd *pmd, struct vsw_ovs_pmd *ovs,
                   struct vsw_unit *unit, uint32_t limit_pkts,
                   struct vsw_error *err)
{
    const struct vsw_upcall_setup setup = {
        .unit = unit,
        .domain = sw->domain,
        .priority = PRIORITY,
        .entry = VSW_ENTRY_VM_EXIT,
        .limit_pkts = limit_pkts,
        .handle_cost = VSW_COST_UPCALL_INLINE,
        .handle = handle,
        .aux = main,
    };
    int error = vsw_upcall_start(&main->upcall, &setup, sw->ops->name, err);

    if (error) {
        return error;
    }
    main->sw = sw;
    main->ovs = ovs;
    main->pool = &pmd->pools[VSW_PMD_MBUFS].bufs;
    if (make_list(main, unit)
        || vsw_switch_add_counter(sw, "upcalls_refused", "1",
                                  &main->upcall.n_refused)
        || vsw_switch_add_counter(sw, "upcalls_handled", "1",
                                  &main->upcall.n_handled)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a thread of Open vSwitch");
    }
    ovs->main = main;
    pmd->extra = &main->back;
    pmd->extra_ops = &back_ops;
    return 0;
}

void
vsw_ovs_main_fini(struct vsw_ovs_main *main)
{
    vsw_upcall_fini(&main->upcall);
    vsw_ring_fini(&main->back.tx);
    free(main->ports);
}
