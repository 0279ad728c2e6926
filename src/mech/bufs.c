#include <vswsim/pkt.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
vsw_bufs_init(struct vsw_bufs *bufs, uint32_t n_bufs)
{
    memset(bufs, 0, sizeof *bufs);
    bufs->headers = calloc(n_bufs, sizeof *bufs->headers);
    bufs->next = calloc(n_bufs, sizeof *bufs->next);
    bufs->n_bufs = n_bufs;
    if (!bufs->headers || !bufs->next) {
        vsw_bufs_fini(bufs);
        return -ENOMEM;
    }
    return 0;
}

void
vsw_bufs_fini(struct vsw_bufs *bufs)
{
    free(bufs->headers);
    free(bufs->places);
    free(bufs->next);
    memset(bufs, 0, sizeof *bufs);
}

uint32_t
vsw_bufs_take(struct vsw_bufs *bufs)
{
    assert(bufs->n_used < bufs->n_bufs);
    bufs->next[bufs->n_used] = VSW_NONE;
    return bufs->n_used++;
}

void
vsw_bufpool_init(struct vsw_bufpool *pool, struct vsw_bufs *bufs,
                 uint32_t n_bufs)
{
    pool->bufs = bufs;
    pool->free = VSW_NONE;
    pool->n_free = 0;
    pool->first = bufs->n_used;
    pool->n_bufs = n_bufs;
    for (uint32_t i = 0; i < n_bufs; i++) {
        vsw_bufpool_put(pool, vsw_bufs_take(bufs));
    }
}
