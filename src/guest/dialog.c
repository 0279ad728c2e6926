#include <vswsim/dialog.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
vsw_dialogs_init(struct vsw_dialogs *dialogs,
                 const struct vsw_dialog_setup *setup, uint32_t n,
                 uint32_t n_flows)
{
    memset(dialogs, 0, sizeof *dialogs);
    dialogs->setup = *setup;
    dialogs->n = n;
    dialogs->n_flows = n_flows;
    dialogs->tcp.rtt_min_ns = UINT64_MAX;
    dialogs->list = calloc((size_t) n + 1, sizeof *dialogs->list);
    dialogs->transaction_ps = malloc(sizeof *dialogs->transaction_ps);
    if (!dialogs->list || !dialogs->transaction_ps) {
        return -ENOMEM;
    }
    vsw_histogram_init(dialogs->transaction_ps);
    return 0;
}

void
vsw_dialogs_fini(struct vsw_dialogs *dialogs)
{
    free(dialogs->transaction_ps);
    free(dialogs->list);
}

void
vsw_dialogs_count_seg(struct vsw_dialogs *dialogs,
                      const struct vsw_unit *unit, uint32_t n_bytes)
{
    uint32_t i = 0;

    while (i + 1 < VSW_DIALOG_N_SIZES && n_bytes > UINT32_C(1) << i) {
        i++;
    }
    if (vsw_unit_in_window(unit)) {
        dialogs->sizes[i]++;
    }
}

static uint64_t
bytes_of(const struct vsw_dialog *dialog)
{
    return dialog->n_bytes[0] + dialog->n_bytes[1];
}

uint64_t
vsw_dialogs_n_bytes(const struct vsw_dialogs *dialogs)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < dialogs->n; i++) {
        sum += bytes_of(&dialogs->list[i]);
    }
    return sum;
}

uint64_t
vsw_dialogs_n_transactions(const struct vsw_dialogs *d)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < d->n; i++) {
        sum += d->list[i].n_transactions;
    }
    return sum;
}

uint32_t
vsw_dialogs_jain_ppm(const struct vsw_dialogs *dialogs)
{
    /* In parts of the sum, so that squares fit: each share is at most 2^20. */
    uint64_t sum = vsw_dialogs_n_bytes(dialogs);
    uint64_t shares = 0, squares = 0;

    for (uint32_t i = 0; i < dialogs->n && sum > 0; i++) {
        uint64_t bytes = bytes_of(&dialogs->list[i]);
        uint64_t share = sum < UINT64_C(1) << 40
                             ? (bytes << 20) / sum
                             : bytes / (sum >> 20);

        shares += share;
        squares += share * share;
    }
    return squares == 0 ? 1000000
                        : (uint32_t) (shares * shares * 1000000
                                      / (squares * dialogs->n));
}
