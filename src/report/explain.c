/* What limits a design, from the ledger. */
#include <vswsim/report.h>

#include <string.h>

#include "report/scale.h"

#define SATURATED 0.95

static double
utilisation(const struct vsw_result_unit *unit)
{
    double total = (double) unit->busy_ps + (double) unit->idle_ps;

    return total > 0 ? (double) (unit->busy_ps - unit->poll_ps) / total : 0;
}

static const struct vsw_result_unit *
busiest(const struct vsw_result_point *point)
{
    const struct vsw_result_unit *best = NULL;

    for (uint32_t i = 0; i < point->n_units; i++) {
        const struct vsw_result_unit *unit = &point->units[i];

        if (!best || utilisation(unit) > utilisation(best)) {
            best = unit;
        }
    }
    return best;
}

/* Time of 'account' on 'unit', in all domains and stages. */
static double
account_ps(const struct vsw_result_point *point, const char *unit,
           const char *account)
{
    double sum = 0;

    for (uint32_t i = 0; i < point->n_ledger; i++) {
        const struct vsw_result_line *line = &point->ledger[i];

        if (!strcmp(line->unit, unit) && !strcmp(line->account, account)) {
            sum += (double) line->busy_ps;
        }
    }
    return sum;
}

/* Puts an account in its place among the largest. */
static void
insert(struct vsw_limit *limit, const char *account, double share)
{
    uint32_t i = limit->n_accounts;

    for (uint32_t k = 0; k < limit->n_accounts; k++) {
        if (!strcmp(limit->accounts[k].account, account)) {
            return;
        }
    }
    if (i < VSW_LIMIT_ACCOUNTS) {
        limit->n_accounts++;
    } else if (limit->accounts[--i].share >= share) {
        return;
    }
    while (i > 0 && limit->accounts[i - 1].share < share) {
        limit->accounts[i] = limit->accounts[i - 1];
        i--;
    }
    limit->accounts[i].account = account;
    limit->accounts[i].share = share;
}

static void
find_accounts(struct vsw_limit *limit, const struct vsw_result_point *point,
              const struct vsw_result_unit *unit)
{
    double busy_ps = (double) (unit->busy_ps - unit->poll_ps);

    for (uint32_t i = 0; i < point->n_ledger && busy_ps > 0; i++) {
        const struct vsw_result_line *line = &point->ledger[i];

        if (!strcmp(line->unit, unit->name)
            && strcmp(line->account, "poll")) {
            insert(limit, line->account,
                   account_ps(point, unit->name, line->account) / busy_ps);
        }
    }
}

/* Utilisation of 'unit' if 'account' cost nothing. */
static double
utilisation_without(const struct vsw_result_point *point,
                    const struct vsw_result_unit *unit, const char *account)
{
    double total = (double) unit->busy_ps + (double) unit->idle_ps;

    return utilisation(unit)
           - (total > 0 ? account_ps(point, unit->name, account) / total : 0);
}

/* The account goes from every unit; the one that is busiest then limits. */
static void
find_relief(struct vsw_limit *limit, const struct vsw_result_point *point,
            const struct vsw_result_unit *unit)
{
    const struct vsw_result_unit *next = unit;
    double most = 0;

    if (limit->n_accounts == 0) {
        return;
    }
    for (uint32_t i = 0; i < point->n_units; i++) {
        double left = utilisation_without(point, &point->units[i],
                                          limit->accounts[0].account);

        if (left > most) {
            most = left;
            next = &point->units[i];
        }
    }
    if (next != unit) {
        limit->next_unit = next->name;
        limit->next_role = next->role;
        limit->next_utilisation = utilisation(next);
    }
    limit->relief = most > 0 ? limit->utilisation / most - 1 : 0;
}

bool
vsw_report_limit(struct vsw_limit *limit,
                 const struct vsw_result_point *point)
{
    const struct vsw_result_unit *unit = busiest(point);

    memset(limit, 0, sizeof *limit);
    if (!unit || point->n_replications == 0) {
        return false;
    }
    limit->unit = unit->name;
    limit->role = unit->role;
    limit->utilisation = utilisation(unit);
    limit->saturated = limit->utilisation >= SATURATED;
    find_accounts(limit, point, unit);
    find_relief(limit, point, unit);
    return true;
}

/* "frame_bytes 64, " */
static void
put_point(FILE *out, const struct vsw_result *result,
          const struct vsw_result_point *point)
{
    for (uint32_t i = 0; i < result->n_axes; i++) {
        const struct vsw_result_axis *axis = &result->axes[i];

        fprintf(out, "%s%s %s", i ? ", " : "  ", report_short_key(axis->key),
                axis->values[point->axis_values[i]]);
    }
    fputs(result->n_axes ? ": " : "  ", out);
}

static void
put_limit(FILE *out, const struct vsw_limit *limit)
{
    fprintf(out, "%s (%s) is %.1f %% busy%s\n      ", limit->unit,
            limit->role, 100 * limit->utilisation,
            limit->saturated ? ", saturated"
                             : ": no unit is saturated, the load or the "
                               "waiting limits");
    for (uint32_t i = 0; i < limit->n_accounts; i++) {
        fprintf(out, "%s%s %.1f %%", i ? ", " : "",
                limit->accounts[i].account, 100 * limit->accounts[i].share);
    }
    if (limit->n_accounts == 0) {
        fputs("nothing but polling", out);
    }
    fputc('\n', out);
    if (limit->saturated && limit->n_accounts > 0) {
        fprintf(out, "      without %s: at most %+.0f %%",
                limit->accounts[0].account, 100 * limit->relief);
        if (limit->next_unit) {
            fprintf(out, ", then %s (%s, %.0f %% busy now) limits",
                    limit->next_unit, limit->next_role,
                    100 * limit->next_utilisation);
        }
        fputc('\n', out);
    }
}

void
vsw_report_explain(FILE *out, const struct vsw_result *result)
{
    uint32_t design = UINT32_MAX;

    fputs("\nWhat limits each design (busiest unit, its largest accounts, "
          "bounds of first order)\n", out);
    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];
        struct vsw_limit limit;

        if (point->design != design) {
            design = point->design;
            fprintf(out, "%s\n", result->designs[design]);
        }
        put_point(out, result, point);
        if (vsw_report_limit(&limit, point)) {
            put_limit(out, &limit);
        } else {
            fputs("not measured\n", out);
        }
    }
}
