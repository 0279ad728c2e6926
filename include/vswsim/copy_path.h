/* Copy or DMA: who moves a packet's payload, the CPU or a DMA engine.
 *
 * Programming a DMA engine costs about the same for any length and a copy
 * costs by the byte, so that an engine is worth it from some length on.
 * Hyper-Switch's future work (Ram, PhD thesis, Rice University, §4.6) sets
 * it at packets longer than 128 bytes.
 *
 * Thread-safety: a pure function. */
#ifndef VSWSIM_COPY_PATH_H
#define VSWSIM_COPY_PATH_H

#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_path {
    VSW_PATH_CPU_COPY,
    VSW_PATH_DMA,
};

struct vsw_copy_path_rule {
    uint32_t min_len_bytes;     /* Least length that is worth a DMA. */
};

#define VSW_COPY_PATH_RULE_DEFAULT { .min_len_bytes = 129 }

/* What is known when a packet must be moved. */
struct vsw_copy_path_view {
    uint32_t len_bytes;
    uint32_t n_dma_free_slots;  /* Free descriptors of the engine. */
};

VSW_API enum vsw_path
vsw_copy_path_choose(const struct vsw_copy_path_rule *rule,
                     const struct vsw_copy_path_view *view);

VSW_EXTERN_C_END

#endif
