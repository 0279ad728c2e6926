#include <vswsim/copy_path.h>

#include <stdbool.h>

enum vsw_path
vsw_copy_path_choose(const struct vsw_copy_path_rule *rule,
                     const struct vsw_copy_path_view *view)
{
    bool worth_it = view->len_bytes >= rule->min_len_bytes;
    bool possible = view->n_dma_free_slots > 0;

    return worth_it && possible ? VSW_PATH_DMA : VSW_PATH_CPU_COPY;
}
