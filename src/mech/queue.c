#include <vswsim/queue.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t *
take_bufs(struct vsw_bufs *bufs, uint32_t n)
{
    uint32_t *taken = calloc(n, sizeof *taken);

    for (uint32_t i = 0; taken && i < n; i++) {
        taken[i] = vsw_bufs_take(bufs);
    }
    return taken;
}

int
vsw_queue_init(struct vsw_queue *queue, struct vsw_bufs *bufs, uint32_t port,
               uint32_t index, uint32_t n_slots, uint32_t buf_bytes)
{
    memset(queue, 0, sizeof *queue);
    queue->port = port;
    queue->index = index;
    queue->buf_bytes = buf_bytes;
    queue->tx_bufs = take_bufs(bufs, n_slots);
    queue->rx_bufs = take_bufs(bufs, n_slots);
    if (!queue->tx_bufs || !queue->rx_bufs
        || vsw_ring_init(&queue->tx, n_slots)
        || vsw_ring_init(&queue->rx, n_slots)) {
        vsw_queue_fini(queue);
        return -ENOMEM;
    }
    return 0;
}

uint32_t
vsw_queue_swap_bufs(const struct vsw_queue *queue, struct vsw_bufs *bufs,
                    uint32_t *slots, uint32_t slot, uint32_t n,
                    uint32_t fresh)
{
    uint32_t *next = bufs->next;
    uint32_t first = slots[slot];
    uint32_t last = VSW_NONE;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t *place = &slots[(slot + i) & queue->tx.mask];
        uint32_t old = *place;

        *place = fresh;
        fresh = next[fresh];
        next[*place] = VSW_NONE;
        if (last != VSW_NONE) {
            next[last] = old;
        }
        last = old;
    }
    return first;
}

void
vsw_queue_fini(struct vsw_queue *queue)
{
    vsw_ring_fini(&queue->tx);
    vsw_ring_fini(&queue->rx);
    free(queue->tx_bufs);
    free(queue->rx_bufs);
    memset(queue, 0, sizeof *queue);
}
