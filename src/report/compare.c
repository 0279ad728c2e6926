/* All records of a store against runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/published_impl.h"

const char *
vsw_verdict_name(enum vsw_verdict verdict)
{
    static const char *const names[] = {
        [VSW_VERDICT_HOLDS] = "holds",
        [VSW_VERDICT_MISSES] = "misses",
        [VSW_VERDICT_UNMAPPED] = "unmapped",
    };

    return names[verdict];
}

const char *
vsw_comparison_use(const struct vsw_comparison *comparison)
{
    const char *use = comparison->record->use;

    return strcmp(use, "validation") ? use : "prediction";
}

uint32_t
vsw_comparison_n_unexpected(const struct vsw_comparison_list *list)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];

        n += item->verdict == VSW_VERDICT_MISSES && !item->expected
             && !item->uncertain;
    }
    return n;
}

static bool
is_wanted(const struct vsw_published_record *record, const char *family)
{
    size_t len = family ? strlen(family) : 0;

    return len == 0 || !strcmp(family, "all")
           || !strcmp(record->family, family) || !strcmp(record->id, family)
           || (!strncmp(record->id, family, len) && record->id[len] == '.');
}

static void
choose(const struct compare *c, struct vsw_comparison_list *list)
{
    const struct vsw_published *p = c->published;

    for (uint32_t i = 0; i < p->n_records; i++) {
        if (is_wanted(&p->records[i], c->options->family)) {
            struct vsw_comparison *item = &list->items[list->n++];

            item->record = &p->records[i];
            item->expected = vsw_published_miss_of(p, p->records[i].id);
        }
    }
}

static void
judge_all(struct compare *c, struct vsw_comparison_list *list)
{
    for (uint32_t i = 0; i < list->n && !c->fatal; i++) {
        judge(c, &list->items[i]);
    }
}

static void
compare_all(struct compare *c, struct vsw_comparison_list *list)
{
    choose(c, list);
    c->collecting = true;
    judge_all(c, list);
    if (!c->fatal) {
        runs_make(c);
    }
    c->collecting = false;
    judge_all(c, list);
    list->n_runs = c->n_runs;
}

int
vsw_published_compare(struct vsw_comparison_list **list,
                      const struct vsw_published *published,
                      const struct vsw_compare_options *options,
                      struct vsw_error *err)
{
    struct vsw_comparison_list *made = calloc(1, sizeof *made);
    struct compare c = {.published = published,
                        .vocabulary = published->vocabulary,
                        .options = options, .err = err};

    *list = NULL;
    c.last_run = &c.runs;
    if (made) {
        made->items = calloc(published->n_records + 1, sizeof *made->items);
    }
    if (!made || !made->items) {
        free(made);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    compare_all(&c, made);
    runs_free(&c);
    vsw_pool_fini(&c.pool);
    if (c.fatal) {
        vsw_comparison_list_free(made);
        return c.fatal;
    }
    *list = made;
    return 0;
}

void
vsw_comparison_list_free(struct vsw_comparison_list *list)
{
    if (list) {
        free(list->items);
        free(list);
    }
}
