/* Trace events of Chrome: what each unit does, and where packets go. */
#include "io/run/observe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/pkt.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "io/trace/trace_out.h"

#define PS_PER_US UINT64_C(1000000)

struct timeline {
    struct vsw_trace_out *out;
    uint32_t n_events;
    uint32_t process;           /* The design. */
    uint64_t from_ps;
    uint64_t to_ps;
    struct vsw_ledger_row *seen[VSW_MAX_UNITS]; /* Ledger after the last
                                                 * call; NULL: none yet. */
    uint64_t *flows;            /* Number of the arrow of each packet. */
    uint32_t n_flows;           /* Elements of it. */
    uint64_t n_arrows;
    bool failed;                /* Memory ran out. */
};

static void VSW_PRINTF(2, 3)
put(struct timeline *t, const char *format, ...)
{
    char text[512];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0) {
        vsw_trace_out_put(t->out, text, len < (int) sizeof text
                                            ? (size_t) len
                                            : sizeof text - 1);
    }
}

/* Starts an event; false if there are too many. */
static bool
begin(struct timeline *t)
{
    if (t->n_events == VSW_TIMELINE_MAX_EVENTS) {
        return false;
    }
    put(t, t->n_events++ ? ",\n" : "\n");
    return true;
}

static bool
is_inside(const struct timeline *t, uint64_t at_ps)
{
    return at_ps >= t->from_ps && at_ps < t->to_ps;
}

static uint32_t
n_rows(const struct vsw_sim *sim)
{
    return sim->n_domains * VSW_N_STAGES * VSW_N_ACCOUNTS;
}

static void
put_slice(struct timeline *t, const struct vsw_unit *unit, uint32_t row,
          uint64_t from_ps, uint64_t length_ps)
{
    uint32_t account = row % VSW_N_ACCOUNTS;
    uint32_t stage = row / VSW_N_ACCOUNTS % VSW_N_STAGES;
    uint32_t domain = row / (VSW_N_STAGES * VSW_N_ACCOUNTS);

    if (is_inside(t, from_ps) && begin(t)) {
        put(t, "{\"ph\":\"X\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32
            ",\"ts\":%" PRIu64 ".%06" PRIu64 ",\"dur\":%" PRIu64 ".%06"
            PRIu64 ",\"name\":\"%s\",\"cat\":\"%s\",\"args\":{\"domain\":"
            "\"%s\",\"stage\":\"%s\"}}", t->process, unit->id,
            from_ps / PS_PER_US, from_ps % PS_PER_US, length_ps / PS_PER_US,
            length_ps % PS_PER_US, vsw_account_name(account),
            vsw_stage_name((enum vsw_stage) stage),
            unit->sim->domains[domain],
            vsw_stage_name((enum vsw_stage) stage));
    }
}

static void
put_track(struct timeline *t, const struct vsw_unit *unit)
{
    if (begin(t)) {
        put(t, "{\"ph\":\"M\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32
            ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s (%s)\"}}",
            t->process, unit->id, unit->name, unit->role);
    }
}

/* The ledger as it was after the unit's last call. */
static struct vsw_ledger_row *
seen_of(struct timeline *t, const struct vsw_unit *unit)
{
    struct vsw_ledger_row **seen = &t->seen[unit->id];

    if (!*seen) {
        *seen = calloc(n_rows(unit->sim), sizeof **seen);
        t->failed |= !*seen;
        put_track(t, unit);
    }
    return *seen;
}

/* What the ledger has more of than after the last call ends at local time.
 * Polling comes first: it is what happened before the call. */
static void
timeline_call(void *aux, const struct vsw_unit *unit)
{
    struct timeline *t = aux;
    struct vsw_ledger_row *seen = seen_of(t, unit);
    uint32_t n = n_rows(unit->sim);
    uint64_t sum_ps = 0, at_ps;

    for (uint32_t i = 0; seen && i < n; i++) {
        sum_ps += unit->ledger[i].busy_ps - seen[i].busy_ps;
    }
    if (!seen || sum_ps == 0) {
        return;
    }
    at_ps = unit->local_ps - sum_ps;
    for (int poll = 1; poll >= 0; poll--) {
        for (uint32_t i = 0; i < n; i++) {
            uint64_t length_ps = unit->ledger[i].busy_ps - seen[i].busy_ps;

            if (length_ps > 0
                && (i % VSW_N_ACCOUNTS == VSW_ACCOUNT_POLL) == poll) {
                put_slice(t, unit, i, at_ps, length_ps);
                at_ps += length_ps;
                seen[i] = unit->ledger[i];
            }
        }
    }
}

static void
put_arrow(struct timeline *t, const struct vsw_unit *unit, uint64_t number,
          bool start)
{
    if (begin(t)) {
        put(t, "{\"ph\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32
            ",\"ts\":%" PRIu64 ".%06" PRIu64 ",\"id\":%" PRIu64
            ",\"name\":\"packet\",\"cat\":\"packet\"}",
            start ? "s" : "f\",\"bp\":\"e", t->process, unit->id,
            unit->local_ps / PS_PER_US, unit->local_ps % PS_PER_US, number);
    }
}

static void
timeline_created(void *aux, const struct vsw_pkts *pkts,
                 const struct vsw_unit *unit, uint32_t id)
{
    struct timeline *t = aux;

    if (t->n_flows != pkts->n_pkts) {
        free(t->flows);
        t->flows = calloc(pkts->n_pkts, sizeof *t->flows);
        t->n_flows = t->flows ? pkts->n_pkts : 0;
        t->failed |= !t->flows;
    }
    if (t->flows) {
        t->flows[id] = 0;
        if (is_inside(t, unit->local_ps)) {
            t->flows[id] = ++t->n_arrows;
            put_arrow(t, unit, t->flows[id], true);
        }
    }
}

static void
timeline_delivered(void *aux, const struct vsw_pkts *pkts,
                   const struct vsw_unit *unit, uint32_t id, uint32_t port)
{
    struct timeline *t = aux;

    (void) pkts, (void) port;
    if (t->flows && t->flows[id] > 0 && is_inside(t, unit->local_ps)) {
        put_arrow(t, unit, t->flows[id], false);
    }
}

static void
forget(struct timeline *t)
{
    for (uint32_t i = 0; i < VSW_MAX_UNITS; i++) {
        free(t->seen[i]);
        t->seen[i] = NULL;
    }
    free(t->flows);
    t->flows = NULL;
    t->n_flows = 0;
}

/* A name without what JSON gives a meaning. */
static const char *
plain(const char *name, char text[64])
{
    snprintf(text, 64, "%s", name);
    for (char *c = text; *c; c++) {
        *c = *c == '"' || *c == '\\' || (unsigned char) *c < ' ' ? '_' : *c;
    }
    return text;
}

static int
put_design(struct timeline *t, const struct vsw_plan *plan, uint32_t d,
           uint64_t length_us, struct vsw_error *err)
{
    const struct vsw_point *point = vsw_observe_first(plan, d);
    uint64_t from_us = point->config.run.warmup_us;
    const struct vsw_observer observer = {
        .aux = t,
        .call = timeline_call,
        .created = timeline_created,
        .delivered = timeline_delivered,
    };
    char name[64];
    int rc;

    t->process = d;
    t->from_ps = from_us * PS_PER_US;
    t->to_ps = (from_us + length_us) * PS_PER_US;
    if (begin(t)) {
        put(t, "{\"ph\":\"M\",\"pid\":%" PRIu32 ",\"name\":\"process_name\","
            "\"args\":{\"name\":\"%s\"}}", d,
            plain(plan->designs[d], name));
    }
    rc = vsw_observe_point(point, &observer, from_us + length_us, err);
    forget(t);
    return rc ? rc : t->failed
           ? vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory")
           : 0;
}

int
vsw_timeline_write(const struct vsw_plan *plan, const char *path,
                   uint64_t length_us, struct vsw_error *err)
{
    struct timeline *t = calloc(1, sizeof *t);
    struct vsw_trace_out out;
    int rc = t ? vsw_trace_out_open(&out, path, err)
             : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");

    if (rc) {
        free(t);
        return rc;
    }
    t->out = &out;
    put(t, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    for (uint32_t d = 0; d < plan->n_designs && !rc; d++) {
        rc = put_design(t, plan, d, length_us, err);
    }
    put(t, "\n]}\n");
    free(t);
    if (rc) {
        out.code = rc;
        vsw_trace_out_finish(&out, NULL);
        return rc;
    }
    return vsw_trace_out_finish(&out, err);
}
