/* Guests, and what they and the clients send. */
#include <errno.h>
#include <stdlib.h>

#include "io/config/config_keys.h"
#include "io/run/make_dialogs.h"
#include "io/run/scene.h"

/* Sources start at random within this time. */
#define MAX_START_PS (2 * PS_PER_US)

struct vsw_traffic_setup
scene_traffic(struct scene *s, uint32_t port, uint32_t n_queues)
{
    const struct vsw_config_traffic *t = &s->config->traffic;
    uint32_t n_sources = s->config->guests.n * s->config->guests.n_cpus
                         + s->config->wires.n;
    struct vsw_traffic_setup setup = {
        .workload = s->workload,
        .pacing = t->pacing,
        .time_scale = UINT64_C(1) << VSW_TIME_SCALE_BITS,
        .burst_pkts = s->config->guests.burst_pkts,
        .n_loops = t->n_loops,
        .n_open = &s->n_open,
        .frame_bytes = t->frame_bytes,
        .port = port,
        .n_queues = n_queues,
    };

    if (t->pacing == VSW_PACING_SCALED) {
        setup.time_scale = (uint64_t) (t->time_scale
                                       * (1 << VSW_TIME_SCALE_BITS));
    }
    if (t->pacing == VSW_PACING_FIXED) {
        setup.gap_ps = PS_PER_S * n_sources / t->rate_pps;
    }
    return setup;
}

uint64_t
scene_start_ps(const struct scene *s, uint32_t i)
{
    struct vsw_random start;

    vsw_sim_random(&s->sim, &start, VSW_RANDOM_START_PHASE, i + 1);
    return vsw_random_below(&start, MAX_START_PS);
}

int
scene_make_dialogs(struct scene *s, struct vsw_error *err)
{
    if (!vsw_config_has_dialogs(s->config)) {
        return 0;
    }
    s->has_dialogs = true;
    return vsw_make_dialogs(&s->dialogs, s->config, s->workload)
                   || vsw_count_dialogs(&s->dialogs, &s->sw)
               ? scene_nomem(err) : 0;
}

int
scene_report_dialogs(struct scene *s, struct vsw_error *err)
{
    if (!s->has_dialogs) {
        return 0;
    }
    for (uint32_t i = 0; i < s->config->guests.n; i++) {
        s->guests[i].ops->report(&s->guests[i]);
    }
    for (uint32_t i = 0; i < s->config->wires.n; i++) {
        vsw_sockset_report(&s->wires[i].peer.socks);
    }
    return vsw_report_dialogs(&s->dialogs, s->outcome) ? scene_nomem(err)
                                                       : 0;
}

static int
start_guest(struct scene *s, uint32_t i, struct vsw_error *err)
{
    uint32_t n_queues = s->config->guests.n_cpus;
    struct vsw_guest *guest = &s->guests[i];

    guest->start_ps = calloc(n_queues, sizeof *guest->start_ps);
    if (!guest->start_ps) {
        return scene_nomem(err);
    }
    for (uint32_t q = 0; q < n_queues; q++) {
        guest->start_ps[q] = scene_start_ps(s, i * n_queues + q);
    }
    guest->sw = &s->sw;
    guest->port = &s->sw.ports[i];
    guest->index = i;
    guest->domain = s->sim.first_guest + i;
    guest->traffic = scene_traffic(s, i, n_queues);
    guest->dialogs = s->has_dialogs ? &s->dialogs : NULL;
    guest->is_deaf = i + s->config->guests.n_deaf >= s->config->guests.n;
    guest->ops = guest->port->driver ? vsw_guest_find(guest->port->driver)
                                     : s->driver;
    if (s->has_dialogs && !guest->ops->has_dialogs) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "guest %u stands for a process that sends "
                             "traces only; use workload.kind \"trace\"", i);
    }
    return guest->ops->start(guest, err);
}

int
scene_start_guests(struct scene *s, struct vsw_error *err)
{
    int error = 0;

    s->guests = calloc((size_t) s->config->guests.n + 1, sizeof *s->guests);
    if (!s->guests) {
        return scene_nomem(err);
    }
    for (uint32_t i = 0; !error && i < s->config->guests.n; i++) {
        error = start_guest(s, i, err);
    }
    return error;
}

void
scene_free_guests(struct scene *s)
{
    for (uint32_t i = 0; s->guests && i < s->config->guests.n; i++) {
        if (s->guests[i].ops && s->guests[i].ops->fini) {
            s->guests[i].ops->fini(&s->guests[i]);
        }
        free(s->guests[i].start_ps);
    }
    free(s->guests);
    if (s->has_dialogs) {
        vsw_dialogs_fini(&s->dialogs);
    }
}
