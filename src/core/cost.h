/* The costs by number; see cost.def for what each covers. */
#ifndef CORE_COST_H
#define CORE_COST_H

enum vsw_cost_id {
#define VSW_COST(name, per, meaning) VSW_COST_##name,
#include "core/cost.def"
#undef VSW_COST
    VSW_N_COSTS,
};

#endif
