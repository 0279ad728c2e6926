/* How a guest's kernel receives: NAPI, receive aggregation, the stack. */
#include <string.h>

#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

/* Packets of one poll, NAPI_POLL_WEIGHT. */
#define BUDGET_PKTS 64

void
vsw_kernel_begin_poll(struct vsw_kernel *k)
{
    if (k->irq != KERNEL_IRQ_OFF && k->irq != KERNEL_IRQ_HELD) {
        vsw_flag_set(&k->irq_wanted, k->unit, false);
    }
    k->irq = KERNEL_IRQ_OFF;
    k->polls = true;
    k->n_polled = 0;
    k->n_polls++;
    vsw_mem_run(k->unit, VSW_CODE_GUEST_POLL);
    vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_GUEST_RX_POLL, 1);
}

/* The poll found nothing more: interrupts are asked for, now or when the
 * device would give one. */
static void
end_poll(struct vsw_kernel *k)
{
    vsw_kernel_refill(k);
    k->polls = false;
    if (k->kind->irq_gap_ns > 0
        && k->unit->local_ps < k->irq_at_ps + k->kind->irq_gap_ns * 1000) {
        k->irq = KERNEL_IRQ_HELD;
        return;
    }
    k->irq = KERNEL_IRQ_ARMING;
    vsw_flag_set(&k->irq_wanted, k->unit, true);
}

/* --- Segments ------------------------------------------------------------ */

static bool
input_seg(struct vsw_kernel *k)
{
    struct vsw_gro_seg seg;
    struct vsw_sock *sock;

    if (!vsw_gro_pop(&k->gro, &seg)) {
        return false;
    }
    vsw_mem_run(k->unit, VSW_CODE_GUEST_RX);
    if (seg.l4.payload_bytes > 0 || seg.l4.proto == VSW_L4_NONE) {
        vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_GUEST_RX_SEG,
                        1);
    } else {
        vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_GUEST_RX_ACK,
                        1);
    }
    sock = k->has_socks ? vsw_sockset_find(&k->socks, seg.flow) : NULL;
    if (sock && seg.l4.proto != VSW_L4_NONE) {
        vsw_kernel_use_input(k, sock);
        vsw_sockset_input(&k->socks, sock, k->unit, &seg.l4);
    }
    return true;
}

/* --- Packets ------------------------------------------------------------- */

static void
expect_intact(const struct vsw_kernel *k, uint32_t id, uint32_t slot)
{
    const struct vsw_pkts *pkts = k->sw->pkts;
    uint32_t buf = k->queue->rx_bufs[slot];
    const uint8_t *sent
        = pkts->workload->flows[pkts->pkts[id].flow_id].header;

    vsw_sim_expect(k->sw->sim,
                   pkts->pkts[id].buf == buf
                       && memcmp(k->sw->bufs.headers[buf], sent,
                                 VSW_HEADER_BYTES) == 0,
                   "what arrives in a slot's buffer is what was sent");
}

static void
take_packet(struct vsw_kernel *k)
{
    struct vsw_pkts *pkts = k->sw->pkts;
    uint32_t slot, n_slots, id, flow;
    struct vsw_l4 l4;

    vsw_kernel_note_pass(k);
    id = vsw_ring_pop(&k->queue->rx, &slot, &n_slots);
    l4 = pkts->pkts[id].l4;
    flow = pkts->pkts[id].flow_id;
    vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_RX, VSW_COST_GUEST_RX_PKT, 1);
    if (k->sw->sim->check) {
        expect_intact(k, id, slot);
    }
    vsw_kernel_note_payload(k, slot, l4.payload_bytes,
                            vsw_kernel_use_received(k));
    vsw_pkt_deliver(pkts, k->unit, id, k->queue->port);
    k->refill.n_taken += n_slots;
    k->n_polled++;
    vsw_gro_add(&k->gro, flow, &l4);
}

/* Nothing is visible, or the budget is used up. */
static void
pause_poll(struct vsw_kernel *k)
{
    if (k->gro.n_held > 0) {
        vsw_gro_flush(&k->gro);
    } else if (k->n_polled >= BUDGET_PKTS) {
        vsw_kernel_refill(k);
        vsw_kernel_begin_poll(k);
    } else if (!vsw_unit_at_sync(k->unit)) {
        vsw_kernel_pause(k);        /* It may have come meanwhile. */
    } else {
        end_poll(k);
    }
}

bool
vsw_kernel_receive_step(struct vsw_kernel *k)
{
    if (input_seg(k)) {
        return true;
    }
    if (!k->polls) {
        return false;
    }
    if (vsw_kernel_must_refill(k)) {
        vsw_kernel_refill(k);
    } else if (k->n_polled < BUDGET_PKTS
        && k->queue->rx.popped != k->queue->rx.fills.seen) {
        take_packet(k);
    } else {
        pause_poll(k);
    }
    return true;
}
