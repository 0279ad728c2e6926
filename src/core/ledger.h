/* What a unit's ledger adds up to. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/error.h>
#include <vswsim/unit.h>

/* Sum of all rows, in the window. */
uint64_t vsw_ledger_busy_ps(const struct vsw_unit *unit);

/* True if busy and idle time add up to the part of the window that lies
 * before local time. */
bool vsw_ledger_holds(const struct vsw_unit *unit);

/* Returns 0 if busy and idle time add up to the window, else -EPROTO. */
int vsw_ledger_check(const struct vsw_unit *unit, struct vsw_error *err);

#endif
