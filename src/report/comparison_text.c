/* Comparisons as text, JSON, CSV and Markdown. */
#include <vswsim/published.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/result/atomic_file.h"

/* The error in the words of the tolerance. */
static const char *
error_text(const struct vsw_comparison *item, char text[32])
{
    enum vsw_tolerance_kind kind = item->record->tolerance.kind;

    if (!isfinite(item->error)) {
        snprintf(text, 32, "-");
    } else if (kind == VSW_TOLERANCE_POINTS) {
        snprintf(text, 32, "%+.2fpt", item->error);
    } else if (kind == VSW_TOLERANCE_ABSOLUTE) {
        snprintf(text, 32, "%+.4g", item->error);
    } else {
        snprintf(text, 32, "%+.1f%%", item->error * 100);
    }
    return text;
}

static const char *
simulated_text(const struct vsw_comparison *item, char text[48])
{
    if (!isfinite(item->simulated)) {
        snprintf(text, 48, "-");
    } else if (item->half_width > 0) {
        snprintf(text, 48, "%.4g \u00b1%.2g", item->simulated,
                 item->half_width);
    } else {
        snprintf(text, 48, "%.4g", item->simulated);
    }
    return text;
}

/* Columns that 'text' takes: UTF-8 continuation bytes take none. */
static int
columns(const char *text)
{
    int n = 0;

    for (; *text; text++) {
        n += ((unsigned char) *text & 0xc0) != 0x80;
    }
    return n;
}

static void
put(FILE *out, const char *text, int width, bool right)
{
    int pad = width - columns(text);

    fprintf(out, "%*s%s%*s ", right && pad > 0 ? pad : 0, "", text,
            !right && pad > 0 ? pad : 0, "");
}

static const char *
remark(const struct vsw_comparison *item)
{
    return item->verdict != VSW_VERDICT_MISSES ? ""
           : item->expected ? "expected; " : item->uncertain
           ? "its interval reaches what would hold; " : "UNEXPECTED; ";
}

static void
print_item(const struct vsw_comparison *item, FILE *out)
{
    const struct vsw_published_record *record = item->record;
    char simulated[48], error[32], published[16];

    snprintf(published, sizeof published, "%.14s", record->value_text);
    put(out, record->id, 28, false);
    put(out, published, 14, true);
    put(out, simulated_text(item, simulated), 14, true);
    put(out, record->unit, 10, false);
    put(out, error_text(item, error), 9, true);
    put(out, vsw_comparison_use(item), 13, false);
    put(out, vsw_verdict_name(item->verdict), 8, false);
    fprintf(out, "%s%s%s%s\n", remark(item), record->tolerance_text,
            item->detail[0] ? "; " : "", item->detail);
}

struct counts {
    uint32_t n[3];
};

static struct counts
count(const struct vsw_comparison_list *list, const char *family,
      const char *use)
{
    struct counts counts = {{0, 0, 0}};

    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];

        if ((!family || !strcmp(family, item->record->family))
            && (!use || !strcmp(use, vsw_comparison_use(item)))) {
            counts.n[item->verdict]++;
        }
    }
    return counts;
}

void
vsw_comparison_print(const struct vsw_comparison_list *list, FILE *out)
{
    struct counts all = count(list, NULL, NULL);

    fprintf(out, "%-28s %14s %14s %-10s %9s %-13s %-8s %s\n", "id",
            "published", "simulated", "unit", "error", "use", "verdict",
            "tolerance; detail");
    for (uint32_t i = 0; i < list->n; i++) {
        print_item(&list->items[i], out);
    }
    fprintf(out, "%u hold, %u miss (%u of them unexpected), %u unmapped; "
            "%u runs\n", (unsigned int) all.n[VSW_VERDICT_HOLDS],
            (unsigned int) all.n[VSW_VERDICT_MISSES],
            (unsigned int) vsw_comparison_n_unexpected(list),
            (unsigned int) all.n[VSW_VERDICT_UNMAPPED],
            (unsigned int) list->n_runs);
}

/* --- JSON -------------------------------------------------------------- */

/* What 'fill' writes, to free; NULL if memory ran out. */
static char *
text_of(const struct vsw_comparison_list *list,
        void (*fill)(const struct vsw_comparison_list *list, FILE *out))
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    bool failed;

    if (!out) {
        return NULL;
    }
    fill(list, out);
    failed = ferror(out) != 0;
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    return text;
}

static void
put_json(FILE *out, const char *key, const char *text)
{
    fprintf(out, "      \"%s\": \"", key);
    for (; *text; text++) {
        unsigned char c = (unsigned char) *text;

        if (c < ' ') {
            fprintf(out, "\\u%04x", c);
        } else {
            fprintf(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
        }
    }
    fputs("\",\n", out);
}

static void
put_json_number(FILE *out, const char *key, double x)
{
    if (isfinite(x)) {
        fprintf(out, "      \"%s\": %.12g,\n", key, x);
    } else {
        fprintf(out, "      \"%s\": null,\n", key);
    }
}

static void
put_json_item(FILE *out, const struct vsw_comparison *item)
{
    const struct vsw_published_record *r = item->record;

    put_json(out, "id", r->id);
    put_json(out, "family", r->family);
    put_json(out, "paper", r->paper);
    put_json(out, "where", r->where);
    put_json(out, "metric", r->metric);
    put_json(out, "published", r->value_text);
    put_json(out, "unit", r->unit);
    put_json(out, "relation", r->relation);
    put_json(out, "tolerance", r->tolerance_text);
    put_json(out, "use", vsw_comparison_use(item));
    put_json_number(out, "simulated", item->simulated);
    put_json_number(out, "half_width", item->half_width);
    put_json_number(out, "error", item->error);
    put_json(out, "verdict", vsw_verdict_name(item->verdict));
    if (item->expected) {
        put_json(out, "reason", item->expected->reason);
    }
    put_json(out, "detail", item->detail);
    fprintf(out, "      \"uncertain\": %s,\n      \"expected\": %s\n",
            item->uncertain ? "true" : "false",
            item->expected ? "true" : "false");
}

static void
fill_json(const struct vsw_comparison_list *list, FILE *out)
{
    fprintf(out, "{\n  \"schema\": \"vswsim-reproduce\",\n"
            "  \"runs\": %u,\n  \"unexpected\": %u,\n"
            "  \"records\": [\n", (unsigned int) list->n_runs,
            (unsigned int) vsw_comparison_n_unexpected(list));
    for (uint32_t i = 0; i < list->n; i++) {
        fputs("    {\n", out);
        put_json_item(out, &list->items[i]);
        fprintf(out, "    }%s\n", i + 1 < list->n ? "," : "");
    }
    fputs("  ]\n}\n", out);
}

char *
vsw_comparison_json(const struct vsw_comparison_list *list)
{
    return text_of(list, fill_json);
}

/* --- CSV --------------------------------------------------------------- */

static void
put_csv(FILE *out, const char *text, const char *end)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') {
            fputc('"', out);
        }
        fputc(*text, out);
    }
    fprintf(out, "\"%s", end);
}

static void
put_csv_number(FILE *out, double x)
{
    if (isfinite(x)) {
        fprintf(out, "%.12g", x);
    }
    fputc(',', out);
}

static void
fill_csv(const struct vsw_comparison_list *list, FILE *out)
{
    fputs("id,family,published,unit,relation,tolerance,simulated,half_width,"
          "error,use,verdict,expected,detail\n", out);
    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];
        const struct vsw_published_record *r = item->record;

        put_csv(out, r->id, ",");
        put_csv(out, r->family, ",");
        put_csv(out, r->value_text, ",");
        put_csv(out, r->unit, ",");
        put_csv(out, r->relation, ",");
        put_csv(out, r->tolerance_text, ",");
        put_csv_number(out, item->simulated);
        put_csv_number(out, item->half_width);
        put_csv_number(out, item->error);
        put_csv(out, vsw_comparison_use(item), ",");
        put_csv(out, vsw_verdict_name(item->verdict), ",");
        put_csv(out, item->expected ? "yes" : "no", ",");
        put_csv(out, item->detail, "\n");
    }
}

char *
vsw_comparison_csv(const struct vsw_comparison_list *list)
{
    return text_of(list, fill_csv);
}

/* --- Markdown ---------------------------------------------------------- */

static void
put_md(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|') {
            fputc('\\', out);
        }
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputs(" | ", out);
}

static void
put_row(FILE *out, const struct vsw_comparison *item)
{
    const struct vsw_published_record *r = item->record;
    char simulated[48], error[32], id[96];

    snprintf(id, sizeof id, "`%.90s`", r->id);
    fputs("| ", out);
    put_md(out, id);
    put_md(out, r->metric);
    put_md(out, r->value_text);
    put_md(out, simulated_text(item, simulated));
    put_md(out, r->unit);
    put_md(out, r->tolerance_text);
    put_md(out, error_text(item, error));
    put_md(out, vsw_comparison_use(item));
    fprintf(out, "%s |\n", item->verdict == VSW_VERDICT_MISSES
            ? "**misses**" : vsw_verdict_name(item->verdict));
}

static void
put_summary_row(FILE *out, const struct vsw_comparison_list *list,
                const char *family)
{
    struct counts fitted = count(list, family, "calibration");
    struct counts predicted = count(list, family, "prediction");
    struct counts set_up = count(list, family, "configuration");

    fprintf(out, "| %s |", family ? family : "all");
    for (int i = 0; i < 3; i++) {
        fprintf(out, " %u |", (unsigned int) fitted.n[i]);
    }
    for (int i = 0; i < 3; i++) {
        fprintf(out, " %u |", (unsigned int) predicted.n[i]);
    }
    fprintf(out, " %u | %u |\n", (unsigned int) set_up.n[VSW_VERDICT_HOLDS],
            (unsigned int) set_up.n[VSW_VERDICT_MISSES]);
}

/* Whether record 'i' is the first of its family. */
static bool
is_first(const struct vsw_comparison_list *list, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (!strcmp(list->items[k].record->family,
                    list->items[i].record->family)) {
            return false;
        }
    }
    return true;
}

static void
put_summary(FILE *out, const struct vsw_comparison_list *list)
{
    fputs("| family | calibration: holds | misses | unmapped "
          "| prediction: holds | misses | unmapped | set-up: holds "
          "| misses |\n|---|---|---|---|---|---|---|---|---|\n", out);
    for (uint32_t i = 0; i < list->n; i++) {
        if (is_first(list, i)) {
            put_summary_row(out, list, list->items[i].record->family);
        }
    }
    put_summary_row(out, list, NULL);
}

/* Why records of 'family' miss or are not compared. */
static void
put_reasons(FILE *out, const struct vsw_comparison_list *list,
            const char *family)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];

        if (strcmp(item->record->family, family)
            || item->verdict == VSW_VERDICT_HOLDS) {
            continue;
        }
        fprintf(out, "- `%s` ", item->record->id);
        if (item->verdict == VSW_VERDICT_UNMAPPED) {
            fprintf(out, "is not compared: %s.\n", item->detail);
        } else if (item->expected) {
            fprintf(out, "misses (%s): %s\n", item->expected->size,
                    item->expected->reason);
        } else {
            fprintf(out, "misses, and nobody has explained it yet%s%s.\n",
                    item->detail[0] ? ": " : "", item->detail);
        }
    }
}

static void
put_family(FILE *out, const struct vsw_comparison_list *list,
           const char *family)
{
    fprintf(out, "\n## %s\n\n"
            "| id | metric | published | simulated | unit | tolerance "
            "| error | use | verdict |\n"
            "|---|---|---|---|---|---|---|---|---|\n", family);
    for (uint32_t i = 0; i < list->n; i++) {
        if (!strcmp(list->items[i].record->family, family)) {
            put_row(out, &list->items[i]);
        }
    }
    fputc('\n', out);
    put_reasons(out, list, family);
}

static void
fill_markdown(const struct vsw_comparison_list *list, FILE *out)
{
    put_summary(out, list);
    for (uint32_t i = 0; i < list->n; i++) {
        if (is_first(list, i)) {
            put_family(out, list, list->items[i].record->family);
        }
    }
}

char *
vsw_comparison_markdown(const struct vsw_comparison_list *list)
{
    return text_of(list, fill_markdown);
}

static int
write_text(char *text, const char *dir, const char *name,
           struct vsw_error *err)
{
    int rc = text ? vsw_atomic_write(dir, name, text, strlen(text), err)
             : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");

    free(text);
    return rc;
}

int
vsw_comparison_write(const struct vsw_comparison_list *list, const char *dir,
                     struct vsw_error *err)
{
    int rc = vsw_atomic_mkdir(dir, err);

    rc = rc ? rc : write_text(vsw_comparison_json(list), dir,
                              "reproduce.json", err);
    rc = rc ? rc : write_text(vsw_comparison_csv(list), dir,
                              "reproduce.csv", err);
    return rc ? rc : write_text(vsw_comparison_markdown(list), dir,
                                "reproduce.md", err);
}
