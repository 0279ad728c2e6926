/* Server: a bandwidth that units share, such as a memory channel or a bus.
 *
 * Capacity is held per bucket of time.  A transfer takes what is left from
 * the bucket of its start on, so that the result hardly depends on the order
 * in which calls of one quantum came, and the unit stalls until the last
 * piece is through.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SERVER_H
#define VSWSIM_SERVER_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

/* Buckets from the oldest that is still open to the newest in use. */
#define VSW_SERVER_N_BUCKETS 1024

struct vsw_server {
    uint64_t bucket_ps;
    uint64_t ps_per_kib;        /* Time the server needs for 1024 bytes. */
    uint64_t number[VSW_SERVER_N_BUCKETS];  /* Bucket that each place holds. */
    uint64_t used_ps[VSW_SERVER_N_BUCKETS];
    uint64_t n_bytes;           /* Transferred in all. */
};

/* 'bucket_ps' is the simulator's quantum; 'bytes_per_s' > 0. */
VSW_API void vsw_server_init(struct vsw_server *server, uint64_t bucket_ps,
                             uint64_t bytes_per_s);

/* The same for a server of which 1024 bytes take 'ps_per_kib', as a cost per
 * byte is compiled; 0: it holds nobody up. */
VSW_API void vsw_server_init_cost(struct vsw_server *server,
                                  uint64_t bucket_ps, uint64_t ps_per_kib);

/* Moves 'n_bytes' through 'server' from 'start_ps' on and returns when the
 * last of them is through. */
VSW_API uint64_t vsw_server_take_at(struct vsw_server *server,
                                    uint64_t start_ps, uint64_t n_bytes);

/* Moves 'n_bytes' through 'server' from local time on and returns when the
 * last of them is through; charges nothing. */
VSW_API uint64_t vsw_server_take(struct vsw_server *server,
                                 const struct vsw_unit *unit,
                                 uint64_t n_bytes);

/* The same, and 'unit' stalls until then. */
VSW_API void vsw_server_stall(struct vsw_server *server,
                              struct vsw_unit *unit, uint64_t n_bytes);

VSW_EXTERN_C_END

#endif
