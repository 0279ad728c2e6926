#include <vswsim/server.h>

#include <assert.h>
#include <string.h>

#include "core/account.h"

#define PS_PER_S UINT64_C(1000000000000)

void
vsw_server_init(struct vsw_server *server, uint64_t bucket_ps,
                uint64_t bytes_per_s)
{
    assert(bytes_per_s > 0);
    vsw_server_init_cost(server, bucket_ps, 1024 * PS_PER_S / bytes_per_s);
}

void
vsw_server_init_cost(struct vsw_server *server, uint64_t bucket_ps,
                     uint64_t ps_per_kib)
{
    assert(bucket_ps > 0);
    memset(server, 0, sizeof *server);
    server->bucket_ps = bucket_ps;
    server->ps_per_kib = ps_per_kib;
}

/* The use of bucket 'number', whose place an older one may have held: nobody
 * can start a transfer that far back any more.  NULL if a newer one holds it:
 * the transfer that reached so far ahead filled all buckets before it. */
static uint64_t *
bucket_use(struct vsw_server *server, uint64_t number)
{
    uint32_t place = (uint32_t) (number % VSW_SERVER_N_BUCKETS);

    if (server->number[place] > number) {
        return NULL;
    }
    if (server->number[place] < number) {
        server->number[place] = number;
        server->used_ps[place] = 0;
    }
    return &server->used_ps[place];
}

uint64_t
vsw_server_take_at(struct vsw_server *server, uint64_t start_ps,
                   uint64_t n_bytes)
{
    uint64_t left_ps = (n_bytes * server->ps_per_kib + 512) / 1024;
    uint64_t alone_ps = start_ps + left_ps;
    uint64_t number = start_ps / server->bucket_ps;
    uint64_t done_ps = start_ps;

    server->n_bytes += n_bytes;
    for (; left_ps > 0; number++) {
        uint64_t *used_ps = bucket_use(server, number);
        uint64_t piece_ps = used_ps ? server->bucket_ps - *used_ps : 0;

        if (piece_ps > left_ps) {
            piece_ps = left_ps;
        }
        if (piece_ps > 0) {
            *used_ps += piece_ps;
            assert(*used_ps <= server->bucket_ps);
            left_ps -= piece_ps;
            done_ps = number * server->bucket_ps + *used_ps;
        }
    }
    return done_ps > alone_ps ? done_ps : alone_ps;
}

uint64_t
vsw_server_take(struct vsw_server *server, const struct vsw_unit *unit,
                uint64_t n_bytes)
{
    return vsw_server_take_at(server, unit->local_ps, n_bytes);
}

void
vsw_server_stall(struct vsw_server *server, struct vsw_unit *unit,
                 uint64_t n_bytes)
{
    uint64_t done_ps = vsw_server_take(server, unit, n_bytes);

    vsw_unit_spend(unit, VSW_ACCOUNT_STALL, done_ps - unit->local_ps);
}
