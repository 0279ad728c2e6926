/* What packets cost outside of guests, split as Ram's thesis, chapter 5,
 * splits the cost of a driver domain; see metric.h. */
#include "core/metric_impl.h"

#include <math.h>
#include <string.h>

/* Accounts of a part; what is in none is "other". */
static const struct {
    const char *part;
    const char *account;
} accounts[] = {
    {"switching", "switch"},      {"switching", "extract"},
    {"switching", "hash"},        {"switching", "flow_lookup"},
    {"switching", "action"},      {"switching", "upcall"},
    {"filtering", "acl"},         {"copying", "copy"},
    {"copying", "grant_copy"},
};

static bool
is(struct vsw_metric_span span, const char *name)
{
    return strlen(name) == span.len && !memcmp(span.text, name, span.len);
}

bool
vsw_metric_is_part(struct vsw_metric_span name)
{
    return is(name, "switching") || is(name, "filtering")
           || is(name, "copying") || is(name, "other");
}

static const char *
part_of(const char *account)
{
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        if (!strcmp(accounts[i].account, account)) {
            return accounts[i].part;
        }
    }
    return "other";
}

/* Devices belong to the host, but their time is no CPU's. */
static bool
is_host_work(const struct vsw_outcome *o,
             const struct vsw_outcome_charge *charge)
{
    return strcmp(o->units[charge->unit].role, "device")
           && strncmp(charge->domain, "guest", 5)
           && strcmp(charge->account, "poll");
}

double
vsw_metric_host_cycles(const struct vsw_outcome *o,
                       struct vsw_metric_span part)
{
    uint64_t n_pkts = o->window_delivered.n_pkts;
    double ps = 0;

    for (uint32_t i = 0; i < o->n_charges; i++) {
        const struct vsw_outcome_charge *charge = &o->charges[i];

        if (is_host_work(o, charge)
            && (part.len == 0 || is(part, part_of(charge->account)))) {
            ps += (double) charge->busy_ps;
        }
    }
    return n_pkts > 0 ? ps * (double) o->tsc_hz / PS_PER_S / (double) n_pkts
                      : (double) NAN;
}
