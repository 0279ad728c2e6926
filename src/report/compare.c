#include <errno.h>
#include <math.h>
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

static void
compare_all(struct compare *c, struct vsw_comparison_list *list,
            const char *prefix)
{
    const struct vsw_published *p = c->published;

    for (uint32_t i = 0; i < p->n_records && !c->fatal; i++) {
        if (!strncmp(p->records[i].id, prefix, strlen(prefix))) {
            struct vsw_comparison *item = &list->items[list->n++];

            item->record = &p->records[i];
            judge(c, item);
        }
    }
    list->n_runs = c->n_runs;
}

int
vsw_published_compare(struct vsw_comparison_list **list,
                      const struct vsw_published *published,
                      const char *prefix, vsw_run_fn run,
                      const struct vsw_run_options *options,
                      struct vsw_error *err)
{
    struct vsw_comparison_list *made = calloc(1, sizeof *made);
    struct compare c = {.published = published,
                        .vocabulary = published->vocabulary,
                        .run = run, .options = options, .err = err};

    *list = NULL;
    if (made) {
        made->items = calloc(published->n_records + 1, sizeof *made->items);
    }
    if (!made || !made->items) {
        free(made);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    compare_all(&c, made, prefix);
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

/* The error in the words of the tolerance. */
static void
print_error(const struct vsw_comparison *item, FILE *out)
{
    enum vsw_tolerance_kind kind = item->record->tolerance.kind;
    char text[32] = "-";

    if (isfinite(item->error)) {
        if (kind == VSW_TOLERANCE_POINTS) {
            snprintf(text, sizeof text, "%+.2fpt", item->error);
        } else if (kind == VSW_TOLERANCE_ABSOLUTE) {
            snprintf(text, sizeof text, "%+.4g", item->error);
        } else {
            snprintf(text, sizeof text, "%+.1f%%", item->error * 100);
        }
    }
    fprintf(out, " %9s", text);
}

static void
print_item(const struct vsw_comparison *item, FILE *out)
{
    const struct vsw_published_record *record = item->record;
    char simulated[32] = "-";

    if (isfinite(item->simulated)) {
        snprintf(simulated, sizeof simulated, "%.4g", item->simulated);
    }
    fprintf(out, "%-28s %14.14s %9s %-10s", record->id, record->value_text,
            simulated, record->unit);
    print_error(item, out);
    fprintf(out, "  %-8s %s%s%s\n", vsw_verdict_name(item->verdict),
            record->tolerance_text, item->detail[0] ? "; " : "",
            item->detail);
}

void
vsw_comparison_print(const struct vsw_comparison_list *list, FILE *out)
{
    uint32_t n[3] = {0, 0, 0};

    fprintf(out, "%-28s %14s %9s %-10s %9s  %-8s %s\n", "id", "published",
            "simulated", "unit", "error", "verdict", "tolerance; detail");
    for (uint32_t i = 0; i < list->n; i++) {
        print_item(&list->items[i], out);
        n[list->items[i].verdict]++;
    }
    fprintf(out, "%u hold, %u miss, %u unmapped; %u runs\n",
            (unsigned int) n[VSW_VERDICT_HOLDS],
            (unsigned int) n[VSW_VERDICT_MISSES],
            (unsigned int) n[VSW_VERDICT_UNMAPPED],
            (unsigned int) list->n_runs);
}
