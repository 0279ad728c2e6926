/* What is known of a machine's hardware, and whence. */
#include "machine_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define KIB 1024u

static void
format_bytes(uint64_t value, char *text, size_t n_bytes)
{
    static const char *const prefixes[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t i = 0;

    while (i + 1 < VSW_N_ELEMS(prefixes) && value >= KIB
           && value % KIB == 0) {
        value /= KIB;
        i++;
    }
    snprintf(text, n_bytes, "%" PRIu64 " %sB", value, prefixes[i]);
}

static void
format_rate(uint64_t value, const char *unit, char *text, size_t n_bytes)
{
    const char *prefix = value >= 1000000000 ? "G" : value >= 1000000 ? "M"
                                                                      : "";
    double scale = *prefix == 'G' ? 1e9 : *prefix == 'M' ? 1e6 : 1;

    snprintf(text, n_bytes, "%.10g %s%s", (double) value / scale, prefix,
             unit);
}

void
cli_format_quantity(uint64_t value, const char *unit, char *text,
                    size_t n_bytes)
{
    if (!strcmp(unit, "bytes")) {
        format_bytes(value, text, n_bytes);
    } else if (!strcmp(unit, "bytes/s")) {
        format_rate(value, "B/s", text, n_bytes);
    } else if (!strcmp(unit, "bits/s")) {
        format_rate(value, "bit/s", text, n_bytes);
    } else if (!strcmp(unit, "Hz")) {
        format_rate(value, unit, text, n_bytes);
    } else {
        snprintf(text, n_bytes, "%" PRIu64 " %s", value, unit);
    }
}

static void
print_fact(const struct vsw_fact *fact)
{
    char value[40], min[40], max[40], range[96] = "";

    cli_format_quantity(fact->value, fact->unit, value, sizeof value);
    if (fact->min != fact->max) {
        cli_format_quantity(fact->min, fact->unit, min, sizeof min);
        cli_format_quantity(fact->max, fact->unit, max, sizeof max);
        snprintf(range, sizeof range, "%s to %s", min, max);
    }
    printf("  %-25s %-12s %-26s %s\n", strchr(fact->path, '.') + 1,
           fact->text ? fact->text : value, range,
           vsw_cost_kind_name(fact->kind));
}

/* The length of "caches" in "caches.l2.n_ways". */
static size_t
section_length(const struct vsw_fact *fact)
{
    return strcspn(fact->path, ".");
}

static bool
same_section(const struct vsw_fact *a, const struct vsw_fact *b)
{
    size_t n = section_length(a);

    return n == section_length(b) && !strncmp(a->path, b->path, n);
}

static void
print_heading(const struct vsw_fact *fact)
{
    printf("\n%-27.*s %-12s %-26s %s\n", (int) section_length(fact),
           fact->path, "value", "range", "kind");
}

static bool
same_source(const struct vsw_fact *a, const struct vsw_fact *b)
{
    return same_section(a, b) && !strcmp(a->source, b->source);
}

/* Whether an earlier fact has printed the source of fact 'i'. */
static bool
is_printed(const struct vsw_machine *m, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (same_source(&m->facts[k], &m->facts[i])) {
            return true;
        }
    }
    return false;
}

/* Fact 'first' and all others of its section and source, then the source. */
static void
print_source(const struct vsw_machine *m, uint32_t first)
{
    for (uint32_t i = first; i < m->n_facts; i++) {
        if (same_source(&m->facts[first], &m->facts[i])) {
            print_fact(&m->facts[i]);
        }
    }
    fputs("      Source: ", stdout);
    cli_print_wrapped(stdout, m->facts[first].source, 14, 14);
}

void
cli_print_facts(const struct vsw_machine *m)
{
    for (uint32_t i = 0; i < m->n_facts; i++) {
        const struct vsw_fact *fact = &m->facts[i];

        if (i == 0 || !same_section(fact, fact - 1)) {
            print_heading(fact);
        }
        if (!is_printed(m, i)) {
            print_source(m, i);
        }
    }
}
