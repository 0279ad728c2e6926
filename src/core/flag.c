#include <vswsim/flag.h>

#include <assert.h>
#include <string.h>

void
vsw_flag_init(struct vsw_flag *flag, bool value)
{
    memset(flag, 0, sizeof *flag);
    flag->settled = value;
}

/* Forgets writes that no reader can miss: all that are stamped at or before
 * the writer's sync, which is now. */
static void
settle(struct vsw_flag *flag, uint64_t now_ps)
{
    uint32_t n = 0;

    while (n < flag->n_writes && flag->stamps_ps[n] <= now_ps) {
        flag->settled = flag->values[n++];
    }
    flag->n_writes -= n;
    memmove(flag->values, &flag->values[n],
            flag->n_writes * sizeof *flag->values);
    memmove(flag->stamps_ps, &flag->stamps_ps[n],
            flag->n_writes * sizeof *flag->stamps_ps);
}

void
vsw_flag_set(struct vsw_flag *flag, const struct vsw_unit *writer, bool value)
{
    uint32_t n;

    settle(flag, writer->sync_ps);
    n = flag->n_writes;
    assert(n == 0 || flag->stamps_ps[n - 1] <= writer->local_ps);
    if (n > 0 && flag->stamps_ps[n - 1] == writer->local_ps) {
        n--;
    }
    assert(n < VSW_FLAG_N_WRITES);
    flag->values[n] = value;
    flag->stamps_ps[n] = writer->local_ps;
    flag->n_writes = n + 1;
}

bool
vsw_flag_read(const struct vsw_flag *flag, const struct vsw_unit *reader)
{
    bool value = flag->settled;

    assert(vsw_unit_at_sync(reader));
    for (uint32_t i = 0; i < flag->n_writes; i++) {
        if (flag->stamps_ps[i] <= reader->sync_ps) {
            value = flag->values[i];
        }
    }
    return value;
}
