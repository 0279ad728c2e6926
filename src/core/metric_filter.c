#include "core/metric_filter.h"

#include <errno.h>
#include <string.h>

#include <vswsim/metric.h>
#include <vswsim/nearest.h>

static const char *const key_names[VSW_N_METRIC_KEYS] = {
    "unit", "role", "domain", "stage", "account",
};

static const char *const roles[] = {"switch", "guest", "device", NULL};
static const char *const stages[] = {"receive", "switch", "send", "-", NULL};
static const char *const accounts[] = {
#define VSW_ACCOUNT(NAME, name, what) name,
#include "core/account.def"
#undef VSW_ACCOUNT
    NULL,
};

/* Names that a key may have; NULL: units and domains differ by run. */
static const char *const *const allowed[VSW_N_METRIC_KEYS] = {
    NULL, roles, NULL, stages, accounts,
};

static bool
equals(const char *text, size_t len, const char *name)
{
    return strlen(name) == len && !memcmp(text, name, len);
}

/* Takes the piece of '*text' before 'separator', or all that is left. */
static struct vsw_metric_span
cut(struct vsw_metric_span *rest, char separator)
{
    const char *end = memchr(rest->text, separator, rest->len);
    size_t len = end ? (size_t) (end - rest->text) : rest->len;
    struct vsw_metric_span piece = {rest->text, len};

    rest->text += len + (end != NULL);
    rest->len -= len + (end != NULL);
    return piece;
}

static bool
fits(struct vsw_metric_span pattern, const char *name)
{
    if (pattern.len > 0 && pattern.text[pattern.len - 1] == '*') {
        return !strncmp(pattern.text, name, pattern.len - 1);
    }
    return equals(pattern.text, pattern.len, name);
}

static bool
wanted(struct vsw_metric_span alternatives, const char *name)
{
    if (!alternatives.text) {
        return true;
    }
    while (alternatives.len > 0) {
        if (fits(cut(&alternatives, '+'), name)) {
            return true;
        }
    }
    return false;
}

/* Checks one alternative against the names that 'key' may have. */
static int
check_name(enum vsw_metric_key key, struct vsw_metric_span name,
           struct vsw_error *err)
{
    struct vsw_nearest nearest;
    const char *best;

    if (name.len == 0) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "an empty %s", key_names[key]);
    }
    if (!allowed[key]) {
        return 0;
    }
    vsw_nearest_init(&nearest, name.text, name.len);
    for (const char *const *n = allowed[key]; *n; n++) {
        if (fits(name, *n)) {
            return 0;
        }
        vsw_nearest_offer(&nearest, *n);
    }
    best = vsw_nearest_get(&nearest);
    return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                         "unknown %s \"%.*s\"%s%s%s", key_names[key],
                         (int) name.len, name.text, best ? "; try \"" : "",
                         best ? best : "", best ? "\"" : "");
}

static int
check_names(enum vsw_metric_key key, struct vsw_metric_span names,
            struct vsw_error *err)
{
    bool more = true;

    while (more) {
        struct vsw_metric_span before = names;
        struct vsw_metric_span name = cut(&names, '+');

        if (check_name(key, name, err)) {
            return -EINVAL;
        }
        more = name.len < before.len;
    }
    return 0;
}

static int
find_key(struct vsw_metric_span name, struct vsw_error *err)
{
    for (int key = 0; key < VSW_N_METRIC_KEYS; key++) {
        if (equals(name.text, name.len, key_names[key])) {
            return key;
        }
    }
    return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                         "\"%.*s\" selects nothing; the keys are unit, role, "
                         "domain, stage and account", (int) name.len,
                         name.text);
}

static int
parse_term(struct vsw_metric_filter *filter, struct vsw_metric_span term,
           struct vsw_error *err)
{
    struct vsw_metric_span value = term;
    struct vsw_metric_span name = cut(&value, '=');
    int key = find_key(name, err);

    if (key < 0) {
        return key;
    }
    if (filter->want[key].text) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "%s twice; join alternatives with '+'",
                             key_names[key]);
    }
    filter->want[key] = value;
    return check_names((enum vsw_metric_key) key, value, err);
}

int
vsw_metric_filter_parse(struct vsw_metric_filter *filter, const char *text,
                        size_t len, struct vsw_error *err)
{
    struct vsw_metric_span rest = {text, len};

    memset(filter, 0, sizeof *filter);
    while (rest.len > 0) {
        if (parse_term(filter, cut(&rest, ','), err)) {
            return -EINVAL;
        }
    }
    return 0;
}

bool
vsw_metric_filter_polls(const struct vsw_metric_filter *filter)
{
    struct vsw_metric_span account = filter->want[VSW_METRIC_KEY_ACCOUNT];

    return account.text && wanted(account, "poll");
}

bool
vsw_metric_filter_unit(const struct vsw_metric_filter *filter,
                       const struct vsw_outcome_unit *unit)
{
    return wanted(filter->want[VSW_METRIC_KEY_UNIT], unit->name)
           && wanted(filter->want[VSW_METRIC_KEY_ROLE], unit->role);
}

bool
vsw_metric_filter_charge(const struct vsw_metric_filter *filter,
                         const struct vsw_outcome *outcome,
                         const struct vsw_outcome_charge *charge)
{
    if (!vsw_metric_filter_polls(filter)
        && !strcmp(charge->account, "poll")) {
        return false;
    }
    return vsw_metric_filter_unit(filter, &outcome->units[charge->unit])
           && wanted(filter->want[VSW_METRIC_KEY_DOMAIN], charge->domain)
           && wanted(filter->want[VSW_METRIC_KEY_STAGE], charge->stage)
           && wanted(filter->want[VSW_METRIC_KEY_ACCOUNT], charge->account);
}

bool
vsw_metric_filter_lines(const struct vsw_metric_filter *filter,
                        const struct vsw_outcome *outcome,
                        const struct vsw_outcome_lines *lines)
{
    return vsw_metric_filter_unit(filter, &outcome->units[lines->unit])
           && wanted(filter->want[VSW_METRIC_KEY_DOMAIN], lines->domain)
           && wanted(filter->want[VSW_METRIC_KEY_STAGE], lines->stage);
}

const char *
vsw_metric_account_at(uint32_t i)
{
    return i + 1 < VSW_N_ELEMS(accounts) ? accounts[i] : NULL;
}
