/* A learning switch between network interfaces, with an access list, caches
 * for its decisions, and batches of frames: the datapath library and the live
 * timers at work on real packets.
 *
 *   live_switch [-a FILE] [-d permit|deny] [-b PKTS] [-t USEC] IF IF...
 *
 * Runs until SIGINT or SIGTERM and prints its statistics then.  Needs
 * CAP_NET_RAW. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include <vswsim/batch_timer.h>
#include <vswsim/live.h>

#include "acl_file.h"
#include "forward.h"
#include "port.h"

#define MAX_PORTS     16
#define MAX_BATCH     64
#define BURST_PKTS    32
#define EXPIRE_EVERY_S 10

struct options {
    const char *acl_path;       /* NULL: no list. */
    uint8_t default_verdict;
    uint32_t batch_pkts;
    uint32_t hold_us;
};

struct sw {
    struct options options;
    struct event_base *base;
    struct acl_file acl;
    struct forward *forward;
    uint16_t n_ports;
    struct port ports[MAX_PORTS];
    struct vsw_batch_timer *batches[MAX_PORTS];
    struct event *events[MAX_PORTS + 3];        /* Ports, signals, expiry. */
    struct frame burst[BURST_PKTS];
};

/* What the callbacks of a port get. */
struct port_ref {
    struct sw *sw;
    uint16_t port;
};

static struct port_ref refs[MAX_PORTS];

static void
enqueue(struct sw *sw, uint32_t port, const struct frame *frame)
{
    port_queue(&sw->ports[port], frame);
    vsw_batch_timer_add(sw->batches[port]);
}

static void
forward_frame(struct sw *sw, uint16_t in_port, const struct frame *frame)
{
    size_t n_bytes;
    const void *ethernet = port_ethernet(frame, &n_bytes);
    uint32_t out = forward_decide(sw->forward, ethernet, n_bytes, in_port,
                                  vsw_live_now_ns());

    if (out == FORWARD_DROP) {
        return;
    }
    if (out != FORWARD_FLOOD) {
        enqueue(sw, out, frame);
        return;
    }
    for (uint16_t port = 0; port < sw->n_ports; port++) {
        if (port != in_port) {
            enqueue(sw, port, frame);
        }
    }
}

/* One burst per call, so that no port starves the others. */
static void
readable_cb(evutil_socket_t fd, short what, void *aux)
{
    struct port_ref *ref = aux;
    struct sw *sw = ref->sw;
    uint32_t n = port_receive(&sw->ports[ref->port], sw->burst, BURST_PKTS);

    (void) fd, (void) what;
    for (uint32_t i = 0; i < n; i++) {
        forward_frame(sw, ref->port, &sw->burst[i]);
    }
}

static void
send_batch(void *aux, uint32_t n_pkts)
{
    struct port_ref *ref = aux;

    port_send(&ref->sw->ports[ref->port], n_pkts);
}

static void
stop_cb(evutil_socket_t fd, short what, void *aux)
{
    struct sw *sw = aux;

    (void) fd, (void) what;
    event_base_loopbreak(sw->base);
}

static void
expire_cb(evutil_socket_t fd, short what, void *aux)
{
    struct sw *sw = aux;

    (void) fd, (void) what;
    forward_expire(sw->forward, vsw_live_now_ns());
}

static int
open_port(struct sw *sw, const char *name)
{
    uint16_t port = sw->n_ports;
    int error = port_open(&sw->ports[port], name, sw->options.batch_pkts);

    sw->n_ports++;
    if (error) {
        fprintf(stderr, "live_switch: %s: %s\n", name, strerror(-error));
        return -1;
    }
    refs[port] = (struct port_ref) { sw, port };
    sw->batches[port] = vsw_batch_timer_new(
        sw->base, sw->options.batch_pkts,
        (uint64_t) sw->options.hold_us * 1000, send_batch, &refs[port]);
    sw->events[port] = event_new(sw->base, sw->ports[port].fd,
                                 EV_READ | EV_PERSIST, readable_cb,
                                 &refs[port]);
    return sw->batches[port] && sw->events[port]
           && event_add(sw->events[port], NULL) == 0 ? 0 : -1;
}

static int
add_events(struct sw *sw)
{
    static const struct timeval every = { .tv_sec = EXPIRE_EVERY_S };
    struct event **e = sw->events + MAX_PORTS;

    e[0] = evsignal_new(sw->base, SIGINT, stop_cb, sw);
    e[1] = evsignal_new(sw->base, SIGTERM, stop_cb, sw);
    e[2] = event_new(sw->base, -1, EV_PERSIST, expire_cb, sw);
    return e[0] && e[1] && e[2] && event_add(e[0], NULL) == 0
           && event_add(e[1], NULL) == 0 && event_add(e[2], &every) == 0
               ? 0 : -1;
}

static int
make_switch(struct sw *sw, int n_names, char *names[])
{
    sw->base = vsw_live_base_new();
    if (!sw->base) {
        return -1;
    }
    if (acl_file_read(&sw->acl, sw->options.acl_path,
                      sw->options.default_verdict)) {
        return -1;
    }
    sw->forward = forward_new(&sw->acl.acl);
    if (!sw->forward) {
        return -1;
    }
    for (int i = 0; i < BURST_PKTS; i++) {
        sw->burst[i].bytes = malloc(PORT_FRAME_BYTES);
        if (!sw->burst[i].bytes) {
            return -1;
        }
    }
    for (int i = 0; i < n_names; i++) {
        if (open_port(sw, names[i])) {
            return -1;
        }
    }
    return add_events(sw);
}

static void
free_switch(struct sw *sw)
{
    for (size_t i = 0; i < VSW_N_ELEMS(sw->events); i++) {
        if (sw->events[i]) {
            event_free(sw->events[i]);
        }
    }
    for (uint16_t i = 0; i < sw->n_ports; i++) {
        vsw_batch_timer_free(sw->batches[i]);
        port_close(&sw->ports[i]);
    }
    for (int i = 0; i < BURST_PKTS; i++) {
        free(sw->burst[i].bytes);
    }
    forward_free(sw->forward);
    acl_file_free(&sw->acl);
    if (sw->base) {
        event_base_free(sw->base);
    }
}

static void
flush_batches(struct sw *sw)
{
    for (uint16_t i = 0; i < sw->n_ports; i++) {
        vsw_batch_timer_flush(sw->batches[i]);
    }
}

static void
print_count(const char *name, uint64_t value)
{
    printf("%-18s %llu\n", name, (unsigned long long) value);
}

static void
print_port(const struct port *port)
{
    const struct port_stats *s = &port->stats;
    double mean = s->n_batches ? (double) s->n_tx_pkts / (double) s->n_batches
                               : 0;

    printf("port %s\n", port->name);
    print_count("  n_rx_pkts", s->n_rx_pkts);
    print_count("  n_tagged", s->n_tagged);
    print_count("  n_tx_pkts", s->n_tx_pkts);
    print_count("  n_tx_drops", s->n_tx_drops);
    print_count("  n_batches", s->n_batches);
    printf("%-18s %.2f\n", "  mean_batch_pkts", mean);
    print_count("  max_batch_pkts", s->max_batch_pkts);
}

static void
print_stats(const struct sw *sw)
{
    struct forward_stats s = forward_stats(sw->forward);

    print_count("n_pkts", s.n_pkts);
    print_count("n_exact_hits", s.n_exact_hits);
    print_count("n_megaflow_hits", s.n_megaflow_hits);
    print_count("n_misses", s.n_misses);
    print_count("n_acl_drops", s.n_acl_drops);
    print_count("n_runts", s.n_runts);
    print_count("n_flushes", s.n_flushes);
    for (uint16_t i = 0; i < sw->n_ports; i++) {
        print_port(&sw->ports[i]);
    }
    fflush(stdout);
}

/* Reads a number from 1 to 'max'.  Returns 0 if 'text' is none. */
static uint32_t
number(const char *text, unsigned long max)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0'
           && value <= max ? (uint32_t) value : 0;
}

static int
read_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "-a") == 0) {
        options->acl_path = value;
        return 0;
    }
    if (strcmp(name, "-d") == 0) {
        options->default_verdict
            = strcmp(value, "deny") == 0 ? VSW_ACL_DENY : VSW_ACL_PERMIT;
        return options->default_verdict == VSW_ACL_DENY
               || strcmp(value, "permit") == 0 ? 0 : -1;
    }
    if (strcmp(name, "-b") == 0) {
        options->batch_pkts = number(value, MAX_BATCH);
        return options->batch_pkts ? 0 : -1;
    }
    if (strcmp(name, "-t") == 0) {
        options->hold_us = number(value, 1000000);
        return options->hold_us ? 0 : -1;
    }
    return -1;
}

/* Returns how many arguments the options take, or -1. */
static int
read_options(struct options *options, int argc, char *argv[])
{
    int i = 1;

    while (i < argc && argv[i][0] == '-') {
        if (i + 1 == argc || read_option(options, argv[i], argv[i + 1])) {
            return -1;
        }
        i += 2;
    }
    return i;
}

int
main(int argc, char *argv[])
{
    static struct sw sw = {
        .options = { .default_verdict = VSW_ACL_PERMIT, .batch_pkts = 32,
                     .hold_us = 100 },
    };
    int first = read_options(&sw.options, argc, argv);
    int n_ports = argc - first;
    int status = EXIT_FAILURE;

    if (first < 0 || n_ports < 2 || n_ports > MAX_PORTS) {
        fprintf(stderr,
                "usage: live_switch [-a FILE] [-d permit|deny] [-b PKTS]\n"
                "                   [-t USEC] IF IF...\n"
                "  -a  access list in ClassBench's format\n"
                "  -d  verdict for packets that no rule matches (permit)\n"
                "  -b  frames in a batch, 1 to %d (32)\n"
                "  -t  longest wait of a batch's first frame (100)\n"
                "  2 to %d interfaces\n", MAX_BATCH, MAX_PORTS);
        return EXIT_FAILURE;
    }
    if (make_switch(&sw, n_ports, argv + first)) {
        fprintf(stderr, "live_switch: could not start\n");
    } else {
        printf("switching\n");
        fflush(stdout);
        event_base_dispatch(sw.base);
        flush_batches(&sw);
        print_stats(&sw);
        status = EXIT_SUCCESS;
    }
    free_switch(&sw);
    return status;
}
