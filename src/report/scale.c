#include "report/scale.h"

#include <stddef.h>
#include <string.h>

#include <vswsim/compiler.h>

struct step {
    const char *unit;
    double from;                /* Largest value that this step is for. */
    struct report_scale scale;
};

/* For each unit from the largest step down. */
static const struct step steps[] = {
    {"packets/s", 1e5, {1e-6, "Mpps"}},
    {"packets/s", 1e2, {1e-3, "kpps"}},
    {"packets/s", 0, {1, "pps"}},
    {"bit/s", 1e8, {1e-9, "Gbit/s"}},
    {"bit/s", 1e5, {1e-6, "Mbit/s"}},
    {"bit/s", 0, {1, "bit/s"}},
    {"ns", 1e6, {1e-6, "ms"}},
    {"ns", 1e4, {1e-3, "us"}},
    {"ns", 0, {1, "ns"}},
    {"bytes", 1 << 20, {1.0 / (1 << 20), "MiB"}},
    {"bytes", 1 << 10, {1.0 / (1 << 10), "KiB"}},
    {"bytes", 0, {1, "bytes"}},
    {"1", 0, {1, ""}},
};

struct report_scale
report_scale_for(const char *unit, double max)
{
    for (size_t i = 0; i < VSW_N_ELEMS(steps); i++) {
        if (!strcmp(unit, steps[i].unit) && max >= steps[i].from) {
            return steps[i].scale;
        }
    }
    return (struct report_scale) {1, unit};
}

const char *
report_short_key(const char *key)
{
    /* Of "guests.n", a mere "n" would say nothing. */
    static const char *const vague[] = {".n", ".source", ".kind"};
    const char *dot = strrchr(key, '.');

    for (size_t i = 0; dot && i < VSW_N_ELEMS(vague); i++) {
        if (!strcmp(dot, vague[i])) {
            return key;
        }
    }
    return dot ? dot + 1 : key;
}
