/* Metrics of what CPUs spend their time on. */
#include <string.h>

#include "core/metric_impl.h"

/* Time of the units of 'role'. */
struct role_time {
    double busy_ps;
    double poll_ps;
    double idle_ps;
};

static struct role_time
time_of(const struct query *q, const char *role)
{
    struct role_time sum = {0, 0, 0};

    for (uint32_t i = 0; i < q->outcome->n_units; i++) {
        const struct vsw_outcome_unit *unit = &q->outcome->units[i];

        if (!strcmp(unit->role, role)) {
            sum.busy_ps += (double) unit->busy_ps;
            sum.poll_ps += (double) unit->poll_ps;
            sum.idle_ps += (double) unit->idle_ps;
        }
    }
    return sum;
}

static double
busy_share(const struct query *q, const char *role)
{
    struct role_time t = time_of(q, role);

    return ratio(t.busy_ps, t.busy_ps + t.idle_ps);
}

static double
poll_share(const struct query *q, const char *role)
{
    struct role_time t = time_of(q, role);

    return ratio(t.poll_ps, t.busy_ps + t.idle_ps);
}

double
vsw_metric_switch_busy_share(const struct query *q)
{
    return busy_share(q, "switch");
}

double
vsw_metric_switch_poll_share(const struct query *q)
{
    return poll_share(q, "switch");
}

double
vsw_metric_guest_busy_share(const struct query *q)
{
    return busy_share(q, "guest");
}

double
vsw_metric_guest_poll_share(const struct query *q)
{
    return poll_share(q, "guest");
}

static double
role_cycles_per_pkt(const struct query *q, const char *role)
{
    struct role_time t = time_of(q, role);

    return per_pkt(q, to_cycles(q, t.busy_ps - t.poll_ps));
}

double
vsw_metric_switch_cycles_per_pkt(const struct query *q)
{
    return role_cycles_per_pkt(q, "switch");
}

double
vsw_metric_guest_cycles_per_pkt(const struct query *q)
{
    return role_cycles_per_pkt(q, "guest");
}

double
vsw_metric_host_cycles_per_pkt(const struct query *q)
{
    return vsw_metric_host_cycles(q->outcome, (struct vsw_metric_span) {0});
}

double
vsw_metric_host_part(const struct query *q)
{
    return vsw_metric_host_cycles(q->outcome, q->argument);
}

static double
lines_ps(const struct query *q)
{
    const struct vsw_outcome *o = q->outcome;
    double ps = 0;

    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (vsw_metric_filter_charge(&q->filter, o, &o->charges[i])) {
            ps += (double) o->charges[i].busy_ps;
        }
    }
    return ps;
}

double
vsw_metric_cost_ps(const struct query *q)
{
    return per_pkt(q, lines_ps(q));
}

double
vsw_metric_cost_ns(const struct query *q)
{
    return per_pkt(q, lines_ps(q) / PS_PER_NS);
}

double
vsw_metric_cost_cycles(const struct query *q)
{
    return per_pkt(q, to_cycles(q, lines_ps(q)));
}

double
vsw_metric_charges(const struct query *q)
{
    const struct vsw_outcome *o = q->outcome;
    double n = 0;

    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (vsw_metric_filter_charge(&q->filter, o, &o->charges[i])) {
            n += (double) o->charges[i].n_charges;
        }
    }
    return per_pkt(q, n);
}

double
vsw_metric_share(const struct query *q)
{
    double work_ps = 0;

    for (uint32_t i = 0; i < q->outcome->n_units; i++) {
        const struct vsw_outcome_unit *unit = &q->outcome->units[i];

        if (vsw_metric_filter_unit(&q->filter, unit)) {
            work_ps += (double) (unit->busy_ps - unit->poll_ps);
        }
    }
    return ratio(lines_ps(q), work_ps);
}

/* Time of the matching lines on unit 'i' by its whole time. */
static double
unit_share(const struct query *q, uint32_t i)
{
    const struct vsw_outcome *o = q->outcome;
    double sum_ps = 0;

    for (uint32_t k = 0; k < o->n_charges; k++) {
        if (o->charges[k].unit == i
            && vsw_metric_filter_charge(&q->filter, o, &o->charges[k])) {
            sum_ps += (double) o->charges[k].busy_ps;
        }
    }
    return ratio(sum_ps, (double) o->units[i].busy_ps
                         + (double) o->units[i].idle_ps);
}

double
vsw_metric_busiest(const struct query *q)
{
    double most = 0;

    for (uint32_t i = 0; i < q->outcome->n_units; i++) {
        double share_of_unit = unit_share(q, i);

        most = share_of_unit > most ? share_of_unit : most;
    }
    return most;
}
