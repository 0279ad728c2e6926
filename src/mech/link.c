/* A full-duplex link: two wires and what is stored at their ends. */
#include <vswsim/wire.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
init_end(struct vsw_link_end *end, uint32_t n_frames)
{
    int error = vsw_ring_init(&end->tx, n_frames);

    return error ? error : vsw_ring_init(&end->rx, n_frames);
}

int
vsw_link_init(struct vsw_link *link, struct vsw_frames *frames,
              const char *name, uint32_t n_frames,
              const struct vsw_wire_setup *setup, struct vsw_error *err)
{
    int error = 0;

    memset(link, 0, sizeof *link);
    if (init_end(&link->ends[0], n_frames)
        || init_end(&link->ends[1], n_frames)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a link");
    }
    for (int i = 0; !error && i < 2; i++) {
        char wire_name[16];

        snprintf(wire_name, sizeof wire_name, "%.8s.%d", name, i);
        error = vsw_wire_init(&link->wires[i], frames, wire_name,
                              &link->ends[i].tx, &link->ends[1 - i].rx, setup,
                              err);
    }
    return error;
}

void
vsw_link_fini(struct vsw_link *link)
{
    for (int i = 0; i < 2; i++) {
        vsw_wire_fini(&link->wires[i]);
        vsw_ring_fini(&link->ends[i].tx);
        vsw_ring_fini(&link->ends[i].rx);
    }
}
