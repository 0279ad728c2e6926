/* What the workload of a point must be to the rest of it. */
#include "io/config/config_keys.h"

#include <inttypes.h>
#include <stdio.h>

#include <vswsim/guest.h>
#include <vswsim/pkt.h>
#include <vswsim/tcp.h>

/* Connections of one simulation. */
#define MAX_DIALOGS 16384u

/* A datagram that is not fragmented. */
#define MAX_DATAGRAM_BYTES 1472u

/* Ethernet, IPv4, and UDP or TCP with timestamps. */
#define UDP_HEADER_BYTES 42u
#define TCP_HEADER_BYTES 66u

struct vsw_workload_counts
vsw_config_count_dialogs(const struct vsw_config *c)
{
    uint64_t n_guests = c->guests.n;
    struct vsw_workload_counts counts = {.n_pairs = n_guests / 2};

    if (c->workload.pattern == VSW_PATTERN_ALL) {
        counts.n_pairs = n_guests * (n_guests ? n_guests - 1 : 0);
    } else if (c->workload.pattern == VSW_PATTERN_TO_LAST) {
        counts.n_pairs = n_guests ? n_guests - 1 : 0;
    } else if (c->workload.pattern != VSW_PATTERN_PAIRS) {
        counts.n_pairs = c->wires.n > 0 ? n_guests : 0;
    }
    counts.n_dialogs = counts.n_pairs * c->workload.n_connections;
    return counts;
}

static bool
check_driver(const struct vsw_config *c, const char **key, char *text,
             size_t n)
{
    const struct vsw_guest_ops *driver = vsw_guest_find(c->guests.driver);

    *key = "guests.driver";
    if (!driver || c->guests.n == 0) {
        return true;
    }
    if (!vsw_config_has_dialogs(c)) {
        snprintf(text, n, "guests of driver \"%s\" cannot send a trace; "
                 "choose another workload.kind, or traffic.pacing "
                 "\"closed_loop\"", c->guests.driver);
        return !driver->only_dialogs;
    }
    snprintf(text, n, "guests of driver \"%s\" send traces only; choose "
             "another, or %s", c->guests.driver,
             vsw_config_is_closed_loop(c)
                 ? "a traffic.pacing other than \"closed_loop\""
                 : "workload.kind \"trace\"");
    return driver->has_dialogs;
}

static bool
check_kind(const struct vsw_config *c, const char **key, char *text, size_t n)
{
    if (!check_driver(c, key, text, n)) {
        return false;
    }
    if (c->workload.kind == VSW_WORKLOAD_TRACE && !c->traffic.trace) {
        *key = "workload.kind";
        snprintf(text, n, "workload.kind is \"trace\", but there is no "
                 "\"traffic\" that names one");
        return false;
    }
    if (vsw_config_is_closed_loop(c) && c->traffic.frame_bytes > 0) {
        *key = "traffic.frame_bytes";
        snprintf(text, n, "in a closed loop frames are as long as TCP makes "
                 "them; leave frame_bytes out");
        return false;
    }
    return true;
}

static bool
check_sizes(const struct vsw_config *c, const char **key, char *text,
            size_t n)
{
    const struct vsw_config_workload *w = &c->workload;

    if (w->kind == VSW_WORKLOAD_UDP
        && w->payload_bytes > MAX_DATAGRAM_BYTES) {
        *key = "workload.payload_bytes";
        snprintf(text, n, "a datagram of %" PRIu32 " bytes would be "
                 "fragmented; at most %u", w->payload_bytes,
                 MAX_DATAGRAM_BYTES);
        return false;
    }
    return true;
}

static bool
check_pattern(const struct vsw_config *c, const char **key, char *text,
              size_t n)
{
    struct vsw_workload_counts counts = vsw_config_count_dialogs(c);

    *key = "workload.pattern";
    if (counts.n_pairs == 0) {
        snprintf(text, n, "with %" PRIu32 " guests and %" PRIu32 " wires "
                 "nobody talks to anybody; add guests or wires, or choose "
                 "another pattern", c->guests.n, c->wires.n);
        return false;
    }
    if (counts.n_dialogs > MAX_DIALOGS) {
        snprintf(text, n, "%" PRIu64 " connections are too many; at most %u",
                 counts.n_dialogs, MAX_DIALOGS);
        return false;
    }
    return true;
}

/* What is searched for must have an upper end. */
static bool
check_search(const struct vsw_config *c, const char **key, char *text,
             size_t n)
{
    bool fixed = c->workload.kind == VSW_WORKLOAD_TRACE
                     ? c->traffic.pacing == VSW_PACING_FIXED
                     : c->workload.kind == VSW_WORKLOAD_UDP
                           && c->workload.rate_pps > 0;

    if (c->search.kind == VSW_SEARCH_NONE || fixed) {
        return true;
    }
    *key = "search.kind";
    snprintf(text, n, "a search needs the highest rate to try: "
             "traffic.rate_pps with pacing \"fixed\", or workload.rate_pps "
             "with kind \"udp\"");
    return false;
}

uint32_t
vsw_config_largest_frame(const struct vsw_config *c)
{
    const struct vsw_config_workload *w = &c->workload;
    uint32_t n_segs = w->max_seg_bytes / VSW_TCP_MSS_BYTES;

    if (!vsw_config_has_dialogs(c)) {
        return c->traffic.frame_bytes;
    }
    if (w->kind == VSW_WORKLOAD_UDP) {
        return w->payload_bytes + UDP_HEADER_BYTES + VSW_FCS_BYTES;
    }
    return (n_segs > 0 ? n_segs : 1) * VSW_TCP_MSS_BYTES + TCP_HEADER_BYTES
           + VSW_FCS_BYTES;
}

bool
vsw_config_check_workload(const struct vsw_config *c, const char **key,
                          char *text, size_t n_bytes)
{
    if (!check_kind(c, key, text, n_bytes)
        || !check_search(c, key, text, n_bytes)) {
        return false;
    }
    return c->workload.kind == VSW_WORKLOAD_TRACE
           || (check_sizes(c, key, text, n_bytes)
               && check_pattern(c, key, text, n_bytes));
}
