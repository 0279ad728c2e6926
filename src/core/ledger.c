/* Names of stages and accounts, and the laws of the ledger. */
#include <vswsim/sim.h>
#include <vswsim/unit.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "core/account.h"
#include "core/ledger.h"

static const char *const account_names[] = {
#define VSW_ACCOUNT(name, text, meaning) text,
#include "core/account.def"
#undef VSW_ACCOUNT
};

static const char *const stage_names[VSW_N_STAGES] = {
    [VSW_STAGE_NONE] = "-",
    [VSW_STAGE_RECEIVE] = "receive",
    [VSW_STAGE_SWITCH] = "switch",
    [VSW_STAGE_SEND] = "send",
};

const char *
vsw_account_name(uint32_t account)
{
    assert(account < VSW_N_ACCOUNTS);
    return account_names[account];
}

const char *
vsw_stage_name(enum vsw_stage stage)
{
    assert(stage < VSW_N_STAGES);
    return stage_names[stage];
}

uint64_t
vsw_ledger_busy_ps(const struct vsw_unit *unit)
{
    uint32_t n = unit->sim->n_domains * VSW_N_STAGES * VSW_N_ACCOUNTS;
    uint64_t busy_ps = 0;

    for (uint32_t i = 0; i < n; i++) {
        busy_ps += unit->ledger[i].busy_ps;
    }
    return busy_ps;
}

bool
vsw_ledger_holds(const struct vsw_unit *unit)
{
    uint64_t from_ps = unit->window_start_ps;
    uint64_t to_ps = unit->local_ps;

    if (to_ps > unit->window_end_ps) {
        to_ps = unit->window_end_ps;
    }
    return vsw_ledger_busy_ps(unit) + unit->idle_ps
           == (to_ps > from_ps ? to_ps - from_ps : 0);
}

int
vsw_ledger_check(const struct vsw_unit *unit, struct vsw_error *err)
{
    uint64_t window_ps = unit->window_end_ps - unit->window_start_ps;
    uint64_t busy_ps = vsw_ledger_busy_ps(unit);

    if (unit->local_ps >= unit->window_end_ps && vsw_ledger_holds(unit)) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -EPROTO,
                         "ledger of %s does not balance: busy %" PRIu64
                         " ps + idle %" PRIu64 " ps != window %" PRIu64 " ps",
                         unit->name, busy_ps, unit->idle_ps, window_ps);
}
