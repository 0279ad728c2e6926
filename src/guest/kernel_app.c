/* Applications on a guest's kernel: system calls and their copies. */
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

/* A copy advances by at most this much per step, so that a large one neither
 * runs far ahead of other units nor keeps interrupts waiting. */
#define STEP_BYTES 4096u

/* Enters the kernel for the next step of an application. */
static void
begin(struct vsw_kernel *k)
{
    const struct vsw_dialog_setup *setup = &k->socks.dialogs->setup;

    k->plan = vsw_sockset_plan_app(&k->socks, k->unit);
    vsw_mem_run(k->unit, VSW_CODE_GUEST_CALL);
    if (k->plan.woken) {
        k->socks.dialogs->n_wakes++;
        vsw_unit_charge(k->unit, VSW_ACCOUNT_SYSCALL,
                        VSW_COST_GUEST_TASK_WAKE, 1);
    }
    vsw_unit_charge(k->unit, VSW_ACCOUNT_SYSCALL, VSW_COST_GUEST_SYSCALL, 1);
    k->n_to_write = setup->sendfile ? 0 : k->plan.n_written;
    k->n_to_copy = k->plan.n_read + k->n_to_write;
}

static void
copy_some(struct vsw_kernel *k)
{
    uint32_t n_to_read = k->n_to_copy - k->n_to_write;
    uint32_t n = k->n_to_copy < STEP_BYTES ? k->n_to_copy : STEP_BYTES;
    uint32_t n_read = n < n_to_read ? n : n_to_read;

    vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_COPY,
                    VSW_COST_GUEST_COPY_BYTE, n);
    vsw_kernel_read_payload(k, n_read);
    vsw_kernel_write_payload(k, n - n_read);
    k->n_to_write -= n - n_read;
    k->n_to_copy -= n;
}

/* What a key-value store, or its client, does with a message. */
static void
charge_app(struct vsw_kernel *k, const struct vsw_app_step *step)
{
    const struct vsw_dialog_setup *setup = &k->socks.dialogs->setup;

    if (!setup->key_value) {
        return;
    }
    vsw_unit_charge(k->unit, VSW_ACCOUNT_APP, VSW_COST_APP_REQUEST,
                    step->n_served);
    vsw_unit_charge(k->unit, VSW_ACCOUNT_APP, VSW_COST_APP_BYTE,
                    (uint64_t) step->n_served * setup->request_bytes);
    vsw_unit_charge(k->unit, VSW_ACCOUNT_APP, VSW_COST_APP_REPLY,
                    step->n_done);
}

bool
vsw_kernel_app_step(struct vsw_kernel *k)
{
    if (!k->has_socks) {
        return false;
    }
    if (k->plan.sock && k->n_to_copy > 0) {
        copy_some(k);
    } else if (k->plan.sock) {
        struct vsw_app_step step
            = vsw_sockset_run_app(&k->socks, k->unit, &k->plan);

        k->plan.sock = NULL;
        charge_app(k, &step);
    } else if (vsw_sockset_has_app(&k->socks)) {
        begin(k);
    } else {
        return false;
    }
    return true;
}
