/* Where received payload lies until an application has read it.
 *
 * In hierarchy mode the copy to user space reads the bytes where the backend
 * left them, in order of arrival, and writes a buffer that is used again and
 * again.  A packet's pages are taken to hold it until it is read, though their
 * slots may be posted again before: a real driver posts other pages.
 *
 * Left out: what copies from user space read and write. */
#include <errno.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

/* Chunks that may wait; of more, the oldest count as read from the L1. */
#define N_CHUNKS 4096u

/* What a receiver like netperf passes to each call. */
#define USER_BYTES 65536u

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
    k->user_addr = vsw_mem_alloc(sim, USER_BYTES, vsw_mem_node(k->unit));
    return 0;
}

static void
add_chunk(struct vsw_kernel *k, uint64_t addr, uint32_t n_bytes)
{
    if (k->chunks_in - k->chunks_out == N_CHUNKS) {
        k->chunks_out++;
    }
    k->chunks[k->chunks_in++ % N_CHUNKS] = (struct kernel_chunk) {
        .addr = addr, .n_bytes = n_bytes,
    };
}

void
vsw_kernel_note_payload(struct vsw_kernel *k, uint32_t slot,
                        uint32_t payload_bytes)
{
    const struct vsw_queue *queue = k->queue;

    while (k->chunks && payload_bytes > 0) {
        uint32_t n = payload_bytes < queue->buf_bytes ? payload_bytes
                                                      : queue->buf_bytes;

        add_chunk(k, vsw_buf_addr(&k->sw->bufs, queue->rx_bufs[slot]), n);
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
    k->chunks_out += chunk->n_bytes == 0;
    return n;
}

void
vsw_kernel_read_payload(struct vsw_kernel *k, uint32_t n_bytes)
{
    while (k->chunks && n_bytes > 0 && k->chunks_out != k->chunks_in) {
        uint32_t n = read_chunk(k, n_bytes);

        if (k->user_at + n > USER_BYTES) {
            k->user_at = 0;
        }
        vsw_mem_access(k->unit, VSW_ACCOUNT_GUEST_COPY,
                       k->user_addr + k->user_at, n, VSW_MEM_WRITE);
        k->user_at += n;
        n_bytes -= n;
    }
}
