/* The topology of a machine. */
#include "machine_print.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* What stands before the last part of a level, and before others. */
static const char *
mark(bool last)
{
    return last ? "`-- " : "|-- ";
}

/* What stands before the parts within it. */
static const char *
indent(bool last)
{
    return last ? "    " : "|   ";
}

static void
print_cpus(uint32_t first, uint32_t n)
{
    if (n == 1) {
        printf("cpu %" PRIu32, first);
    } else {
        printf("cpus %" PRIu32 "-%" PRIu32, first, first + n - 1);
    }
}

/* "; 4 x L3 32 MiB" */
static void
print_cache(const char *name, const struct vsw_hw_cache *cache,
            uint32_t n_cpus)
{
    uint32_t n = n_cpus / cache->n_sharing_cpus;
    char size[32];

    if (cache->size_bytes > 0) {
        cli_format_quantity(cache->size_bytes, "bytes", size, sizeof size);
        printf("; ");
        if (n > 1) {
            printf("%" PRIu32 " x ", n);
        }
        printf("%s %s", name, size);
    }
}

static void
print_memory(const struct vsw_hw_memory *memory)
{
    char rate[32];

    if (memory->n_channels > 0) {
        printf("; %" PRIu32 " memory channels", memory->n_channels);
    }
    if (memory->peak_bytes_per_s > 0) {
        cli_format_quantity(memory->peak_bytes_per_s, "bytes/s", rate,
                            sizeof rate);
        printf(", %s", rate);
    }
}

/* Modules of one CPU are not worth a line each. */
static void
print_modules(const struct vsw_machine *m, uint32_t node, bool last_package,
              bool last_node)
{
    uint32_t size = m->n_cpus_per_module;
    uint32_t n = m->n_cpus_per_node / size;

    for (uint32_t i = 0; size > 1 && i < n; i++) {
        printf("  %s%s%smodule %" PRIu32 ": ", indent(last_package),
               indent(last_node), mark(i + 1 == n), node * n + i);
        print_cpus((node * n + i) * size, size);
        print_cache("L1i", &m->hw.caches.l1i, size);
        print_cache("L2", &m->hw.caches.l2, size);
        putchar('\n');
    }
}

static void
print_nodes(const struct vsw_machine *m, uint32_t package, bool last_package)
{
    uint32_t size = m->n_cpus_per_node;
    uint32_t n = m->n_cpus_per_package / size;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = package * n + i;

        printf("  %s%snode %" PRIu32 ": ", indent(last_package),
               mark(i + 1 == n), node);
        print_cpus(node * size, size);
        print_cache("L3", &m->hw.caches.l3, size);
        print_memory(&m->hw.memory);
        putchar('\n');
        print_modules(m, node, last_package, i + 1 == n);
    }
}

void
cli_print_topology(const struct vsw_machine *m)
{
    uint32_t n = m->n_cpus / m->n_cpus_per_package;

    printf("\nTopology (n_packages %" PRIu32 ", n_nodes %" PRIu32
           ", n_modules %" PRIu32 ", n_cpus %" PRIu32 ")\n", n,
           m->n_cpus / m->n_cpus_per_node, m->n_cpus / m->n_cpus_per_module,
           m->n_cpus);
    for (uint32_t i = 0; i < n; i++) {
        printf("  %spackage %" PRIu32 "\n", mark(i + 1 == n), i);
        print_nodes(m, i, i + 1 == n);
    }
}
