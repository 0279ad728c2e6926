/* Two models that exist in test programs only, with a parameter of each
 * type, so that tests of the loader do not depend on real architectures. */
#ifndef STUB_MODELS_H
#define STUB_MODELS_H

#include <string.h>

#include <vswsim/model.h>

struct stub_state {
    uint32_t burst_pkts;
    uint64_t hold_ns;
    bool locks;
    uint32_t mode;
};

static const char *const stub_modes[] = {"copy", "remap", NULL};

static const struct vsw_param stub_plain_params[] = {
    VSW_PARAM_U32(struct stub_state, burst_pkts, 32, 1, 1024, "burst",
                  "design choice"),
    VSW_PARAM_END,
};

static const struct vsw_param stub_rich_params[] = {
    VSW_PARAM_U32(struct stub_state, burst_pkts, 32, 1, 64, "burst",
                  "design choice"),
    VSW_PARAM_U64(struct stub_state, hold_ns, 100, 0, 1000000, "hold",
                  "design choice"),
    VSW_PARAM_BOOL(struct stub_state, locks, 0, "locks", "design choice"),
    VSW_PARAM_ENUM(struct stub_state, mode, 1, stub_modes, 2, "mode",
                   "design choice"),
    VSW_PARAM_END,
};

static const struct vsw_model_ops stub_models[] = {
    {.name = "stub_plain", .title = "Plain", .params = stub_plain_params},
    {.name = "stub_rich", .title = "Rich", .params = stub_rich_params},
};

/* These stand in front of the registry of the library. */
const struct vsw_model_ops *
vsw_model_find(const char *name)
{
    for (size_t i = 0; i < VSW_N_ELEMS(stub_models); i++) {
        if (!strcmp(stub_models[i].name, name)) {
            return &stub_models[i];
        }
    }
    return NULL;
}

const struct vsw_model_ops *
vsw_model_at(uint32_t i)
{
    return i < VSW_N_ELEMS(stub_models) ? &stub_models[i] : NULL;
}

#endif
