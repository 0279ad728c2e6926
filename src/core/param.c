#include <vswsim/param.h>

#include <errno.h>
#include <string.h>

const struct vsw_param *
vsw_param_find(const struct vsw_param *params, const char *name)
{
    for (; params->type != VSW_PARAM_TYPE_END; params++) {
        if (!strcmp(params->name, name)) {
            return params;
        }
    }
    return NULL;
}

static void
store(const struct vsw_param *param, uint64_t value, void *state)
{
    unsigned char *place = (unsigned char *) state + param->offset;
    uint32_t u32 = (uint32_t) value;
    bool truth = value != 0;

    switch (param->type) {
    case VSW_PARAM_TYPE_U64:
        memcpy(place, &value, sizeof value);
        break;
    case VSW_PARAM_TYPE_BOOL:
        memcpy(place, &truth, sizeof truth);
        break;
    case VSW_PARAM_TYPE_U32:
    case VSW_PARAM_TYPE_ENUM:
    case VSW_PARAM_TYPE_END:
    default:
        memcpy(place, &u32, sizeof u32);
        break;
    }
}

void
vsw_param_set_defaults(const struct vsw_param *params, void *state)
{
    for (; params->type != VSW_PARAM_TYPE_END; params++) {
        store(params, params->value, state);
    }
}

int
vsw_param_set(const struct vsw_param *param, uint64_t value, void *state)
{
    if (value < param->min || value > param->max) {
        return -ERANGE;
    }
    store(param, value, state);
    return 0;
}

uint64_t
vsw_param_get(const struct vsw_param *param, const void *state)
{
    const unsigned char *place
        = (const unsigned char *) state + param->offset;
    uint64_t u64;
    uint32_t u32;
    bool truth;

    switch (param->type) {
    case VSW_PARAM_TYPE_U64:
        memcpy(&u64, place, sizeof u64);
        return u64;
    case VSW_PARAM_TYPE_BOOL:
        memcpy(&truth, place, sizeof truth);
        return truth;
    case VSW_PARAM_TYPE_U32:
    case VSW_PARAM_TYPE_ENUM:
    case VSW_PARAM_TYPE_END:
    default:
        memcpy(&u32, place, sizeof u32);
        return u32;
    }
}
