#include <vswsim/tx_window.h>

#include <errno.h>
#include <stdlib.h>

int
vsw_tx_window_init(struct vsw_tx_window *window, struct vsw_ring *ring)
{
    window->ring = ring;
    window->stamp_ps = 0;
    window->done = calloc((size_t) ring->mask + 1, sizeof *window->done);
    return window->done ? 0 : -ENOMEM;
}

void
vsw_tx_window_fini(struct vsw_tx_window *window)
{
    free(window->done);
    window->done = NULL;
}

uint32_t
vsw_tx_window_release(struct vsw_tx_window *window, uint64_t stamp_ps)
{
    struct vsw_ring *ring = window->ring;
    uint32_t n = 0;

    for (;;) {
        uint32_t slot = (ring->frees.done + n) & ring->mask;

        if (ring->frees.done + n == ring->popped || !window->done[slot]) {
            break;
        }
        n += window->done[slot];
        window->done[slot] = 0;
    }
    if (n > 0) {
        if (stamp_ps > window->stamp_ps) {
            window->stamp_ps = stamp_ps;
        }
        vsw_ring_free_some(ring, n, window->stamp_ps);
    }
    return n;
}
