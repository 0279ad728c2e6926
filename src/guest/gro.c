#include <vswsim/gro.h>

#include <assert.h>
#include <string.h>

static void
make_ready(struct vsw_gro *gro, const struct vsw_gro_seg *seg)
{
    assert(gro->n_ready < VSW_N_ELEMS(gro->ready));
    gro->ready[gro->n_ready++] = *seg;
}

static void
let_go(struct vsw_gro *gro, uint32_t i)
{
    make_ready(gro, &gro->held[i]);
    gro->n_held--;
    memmove(&gro->held[i], &gro->held[i + 1],
            (gro->n_held - i) * sizeof gro->held[0]);
}

static uint32_t
find(const struct vsw_gro *gro, uint32_t flow)
{
    uint32_t i = 0;

    while (i < gro->n_held && gro->held[i].flow != flow) {
        i++;
    }
    return i;
}

/* Whether more may join 'l4', whose last frame has 'last_bytes' of payload.
 * What is more than a frame was never cut, and passes as it is. */
static bool
may_grow(const struct vsw_l4 *l4, uint32_t last_bytes)
{
    return l4->proto == VSW_L4_TCP && l4->flags == VSW_TCP_ACK
           && last_bytes > 0 && last_bytes == l4->seg_bytes
           && l4->payload_bytes + l4->seg_bytes <= VSW_GRO_MAX_BYTES;
}

static bool
follows(const struct vsw_l4 *held, const struct vsw_l4 *l4)
{
    return l4->proto == VSW_L4_TCP && l4->payload_bytes > 0
           && l4->payload_bytes <= l4->seg_bytes
           && l4->seq == held->seq + held->payload_bytes
           && l4->ack == held->ack && !(l4->flags & VSW_TCP_SYN)
           && held->payload_bytes + l4->payload_bytes <= VSW_GRO_MAX_BYTES;
}

static void
join(struct vsw_gro_seg *held, const struct vsw_l4 *l4)
{
    held->l4.payload_bytes += l4->payload_bytes;
    held->l4.flags |= l4->flags;
    held->l4.window_bytes = l4->window_bytes;
    held->n_pkts++;
}

void
vsw_gro_add(struct vsw_gro *gro, uint32_t flow, const struct vsw_l4 *l4)
{
    const struct vsw_gro_seg seg = {.flow = flow, .n_pkts = 1, .l4 = *l4};
    uint32_t i = find(gro, flow);

    if (i < gro->n_held && follows(&gro->held[i].l4, l4)) {
        join(&gro->held[i], l4);
        if (!may_grow(&gro->held[i].l4, l4->payload_bytes)) {
            let_go(gro, i);
        }
        return;
    }
    if (i < gro->n_held) {
        let_go(gro, i);
    }
    if (!may_grow(l4, l4->payload_bytes)) {
        make_ready(gro, &seg);
        return;
    }
    if (gro->n_held == VSW_GRO_MAX_FLOWS) {
        let_go(gro, 0);
    }
    gro->held[gro->n_held++] = seg;
}

void
vsw_gro_flush(struct vsw_gro *gro)
{
    while (gro->n_held > 0) {
        let_go(gro, 0);
    }
}

bool
vsw_gro_pop(struct vsw_gro *gro, struct vsw_gro_seg *seg)
{
    if (gro->n_ready == 0) {
        return false;
    }
    *seg = gro->ready[0];
    gro->n_ready--;
    memmove(&gro->ready[0], &gro->ready[1],
            gro->n_ready * sizeof gro->ready[0]);
    return true;
}
