/* Where payload lies in a guest's kernel: what makes the memory that a stream
 * goes through as large as it is.
 *
 * In hierarchy mode only.  A received packet takes its pages along from the
 * receive ring, and the driver posts other ones; when the application has read
 * them they are free again, and those that were freed last are posted first.
 * A ring of posted pages is used in order.  So a receiver goes through its
 * whole ring, and through as much more as waits in its sockets.
 *
 * Sent payload lies in a file in the page cache (sendfile), or where the copy
 * from user space put it, which goes through the send buffer.
 *
 * Left out: pages of acknowledgements and of headers.  All sockets of a vCPU
 * send from one file, and go on where the last one stopped. */
#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

/* Chunks that may wait; of more, the oldest count as read from the L1. */
#define N_CHUNKS 4096u

/* What netperf passes to each call. */
#define USER_BYTES 65536u

/* What is walked over at once, at most: what a slot holds, or what is copied
 * between two looks at the rings. */
static uint32_t
piece_bytes(const struct vsw_kernel *k)
{
    return k->queue->buf_bytes > VSW_PAGE_BYTES ? k->queue->buf_bytes
                                                : VSW_PAGE_BYTES;
}

/* A piece has to fit. */
static void
make_region(struct vsw_kernel *k, struct kernel_region *region,
            uint64_t n_bytes)
{
    uint32_t least = piece_bytes(k);

    n_bytes = n_bytes > least ? n_bytes : least;
    *region = (struct kernel_region) {
        .addr = vsw_mem_alloc(k->unit->sim, n_bytes, vsw_mem_node(k->unit)),
        .n_bytes = (uint32_t) n_bytes,
    };
}

/* The next 'n_bytes' (at most the region's) of it, in one piece. */
static uint64_t
walk(struct kernel_region *region, uint32_t n_bytes)
{
    uint64_t addr;

    if (region->at + n_bytes > region->n_bytes) {
        region->at = 0;
    }
    addr = region->addr + region->at;
    region->at += n_bytes;
    return addr;
}

static void
make_sent(struct vsw_kernel *k)
{
    const struct vsw_dialog_setup *setup;

    if (!k->has_socks || k->socks.n_socks == 0) {
        return;
    }
    setup = &k->socks.dialogs->setup;
    if (setup->sendfile) {
        make_region(k, &k->sent, setup->file_bytes);
        return;
    }
    make_region(k, &k->user_out, USER_BYTES);
    make_region(k, &k->sent, setup->tcp.send_buf_bytes);
    k->written = k->sent;
}

/* Puts pages of the guest's behind the slots of the receive ring. */
static int
post_pages(struct vsw_kernel *k)
{
    const struct vsw_queue *queue = k->queue;
    uint32_t n_slots = queue->rx.mask + 1;
    int error = 0;

    if (queue->buf_bytes > VSW_PAGE_BYTES || !k->sw->bufs.places) {
        return 0;
    }
    error = vsw_pages_init(&k->pages, k->unit->sim, 1, vsw_mem_node(k->unit),
                           1, n_slots + N_CHUNKS + VSW_PAGES_HIGH);
    for (uint32_t i = 0; !error && i < n_slots; i++) {
        vsw_bufs_lend(&k->sw->bufs, &k->pages, 0, 0, queue->rx_bufs[i]);
    }
    return error;
}

int
vsw_kernel_init_mem(struct vsw_kernel *k)
{
    struct vsw_sim *sim = k->unit->sim;

    /* Without its compute part the cost includes all of this. */
    if (!sim->mem
        || !sim->machine->costs[VSW_COST_GUEST_COPY_BYTE].compute) {
        return 0;
    }
    k->chunks = calloc(N_CHUNKS, sizeof *k->chunks);
    if (!k->chunks) {
        return -ENOMEM;
    }
    make_region(k, &k->user_in, USER_BYTES);
    make_sent(k);
    return post_pages(k);
}

void
vsw_kernel_fini_mem(struct vsw_kernel *k)
{
    vsw_pages_fini(&k->pages);
    free(k->chunks);
}

/* --- Receiving ----------------------------------------------------------- */

static void
free_chunk(struct vsw_kernel *k)
{
    const struct kernel_chunk *chunk = &k->chunks[k->chunks_out % N_CHUNKS];

    vsw_kernel_use_head(k, chunk->head);
    if (chunk->page) {
        vsw_kernel_use_page(k, chunk->page);
        vsw_pages_put(&k->pages, 0, chunk->page);
    }
    k->chunks_out++;
}

/* The page of 'buf' goes with its payload, and another one takes its place.
 * Returns 0 if it is none of this guest's, and stays. */
static uint64_t
take_page(struct vsw_kernel *k, uint32_t buf)
{
    struct vsw_buf_place *place = &k->sw->bufs.places[buf];
    uint64_t page = place->own ? place->addr : 0;
    uint64_t fresh = page ? vsw_pages_get(&k->pages, 0, 0) : 0;

    if (fresh == 0) {
        return 0;
    }
    vsw_kernel_use_page(k, fresh);
    place->addr = fresh;
    return page;
}

static void
add_chunk(struct vsw_kernel *k, uint32_t buf, uint32_t n_bytes, uint64_t head)
{
    uint64_t addr = vsw_buf_addr(&k->sw->bufs, buf);

    if (k->chunks_in - k->chunks_out == N_CHUNKS) {
        free_chunk(k);
    }
    k->chunks[k->chunks_in++ % N_CHUNKS] = (struct kernel_chunk) {
        .addr = addr, .page = take_page(k, buf), .head = head,
        .n_bytes = n_bytes,
    };
}

void
vsw_kernel_note_payload(struct vsw_kernel *k, uint32_t slot,
                        uint32_t payload_bytes, uint64_t head)
{
    const struct vsw_queue *queue = k->queue;

    if (payload_bytes == 0) {
        vsw_kernel_use_head(k, head);
    }
    while (k->chunks && payload_bytes > 0) {
        uint32_t n = payload_bytes < queue->buf_bytes ? payload_bytes
                                                      : queue->buf_bytes;

        add_chunk(k, queue->rx_bufs[slot], n, head);
        head = 0;
        payload_bytes -= n;
        slot = (slot + 1) & queue->rx.mask;
    }
}

/* Reads up to 'n_bytes' of the oldest chunk; returns how many. */
static uint32_t
read_chunk(struct vsw_kernel *k, uint32_t n_bytes)
{
    struct kernel_chunk *chunk = &k->chunks[k->chunks_out % N_CHUNKS];
    uint32_t n = chunk->n_bytes < n_bytes ? chunk->n_bytes : n_bytes;

    vsw_mem_access(k->unit, VSW_ACCOUNT_GUEST_COPY, chunk->addr, n,
                   VSW_MEM_READ);
    chunk->addr += n;
    chunk->n_bytes -= n;
    if (chunk->n_bytes == 0) {
        free_chunk(k);
    }
    return n;
}

void
vsw_kernel_read_payload(struct vsw_kernel *k, uint32_t n_bytes)
{
    while (k->chunks && n_bytes > 0 && k->chunks_out != k->chunks_in) {
        uint32_t n = read_chunk(k, n_bytes);

        vsw_mem_access(k->unit, VSW_ACCOUNT_GUEST_COPY,
                       walk(&k->user_in, n), n, VSW_MEM_WRITE);
        n_bytes -= n;
    }
}

/* --- Sending ------------------------------------------------------------- */

void
vsw_kernel_write_payload(struct vsw_kernel *k, uint32_t n_bytes)
{
    if (k->written.addr && n_bytes > 0) {
        vsw_mem_copy(k->unit, VSW_ACCOUNT_GUEST_COPY,
                     walk(&k->written, n_bytes), walk(&k->user_out, n_bytes),
                     n_bytes);
    }
}

void
vsw_kernel_place_payload(struct vsw_kernel *k, uint32_t slot,
                         uint32_t payload_bytes)
{
    const struct vsw_queue *queue = k->queue;

    while (k->sent.addr && payload_bytes > 0) {
        uint32_t n = payload_bytes < queue->buf_bytes ? payload_bytes
                                                      : queue->buf_bytes;

        k->sw->bufs.places[queue->tx_bufs[slot]].addr = walk(&k->sent, n);
        payload_bytes -= n;
        slot = (slot + 1) & queue->tx.mask;
    }
}
