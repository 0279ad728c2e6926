/* Which form runs: the choice by the CPU, and the autovalidator. */
#include "hash/cpu.h"
#include "hash/toeplitz_impl.h"

/* Inputs that the autovalidator compares at once, on its stack. */
#define VALIDATE_BURST 32

const char *
vsw_toeplitz_form_name(enum vsw_toeplitz_form form)
{
    static const char *const names[VSW_TOEPLITZ_N_FORMS] = {
        [VSW_TOEPLITZ_AUTO] = "auto",
        [VSW_TOEPLITZ_BITWISE] = "bitwise",
        [VSW_TOEPLITZ_TABLE] = "table",
        [VSW_TOEPLITZ_AVX2] = "avx2",
        [VSW_TOEPLITZ_VPCLMUL] = "vpclmul",
        [VSW_TOEPLITZ_AVX512] = "avx512",
        [VSW_TOEPLITZ_AUTOVALIDATE] = "autovalidate",
    };

    return form < VSW_TOEPLITZ_N_FORMS ? names[form] : "unknown";
}

/* All forms of this build. */
static const struct vsw_toeplitz_ops *
built(enum vsw_toeplitz_form form)
{
    switch (form) {
    case VSW_TOEPLITZ_BITWISE:
        return &vsw_toeplitz_bitwise;
    case VSW_TOEPLITZ_TABLE:
        return &vsw_toeplitz_table;
    case VSW_TOEPLITZ_AUTOVALIDATE:
        return &vsw_toeplitz_autovalidate;
#ifdef VSW_HASH_X86
    case VSW_TOEPLITZ_AVX2:
        return &vsw_toeplitz_avx2;
    case VSW_TOEPLITZ_VPCLMUL:
        return &vsw_toeplitz_vpclmul;
    case VSW_TOEPLITZ_AVX512:
        return &vsw_toeplitz_avx512;
#else
    case VSW_TOEPLITZ_AVX2:
    case VSW_TOEPLITZ_VPCLMUL:
    case VSW_TOEPLITZ_AVX512:
#endif
    case VSW_TOEPLITZ_AUTO:
    case VSW_TOEPLITZ_N_FORMS:
        break;
    }
    return NULL;
}

static bool
cpu_runs(enum vsw_toeplitz_form form, unsigned features)
{
    switch (form) {
    case VSW_TOEPLITZ_AVX2:
        return (features & VSW_CPU_AVX2) != 0;
    case VSW_TOEPLITZ_VPCLMUL:
        return (features & VSW_CPU_VPCLMUL) != 0;
    case VSW_TOEPLITZ_AVX512:
        return (features & VSW_CPU_AVX512) != 0;
    default:
        return true;
    }
}

static const struct vsw_toeplitz_ops *
fastest(unsigned features)
{
#ifdef VSW_HASH_AUTOVALIDATE
    (void) features;
    return &vsw_toeplitz_autovalidate;
#else
    static const enum vsw_toeplitz_form by_speed[] = {
        VSW_TOEPLITZ_AVX512,
        VSW_TOEPLITZ_VPCLMUL,
        VSW_TOEPLITZ_AVX2,
    };

    for (size_t i = 0; i < VSW_N_ELEMS(by_speed); i++) {
        if (cpu_runs(by_speed[i], features) && built(by_speed[i])) {
            return built(by_speed[i]);
        }
    }
    return &vsw_toeplitz_table;
#endif
}

const struct vsw_toeplitz_ops *
vsw_toeplitz_ops_of(enum vsw_toeplitz_form form, unsigned features)
{
    if (form == VSW_TOEPLITZ_AUTO) {
        return fastest(features);
    }
    return cpu_runs(form, features) ? built(form) : NULL;
}

bool
vsw_toeplitz_has_form(enum vsw_toeplitz_form form)
{
    return vsw_toeplitz_ops_of(form, vsw_cpu_features()) != NULL;
}

bool
vsw_toeplitz_agrees(const struct vsw_toeplitz *t,
                    const struct vsw_toeplitz_ops *ops,
                    const uint8_t *inputs, size_t stride_bytes,
                    size_t n_bytes, const uint32_t *hashes, size_t n)
{
    uint32_t bulk[VALIDATE_BURST];

    for (size_t i = 0; i < n; i++) {
        if (ops->hash(t, inputs + i * stride_bytes, n_bytes) != hashes[i]) {
            return false;
        }
    }
    while (n > 0) {
        size_t burst = n < VALIDATE_BURST ? n : VALIDATE_BURST;

        ops->bulk(t, inputs, stride_bytes, n_bytes, bulk, burst);
        for (size_t i = 0; i < burst; i++) {
            if (bulk[i] != hashes[i]) {
                return false;
            }
        }
        inputs += burst * stride_bytes;
        hashes += burst;
        n -= burst;
    }
    return true;
}

/* Traps at the first wrong hash, where a debugger shows 't' and the input. */
static void
autovalidate_bulk(const struct vsw_toeplitz *t, const uint8_t *inputs,
                  size_t stride_bytes, size_t n_bytes, uint32_t *hashes,
                  size_t n)
{
    vsw_toeplitz_bitwise.bulk(t, inputs, stride_bytes, n_bytes, hashes, n);
    for (enum vsw_toeplitz_form form = VSW_TOEPLITZ_TABLE;
         form < VSW_TOEPLITZ_AUTOVALIDATE; form++) {
        const struct vsw_toeplitz_ops *ops
            = vsw_toeplitz_ops_of(form, t->cpu_features);

        if (ops && !vsw_toeplitz_agrees(t, ops, inputs, stride_bytes,
                                        n_bytes, hashes, n)) {
            VSW_TRAP();
        }
    }
}

static uint32_t
autovalidate_hash(const struct vsw_toeplitz *t, const uint8_t *input,
                  size_t n_bytes)
{
    uint32_t hash;

    autovalidate_bulk(t, input, n_bytes, n_bytes, &hash, 1);
    return hash;
}

const struct vsw_toeplitz_ops vsw_toeplitz_autovalidate = {
    .form = VSW_TOEPLITZ_AUTOVALIDATE,
    .hash = autovalidate_hash,
    .bulk = autovalidate_bulk,
};
