#include <vswsim/switch.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <vswsim/buf_mem.h>
#include <vswsim/nic.h>
#include <vswsim/vnic.h>

/* Of a slot of a ring: a descriptor, a netmap slot. */
#define SLOT_BYTES 16

static uint32_t
n_queues_of(const struct vsw_switch *sw, uint32_t port)
{
    return port < vsw_switch_n_guests(sw) ? sw->n_queues : sw->n_wire_queues;
}

/* Slots of each ring of a port. */
static uint32_t
n_slots_of(const struct vsw_switch *sw, uint32_t port)
{
    bool is_wire = port >= vsw_switch_n_guests(sw);

    return is_wire && sw->n_wire_slots ? sw->n_wire_slots : sw->n_slots;
}

/* Gives each port its queue pairs and virtual NICs, all empty still. */
static int
lay_out(struct vsw_switch *sw)
{
    uint32_t n = 0;

    sw->ports = calloc(sw->n_ports, sizeof *sw->ports);
    for (uint32_t i = 0; sw->ports && i < sw->n_ports; i++) {
        sw->ports[i].index = i;
        sw->ports[i].first_queue = n;
        sw->ports[i].n_queues = n_queues_of(sw, i);
        n += sw->ports[i].n_queues;
    }
    sw->n_all_queues = n;
    sw->queues = calloc(n, sizeof *sw->queues);
    for (uint32_t i = 0; sw->ports && sw->queues && i < sw->n_ports; i++) {
        sw->ports[i].queues = &sw->queues[sw->ports[i].first_queue];
    }
    return sw->ports && sw->queues ? 0 : -ENOMEM;
}

static uint32_t
buf_bytes_of(const struct vsw_switch *sw, const struct vsw_port *port,
             uint32_t buf_bytes)
{
    return sw->wire_buf_bytes && port->index >= vsw_switch_n_guests(sw)
               ? sw->wire_buf_bytes
               : buf_bytes;
}

static int
make_queues(struct vsw_switch *sw, uint32_t buf_bytes, uint32_t n_pool)
{
    int error = lay_out(sw);
    uint32_t n_bufs = n_pool;

    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        n_bufs += sw->ports[i].n_queues * 2 * n_slots_of(sw, i);
    }
    if (!error) {
        error = vsw_bufs_init(&sw->bufs, n_bufs);
        sw->bufs.is_plain = sw->has_plain_bufs;
    }
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        struct vsw_port *port = &sw->ports[i];

        for (uint32_t q = 0; !error && q < port->n_queues; q++) {
            error = vsw_queue_init(&port->queues[q], &sw->bufs, i, q,
                                   n_slots_of(sw, i),
                                   buf_bytes_of(sw, port, buf_bytes));
        }
    }
    return error;
}

/* A driver need not post a buffer for each slot. */
static void
post_first_bufs(const struct vsw_switch *sw, struct vsw_queue *queue)
{
    uint32_t n = sw->rx_min_bufs;

    if (n > 0 && n < sw->n_slots) {
        vsw_ring_withhold(&queue->rx, sw->n_slots - n);
    }
}

static int
make_guest_port(struct vsw_switch *sw, struct vsw_port *port)
{
    port->kind = VSW_PORT_GUEST;
    port->vnics = calloc(port->n_queues, sizeof *port->vnics);
    for (uint32_t q = 0; port->vnics && q < port->n_queues; q++) {
        uint32_t i = port->first_queue + q;

        post_first_bufs(sw, &port->queues[q]);
        port->vnics[q].queue = &port->queues[q];
        port->vnics[q].guest = port->index;
        port->vnics[q].domain = sw->sim->first_guest + port->index;
        port->vnics[q].unit = sw->guest_units ? sw->guest_units[i] : NULL;
        port->vnics[q].task = sw->guest_tasks ? sw->guest_tasks[i] : NULL;
    }
    return port->vnics ? 0 : -ENOMEM;
}

static int
make_wire_port(struct vsw_switch *sw, struct vsw_port *port,
               const struct vsw_nic_setup *setup, struct vsw_error *err)
{
    uint32_t wire = port->index - vsw_switch_n_guests(sw);
    struct vsw_nic *nic = calloc(1, sizeof *nic);
    char name[16];
    int error;

    port->kind = VSW_PORT_WIRE;
    port->link = sw->wires[wire].link;
    port->bus = sw->wires[wire].bus;
    if (!nic) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a NIC");
    }
    snprintf(name, sizeof name, "nic%u", wire);
    error = vsw_nic_init(nic, &sw->frames, name, port->bus,
                         &port->link->ends[0], port->queues, port->n_queues,
                         setup, &sw->arena, err);
    if (error) {
        free(nic);
        return error;
    }
    port->nic = nic;
    return 0;
}

static uint32_t
node_of(const struct vsw_unit *unit)
{
    return unit ? vsw_mem_node(unit) : 0;
}

/* A guest's rings and buffers lie near its vCPU, all else near the switch. */
static int
place_memory(struct vsw_switch *sw, uint32_t buf_bytes, uint32_t n_pool)
{
    uint32_t near = node_of(sw->n_units ? sw->units[0] : NULL);
    int error = vsw_bufs_place(&sw->bufs, sw->sim, sw->bufs.n_used, n_pool,
                               buf_bytes, near);

    for (uint32_t i = 0; !error && i < sw->n_all_queues; i++) {
        struct vsw_queue *queue = &sw->queues[i];
        struct vsw_port *port = &sw->ports[queue->port];
        uint32_t node = port->vnics
                        ? node_of(port->vnics[queue->index].unit) : near;

        error = vsw_queue_place(queue, &sw->bufs, sw->sim, node);
    }
    return error;
}

static int
make_guest_ports(struct vsw_switch *sw, uint32_t buf_bytes, uint32_t n_pool,
                 struct vsw_error *err)
{
    int error = make_queues(sw, buf_bytes, n_pool);

    for (uint32_t i = 0; !error && i < vsw_switch_n_guests(sw); i++) {
        error = make_guest_port(sw, &sw->ports[i]);
    }
    error = error ? error : place_memory(sw, buf_bytes, n_pool);
    if (error) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                             "out of memory for %u queue pairs of %u slots",
                             sw->n_all_queues, sw->n_slots);
    }
    return 0;
}

int
vsw_switch_make_bare_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                           uint32_t n_pool, struct vsw_error *err)
{
    int error = make_guest_ports(sw, buf_bytes, n_pool, err);

    for (uint32_t i = vsw_switch_n_guests(sw); !error && i < sw->n_ports;
         i++) {
        const struct vsw_switch_wire *wire
            = &sw->wires[i - vsw_switch_n_guests(sw)];

        sw->ports[i].kind = VSW_PORT_WIRE;
        sw->ports[i].link = wire->link;
        sw->ports[i].bus = wire->bus;
    }
    return error;
}

int
vsw_switch_make_nic_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                          uint32_t n_pool, const struct vsw_nic_setup *setup,
                          struct vsw_error *err)
{
    static const struct vsw_nic_setup by_default = VSW_NIC_SETUP_DEFAULT;
    int error = make_guest_ports(sw, buf_bytes, n_pool, err);

    for (uint32_t i = vsw_switch_n_guests(sw); !error && i < sw->n_ports;
         i++) {
        error = make_wire_port(sw, &sw->ports[i], setup ? setup : &by_default,
                               err);
    }
    return error;
}

int
vsw_switch_make_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                      uint32_t n_pool, struct vsw_error *err)
{
    return vsw_switch_make_nic_ports(sw, buf_bytes, n_pool, NULL, err);
}

void
vsw_switch_free_ports(struct vsw_switch *sw)
{
    for (uint32_t i = 0; sw->ports && i < sw->n_ports; i++) {
        if (sw->ports[i].nic) {
            vsw_nic_fini(sw->ports[i].nic);
        }
        free(sw->ports[i].nic);
        free(sw->ports[i].vnics);
    }
    for (uint32_t i = 0; sw->queues && i < sw->n_all_queues; i++) {
        vsw_queue_fini(&sw->queues[i]);
    }
    free(sw->ports);
    free(sw->queues);
    free(sw->counters);
    vsw_bufs_fini(&sw->bufs);
}

void
vsw_switch_count_batch(struct vsw_batch_sizes *sizes,
                       const struct vsw_unit *unit, uint32_t n)
{
    if (unit->local_ps >= unit->window_start_ps
        && unit->local_ps < unit->window_end_ps) {
        sizes->counts[n < VSW_MAX_BURST ? n : VSW_MAX_BURST]++;
    }
}

int
vsw_switch_add_memory(struct vsw_switch *sw, const char *name,
                      uint64_t n_bytes)
{
    struct vsw_outcome *outcome = sw->outcome;
    size_t n = outcome->n_memory + 1;
    struct vsw_outcome_memory *memory = realloc(outcome->memory,
                                                n * sizeof *memory);

    if (!memory) {
        return -ENOMEM;
    }
    memory[outcome->n_memory++] = (struct vsw_outcome_memory) {
        .name = name,
        .n_bytes = n_bytes,
    };
    outcome->memory = memory;
    return 0;
}

int
vsw_switch_add_port_memory(struct vsw_switch *sw)
{
    uint64_t n_slots = 0, n_bytes = 0;

    for (uint32_t i = 0; i < sw->n_all_queues; i++) {
        const struct vsw_queue *queue = &sw->queues[i];
        uint64_t n = queue->tx.mask + UINT64_C(1) + queue->rx.mask + 1;

        n_slots += n;
        n_bytes += n * queue->buf_bytes;
    }
    n_bytes += (sw->bufs.n_bufs - n_slots) * sw->queues[0].buf_bytes;
    return vsw_switch_add_memory(sw, "packet_buffers", n_bytes)
                   || vsw_switch_add_memory(sw, "rings", n_slots * SLOT_BYTES)
               ? -ENOMEM
               : 0;
}

static int
add_counter(struct vsw_switch *sw, const char *name, const char *unit,
            const uint64_t *value, bool is_level)
{
    size_t n = sw->n_counters + 1;
    struct vsw_switch_counter *counters = realloc(sw->counters,
                                                  n * sizeof *counters);

    if (!counters) {
        return -ENOMEM;
    }
    counters[sw->n_counters++] = (struct vsw_switch_counter) {
        .name = name,
        .unit = unit,
        .value = value,
        .is_level = is_level,
    };
    sw->counters = counters;
    return 0;
}

int
vsw_switch_add_counter(struct vsw_switch *sw, const char *name,
                       const char *unit, const uint64_t *value)
{
    return add_counter(sw, name, unit, value, false);
}

int
vsw_switch_add_level(struct vsw_switch *sw, const char *name,
                     const char *unit, const uint64_t *value)
{
    return add_counter(sw, name, unit, value, true);
}

void
vsw_switch_begin_window(struct vsw_switch *sw)
{
    for (uint32_t i = 0; i < sw->n_counters; i++) {
        if (!sw->counters[i].is_level) {
            sw->counters[i].before = *sw->counters[i].value;
        }
    }
}
