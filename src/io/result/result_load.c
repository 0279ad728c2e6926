/* From the text of result.json to the struct; every member is checked. */
#include "io/result/result_impl.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/json/json_keys.h"
#include "io/result/result_build.h"

/* Far above any real result; a larger file is something else. */
#define MAX_FILE_BYTES (INT64_C(1) << 28)

struct reader {
    struct vsw_result *result;
    struct result_impl *impl;
    const char *path;
    char place[96];             /* "points[3]": what is being read. */
    struct vsw_error *err;
};

static int
refuse(struct reader *r, const char *why)
{
    return vsw_error_set(r->err, VSW_ERROR_DATA, -EINVAL, "%s: %s%s%s",
                         r->path, r->place, r->place[0] ? ": " : "", why);
}

/* 'n' zeroed elements that live as long as the result. */
static void *
take(struct reader *r, size_t n, size_t size)
{
    struct result_block *block = calloc(1, sizeof *block + n * size);

    if (!block) {
        vsw_error_set(r->err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
        return NULL;
    }
    block->next = r->impl->blocks;
    r->impl->blocks = block;
    return block + 1;
}

/* Member 'key' of 'json' if it has 'type', or NULL with the error set. */
static json_t *
member(struct reader *r, json_t *json, const char *key, json_type type,
       const char *type_name)
{
    json_t *value = json_object_get(json, key);
    char why[128];

    if (value && json_typeof(value) == type) {
        return value;
    }
    snprintf(why, sizeof why, value ? "\"%s\" is not %s"
                                    : "\"%s\" is missing (%s)",
             key, type_name);
    refuse(r, why);
    return NULL;
}

static int
read_string(struct reader *r, json_t *json, const char *key,
            const char **text)
{
    json_t *value = member(r, json, key, JSON_STRING, "a string");

    *text = value ? json_string_value(value) : "";
    if (vsw_json_has_control_chars(*text)) {
        char why[128];

        snprintf(why, sizeof why, "\"%.64s\" has a control character", key);
        return refuse(r, why);
    }
    return value ? 0 : -EINVAL;
}

static int
read_bool(struct reader *r, json_t *json, const char *key, bool *flag)
{
    json_t *value = json_object_get(json, key);

    if (!json_is_boolean(value)) {
        char why[128];

        snprintf(why, sizeof why, "\"%s\" is not true or false", key);
        return refuse(r, why);
    }
    *flag = json_is_true(value);
    return 0;
}

static int
read_count(struct reader *r, json_t *json, const char *key, uint64_t max,
           uint64_t *n)
{
    json_t *value = member(r, json, key, JSON_INTEGER, "an integer");
    json_int_t x = json_integer_value(value);
    char why[128];

    if (!value) {
        return -EINVAL;
    }
    if (x < 0 || (uint64_t) x > max) {
        snprintf(why, sizeof why, "\"%s\" is out of range", key);
        return refuse(r, why);
    }
    *n = (uint64_t) x;
    return 0;
}

static int
read_u32(struct reader *r, json_t *json, const char *key, uint32_t max,
         uint32_t *n)
{
    uint64_t x = 0;
    int rc = read_count(r, json, key, max, &x);

    *n = (uint32_t) x;
    return rc;
}

/* A number, or null for none. */
static int
read_number(struct reader *r, json_t *json, const char *key, double *x)
{
    json_t *value = json_object_get(json, key);
    char why[128];

    if (!value || !(json_is_number(value) || json_is_null(value))) {
        snprintf(why, sizeof why, "\"%s\" is not a number or null", key);
        return refuse(r, why);
    }
    *x = json_is_null(value) ? (double) NAN : json_number_value(value);
    return 0;
}

/* Member 'key', an array, with memory for its elements. */
static json_t *
read_array(struct reader *r, json_t *json, const char *key, size_t size,
           uint32_t *n, void *elements)
{
    json_t *array = member(r, json, key, JSON_ARRAY, "an array");
    void *memory;

    if (!array) {
        return NULL;
    }
    memory = take(r, json_array_size(array), size);
    memcpy(elements, &memory, sizeof memory);
    *n = (uint32_t) json_array_size(array);
    return memory ? array : NULL;
}

/* The scalar 'json' as people write it. */
static const char *
scalar_text(struct reader *r, json_t *json)
{
    char *text, *copy;

    if (json_is_string(json)) {
        return json_string_value(json);
    }
    text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT
                            | JSON_REAL_PRECISION(RESULT_DIGITS));
    copy = text ? take(r, strlen(text) + 1, 1) : NULL;
    if (copy) {
        memcpy(copy, text, strlen(text));
    }
    free(text);
    return copy;
}

static int
read_strings(struct reader *r, json_t *json, const char *key,
             const char ***texts, uint32_t *n)
{
    json_t *array = read_array(r, json, key, sizeof **texts, n, texts);

    for (uint32_t i = 0; array && i < *n; i++) {
        (*texts)[i] = scalar_text(r, json_array_get(array, i));
        if (!(*texts)[i]) {
            return -ENOMEM;
        }
    }
    return array ? 0 : -EINVAL;
}

static int
read_axes(struct reader *r, json_t *root)
{
    struct vsw_result *result = r->result;
    json_t *array = read_array(r, root, "axes", sizeof *result->axes,
                               &result->n_axes, &result->axes);
    int rc = array ? 0 : -EINVAL;

    for (uint32_t i = 0; i < result->n_axes && !rc; i++) {
        struct vsw_result_axis *axis = &result->axes[i];
        json_t *json = json_array_get(array, i);

        snprintf(r->place, sizeof r->place, "axes[%u]", (unsigned int) i);
        rc = read_string(r, json, "key", &axis->key);
        rc = rc ? rc : read_strings(r, json, "values", &axis->values,
                                    &axis->n_values);
    }
    return rc;
}

static int
read_plot(struct reader *r, json_t *json, struct vsw_result_plot *plot)
{
    int rc = read_string(r, json, "file", &plot->file);

    rc = rc ? rc : read_string(r, json, "title", &plot->title);
    rc = rc ? rc : read_string(r, json, "kind", &plot->kind);
    rc = rc ? rc : read_string(r, json, "x", &plot->x);
    rc = rc ? rc : read_string(r, json, "y", &plot->y);
    rc = rc ? rc : read_bool(r, json, "log_x", &plot->log_x);
    rc = rc ? rc : read_bool(r, json, "log_y", &plot->log_y);
    /* The name becomes a path below the output directory. */
    if (!rc && (strchr(plot->file, '/') || plot->file[0] == '.'
                || !plot->file[0])) {
        rc = refuse(r, "\"file\" is not a plain base name");
    }
    return rc;
}

static int
read_plots(struct reader *r, json_t *root)
{
    struct vsw_result *result = r->result;
    json_t *array = read_array(r, root, "plots", sizeof *result->plots,
                               &result->n_plots, &result->plots);
    int rc = array ? 0 : -EINVAL;

    for (uint32_t i = 0; i < result->n_plots && !rc; i++) {
        snprintf(r->place, sizeof r->place, "plots[%u]", (unsigned int) i);
        rc = read_plot(r, json_array_get(array, i), &result->plots[i]);
    }
    return rc;
}

/* One number, or null, per replication. */
static int
read_each(struct reader *r, json_t *json, struct vsw_result_value *value)
{
    json_t *array = read_array(r, json, "each", sizeof *value->each,
                               &value->n_each, &value->each);

    for (uint32_t i = 0; array && i < value->n_each; i++) {
        json_t *x = json_array_get(array, i);

        if (!json_is_number(x) && !json_is_null(x)) {
            return refuse(r, "\"each\" holds what is no number or null");
        }
        value->each[i] = json_is_null(x) ? (double) NAN
                         : json_number_value(x);
    }
    return array ? 0 : -EINVAL;
}

static int
read_value(struct reader *r, json_t *json, struct vsw_result_value *value)
{
    int rc = read_number(r, json, "value", &value->value);

    rc = rc ? rc : read_each(r, json, value);
    rc = rc ? rc : read_number(r, json, "half_width", &value->half_width);
    rc = rc ? rc : read_string(r, json, "interval", &value->interval);
    return rc ? rc : read_u32(r, json, "n", UINT32_MAX, &value->n);
}

static int
read_values(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    json_t *metrics = member(r, json, "metrics", JSON_OBJECT, "an object");
    size_t place_len = strlen(r->place);
    int rc = metrics ? 0 : -EINVAL;
    void *iter;

    if (rc) {
        return rc;
    }
    point->values = take(r, json_object_size(metrics),
                         sizeof *point->values);
    rc = point->values ? 0 : -ENOMEM;
    for (iter = json_object_iter(metrics); iter && !rc;
         iter = json_object_iter_next(metrics, iter)) {
        struct vsw_result_value *value = &point->values[point->n_values++];

        value->metric = json_object_iter_key(iter);
        snprintf(r->place + place_len, sizeof r->place - place_len,
                 ".metrics.%.40s", value->metric);
        rc = read_value(r, json_object_iter_value(iter), value);
    }
    if (!rc) {
        r->place[place_len] = '\0';
    }
    return rc;
}

static int
read_params(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    json_t *params = member(r, json, "params", JSON_OBJECT, "an object");

    if (!params) {
        return -EINVAL;
    }
    point->params = take(r, json_object_size(params),
                         sizeof *point->params);
    for (void *iter = point->params ? json_object_iter(params) : NULL; iter;
         iter = json_object_iter_next(params, iter)) {
        struct vsw_result_param *param = &point->params[point->n_params++];

        param->name = json_object_iter_key(iter);
        param->text = scalar_text(r, json_object_iter_value(iter));
        if (!param->text) {
            return -ENOMEM;
        }
    }
    return point->params ? 0 : -ENOMEM;
}

static int
read_line(struct reader *r, json_t *json, struct vsw_result_line *line)
{
    int rc = read_string(r, json, "unit", &line->unit);

    rc = rc ? rc : read_string(r, json, "role", &line->role);
    rc = rc ? rc : read_string(r, json, "domain", &line->domain);
    rc = rc ? rc : read_string(r, json, "stage", &line->stage);
    rc = rc ? rc : read_string(r, json, "account", &line->account);
    rc = rc ? rc : read_count(r, json, "busy_ps", INT64_MAX, &line->busy_ps);
    rc = rc ? rc : read_count(r, json, "charges", INT64_MAX,
                              &line->n_charges);
    return rc ? rc : read_number(r, json, "cycles_per_pkt",
                                 &line->cycles_per_pkt);
}

static int
read_ledger(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    size_t place_len = strlen(r->place);
    json_t *array = read_array(r, json, "ledger", sizeof *point->ledger,
                               &point->n_ledger, &point->ledger);
    int rc = array ? 0 : -EINVAL;

    for (uint32_t i = 0; i < point->n_ledger && !rc; i++) {
        snprintf(r->place + place_len, sizeof r->place - place_len,
                 ".ledger[%u]", (unsigned int) i);
        rc = read_line(r, json_array_get(array, i), &point->ledger[i]);
    }
    if (!rc) {
        r->place[place_len] = '\0';
    }
    return rc;
}

static int
read_unit(struct reader *r, json_t *json, struct vsw_result_unit *unit)
{
    int rc = read_string(r, json, "name", &unit->name);

    rc = rc ? rc : read_string(r, json, "role", &unit->role);
    rc = rc ? rc : read_count(r, json, "busy_ps", INT64_MAX, &unit->busy_ps);
    rc = rc ? rc : read_count(r, json, "poll_ps", INT64_MAX, &unit->poll_ps);
    return rc ? rc : read_count(r, json, "idle_ps", INT64_MAX,
                                &unit->idle_ps);
}

static int
read_units(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    size_t place_len = strlen(r->place);
    json_t *array = read_array(r, json, "units", sizeof *point->units,
                               &point->n_units, &point->units);
    int rc = array ? 0 : -EINVAL;

    for (uint32_t i = 0; i < point->n_units && !rc; i++) {
        snprintf(r->place + place_len, sizeof r->place - place_len,
                 ".units[%u]", (unsigned int) i);
        rc = read_unit(r, json_array_get(array, i), &point->units[i]);
    }
    if (!rc) {
        r->place[place_len] = '\0';
    }
    return rc;
}

static int
read_axis_values(struct reader *r, json_t *json,
                 struct vsw_result_point *point)
{
    const struct vsw_result *result = r->result;
    uint32_t n = 0;
    json_t *array = read_array(r, json, "axis_values",
                               sizeof *point->axis_values, &n,
                               &point->axis_values);

    if (!array) {
        return -EINVAL;
    }
    if (n != result->n_axes) {
        return refuse(r, "\"axis_values\" has not one index per axis");
    }
    for (uint32_t i = 0; i < n; i++) {
        json_t *index = json_array_get(array, i);
        json_int_t x = json_is_integer(index) ? json_integer_value(index)
                       : -1;

        if (x < 0 || x >= (json_int_t) result->axes[i].n_values) {
            return refuse(r, "\"axis_values\" has an index out of range");
        }
        point->axis_values[i] = (uint32_t) x;
    }
    return 0;
}

/* There is no verdict where deliveries were not recorded part by part. */
static int
read_warmup(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    json_t *warmup = json_object_get(json, "warmup");

    point->warmup = "";
    if (!warmup || json_is_null(warmup)) {
        return 0;
    }
    if (!json_is_number(json_object_get(warmup, "settled_us"))) {
        return refuse(r, "\"warmup\" has no \"settled_us\"");
    }
    point->settled_us = json_number_value(json_object_get(warmup,
                                                          "settled_us"));
    return read_string(r, warmup, "verdict", &point->warmup);
}

/* What only points have that ran. */
static int
read_measured(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    json_t *window = member(r, json, "window", JSON_OBJECT, "an object");
    json_t *delivered = window ? member(r, window, "delivered", JSON_OBJECT,
                                        "an object") : NULL;
    int rc = delivered ? read_count(r, delivered, "pkts", INT64_MAX,
                                    &point->n_delivered_pkts) : -EINVAL;

    rc = rc ? rc : read_warmup(r, json, point);
    rc = rc ? rc : read_units(r, json, point);
    return rc ? rc : read_ledger(r, json, point);
}

static int
read_point(struct reader *r, json_t *json, struct vsw_result_point *point)
{
    uint32_t n_designs = r->result->n_designs;
    int rc;

    if (n_designs == 0) {
        return refuse(r, "there is a point but no design");
    }
    rc = read_u32(r, json, "design", n_designs - 1, &point->design);
    rc = rc ? rc : read_axis_values(r, json, point);
    rc = rc ? rc : read_string(r, json, "model", &point->model);
    rc = rc ? rc : read_string(r, json, "machine", &point->machine);
    rc = rc ? rc : read_u32(r, json, "replications", UINT32_MAX,
                            &point->n_replications);
    rc = rc ? rc : read_params(r, json, point);
    rc = rc ? rc : read_values(r, json, point);
    if (!rc && point->n_replications > 0) {
        rc = read_measured(r, json, point);
    }
    return rc;
}

/* Points come design by design, the last axis fastest, and none is left
 * out, so that tables and figures find them by place. */
static int
check_order(struct reader *r)
{
    const struct vsw_result *result = r->result;
    uint64_t n = result->n_designs;

    for (uint32_t i = 0; i < result->n_axes; i++) {
        n = n <= result->n_points ? n * result->axes[i].n_values : n;
    }
    r->place[0] = '\0';
    if (n != result->n_points) {
        return refuse(r, "\"points\" are not one per design and combination "
                         "of axis values");
    }
    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];
        uint32_t place = point->design;

        for (uint32_t a = 0; a < result->n_axes; a++) {
            place = place * result->axes[a].n_values
                    + point->axis_values[a];
        }
        if (place != i) {
            return refuse(r, "\"points\" are out of order");
        }
    }
    return 0;
}

static int
read_points(struct reader *r, json_t *root)
{
    struct vsw_result *result = r->result;
    json_t *array = read_array(r, root, "points", sizeof *result->points,
                               &result->n_points, &result->points);
    int rc = array ? 0 : -EINVAL;

    for (uint32_t i = 0; i < result->n_points && !rc; i++) {
        snprintf(r->place, sizeof r->place, "points[%u]", (unsigned int) i);
        rc = read_point(r, json_array_get(array, i), &result->points[i]);
    }
    return rc ? rc : check_order(r);
}

static int
check_schema(struct reader *r, json_t *root)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    uint32_t version = 0;
    int rc;

    if (!schema || strcmp(schema, RESULT_SCHEMA)) {
        return refuse(r, "not a result of vswsim (no \"schema\": \""
                         RESULT_SCHEMA "\")");
    }
    rc = read_u32(r, root, "schema_version", UINT32_MAX, &version);
    if (!rc && version != VSW_RESULT_SCHEMA_VERSION) {
        rc = vsw_error_set(r->err, VSW_ERROR_DATA, -EINVAL,
                           "%s: has schema version %u, and this program "
                           "reads version %u; run the experiment again",
                           r->path, (unsigned int) version,
                           (unsigned int) VSW_RESULT_SCHEMA_VERSION);
    }
    return rc;
}

static int
read_sensitivity(struct reader *r, json_t *root)
{
    struct vsw_result *result = r->result;
    json_t *array = read_array(r, root, "sensitivity",
                               sizeof *result->sensitivity,
                               &result->n_sensitivity, &result->sensitivity);
    int rc = array ? 0 : -EINVAL;

    if (!rc && result->n_sensitivity > 0 && result->n_points == 0) {
        return refuse(r, "\"sensitivity\" is of points, and there are none");
    }
    for (uint32_t i = 0; i < result->n_sensitivity && !rc; i++) {
        struct vsw_result_sensitivity *s = &result->sensitivity[i];
        json_t *json = json_array_get(array, i);

        snprintf(r->place, sizeof r->place, "sensitivity[%u]",
                 (unsigned int) i);
        rc = read_u32(r, json, "point", result->n_points - 1, &s->point);
        rc = rc ? rc : read_string(r, json, "metric", &s->metric);
        rc = rc ? rc : read_number(r, json, "moved", &s->moved);
        rc = rc ? rc : read_number(r, json, "half_width", &s->half_width);
    }
    return rc;
}

/* The resolved config, as text for people. */
static int
read_config(struct reader *r, json_t *root)
{
    json_t *config = json_object_get(root, "config");
    char *text = config ? json_dumps(config, JSON_ENCODE_ANY | JSON_INDENT(2)
                                     | JSON_REAL_PRECISION(RESULT_DIGITS))
                 : NULL;
    char *copy = text ? take(r, strlen(text) + 1, 1) : NULL;

    if (copy) {
        memcpy(copy, text, strlen(text));
    }
    free(text);
    r->result->config = copy;
    return config ? copy ? 0 : -ENOMEM
                  : refuse(r, "\"config\" is missing");
}

static int
read_result(struct reader *r, json_t *root)
{
    struct vsw_result *result = r->result;
    int rc = check_schema(r, root);
    json_t *trace;

    rc = rc ? rc : read_string(r, root, "title", &result->title);
    rc = rc ? rc : read_string(r, root, "question", &result->question);
    rc = rc ? rc : read_string(r, root, "config_digest",
                               &result->config_digest);
    rc = rc ? rc : read_bool(r, root, "complete", &result->complete);
    rc = rc ? rc : read_u32(r, root, "replications", UINT32_MAX,
                            &result->n_replications);
    if (rc) {
        return rc;
    }
    rc = read_config(r, root);
    if (rc) {
        return rc;
    }
    trace = member(r, root, "trace", JSON_OBJECT, "an object");
    rc = trace ? read_string(r, trace, "digest", &result->trace_digest)
         : -EINVAL;
    rc = rc ? rc : read_strings(r, root, "warnings", &result->warnings,
                                &result->n_warnings);
    rc = rc ? rc : read_strings(r, root, "designs", &result->designs,
                                &result->n_designs);
    rc = rc ? rc : read_axes(r, root);
    rc = rc ? rc : read_plots(r, root);
    rc = rc ? rc : read_points(r, root);
    return rc ? rc : read_sensitivity(r, root);
}

void
vsw_result_free(struct vsw_result *result)
{
    struct result_impl *impl = result ? result->impl : NULL;

    if (impl) {
        for (struct result_block *b = impl->blocks, *next; b; b = next) {
            next = b->next;
            free(b);
        }
        json_decref(impl->root);
        free(impl);
    }
    free(result);
}

static json_t *
parse_text(const char *text, size_t len, const char *path,
           struct vsw_error *err)
{
    json_error_t where;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);

    if (!root) {
        vsw_error_set(err, VSW_ERROR_DATA, -EINVAL, "%s:%d:%d: %s", path,
                      where.line, where.column, where.text);
    }
    return root;
}

int
result_parse(struct vsw_result **result, const char *text, size_t len,
             const char *path, struct vsw_error *err)
{
    struct vsw_result *made = calloc(1, sizeof *made);
    struct result_impl *impl = calloc(1, sizeof *impl);
    struct reader r = {made, impl, path, "", err};
    int rc = -ENOMEM;

    *result = NULL;
    if (!made || !impl) {
        free(impl);
        free(made);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, rc, "out of memory");
    }
    made->impl = impl;
    impl->root = parse_text(text, len, path, err);
    rc = impl->root ? read_result(&r, impl->root) : -EINVAL;
    if (rc) {
        vsw_result_free(made);
        return rc;
    }
    *result = made;
    return 0;
}

static int
cannot_open(const char *path, int code, struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_NO_INPUT, -code,
                         "%s: cannot read the result: %s", path,
                         strerror(code));
}

static int
read_open_file(struct vsw_result **result, FILE *file, const char *path,
               struct vsw_error *err)
{
    struct stat st;
    char *text;
    size_t len;
    int rc;

    if (fstat(fileno(file), &st)) {
        return cannot_open(path, errno, err);
    }
    if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE_BYTES) {
        return cannot_open(path, S_ISDIR(st.st_mode) ? EISDIR : EFBIG, err);
    }
    text = malloc((size_t) st.st_size + 1);
    if (!text) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    len = fread(text, 1, (size_t) st.st_size, file);
    rc = ferror(file) ? cannot_open(path, errno, err)
         : result_parse(result, text, len, path, err);
    free(text);
    return rc;
}

int
vsw_result_load(struct vsw_result **result, const char *path,
                struct vsw_error *err)
{
    FILE *file = fopen(path, "r");
    int rc;

    *result = NULL;
    if (!file) {
        return cannot_open(path, errno, err);
    }
    rc = read_open_file(result, file, path, err);
    fclose(file);
    return rc;
}

struct vsw_interval
vsw_result_difference(const struct vsw_result_value *a,
                      const struct vsw_result_value *b)
{
    struct vsw_interval none = {0, 0, 0, VSW_INTERVAL_NONE};
    uint32_t n = a->n_each < b->n_each ? a->n_each : b->n_each;

    for (uint32_t i = 0; i < n; i++) {
        if (!isfinite(a->each[i]) || !isfinite(b->each[i])) {
            return none;
        }
    }
    return n > 0 ? vsw_stats_paired(a->each, b->each, n, VSW_CONFIDENCE_95)
                 : none;
}

const struct vsw_result_value *
vsw_result_value(const struct vsw_result_point *point, const char *metric)
{
    for (uint32_t i = 0; i < point->n_values; i++) {
        if (!strcmp(point->values[i].metric, metric)) {
            return &point->values[i];
        }
    }
    return NULL;
}
