/* summary.csv, quoted as RFC 4180 asks. */
#include <vswsim/result.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/result/result_build.h"

/* Starts a field: a comma unless it is the first of its row. */
static void
put(FILE *out, bool *first, const char *text)
{
    bool quote = strpbrk(text, ",\"\r\n") != NULL;

    fputs(*first ? "" : ",", out);
    *first = false;
    if (quote) {
        fputc('"', out);
        for (; *text; text++) {
            fputs(*text == '"' ? "\"\"" : (char[]) {*text, '\0'}, out);
        }
        fputc('"', out);
    } else {
        fputs(text, out);
    }
}

static void
put_number(FILE *out, bool *first, double x)
{
    char text[40];

    snprintf(text, sizeof text, "%.*g", RESULT_DIGITS, x);
    put(out, first, isfinite(x) ? text : "");
}

static void
put_with_suffix(FILE *out, bool *first, const char *name, const char *suffix)
{
    char text[512];

    snprintf(text, sizeof text, "%s%s", name, suffix);
    put(out, first, text);
}

static void
put_header(FILE *out, const struct vsw_result *result)
{
    bool first = true;

    put(out, &first, "design");
    for (uint32_t i = 0; i < result->n_axes; i++) {
        put(out, &first, result->axes[i].key);
    }
    put(out, &first, "replications");
    for (uint32_t i = 0; result->n_points && i < result->points[0].n_values;
         i++) {
        const char *metric = result->points[0].values[i].metric;

        put(out, &first, metric);
        put_with_suffix(out, &first, metric, " half width");
        put_with_suffix(out, &first, metric, " interval");
    }
    fputs("\n", out);
}

static void
put_point(FILE *out, const struct vsw_result *result,
          const struct vsw_result_point *point)
{
    bool first = true;

    put(out, &first, result->designs[point->design]);
    for (uint32_t i = 0; i < result->n_axes; i++) {
        put(out, &first, result->axes[i].values[point->axis_values[i]]);
    }
    put_number(out, &first, point->n_replications);
    for (uint32_t i = 0; i < point->n_values; i++) {
        const struct vsw_result_value *value = &point->values[i];
        bool known = !strcmp(value->interval, "student")
                     || !strcmp(value->interval, "batches");

        put_number(out, &first, value->value);
        put_number(out, &first, known ? value->half_width : (double) NAN);
        put(out, &first, value->interval);
    }
    fputs("\n", out);
}

char *
vsw_result_csv(const struct vsw_result *result)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool failed;

    if (!out) {
        return NULL;
    }
    put_header(out, result);
    for (uint32_t i = 0; i < result->n_points; i++) {
        put_point(out, result, &result->points[i]);
    }
    failed = ferror(out) != 0;
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    return text;
}
