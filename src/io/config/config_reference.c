/* The reference page of experiment and machine files, in Markdown. */
#include "io/config/config_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/machine/machine_load.h"

/* Text that grows; sticks at NULL when memory runs out. */
struct page {
    char *text;
    size_t n;
    size_t size;
    bool failed;
};

static void
put_n(struct page *page, const char *text, size_t n)
{
    if (page->n + n + 1 > page->size) {
        size_t size = (page->n + n + 1) * 2;
        char *larger = realloc(page->text, size);

        if (!larger) {
            page->failed = true;
            return;
        }
        page->text = larger;
        page->size = size;
    }
    memcpy(page->text + page->n, text, n);
    page->n += n;
    page->text[page->n] = '\0';
}

static void
put(struct page *page, const char *text)
{
    put_n(page, text, strlen(text));
}

/* Text in a table: a bar would end the cell. */
static void
put_cell(struct page *page, const char *text)
{
    for (; *text; text++) {
        put(page, *text == '|' ? "\\" : "");
        put_n(page, text, 1);
    }
    put(page, " | ");
}

static void
describe_default(const struct vsw_key *key, char *text, size_t n_bytes)
{
    union vsw_key_value value = vsw_key_default(key);

    text[0] = '\0';
    if (key->flags & VSW_KEY_REQUIRED) {
        snprintf(text, n_bytes, "required");
    } else if (key->type == VSW_KEY_STRING && value.string) {
        snprintf(text, n_bytes, "\"%s\"", value.string);
    } else if (key->type == VSW_KEY_ENUM) {
        snprintf(text, n_bytes, "\"%s\"", key->choices[value.u]);
    } else if (key->type == VSW_KEY_REAL) {
        snprintf(text, n_bytes, "%g", value.real);
    } else if (key->type == VSW_KEY_BOOL) {
        snprintf(text, n_bytes, "%s", value.u ? "true" : "false");
    } else if (key->type == VSW_KEY_U32 || key->type == VSW_KEY_U64) {
        snprintf(text, n_bytes, "%llu", (unsigned long long) value.u);
    }
}

static void
put_key(struct page *page, const struct vsw_key *key)
{
    char expected[512], standard[128];

    vsw_key_expected(key, expected, sizeof expected);
    describe_default(key, standard, sizeof standard);
    put(page, "| `");
    put(page, key->path);
    put(page, "` | ");
    put_cell(page, key->type == VSW_KEY_ANY ? "anything" : expected);
    put_cell(page, key->unit);
    put_cell(page, standard);
    put(page, key->meaning);
    put(page, key->flags & VSW_KEY_SHARED ? " Cannot be swept. |\n" : " |\n");
}

/* Whether the page needs a line for 'key': what only says "one item" does
 * not. */
static bool
is_worth_a_line(const struct vsw_key *key)
{
    size_t n = strlen(key->path);

    return n > 0 && key->path[n - 1] != ']' && key->path[n - 1] != '}';
}

static void
put_table(struct page *page, const struct vsw_key *keys)
{
    put(page, "| key | expected | unit | default | meaning |\n"
              "|---|---|---|---|---|\n");
    for (; keys->type != VSW_KEY_END; keys++) {
        if (is_worth_a_line(keys)) {
            put_key(page, keys);
        }
    }
}

char *
vsw_config_reference(void)
{
    struct page page = {.n = 0};

    put(&page,
        "# Configuration reference\n\n"
        "Made from the table of keys that also checks files: do not edit.\n"
        "`VSW_UPDATE=1 ctest -R config_reference` writes it anew.\n\n"
        "`plots[]` stands for each item of the list `plots`, `costs{}` for "
        "each member of\nthe object `costs`. An integer may be written as "
        "`1e6`.\n\n"
        "## Experiment files\n\n"
        "What a key says applies to every design and point, unless a design "
        "or an axis\nof `sweep` gives it another value. On the command line "
        "`--set key.path=value`\nreplaces what files say; the value is JSON "
        "or, if it is not, a string.\n\n");
    put_table(&page, vsw_config_key_table);
    put(&page,
        "\n## Machine files\n\n"
        "A name is looked up in `stacks/` and `machines/` beside the file "
        "that asks for it,\nin the folders above it, and where vswsim is "
        "installed.\n\n");
    put_table(&page, vsw_machine_key_table);
    put(&page,
        "\nWhat lies under `cpu`, `topology`, `caches`, `tlb`, `paging`, "
        "`code`, `memory`,\n`cross_link`, `pcie`, `idle_states{}` and "
        "`nics{}` are facts. A fact is written as a bare value, or as an\n"
        "object with the keys below; `kind` and `source` must be in it or in "
        "its section.\nA number that is `assumed` needs a range. Costs alone "
        "can be `calibrated`.\n\n");
    put_table(&page, vsw_fact_key_table);
    if (page.failed) {
        free(page.text);
        return NULL;
    }
    return page.text;
}
