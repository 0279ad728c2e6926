/* The accounts by number; see account.def for what is booked on each. */
#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

enum vsw_account {
#define VSW_ACCOUNT(name, text, meaning) VSW_ACCOUNT_##name,
#include "core/account.def"
#undef VSW_ACCOUNT
    VSW_N_ACCOUNTS,
};

#endif
