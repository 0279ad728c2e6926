/* What a guest's kernel uses of its own data: sockets, heads of packets,
 * structures of pages.
 *
 * In hierarchy mode, and only if the machine gives the compute part of each
 * cost in 'costs' below: without it these costs include what is touched here.
 * Heads are freed and taken last in, first out, as a slab of one CPU does, so
 * few of them stay in the caches.  A socket is used again when its next
 * segment comes or goes: with many of them, it has left by then.
 *
 * Sizes are Linux's on x86-64, versions 3.x: struct sk_buff is 232 to 256
 * bytes and struct skb_shared_info 320, struct page 64; struct tcp_sock has
 * some 2000.  How much of a socket a segment uses was not measured: 10 lines
 * are assumed, 4 of them written (the fields that Linux 6.8 lists for its fast
 * path, Documentation/networking/net_cachelines/tcp_sock.rst, lie in about as
 * many before they were moved together).
 *
 * Left out: routes, queueing disciplines, the table of sockets, timers; what
 * the application has; heads of trace packets. */
#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

#define SOCK_BYTES       2048u
#define SOCK_USED_BYTES  640u
#define SOCK_DIRTY_BYTES 256u

/* A head and its list of pages, in objects of their own in truth. */
#define HEAD_BYTES       576u
#define HEAD_FREED_BYTES 192u   /* What is read to free it. */

#define PAGE_STRUCT_BYTES 64u

/* Heads in use at once; a packet beyond these has none. */
#define N_HEADS 8192u

static bool
knows_compute(const struct vsw_sim *sim)
{
    static const uint16_t costs[] = {
        VSW_COST_GUEST_TX_SEG, VSW_COST_GUEST_TX_ACK, VSW_COST_GUEST_TX_DONE,
        VSW_COST_GUEST_RX_PKT, VSW_COST_GUEST_RX_SEG, VSW_COST_GUEST_RX_ACK,
    };

    for (size_t i = 0; i < VSW_N_ELEMS(costs); i++) {
        if (!sim->machine->costs[costs[i]].compute) {
            return false;
        }
    }
    return true;
}

static uint64_t
alloc_here(const struct vsw_kernel *k, uint64_t n_bytes)
{
    return vsw_mem_alloc(k->unit->sim, n_bytes, vsw_mem_node(k->unit));
}

int
vsw_kernel_init_data(struct vsw_kernel *k)
{
    struct kernel_data *data = &k->data;
    uint32_t n_slots = k->queue->tx.mask + 1;
    uint64_t heads;

    if (!k->chunks || !k->has_socks || k->socks.n_socks == 0
        || !knows_compute(k->unit->sim)) {
        return 0;
    }
    data->free_heads = calloc(N_HEADS, sizeof *data->free_heads);
    data->tx_heads = calloc(n_slots, sizeof *data->tx_heads);
    data->tx_pieces = calloc(n_slots, sizeof *data->tx_pieces);
    if (!data->free_heads || !data->tx_heads || !data->tx_pieces) {
        return -ENOMEM;
    }
    data->socks = alloc_here(k, (uint64_t) k->socks.n_socks * SOCK_BYTES);
    heads = alloc_here(k, (uint64_t) N_HEADS * HEAD_BYTES);
    for (uint32_t i = N_HEADS; i-- > 0;) {
        data->free_heads[data->n_free_heads++]
            = heads + (uint64_t) i * HEAD_BYTES;
    }
    data->sent_pages = alloc_here(k, (uint64_t) (k->sent.n_bytes
                                                 / VSW_PAGE_BYTES + 1)
                                     * PAGE_STRUCT_BYTES);
    if (vsw_pages_exist(&k->pages)) {
        data->received_pages = alloc_here(k, (uint64_t) k->pages.n_per_node
                                             * PAGE_STRUCT_BYTES);
    }
    return 0;
}

void
vsw_kernel_fini_data(struct vsw_kernel *k)
{
    free(k->data.free_heads);
    free(k->data.tx_heads);
    free(k->data.tx_pieces);
}

/* --- Parts --------------------------------------------------------------- */

static void
use_sock(struct vsw_kernel *k, uint32_t account, const struct vsw_sock *sock)
{
    uint64_t addr = k->data.socks
                    + (uint64_t) (sock - k->socks.socks) * SOCK_BYTES;

    vsw_mem_access(k->unit, account, addr, SOCK_USED_BYTES, VSW_MEM_READ);
    vsw_mem_access(k->unit, account, addr, SOCK_DIRTY_BYTES, VSW_MEM_WRITE);
}

/* Takes a head and fills it in; 0 if there is none. */
static uint64_t
take_head(struct vsw_kernel *k, uint32_t account)
{
    struct kernel_data *data = &k->data;
    uint64_t head;

    if (data->n_free_heads == 0) {
        return 0;
    }
    head = data->free_heads[--data->n_free_heads];
    vsw_mem_access(k->unit, account, head, HEAD_BYTES, VSW_MEM_WRITE);
    return head;
}

static void
free_head(struct vsw_kernel *k, uint32_t account, uint64_t head)
{
    if (head) {
        vsw_mem_access(k->unit, account, head, HEAD_FREED_BYTES,
                       VSW_MEM_READ);
        k->data.free_heads[k->data.n_free_heads++] = head;
    }
}

/* --- Sending ------------------------------------------------------------- */

/* Counts a use of each page of the payload in the 'n_pieces' slots from 'slot'
 * on, or takes it back. */
static void
count_sent(struct vsw_kernel *k, uint32_t slot, uint32_t n_pieces)
{
    const struct vsw_queue *queue = k->queue;

    for (uint32_t i = 0; i < n_pieces; i++) {
        uint32_t buf = queue->tx_bufs[(slot + i) & queue->tx.mask];
        uint64_t at = vsw_buf_addr(&k->sw->bufs, buf) - k->sent.addr;

        if (at < k->sent.n_bytes) {         /* Else a backend moved it. */
            uint64_t page = at / VSW_PAGE_BYTES;
            uint64_t end = (at + queue->buf_bytes - 1) / VSW_PAGE_BYTES + 1;

            vsw_mem_access(k->unit, VSW_ACCOUNT_GUEST_TX,
                           k->data.sent_pages + page * PAGE_STRUCT_BYTES,
                           (end - page) * PAGE_STRUCT_BYTES, VSW_MEM_WRITE);
        }
    }
}

void
vsw_kernel_use_sent(struct vsw_kernel *k, const struct vsw_sock *sock,
                    uint32_t slot, uint32_t n_pieces)
{
    if (k->data.tx_heads) {
        use_sock(k, VSW_ACCOUNT_GUEST_TX, sock);
        k->data.tx_heads[slot] = take_head(k, VSW_ACCOUNT_GUEST_TX);
        k->data.tx_pieces[slot] = n_pieces;
        count_sent(k, slot, n_pieces);
    }
}

void
vsw_kernel_use_reclaimed(struct vsw_kernel *k, uint32_t slot)
{
    if (k->data.tx_heads) {
        free_head(k, VSW_ACCOUNT_GUEST_TX, k->data.tx_heads[slot]);
        count_sent(k, slot, k->data.tx_pieces[slot]);
    }
}

/* --- Receiving ----------------------------------------------------------- */

uint64_t
vsw_kernel_use_received(struct vsw_kernel *k)
{
    return k->data.tx_heads ? take_head(k, VSW_ACCOUNT_GUEST_RX) : 0;
}

void
vsw_kernel_use_head(struct vsw_kernel *k, uint64_t head)
{
    free_head(k, VSW_ACCOUNT_GUEST_RX, head);
}

void
vsw_kernel_use_page(struct vsw_kernel *k, uint64_t page)
{
    if (k->data.received_pages) {
        uint64_t at = (page - k->pages.starts[0]) / VSW_PAGE_BYTES;

        vsw_mem_access(k->unit, VSW_ACCOUNT_GUEST_RX,
                       k->data.received_pages + at * PAGE_STRUCT_BYTES,
                       PAGE_STRUCT_BYTES, VSW_MEM_WRITE);
    }
}

void
vsw_kernel_use_input(struct vsw_kernel *k, const struct vsw_sock *sock)
{
    if (k->data.tx_heads) {
        use_sock(k, VSW_ACCOUNT_GUEST_RX, sock);
    }
}
