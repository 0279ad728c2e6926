#include "guest/tcp_impl.h"

#include <string.h>

/* First range that ends at or after 'position'. */
static uint32_t
first_near(const struct vsw_tcp *tcp, uint64_t position)
{
    uint32_t i = 0;

    while (i < tcp->n_ranges && tcp->ranges[i].to < position) {
        i++;
    }
    return i;
}

static void
insert_at(struct vsw_tcp *tcp, uint32_t i, uint64_t from, uint64_t to)
{
    if (tcp->n_ranges == VSW_TCP_MAX_RANGES) {
        return;
    }
    memmove(&tcp->ranges[i + 1], &tcp->ranges[i],
            (tcp->n_ranges - i) * sizeof tcp->ranges[0]);
    tcp->ranges[i] = (struct vsw_tcp_range) {from, to};
    tcp->n_ranges++;
}

static uint64_t
min_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
max_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t
vsw_tcp_ranges_add(struct vsw_tcp *tcp, uint64_t from, uint64_t to)
{
    uint32_t first = first_near(tcp, from);
    uint32_t last = first;
    uint64_t n_had = 0;
    struct vsw_tcp_range all = {from, to};

    while (last < tcp->n_ranges && tcp->ranges[last].from <= to) {
        const struct vsw_tcp_range *r = &tcp->ranges[last++];

        n_had += min_of(r->to, to) - max_of(r->from, from);
        all.from = min_of(all.from, r->from);
        all.to = max_of(all.to, r->to);
    }
    if (last == first) {
        insert_at(tcp, first, from, to);
        return 0;
    }
    tcp->ranges[first] = all;
    memmove(&tcp->ranges[first + 1], &tcp->ranges[last],
            (tcp->n_ranges - last) * sizeof tcp->ranges[0]);
    tcp->n_ranges -= last - first - 1;
    return n_had;
}

void
vsw_tcp_ranges_join(struct vsw_tcp *tcp)
{
    uint32_t n = 0;

    while (n < tcp->n_ranges && tcp->ranges[n].from <= tcp->rcv_nxt) {
        if (tcp->ranges[n].to > tcp->rcv_nxt) {
            tcp->rcv_nxt = tcp->ranges[n].to;
        }
        n++;
    }
    memmove(tcp->ranges, &tcp->ranges[n],
            (tcp->n_ranges - n) * sizeof tcp->ranges[0]);
    tcp->n_ranges -= n;
}
