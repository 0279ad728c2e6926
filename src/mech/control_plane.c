#include <vswsim/control_plane.h>

#include <errno.h>
#include <string.h>

#include "core/account.h"
#include "core/cost.h"

/* Before the polling loop of a prototype that shares the CPU. */
#define DAEMON_PRIORITY 1

static const uint16_t costs[] = {
    VSW_COST_FLOW_EXTRACT,
    VSW_COST_HASH_SOFT,
    VSW_COST_NETFILTER_RULE,
};

static void
read_key(struct vsw_control_plane *cp, struct vsw_unit *unit, uint32_t pkt,
         struct vsw_flowkey *key)
{
    const struct vsw_pkt *p = &cp->sw->pkts->pkts[pkt];
    uint32_t n_bytes = vsw_pkt_data_bytes(p);

    vsw_unit_charge(unit, VSW_ACCOUNT_EXTRACT, VSW_COST_FLOW_EXTRACT, 1);
    vsw_flowkey_extract(key, cp->sw->bufs.headers[p->buf],
                        n_bytes < VSW_HEADER_BYTES ? n_bytes
                                                   : VSW_HEADER_BYTES,
                        (uint16_t) p->in_port, &unit->memobs);
}

/* Searches the lists, and remembers the flow unless its rule has wildcards. */
static void
validate(struct vsw_control_plane *cp, struct vsw_unit *unit,
         const struct vsw_flowkey *key)
{
    bool in_window = vsw_unit_in_window(unit);
    struct vsw_flow_rule made;

    vsw_synth_rule(&cp->synth, key, &made, &unit->memobs);
    vsw_unit_charge(unit, VSW_ACCOUNT_ACL, VSW_COST_NETFILTER_RULE,
                    made.n_compared);
    vsw_nic_rules_add(cp->rules, key, &made, &unit->memobs);
    if (!made.negative) {
        const struct vsw_rule rule = {
            .port = made.port,
            .qos_class = made.qos_class,
        };

        vsw_rule_cache_insert(cp->known, key, &rule, &unit->memobs);
    }
    cp->n_validated += in_window;
    cp->n_compared += in_window ? made.n_compared : 0;
    cp->n_negative += in_window && made.negative;
}

static void
decide(void *aux, struct vsw_worker *daemon, uint32_t pkt)
{
    struct vsw_control_plane *cp = aux;
    struct vsw_unit *unit = daemon->unit;
    struct vsw_flowkey key;
    struct vsw_rule rule;

    read_key(cp, unit, pkt, &key);
    vsw_unit_charge(unit, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
    if (vsw_rule_cache_lookup(cp->known, &key, &rule, &unit->memobs)) {
        vsw_nic_rules_add_exact(cp->rules, &key, &rule, &unit->memobs);
        cp->n_recached += vsw_unit_in_window(unit);
    } else {
        validate(cp, unit, &key);
    }
    vsw_ring_credits(&cp->again, unit->local_ps);
    vsw_ring_fill(&cp->again, pkt, 1);
    vsw_ring_publish(&cp->again, unit->local_ps);
}

static int
make_fib(struct vsw_control_plane *cp, struct vsw_switch *sw)
{
    const struct vsw_fib_params params = {sw->n_ports, 1};
    int error = vsw_fib_init(&cp->fib, &sw->arena, &params);

    for (uint32_t i = 0; i < sw->n_ports && !error; i++) {
        struct vsw_mac mac;

        memcpy(&mac, sw->pkts->workload->ports[i].mac, sizeof mac);
        error = vsw_fib_add_mac(&cp->fib, &mac, 0, i);
    }
    return error;
}

static int
add_counters(struct vsw_control_plane *cp, struct vsw_switch *sw)
{
    return vsw_switch_add_counter(sw, "control_validated", "1",
                                  &cp->n_validated)
                   || vsw_switch_add_counter(sw, "upcalls", "1",
                                             &cp->daemon.n_sent)
                   || vsw_switch_add_counter(sw, "control_recached", "1",
                                             &cp->n_recached)
                   || vsw_switch_add_counter(sw, "control_negative", "1",
                                             &cp->n_negative)
                   || vsw_switch_add_counter(sw, "control_acl_compared", "1",
                                             &cp->n_compared)
                   || vsw_switch_add_counter(sw, "control_refused", "1",
                                             &cp->n_refused)
               ? -ENOMEM
               : 0;
}

static int
start_daemon(struct vsw_control_plane *cp, uint32_t cpu,
             struct vsw_error *err)
{
    struct vsw_switch *sw = cp->sw;
    const struct vsw_upcall_setup setup = {
        .unit = sw->units[cpu],
        .task = sw->tasks ? sw->tasks[cpu] : NULL,
        .domain = sw->domain,
        .priority = DAEMON_PRIORITY,
        .entry = VSW_ENTRY_HYPERCALL,
        .limit_pkts = cp->setup.n_slots,
        .handle = decide,
        .aux = cp,
    };

    return vsw_upcall_start(&cp->daemon, &setup, sw->ops->name, err);
}

int
vsw_control_plane_init(struct vsw_control_plane *cp, struct vsw_switch *sw,
                       uint32_t cpu, struct vsw_nic_rules *rules,
                       const struct vsw_control_setup *setup,
                       struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    memset(cp, 0, sizeof *cp);
    if (error) {
        return error;
    }
    cp->sw = sw;
    cp->setup = *setup;
    cp->rules = rules;
    cp->known = vsw_rule_cache_new(&sw->arena, setup->n_known);
    if (!cp->known || make_fib(cp, sw)
        || vsw_ring_init(&cp->again, setup->n_slots)
        || add_counters(cp, sw)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a control plane of %u flows",
                             setup->n_known);
    }
    cp->synth = (struct vsw_synth) {&cp->fib, sw->acl, sw->qos};
    vsw_bufpool_init(&cp->pool, &sw->bufs, setup->n_bufs);
    return start_daemon(cp, cpu, err);
}

void
vsw_control_plane_fini(struct vsw_control_plane *cp)
{
    vsw_upcall_fini(&cp->daemon);
    vsw_ring_fini(&cp->again);
}

static uint32_t
n_bufs_for(const struct vsw_control_plane *cp, uint32_t pkt)
{
    uint32_t n_bytes = vsw_pkt_data_bytes(&cp->sw->pkts->pkts[pkt]);

    return (n_bytes + cp->setup.buf_bytes - 1) / cp->setup.buf_bytes;
}

bool
vsw_control_plane_admit(struct vsw_control_plane *cp,
                        const struct vsw_unit *unit, uint32_t pkt)
{
    if (cp->n_held < cp->setup.n_slots
        && n_bufs_for(cp, pkt) <= cp->pool.n_free) {
        return true;
    }
    cp->n_refused += vsw_unit_in_window(unit);
    return false;
}

void
vsw_control_plane_take(struct vsw_control_plane *cp, struct vsw_unit *unit,
                       uint32_t pkt, bool by_device)
{
    struct vsw_pkt *p = &cp->sw->pkts->pkts[pkt];
    uint32_t buf = vsw_bufpool_get(&cp->pool, n_bufs_for(cp, pkt));

    if (p->buf == VSW_NONE) {
        vsw_frames_store(&cp->sw->frames, pkt, buf);
    } else {
        memcpy(cp->sw->bufs.headers[buf], cp->sw->bufs.headers[p->buf],
               VSW_HEADER_BYTES);
    }
    p->buf = buf;
    cp->n_held++;
    if (by_device) {
        vsw_upcall_post(&cp->daemon, unit, pkt);
    } else {
        vsw_upcall_send(&cp->daemon, unit, pkt);
    }
}

void
vsw_control_plane_release(struct vsw_control_plane *cp, uint32_t buf)
{
    vsw_bufpool_put(&cp->pool, buf);
    cp->n_held--;
}
