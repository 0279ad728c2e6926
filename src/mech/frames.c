#include <vswsim/frames.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
vsw_frames_init(struct vsw_frames *frames, struct vsw_sim *sim,
                struct vsw_pkts *pkts, struct vsw_bufs *bufs)
{
    *frames = (struct vsw_frames) {
        .sim = sim,
        .pkts = pkts,
        .bufs = bufs,
        .headers = calloc(pkts->n_pkts, sizeof *frames->headers),
    };
    return frames->headers ? 0 : -ENOMEM;
}

void
vsw_frames_fini(struct vsw_frames *frames)
{
    free(frames->headers);
    memset(frames, 0, sizeof *frames);
}

void
vsw_frames_load(struct vsw_frames *frames, uint32_t id)
{
    struct vsw_pkt *pkt = &frames->pkts->pkts[id];

    assert(pkt->buf != VSW_NONE);
    memcpy(frames->headers[id], frames->bufs->headers[pkt->buf],
           VSW_HEADER_BYTES);
    pkt->buf = VSW_NONE;
}

void
vsw_frames_store(struct vsw_frames *frames, uint32_t id, uint32_t buf)
{
    struct vsw_pkt *pkt = &frames->pkts->pkts[id];

    assert(pkt->buf == VSW_NONE);
    memcpy(frames->bufs->headers[buf], frames->headers[id],
           VSW_HEADER_BYTES);
    pkt->buf = buf;
}
