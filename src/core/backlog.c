#include <vswsim/backlog.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIMIT_PKTS (UINT32_C(1) << 20)

int
vsw_backlog_init(struct vsw_backlog *backlog, uint32_t limit_pkts)
{
    uint32_t n = 1;

    assert(limit_pkts >= 1 && limit_pkts <= MAX_LIMIT_PKTS);
    while (n < limit_pkts) {
        n *= 2;
    }
    memset(backlog, 0, sizeof *backlog);
    backlog->items = calloc(n, sizeof *backlog->items);
    backlog->mask = n - 1;
    backlog->limit_pkts = limit_pkts;
    return backlog->items ? 0 : -ENOMEM;
}

void
vsw_backlog_fini(struct vsw_backlog *backlog)
{
    free(backlog->items);
    memset(backlog, 0, sizeof *backlog);
}

static struct vsw_backlog_item *
item_at(struct vsw_backlog *backlog, uint32_t i)
{
    return &backlog->items[i & backlog->mask];
}

bool
vsw_backlog_put(struct vsw_backlog *backlog, const struct vsw_unit *unit,
                uint32_t pkt, uint32_t tag)
{
    uint32_t n = vsw_backlog_n_held(backlog);
    uint32_t at = backlog->tail;

    if (n >= backlog->limit_pkts) {
        return false;
    }
    /* Units run ahead of each other, by a quantum at most. */
    while (at != backlog->head
           && item_at(backlog, at - 1)->stamp_ps > unit->local_ps) {
        *item_at(backlog, at) = *item_at(backlog, at - 1);
        at--;
    }
    *item_at(backlog, at) = (struct vsw_backlog_item) {
        .stamp_ps = unit->local_ps,
        .pkt = pkt,
        .tag = tag,
    };
    backlog->tail++;
    if (n + 1 > backlog->max_held_pkts) {
        backlog->max_held_pkts = n + 1;
    }
    return true;
}
