#include <vswsim/pages.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mem.h>

/* --- Lists --------------------------------------------------------------- */

static int
init_list(struct vsw_page_list *list, uint32_t size)
{
    list->addrs = calloc(size, sizeof *list->addrs);
    list->size = size;
    return list->addrs ? 0 : -ENOMEM;
}

static void
push(struct vsw_page_list *list, uint64_t addr)
{
    assert(list->n < list->size);
    list->addrs[(list->bottom + list->n++) % list->size] = addr;
}

static uint64_t
pop(struct vsw_page_list *list)
{
    return list->addrs[(list->bottom + --list->n) % list->size];
}

/* The one that has lain there longest. */
static uint64_t
pop_bottom(struct vsw_page_list *list)
{
    uint64_t addr = list->addrs[list->bottom];

    list->bottom = (list->bottom + 1) % list->size;
    list->n--;
    return addr;
}

/* --- The allocator ------------------------------------------------------- */

static struct vsw_page_list *
list_of(const struct vsw_pages *pages, uint32_t cpu, uint32_t node)
{
    assert(cpu < pages->n_cpus && node < pages->n_nodes);
    return &pages->cpus[cpu * pages->n_nodes + node];
}

static int
make_lists(struct vsw_pages *pages)
{
    uint32_t n_lists = pages->n_cpus * pages->n_nodes;
    int error = 0;

    pages->cpus = calloc(n_lists, sizeof *pages->cpus);
    pages->nodes = calloc(pages->n_nodes, sizeof *pages->nodes);
    pages->starts = calloc(pages->n_nodes, sizeof *pages->starts);
    if (!pages->cpus || !pages->nodes || !pages->starts) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; !error && i < n_lists; i++) {
        error = init_list(&pages->cpus[i], VSW_PAGES_HIGH + 1);
    }
    for (uint32_t i = 0; !error && i < pages->n_nodes; i++) {
        error = init_list(&pages->nodes[i], pages->n_per_node);
    }
    return error;
}

/* The lowest comes first. */
static void
fill_node(struct vsw_pages *pages, struct vsw_sim *sim, uint32_t node,
          uint32_t first_node)
{
    uint32_t n = pages->n_per_node;

    pages->starts[node] = vsw_mem_alloc(sim, (uint64_t) n * VSW_PAGE_BYTES,
                                        first_node + node);
    for (uint32_t i = n; i-- > 0;) {
        push(&pages->nodes[node],
             pages->starts[node] + (uint64_t) i * VSW_PAGE_BYTES);
    }
}

int
vsw_pages_init(struct vsw_pages *pages, struct vsw_sim *sim, uint32_t n_cpus,
               uint32_t first_node, uint32_t n_nodes, uint32_t n_pages)
{
    memset(pages, 0, sizeof *pages);
    if (!sim->mem) {
        return 0;
    }
    pages->n_cpus = n_cpus;
    pages->n_nodes = n_nodes;
    pages->n_per_node = n_pages;
    if (make_lists(pages)) {
        vsw_pages_fini(pages);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_nodes; i++) {
        fill_node(pages, sim, i, first_node);
    }
    return 0;
}

void
vsw_pages_fini(struct vsw_pages *pages)
{
    for (uint32_t i = 0; pages->cpus && i < pages->n_cpus * pages->n_nodes;
         i++) {
        free(pages->cpus[i].addrs);
    }
    for (uint32_t i = 0; pages->nodes && i < pages->n_nodes; i++) {
        free(pages->nodes[i].addrs);
    }
    free(pages->cpus);
    free(pages->nodes);
    free(pages->starts);
    memset(pages, 0, sizeof *pages);
}

uint64_t
vsw_pages_get(struct vsw_pages *pages, uint32_t cpu, uint32_t node)
{
    struct vsw_page_list *list = list_of(pages, cpu, node);
    struct vsw_page_list *from = &pages->nodes[node];

    for (int i = 0; list->n == 0 && i < VSW_PAGES_BATCH && from->n > 0; i++) {
        push(list, pop(from));
    }
    return list->n > 0 ? pop(list) : 0;
}

static uint32_t
node_of(const struct vsw_pages *pages, uint64_t addr)
{
    const uint64_t n_bytes = (uint64_t) pages->n_per_node * VSW_PAGE_BYTES;
    uint32_t node = 0;

    while (node < pages->n_nodes && addr - pages->starts[node] >= n_bytes) {
        node++;
    }
    assert(node < pages->n_nodes);
    return node;
}

void
vsw_pages_put(struct vsw_pages *pages, uint32_t cpu, uint64_t addr)
{
    uint32_t node = node_of(pages, addr);
    struct vsw_page_list *list = list_of(pages, cpu, node);

    push(list, addr);
    if (list->n <= VSW_PAGES_HIGH) {
        return;
    }
    for (int i = 0; i < VSW_PAGES_BATCH; i++) {
        push(&pages->nodes[node], pop_bottom(list));
    }
}
