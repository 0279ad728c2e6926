/* Expressions over the metrics of a run: see published_impl.h. */
#include "report/published_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

/* Deepest nesting of parentheses, and longest metric with its argument. */
#define MAX_DEPTH 16
#define MAX_NAME 256

struct parser {
    const struct run *run;
    const struct vsw_outcome *outcome;
    const char *at;
    char *why;
    bool failed;
    unsigned int depth;
};

static double sum(struct parser *p);

static double
fail(struct parser *p, const char *what, const char *name)
{
    if (!p->failed) {
        snprintf(p->why, WHY_BYTES, "%s %.100s", what, name);
        p->failed = true;
    }
    return (double) NAN;
}

static char
peek(struct parser *p)
{
    p->at += strspn(p->at, " ");
    return *p->at;
}

static bool
skip(struct parser *p, char c)
{
    bool found = peek(p) == c;

    p->at += found;
    return found;
}

/* What the model was told. */
static double
param_value(struct parser *p, const char *name)
{
    const struct vsw_config *config = &p->run->plan->points[0].config;
    const struct vsw_param *params = config->model->params;

    for (uint32_t i = 0; params && params[i].name; i++) {
        if (!strcmp(params[i].name, name)) {
            return (double) config->params[i];
        }
    }
    return fail(p, "its model has no parameter", name);
}

/* A number of the config, by "a.b". */
static double
config_value(struct parser *p, const char *key)
{
    char *text = vsw_plan_json(p->run->plan);
    json_t *root = text ? json_loads(text, 0, NULL) : NULL;
    json_t *node = root;
    double x = (double) NAN;

    while (node && *key) {
        size_t len = strcspn(key, ".");
        char name[64];

        snprintf(name, sizeof name, "%.*s", (int) len, key);
        node = json_object_get(node, name);
        key += len + (key[len] == '.');
    }
    if (json_is_number(node)) {
        x = json_number_value(node);
    }
    json_decref(root);
    free(text);
    return isfinite(x) ? x : fail(p, "no number in the config for", key);
}

static double
metric_value(struct parser *p, const char *name)
{
    struct vsw_error err = {.kind = VSW_ERROR_NONE};
    double x;

    if (vsw_metric_check(name, &err)) {
        if (!p->failed) {
            snprintf(p->why, WHY_BYTES, "%.*s",
                     (int) strcspn(err.text, "\n"), err.text);
        }
        p->failed = true;
        return (double) NAN;
    }
    x = vsw_metric_value(p->outcome, name);
    return isfinite(x) ? x : fail(p, "the run gives no", name);
}

/* A name, perhaps with an argument. */
static double
named(struct parser *p)
{
    size_t len = strspn(p->at, "abcdefghijklmnopqrstuvwxyz0123456789_");
    const char *open = p->at + len;
    size_t arg_len = *open == '(' ? strcspn(open, ")") : 0;
    char name[MAX_NAME], argument[MAX_NAME] = "";

    if (len == 0 || len + arg_len + 1 >= MAX_NAME
        || (arg_len > 0 && open[arg_len] != ')')) {
        return fail(p, "the vocabulary has no sense at", p->at);
    }
    snprintf(name, sizeof name, "%.*s", (int) (len + arg_len
                                               + (arg_len > 0)), p->at);
    if (arg_len > 0) {
        snprintf(argument, sizeof argument, "%.*s", (int) (arg_len - 1),
                 open + 1);
    }
    p->at += strlen(name);
    if (!strncmp(name, "param(", 6)) {
        return param_value(p, argument);
    }
    if (!strncmp(name, "config(", 7)) {
        return config_value(p, argument);
    }
    return metric_value(p, name);
}

static double
factor(struct parser *p)
{
    double x;
    char *end;

    if (skip(p, '(')) {
        if (++p->depth > MAX_DEPTH) {
            return fail(p, "nested too deeply:", p->at);
        }
        x = sum(p);
        p->depth--;
        return skip(p, ')') ? x : fail(p, "a \")\" is missing at", p->at);
    }
    if (skip(p, '-')) {
        return ++p->depth > MAX_DEPTH ? fail(p, "nested too deeply:", p->at)
               : -factor(p);
    }
    if (peek(p) >= '0' && peek(p) <= '9') {
        x = strtod(p->at, &end);
        p->at = end;
        return x;
    }
    return named(p);
}

static double
product(struct parser *p)
{
    double x = factor(p);

    while (!p->failed) {
        if (skip(p, '*')) {
            x *= factor(p);
        } else if (skip(p, '/')) {
            x /= factor(p);
        } else {
            break;
        }
    }
    return x;
}

static double
sum(struct parser *p)
{
    double x = product(p);

    while (!p->failed) {
        if (skip(p, '+')) {
            x += product(p);
        } else if (skip(p, '-')) {
            x -= product(p);
        } else {
            break;
        }
    }
    return x;
}

bool
expression_value(const struct run *run, const char *text,
                 struct sample *sample, char *why)
{
    uint32_t n = run->result->n_replications;

    sample->n = n < MAX_REPLICATIONS ? n : MAX_REPLICATIONS;
    for (uint32_t i = 0; i < sample->n; i++) {
        struct parser p = {.run = run, .outcome = run->result->outcomes[i],
                           .at = text, .why = why};

        sample->v[i] = p.outcome ? sum(&p) : (double) NAN;
        if (!p.failed && peek(&p)) {
            fail(&p, "the vocabulary has no sense at", p.at);
        }
        if (!p.failed && !isfinite(sample->v[i])) {
            fail(&p, "the run gives no", text);
        }
        if (p.failed) {
            return false;
        }
    }
    return sample->n > 0;
}
