#include <vswsim/published.h>

#include <stdlib.h>
#include <string.h>

/* Skips "±" or "+-"; NULL if 'text' starts with neither. */
static const char *
skip_sign(const char *text)
{
    if (!strncmp(text, "\u00b1", 2)) {
        return text + 2;
    }
    if (!strncmp(text, "+/-", 3)) {
        return text + 3;
    }
    return strncmp(text, "+-", 2) ? NULL : text + 2;
}

/* "15%", "4pt" or "0.12", and perhaps a remark behind it. */
static struct vsw_tolerance
parse_amount(const char *text)
{
    struct vsw_tolerance t = {VSW_TOLERANCE_WORDS, 0, 1};
    char *end;
    double amount = strtod(text, &end);

    if (end == text || !(amount >= 0)) {
        return t;
    }
    t.amount = amount;
    if (*end == '%') {
        t.kind = VSW_TOLERANCE_RELATIVE;
        t.amount = amount / 100;
    } else if (!strncmp(end, "pt", 2)) {
        t.kind = VSW_TOLERANCE_POINTS;
    } else {
        t.kind = VSW_TOLERANCE_ABSOLUTE;
    }
    return t;
}

static struct vsw_tolerance
parse_monotone(const char *text)
{
    struct vsw_tolerance t = {VSW_TOLERANCE_MONOTONE, 0, 1};
    const char *least = strstr(text, ">=");

    if (least) {
        t.least_change = strtod(least + 2, NULL);
    }
    return t;
}

struct vsw_tolerance
vsw_tolerance_parse(const char *text)
{
    struct vsw_tolerance t = {VSW_TOLERANCE_WORDS, 0, 1};
    const char *amount = skip_sign(text);
    const char *most = strstr(text, "<=");

    if (amount) {
        return parse_amount(amount);
    }
    if (!strncmp(text, "max/min", 7) && most) {
        t.kind = VSW_TOLERANCE_SPREAD;
        t.amount = strtod(most + 2, NULL);
    } else if (!strncmp(text, "monotone", 8)) {
        t = parse_monotone(text);
    } else if (!strcmp(text, "exact")) {
        t.kind = VSW_TOLERANCE_EXACT;
    } else if (!strcmp(text, "strict")) {
        t.kind = VSW_TOLERANCE_STRICT;
    }
    return t;
}
