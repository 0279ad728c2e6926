/* What the values of a point must be to one another. */
#include "io/config/config_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/guest.h>
#include <vswsim/port.h>

struct finding {
    const char *key;            /* To blame, ... */
    const char *other_key;      /* ... or this, if no one has set that. */
    char text[VSW_MODEL_REASON_BYTES];
    char param[64];             /* Of a model: "params.NAME". */
};

static bool
check_run(const struct vsw_config *c, struct finding *f)
{
    if (c->run.warmup_us >= c->run.duration_us) {
        f->key = "run.warmup_us";
        f->other_key = "run.duration_us";
        snprintf(f->text, sizeof f->text,
                 "warmup_us is %" PRIu64 ", but the run ends at duration_us "
                 "= %" PRIu64 "; nothing would be measured",
                 c->run.warmup_us, c->run.duration_us);
        return false;
    }
    if (c->workload.start_us >= c->run.duration_us) {
        f->key = "workload.start_us";
        f->other_key = "run.duration_us";
        snprintf(f->text, sizeof f->text,
                 "start_us is %" PRIu64 ", but the run ends at duration_us "
                 "= %" PRIu64 "; some connections would hardly begin",
                 c->workload.start_us, c->run.duration_us);
        return false;
    }
    return true;
}

/* A longer one would move results, which are not to depend on it. */
static bool
check_quantum(const struct vsw_config *c, struct finding *f)
{
    uint64_t max_ns = vsw_config_max_quantum_ns(c->machine);

    if (c->run.quantum_ns > max_ns) {
        f->key = "run.quantum_ns";
        snprintf(f->text, sizeof f->text,
                 "quantum_ns is %" PRIu64 ", but the least latency of an "
                 "interrupt on %s allows no more than %" PRIu64,
                 c->run.quantum_ns, c->machine->name, max_ns);
        return false;
    }
    return true;
}

static bool
check_pacing(const struct vsw_config *c, struct finding *f)
{
    if (c->traffic.pacing == VSW_PACING_FIXED && c->traffic.rate_pps == 0) {
        f->key = "traffic.pacing";
        snprintf(f->text, sizeof f->text,
                 "pacing \"fixed\" needs \"rate_pps\"");
        return false;
    }
    return true;
}

static bool
check_pairs(const struct vsw_config *c, struct finding *f)
{
    uint32_t n_ports = c->guests.n + c->wires.n;

    if (c->traffic.map_by == VSW_PORTMAP_PAIRS && n_ports % 2) {
        f->key = "guests.n";
        f->other_key = "traffic.map.by";
        snprintf(f->text, sizeof f->text,
                 "map by \"pairs\" needs an even number of guests%s, not %"
                 PRIu32, c->wires.n ? " and wires" : "", n_ports);
        return false;
    }
    return true;
}

static bool
check_table(const struct vsw_config *c, struct finding *f)
{
    f->key = "traffic.map.table";
    f->other_key = "traffic.map.by";
    if (c->traffic.map_by != VSW_PORTMAP_TABLE) {
        return true;
    }
    if (c->traffic.n_map == 0) {
        snprintf(f->text, sizeof f->text,
                 "map by \"table\" needs a \"table\" with entries");
        return false;
    }
    for (uint32_t i = 0; i < c->traffic.n_map; i++) {
        uint32_t n_ports = c->guests.n + c->wires.n;

        if (c->traffic.map[i].port >= n_ports) {
            snprintf(f->text, sizeof f->text,
                     "entry %" PRIu32 " names port %" PRIu32 ", but %" PRIu32
                     " guests%s have ports 0 to %" PRIu32, i,
                     c->traffic.map[i].port, c->guests.n,
                     c->wires.n ? " and the wires" : "", n_ports - 1);
            return false;
        }
    }
    return true;
}

static bool
has_name(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (!strcmp(*names, name)) {
            return true;
        }
    }
    return false;
}

/* Lists 'names' as: "a", "b" */
static void
list_names(const char *const *names, char *text, size_t n_bytes)
{
    size_t n = 0;

    *text = '\0';
    for (uint32_t i = 0; names[i] && n < n_bytes; i++) {
        n += (size_t) snprintf(text + n, n_bytes - n, "%s\"%s\"",
                               i ? ", " : "", names[i]);
    }
}

static bool
check_driver(const struct vsw_config *c, struct finding *f)
{
    static const char *const polling[] = {"virtio_poll", "fstack",
                                          NULL};
    const char *const *drivers = c->model->drivers ? c->model->drivers
                                                   : polling;
    char names[160];

    if (c->guests.n == 0 || has_name(drivers, c->guests.driver)) {
        return true;
    }
    f->key = "guests.driver";
    list_names(drivers, names, sizeof names);
    snprintf(f->text, sizeof f->text,
             "%s does not serve guests of driver \"%s\"; it serves %s",
             c->model->name, c->guests.driver, names);
    return false;
}

static bool
check_ports(const struct vsw_config *c, struct finding *f)
{
    uint32_t kinds = c->model->port_kinds ? c->model->port_kinds
                                          : VSW_PORTS_GUEST;

    if (c->guests.n + c->wires.n == 0) {
        f->key = "guests.n";
        snprintf(f->text, sizeof f->text,
                 "no guests and no wires: there is nothing to switch");
        return false;
    }
    if (c->guests.n > 0 && !(kinds & VSW_PORTS_GUEST)) {
        f->key = "guests.n";
        snprintf(f->text, sizeof f->text,
                 "%s has no ports for guests; set guests.n to 0 and use "
                 "wires.n", c->model->name);
        return false;
    }
    if (c->wires.n > 0 && !(kinds & VSW_PORTS_WIRE)) {
        f->key = "wires.n";
        snprintf(f->text, sizeof f->text, "%s has no physical ports",
                 c->model->name);
        return false;
    }
    return true;
}

static uint64_t
n_switch_cpus(const struct vsw_config *c)
{
    if (c->switch_n_cpus) {
        return c->switch_n_cpus;
    }
    return c->model->n_cpus ? c->model->n_cpus(c->guests.n, c->wires.n) : 1;
}

static bool
guests_block(const struct vsw_config *c)
{
    const struct vsw_guest_ops *driver = vsw_guest_find(c->guests.driver);

    return driver && driver->blocks;
}

/* What polls needs a CPU of its own, and what else runs needs another. */
static bool
check_cpus(const struct vsw_config *c, struct finding *f)
{
    uint64_t n_vcpus = (uint64_t) c->guests.n * c->guests.n_cpus;
    uint64_t n_switch = n_switch_cpus(c);
    uint64_t n = n_vcpus + n_switch;

    if (n_vcpus > 0 && guests_block(c)) {
        n = c->model->threads_block || n_switch == 0 ? 0 : n_switch + 1;
    } else if (c->model->threads_block && n_switch > 0) {
        n = n_vcpus + 1;
    }
    if (n > c->machine->n_cpus) {
        f->key = c->guests.n_cpus > 1 ? "guests.n_cpus" : "guests.n";
        snprintf(f->text, sizeof f->text,
                 "%" PRIu32 " guests of %" PRIu32 " CPUs and a switch need %"
                 PRIu64 " CPUs; machine \"%s\" has %" PRIu32, c->guests.n,
                 c->guests.n_cpus, n, c->machine->name, c->machine->n_cpus);
        return false;
    }
    return true;
}

static bool
is_pinned(uint32_t cpu, const uint32_t *cpus, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (cpus[i] == cpu) {
            return true;
        }
    }
    return false;
}

static bool
check_pin_of(const struct vsw_config *c, const struct vsw_config_pin *pin,
             bool blocks, struct finding *f)
{
    for (uint32_t i = 0; i < pin->n; i++) {
        uint32_t cpu = pin->cpus[i];

        if (cpu >= c->machine->n_cpus) {
            snprintf(f->text, sizeof f->text,
                     "CPU %" PRIu32 " is none of the %" PRIu32 " CPUs, 0 to %"
                     PRIu32 ", of machine \"%s\"", cpu, c->machine->n_cpus,
                     c->machine->n_cpus - 1, c->machine->name);
            return false;
        }
        if (!blocks && is_pinned(cpu, pin->cpus, i)) {
            snprintf(f->text, sizeof f->text,
                     "CPU %" PRIu32 " is in the list twice; what polls "
                     "needs a CPU of its own", cpu);
            return false;
        }
    }
    return true;
}

static bool
check_pin(const struct vsw_config *c, struct finding *f)
{
    const struct vsw_config_pin *guests = &c->guests.pin;
    const struct vsw_config_pin *threads = &c->switch_pin;
    bool all_block = guests_block(c) && c->model->threads_block;

    f->key = "guests.pin";
    if (!check_pin_of(c, guests, guests_block(c), f)) {
        return false;
    }
    f->key = "switch.pin";
    if (threads->n > n_switch_cpus(c)) {
        snprintf(f->text, sizeof f->text,
                 "%" PRIu32 " CPUs for the switch, but %s runs on %" PRIu64
                 "; see switch.n_cpus", threads->n, c->model->name,
                 n_switch_cpus(c));
        return false;
    }
    if (!check_pin_of(c, threads, c->model->threads_block, f)) {
        return false;
    }
    for (uint32_t i = 0; i < threads->n && !all_block; i++) {
        if (is_pinned(threads->cpus[i], guests->cpus, guests->n)) {
            snprintf(f->text, sizeof f->text,
                     "CPU %" PRIu32 " is in \"guests.pin\" too; what polls "
                     "needs a CPU of its own", threads->cpus[i]);
            return false;
        }
    }
    return true;
}

static bool
check_slice(const struct vsw_config *c, struct finding *f)
{
    if (c->cpus.wake_us > c->cpus.slice_us) {
        f->key = "cpus.wake_us";
        f->other_key = "cpus.slice_us";
        snprintf(f->text, sizeof f->text,
                 "wake_us is %" PRIu64 ", more than the slice of %" PRIu64,
                 c->cpus.wake_us, c->cpus.slice_us);
        return false;
    }
    return true;
}

static bool
check_deaf(const struct vsw_config *c, struct finding *f)
{
    f->key = "guests.n_deaf";
    if (c->guests.n_deaf > c->guests.n) {
        snprintf(f->text, sizeof f->text,
                 "n_deaf is %" PRIu32 ", more than the %" PRIu32 " guests",
                 c->guests.n_deaf, c->guests.n);
        return false;
    }
    if (c->guests.n_deaf > 0 && strcmp(c->guests.driver, "virtio_poll")) {
        snprintf(f->text, sizeof f->text,
                 "guests of driver \"%s\" cannot be deaf; use "
                 "\"virtio_poll\"", c->guests.driver);
        return false;
    }
    return true;
}

static bool
check_acl(const struct vsw_config *c, struct finding *f)
{
    if (c->acl.source == VSW_ACL_SOURCE_FILE && !c->acl.rules) {
        f->key = "acl.source";
        snprintf(f->text, sizeof f->text,
                 "source \"file\" needs \"acl.file\"");
        return false;
    }
    return true;
}

static bool
check_workload(const struct vsw_config *c, struct finding *f)
{
    return vsw_config_check_workload(c, &f->key, f->text, sizeof f->text);
}

static bool
check_burst(const struct vsw_config *c, struct finding *f)
{
    if (c->guests.burst_pkts > c->guests.ring_slots) {
        f->key = "guests.burst_pkts";
        f->other_key = "guests.ring_slots";
        snprintf(f->text, sizeof f->text,
                 "burst_pkts is %" PRIu32 ", more than the %" PRIu32
                 " slots of a ring", c->guests.burst_pkts,
                 c->guests.ring_slots);
        return false;
    }
    return true;
}

static bool
check_rx_bufs(const struct vsw_config *c, struct finding *f)
{
    if (c->guests.rx_min_bufs > c->guests.rx_max_bufs) {
        f->key = "guests.rx_min_bufs";
        f->other_key = "guests.rx_max_bufs";
        snprintf(f->text, sizeof f->text,
                 "rx_min_bufs is %" PRIu32 ", more than the %" PRIu32
                 " of rx_max_bufs", c->guests.rx_min_bufs,
                 c->guests.rx_max_bufs);
        return false;
    }
    return true;
}

/* What the model itself finds wrong with its parameters. */
static bool
ask_model(const struct vsw_config *c, uint32_t frame_bytes, struct finding *f)
{
    const struct vsw_model_facts facts = {
        .n_guests = c->guests.n,
        .n_queues = c->guests.n_cpus,
        .n_wires = c->wires.n,
        .frame_bytes = frame_bytes,
    };
    const char *param = NULL;
    void *state;

    if (!c->model->check) {
        return true;
    }
    state = calloc(1, c->model->state_size_bytes);
    if (state) {
        for (uint32_t i = 0; c->model->params[i].name; i++) {
            vsw_param_set(&c->model->params[i], c->params[i], state);
        }
        param = c->model->check(state, &facts, f->text);
        free(state);
    }
    if (param) {
        snprintf(f->param, sizeof f->param, "params.%s", param);
        f->key = f->param;
        f->other_key = "guests.n";
    }
    return !param;
}

static bool
check_model(const struct vsw_config *c, struct finding *f)
{
    return ask_model(c, vsw_config_largest_frame(c), f);
}

/* The axis, the option, the design or the file that gave the value; NULL if
 * none did. */
static const struct vsw_json_node *
find_cause(const struct vsw_config_load *load, const struct vsw_point *point,
           const char *key)
{
    const struct vsw_json_node *node;
    const struct vsw_json_node *common = vsw_json_find(load->root, key);
    const struct vsw_config_design *design
        = &load->impl->designs[point->design];

    for (uint32_t i = 0; i < load->plan->n_axes; i++) {
        if (!strcmp(load->plan->axes[i].key, key)) {
            return load->impl->axes[i].node;
        }
    }
    if (common && common->doc->is_option) {
        return common;
    }
    if (!strncmp(key, "params.", 7)) {
        node = vsw_json_member(vsw_json_member(design->node, "params"),
                               key + 7);
    } else {
        node = vsw_json_member(vsw_json_member(design->node, "set"), key);
    }
    return node ? node : common;
}

/* A value of the point for messages: ", traffic.frame_bytes = 64". */
static void
describe_point(const struct vsw_config_load *load,
               const struct vsw_point *point, char *text, size_t n_bytes)
{
    size_t n = (size_t) snprintf(text, n_bytes, "in design \"%.40s\"",
                                 point->config.design);

    for (uint32_t i = 0; i < load->plan->n_axes && n < n_bytes; i++) {
        const struct vsw_axis *axis = &load->plan->axes[i];

        n += (size_t) snprintf(text + n, n_bytes - n, ", %.40s = %.40s",
                               axis->key,
                               axis->values[point->axis_values[i]]);
    }
}

static void
report(struct vsw_config_load *load, const struct vsw_point *point,
       const struct finding *f)
{
    const struct vsw_json_node *node = find_cause(load, point, f->key);
    char where[512];

    if (!node && f->other_key) {
        node = find_cause(load, point, f->other_key);
    }
    node = node ? node : load->root;
    describe_point(load, point, where, sizeof where);
    vsw_json_report(&load->errors, node->doc, node->at, "%s (%s)", f->text,
                    where);
}

static bool
check_point(struct vsw_config_load *load, const struct vsw_point *point)
{
    static bool (*const checks[])(const struct vsw_config *,
                                  struct finding *) = {
        check_run, check_quantum, check_pacing, check_pairs, check_table,
        check_driver, check_ports, check_cpus, check_pin, check_slice,
        check_burst, check_rx_bufs, check_acl, check_workload, check_deaf,
        check_model,
    };
    bool valid = true;

    for (size_t i = 0; i < VSW_N_ELEMS(checks); i++) {
        struct finding f = {0};

        if (!checks[i](&point->config, &f)) {
            report(load, point, &f);
            valid = false;
        }
    }
    return valid;
}

/* Standard input can be read once; the trace is decoded once for each number
 * of ports that its flows are mapped to. */
static void
check_stdin(struct vsw_config_load *load)
{
    const struct vsw_plan *plan = load->plan;
    const struct vsw_json_node *node
        = vsw_json_find(load->root, "traffic.trace");

    if (!node || strcmp(load->impl->base.traffic.trace, "-")) {
        return;
    }
    for (uint32_t i = 1; i < plan->n_points; i++) {
        const struct vsw_config *a = &plan->points[i].config;
        const struct vsw_config *b = &plan->points[0].config;

        if (a->guests.n + a->wires.n != b->guests.n + b->wires.n) {
            vsw_json_report(&load->errors, node->doc, node->at,
                            "standard input can be read only once, but "
                            "points with another number of guests need the "
                            "trace again; save it to a file");
            return;
        }
    }
}

void
vsw_config_check_points(struct vsw_config_load *load)
{
    /* One bad point tells enough: its neighbours fail for the same reason. */
    for (uint32_t i = 0; i < load->plan->n_points; i++) {
        if (!check_point(load, &load->plan->points[i])) {
            return;
        }
    }
    check_stdin(load);
}

int
vsw_config_check_frames(const struct vsw_plan *plan,
                        const uint32_t *frame_bytes, struct vsw_error *err)
{
    struct vsw_config_impl *impl = plan->impl;
    struct vsw_config_load load = {
        .plan = (struct vsw_plan *) plan,
        .impl = impl,
        .root = impl->root,
        .errors = {.err = err},
    };

    for (uint32_t i = 0; i < plan->n_points && load.errors.n == 0; i++) {
        struct finding f = {0};

        if (!ask_model(&plan->points[i].config, frame_bytes[i], &f)) {
            report(&load, &plan->points[i], &f);
        }
    }
    return vsw_json_errors_finish(&load.errors);
}
