/* Reading a store; the tables say what its files may hold. */
#include <vswsim/published.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "io/json/json_keys.h"
#include "report/published_impl.h"

#define FREE(path_, type_, flags_, meaning_)                                 \
    {.path = (path_), .type = (type_), .flags = (flags_), .unit = "",        \
     .meaning = (meaning_)}
#define TEXT(path_, flags_, meaning_)                                        \
    {.path = (path_), .type = VSW_KEY_STRING, .flags = (flags_),             \
     .unit = "", .meaning = (meaning_)}
#define CHOICE(path_, choices_, meaning_)                                    \
    {.path = (path_), .type = VSW_KEY_STRING, .flags = VSW_KEY_REQUIRED,     \
     .unit = "", .choices = (choices_), .meaning = (meaning_)}
#define END {.type = VSW_KEY_END}

static const char *const uses[] = {
    "calibration", "validation", "configuration", NULL,
};
static const char *const relations[] = {
    "equals", "ratio", "shape", "order", "range", "up-to", NULL,
};

static const struct vsw_key record_keys[] = {
    FREE("", VSW_KEY_OBJECT, 0, "A store of published results."),
    TEXT("about", 0, "What the file is."),
    FREE("records", VSW_KEY_ARRAY, VSW_KEY_REQUIRED, "The records."),
    FREE("records[]", VSW_KEY_OBJECT, 0, "A record."),
    TEXT("records[].id", VSW_KEY_REQUIRED, "Unique name."),
    TEXT("records[].paper", VSW_KEY_REQUIRED, "Source."),
    TEXT("records[].where", VSW_KEY_REQUIRED, "Section or table."),
    TEXT("records[].family", 0, "Records that belong together."),
    TEXT("records[].kind", 0, "Number, shape or configuration."),
    CHOICE("records[].use", uses, "What it is for."),
    FREE("records[].systems", VSW_KEY_ARRAY, VSW_KEY_REQUIRED,
         "What was measured."),
    TEXT("records[].systems[]", 0, "A system."),
    FREE("records[].scenario", VSW_KEY_ANY, VSW_KEY_REQUIRED, "Set-up."),
    TEXT("records[].metric", VSW_KEY_REQUIRED, "What it says."),
    FREE("records[].value", VSW_KEY_ANY, VSW_KEY_REQUIRED, "The result."),
    TEXT("records[].unit", VSW_KEY_REQUIRED, "Unit of the value."),
    CHOICE("records[].relation", relations, "How to compare."),
    TEXT("records[].tolerance", VSW_KEY_REQUIRED, "How closely."),
    TEXT("records[].note", 0, "A remark."),
    END,
};

/* The same for files of other people: only what is needed is checked. */
static const struct vsw_key loose_keys[] = {
    FREE("", VSW_KEY_ANY, 0, "A store of published results."),
    END,
};

#define TABLE(name_, flags_, meaning_) FREE(name_, VSW_KEY_ANY, flags_,      \
                                            meaning_)
#define LIST(name_, flags_, meaning_)                                        \
    FREE(name_, VSW_KEY_ARRAY, flags_, meaning_),                            \
    FREE(name_ "[]", VSW_KEY_ANY, 0, "An entry.")

static const struct vsw_key vocabulary_keys[] = {
    FREE("", VSW_KEY_OBJECT, 0, "What the words of records mean."),
    TEXT("about", 0, "What the file is."),
    LIST("bases", VSW_KEY_REQUIRED, "Configs to start from."),
    TABLE("systems", VSW_KEY_REQUIRED, "Models by system."),
    TABLE("modifiers", 0, "What \"+word\" changes in a system."),
    TABLE("aliases", 0, "Words for words."),
    TABLE("keys", VSW_KEY_REQUIRED, "Config keys by word."),
    TABLE("scales", 0, "Factors from a word to its key."),
    TABLE("values", 0, "What a value of a word sets."),
    TABLE("fixed", VSW_KEY_REQUIRED,
          "Words with the only value that models have."),
    LIST("ignored", VSW_KEY_REQUIRED, "Words that change no run."),
    TABLE("defaults", VSW_KEY_REQUIRED, "Values of words left out."),
    TABLE("ranges", VSW_KEY_REQUIRED, "Where a range is sampled."),
    TABLE("steps", VSW_KEY_REQUIRED, "Stages by step."),
    TABLE("phases", VSW_KEY_REQUIRED, "Accounts by phase."),
    TABLE("units", VSW_KEY_REQUIRED, "Factors by unit."),
    LIST("metrics", VSW_KEY_REQUIRED, "Metrics by phrase."),
    LIST("comparisons", 0, "Ways to compare by phrase."),
    LIST("references", 0, "Systems to compare with by phrase."),
    LIST("contrasts", 0, "Two settings of one system by phrase."),
    LIST("aggregates", 0, "What becomes of a sweep by phrase."),
    LIST("sweeps", 0, "Sweeps that a phrase implies."),
    LIST("shapes", 0, "Shapes by phrase."),
    LIST("figures", 0, "Configs that draw figures of papers."),
    END,
};

static const struct vsw_key miss_keys[] = {
    FREE("", VSW_KEY_OBJECT, 0, "Records known to miss."),
    TEXT("about", 0, "What the file is."),
    FREE("n_compared", VSW_KEY_ANY, 0, "Records compared, at least."),
    FREE("misses", VSW_KEY_ARRAY, VSW_KEY_REQUIRED, "The records."),
    FREE("misses[]", VSW_KEY_OBJECT, 0, "A record."),
    TEXT("misses[].id", VSW_KEY_REQUIRED, "Which."),
    TEXT("misses[].size", VSW_KEY_REQUIRED, "How far it misses."),
    TEXT("misses[].reason", VSW_KEY_REQUIRED, "The mechanism behind it."),
    END,
};

static const char *
text_of(const struct vsw_json_node *record, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(record, key);

    return node && node->type == JSON_STRING ? node->string : "";
}

/* What has no member stands for it: records of other people may lack some. */
static const struct vsw_json_node nothing = {.type = JSON_OBJECT};

static const struct vsw_json_node *
member(const struct vsw_json_node *record, const char *key)
{
    const struct vsw_json_node *node = vsw_json_member(record, key);

    return node ? node : &nothing;
}

static const char *
family_of(const struct vsw_json_node *record, struct vsw_pool *pool)
{
    const char *family = text_of(record, "family");
    const char *id = text_of(record, "id");

    return family[0] ? family : vsw_pool_strndup(pool, id,
                                                 strcspn(id, "."));
}

/* A number, or an array of two; of a text that is to be equalled, the number
 * that it begins with ("1 copy each direction"). */
static void
read_numbers(struct vsw_published_record *record,
             const struct vsw_json_node *value)
{
    const struct vsw_json_node *node =
        value->type == JSON_ARRAY && value->n_children == 2 ? value->first
        : value->type == JSON_ARRAY ? NULL : value;

    for (; node && is_number(node) && record->n_values < 2;
         node = value->type == JSON_ARRAY ? node->next : NULL) {
        record->values[record->n_values++] = node->real;
    }
    if (value->type == JSON_STRING && !strcmp(record->relation, "equals")
        && value->string[0] >= '0' && value->string[0] <= '9') {
        record->values[record->n_values++]
            = (double) strtoul(value->string, NULL, 10);
    }
}

static int
read_systems(struct vsw_published_record *record,
             const struct vsw_json_node *systems, struct vsw_pool *pool)
{
    record->systems = vsw_pool_array(pool, systems->n_children + 1,
                                     sizeof *record->systems);
    for (const struct vsw_json_node *s = systems->first;
         s && record->systems; s = s->next) {
        record->systems[record->n_systems++] =
            s->type == JSON_STRING ? s->string : "";
    }
    return record->systems ? 0 : -ENOMEM;
}

static int
read_record(struct vsw_published_record *record,
            const struct vsw_json_node *json, struct vsw_pool *pool)
{
    const struct vsw_json_node *value = member(json, "value");

    record->id = text_of(json, "id");
    record->family = family_of(json, pool);
    record->paper = text_of(json, "paper");
    record->where = text_of(json, "where");
    record->use = text_of(json, "use");
    record->metric = text_of(json, "metric");
    record->unit = text_of(json, "unit");
    record->relation = text_of(json, "relation");
    record->tolerance_text = text_of(json, "tolerance");
    record->tolerance = vsw_tolerance_parse(record->tolerance_text);
    record->note = text_of(json, "note");
    record->scenario = member(json, "scenario");
    record->value_text = value->type == JSON_STRING ? value->string
                         : value == &nothing ? ""
                         : vsw_json_text(value, pool);
    read_numbers(record, value);
    return record->value_text && record->family
           ? read_systems(record, member(json, "systems"), pool) : -ENOMEM;
}

/* What a table cannot say: ids are unique and scenarios are objects. */
static void
check_records(const struct vsw_json_node *records,
              struct vsw_json_errors *errors)
{
    for (const struct vsw_json_node *r = records->first; r; r = r->next) {
        const struct vsw_json_node *scenario = member(r, "scenario");
        const struct vsw_json_node *id = vsw_json_member(r, "id");

        if (r->type != JSON_OBJECT || !id || id->type != JSON_STRING) {
            vsw_json_report(errors, r->doc, r->at,
                            "expected an object with a string \"id\"");
            continue;
        }
        if (scenario->type != JSON_OBJECT) {
            vsw_json_report(errors, scenario->doc, scenario->at,
                            "expected an object");
        }
        for (const struct vsw_json_node *e = records->first; e != r;
             e = e->next) {
            if (!strcmp(text_of(e, "id"), id->string)) {
                vsw_json_report(errors, id->doc, id->at,
                                "a second record \"%.64s\"", id->string);
                break;
            }
        }
    }
}

/* Metrics of the vocabulary are used as they stand: each needs words. */
static void
check_vocabulary(const struct vsw_json_node *root,
                 struct vsw_json_errors *errors)
{
    static const char *const objects[] = {
        "systems", "modifiers", "aliases", "keys", "scales", "values", "fixed",
        "defaults", "ranges", "steps", "phases", "units",
    };
    const struct vsw_json_node *list = vsw_json_member(root, "metrics");

    for (size_t i = 0; i < VSW_N_ELEMS(objects); i++) {
        const struct vsw_json_node *node = vsw_json_member(root, objects[i]);

        if (node && node->type != JSON_OBJECT) {
            vsw_json_report(errors, node->doc, node->at,
                            "expected an object");
        }
    }
    for (const struct vsw_json_node *m = list->first; m; m = m->next) {
        const struct vsw_json_node *words = vsw_json_member(m, "words");

        if (!words || (words->type != JSON_ARRAY
                       && words->type != JSON_STRING)) {
            vsw_json_report(errors, m->doc, m->at,
                            "expected an object with \"words\"");
        }
    }
}

static const struct vsw_json_node *
read_file(struct store *store, const struct vsw_key *keys, const char *path,
          struct vsw_json_errors *errors)
{
    struct vsw_json_doc *doc = vsw_pool_alloc(&store->pool, sizeof *doc);
    const struct vsw_json_node *root;

    if (!doc) {
        vsw_json_report_nomem(errors);
        return NULL;
    }
    if (vsw_json_doc_read(doc, path, NULL, 0, &store->pool, errors)) {
        return NULL;
    }
    root = vsw_json_parse(doc, 0, &store->pool, errors);
    if (root) {
        vsw_keys_check(keys, root, errors);
    }
    return errors->n > 0 ? NULL : root;
}

static int
read_records(struct vsw_published *p, struct store *store,
             const struct vsw_json_node *root,
             struct vsw_json_errors *errors)
{
    const struct vsw_json_node *list = vsw_json_member(root, "records");

    if (!list || list->type != JSON_ARRAY) {
        vsw_json_report(errors, root->doc, root->at,
                        "expected an object with a list \"records\"");
        return -EINVAL;
    }
    check_records(list, errors);
    if (errors->n > 0) {
        return -EINVAL;
    }
    p->records = vsw_pool_array(&store->pool, list->n_children + 1,
                                sizeof *p->records);
    for (const struct vsw_json_node *r = list->first; r && p->records;
         r = r->next) {
        if (read_record(&p->records[p->n_records++], r, &store->pool)) {
            return vsw_json_report_nomem(errors);
        }
    }
    return p->records ? 0 : vsw_json_report_nomem(errors);
}

/* The file may be absent: then nothing is known to miss. */
static int
read_misses(struct vsw_published *p, struct store *store,
            struct vsw_json_errors *errors)
{
    static const char name[] = "expected-misses.json";
    char *path = vsw_pool_printf(&store->pool, "%s%s", store->dir, name);
    const struct vsw_json_node *root, *list, *n;

    if (!path) {
        return vsw_json_report_nomem(errors);
    }
    if (access(path, F_OK)) {
        return 0;
    }
    root = read_file(store, miss_keys, path, errors);
    if (!root) {
        return -EINVAL;
    }
    n = vsw_json_member(root, "n_compared");
    p->n_compared = n && n->real > 0 && n->real < 1e6 ? (uint32_t) n->real
                                                      : 0;
    list = vsw_json_member(root, "misses");
    p->misses = vsw_pool_array(&store->pool, list->n_children + 1,
                               sizeof *p->misses);
    for (const struct vsw_json_node *m = list->first; m && p->misses;
         m = m->next) {
        p->misses[p->n_misses++] = (struct vsw_published_miss) {
            text_of(m, "id"), text_of(m, "size"), text_of(m, "reason"),
        };
    }
    return p->misses ? 0 : vsw_json_report_nomem(errors);
}

static int
load(struct vsw_published *p, struct store *store, const char *path,
     struct vsw_json_errors *errors)
{
    char *own = vsw_pool_printf(&store->pool, "%sresults.json", store->dir);
    char *words = vsw_pool_printf(&store->pool, "%svocabulary.json",
                                  store->dir);
    const struct vsw_json_node *records, *vocabulary;

    if (!own || !words) {
        return vsw_json_report_nomem(errors);
    }
    records = read_file(store, path ? loose_keys : record_keys,
                        path ? path : own, errors);
    vocabulary = records ? read_file(store, vocabulary_keys, words, errors)
                 : NULL;
    if (!vocabulary) {
        return vsw_json_errors_finish(errors);
    }
    check_vocabulary(vocabulary, errors);
    p->vocabulary = vocabulary;
    p->dir = store->dir;
    read_records(p, store, records, errors);
    read_misses(p, store, errors);
    return vsw_json_errors_finish(errors);
}

int
vsw_published_load(struct vsw_published **published, const char *dir,
                   const char *records, struct vsw_error *err)
{
    struct vsw_published *p = calloc(1, sizeof *p);
    struct store *store = calloc(1, sizeof *store);
    struct vsw_json_errors errors = {err, 0};
    int rc;

    *published = NULL;
    if (err) {
        err->kind = VSW_ERROR_NONE;
        err->text[0] = '\0';
    }
    if (!p || !store) {
        free(p);
        free(store);
        return vsw_json_report_nomem(&errors);
    }
    p->impl = store;
    store->dir = vsw_pool_printf(&store->pool, "%s/", dir);
    rc = store->dir ? load(p, store, records, &errors)
         : vsw_json_report_nomem(&errors);
    if (rc) {
        vsw_published_free(p);
        return rc;
    }
    *published = p;
    return 0;
}

const struct vsw_published_miss *
vsw_published_miss_of(const struct vsw_published *published, const char *id)
{
    for (uint32_t i = 0; i < published->n_misses; i++) {
        if (!strcmp(published->misses[i].id, id)) {
            return &published->misses[i];
        }
    }
    return NULL;
}

void
vsw_published_free(struct vsw_published *published)
{
    struct store *store = published ? published->impl : NULL;

    if (store) {
        vsw_pool_fini(&store->pool);
        free(store);
    }
    free(published);
}
