#include <vswsim/guest.h>

#include <string.h>

#define VSW_GUEST(name) extern const struct vsw_guest_ops vsw_guest_##name;
#include "guest/drivers.def"
#undef VSW_GUEST

/* Ends with NULL, so that it is never empty. */
static const struct vsw_guest_ops *const drivers[] = {
#define VSW_GUEST(name) &vsw_guest_##name,
#include "guest/drivers.def"
#undef VSW_GUEST
    NULL,
};

const struct vsw_guest_ops *
vsw_guest_find(const char *name)
{
    for (size_t i = 0; drivers[i]; i++) {
        if (!strcmp(drivers[i]->name, name)) {
            return drivers[i];
        }
    }
    return NULL;
}

const struct vsw_guest_ops *
vsw_guest_at(uint32_t i)
{
    return i < VSW_N_ELEMS(drivers) ? drivers[i] : NULL;
}

void
vsw_guest_make_traffic(const struct vsw_guest *guest, uint32_t queue,
                       struct vsw_traffic *traffic)
{
    struct vsw_traffic_setup setup = guest->traffic;
    bool by_trace = setup.pacing == VSW_PACING_RECORDED
                    || setup.pacing == VSW_PACING_SCALED;
    struct vsw_random offset;

    setup.queue = queue;
    vsw_sim_random(guest->sw->sim, &offset, VSW_RANDOM_TRACE_OFFSET,
                   setup.port * setup.n_queues + queue);
    /* Recorded times count from the same instant for all; other sources start
     * when they happen to. */
    vsw_traffic_init(traffic, &setup,
                     by_trace ? 0 : guest->start_ps[queue], &offset);
}
