/* Published numbers as marks in figures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/published_impl.h"

/* The number that 'spec' sets 'key' to. */
static bool
number_at(const struct run_spec *spec, const char *key, double *x)
{
    bool is_param = !strncmp(key, "params.", 7);
    const struct setting *list = is_param ? spec->params : spec->settings;
    uint32_t n = is_param ? spec->n_params : spec->n_settings;

    key += is_param ? 7 : 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!strcmp(list[i].key, key)) {
            char *end;

            *x = strtod(list[i].text, &end);
            return end != list[i].text;
        }
    }
    return false;
}

/* Whether 'json' is the JSON text of what 'text' says. */
static bool
same_value(const char *json, const char *text)
{
    size_t n = strlen(json);
    bool quoted = n > 1 && json[0] == '"';

    return quoted ? strlen(text) == n - 2 && !strncmp(json + 1, text, n - 2)
                  : !strcmp(json, text);
}

static bool
has_param(const struct vsw_result_point *point,
          const struct setting *param)
{
    for (uint32_t i = 0; i < point->n_params; i++) {
        if (!strcmp(point->params[i].name, param->key)) {
            return same_value(param->text, point->params[i].text);
        }
    }
    return false;
}

static bool
is_of(const struct run_spec *spec, const struct vsw_result_point *point)
{
    for (uint32_t i = 0; i < spec->n_params; i++) {
        if (!has_param(point, &spec->params[i])) {
            return false;
        }
    }
    return !strcmp(spec->model, point->model);
}

/* Index of the one design that is what 'spec' runs. */
static bool
design_of(const struct run_spec *spec, const struct vsw_result *result,
          double *x)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];

        if (is_of(spec, point) && (n == 0 || *x < point->design)) {
            *x = point->design;
            n++;
        }
    }
    return n == 1;
}

/* Fills 'mark' if 'record' is one number of one system at a place of the
 * plot's axis, or of one of its designs. */
static bool
make_mark(struct compare *c, const struct vsw_published_record *record,
          const struct vsw_result *result,
          const struct vsw_result_plot *plot, struct vsw_report_mark *mark)
{
    bool by_design = !strcmp(plot->x, "design");
    char why[WHY_BYTES];
    struct reading reading;
    struct run_spec spec;
    double x;

    if (record->n_systems != 1 || record->n_values != 1
        || strcmp(record->relation, "equals")
        || !reading_init(c, &reading, record, why) || reading.n_sweep > 0
        || strcmp(reading.metric, plot->y)
        || !scenario_map(c, &spec, record, &reading, record->systems[0],
                         &(struct overrides) {.n = 0}, why)
        || !(by_design ? design_of(&spec, result, &x)
                       : number_at(&spec, plot->x, &x))) {
        return false;
    }
    mark->x_key = plot->x;
    mark->metric = plot->y;
    mark->x = x;
    mark->y = record->values[0] * reading.factor;
    mark->label = by_design ? "published"
                  : vsw_pool_printf(&c->pool, "published, %s",
                                    record->systems[0]);
    return mark->label != NULL;
}

/* Records whose ids start with 'prefix' in all plots of 'result'. */
static uint32_t
make_marks(struct compare *c, const struct vsw_result *result,
           const char *prefix, struct vsw_report_mark *marks, uint32_t max)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < result->n_plots; i++) {
        for (uint32_t k = 0; k < c->published->n_records && n < max; k++) {
            const struct vsw_published_record *r = &c->published->records[k];

            if (!strncmp(r->id, prefix, strlen(prefix))) {
                n += make_mark(c, r, result, &result->plots[i], &marks[n]);
            }
        }
    }
    return n;
}

int
vsw_published_plots(const struct vsw_published *published,
                    const struct vsw_result *result, const char *prefix,
                    const char *dir, struct vsw_error *err)
{
    struct compare c = {.published = published,
                        .vocabulary = published->vocabulary, .err = err};
    uint32_t max = published->n_records * result->n_plots;
    struct vsw_report_mark *marks = calloc(max + 1, sizeof *marks);
    int rc;

    if (!marks) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    rc = vsw_report_plots(result, marks,
                          make_marks(&c, result, prefix, marks, max), dir,
                          err);
    free(marks);
    vsw_pool_fini(&c.pool);
    return rc;
}

uint32_t
vsw_published_n_figures(const struct vsw_published *published)
{
    const struct vsw_json_node *list = vsw_json_member(published->vocabulary,
                                                       "figures");

    return list ? list->n_children : 0;
}

struct vsw_published_figure
vsw_published_figure(const struct vsw_published *published, uint32_t i)
{
    const struct vsw_json_node *entry =
        vsw_json_member(published->vocabulary, "figures")->first;
    struct vsw_published_figure figure;

    while (i-- > 0) {
        entry = entry->next;
    }
    figure.config = string_of(entry, "config");
    figure.records = string_of(entry, "records");
    figure.config = figure.config ? figure.config : "";
    figure.records = figure.records ? figure.records : "";
    return figure;
}
