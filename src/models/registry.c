#include <vswsim/model.h>

#include <string.h>

#define VSW_MODEL(name) extern const struct vsw_model_ops vsw_model_##name;
#include "models/models.def"
#undef VSW_MODEL

/* Ends with NULL, so that it is never empty. */
static const struct vsw_model_ops *const models[] = {
#define VSW_MODEL(name) &vsw_model_##name,
#include "models/models.def"
#undef VSW_MODEL
    NULL,
};

const struct vsw_model_ops *
vsw_model_find(const char *name)
{
    for (size_t i = 0; models[i]; i++) {
        if (!strcmp(models[i]->name, name)) {
            return models[i];
        }
    }
    return NULL;
}

const struct vsw_model_ops *
vsw_model_at(uint32_t i)
{
    return i < VSW_N_ELEMS(models) ? models[i] : NULL;
}
